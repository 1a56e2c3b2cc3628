"""Video files of every codec and container: frame n is frame n, and what is no video says so."""

from __future__ import annotations

import re
import threading
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

import viewer.sources.decoder
from tests.sources import clips
from tests.sources.clips import CLIPS, HEIGHT, WIDTH, Clip, cut, number_in, numbered, trim, x264
from viewer.core.errors import SourceError, SourceInterruptedError
from viewer.core.frame import Frame, SourceKind
from viewer.sources import open_source
from viewer.sources.pixels import to_rgb
from viewer.sources.video import VideoSource


def numbers(frames: list[Frame]) -> list[int]:
    return [number_in(frame.rgb) for frame in frames]


def plain_decode(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [number_in(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def assert_exact(path: Path, expected: list[int]) -> None:
    """Every frame once in order, then some in any order, then single steps back."""
    with VideoSource(path) as source:
        assert source.info.frame_count == len(expected)
        frames = list(source)
        assert [frame.index for frame in frames] == list(range(len(expected)))
        assert numbers(frames) == expected
        rng = np.random.default_rng(1)
        back = range(len(expected) - 1, max(-1, len(expected) - 40), -1)
        for index in [*(int(i) for i in rng.permutation(len(expected))[:30]), *back]:
            source.seek(index)
            frame = next(source)
            assert (frame.index, number_in(frame.rgb)) == (index, expected[index])


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.name)
def test_every_frame_of_every_container_is_exact(clip: Clip, tmp_path: Path):
    assert_exact(clip.write(tmp_path), list(range(clip.frames)))


@pytest.mark.parametrize(
    ("name", "first", "suffix"),
    [
        ("open_group.ts", 5, ".ts"),
        ("open_group.ts", 12, ".ts"),
        ("open_group_hevc.mkv", 12, ".mkv"),
        ("open_group_hevc.ts", 14, ".ts"),
        ("h264.mp4", 5, ".mp4"),
    ],
)
def test_a_stream_copied_cut_has_the_frames_that_a_decode_shows(name: str, first: int, suffix: str, tmp_path: Path):
    clip = next(clip for clip in CLIPS if clip.name == name)
    path = cut(clip.write(tmp_path), tmp_path / f"cut{suffix}", packets=slice(first, None))
    assert_exact(path, plain_decode(path))


def test_frames_hidden_by_an_edit_list_do_not_count(tmp_path: Path):
    path = trim(CLIPS[0].write(tmp_path), tmp_path / "trimmed.mp4", frames=5)
    assert_exact(path, list(range(5, CLIPS[0].frames)))
    with VideoSource(path) as source:
        assert next(source).pts_s == 0.0


def test_variable_rate_keeps_its_times(tmp_path: Path):
    clip = next(clip for clip in CLIPS if clip.name == "variable_rate.mp4")
    with VideoSource(clip.write(tmp_path)) as source:
        assert [frame.pts_s for frame in source] == pytest.approx([pts / 25 for pts in clip.pts])


def test_late_start_begins_at_zero(tmp_path: Path):
    clip = next(clip for clip in CLIPS if clip.name == "late_start.ts")
    with VideoSource(clip.write(tmp_path)) as source:
        assert next(source).pts_s == 0.0
        assert source.info.duration_s == pytest.approx(clip.frames / 25)


def test_info_says_what_it_is(tmp_path: Path):
    path = CLIPS[0].write(tmp_path)
    with open_source(str(path)) as source:
        info = source.info
    assert (info.uri, info.name, info.kind) == (str(path), "h264.mp4", SourceKind.VIDEO)
    assert (info.image_hw, info.fps, info.codec) == ((HEIGHT, WIDTH), Fraction(25), "h264 in mp4")
    assert info.pixel_format == "yuv420p"


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_rotation_is_applied(rotation: int, tmp_path: Path):
    path = Clip("turned.mp4", frames=2, options=x264(), rotation=rotation).write(tmp_path)
    with VideoSource(path) as source:
        rgb = next(source).rgb
    assert rgb.shape[:2] == source.info.image_hw
    assert number_in(np.rot90(rgb, -rotation // 90)) == 0
    assert np.abs(np.rot90(numbered(0), rotation // 90).astype(int) - rgb).mean() < 12


@pytest.mark.parametrize("tagged", [True, False])
@pytest.mark.parametrize(("height", "matrix"), [(96, "itu601"), (720, "itu709")])
def test_colours_survive_whether_tagged_or_not(height: int, matrix: str, tagged: bool):
    rgb = np.full((height, 160 * height // 96, 3), (200, 40, 60), np.uint8)
    picture = av.VideoFrame.from_ndarray(rgb).reformat(format="yuv420p", dst_colorspace=matrix)
    if not tagged:
        picture.colorspace = 2
    assert np.abs(to_rgb(picture)[4, 4].astype(int) - (200, 40, 60)).max() <= 4


def test_widths_that_need_padding_come_out_whole():
    rgb = np.random.default_rng(0).integers(0, 255, (33, 51, 3), np.uint8)
    assert np.array_equal(to_rgb(av.VideoFrame.from_ndarray(rgb)), rgb)


def test_stepping_back_does_not_decode_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clip = next(clip for clip in CLIPS if clip.name == "long_group.mp4")
    with VideoSource(clip.write(tmp_path)) as source:
        source.seek(200)
        next(source)
        monkeypatch.setattr(source._decoder, "read", lambda: pytest.fail("decoded again"))
        for index in range(199, 180, -1):
            source.seek(index)
            assert number_in(next(source).rgb) == index


def test_the_quick_frame_is_the_nearest_key_frame_unless_the_frame_itself_is_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    clip = Clip("keys.mp4", frames=100, options={"g": "25", "keyint_min": "25", "sc_threshold": "0"})
    with open_source(str(clip.write(tmp_path))) as source:
        assert [source.quick_index(index) for index in (30, 40, 60, 99)] == [25, 50, 50, 75]
        source.seek(60)
        next(source)
        assert [source.quick_index(index) for index in (58, 60, 63)] == [58, 60, 63]
        assert source.quick_index(90) == 75
        start = source._decoder.start
        monkeypatch.setattr(source._decoder, "start", lambda position: (start(position), source.interrupt()))
        source.seek(10)
        with pytest.raises(SourceInterruptedError):
            next(source)
        monkeypatch.undo()
        assert source.quick_index(90) == 75
        assert next(source).index == 10


def test_a_damaged_tail_ends_cleanly(tmp_path: Path):
    clip = next(clip for clip in CLIPS if clip.name == "h264.ts")
    path = clip.write(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with VideoSource(path) as source:
        frames = list(source)
        assert 10 < len(frames) < clip.frames
        assert numbers(frames)[:10] == list(range(10))
        source.seek((source.info.frame_count or 0) - 1)
        assert all(number_in(frame.rgb) == frame.index for frame in source if frame.index < len(frames) - 2)
        source.seek(3)
        assert number_in(next(source).rgb) == 3


def test_damage_in_the_middle_keeps_indices_true(tmp_path: Path):
    clip = next(clip for clip in CLIPS if clip.name == "open_group.ts")
    path = clip.write(tmp_path)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 188 * 188
    data[middle : middle + 188 * 6] = bytes(188 * 6)
    path.write_bytes(data)
    with VideoSource(path) as source:
        frames = list(source)
        assert (np.diff([frame.index for frame in frames]) > 0).all()
        assert numbers(frames)[:10] == list(range(10))


def test_closing_during_a_long_seek_ends_it(tmp_path: Path):
    clip = next(clip for clip in CLIPS if clip.name == "long_group.mp4")
    source = VideoSource(clip.write(tmp_path))
    caught: list[Exception] = []

    def hop() -> None:
        try:
            while True:
                source.seek(240)
                next(source)
                source.seek(3)
                next(source)
        except SourceInterruptedError as error:
            caught.append(error)

    reader = threading.Thread(target=hop)
    reader.start()
    source.close()
    reader.join(1)
    assert not reader.is_alive()
    assert len(caught) == 1


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (clips.audio_only, "only audio"),
        (clips.zero_frames, "no pictures"),
        (clips.truncated, "truncated"),
        (clips.text, "not a video"),
        (clips.noise, "not a video|no pictures"),
        (Path.touch, "empty"),
    ],
)
def test_what_is_no_video_is_refused_in_one_line(make, says: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    path = tmp_path / "clip.mp4"
    make(path)
    with pytest.raises(SourceError, match=says) as caught:
        open_source(str(path))
    assert "clip.mp4" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_cover_art_is_no_video(tmp_path: Path):
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=44100)
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        samples.sample_rate = 44100
        container.mux(cover.encode(av.VideoFrame.from_ndarray(numbered(0))))
        container.mux(sound.encode(samples))
        container.mux(sound.encode(None))
    with pytest.raises(SourceError, match="no pictures"):
        open_source(str(path))


def test_opencv_agrees_on_the_pixels(tmp_path: Path):
    path = CLIPS[0].write(tmp_path)
    capture = cv2.VideoCapture(str(path))
    with VideoSource(path) as source:
        for frame in source:
            _, bgr = capture.read()
            assert np.abs(frame.rgb.astype(int) - bgr[..., ::-1]).mean() < 3
    capture.release()


class _LateStream:
    """A container whose `demux` ends as PyAV's does where a stream turned up half-way."""

    def __init__(self, container: object) -> None:
        self._container = container

    def __getattr__(self, name: str) -> object:
        return getattr(self._container, name)

    def demux(self, *streams: object):
        yield from self._container.demux(*streams)
        raise IndexError("list index out of range")


def test_a_stream_that_turns_up_half_way_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = Clip("a.ts", options=x264()).write(tmp_path)
    opened = av.open
    monkeypatch.setattr(viewer.sources.decoder.av, "open", lambda *given, **named: _LateStream(opened(*given, **named)))
    with VideoSource(path) as source:
        assert [number_in(frame.rgb) for frame in source] == list(range(40))


def test_a_picture_of_no_known_kind_costs_itself(tmp_path: Path):
    """FFmpeg says PATCHWELCOME to a JPEG whose header claims an odd subsampling of colour."""
    path = Clip("a.avi", "mjpeg", frames=15, options={"q": "3"}).write(tmp_path)
    data = bytearray(path.read_bytes())
    headers = [match.start() for match in re.finditer(rb"\xff\xc0\x00\x11\x08", bytes(data))]
    assert len(headers) == 15
    data[headers[7] + 11] = 0x13
    path.write_bytes(data)
    with VideoSource(path) as source:
        assert [number_in(frame.rgb) for frame in source] == [n for n in range(15) if n != 7]


def test_a_title_in_no_known_encoding_is_no_reason_to_refuse(tmp_path: Path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "what a title"
        stream = container.add_stream("libx264", rate=25, options=x264())
        stream.width, stream.height = WIDTH, HEIGHT
        container.mux([*stream.encode(av.VideoFrame.from_ndarray(numbered(3))), *stream.encode(None)])
    path.write_bytes(path.read_bytes().replace(b"what a title", b"what \xff title"))
    with VideoSource(path) as source:
        assert number_in(next(source).rgb) == 3
