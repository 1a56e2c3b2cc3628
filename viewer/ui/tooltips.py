"""Tooltips of a readable width: Qt breaks no line of plain text, however wide it becomes."""

import re
from textwrap import wrap

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

_CHARACTERS = 64
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
        return True


def _shows_its_own(kind: type[QWidget]) -> bool:
    return any("event" in vars(base) for base in kind.__mro__ if base.__module__.startswith("viewer."))
