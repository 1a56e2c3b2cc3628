"""Outputs are complete under their name or not there; records hold exactly what is promised."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.sources.clips import numbered
from viewer.core import (
    Boxes,
    DetectorInfo,
    Frame,
    FramePacket,
    MaskOutlines,
    Role,
    Shapes,
    Stage,
    Suppression,
    TapMap,
    Thresholds,
    Timings,
)
from viewer.core.alteration import Unaltered
from viewer.core.cell import Cell, CellVector
from viewer.core.errors import SinkError
from viewer.core.inquiry import Findings
from viewer.core.many import Band, mosaic_of
from viewer.sinks import JsonlSink, packet_record, save_png
from viewer.sinks.jsonl import finite

needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


def test_one_object_a_line(tmp_path: Path):
    records = [{"index": 0, "name": "straße"}, {"index": 1, "values": [1.5, None]}]
    with JsonlSink(tmp_path / "a.jsonl") as sink:
        for record in records:
            sink.write(record)
        assert not (tmp_path / "a.jsonl").exists()
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == records
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_what_is_not_finite_becomes_null(tmp_path: Path):
    with JsonlSink(tmp_path / "a.jsonl") as sink:
        sink.write({"a": float("nan"), "b": [float("inf"), {"c": (-float("inf"), 1)}]})
    assert json.loads((tmp_path / "a.jsonl").read_text()) == {"a": None, "b": [None, {"c": [None, 1]}]}


def test_nothing_is_left_after_an_exception(tmp_path: Path):
    def fail_midway() -> None:
        with JsonlSink(tmp_path / "a.jsonl") as sink:
            sink.write({"index": 0})
            raise KeyError

    with pytest.raises(KeyError):
        fail_midway()
    assert list(tmp_path.iterdir()) == []


def test_close_and_abort_may_be_repeated(tmp_path: Path):
    sink = JsonlSink(tmp_path / "a.jsonl")
    sink.close()
    sink.close()
    sink.abort()
    assert (tmp_path / "a.jsonl").exists()
    with pytest.raises(SinkError, match="closed"):
        sink.write({})


@needs_dev_full
@pytest.mark.parametrize("lines", [1, 10_000], ids=["at the end", "midway"])
def test_a_full_disk_is_one_line(lines: int):
    def fill() -> None:
        with JsonlSink(Path("/dev/full")) as sink:
            for index in range(lines):
                sink.write({"index": index})

    with pytest.raises(SinkError, match="cannot write /dev/full: No space left") as caught:
        fill()
    assert "\n" not in str(caught.value)
    assert Path("/dev/full").exists()


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sink = JsonlSink(tmp_path / "a.jsonl")
    sink.write({"index": 0})
    monkeypatch.setattr(sink, "_file", _Full(sink._file))
    with pytest.raises(SinkError, match="No space left"):
        sink.write({"index": 1})
    assert list(tmp_path.iterdir()) == []
    sink.abort()


class _Full:
    closed = False

    def __init__(self, file) -> None:
        self._file = file

    def write(self, _: str) -> None:
        raise OSError(28, "No space left on device")

    def close(self) -> None:
        self._file.close()


def test_missing_folder_and_folder_as_file(tmp_path: Path):
    with pytest.raises(SinkError, match="there is no folder"):
        JsonlSink(tmp_path / "nowhere" / "a.jsonl")
    with pytest.raises(SinkError, match="it is a folder"):
        JsonlSink(tmp_path)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_folder(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(SinkError, match="Permission denied"):
        JsonlSink(tmp_path / "a.jsonl")
    tmp_path.chmod(0o700)


def test_refusal_by_the_system_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SinkError, match="Permission denied; nothing was left behind"):
        JsonlSink(tmp_path / "a.jsonl")


@pytest.mark.parametrize("name", ["x" * 300, "x" * 253, f"{'x' * 300}/a.jsonl"])
def test_a_name_too_long_is_told(tmp_path: Path, name: str):
    with pytest.raises(SinkError, match="File name too long"):
        JsonlSink(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_looked_into_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(SinkError, match="Permission denied"):
        JsonlSink(tmp_path / "a.jsonl")


def test_png_comes_back_the_same(tmp_path: Path):
    rgb = numbered(9)
    save_png(tmp_path / "a.png", rgb)
    assert np.array_equal(cv2.imread(str(tmp_path / "a.png"))[..., ::-1], rgb)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_png_that_cannot_be_placed_is_told(tmp_path: Path):
    with pytest.raises(SinkError, match="there is no folder"):
        save_png(tmp_path / "nowhere" / "a.png", numbered(0))


def test_a_map_in_colour_has_the_limits_of_its_bands_and_a_mosaic_its_channels():
    stage = Stage("model.16", Role.NECK, 8, 64, (2, 2), name="P3")
    bands = (Band("PC1", (0.0, 1.2345678)), Band("PC2", (-1.0, 1.0)), Band("PC3", (0.0, 0.0)))
    coloured = TapMap(stage, "pca-rgb", np.ones((2, 2, 3), np.uint8), (-1.0, 1.2345678), 0.0, 1.0, 0, bands=bands)
    mosaic = TapMap(stage, "strongest", np.ones((4, 4), np.uint8), (0, 1), 0, 1, 0, mosaic=mosaic_of((7, 3, 9)))
    frame = Frame(np.zeros((4, 4, 3), np.uint8), 0, 0.0, 0.0)
    one, other = packet_record(FramePacket(frame, taps=(coloured, mosaic)), None)["taps"]
    assert one["bands"] == {"PC1": [0.0, 1.23457], "PC2": [-1.0, 1.0], "PC3": [0.0, 0.0]}
    assert other["channels"] == [7, 3, 9]
    assert "channels" not in one
    assert "nothing_yet" not in one
    first = replace(mosaic, reducer="difference", mosaic=None, nothing_yet="no frame before")
    assert packet_record(FramePacket(frame, taps=(first,)), None)["taps"][0]["nothing_yet"] == "no frame before"
    assert "bands" not in other


def test_record_has_exactly_the_promised_keys():
    stage = Stage("model.16", Role.NECK, 8, 64, (2, 2), name="P3")
    tap = TapMap(stage, "absmean", np.zeros((2, 2), np.uint8), (0.0, 1.2345678), 0.1, float("nan"), 3)
    packet = FramePacket(
        Frame(numbered(0), 7, 0.28, 0.0),
        detections=Boxes(
            np.array([[1.234, 2, 3, 4]], np.float32),
            np.array([0.9], np.float32),
            np.array([2], np.int32),
            np.array([8], np.int32),
        ),
        taps=(tap,),
        timings=Timings(decode=1.23456),
    )
    info = DetectorInfo("n", "N", ("a", "b", "car"), 1, (8,), "cpu", "fp32", Suppression.GREEDY)
    record = packet_record(packet, info)
    assert list(record) == ["index", "pts_s", "nonfinite", "detections", "taps", "timings_ms"]
    assert (record["index"], record["pts_s"]) == (7, 0.28)
    assert record["detections"] == [{"label": 2, "name": "car", "score": 0.9, "xyxy": [1.23, 2.0, 3.0, 4.0]}]
    (entry,) = record["taps"]
    assert np.isnan(entry.pop("max"))
    assert entry == {
        "node": "model.16",
        "name": "P3",
        "role": "neck",
        "stride": 8,
        "limits": [0.0, 1.23457],
        "mean": 0.1,
        "nonfinite": 3,
    }
    assert record["timings_ms"]["decode"] == 1.235
    parts = {"decode", "letterbox", "forward", "reduce", "download", "suppress", "shape", "inquire"}
    assert set(record["timings_ms"]) == parts
    json.dumps(record)


def test_what_is_not_finite_is_counted_and_a_map_without_a_finite_cell_has_no_limits():
    nan = float("nan")
    tap = TapMap(Stage("s4", Role.BACKBONE, 8, 64, (2, 2)), "absmean", np.zeros((2, 2), np.uint8), (0, 0), nan, nan, 4)
    candidates = replace(Boxes.empty(), nonfinite=3)
    packet = FramePacket(Frame(numbered(0), 0, 0.0, 0.0), candidates=candidates, taps=(tap,))
    record = finite(packet_record(packet, None))
    assert record["nonfinite"] == 3
    assert (record["taps"][0]["limits"], record["taps"][0]["nonfinite"]) == ([None, None], 4)


def test_masks_and_keypoints_are_written_with_their_detection():
    boxes = Boxes(
        np.array([[0, 0, 9, 9], [5, 5, 8, 8]], np.float32),
        np.array([0.9, 0.8], np.float32),
        np.zeros(2, np.int32),
        np.full(2, 8, np.int32),
    )
    outlines = MaskOutlines.of([[np.array([[1, 2], [3.25, 2], [3, 4]], np.float32)], []])
    points = np.array([[[1, 2, 0.5]], [[3.333, 4, 0.25]]], np.float32)
    info = DetectorInfo("n", "N", ("a",), 1, (8,), "cpu", "fp32", Suppression.GREEDY)
    packet = FramePacket(Frame(numbered(0), 0, 0.0, 0.0), detections=boxes)
    rows = np.arange(2, dtype=np.int32)

    masked = packet_record(replace(packet, shapes=Shapes(rows, outlines)), info)["detections"]
    posed = packet_record(replace(packet, shapes=Shapes(rows, None, points)), info)["detections"]

    assert [entry["mask"] for entry in masked] == [[[1.0, 2.0, 3.2, 2.0, 3.0, 4.0]], []]
    assert [entry["keypoints"] for entry in posed] == [[[1.0, 2.0, 0.5]], [[3.33, 4.0, 0.25]]]
    assert "keypoints" not in masked[0]
    json.dumps([masked, posed])


def test_a_record_has_the_answers_to_what_was_asked():
    frame = Frame(np.zeros((4, 4, 3), np.uint8), 3, 0.1, 0.0)
    stage = Stage("model.16", Role.NECK, 8, 3, (48, 80), name="P3")
    values = np.array([0.1234567, np.nan, -2.0], np.float32)
    found = Findings(("no answer",), CellVector(Cell("model.16", 20, 31), stage, (48, 80), values))
    record = packet_record(FramePacket(frame, findings=found), None)
    assert record["refusals"] == ["no answer"]
    assert finite(record["cell"]) == {"node": "model.16", "row": 20, "column": 31, "values": [0.123457, None, -2.0]}
    assert "cell" not in packet_record(FramePacket(frame), None)


def test_what_altering_did_is_written_with_a_frame():
    def boxes(*rows):
        corners = np.array([row[:4] for row in rows], np.float32)
        scores = np.array([row[4] for row in rows], np.float32)
        return Boxes(corners, scores, np.zeros(len(rows), np.int32), np.zeros(len(rows), np.int32))

    before = boxes((0, 0, 10, 10, 0.9), (20, 20, 30, 30, 0.8), (0, 1, 10, 11, 0.7), (40, 40, 50, 50, 0.1))
    after = boxes((0, 0, 10, 10, 0.9), (30, 0, 40, 10, 0.5))
    info = DetectorInfo("m", "M", ("car",), 1, (8,), "cpu", "fp32", Suppression.GREEDY)
    frame = Frame(np.zeros((60, 60, 3), np.uint8), 0, 0.0, 0.0)
    plain = FramePacket(frame, detections=after, candidates=after, thresholds=Thresholds())
    altered = packet_record(replace(plain, findings=Findings(alteration=Unaltered(before))), info)["altered"]
    assert (altered["before"], altered["after"], altered["new"]) == (2, 2, [1])  # one overlaps, one scores too little
    assert [box["xyxy"] for box in altered["gone"]] == [[20, 20, 30, 30]]
    assert "altered" not in packet_record(plain, info)
