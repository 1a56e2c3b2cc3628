"""A camera that suffers one reader only: an engine opens it when the one before has let go, however it came to that."""

import fcntl
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep

import pytest

from viewer.config import Config
from viewer.core.frame import SourceInfo, SourceKind
from viewer.core.messages import Event, Failed, FailedPart, Quit, SourceOpened
from viewer.engine import EngineClient
from viewer.engine.child import EngineProcess
from viewer.engine.turns import Turns
from viewer.session.trial import Retired
from viewer.sources import live_address

STUCK_S = 60
"""Such an engine does not let its camera go by itself in time: its process is ended, two seconds after it was told."""
CAMERA = SourceInfo("0", "camera 0", SourceKind.CAMERA, (48, 64), None)


def run_engine_on_camera(pipe: Connection, lock: str) -> None:
    """An engine whose camera is a file that it locks: the second who tries is refused, as by a real device."""
    with Path(lock).open("w") as device:
        orders = pipe.recv()
        assert orders.config.source in ("0", "/dev/video0")
        try:
            fcntl.flock(device, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pipe.send(Failed(FailedPart.SOURCE, "camera 0 is busy"))
        else:
            pipe.send(SourceOpened(CAMERA))
        while not isinstance(pipe.recv(), Quit):
            pass
        sleep(STUCK_S)


class CameraEngine(EngineProcess):
    """A process that awaits orders, like its parent, and runs that engine."""

    def __init__(self, lock: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=run_engine_on_camera, args=(theirs, str(lock)), daemon=True)
        self.process.start()
        theirs.close()


@pytest.fixture
def clients(tmp_path):
    """Makes clients of such engines, and closes them."""
    made = []
    turns = Turns(patience_s=60)

    def make(source: str = "0", turns: Turns = turns) -> EngineClient:
        made.append(EngineClient(Config(source=source), waiting=lambda: CameraEngine(tmp_path / "camera"), turns=turns))
        return made[-1]

    yield make
    for client in made:
        client.close()
    assert turns.line == []


def first_word(client: EngineClient) -> Event:
    """What an engine says first."""
    deadline_s = perf_counter() + 60
    while not (events := client.take_events()):
        assert perf_counter() < deadline_s
        sleep(0.005)
    return events[0]


def test_an_engine_that_is_restarted_finds_its_camera_free(clients) -> None:
    client = clients()
    client.start(lambda: None)
    assert first_word(client) == SourceOpened(CAMERA)
    client.restart(index=0, playing=True)
    assert first_word(client) == SourceOpened(CAMERA)


def test_an_engine_that_takes_the_place_of_another_finds_the_camera_free(clients) -> None:
    first, second, retired = clients(), clients("/dev/video0"), Retired()
    first.start(lambda: None)
    assert first_word(first) == SourceOpened(CAMERA)
    retired.retire(first)
    second.start(lambda: None)
    assert first_word(second) == SourceOpened(CAMERA)
    retired.join()


def test_one_that_is_given_up_while_it_waits_opens_nothing_and_holds_nobody_up(clients) -> None:
    first, second, third = clients(), clients(), clients()
    for client in (first, second, third):
        client.start(lambda: None)
    assert first_word(first) == SourceOpened(CAMERA)
    second.close()
    assert second.take_events() == []
    first.close()
    assert first_word(third) == SourceOpened(CAMERA)


def test_where_the_other_stays_the_device_says_so_itself(clients) -> None:
    turns = Turns(patience_s=0.05)
    first, second = clients(turns=turns), clients(turns=turns)
    first.start(lambda: None)
    assert first_word(first) == SourceOpened(CAMERA)
    second.start(lambda: None)
    assert first_word(second) == Failed(FailedPart.SOURCE, "camera 0 is busy")
    second.close()
    first.close()
    assert turns.line == []


def test_who_came_first_goes_first() -> None:
    turns = Turns(patience_s=60)
    places = [turns.join("/dev/video0") for _ in range(3)]
    went: list[int] = []

    def take(number: int) -> None:
        if places[number].wait():
            went.append(number)
            places[number].end()

    assert places[0].wait()
    threads = [Thread(target=take, args=(number,)) for number in (2, 1)]
    for thread in threads:
        thread.start()
    assert turns.join("/dev/video1").wait()  # another camera is nobody's business
    assert turns.join(None).wait()
    assert went == []
    places[0].end()
    for thread in threads:
        thread.join()
    assert went == [1, 2]


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("0", "/dev/video0"),
        (" /dev/video0", "/dev/video0"),
        ("rtsp://192.0.2.7/front", "rtsp://192.0.2.7/front"),
        ("street.mp4", None),
        ("file:///a.mp4", None),
        ("shots/*.png", None),
    ],
)
def test_what_is_live_has_one_address(uri, address) -> None:
    assert live_address(uri) == address
