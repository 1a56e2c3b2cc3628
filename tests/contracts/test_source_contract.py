"""What every source promises (`viewer.core.protocols.Source`), run over every implementation.

A new source is one more line in COUNTED or LIVE.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.sources.cameras import FakeCamera
from tests.sources.clips import CLIPS, number_in, numbered
from tests.sources.servers import HttpServer, RtspServer, Server, UdpSender
from viewer.core.errors import SeekError, SourceInterruptedError
from viewer.core.frame import Frame, Link
from viewer.core.protocols import Source
from viewer.sources import open_source
from viewer.sources.camera import open_camera
from viewer.sources.stream import open_stream

Opener = Callable[[Path, ExitStack], Source]


def _clip(name: str) -> Opener:
    clip = next(clip for clip in CLIPS if clip.name == name)
    return lambda folder, _: open_source(str(clip.write(folder)))


def _folder(folder: Path, _: ExitStack) -> Source:
    for number in range(12):
        cv2.imwrite(str(folder / f"img{number}.png"), numbered(number)[..., ::-1])
    return open_source(str(folder))


def _pattern(folder: Path, stack: ExitStack) -> Source:
    _folder(folder, stack).close()
    return open_source(str(folder / "img?.png"))


def _image(folder: Path, _: ExitStack) -> Source:
    cv2.imwrite(str(folder / "one.png"), numbered(0)[..., ::-1])
    return open_source(str(folder / "one.png"))


def _stream(server: type[Server]) -> Opener:
    return lambda _, stack: open_stream(stack.enter_context(server()).url, open_timeout_s=20)


def _camera(_: Path, __: ExitStack) -> Source:
    return open_camera(0, device=FakeCamera())


COUNTED: dict[str, Opener] = {
    "mp4": _clip("h264.mp4"),
    "avi": _clip("mpeg4.avi"),
    "open group": _clip("open_group.ts"),
    "images": _folder,
    "pattern": _pattern,
    "image": _image,
}
LIVE: dict[str, Opener] = {
    "camera": _camera,
    "http": _stream(HttpServer),
    "tcp": _stream(Server),
    "udp": _stream(UdpSender),
    "rtsp": _stream(RtspServer),
}


@pytest.fixture
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    threads = set(threading.enumerate())
    with ExitStack() as stack:
        source = (COUNTED | LIVE)[request.param](tmp_path, stack)
        stack.callback(source.close)
        yield source
    assert set(threading.enumerate()) <= threads, "a thread outlived its source"


every = pytest.mark.parametrize("source", [*COUNTED, *LIVE], indirect=True)
counted = pytest.mark.parametrize("source", COUNTED, indirect=True)
live = pytest.mark.parametrize("source", LIVE, indirect=True)


def take(source: Source, count: int) -> list[Frame]:
    frames: list[Frame] = []
    for frame in source:
        frames.append(frame)
        if len(frames) == count:
            break
    return frames


@every
def test_frames_are_read_only_rgb_in_order_and_start_at_zero(source: Source):
    frames = take(source, 8)
    for frame in frames:
        assert frame.rgb.dtype == np.uint8
        assert frame.rgb.shape == (*source.info.image_hw, 3)
        assert frame.rgb.flags.c_contiguous
        assert not frame.rgb.flags.writeable
        assert frame.arrived_s <= time.perf_counter()
        assert frame.decode_ms >= 0
    assert {frame.live for frame in frames} == {source.info.is_live}
    if source.info.is_live:  # a newer frame may have come before the first read
        assert frames[0].index <= source.status.dropped
        assert (frames[0].pts_s == 0.0) == (frames[0].index == 0)
    else:
        assert frames[0].index == 0
        assert frames[0].pts_s == 0.0
    assert (np.diff([frame.index for frame in frames]) > 0).all()
    assert (np.diff([frame.pts_s for frame in frames]) > 0).all()
    assert source.status.link is Link.UP
    assert source.status.text == ""


@counted
def test_count_is_true_and_the_end_lasts(source: Source):
    frames = list(source)
    assert len(frames) == source.info.frame_count
    assert [number_in(frame.rgb) for frame in frames] == list(range(len(frames)))
    assert next(source, None) is None
    assert next(source, None) is None


@counted
def test_a_quick_frame_can_be_shown_and_one_that_is_not_there_is_refused(source: Source):
    count = source.info.frame_count or 0
    for index in np.random.default_rng(1).permutation(count)[:10]:
        quick = source.quick_index(int(index))
        source.seek(quick)
        (frame,) = take(source, 1)
        assert (frame.index, number_in(frame.rgb)) == (quick, quick)
    with pytest.raises(SeekError, match=f"no frame {count} "):
        source.quick_index(count)


@live
def test_a_live_source_has_no_quick_frames(source: Source):
    with pytest.raises(SeekError, match="live"):
        source.quick_index(0)


@counted
def test_seek_shows_that_frame_and_goes_on_from_there(source: Source):
    count = source.info.frame_count or 0
    for index in np.random.default_rng(0).permutation(count):
        source.seek(int(index))
        following = take(source, 2)
        assert [frame.index for frame in following] == list(range(index, min(index + 2, count)))
        assert [number_in(frame.rgb) for frame in following] == [frame.index for frame in following]


@counted
def test_seek_works_after_the_end(source: Source):
    list(source)
    source.seek(0)
    assert next(source).index == 0


@counted
@pytest.mark.parametrize("index", [-1, 10_000])
def test_failed_seek_moves_nothing(source: Source, index: int):
    take(source, 1)
    with pytest.raises(SeekError, match=str(index)):
        source.seek(index)
    assert [frame.index for frame in take(source, 1)] == ([1] if source.info.frame_count != 1 else [])


@counted
def test_index_at_finds_every_frame_by_its_time(source: Source):
    frames = list(source)
    assert [source.index_at(frame.pts_s) for frame in frames] == [frame.index for frame in frames]
    assert source.index_at(-1) == 0
    assert source.index_at(1e6) == len(frames) - 1


@live
def test_live_source_has_no_past(source: Source):
    assert source.info.is_live
    assert source.info.frame_count is None
    with pytest.raises(SeekError, match="live"):
        source.seek(0)
    with pytest.raises(SeekError, match="live"):
        source.index_at(0)


@live
def test_newest_frame_wins_and_drops_are_counted(source: Source):
    next(source)
    until = time.monotonic() + 10
    while source.status.dropped < 3 and time.monotonic() < until:
        time.sleep(0.01)
    later = take(source, 2)
    dropped_until_then = later[-1].index + 1 - 3  # every other frame up to the last was read
    assert 3 <= dropped_until_then <= source.status.dropped


@every
def test_interrupt_holds_for_one_read(source: Source):
    take(source, 1)
    source.interrupt()
    with pytest.raises(SourceInterruptedError):
        next(source)
    take(source, 1)


@every
def test_close_ends_reads_and_may_be_repeated_by_any_thread(source: Source):
    take(source, 1)
    closer = threading.Thread(target=source.close)
    closer.start()
    closer.join(1)
    assert not closer.is_alive()
    source.close()
    with pytest.raises(SourceInterruptedError):
        next(source)


@pytest.mark.parametrize("call", ["interrupt", "close"])
@pytest.mark.parametrize("server", [HttpServer, Server, RtspServer])
def test_a_waiting_read_is_called_back(server: type[Server], call: str):
    with server(frames=20, hangs=True) as sender, open_stream(sender.url, read_timeout_s=30) as source:
        assert _called_back(source, call)


@pytest.mark.parametrize("call", ["interrupt", "close"])
def test_a_read_waiting_for_a_camera_is_called_back(call: str):
    camera = FakeCamera()
    with open_camera(0, device=camera, silence_s=30) as source:
        camera.plugged.clear()
        assert _called_back(source, call)
    assert camera.opened == camera.released


def _called_back(source: Source, call: str) -> bool:
    """Read until frames stop coming, then make the call from this thread; whether the read ended within a second."""
    caught: list[Exception] = []
    read = threading.Semaphore(0)

    def keep_reading() -> None:
        try:
            for _ in source:
                read.release()
        except SourceInterruptedError as error:
            caught.append(error)

    reader = threading.Thread(target=keep_reading)
    reader.start()
    while read.acquire(timeout=0.3):
        pass
    getattr(source, call)()
    reader.join(1)
    return not reader.is_alive() and len(caught) == 1
