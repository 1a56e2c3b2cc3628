"""Tooltips of a readable width that cover no control of the same row.

Qt breaks no line of plain text, however wide it becomes, and lays it at the pointer, over the control beside.
"""

import re
from textwrap import wrap

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from typing_extensions import override

_CHARACTERS = 64
_TALLEST = 48
"""What is taller is no control in a row, and is told of where the pointer is."""
_OFF = 4
_GLUE = "\N{NO-BREAK SPACE}"
_KEYS = re.compile(r"\( [^()\n]{1,60} \)")


def wrapped(text: str) -> str:
    """The text with no line longer than is read at a glance; its own line breaks stay, and so do keys in brackets."""
    lines = _KEYS.sub(lambda keys: keys[0].replace(" ", _GLUE), text).split("\n")
    return "\n".join(part for line in lines for part in wrap(line, _CHARACTERS) or [""]).replace(_GLUE, " ")


class TooltipWrap(QObject):
    """Shows the tooltips of all widgets wrapped, but of those that show their own; installed on the application."""

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return False
        if not isinstance(watched, QWidget) or not watched.toolTip() or _shows_its_own(type(watched)):
            return False
        QToolTip.showText(event.globalPos(), wrapped(watched.toolTip()), watched)
        if watched.height() <= _TALLEST:
            _lay_under(watched)
        return True


def _lay_under(control: QWidget) -> None:
    """Move the tooltip that is shown to the edge of a control."""
    shown = next((one for one in QApplication.topLevelWidgets() if one.objectName() == "qtooltip_label"), None)
    if shown is not None and shown.isVisible():
        place = QRect(control.mapToGlobal(QPoint(0, 0)), control.size())
        shown.move(beside(place, shown.size(), control.screen().availableGeometry()))


def beside(control: QRect, size: QSize, screen: QRect) -> QPoint:
    """Where a tooltip begins: under its control, flush with its left edge, over it where the screen ends below.

    Args:
        control: In pixels of the desktop, as all of these are.
        size: Of the tooltip.
        screen: What it stays in.
    """
    x = max(screen.left(), min(control.left(), screen.right() + 1 - size.width()))
    under = control.bottom() + 1 + _OFF
    fits = under + size.height() <= screen.bottom() + 1
    return QPoint(x, under if fits else control.top() - _OFF - size.height())


def _shows_its_own(kind: type[QWidget]) -> bool:
    return any("event" in vars(base) for base in kind.__mro__ if base.__module__.startswith("viewer."))
