"""Opening something else: what plays goes on until it is there, and stays where it is refused or given up."""

from fractions import Fraction

import pytest

from tests.session.conftest import CAMERA, CLIP, DETECTOR, STAGES, FakeEngine
from viewer.config import Config
from viewer.config.recents import LastSession, Recents, RecentsFile
from viewer.core import SourceInfo, SourceKind, TapSettings
from viewer.core.looprange import LoopRange
from viewer.core.messages import (
    DetectorReady,
    Failed,
    FailedPart,
    Loading,
    Pause,
    Play,
    Seek,
    SetLoop,
    SetThresholds,
    SetThrottle,
    SourceOpened,
    TapsChanged,
    Transport,
)
from viewer.session import Controller, EnginePhase, Wanted
from viewer.session.next_config import config_for
from viewer.session.trial import Verdict, judge
from viewer.session.wanted import remembered, to_continue

OTHER = SourceInfo("other.mp4", "other.mp4", SourceKind.VIDEO, (720, 1280), Fraction(30), 90, 3.0)
READY = [SourceOpened(OTHER), DetectorReady(DETECTOR, STAGES), TapsChanged((STAGES[2],), TapSettings())]


class Engines:
    """Makes engines and keeps them with what they were given."""

    def __init__(self) -> None:
        self.made: list[tuple[Config, FakeEngine]] = []

    def __call__(self, config: Config, *, index: int, playing: bool) -> FakeEngine:
        self.made.append((config, FakeEngine()))
        self.begun = (index, playing)
        return self.made[-1][1]

    @property
    def config(self) -> Config:
        return self.made[-1][0]

    @property
    def newest(self) -> FakeEngine:
        return self.made[-1][1]


@pytest.fixture
def engines() -> Engines:
    return Engines()


@pytest.fixture
def playing(engines, packet, tmp_path):
    """A session that plays CLIP, and its first engine."""
    first = FakeEngine()
    memory = RecentsFile(tmp_path / "recent.yaml")
    controller = Controller(first, Config(source="clip.mp4", model="a.pt"), connect=engines, memory=memory)
    controller.start(lambda: None)
    first.events = [SourceOpened(CLIP), *READY[1:], Transport(playing=True, index=7)]
    first.packet = packet()
    controller.pump()
    first.sent.clear()
    yield controller, first
    controller.close()


def test_what_plays_goes_on_until_the_other_is_there(playing, engines, packet) -> None:
    controller, first = playing
    controller.open(Wanted(source="other.mp4"))
    assert engines.config.source == "other.mp4"
    assert engines.begun == (0, True)
    engines.newest.events = [Loading("Loading a.pt", 0.5), SourceOpened(OTHER)]
    first.packet = packet(8)
    controller.pump()
    assert controller.packet.frame.index == 8
    assert controller.state.source == CLIP
    assert controller.state.opening.text == "other.mp4"
    assert controller.state.opening.loading == Loading("Loading a.pt", 0.5)
    engines.newest.events = [*READY[1:], Transport(playing=True, index=0)]
    controller.pump()
    assert controller.state.source == OTHER
    assert controller.state.phase is EnginePhase.READY
    assert controller.state.opening is None
    controller.pause()
    assert isinstance(engines.newest.sent[-1], Pause)
    assert Pause() not in first.sent


def test_the_engine_before_is_ended(playing, engines) -> None:
    controller, first = playing
    controller.open(Wanted(source="other.mp4"))
    engines.newest.events = list(READY)
    controller.pump()
    controller.close()
    assert (first.closed, engines.newest.closed) == (1, 1)


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        (Wanted(source="gone.mp4"), FailedPart.SOURCE),
        (Wanted(model="bad.pt"), FailedPart.MODEL),
        (Wanted(source="a.mp4"), FailedPart.ENGINE),
    ],
)
def test_what_is_refused_leaves_one_line_and_everything_as_it_was(playing, engines, wanted, part) -> None:
    controller, first = playing
    before = controller.state
    controller.open(wanted)
    engines.newest.events = [Failed(part, "no such thing; give another")]
    controller.pump()
    assert controller.state.refusal == "no such thing; give another"
    controller.dismiss_notice()
    assert controller.state == before
    assert first.closed == 0
    controller.play()
    assert first.sent[-1] == Play()


def test_an_engine_that_dies_while_it_opens_is_a_refusal(playing, engines) -> None:
    controller, _ = playing
    controller.open(Wanted(model="crash.pt"))
    engines.newest.is_alive = False
    controller.pump()
    assert controller.state.refusal == "the engine ended while it opened crash.pt"
    assert controller.state.phase is EnginePhase.READY


def test_cancelled_it_is_as_if_nothing_was_asked(playing, engines) -> None:
    controller, first = playing
    before = controller.state
    controller.open(Wanted(model="huge.pt"))
    controller.cancel()
    assert controller.state == before
    controller.close()
    assert engines.newest.closed == 1
    assert first.closed == 1


def test_the_second_thing_wanted_takes_the_place_of_the_first(playing, engines) -> None:
    controller, _ = playing
    controller.open(Wanted(source="one.mp4"))
    controller.open(Wanted(source="two.mp4"))
    assert controller.state.opening.text == "two.mp4"
    engines.made[0][1].events = list(READY)
    controller.pump()
    assert controller.state.source == CLIP


def test_another_model_begins_at_the_frame_that_is_shown_and_plays_on(playing, engines, packet) -> None:
    controller, first = playing
    controller.open(Wanted(model="b.pt"))
    assert engines.begun == (7, False)
    first.packet = packet(12)
    controller.pump()
    engines.newest.events = [SourceOpened(CLIP), *READY[1:]]
    controller.pump()
    assert Seek(12) in engines.newest.sent
    assert engines.newest.sent[-1] == Play()


def test_another_model_forgets_what_meant_something_to_the_one_before(playing, engines) -> None:
    controller, _ = playing
    controller.set_conf(0.6)
    controller.set_reducer("channel:17")
    controller.open(Wanted(model="b.pt"))
    config = engines.config
    assert (config.tap, config.reducer, config.conf) == (None, "absmean", 0.6)
    engines.newest.events = [SourceOpened(CLIP), *READY[1:]]
    controller.pump()
    sent = [intent for intent in engines.newest.sent if isinstance(intent, SetThresholds)]
    assert sent[-1].thresholds.conf == 0.6


def test_another_source_keeps_what_the_user_set(playing, engines) -> None:
    controller, _ = playing
    controller.toggle_tap("model.4", True)
    controller.set_speed(2.0)
    controller.open(Wanted(source="other.mp4"))
    assert engines.config.tap == ("model.4", "model.16")
    assert engines.config.speed == 2.0


def test_a_camera_that_is_held_is_let_go_first_and_taken_back(engines, packet) -> None:
    first = FakeEngine()
    controller = Controller(first, Config(source="0"), connect=engines)
    controller.start(lambda: None)
    first.events = [SourceOpened(CAMERA), *READY[1:], Transport(playing=True, index=7)]
    first.packet = packet()
    controller.pump()
    controller.open(Wanted(model="bad.pt"))
    first.is_alive = False
    controller.pump()
    assert controller.state.phase is not EnginePhase.LOST
    engines.newest.events = [Failed(FailedPart.MODEL, "bad.pt is no model")]
    controller.pump()
    assert controller.state.refusal == "bad.pt is no model"
    assert engines.config.model == "demo"
    assert engines.begun == (7, True)
    controller.close()
    assert [engine.closed for _, engine in engines.made] == [1, 1]


def test_loading_given_up_with_nothing_before_leaves_an_empty_window(engines) -> None:
    first = FakeEngine()
    controller = Controller(first, Config(), connect=engines)
    controller.start(lambda: None)
    controller.cancel()
    first.is_alive = False
    controller.pump()
    assert controller.state.phase is EnginePhase.EMPTY
    controller.open(Wanted(source="other.mp4"))
    engines.newest.events = [SourceOpened(OTHER)]
    controller.pump()
    assert controller.state.source == OTHER  # nothing to keep, so the first frame is shown while the network loads
    assert controller.state.opening is None
    controller.close()


def test_a_welcome_starts_no_engine_and_a_restart_does(engines) -> None:
    first = FakeEngine()
    first.is_alive = False
    controller = Controller(first, Config(), connect=engines, welcome=True)
    controller.start(lambda: None)
    controller.pump()
    assert controller.state.phase is EnginePhase.EMPTY
    assert first.wake is None
    controller.restart_engine()
    assert engines.begun == (0, True)
    controller.close()


def test_a_word_that_is_no_setting_is_refused_before_any_engine(playing, engines) -> None:
    controller, _ = playing
    controller.open(Wanted(source="0", size="wide"))
    assert "size" in controller.state.refusal
    assert engines.made == []


def test_what_was_opened_is_remembered_and_what_was_refused_is_not(playing, engines, tmp_path) -> None:
    controller, _ = playing
    controller.open(Wanted(source="gone.mp4"))
    engines.newest.events = [Failed(FailedPart.SOURCE, "no file gone.mp4")]
    controller.pump()
    controller.open(Wanted(source="rtsp://me:secret@cam/1"))
    engines.newest.events = list(READY)
    controller.pump()
    assert controller.state.recents.sources == ("rtsp://cam/1", "clip.mp4")
    controller.close()
    kept = RecentsFile(tmp_path / "recent.yaml").load()
    assert kept == Recents(
        ("rtsp://cam/1", "clip.mp4"), ("a.pt",), LastSession("rtsp://cam/1", "a.pt", 7, settings=kept.last.settings)
    )
    assert "secret" not in (tmp_path / "recent.yaml").read_text()


def test_the_demo_alone_needs_no_remembering(engines, tmp_path) -> None:
    first = FakeEngine()
    controller = Controller(first, Config(), connect=engines, memory=RecentsFile(tmp_path / "recent.yaml"))
    controller.start(lambda: None)
    first.events = list(READY)
    controller.pump()
    controller.close()
    assert not (tmp_path / "recent.yaml").exists()


def test_code_is_run_only_once_the_user_says_so(playing, engines) -> None:
    controller, _ = playing
    controller.open(Wanted(model="mine.py"))
    assert engines.made == []
    assert controller.state.asking == Wanted(model="mine.py")
    controller.answer(False)
    assert (engines.made, controller.state.asking) == ([], None)
    controller.open(Wanted(model="mine.py"))
    controller.answer(True)
    assert engines.config.model == "mine.py"
    assert controller.state.asking is None


def test_a_reducer_of_the_users_is_run_only_once_he_says_so_and_then_without_asking(playing) -> None:
    controller, engine = playing
    own, other = "mine.py:Mine", "mine.py:Other"
    sent = len(engine.sent)
    controller.set_reducer(own)
    assert controller.state.asking == Wanted(reducer=own)
    assert controller.state.asking.code == ("mine.py",)
    controller.answer(False)
    assert (len(engine.sent), controller.state.asking) == (sent, None)
    controller.set_reducer(own)
    controller.answer(True)
    assert engine.sent[-1].settings.reducer == own
    controller.set_reducer(other)
    assert (engine.sent[-1].settings.reducer, controller.state.asking) == (other, None)


def test_a_session_that_was_kept_with_such_a_reducer_asks_as_well(playing, engines) -> None:
    controller, _ = playing
    last = LastSession("b.mp4", "demo", settings={"reducer": "mine.py:Mine"})
    controller.open(to_continue(last))
    assert controller.state.asking.code == ("mine.py",)
    assert engines.made == []
    controller.answer(True)
    assert engines.config.reducer == "mine.py:Mine"


def test_a_place_in_one_picture_means_nothing_in_another(playing, engines) -> None:
    controller, _ = playing
    controller.set_reducer("similarity:30,40")
    controller.open(Wanted("b.mp4"))
    assert engines.config.reducer == "absmean"


# --- values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "events", "impatient", "verdict"),
    [
        (Wanted(source="a"), [], False, Verdict.OPEN),
        (Wanted(source="a"), READY[:1], False, Verdict.OPEN),
        (Wanted(source="a"), READY[:1], True, Verdict.READY),
        (Wanted(source="a"), READY[:2], False, Verdict.READY),
        (Wanted(source="a"), [READY[0], Failed(FailedPart.MODEL, "")], False, Verdict.READY),
        (Wanted(model="m"), [READY[0], Failed(FailedPart.MODEL, "")], False, Verdict.REFUSED),
        (Wanted(model="m"), [Failed(FailedPart.SOURCE, ""), READY[1]], False, Verdict.READY),
        (Wanted(source="a"), [Failed(FailedPart.SOURCE, "")], True, Verdict.REFUSED),
        (Wanted(source="a"), [*READY[:2], Failed(FailedPart.TAPS, "")], False, Verdict.READY),
    ],
)
def test_what_was_asked_for_must_be_there_and_the_rest_only_settled(wanted, events, impatient, verdict) -> None:
    assert judge(wanted, events, impatient=impatient) is verdict


def test_code_is_seen_in_whatever_would_be_run() -> None:
    assert Wanted(model="/m/mine.PY").code == ("/m/mine.PY",)
    assert Wanted(model="net.onnx", decode="read.py").code == ("read.py",)
    assert Wanted(source="clip.py", model="a.pt").code == ()
    assert Wanted(reducer="shots/.py:Mine").code == ("shots/.py",)
    last = LastSession("a.mp4", "net.py", decode="net.py", settings={"reducer": "mine.py:Mine"})
    assert to_continue(last).code == ("net.py", "mine.py"), "all are named before any is run"


def test_words_for_what_is_opened_hold_no_secret() -> None:
    assert Wanted(source="rtsp://a:b@host/x", model="/m/best.pt").text == "rtsp://host/x and best.pt"


def test_trust_in_one_checkpoint_is_none_in_the_next(controller) -> None:
    trusting = Config(model="a.pt", trust_checkpoint=True, weights="w.pth", classes=("car",))
    other = config_for(Wanted(model="b.pt"), trusting, controller.state)
    assert (other.trust_checkpoint, other.weights, other.classes) == (False, None, None)
    assert config_for(Wanted(source="b.mp4"), trusting, controller.state).trust_checkpoint


def test_the_last_session_comes_back_as_it_was() -> None:
    last = LastSession("a.mp4", "net.onnx", 40, "w", "yolo")
    assert to_continue(last) == Wanted("a.mp4", "net.onnx", None, None, 40, "w", "yolo", last)


def test_a_continued_session_is_looked_at_as_it_was(playing, engines, tmp_path) -> None:
    controller, _ = playing
    controller.set_conf(0.4)
    controller.set_colormap("viridis")
    controller.set_reducer("rms")
    controller.set_speed(0.5)
    controller.set_span(LoopRange(3, 9))
    controller.move_tile("model.16", "detections")
    order = controller.state.order
    assert order
    controller.close()

    later = Controller(FakeEngine(), Config(), connect=engines, memory=RecentsFile(tmp_path / "recent.yaml"))
    later.start(lambda: None)
    later.open(to_continue(later.state.recents.last))
    assert (engines.config.conf, engines.config.reducer, engines.config.colormap) == (0.4, "rms", "viridis")
    engines.newest.events = [Transport(playing=True), *READY]
    later.pump()
    state = later.state
    assert (state.thresholds.conf, state.colormap) == (0.4, "viridis")
    assert (state.transport.speed, state.transport.span, state.order) == (0.5, LoopRange(3, 9), order)
    assert SetLoop(True, LoopRange(3, 9)) in engines.newest.sent
    later.close()


def test_a_reducer_of_the_users_is_remembered_by_its_full_path(playing, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    controller, _ = playing
    controller.set_reducer("mine.py:Mine")
    controller.answer(True)
    controller.close()
    last = RecentsFile(tmp_path / "recent.yaml").load().last
    assert last.settings["reducer"] == f"{tmp_path / 'mine.py'}:Mine"
    assert to_continue(last).code == (str(tmp_path / "mine.py"),)


def test_what_was_kept_and_means_nothing_by_now_stops_no_session(playing, engines) -> None:
    controller, _ = playing
    for settings in ({"reducer": "gone:9"}, {"conf": "high"}, {"stars": 3}):
        controller.open(Wanted("b.mp4", looked_at=LastSession("b.mp4", "demo", settings=settings, span=(9, 3))))
        assert controller.state.refusal == ""
        assert engines.config.source == "b.mp4"


def test_files_are_remembered_by_their_full_path(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").touch()
    (tmp_path / "0").touch()
    assert remembered("clip.mp4") == str(tmp_path / "clip.mp4")
    assert remembered("yolo11n.pt") == "yolo11n.pt"
    assert remembered("0") == "0"
    assert remembered("demo") is None


def test_what_plays_leaves_the_machine_to_what_opens(playing, engines) -> None:
    controller, old = playing
    old.sent.clear()
    controller.open(Wanted(model="big.pt"))
    assert old.sent == [SetThrottle(True)]
    controller.cancel()
    assert old.sent == [SetThrottle(True), SetThrottle(False)]
    controller.open(Wanted(model="bad.pt"))
    engines.newest.is_alive = False
    controller.pump()
    assert old.sent[-1] == SetThrottle(False)
    assert controller.state.refusal
