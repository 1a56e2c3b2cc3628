"""Tooltips are as wide as is read at a glance, for every widget, and those that a widget shows itself as well."""

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget

from viewer.ui.tooltips import TooltipWrap, beside, wrapped

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


def test_a_tooltip_lies_under_its_control_and_over_it_at_the_foot_of_the_screen():
    screen, size = QRect(0, 0, 1280, 800), QSize(300, 60)
    assert beside(QRect(100, 20, 30, 24), size, screen) == QPoint(100, 48)
    assert beside(QRect(100, 760, 30, 24), size, screen) == QPoint(100, 696)
    assert beside(QRect(1240, 20, 30, 24), size, screen) == QPoint(980, 48)


def test_what_is_shown_covers_neither_its_control_nor_the_next_one(qapp):
    wrap = TooltipWrap(qapp)
    qapp.installEventFilter(wrap)
    row = QWidget()
    row.setGeometry(200, 200, 300, 30)
    one, next_one = QLabel("one", row), QLabel("next", row)
    one.setGeometry(0, 0, 40, 30)
    next_one.setGeometry(44, 0, 40, 30)
    one.setToolTip(LONG)
    row.show()
    try:
        ask(one)
        shown = next(top for top in qapp.topLevelWidgets() if top.objectName() == "qtooltip_label" and top.isVisible())
        for control in (one, next_one):
            assert not shown.geometry().intersects(QRect(control.mapToGlobal(QPoint()), control.size()))
    finally:
        qapp.removeEventFilter(wrap)
        QToolTip.hideText()
        row.close()
