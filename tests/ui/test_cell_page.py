"""A person points at cells and channels, with mouse and keys."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget

from tests.support.hands import press
from tests.ui.conftest import STAGES, FakeEngine, settle
from viewer.core import TapMap
from viewer.core.cell import CellVector
from viewer.core.channels import PAGE, Thumbnails
from viewer.core.field import ReceptiveField, Span
from viewer.core.inquiry import NOTHING, Findings
from viewer.core.messages import SetInquiry
from viewer.session.side import Side
from viewer.ui.channel_bars import ROW

P3, C5 = "model.16", "model.10"
KEY, MODIFIER = Qt.Key, Qt.KeyboardModifier
BY_NODE = {stage.node: stage for stage in STAGES}


class AnsweringEngine(FakeEngine):
    """Answers what is asked of every frame, with numbers a test can tell."""

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.inquiry = NOTHING
        self.channels = None
        self.reducer = ""

    def send(self, intent) -> None:
        super().send(intent)
        if isinstance(intent, SetInquiry):
            self.inquiry = intent.inquiry
            self.show(self.transport.index)

    def stage(self, node):
        stage = BY_NODE[node]
        return stage if self.channels is None else replace(stage, channels=self.channels)

    def packet(self, index):
        packet, asked = super().packet(index), self.inquiry
        if self.reducer:
            packet = replace(packet, taps=tuple(replace(tap, reducer=self.reducer) for tap in packet.taps))
        return (
            replace(packet, findings=Findings(cell=self.cell(index), channel=self.channel(), gallery=self.gallery()))
            if asked
            else packet
        )

    def cell(self, index):
        if self.inquiry.cell is None:
            return None
        stage = self.stage(self.inquiry.cell.node)
        rows, columns = stage.map_hw
        values = np.sin(np.arange(stage.channels) + index).astype(np.float32)
        return CellVector(self.inquiry.cell, stage, (rows - 1, columns), values)

    def channel(self):
        asked = self.inquiry.channel
        if asked is None:
            return None
        stage = self.stage(asked.node)
        return TapMap(stage, f"channel:{asked.number}", np.full((47, 80), 200, np.uint8), (0.0, 2.0), 1.5, 2.0, 0)

    def gallery(self):
        asked = self.inquiry.gallery
        if asked is None:
            return None
        stage = self.stage(asked.node)
        numbers = np.arange(stage.channels, dtype=np.int32)[::-1][asked.page * PAGE :][:PAGE]
        codes = np.tile(np.arange(1, 201, dtype=np.uint8).reshape(1, 10, 20), (len(numbers), 1, 1))
        limits = np.tile(np.array([[0.0, 1.0]], np.float32), (len(numbers), 1))
        return Thumbnails(stage, asked.by, asked.page, numbers, numbers.astype(np.float32), codes, limits)


@pytest.fixture
def opened(open_window):
    window = open_window(AnsweringEngine())
    window.controller.pause()
    settle()
    return window


def spot(opened, key: str, across: float = 0.5, down: float = 0.5) -> QPoint:
    """A point of the canvas over a tile's picture."""
    place = next(tile.panes[0].place for tile in opened.window.canvas.tiles() if tile.tile.key == key)
    picture = place.picture
    return QPoint(round(picture.x() + picture.width() * across), round(picture.y() + picture.height() * down))


def click(opened, key: str, modifiers=MODIFIER.NoModifier, **where) -> None:
    QTest.mouseClick(opened.window.canvas, Qt.MouseButton.LeftButton, modifiers, spot(opened, key, **where))
    settle()


def tile(opened, key):
    return next(tile for tile in opened.window.canvas.plan.tiles if tile.key == key)


def test_nothing_is_asked_before_somebody_asks_and_the_empty_page_says_what_to_do(opened):
    click(opened, P3, across=0.02, down=0.98)
    assert opened.sent(SetInquiry) == []
    press(opened, KEY.Key_F2)
    assert opened.sent(SetInquiry) == []
    assert opened.window.cell.empty.isVisible()
    assert opened.window.cell.empty.text().startswith("Click a cell of a map")


def test_a_click_on_a_map_pins_a_cell_while_the_page_is_open_and_means_boxes_otherwise(opened):
    press(opened, KEY.Key_F2)
    click(opened, P3)
    page = opened.window.cell
    assert opened.state.pinned.node == P3
    assert not page.empty.isVisible()
    assert page.title.text == "P3 · model.16"
    assert page.facts[0][1].text() == f"row {opened.state.pinned.row}, column {opened.state.pinned.column}"
    values = [value for _, value in page.bars.rows()]
    assert values == sorted(values, reverse=True)
    assert len(values) == 64
    before = opened.state.pinned
    x, y, *_ = opened.engine.objects(opened.engine.transport.index)[0]
    click(opened, "detections", across=(x + 20) / 640, down=(y + 20) / 360)
    assert (opened.state.focus is not None, opened.state.pinned) == (True, before)


def test_the_pinned_cell_is_followed_frame_after_frame(opened):
    click(opened, C5, MODIFIER.ControlModifier)
    assert opened.state.side is Side.CELL
    cell, rows = opened.state.pinned, opened.window.cell.bars.rows()
    press(opened, KEY.Key_Right)
    assert opened.state.pinned == cell
    assert opened.window.cell.bars.rows() != rows
    assert opened.window.canvas._marks.cell.node == C5
    press(opened, KEY.Key_F1)
    assert opened.window.canvas._marks.cell is None
    assert opened.sent(SetInquiry)[-1].inquiry == NOTHING


@pytest.mark.parametrize(
    ("reducer", "words"),
    [("max", "max "), ("similarity:3,4", "similarity "), ("/data/mine.py:Edges", "mine.py:Edges ")],
)
def test_the_value_of_the_map_is_told_with_what_made_it(opened, reducer, words):
    opened.engine.reducer = reducer
    opened.controller.pick_cell(P3, 100.0, 100.0)
    settle()
    value = opened.window.cell.value
    assert value.text().startswith(words)
    assert (reducer in value.toolTip()) == (not words.startswith(reducer))


def test_of_a_long_name_the_class_is_left_and_the_tooltip_has_all_of_it(opened):
    opened.engine.reducer = f"/data/{'long_' * 12}.py:Edges"
    opened.controller.pick_cell(P3, 100.0, 100.0)
    settle()
    value = opened.window.cell.value
    assert value.text().startswith("\N{HORIZONTAL ELLIPSIS}")
    assert ".py:Edges " in value.text()
    assert opened.engine.reducer in value.toolTip()


def test_the_cell_is_framed_on_every_picture(opened):
    bare = opened.window.canvas.grab().toImage()
    click(opened, P3, MODIFIER.ControlModifier, across=0.3, down=0.8)
    opened.window.canvas.hide_crosshair()
    settle()
    framed = opened.window.canvas.grab().toImage()
    for key in ("detections", P3, C5):
        at = spot(opened, key, across=0.3, down=0.8)
        near = [(at.x() + dx, at.y() + dy) for dx in range(-12, 13) for dy in range(-12, 13)]
        assert any(bare.pixel(x, y) != framed.pixel(x, y) for x, y in near), key


def test_the_pointer_frames_the_cell_and_what_it_can_see(opened):
    span = Span(8, -20, 27)
    info = replace(opened.state.detector, fields=(ReceptiveField(P3, span, span),))
    opened.controller._session.update(detector=info)
    opened.window.refresh()
    where = spot(opened, P3)
    QTest.mouseMove(opened.window.canvas, where)
    settle()
    crosshair, tiles = opened.window.canvas.crosshair, opened.window.canvas.tiles()
    by_key = {tile.tile.key: len(crosshair._spots(tile, tiles)) for tile in tiles}
    assert (by_key["detections"], by_key[P3], by_key[C5]) == (2, 2, 1)
    assert opened.sent(SetInquiry) == []


def test_alt_and_a_click_show_the_strongest_channel_which_arrows_change_and_escape_leaves(opened):
    click(opened, P3, MODIFIER.AltModifier)
    strongest = int(np.argmax(np.sin(np.arange(64) + opened.engine.transport.index)))
    assert tile(opened, P3).title == f"P3 ch {strongest}"
    assert tile(opened, C5).title == "C5"
    press(opened, KEY.Key_Down)
    assert tile(opened, P3).title == f"P3 ch {(strongest + 1) % 64}"
    press(opened, KEY.Key_Up)
    press(opened, KEY.Key_Up)
    assert tile(opened, P3).title == f"P3 ch {(strongest - 1) % 64}"
    press(opened, KEY.Key_Escape)
    assert tile(opened, P3).title == "P3"
    assert opened.sent(SetInquiry)[-1].inquiry == NOTHING


def test_a_bar_shows_its_channel_and_the_card_leads_on_and_back(opened):
    click(opened, P3, MODIFIER.ControlModifier)
    page = opened.window.cell
    number = page.bars.rows()[2][0]
    at = QPoint(100, 2 * 18 + 9)
    QTest.mouseClick(page.bars.viewport(), Qt.MouseButton.LeftButton, pos=at)
    settle()
    assert tile(opened, P3).title == f"P3 ch {number}"
    assert page.channel.words.text == f"P3, channel {number}"
    assert page.value.text().startswith(f"channel {number} ")
    page.channel.next.click()
    settle()
    assert tile(opened, P3).title == f"P3 ch {(number + 1) % 64}"
    page.channel.back.click()
    settle()
    assert tile(opened, P3).title == "P3"
    assert not page.channel.isVisible()


def test_a_thousand_channels_are_listed_and_found_by_their_place(open_window):
    engine = AnsweringEngine()
    engine.channels = 1024
    opened = open_window(engine)
    opened.controller.pause()
    click(opened, P3, MODIFIER.ControlModifier)
    bars, profile = opened.window.cell.bars, opened.window.cell.profile
    assert len(bars.rows()) == 1024
    QTest.mouseClick(profile, Qt.MouseButton.LeftButton, pos=QPoint(profile.width() - 18, 20))
    settle()
    assert bars.row_at(bars.viewport().height() - 1) >= 1016, "the smallest are in sight"
    bars.setFocus()
    QTest.keyClick(bars, KEY.Key_PageUp)
    QTest.keyClick(bars, KEY.Key_Down)
    QTest.keyClick(bars, KEY.Key_Return)
    settle()
    assert opened.state.inquiry.channel.number == bars.rows()[1][0] % 64  # as many as the network said it has


def test_similar_cells_by_key_and_button_and_back_by_escape(opened):
    press(opened, KEY.Key_Y)
    assert opened.state.taps.reducer == "absmean", "no cell is pinned"
    click(opened, P3, MODIFIER.ControlModifier)
    press(opened, KEY.Key_Y)
    assert opened.state.taps.reducer.startswith("similarity:")
    assert opened.window.cell.similar.isChecked()
    press(opened, KEY.Key_Escape)
    assert opened.state.taps.reducer == "absmean"
    opened.window.cell.similar.click()
    settle()
    assert opened.state.taps.reducer.startswith("similarity:")
    opened.window.cell.unpin.click()
    settle()
    assert (opened.state.taps.reducer, opened.state.pinned) == ("absmean", None)


def test_the_crosshair_pins_by_keys(opened):
    opened.window.canvas.setFocus()
    press(opened, KEY.Key_Right, MODIFIER.AltModifier)
    press(opened, KEY.Key_P)
    assert opened.state.side is Side.CELL
    assert opened.state.pinned is not None


def test_the_gallery_opens_turns_ranks_and_gives_a_channel(opened):
    press(opened, KEY.Key_H)
    gallery = opened.window.pages.gallery
    assert gallery.isVisible()
    assert gallery.grid.count == PAGE
    node = opened.state.inquiry.gallery.node
    channels = BY_NODE[node].channels
    assert gallery.range.text() == f"1 to 24 of {channels}"
    QTest.keyClick(gallery.grid, KEY.Key_PageDown)
    settle()
    assert gallery.range.text() == f"25 to 48 of {channels}"
    gallery.stage.setCurrentIndex(gallery.stage.findText("P3"))
    gallery.stage.textActivated.emit("P3")
    settle()
    assert opened.state.inquiry.gallery.node == P3
    gallery.rank.textActivated.emit("variance")
    settle()
    assert opened.state.inquiry.gallery.by == "variance"
    QTest.keyClick(gallery.grid, KEY.Key_Right)
    QTest.mouseClick(gallery.grid, Qt.MouseButton.LeftButton, pos=gallery.grid.place_of(8).center().toPoint())
    settle()
    assert not gallery.isVisible()
    assert tile(opened, P3).title == f"P3 ch {63 - 8}"
    assert opened.state.inquiry.gallery is None


def test_another_page_or_escape_ends_the_gallery(opened):
    press(opened, KEY.Key_H)
    press(opened, KEY.Key_K, MODIFIER.ControlModifier)
    assert opened.window.pages.palette.isVisible()
    assert opened.state.inquiry.gallery is None
    press(opened, KEY.Key_Escape)
    press(opened, KEY.Key_H)
    press(opened, KEY.Key_Escape)
    assert not opened.window.pages.gallery.isVisible()
    assert opened.sent(SetInquiry)[-1].inquiry == NOTHING


def test_everything_has_a_tooltip_and_a_name_and_nothing_is_cut_off(opened):
    click(opened, P3, MODIFIER.ControlModifier)
    press(opened, KEY.Key_H)
    page, gallery = opened.window.cell, opened.window.pages.gallery
    for root in (page, gallery):
        for widget in root.findChildren(QWidget):
            if isinstance(widget, QAbstractButton | QComboBox):
                assert widget.toolTip()
                assert widget.accessibleName()
    for widget in (page.bars, page.profile, page.histogram, gallery.grid, page.value):
        assert widget.toolTip()
    assert page.width() == opened.window.side.width()
    for part in (page.similar, page.gallery, page.unpin, page.bars, page.histogram):
        right = part.mapTo(page, part.rect().bottomRight())
        assert right.x() < page.width()
        assert right.y() < page.height()


def ask_for_menu(widget: QWidget, point: QPoint, reason: QContextMenuEvent.Reason) -> None:
    QApplication.sendEvent(widget, QContextMenuEvent(reason, point, widget.mapToGlobal(point)))
    settle()


def test_a_channel_of_the_gallery_is_muted_and_restored_by_the_right_button(opened):
    press(opened, KEY.Key_H)
    settle()
    gallery = opened.window.pages.gallery
    node = opened.state.inquiry.gallery.node
    at = gallery.grid.place_of(8).center().toPoint()
    ask_for_menu(gallery.grid, at, QContextMenuEvent.Reason.Mouse)
    assert gallery.menu.isVisible()
    assert not opened.window.tile_menu.isVisible()
    gallery.menu.mute.trigger()
    settle()
    (edit,) = opened.state.inquiry.alteration.edits
    assert (edit.node, edit.factor) == (node, 0.0)
    assert gallery.menu.heading.text() == f"Channel {edit.channel} of {node}"
    gallery.menu.close()
    ask_for_menu(gallery.grid, at, QContextMenuEvent.Reason.Mouse)
    assert gallery.menu.mute.isChecked()
    gallery.menu.mute.trigger()
    settle()
    assert not opened.state.inquiry.alteration.edits
    gallery.menu.close()


def test_the_menu_key_offers_the_channel_that_the_arrows_chose_and_scaling_opens_its_page(opened):
    press(opened, KEY.Key_H)
    settle()
    gallery = opened.window.pages.gallery
    node = opened.state.inquiry.gallery.node
    QTest.keyClick(gallery.grid, KEY.Key_Right)
    ask_for_menu(gallery.grid, QPoint(1, 1), QContextMenuEvent.Reason.Keyboard)
    gallery.menu.solo.trigger()
    (edit,) = opened.state.inquiry.alteration.edits
    assert edit.solo
    gallery.menu.scale.trigger()
    settle()
    gallery.menu.close()
    assert (opened.state.side, gallery.isVisible()) == (Side.ALTER, False)
    assert (opened.state.pick.node, opened.state.pick.channel) == (node, edit.channel)


def test_a_right_click_beside_the_pictures_of_a_page_is_not_for_the_tile_beneath(opened):
    press(opened, KEY.Key_H)
    settle()
    gallery = opened.window.pages.gallery
    ask_for_menu(gallery, QPoint(5, 5), QContextMenuEvent.Reason.Mouse)
    assert not gallery.menu.isVisible()
    assert not opened.window.tile_menu.isVisible()


def test_a_bar_of_the_cell_offers_the_same(opened):
    opened.window.canvas.setFocus()
    press(opened, KEY.Key_Right, MODIFIER.AltModifier)
    press(opened, KEY.Key_P)
    settle()
    page = opened.window.cell
    number, _ = page.bars.rows()[2]
    bars = page.bars.viewport()
    ask_for_menu(bars, QPoint(30, 2 * ROW + ROW // 2), QContextMenuEvent.Reason.Mouse)
    assert page.menu.heading.text().startswith(f"Channel {number} of ")
    page.menu.mute.trigger()
    page.menu.close()
    (edit,) = opened.state.inquiry.alteration.edits
    assert (edit.node, edit.channel, edit.factor) == (opened.state.pinned.node, number, 0.0)
