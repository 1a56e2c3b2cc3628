"""What floats over the foot of the pictures: however much comes at once, nothing lies over anything."""

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.hands import press
from viewer.core.messages import Loading
from viewer.session.taking import Outcome

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
def test_loading_a_search_and_a_card_are_stacked(open_window, monkeypatch, size) -> None:
    opened = open_window()
    window = opened.window
    window.resize(*size)
    window.taking.say(Outcome("Saved a snapshot under a long name that tells which frame of which clip it shows"))
    press(opened, KEYS.Key_K)
    assert window.taking.strip.isVisible()
    lowest = window.taking.strip.geometry().bottom()
    shown = opened.engine.show
    monkeypatch.setattr(opened.engine, "show", lambda index: shown(index) if index < 45 else None)
    opened.controller.look_for(1000)
    press(opened, KEYS.Key_N)
    opened.engine.post(Loading("Loading the weights …"))
    for _ in range(20):
        QApplication.processEvents()
    strips = window.taking.strip, window.searching, window.loading
    assert all(strip.isVisible() for strip in strips)
    assert all(upper.geometry().bottom() < lower.geometry().top() for upper, lower in pairwise(strips))
    assert window.canvas.rect().contains(window.loading.geometry())
    # The button of the lowest but one can be met, and what was above comes down again.
    QTest.mouseClick(window.searching.stop, LEFT)
    assert opened.state.search is None
    assert window.taking.strip.geometry().bottom() < window.loading.geometry().top()
    opened.engine.post(Loading(""))
    opened.engine.load_detector()
    for _ in range(20):
        QApplication.processEvents()
    assert not window.loading.isVisible()
    assert window.taking.strip.geometry().bottom() == lowest


def test_a_notice_and_a_card_do_not_meet(open_window) -> None:
    opened = open_window()
    window = opened.window
    window.resize(1024, 640)
    opened.engine.die()
    opened.window.refresh()
    window.taking.say(Outcome("Cannot save: the folder is not there", failed=True))
    QApplication.processEvents()
    notice, card = window.notice, window.taking.strip
    assert notice.isVisible()
    assert card.isVisible()
    bar = notice.mapTo(window, notice.rect().bottomLeft()).y()
    assert bar < card.mapTo(window, card.rect().topLeft()).y()
