"""What taps cost and which of them gave way, as the window tells it; and the single channel as a reducer."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from tests.support.hands import press
from viewer.core import Limits, LimitsMode, Role, Stage
from viewer.core.messages import Pause, SetTaps
from viewer.core.reducer_names import REDUCERS
from viewer.session.costs import Costs
from viewer.session.pace import READ_S
from viewer.ui import tokens
from viewer.ui.stage_rows import StageRows

KEYS = Qt.Key


@pytest.fixture
def opened(open_window):
    return open_window()


def tile(opened, key: str):
    return next(tile for tile in opened.window.canvas.plan.tiles if tile.key == key)


def row_texts(opened, node: str) -> tuple[str, str, str]:
    rows = opened.window.stages.list.rows
    stage = next(stage for stage in opened.state.stages if stage.node == node)
    tooltip = rows.index(rows.row_of(node)).data(Qt.ItemDataRole.ToolTipRole)
    return rows.stage_text(stage), rows.tap_text(stage), tooltip


def stand(opened, index: int = 50) -> None:
    """Pause on a frame, where numbers are shown at once."""
    opened.controller.pause()
    opened.show(index)


def test_each_stage_shows_its_time_and_each_tapped_one_what_its_tap_adds(opened) -> None:
    opened.engine.reduce_ms = 0.6
    for index in range(50, 81):
        stand(opened, index)
    forward_ms = opened.state.costs.forward_ms
    assert 31 <= forward_ms <= 37
    time, tap, tooltip = row_texts(opened, "model.16")
    assert time == f"{0.083 * forward_ms:.2f} ms"
    assert tap == "+0.10"
    assert "8.3 % of the forward" in tooltip
    assert f"{0.083 * forward_ms:.2f} ms of {forward_ms:.1f} ms" in tooltip
    assert "adds 0.100 ms" in tooltip
    time, tap, tooltip = row_texts(opened, "model.13")
    assert time == f"{0.059 * forward_ms:.2f} ms"
    assert tap == ""
    assert "adds" not in tooltip


def test_before_anything_ran_a_stage_shows_its_share(starting) -> None:
    starting.engine.open_source()
    starting.engine.load_detector()
    QApplication.processEvents()
    assert row_texts(starting, "model.16")[:2] == ("8.3 %", "")


def test_the_list_is_painted_anew_when_its_numbers_change_and_not_otherwise(opened) -> None:
    class Watch(QObject):
        paints = 0

        def eventFilter(self, _watched, event) -> bool:  # noqa: N802 - Qt's name
            self.paints += event.type() == QEvent.Type.Paint
            return False

    watch = Watch()
    stand(opened)
    opened.window.stages.list.viewport().installEventFilter(watch)
    opened.window.show_all()
    QTest.qWait(30)
    assert watch.paints == 0
    opened.engine.reduce_ms = 3.0
    stand(opened, 54)
    stand(opened, 56)
    QTest.qWait(30)
    assert watch.paints > 0


def test_the_status_bar_shows_what_all_taps_cost(opened) -> None:
    opened.engine.reduce_ms = 0.7
    for index in range(60, 92):
        stand(opened, index)
    number = opened.window.status.numbers["taps"]
    assert number.text == f"0.70 ms · {70 / opened.state.costs.forward_ms:.1f} %"
    assert "last 30 frames" in number.toolTip()


def test_the_status_bar_follows_how_the_network_runs(opened) -> None:
    device = opened.window.status.device
    for said, shown, explained in (
        ("eager", "eager", "operation by operation"),
        ("graph", "graph", "one launch"),
        ("graph, capturing anew", "graph, capturing anew", "old one until it is ready"),
        ("eager: operation not permitted: stream", "eager", "not permitted: stream"),
    ):
        opened.engine.report(said)
        QApplication.processEvents()
        QTest.qWait(round(READ_S * 1000) + 20)
        assert device.shown == f"yolo11n · cpu · fp32 · {shown}"
        assert explained in device.toolTip()
        assert device.toolTip().startswith(f"yolo11n · cpu · fp32 · {shown}")


def test_what_has_no_room_is_left_out_from_the_end(opened) -> None:
    opened.engine.report("graph, capturing anew")
    QApplication.processEvents()
    device = opened.window.status.device
    device.resize(device.fontMetrics().horizontalAdvance("yolo11n · cpu · fp32") + 4, device.height())
    assert device.shown == "yolo11n · cpu · fp32"


def test_a_shed_stage_keeps_its_tile_and_its_check_mark(opened) -> None:
    before = [tile.key for tile in opened.window.canvas.plan.tiles]
    opened.engine.reduce_ms = 9.0
    opened.engine.shed_taps("model.4", "model.16")
    opened.show(60)
    assert [tile.key for tile in opened.window.canvas.plan.tiles] == before
    shed = tile(opened, "model.4")
    assert shed.overlay is None
    assert shed.limits_text is None
    assert shed.warning == "shed to hold 25 fps"
    assert tile(opened, "model.6").overlay is not None
    assert row_texts(opened, "model.4")[1] == "shed"
    assert "Left out" in row_texts(opened, "model.4")[2]
    rows = opened.window.stages.list.rows
    assert rows.index(rows.row_of("model.4")).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    number = opened.window.status.numbers["taps"]
    assert number.text.startswith("4 of 6 · ")
    assert "C3, P3" in number.toolTip()
    assert not opened.sent(SetTaps), "what the user asked for is not touched"

    opened.engine.shed_taps()
    opened.show(61)
    assert tile(opened, "model.4").overlay is not None
    assert " of " not in number.text
    assert "left out" not in number.toolTip()


def test_a_shed_stage_can_be_let_go_by_a_click(opened) -> None:
    opened.engine.shed_taps("model.4")
    opened.show(60)
    stages = opened.window.stages.list
    row = stages.rows.index(stages.rows.row_of("model.4"))
    QTest.mouseClick(
        stages.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, stages.visualRect(row).center()
    )
    QApplication.processEvents()
    assert "model.4" not in opened.sent(SetTaps)[-1].settings.nodes
    opened.show(61)
    assert "model.4" not in [tile.key for tile in opened.window.canvas.plan.tiles]


def test_a_shed_tile_fills_the_window_and_says_why_it_is_bare(opened, monkeypatch) -> None:
    opened.engine.shed_taps("model.4")
    opened.show(60)
    press(opened, KEYS.Key_Tab)
    press(opened, KEYS.Key_Tab)
    assert [tile.key for tile in opened.window.canvas.plan.tiles] == ["model.4"]
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _widget: said.append(text))
    canvas = opened.window.canvas
    point = canvas.places()[0][1].center().toPoint()
    QApplication.sendEvent(canvas, QHelpEvent(QEvent.Type.ToolTip, point, canvas.mapToGlobal(point)))
    assert "shed to hold 25 fps" in said[0]
    assert "--no-shed" in said[0]


def test_maps_of_every_second_frame_are_marked_and_stay_over_the_one_between(opened) -> None:
    opened.engine.shed_taps("model.4", every_second=True)
    for index in (60, 61, 62):
        opened.show(index)
        assert tile(opened, "model.16").overlay is not None
        assert tile(opened, "model.16").warning == "every 2nd frame"
        assert opened.window.status.numbers["taps"].text == "5 of 6 · maps every 2nd frame"
    assert tile(opened, "detections").warning == ""


def test_the_display_rate_goes_when_playing_stops(opened) -> None:
    display = opened.window.status.numbers["display"]
    for index in range(60, 160):
        opened.show(index)
        QTest.qWait(20)
        if display.text.endswith("fps"):
            break
    assert display.text.endswith("fps")
    press(opened, KEYS.Key_Space)
    assert opened.sent(Pause)
    for index in (80, 81, 82, 83):
        assert not display.text.endswith("fps")
        opened.show(index)
        QTest.qWait(100)


# --- reducer and limits ---------------------------------------------------------------------------------------------


def test_a_channel_is_chosen_and_typed(opened) -> None:
    reducer = opened.window.stages.reducer
    assert not reducer.channel.isVisible()
    reducer.kind.setFocus()
    for _ in REDUCERS:
        press(opened, KEYS.Key_Down)
    assert opened.sent(SetTaps)[-1].settings.reducer == "channel:0"
    assert reducer.channel.isVisible()
    reducer.channel.setFocus()
    reducer.channel.selectAll()
    QTest.keyClicks(reducer.channel, "17")
    press(opened, KEYS.Key_Return)
    assert opened.sent(SetTaps)[-1].settings.reducer == "channel:17"
    assert QApplication.focusWidget() is opened.window.canvas
    assert tile(opened, "model.16").subtitle.endswith("channel:17")

    reducer.kind.textActivated.emit("max")
    assert opened.sent(SetTaps)[-1].settings.reducer == "max"
    assert not reducer.channel.isVisible()
    reducer.kind.textActivated.emit("channel …")
    assert opened.sent(SetTaps)[-1].settings.reducer == "channel:17", "the number typed last is kept"


@pytest.mark.parametrize(("typed", "asked"), [("64", 63), ("9999", 63), ("-3", 0), ("2.4", 2)])
def test_a_channel_is_one_that_every_tapped_stage_has(opened, typed, asked) -> None:
    reducer = opened.window.stages.reducer
    opened.controller.set_reducer("channel:5")
    opened.window.refresh()
    assert "0 to 63" in reducer.channel.toolTip()
    assert "P3" in reducer.channel.toolTip()
    reducer.channel.setFocus()
    reducer.channel.selectAll()
    QTest.keyClicks(reducer.channel, typed)
    press(opened, KEYS.Key_Return)
    assert opened.sent(SetTaps)[-1].settings.reducer == f"channel:{asked}"
    assert reducer.channel.text() == str(asked)


def test_a_reducer_from_the_command_line_is_shown(open_window, fake_engine) -> None:
    from viewer.config import Config

    engine = fake_engine()
    config = Config(reducer="channel:9")
    engine.settings = config.tap_settings
    shown = open_window(engine, config).window.stages.reducer
    assert shown.kind.currentText() == "channel …"
    assert (shown.channel.isVisible(), shown.channel.text()) == (True, "9")


def test_fixed_limits_begin_with_the_span_of_all_maps(opened) -> None:
    spans = iter([(0.5, 1.0), (0.2, 0.9), (0.3, 7.25), (0.4, 1.0), (float("nan"), float("nan")), (0.3, 0.4)])
    packet = opened.engine.packet

    def uneven(index: int):
        from dataclasses import replace

        made = packet(index)
        return replace(made, taps=tuple(replace(tap, limits=next(spans)) for tap in made.taps))

    opened.engine.packet = uneven
    opened.show(60)
    opened.engine.packet = packet
    opened.window.stages.limits.mode.textActivated.emit("fixed")
    assert opened.sent(SetTaps)[-1].settings.limits == Limits(LimitsMode.FIXED, 0.2, 7.25)
    assert "span of the values of all maps" in opened.window.stages.limits.mode.toolTip()


def test_nothing_of_the_new_controls_is_cut_off(opened) -> None:
    opened.controller.set_reducer("channel:12")
    opened.window.resize(1280, 800)
    opened.window.refresh()
    QApplication.processEvents()
    reducer = opened.window.stages.reducer
    panel = opened.window.stages
    for control in (reducer.kind, reducer.channel):
        corner = control.mapTo(panel, QPoint(control.width(), control.height()))
        assert corner.x() <= panel.width()
        assert control.width() >= control.fontMetrics().horizontalAdvance("0000")


def test_files_are_late_and_cameras_drop(opened, live) -> None:
    def shown(one) -> set[str]:
        return {name for name, number in one.window.status.numbers.items() if number.isVisible()} & {"late", "dropped"}

    assert shown(opened) == {"late"}
    assert shown(live) == {"dropped"}


def test_times_keep_to_their_column_however_long_they_are() -> None:
    rows = StageRows()
    stages = tuple(
        Stage(f"model.{n}", Role.BACKBONE, 8, 16, (4, 4), share=share) for n, share in enumerate((0.5, 0.01))
    )
    rows.set_stages(stages, ("model.0",))
    rows.set_costs(Costs(forward_ms=332.6, tap_ms=(("model.0", 123.456),)), frozenset())
    assert [rows.stage_text(one) for one in stages] == ["166.3 ms", "3.33 ms"]
    assert rows.tap_text(stages[0]) == "+123.5"
    rows.set_stages(tuple(replace(one, share=0.0) for one in stages), ())
    assert rows.stage_text(stages[0]) == tokens.NONE


def test_the_first_frame_with_new_taps_is_no_measure_of_them(opened) -> None:
    number = opened.window.status.numbers["taps"]
    opened.engine.reduce_ms = 0.7
    for index in (60, 61):
        stand(opened, index)
    assert number.text.startswith("0.70 ms")
    node = opened.state.tapped[0]
    opened.engine.reduce_ms = 10.0
    opened.controller.toggle_tap(node, on=False)
    opened.show(61)
    assert opened.state.costs.tap_ms == ()
    assert number.text == tokens.NONE
    assert row_texts(opened, opened.state.tapped[0])[1] == ""
    opened.engine.reduce_ms = 0.6
    stand(opened, 62)
    assert number.text.startswith("0.60 ms")
    assert row_texts(opened, opened.state.tapped[0])[1].startswith("+")
