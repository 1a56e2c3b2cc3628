"""Packets through shared memory, without a process."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from viewer.core.boxes import Boxes
from viewer.core.errors import EngineError
from viewer.core.frame import Frame
from viewer.core.geometry import Letterbox
from viewer.core.messages import PacketReady, RingOpened, Transport
from viewer.core.packet import FramePacket, TapMap
from viewer.core.shapes import MaskOutlines, Shapes
from viewer.core.stage import Role, Stage
from viewer.engine.outbox import Outbox
from viewer.engine.pace import DisplayPace
from viewer.engine.ring import SLOTS, RingReader
from viewer.engine.ring_writer import RingWriter, take_apart
from viewer.session.keep import kept


def packet(index: int = 0, hw: tuple[int, int] = (36, 64)) -> FramePacket:
    rng = np.random.default_rng(index)
    rgb = rng.integers(0, 256, (*hw, 3), dtype=np.uint8)
    rgb.setflags(write=False)
    boxes = Boxes(
        rng.random((3, 4), np.float32), np.array([0.9, 0.5, 0.1], np.float32), np.arange(3, dtype=np.int32),
        np.full(3, 8, np.int32),
    )  # fmt: skip
    stage = Stage("model.4", Role.BACKBONE, 8, 16, (4, 8), name="C3")
    codes = rng.integers(0, 256, (4, 8), dtype=np.uint8)
    tap = TapMap(stage, "absmean", codes, (0.0, 1.5), 0.4, 1.4, 0)
    return FramePacket(Frame(rgb, index, index / 25, 1.0), Letterbox.fit(hw, (64, 64)), boxes, boxes, (tap,))


def shapes() -> Shapes:
    ring = np.array([[1, 2], [3, 2], [3, 4]], np.float32)
    return Shapes(np.array([0, 2], np.int32), MaskOutlines.of([[ring], [ring + 5]]), np.ones((2, 17, 3), np.float32))


def same(a: FramePacket, b: FramePacket) -> bool:
    return (
        a.frame.index == b.frame.index
        and np.array_equal(a.frame.rgb, b.frame.rgb)
        and np.array_equal(a.detections.xyxy, b.detections.xyxy)
        and np.array_equal(a.taps[0].codes, b.taps[0].codes)
        and a.letterbox == b.letterbox
        and a.taps[0].stage == b.taps[0].stage
    )


@pytest.fixture
def ring() -> Iterator[tuple[RingWriter, RingReader]]:
    writer = RingWriter(take_apart(packet()).slot_bytes)
    reader = RingReader(writer.opened)
    yield writer, reader
    assert reader.close()
    writer.close()


def test_masks_and_poses_come_along_in_place():
    sent = replace(packet(), shapes=shapes())
    writer = RingWriter(take_apart(sent).slot_bytes)
    reader = RingReader(writer.opened)
    writer.write(1, take_apart(sent))
    read = reader.read(1).shapes
    assert (read.masks.rings(1)[0] == sent.shapes.masks.rings(1)[0]).all()
    assert (read.keypoints == 1).all()
    assert not read.keypoints.flags.writeable
    assert not read.keypoints.flags.owndata
    del read
    assert reader.close()
    writer.close()


def test_a_packet_is_read_in_place_and_cannot_be_written(ring):
    writer, reader = ring
    writer.write(2, take_apart(packet(5)))
    read = reader.read(2)
    assert same(read, packet(5))
    assert not read.frame.rgb.flags.writeable
    assert not read.frame.rgb.flags.owndata
    writer.write(2, take_apart(packet(6)))
    assert np.array_equal(read.frame.rgb, packet(6).frame.rgb), "the array is the slot, not a copy of it"


def test_the_picture_lies_there_as_a_window_paints_it():
    sent = packet(0, (600, 1000))
    writer = RingWriter(take_apart(sent).slot_bytes)
    reader = RingReader(writer.opened)
    writer.write(0, take_apart(sent))
    frame = reader.read(0).frame
    assert [level.shape for level in frame.levels] == [(600, 1000, 4), (300, 500, 4)]
    assert not any(level.flags.writeable for level in frame.levels)
    assert np.shares_memory(frame.rgb, frame.levels[0])
    own = kept(reader.read(0)).frame
    assert np.shares_memory(own.rgb, own.levels[0])
    assert not np.shares_memory(own.rgb, frame.rgb)
    del frame
    assert reader.close()
    writer.close()


def test_slots_do_not_touch_each_other(ring):
    writer, reader = ring
    for slot in range(SLOTS):
        writer.write(slot, take_apart(packet(slot)))
    for slot in range(SLOTS):
        assert same(reader.read(slot), packet(slot))


def test_a_larger_packet_does_not_fit(ring):
    writer, _ = ring
    assert not writer.fits(take_apart(packet(0, (720, 1280))))


def test_the_name_is_gone_once_the_window_has_opened_it(ring):
    writer, _ = ring
    if Path("/dev/shm").is_dir():
        assert not (Path("/dev/shm") / writer.name).exists()


def test_closing_waits_for_whoever_holds_an_array():
    writer = RingWriter(take_apart(packet()).slot_bytes)
    reader = RingReader(writer.opened)
    writer.write(0, take_apart(packet()))
    held = reader.read(0)
    assert not reader.close()
    assert same(held, packet())
    del held
    assert reader.close()
    writer.close()


def test_an_array_may_outlive_its_ring():
    writer = RingWriter(take_apart(packet()).slot_bytes)
    reader = RingReader(writer.opened)
    writer.write(0, take_apart(packet()))
    held = reader.read(0)
    writer.close()
    del reader  # an exception in a finaliser would fail this test
    assert same(held, packet())


def crowded(boxes: int, maps: int) -> FramePacket:
    """A packet with so many boxes and maps."""
    one = packet(0, (360, 640))
    many = Boxes(
        np.zeros((boxes, 4), np.float32), np.zeros(boxes, np.float32), np.zeros(boxes, np.int32),
        np.zeros(boxes, np.int32),
    )  # fmt: skip
    tap = replace(one.taps[0], codes=np.zeros((80, 80), np.uint8))
    return replace(one, detections=many, candidates=many, taps=(tap,) * maps)


def test_boxes_and_maps_that_become_more_find_room_in_the_ring_that_is_there(window):
    window.outbox.offer(crowded(3, 0))
    window.outbox.offer(crowded(900, 16))
    assert len(window.ready()) == 2
    assert len(window.rings) == 1


@pytest.mark.parametrize(
    ("free_mb", "slots", "levels"),
    [(1000, 4, 2), (37, 4, 1), (30, 3, 1), (15, 3, 1)],
    ids=["plenty", "no halves", "fewer slots", "the least"],
)
def test_where_shared_memory_is_short_a_ring_makes_do_with_less(monkeypatch, free_mb, slots, levels):
    monkeypatch.setattr("viewer.engine.ring_writer._free_bytes", lambda: free_mb << 20)
    sent = packet(0, (720, 1280))
    writer = RingWriter.for_packet(sent)
    reader = RingReader(writer.opened)
    assert writer.opened.slots == slots
    writer.write(slots - 1, take_apart(sent, halves=writer.halves))
    found = reader.read(slots - 1)
    assert len(found.frame.levels) == levels
    assert same(found, sent)
    del found
    assert reader.close()
    writer.close()


def test_a_ring_that_finds_no_room_at_all_says_how_much_it_needs(monkeypatch):
    monkeypatch.setattr("viewer.engine.ring_writer._free_bytes", lambda: 4 << 20)
    with pytest.raises(EngineError, match=r"need 12 MB of shared memory and /dev/shm has 4 MB; enlarge"):
        RingWriter.for_packet(packet(0, (720, 1280)))


class Wire:
    """Stands for the pipe and keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[object] = []

    def send(self, event: object) -> None:
        self.sent.append(event)


class Window:
    """Reads what an outbox sends, as the client does."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.outbox = Outbox(self.wire)
        self.rings: dict[str, RingReader] = {}

    def ready(self) -> list[PacketReady]:
        for event in self.wire.sent:
            if isinstance(event, RingOpened) and event.name not in self.rings:
                self.rings[event.name] = RingReader(event)
        return [event for event in self.wire.sent if isinstance(event, PacketReady)]

    def index(self, ready: PacketReady) -> int:
        return self.rings[ready.ring].read(ready.slot).frame.index

    def close(self) -> None:
        self.outbox.close()
        assert all(ring.close() for ring in self.rings.values())


@pytest.fixture
def window() -> Iterator[Window]:
    window = Window()
    yield window
    window.close()


def test_a_window_that_does_not_read_gets_the_newest_as_soon_as_a_slot_is_free(window):
    for index in range(SLOTS + 3):
        window.outbox.offer(packet(index))
    ready = window.ready()
    assert [window.index(one) for one in ready] == list(range(SLOTS))
    assert window.outbox.undisplayed == 2
    window.outbox.release(ready[0].ring, ready[0].slot)
    assert window.index(window.ready()[-1]) == SLOTS + 2


def test_a_larger_frame_opens_a_new_ring_and_slots_of_the_old_one_are_void(window):
    window.outbox.offer(packet(0))
    (first,) = window.ready()
    window.outbox.offer(packet(1, (720, 1280)))
    second = window.ready()[-1]
    assert first.ring != second.ring
    assert window.index(second) == 1
    for index in range(2, 2 + SLOTS):
        window.outbox.offer(packet(index, (720, 1280)))
    sent = len(window.ready())
    window.outbox.release(first.ring, first.slot)
    assert len(window.ready()) == sent


def test_what_is_held_back_gives_way_to_the_next_or_is_let_go(window):
    window.outbox.offer(packet(0))
    window.outbox.offer(packet(1), hold=True)
    window.outbox.release(window.ready()[0].ring, window.ready()[0].slot)
    assert [window.index(one) for one in window.ready()] == [0]
    window.outbox.offer(packet(2))
    assert [window.index(one) for one in window.ready()][1:] == [2]
    assert window.outbox.undisplayed == 1
    window.outbox.offer(packet(3), hold=True)
    window.outbox.let_go()
    assert [window.index(one) for one in window.ready()][2:] == [3]


def test_a_fast_forward_shows_as_many_frames_as_the_source_has_and_any_other_pace_shows_all():
    now = [0.0]
    pace = DisplayPace(Fraction(25), clock=lambda: now[0])
    shown = 0
    for _ in range(400):  # four seconds at 100 frames a second
        now[0] += 0.01
        shown += pace.lets_through(Transport(playing=True, speed=8))
    assert shown == pytest.approx(100, abs=2)
    shown = 0
    for _ in range(400):  # the same, but a network that cannot go faster
        now[0] += 0.01
        shown += pace.lets_through(Transport(playing=True, speed=8), inference_fps=100)
    assert shown == pytest.approx(40, abs=2)
    for transport in (Transport(playing=True), Transport(playing=True, speed=0.5), Transport(speed=8)):
        assert all(pace.lets_through(transport) for _ in range(5))
    unknown = DisplayPace(None, clock=lambda: now[0])
    assert all(unknown.lets_through(Transport(playing=True, speed=8)) for _ in range(5))
