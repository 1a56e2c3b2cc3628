"""What is said at the foot of the pictures: however much comes at once, it hides no map and lies over nothing."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.hands import press
from viewer.core.messages import Loading
from viewer.session.taking import Outcome

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton


def _rect(window, widget) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


def _maps(window) -> list[QRect]:
    origin = window.canvas.mapTo(window, QPoint())
    return [tile.outline.toRect().translated(origin) for tile in window.canvas.tiles() if tile.tile.overlay is not None]


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
def test_loading_a_search_and_a_card_hide_no_map_and_no_button(open_window, monkeypatch, size) -> None:
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
    places = [_rect(window, strip) for strip in strips]
    assert all(upper.bottom() < lower.top() for upper, lower in pairwise(places))
    maps = _maps(window)
    assert maps
    assert not [(place, tile) for place in places for tile in maps if place.intersects(tile)]
    QTest.mouseClick(window.searching.stop, LEFT)
    assert opened.state.search is None
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
