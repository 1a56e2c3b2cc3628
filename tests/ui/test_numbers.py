"""Numbers beside sliders, by keyboard and wheel as well as by the slider itself."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.hands import press
from viewer.config import Config
from viewer.core.messages import SetThresholds

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def opened(open_window):
    opened = open_window()
    opened.controller.pause()
    opened.window.refresh()
    return opened


def type_in(field, text: str) -> None:
    QTest.mouseDClick(field, LEFT)
    field.selectAll()
    QTest.keyClicks(field, text)
    QApplication.processEvents()


def wheel(widget, notches: float) -> None:
    at = QPointF(widget.rect().center())
    turn = QPoint(0, round(120 * notches))
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, widget.mapToGlobal(at), QPoint(), turn, none, Qt.KeyboardModifier.NoModifier, phase, False)
    QApplication.sendEvent(widget, event)


@pytest.mark.parametrize(("number", "name"), [("conf", "conf"), ("iou", "iou")])
def test_a_threshold_is_typed_beside_its_slider(opened, number, name) -> None:
    control = getattr(opened.window.inspector, number)
    type_in(control.field, "0.615")
    press(opened, KEYS.Key_Return)
    assert getattr(opened.sent(SetThresholds)[-1].thresholds, name) == 0.615
    assert control.field.text() == "0.615"
    assert control.slider.value() in (61, 62)
    assert QApplication.focusWidget() is opened.window.canvas


def test_what_cannot_be_is_not_taken_and_limits_are_those_of_the_options(opened) -> None:
    conf = opened.window.inspector.conf
    for typed, taken in (("1.7", 1.0), ("-1", 0.0)):
        type_in(conf.field, typed)
        press(opened, KEYS.Key_Return)
        assert opened.state.thresholds.conf == taken
        assert Config(conf=opened.state.thresholds.conf)
    sent = len(opened.sent(SetThresholds))
    type_in(conf.field, "many")
    press(opened, KEYS.Key_Return)
    type_in(conf.field, "0.4")
    press(opened, KEYS.Key_Escape)
    assert conf.field.text() == "0.00"
    assert len(opened.sent(SetThresholds)) == sent
    most = opened.window.inspector.most
    for typed, taken in (("5000", 1000), ("0", 1)):
        type_in(most, typed)
        press(opened, KEYS.Key_Return)
        assert opened.state.thresholds.max_det == taken


def test_arrows_and_pages_change_it_by_steps(opened) -> None:
    conf, most = opened.window.inspector.conf, opened.window.inspector.most
    conf.field.setFocus()
    for key, value in ((KEYS.Key_Up, 0.26), (KEYS.Key_PageUp, 0.36), (KEYS.Key_Down, 0.35), (KEYS.Key_PageDown, 0.25)):
        press(opened, key)
        assert opened.state.thresholds.conf == pytest.approx(value)
        assert conf.field.text() == f"{value:.2f}"
    most.setFocus()
    press(opened, KEYS.Key_Up)
    assert opened.state.thresholds.max_det == 301


def test_a_wheel_turns_it_only_while_it_has_the_keys(opened) -> None:
    conf, most = opened.window.inspector.conf, opened.window.inspector.most
    opened.window.canvas.setFocus()
    for field in (conf.field, most):
        wheel(field, 1)
    assert not opened.sent(SetThresholds)
    conf.field.setFocus()
    wheel(conf.field, 2)
    assert opened.state.thresholds.conf == pytest.approx(0.27)
    for _ in range(4):
        wheel(conf.field, -0.25)  # a touch pad, which turns by parts of a notch
    assert opened.state.thresholds.conf == pytest.approx(0.26)


def test_the_slider_moved_while_the_number_has_the_keys_is_not_undone_when_they_go(opened) -> None:
    conf = opened.window.inspector.conf
    conf.field.setFocus()
    conf.slider.setValue(72)
    assert conf.field.text() == "0.72"
    opened.window.canvas.setFocus()
    QApplication.processEvents()
    assert opened.state.thresholds.conf == pytest.approx(0.72)


def test_a_number_between_two_steps_is_shown_as_it_is(open_window) -> None:
    opened = open_window(config=Config(conf=0.333))
    assert opened.window.inspector.conf.field.text() == "0.333"


def test_opacity_is_typed_too_and_each_number_says_its_range(opened) -> None:
    alpha = opened.window.stages.alpha
    type_in(alpha.field, "0.8")
    press(opened, KEYS.Key_Return)
    assert opened.state.alpha == pytest.approx(0.8)
    for control in (alpha, opened.window.inspector.conf, opened.window.inspector.iou):
        assert "Type 0 to 1, Enter takes it" in control.field.toolTip()
        assert control.field.accessibleName()
