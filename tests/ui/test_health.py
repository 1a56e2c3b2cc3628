"""The health of stages, as a person looks at it: the page, the strip under the timeline, marks and keys."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from tests.support.hands import press
from tests.ui.conftest import FakeEngine
from viewer.core.health import HealthCheck, Measure, StageHealth
from viewer.core.inquiry import NOTHING, Findings
from viewer.core.messages import Seek, SetInquiry
from viewer.core.packet import FramePacket
from viewer.core.stage import Role, Stage
from viewer.session.health_recall import Recalled
from viewer.ui import tokens
from viewer.ui.health_table import spans
from viewer.ui.section import Section

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


class WatchedEngine(FakeEngine):
    """Answers what is asked of health: P3 has dead channels, and drifts between frames 100 and 110."""

    def __init__(self) -> None:
        super().__init__()
        self.inquiry = NOTHING

    def send(self, intent) -> None:
        super().send(intent)
        if isinstance(intent, SetInquiry):
            self.inquiry = intent.inquiry
            self.show(self.transport.index)

    def packet(self, index: int) -> FramePacket:
        packet, check = super().packet(index), self.inquiry.health
        if check is None:
            return packet
        told = tuple(health_of(stage, index) for stage in self.tapped if stage.node in check.nodes)
        return replace(packet, findings=Findings(health=told))


def health_of(stage, index: int) -> StageHealth:
    is_p3 = stage.name == "P3"
    dead = (3, 4, 5, *range(20, 30)) if is_p3 else ()
    drift = 6.0 if is_p3 and 100 <= index < 110 else 0.8
    return StageHealth(stage, 100, stage.channels, "float16", 0.2, 0.6, 9.0, 0.0, 0.02, 0.0, 0, dead, (), drift)


@pytest.fixture
def opened(open_window):
    return open_window(WatchedEngine())


@pytest.fixture
def watched(opened):
    press(opened, KEYS.Key_K)
    press(opened, KEYS.Key_F5)
    for index in (40, 99, 100, 105, 110, 200):
        opened.show(index)
    return opened


def words(opened) -> list[str]:
    rows = opened.window.health.table.list.rows
    return [rows.data(rows.index(row)) for row in range(rows.rowCount())]


def test_nothing_is_asked_before_the_page_is_opened_and_nothing_after_it_is_left(opened) -> None:
    assert opened.sent(SetInquiry) == []
    assert not opened.window.strip.isVisible()
    QTest.mouseClick(opened.window.side.tabs[opened.state.side.HEALTH], LEFT)
    (asked,) = opened.sent(SetInquiry)
    assert asked.inquiry.health == HealthCheck(tuple(stage.node for stage in opened.engine.tapped))
    assert opened.window.strip.isVisible()
    press(opened, KEYS.Key_F1)
    assert opened.sent(SetInquiry)[-1].inquiry == NOTHING
    assert not opened.window.strip.isVisible()


def test_a_row_tells_each_stage_and_lights_up_what_is_above_its_limit(watched) -> None:
    rows = words(watched)
    assert [row.partition(":")[0] for row in rows] == ["C3", "C4", "C5", "P3", "P4", "P5"]
    assert rows[0].endswith("zeros 2.0 %, dead channels 0 %, drift 0.80")
    assert rows[3].endswith("dead channels 20 %, drift 0.80, dead channels above its limit")
    assert watched.window.health.summary.text() == "P3 is worth a look, 100 frames in a row"
    opened_row = watched.window.health.table.list.rows.at(3)
    assert opened_row.chosen  # what is not well is told in full unless the user chose another
    assert watched.window.health.details.words["channels"] == "3 to 5, 20 to 29"


@pytest.mark.parametrize("width", [240, 252, 264, 288, 320])
def test_the_heads_of_numbers_stand_apart_in_a_narrow_panel(watched, width) -> None:
    table = watched.window.health.table
    table.resize(width, table.height())
    heads = [head for head in table.findChildren(QLabel) if head.isVisible()]
    assert len(heads) == 6
    for head in heads:
        assert head.fontMetrics().horizontalAdvance(head.text()) < head.width(), head.text()


def test_a_page_that_cannot_know_of_drift_yet_says_so(opened, monkeypatch) -> None:
    told = health_of
    early = {"frames": 1, "dead": None, "drift": float("nan")}
    monkeypatch.setitem(globals(), "health_of", lambda stage, index: replace(told(stage, index), **early))
    press(opened, KEYS.Key_F5)
    summary = opened.window.health.summary.text()
    assert summary == "All 6 stages are well so far, one frame seen"


def test_a_jump_to_an_event_tells_what_was_known_of_that_frame_and_that_it_is_from_then(watched, monkeypatch) -> None:
    told = health_of
    jumped = {"frames": 1, "dead": None, "drift": float("nan")}
    monkeypatch.setitem(globals(), "health_of", lambda stage, index: replace(told(stage, index), **jumped))
    watched.show(100)
    said = "; drift and dead channels are from when this frame was seen before"
    assert watched.window.health.summary.text() == f"P3 is worth a look, one frame seen{said}"
    row = watched.window.health.table.list.rows.at(3)
    assert (row.told(Measure.DRIFT), row.told(Measure.DEAD)) == ("6.00", "13")
    assert "drift 6.00 from when this frame was seen before" in row.words
    assert watched.window.health.details.words["Drift"] == "6.00 deviations, seen before"
    watched.show(150)
    unseen = "All 6 stages are well so far, one frame seen"
    assert watched.window.health.summary.text() == unseen
    assert watched.window.health.table.list.rows.at(3).told(Measure.DRIFT) == "\N{EN DASH}"


def test_muted_channels_are_told_beside_the_dead(opened, monkeypatch) -> None:
    told = health_of
    monkeypatch.setitem(globals(), "health_of", lambda stage, index: replace(told(stage, index), dead=(3,), muted=1))
    press(opened, KEYS.Key_F5)
    assert all(", 1 muted" in row for row in words(opened))
    rows = opened.window.health.table.list
    left, right = spans(rows.width())[Measure.DEAD]
    assert rows.tip_at(QPoint(round((left + right) / 2), 5)).endswith(" %, 1 muted")
    opened.window.health.show_plan(opened.state, opened.window.canvas.plan, opened.controller.packet)
    assert opened.window.health.details.words["Dead"].endswith(" channels, 1 muted")


def test_a_click_or_an_arrow_key_tells_another_stage_in_full(watched) -> None:
    page = watched.window.health
    QTest.mouseClick(page.table.list.viewport(), LEFT, NONE, QPoint(40, 30))
    assert page.full.heading.text() == "C4, 128 channels"
    assert page.details.words["Dead"] == "none of 128 channels"
    page.table.list.setFocus()
    press(watched, KEYS.Key_Down)
    assert page.full.heading.text() == "C5, 256 channels"


@pytest.mark.usefixtures("qapp")
def test_a_heading_keeps_the_case_of_a_path_for_that_is_code() -> None:
    section = Section("Stage", QWidget())
    section.name("Model_1.conv.Relu", ", 12 channels", ("Model_1.conv.Add",))
    metrics = QFontMetrics(section.font())
    assert section.heading._shown(metrics, 10_000) == "Model_1.conv.Relu, 12 CHANNELS"
    short = section.heading._shown(metrics, metrics.horizontalAdvance("…conv.Relu, 12 CHANNELS") + 4)
    assert short.endswith("Relu, 12 CHANNELS")
    assert len(short) < len("Model_1.conv.Relu, 12 CHANNELS")


def test_the_pointer_on_a_number_says_how_it_was_computed(watched) -> None:
    rows = watched.window.health.table.list
    said = rows.tip_at(QPoint(rows.width() - 20, 5))
    assert said.startswith("How far the means of the channels are")
    assert said.endswith(": 0.80")
    assert "float16" in rows.tip_at(QPoint(30, 5))


def test_a_mark_stands_where_the_limit_was_crossed_and_a_click_on_it_goes_there(watched) -> None:
    timeline = watched.window.timeline
    events = watched.controller.health_events
    drift = next(event for event in events if event.measure is Measure.DRIFT)
    assert (drift.index, drift.last) == (100, 105)
    place = timeline.point_of_event(drift).toPoint()
    QTest.mouseMove(timeline, place)
    assert timeline.hover_text == "P3: drift up to 6.00 deviations, above 2.50 (frames 100 to 105)"
    colour = timeline.grab().toImage().pixelColor(place).name()
    assert colour == tokens.WARN
    QTest.mouseClick(timeline, LEFT, NONE, place)
    assert watched.sent(Seek)[-1] == Seek(100)
    QTest.mouseMove(timeline, place + QPoint(60, 0))
    assert timeline.hover_text.startswith("00:00:0")


def test_the_strip_marks_the_events_of_its_number_and_a_click_on_one_goes_there(watched) -> None:
    strip = watched.window.strip
    drift = next(event for event in watched.controller.health_events if event.measure is Measure.DRIFT)
    place = strip.point_of_event(drift).toPoint()
    QTest.mouseMove(strip, place + QPoint(3, 2))
    assert strip.hover_text == "P3: drift up to 6.00 deviations, above 2.50 (frames 100 to 105)"
    assert strip.cursor().shape() is Qt.CursorShape.PointingHandCursor
    QTest.mouseClick(strip, LEFT, NONE, place + QPoint(3, 2))
    assert watched.sent(Seek)[-1] == Seek(100)
    QTest.mouseMove(strip, place + QPoint(60, 30))
    assert strip.hover_text.startswith("frame ")
    watched.controller.plot_measure(Measure.MEAN)
    watched.window.show_all()
    QTest.mouseMove(strip, place)
    assert strip.hover_text.startswith("frame 100 · mean, activation: ")


def test_keys_and_buttons_go_from_event_to_event(watched) -> None:
    press(watched, KEYS.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    assert watched.sent(Seek)[-1] == Seek(100)
    press(watched, KEYS.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    assert watched.sent(Seek)[-1] == Seek(99)
    QTest.mouseClick(watched.window.health.following, LEFT)
    assert watched.sent(Seek)[-1] == Seek(100)
    assert watched.window.health.events.text() == "4 events"


def test_the_strip_draws_the_chosen_number_and_a_click_goes_to_a_frame(watched) -> None:
    strip = watched.window.strip
    assert (strip.lines.measure, len(strip.lines.lines)) == (Measure.DRIFT, 6)
    QTest.mouseMove(strip, QPoint(round(strip.x_of(100)), 20))
    assert (
        strip.hover_text == "frame 100 · drift, deviations: C3 0.80 · C4 0.80 · C5 0.80 · P3 6.00 · P4 0.80 · P5 0.80"
    )
    QTest.mouseClick(strip, LEFT, NONE, QPoint(round(strip.x_of(250)), 20))
    assert watched.sent(Seek)[-1] == Seek(250)
    choice = watched.window.health.measure
    choice.setFocus()
    press(watched, KEYS.Key_Down)
    assert strip.lines.measure is Measure.ZEROS


def test_a_limit_that_is_typed_holds_at_once_for_rows_and_marks(watched) -> None:
    field = watched.window.health.limits.drift
    watched.window.health.scroller.ensureWidgetVisible(field)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.5")
    QTest.keyClick(field, KEYS.Key_Return)
    assert watched.state.health.limits.drift == 0.5
    assert all("drift above its limit" in row for row in words(watched))
    events = [event for event in watched.controller.health_events if event.measure is Measure.DRIFT]
    assert len(events) == 6 * 3  # each stage, once for each part of the film that was looked at


def test_watching_goes_on_beside_other_pages_where_that_is_wished(watched) -> None:
    page = watched.window.health
    page.scroller.ensureWidgetVisible(page.keep)
    QTest.mouseClick(page.keep, LEFT)
    press(watched, KEYS.Key_F1)
    assert watched.sent(SetInquiry)[-1].inquiry.health is not None
    assert watched.window.strip.isVisible()


def test_beginning_anew_forgets_events_and_asks_again(watched) -> None:
    press(watched, KEYS.Key_F8, Qt.KeyboardModifier.ControlModifier)
    assert watched.sent(SetInquiry)[-1].inquiry.health.run == 1
    assert [event.measure for event in watched.controller.health_events] == [Measure.DEAD]  # of the frame that stands


def test_a_page_without_stages_says_what_to_do(watched) -> None:
    watched.controller.tap_only(())
    watched.window.refresh()
    watched.show(201)
    assert watched.window.health.summary.text() == "Tap a stage on the left to see how it is."
    assert words(watched) == []


def test_long_names_of_stages_are_told_apart_and_push_the_numbers_aside(watched) -> None:
    nodes = tuple(f"MobilenetV3.expanded_conv_{block}.hard_swish.add" for block in (6, 7, 11))
    stages = tuple(Stage(node, Role.BACKBONE, 16, 64, (24, 40)) for node in nodes)
    health = tuple(Recalled(health_of(stage, 40)) for stage in stages)
    table = watched.window.health.table
    state = watched.state
    table.show_health(health, state.health.limits, HealthCheck(nodes), None, nodes)
    rows = table.list
    picture = rows.viewport().grab().toImage()
    names = [
        picture.copy(30, rows.visualRect(rows.rows.index(row)).top(), rows.name_px - 16, 22)
        for row in range(len(nodes))
    ]
    assert names[0] != names[1] != names[2] != names[0]
    heading = watched.window.health.full.heading
    titles = []
    for node in nodes:
        watched.window.health.full.name(node, ", 64 channels", nodes)
        titles.append(heading.grab().toImage())
    assert titles[0] != titles[1] != titles[2] != titles[0]
    left, right = spans(rows.width(), rows.name_px)[Measure.MEAN]
    assert left == 16 + rows.name_px
    assert "mean" in rows.tip_at(QPoint(round((left + right) / 2), 4)).lower()
