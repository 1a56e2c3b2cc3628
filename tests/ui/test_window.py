"""The window, driven as a person drives it: keys, clicks, drags; and what the engine is then asked."""

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSlider

from tests.support.hands import press, wait
from viewer.core import Limits, LimitsMode, Role, Stage
from viewer.core.frame import Link, SourceStatus
from viewer.core.messages import (
    Failed,
    FailedPart,
    Loading,
    Pause,
    Play,
    Report,
    Seek,
    SetLoop,
    SetSpeed,
    SetTaps,
    SetThresholds,
)
from viewer.core.messages import Step as StepBy
from viewer.core.packet import Counters
from viewer.session import EnginePhase, Viewport
from viewer.session.pace import READ_S
from viewer.ui.controls import Readout
from viewer.ui.keys import BINDINGS

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def wheel(widget, point: QPointF, notches: int) -> None:
    event = QWheelEvent(
        point,
        QPointF(widget.mapToGlobal(point.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


@pytest.fixture
def opened(open_window):
    return open_window()


def test_title_numbers_and_tiles_tell_what_is_shown(opened) -> None:
    opened.show(126)
    assert opened.window.windowTitle() == "street.mp4 — Featscope"
    assert opened.window.transport.frame_text == "126 / 499"
    assert opened.window.transport.time_text == "00:00:05.040"
    titles = [tile.title for tile, _, _ in opened.window.canvas.places()]
    assert titles == ["Detections", "C3", "C4", "C5", "P3", "P4", "P5"]


@pytest.mark.parametrize(
    ("key", "modifiers", "intent"),
    [
        (KEYS.Key_Space, NONE, Pause()),
        (KEYS.Key_K, NONE, Pause()),
        (KEYS.Key_Period, NONE, StepBy(1)),
        (KEYS.Key_Comma, NONE, StepBy(-1)),
        (KEYS.Key_Right, NONE, StepBy(1)),
        (KEYS.Key_Left, SHIFT, StepBy(-10)),
        (KEYS.Key_Greater, SHIFT, StepBy(10)),
        (KEYS.Key_Home, NONE, Seek(0)),
        (KEYS.Key_End, NONE, Seek(499)),
        (KEYS.Key_5, NONE, Seek(250)),
        (KEYS.Key_J, SHIFT, Seek(15)),
        (KEYS.Key_BracketRight, NONE, SetSpeed(2.0)),
        (KEYS.Key_BracketLeft, NONE, SetSpeed(0.5)),
        (KEYS.Key_Backspace, NONE, SetSpeed(1.0)),
        (KEYS.Key_L, NONE, SetSpeed(2.0)),
        (KEYS.Key_L, SHIFT, SetLoop(False)),
    ],
)
def test_a_key_asks_the_engine(opened, key, modifiers, intent) -> None:
    press(opened, key, modifiers)
    assert opened.engine.sent[-1] == intent


def test_every_button_of_both_bars_does_what_it_says(opened) -> None:
    transport, tools = opened.window.transport, opened.window.tools
    for button, intent in (
        (transport.play, Pause()),
        (transport.play, Play()),
        (transport.back, StepBy(-1)),
        (transport.forward, StepBy(1)),
        (transport.loop, SetLoop(False)),
        (transport.loop, SetLoop(True)),
    ):
        QTest.mouseClick(button, LEFT)
        assert opened.engine.sent[-1] == intent
    QTest.mouseClick(tools.overlays, LEFT)
    QTest.mouseClick(tools.boxes, LEFT)
    assert (opened.state.overlays, opened.state.boxes) == (False, False)
    opened.controller.set_viewport(Viewport(2.0))
    opened.window.refresh()
    QTest.mouseClick(tools.reset, LEFT)
    assert opened.state.viewport == Viewport()


def test_space_plays_again(opened) -> None:
    press(opened, KEYS.Key_Space)
    press(opened, KEYS.Key_Space)
    assert opened.engine.sent[-1] == Play()


def test_keys_do_nothing_while_typing_and_go_to_takes_frames_and_times(opened) -> None:
    press(opened, KEYS.Key_G)
    field = opened.window.transport.goto
    assert QApplication.focusWidget() is field
    before = len(opened.engine.sent)
    QTest.keyClicks(field, "77")
    assert len(opened.engine.sent) == before
    press(opened, KEYS.Key_Return)
    assert opened.engine.sent[-1] == Seek(77)
    assert not field.isVisible()
    press(opened, KEYS.Key_G)
    QTest.keyClicks(field, "0:04")
    press(opened, KEYS.Key_Return)
    assert opened.engine.transport.index == 100


def test_go_to_keeps_what_it_cannot_read_and_escape_leaves_it(opened) -> None:
    press(opened, KEYS.Key_G)
    field = opened.window.transport.goto
    QTest.keyClicks(field, "soon")
    before = len(opened.engine.sent)
    press(opened, KEYS.Key_Return)
    assert field.isVisible()
    press(opened, KEYS.Key_Escape)
    assert not field.isVisible()
    assert len(opened.engine.sent) == before


def test_a_click_on_a_stage_taps_it_and_lets_it_go(opened) -> None:
    stages = opened.window.stages.list
    row = stages.rows.index(stages.rows.row_of("model.13"))
    for wanted in (True, False):
        stages.scrollTo(row)
        QTest.mouseClick(stages.viewport(), LEFT, NONE, stages.visualRect(row).center())
        QApplication.processEvents()
        nodes = opened.sent(SetTaps)[-1].settings.nodes
        assert ("model.13" in nodes) is wanted
        assert ("model.13" in [tile.key for tile in opened.window.canvas.plan.tiles]) is wanted


def test_a_click_on_a_heading_of_the_list_changes_nothing(opened) -> None:
    stages = opened.window.stages.list
    QTest.mouseClick(stages.viewport(), LEFT, NONE, stages.visualRect(stages.rows.index(0)).center())
    assert not opened.sent(SetTaps)


def test_the_confidence_slider_asks_the_engine_and_moves_boxes_at_once(opened) -> None:
    opened.controller.pause()
    before = len(opened.window.canvas.plan.boxes)
    slider = opened.window.inspector.conf.slider
    QTest.mouseClick(slider, LEFT, NONE, QPoint(round(slider.width() * 0.72), slider.height() // 2))
    assert opened.sent(SetThresholds)[-1].thresholds.conf == pytest.approx(0.72, abs=0.05)
    assert 0 < len(opened.window.canvas.plan.boxes) < before


def test_dragging_the_opacity_changes_the_colours(opened) -> None:
    slider = opened.window.stages.alpha.slider
    QTest.mousePress(slider, LEFT, NONE, QPoint(20, 8))
    QTest.mouseMove(slider, QPoint(slider.width() - 2, 8))
    QTest.mouseRelease(slider, LEFT, NONE, QPoint(slider.width() - 2, 8))
    assert opened.state.alpha == pytest.approx(1.0, abs=0.02)
    assert opened.window.canvas.plan.tiles[1].overlay.lut[200, 3] >= 250


def test_a_click_on_a_slider_leaves_the_arrow_keys_to_the_video(opened) -> None:
    slider = opened.window.stages.alpha.slider
    QTest.mouseClick(slider, LEFT, NONE, QPoint(30, 8))
    press(opened, KEYS.Key_Right)
    assert opened.engine.sent[-1] == StepBy(1)


def test_f6_walks_to_controls_that_then_take_their_own_keys(opened) -> None:
    for _ in range(60):
        press(opened, KEYS.Key_F6)
        if QApplication.focusWidget() is opened.window.stages.alpha.slider:
            break
    else:
        pytest.fail("F6 never reached the opacity slider")
    before, sent = opened.state.alpha, len(opened.engine.sent)
    press(opened, KEYS.Key_Right)
    assert opened.state.alpha > before
    assert len(opened.engine.sent) == sent
    press(opened, KEYS.Key_K)
    assert opened.engine.sent[-1] == Pause()
    press(opened, KEYS.Key_Escape)
    assert QApplication.focusWidget() is opened.window.canvas


def test_reducer_and_colour_map_are_chosen(opened) -> None:
    stages = opened.window.stages
    stages.reducer.kind.textActivated.emit("rms")
    assert opened.sent(SetTaps)[-1].settings.reducer == "rms"
    stages.colormap.textActivated.emit("turbo")
    assert opened.state.colormap == "turbo"


def test_limits_are_chosen_and_held_where_they_stand(opened) -> None:
    limits = opened.window.stages.limits
    assert not limits.low.isVisible()
    opened.engine.limits = (0.1234, 1.5)
    opened.show(60)

    limits.mode.textActivated.emit("fixed")
    assert opened.sent(SetTaps)[-1].settings.limits == Limits(LimitsMode.FIXED, 0.123, 1.5)
    assert (limits.low.text(), limits.high.text()) == ("0.123", "1.5")
    assert limits.low.isVisible()
    assert limits.high.isVisible()

    limits.mode.textActivated.emit("per frame")
    assert opened.sent(SetTaps)[-1].settings.limits == Limits(LimitsMode.FRAME)
    assert not limits.low.isVisible()


@pytest.mark.parametrize(
    ("field", "typed", "low", "high"),
    [
        ("high", "2.5", 0, 2.5),
        ("low", "0,5", 0.5, 1),
        ("low", "-1e-3", -0.001, 1),
        ("low", "4", 4, 5),
        ("high", "-2", -3, -2),
    ],
)
def test_limits_are_typed(opened, field, typed, low, high) -> None:
    opened.controller.set_limits(Limits(LimitsMode.FIXED, 0, 1))
    opened.window.refresh()
    sent = len(opened.sent(SetTaps))
    line = getattr(opened.window.stages.limits, field)
    QTest.mouseDClick(line, LEFT)
    line.selectAll()
    QTest.keyClicks(line, typed)
    assert len(opened.sent(SetTaps)) == sent
    press(opened, KEYS.Key_Return)
    assert [intent.settings.limits for intent in opened.sent(SetTaps)[sent:]] == [Limits(LimitsMode.FIXED, low, high)]
    limits = opened.window.stages.limits
    assert (limits.low.text(), limits.high.text()) == (f"{low:g}", f"{high:g}")
    assert QApplication.focusWidget() is opened.window.canvas


def test_most_detections_are_typed_and_hold_at_once(opened) -> None:
    most = opened.window.inspector.most
    assert most.text() == "300"
    for typed, shown in (("2", 2), ("9999", 1000), ("0", 1)):
        most.setFocus()
        most.selectAll()
        QTest.keyClicks(most, typed)
        press(opened, KEYS.Key_Return)
        assert opened.sent(SetThresholds)[-1].thresholds.max_det == shown
        assert most.text() == str(shown)
        assert len(opened.window.canvas.plan.boxes) == min(shown, 6)


@pytest.mark.parametrize("typed", ["", "many", "nan", "inf"])
def test_what_is_no_number_brings_back_the_one_before(opened, typed) -> None:
    most = opened.window.inspector.most
    for key in (KEYS.Key_Return, KEYS.Key_Escape):
        most.setFocus()
        most.selectAll()
        press(opened, KEYS.Key_Delete)
        QTest.keyClicks(most, typed)
        press(opened, key)
        assert most.text() == "300"
        assert QApplication.focusWidget() is opened.window.canvas
    assert not opened.sent(SetThresholds)


def test_a_number_being_typed_is_not_overwritten(opened) -> None:
    most = opened.window.inspector.most
    most.setFocus()
    most.selectAll()
    QTest.keyClicks(most, "12")
    opened.show(61)
    opened.controller.set_max_det(40)
    opened.window.refresh()
    assert most.text() == "12"
    press(opened, KEYS.Key_Return)
    assert opened.state.thresholds.max_det == 12


def test_nothing_is_said_about_detections_before_a_detector_looked(starting) -> None:
    def is_blank() -> bool:
        picture = starting.window.inspector.table.list.grab().toImage()
        return len({picture.pixel(x, y) for x in range(picture.width()) for y in range(24)}) == 1

    starting.engine.open_source()
    starting.show(0)
    assert is_blank()
    starting.engine.load_detector()
    starting.controller.set_conf(1.0)
    starting.show(1)
    QTest.qWait(round(READ_S * 1000) + 20)  # lists follow a playing source at a pace that can be read
    assert not is_blank()


def test_the_tooltip_of_a_stage_has_its_whole_path(opened) -> None:
    node = "MobileNetV3Large.features.12.block.squeeze_excitation.hardswish.mul_1"
    rows = opened.window.stages.list.rows
    rows.set_stages((Stage(node, Role.BACKBONE, 16, 112, (24, 40), "mul"),), (node,))
    assert node in rows.index(rows.row_of(node)).data(Qt.ItemDataRole.ToolTipRole)
    # What is cut off is marked by the one sign for it, not by dots.
    cut = opened.window.fontMetrics().elidedText(node, Qt.TextElideMode.ElideMiddle, 120)
    assert "\N{HORIZONTAL ELLIPSIS}" in cut


def test_a_narrow_window_cuts_off_no_word(opened) -> None:
    source = opened.window.status.source
    opened.window.resize(1280, 800)
    QApplication.processEvents()
    assert source.shown == "street.mp4 · 640\N{MULTIPLICATION SIGN}360 px · 25 fps · h264 in mp4"
    opened.window.resize(opened.window.minimumSize())
    QApplication.processEvents()
    source.resize(source.width() - 80, source.height())
    QApplication.processEvents()
    assert source.shown == "street.mp4 · 640\N{MULTIPLICATION SIGN}360 px · 25 fps"
    assert opened.window.status.device.shown == "yolo11n · cpu · fp32 · eager"
    assert "h264 in mp4" in source.toolTip()


def test_the_key_list_says_what_j_k_and_l_do() -> None:
    words = {binding.shown: binding.text for binding in BINDINGS["Playing"]}
    assert (words["J"], words["K"], words["L"]) == ("Play backwards; again: faster", "Pause", "Play; again: faster")


def test_j_k_and_l_shuttle_and_the_speed_tells_the_way(opened) -> None:
    speed, standing = opened.window.transport.speed, opened.window.transport.standing
    words = [speed.itemText(row) for row in range(speed.count())]
    for word in ("−1×", "−2×", "−4×"):  # noqa: RUF001 - the signs that are shown
        press(opened, KEYS.Key_J)
        assert (speed.currentText(), standing.text) == (word, "Backwards")
    press(opened, KEYS.Key_K)
    assert (speed.currentText(), standing.text) == ("1×", "Paused")  # noqa: RUF001 - the same
    press(opened, KEYS.Key_J)
    press(opened, KEYS.Key_L)
    assert (speed.currentText(), standing.text) == ("1×", "Playing")  # noqa: RUF001 - the same
    assert [speed.itemText(row) for row in range(speed.count())] == words


def test_wheel_zooms_every_tile_about_the_pointer(opened) -> None:
    canvas = opened.window.canvas
    _, _, place = canvas.places()[2]
    point = place.area.center() + QPointF(30, -20)
    before = fraction_at(place, point)
    wheel(canvas, point, 4)
    places = [place for _, _, place in canvas.places()]
    assert fraction_at(places[2], point) == pytest.approx(before, abs=1e-9)
    zooms = {round(place.picture.width() / place.area.width(), 6) for place in places}
    shown = {tuple(round(value, 6) for value in fraction_at(place, place.area.center())) for place in places}
    assert opened.state.viewport.zoom == pytest.approx(1.25**4)
    assert max(zooms) / min(zooms) < 1.01
    assert len(shown) == 1


def fraction_at(place, point: QPointF) -> tuple[float, float]:
    return (
        (point.x() - place.picture.x()) / place.picture.width(),
        (point.y() - place.picture.y()) / place.picture.height(),
    )


def test_drag_moves_the_picture_with_the_pointer_and_r_resets(opened) -> None:
    canvas = opened.window.canvas
    opened.controller.set_viewport(Viewport(4.0, (0.5, 0.5)))
    opened.window.refresh()
    start = canvas.places()[0][2].area.center().toPoint()
    grabbed = fraction_at(canvas.places()[0][2], QPointF(start))
    QTest.mousePress(canvas, LEFT, NONE, start)
    end = start + QPoint(60, 25)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, LEFT, NONE, end)
    QApplication.processEvents()
    assert fraction_at(canvas.places()[0][2], QPointF(end)) == pytest.approx(grabbed, abs=1e-6)
    press(opened, KEYS.Key_R)
    assert opened.state.viewport == Viewport()


def test_double_click_fills_the_canvas_and_brings_all_tiles_back(opened) -> None:
    canvas = opened.window.canvas
    QTest.mouseDClick(canvas, LEFT, NONE, canvas.places()[4][2].area.center().toPoint())
    assert [tile.title for tile, _, _ in canvas.places()] == ["P3"]
    QTest.mouseDClick(canvas, LEFT, NONE, canvas.places()[0][2].area.center().toPoint())
    assert len(canvas.places()) == 7


def test_tab_walks_the_tiles(opened) -> None:
    for title in ("Detections", "C3", "C4"):
        press(opened, KEYS.Key_Tab)
        assert [tile.title for tile, _, _ in opened.window.canvas.places()] == [title]


def test_held_shift_hides_maps_and_boxes(opened) -> None:
    canvas = opened.window.canvas
    dressed = canvas.grab().toImage()
    QTest.keyPress(canvas, KEYS.Key_Shift)
    bare = canvas.grab().toImage()
    QTest.keyRelease(canvas, KEYS.Key_Shift)
    assert bare != dressed
    assert canvas.grab().toImage() == dressed


def test_question_mark_shows_all_keys_and_escape_hides_them(opened) -> None:
    press(opened, KEYS.Key_Question, SHIFT)
    assert opened.window.keylist.isVisible()
    press(opened, KEYS.Key_Escape)
    assert not opened.window.keylist.isVisible()


def test_a_lost_engine_is_said_and_restarted_where_it_stood(opened) -> None:
    opened.show(123)
    picture = opened.window.canvas.plan.frame
    opened.engine.die()
    QApplication.processEvents()
    notice = opened.window.notice
    assert notice.isVisible()
    assert "frame 123" in notice.text.text()
    assert opened.window.canvas.plan.frame is picture
    QTest.mouseClick(notice.restart, LEFT)
    QApplication.processEvents()
    assert opened.engine.restarts == [(123, True)]
    assert opened.state.phase is EnginePhase.READY
    assert not notice.isVisible()


def test_a_failure_is_said_and_the_window_lives_on(open_window, qapp) -> None:
    opened = open_window()
    opened.engine.post(Failed(FailedPart.SOURCE, "no file 'gone.mp4'; give a video file"))
    qapp.processEvents()
    assert opened.window.notice.text.text() == "No file 'gone.mp4'; give a video file"
    press(opened, KEYS.Key_V)
    assert opened.state.overlays is False


def test_without_a_model_the_video_plays_and_its_message_stays(starting) -> None:
    starting.engine.open_source()
    starting.show(0)
    starting.engine.post(Failed(FailedPart.MODEL, "no model 'nothing.pt'"))
    QApplication.processEvents()
    for key in (KEYS.Key_Space, KEYS.Key_Space, KEYS.Key_Space):
        press(starting, key)
        starting.show(starting.engine.transport.index + 1)
        assert starting.window.notice.isVisible()
        assert not starting.window.loading.isVisible()
        assert not starting.window.placeholder.isVisible()
    press(starting, KEYS.Key_Escape)
    starting.show(9)
    assert not starting.window.notice.isVisible()
    assert not starting.window.loading.isVisible()


def test_a_dead_engine_does_not_look_as_if_it_played(opened) -> None:
    opened.engine.die()
    QApplication.processEvents()
    press(opened, KEYS.Key_Space)
    press(opened, KEYS.Key_L)
    assert opened.window.transport.play.accessibleName() == "Play"
    assert not opened.sent(Play)


def test_where_a_bug_arose_can_be_copied(opened) -> None:
    notice = opened.window.notice
    opened.engine.post(Failed(FailedPart.ENGINE, "KeyError: 3", "Traceback (most recent call last): …"))
    QApplication.processEvents()
    assert notice.text.text() == "KeyError: 3"
    QTest.mouseClick(notice.copy, LEFT)
    assert QApplication.clipboard().text() == "KeyError: 3\n\nTraceback (most recent call last): …"
    opened.engine.post(Failed(FailedPart.SOURCE, "frame 30 cannot be decoded"))
    QApplication.processEvents()
    assert not notice.copy.isVisible()


def test_a_warning_can_be_dismissed(opened) -> None:
    opened.engine.post(Failed(FailedPart.TAPS, "no reducer 'foo'"))
    QApplication.processEvents()
    assert opened.window.notice.isVisible()
    assert not opened.window.notice.restart.isVisible()
    QTest.mouseClick(opened.window.notice.dismiss, LEFT)
    assert not opened.window.notice.isVisible()


def test_the_first_frame_is_there_while_the_detector_loads(starting) -> None:
    assert starting.window.placeholder.isVisible()
    starting.engine.open_source()
    starting.show(0)
    assert not starting.window.placeholder.isVisible()
    assert starting.window.canvas.paints == 1
    assert starting.window.loading.isVisible()
    assert starting.window.loading.text == "Loading detector yolo11n …"
    starting.engine.load_detector()
    starting.show(1)
    assert not starting.window.loading.isVisible()
    assert len(starting.window.canvas.places()) == 7


def test_how_far_it_is_with_what_it_loads_is_said_in_a_number_where_it_knows(starting) -> None:
    starting.engine.post(Loading("downloading yolo11n.pt", 0.424))
    QApplication.processEvents()
    assert starting.window.loading.text == "Downloading yolo11n.pt · 42 %"
    starting.engine.post(Loading("loading yolo11n.pt"))
    QApplication.processEvents()
    assert starting.window.loading.text == "Loading yolo11n.pt"


def test_a_live_source_cannot_be_scrubbed_and_its_drops_are_counted(live) -> None:
    timeline = live.window.timeline
    QTest.mouseClick(timeline, LEFT, NONE, timeline.point_of(0.5).toPoint())
    assert live.engine.sent == []
    assert not live.window.transport.back.isEnabled()
    live.engine.post(Report(21.0, Counters(dropped=9), SourceStatus(Link.LOST, "camera 0 is gone; trying again")))
    QApplication.processEvents()
    assert live.window.status.numbers["dropped"].text == "9"
    assert live.window.notice.text.text() == "Camera 0 is gone; trying again"


def test_every_control_has_a_name_and_a_tooltip(opened) -> None:
    for kind in (QAbstractButton, QSlider, QComboBox, QLineEdit):
        for control in opened.window.findChildren(kind):
            if control.objectName().startswith("qt_") or not control.isEnabled():
                continue
            tooltip = control.toolTip() or control.parentWidget().toolTip()
            assert tooltip, control
            assert control.accessibleName() or control.text(), control


class PaintWatch(QObject):
    paints = 0

    def eventFilter(self, _watched, event) -> bool:  # noqa: N802 - Qt's name
        self.paints += event.type() == QEvent.Type.Paint
        return False


def test_a_frame_is_painted_once_and_counted(opened) -> None:
    canvas = opened.window.canvas
    before = canvas.paints
    for index in range(60, 70):
        opened.show(index)
    assert canvas.paints == before + 10
    # What else the engine tells is no reason to paint the pictures again.
    watch = PaintWatch()
    canvas.installEventFilter(watch)
    opened.engine.post(Report(22.0, Counters(processed=50), SourceStatus()))
    wait(lambda: opened.window.status.numbers["inference"].text == "22.0 fps")  # at the pace to read it
    assert watch.paints == 0
    opened.show(70)
    assert watch.paints == 1


def test_a_hundred_wakes_cost_one_fetch(opened) -> None:
    fetched = []
    opened.window.bridge._fetch = lambda: fetched.append(1)
    for _ in range(100):
        opened.window.bridge.wake()
    QApplication.processEvents()
    assert len(fetched) == 1


@pytest.mark.usefixtures("qapp")
def test_a_number_wider_than_expected_is_not_cut() -> None:
    readout = Readout("total", "000.0 ms")
    before = readout.width()
    readout.set_text("12.5 ms")
    assert readout.width() == before
    readout.set_text("123456.7 ms")
    assert readout.width() >= readout.fontMetrics().horizontalAdvance("123456.7 ms")
    readout.deleteLater()


def test_a_refused_model_offers_another_first_and_is_waited_for_no_longer(starting) -> None:
    starting.engine.open_source()
    QApplication.processEvents()
    starting.engine.post(Failed(FailedPart.MODEL, "No detector is in 'resnet18.pt'"))
    QApplication.processEvents()
    notice, placeholder = starting.window.notice, starting.window.placeholder
    assert (placeholder._title, placeholder._text) == ("No model", "The message above says why.")
    assert placeholder.isVisible()
    assert (notice.open.objectName(), notice.restart.objectName()) == ("primary", "")
    assert notice.open.isVisible()
    assert notice.restart.isVisible()
    starting.engine.post(Failed(FailedPart.ENGINE, "KeyError: 3"))
    QApplication.processEvents()
    assert (notice.open.objectName(), notice.restart.objectName()) == ("", "primary")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("stage model.4 has channels 0 to 127, not 200", "Stage model.4 has channels 0 to 127, not 200"),
        ("yolo11n.pt is no detector", "yolo11n.pt is no detector"),
        ("cuda:0 is not there", "cuda:0 is not there"),
        ("KeyError: 3", "KeyError: 3"),
    ],
)
def test_a_message_over_the_pictures_begins_as_a_sentence(opened, said, shown) -> None:
    opened.engine.post(Failed(FailedPart.TAPS, said))
    QApplication.processEvents()
    assert opened.window.notice.text.text() == shown


def test_nothing_offers_to_move_while_there_is_no_engine(opened) -> None:
    bar = opened.window.transport
    finder = bar.finder
    movers = (bar.back, bar.play, bar.forward, finder.previous, finder.choice, finder.lost, finder.next)
    assert all(mover.isEnabled() for mover in movers)
    opened.engine.die()
    opened.window.refresh()
    assert not any(mover.isEnabled() for mover in movers)
    QTest.mouseClick(opened.window.notice.restart, Qt.MouseButton.LeftButton)
    opened.window.refresh()
    QApplication.processEvents()
    assert all(mover.isEnabled() for mover in movers)
