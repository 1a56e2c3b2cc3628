"""Tooltips are as wide as is read at a glance, for every widget, and those that a widget shows itself as well."""

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget

from viewer.ui.tooltips import TooltipWrap, wrapped

LONG = (
    "How much the channels of this stage differ from those of the frame before, in the units of its activations. " * 2
)


def ask(widget: QWidget) -> None:
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, QPoint(3, 3), widget.mapToGlobal(QPoint(3, 3))))


def test_long_lines_are_broken_and_own_breaks_stay():
    lines = wrapped(f"{LONG}\n\nshort").split("\n")
    assert max(map(len, lines)) <= 64
    assert lines[-2:] == ["", "short"]
    assert " ".join(lines[:-2]).split() == LONG.split()


def test_a_widget_shows_its_tooltip_wrapped(qapp):
    wrap = TooltipWrap(qapp)
    qapp.installEventFilter(wrap)
    label = QLabel("channel")
    label.setToolTip(LONG)
    label.show()
    try:
        ask(label)
        assert QToolTip.text() == wrapped(LONG)
    finally:
        qapp.removeEventFilter(wrap)
        QToolTip.hideText()
        label.close()


def test_a_widget_that_tells_more_by_itself_is_let(open_window):
    opened = open_window()
    wrap = TooltipWrap(opened.window)
    assert not wrap.eventFilter(opened.window.canvas, QHelpEvent(QEvent.Type.ToolTip, QPoint(), QPoint()))


def test_keys_in_brackets_stay_on_one_line():
    words = "Find where the followed traffic light is lost, not where a class is"
    lines = wrapped(f"{words}  ( Alt+N; Shift+M only prepares it )").split("\n")
    assert lines[-1].endswith("( Alt+N; Shift+M only prepares it )")
    assert max(map(len, lines)) <= 64
