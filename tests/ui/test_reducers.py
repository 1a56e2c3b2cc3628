"""Reducers in the window: chosen, written and explained; colours and mosaics as they are painted and read."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.hands import press
from tests.ui.conftest import settle
from viewer.core import Rect
from viewer.core.many import Band, mosaic_of
from viewer.core.messages import SetTaps
from viewer.core.reducer_names import REDUCERS
from viewer.render import OverlayPlan, lut
from viewer.ui.mosaic_painter import paint_mosaic
from viewer.ui.painter import Place, paint_overlay

KEYS = Qt.Key
ROLE = Qt.ItemDataRole.ToolTipRole


@pytest.fixture
def opened(open_window):
    return open_window()


def reducer_asked(opened) -> str:
    return opened.sent(SetTaps)[-1].settings.reducer


def choose(opened, word: str) -> None:
    """As a click on a row of the list."""
    opened.window.stages.reducer.kind.setCurrentText(word)
    opened.window.stages.reducer.kind.textActivated.emit(word)
    settle()


def test_every_reducer_is_offered_and_explained(opened) -> None:
    kind = opened.window.stages.reducer.kind
    words = [kind.itemText(row) for row in range(kind.count())]
    assert words == [*REDUCERS, "channel …", "similarity …", "own file …"]
    assert all(kind.itemData(row, ROLE) in kind.toolTip() for row in range(kind.count()))


def test_how_many_channels_a_mosaic_has_is_typed(opened) -> None:
    choose(opened, "strongest")
    control = opened.window.stages.reducer
    assert reducer_asked(opened) == "strongest:16"
    assert (control.channel.isVisible(), control.channel.text()) == (True, "16")
    control.channel.setFocus()
    control.channel.selectAll()
    QTest.keyClicks(control.channel, "99")
    press(opened, KEYS.Key_Return)
    assert reducer_asked(opened) == "strongest:64"
    choose(opened, "channel …")
    assert (reducer_asked(opened), control.channel.text()) == ("channel:0", "0")


def test_a_place_is_typed_and_kept_for_the_next_time(opened) -> None:
    control, before = opened.window.stages.reducer, len(opened.sent(SetTaps))
    choose(opened, "similarity …")
    assert control.words.isVisible()
    assert QApplication.focusWidget() is control.words
    assert len(opened.sent(SetTaps)) == before
    opened.show(50)  # frames go on while it is typed
    QTest.keyClicks(control.words, "64")
    opened.show(51)
    QTest.keyClicks(control.words, "0,36")
    press(opened, KEYS.Key_Return)
    assert reducer_asked(opened) == "similarity:640,36"
    assert QApplication.focusWidget() is opened.window.canvas
    choose(opened, "max")
    assert not control.words.isVisible()
    choose(opened, "similarity …")
    assert (reducer_asked(opened), control.words.text()) == ("similarity:640,36", "640,36")


@pytest.mark.parametrize("leave", [lambda opened: press(opened, KEYS.Key_Escape), lambda o: o.window.canvas.setFocus()])
def test_a_place_that_is_not_given_leaves_what_was_there(opened, leave) -> None:
    control, before = opened.window.stages.reducer, len(opened.sent(SetTaps))
    choose(opened, "similarity …")
    QTest.keyClicks(control.words, "64")
    leave(opened)
    settle()
    assert (control.kind.currentText(), control.words.isVisible()) == ("absmean", False)
    assert len(opened.sent(SetTaps)) == before


def test_who_goes_through_the_list_by_keys_is_not_held_up_by_rows_that_need_words(opened) -> None:
    control = opened.window.stages.reducer
    control.kind.setFocus()
    for _ in range(len(REDUCERS) + 2):
        press(opened, KEYS.Key_Down)
    assert control.kind.currentText() == "own file …"
    assert QApplication.focusWidget() is control.kind
    opened.controller.set_reducer("similarity:3,4")  # somebody else chose; a click on a cell, for one
    settle()
    opened.window.refresh()
    assert (control.kind.currentText(), control.words.text()) == ("similarity …", "3,4")


@pytest.mark.parametrize(
    ("kind", "words", "says"),
    [
        ("similarity …", "left", "no reducer 'similarity:left'; give a pixel of the source as X,Y"),
        ("own file …", "mine.py", "names a file alone; give mine.py:NAME"),
        ("own file …", "Mine", "no reducer 'Mine'"),
    ],
)
def test_words_that_are_no_reducer_are_said_to_be_none_and_what_holds_stays(opened, kind, words, says) -> None:
    before = len(opened.sent(SetTaps))
    choose(opened, kind)
    QTest.keyClicks(opened.window.stages.reducer.words, words)
    press(opened, KEYS.Key_Return)
    settle()
    opened.show(51)
    assert says in opened.state.notice.text
    assert (len(opened.sent(SetTaps)), opened.state.taps.reducer) == (before, "absmean")
    control = opened.window.stages.reducer
    assert (control.kind.currentText(), control.words.isVisible()) == ("absmean", False)


def test_a_file_is_asked_for_each_time_so_that_one_that_failed_can_be_corrected(opened) -> None:
    opened.controller.set_reducer("broken.py:Mine", may_run=True)
    opened.window.refresh()
    opened.controller.set_reducer("absmean")  # as after a refusal
    opened.window.refresh()
    before = len(opened.sent(SetTaps))
    choose(opened, "own file …")
    words = opened.window.stages.reducer.words
    assert (words.isVisible(), words.hasFocus(), words.selectedText()) == (True, True, "broken.py:Mine")
    assert len(opened.sent(SetTaps)) == before
    QTest.keyClicks(words, "sound.py:Mine")
    assert words.text() == "sound.py:Mine"


def test_a_file_of_the_users_is_asked_about_before_it_is_run(opened) -> None:
    choose(opened, "own file …")
    QTest.keyClicks(opened.window.stages.reducer.words, "mine.py:Mine")
    press(opened, KEYS.Key_Return)
    settle()
    page = opened.window.pages.open
    assert page.isVisible()
    assert page.outcome.yes[0].isVisible()
    assert opened.state.taps.reducer == "absmean"
    QTest.mouseClick(page.outcome.yes[0], Qt.MouseButton.LeftButton)
    settle()
    assert not page.isVisible()
    assert reducer_asked(opened) == "mine.py:Mine"
    assert opened.window.stages.reducer.words.text() == "mine.py:Mine"


def test_colours_that_come_from_the_map_leave_no_choice_of_others(opened) -> None:
    stages = opened.window.stages
    choose(opened, "pca-rgb")
    assert (stages.colormap.isEnabled(), stages.fade.isEnabled(), stages.alpha.isEnabled()) == (False, False, True)
    assert "red, green and blue" in stages.colormap.toolTip()
    choose(opened, "pca")
    assert stages.colormap.toolTip() == "Colours of the maps"
    assert (stages.colormap.isEnabled(), stages.fade.isEnabled()) == (True, True)


# --- painting -------------------------------------------------------------------------------------------------------


def painted(overlay: OverlayPlan, size: tuple[int, int] = (60, 40), ground: int = 0x404040) -> np.ndarray:
    """(H, W, 3) RGB of a map over a plain frame."""
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(ground)
    whole = QRectF(0, 0, *size)
    painter = QPainter(image)
    paint_overlay(painter, overlay, Place(whole, whole, (40, 60)))
    if overlay.mosaic is not None:
        paint_mosaic(painter, overlay, Place(whole, whole, (40, 60)))
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(size[1], size[0], 4)
    return pixels[:, :, 2::-1].copy()


BANDS = tuple(Band(name, (0.0, 1.0)) for name in ("PC1", "PC2", "PC3"))


@pytest.mark.usefixtures("qapp")
def test_the_three_codes_of_a_cell_are_red_green_and_blue() -> None:
    codes = np.array([[[255, 1, 128], [255, 0, 255]]], np.uint8)
    pixels = painted(OverlayPlan(codes, lut("gray", 1.0), Rect(0, 0, 60, 40), bands=BANDS))
    assert pixels[20, 5].tolist() == [255, 0, 128]
    assert pixels[20, 55].tolist() == [0x40] * 3  # not finite: the frame
    half = painted(OverlayPlan(codes[:, :1], lut("gray", 0.5), Rect(0, 0, 60, 40), bands=BANDS))
    assert half[20, 5].tolist() == pytest.approx([160, 32, 96], abs=2)


@pytest.mark.usefixtures("qapp")
def test_a_mosaic_is_parted_and_its_empty_place_stays_bare() -> None:
    codes = np.full((2, 2), 200, np.uint8)
    codes[1, 1] = 0
    overlay = OverlayPlan(codes, lut("gray", 1.0), Rect(0, 0, 60, 40), mosaic=mosaic_of((5, 8, 2)))
    pixels = painted(overlay, (600, 400))
    assert pixels[100, 200].tolist() == [200] * 3
    bare = pixels[300, 450].tolist()
    assert bare == pixels[100, 300].tolist() == pixels[200, 100].tolist() != [200] * 3
    numbers = [pixels[y : y + 20, x : x + 20] for x, y in ((4, 4), (304, 4), (4, 204))]
    assert all((number > 220).any() for number in numbers)
    assert not (pixels[204:224, 304:324] > 220).any()


def with_mosaics(opened) -> None:
    """Let every second tap be a mosaic of four channels."""
    packet = opened.engine.packet

    def changed(index: int):
        made = packet(index)
        codes = np.full((8, 8), 128, np.uint8)
        taps = [
            replace(tap, codes=codes, mosaic=mosaic_of((40, 41, 42, 43))) if number % 2 else tap
            for number, tap in enumerate(made.taps)
        ]
        return replace(made, taps=tuple(taps))

    opened.engine.packet = changed
    opened.show(60)


def test_the_pointer_reads_a_mosaic_in_it_alone_and_all_other_tiles_without_it(opened) -> None:
    with_mosaics(opened)
    canvas = opened.window.canvas
    tiles = canvas.tiles()
    mosaics = [tile for tile in tiles if tile.tile.overlay is not None and tile.tile.overlay.mosaic is not None]
    assert [tile.tile.title for tile in mosaics] == ["C4", "P3", "P5"]
    picture = mosaics[0].place.picture
    canvas.crosshair.point_at(tiles, QPointF(picture.left() + picture.width() * 0.7, picture.center().y() + 9))
    assert canvas.crosshair.region(tiles).intersects(mosaics[0].place.area.toAlignedRect())
    others = [tile for tile in tiles if tile.tile.key != mosaics[0].tile.key]
    assert not any(canvas.crosshair.region(tiles).intersects(tile.place.area.toAlignedRect()) for tile in others)
    canvas.crosshair.point_at(tiles, tiles[0].place.picture.center())
    for tile in tiles:
        is_marked = canvas.crosshair.region(tiles).intersects(tile.place.area.toAlignedRect())
        assert is_marked == (tile.tile.overlay is None or tile.tile.overlay.mosaic is None)
