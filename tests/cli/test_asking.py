"""`featscope render` shows what the head says of a class, and writes down why something was missed."""

import json

import pytest

from viewer.cli import main
from viewer.config import load_config
from viewer.core.errors import ConfigError
from viewer.core.region import Region


def test_scores_and_a_verdict_are_rendered(clip, tmp_path, capsys):
    packets, video = tmp_path / "out.jsonl", tmp_path / "out.mp4"
    words = ["render", str(clip), "--model", "yolo11n.yaml", "--imgsz", "96", "--max-frames", "1", "--out", str(video)]
    words += ["--packets", str(packets), "--score-map", "2", "--look-at", "20,10,100,60"]
    assert main(words) == 0

    missed = json.loads(packets.read_text())["missed"]
    assert missed["xyxy"] == [20, 10, 100, 60]
    assert missed["head"] == "dense head"
    assert missed["verdict"]
    scores = [best["score"] for best in missed["best"]]
    assert scores == sorted(scores, reverse=True)
    assert {best["stride"] for best in missed["best"]} <= {8, 16, 32}

    assert main([*words, "--overwrite", "--score-map", "kar"]) == 2
    assert "no class 'kar' in this model" in capsys.readouterr().err


def test_the_candidate_of_a_place_is_explained_without_a_window(clip, tmp_path, capsys):
    words = ["render", str(clip), "--model", "yolo11n.yaml", "--imgsz", "96", "--max-frames", "1"]
    words += ["--out", str(tmp_path / "out.mp4"), "--packets", str(tmp_path / "out.jsonl"), "--explain", "missed"]
    assert main(words) == 2
    assert "--explain missed needs a place; give it as --look-at" in capsys.readouterr().err

    words += ["--look-at", "20,10,100,60", "--explain-at", "model.16"]
    assert main(words) == 0
    record = json.loads((tmp_path / "out.jsonl").read_text())
    (one,) = record["explanation"]["objects"]
    left, top, right, bottom = one["xyxy"]
    assert 20 <= (left + right) / 2 <= 100
    assert 10 <= (top + bottom) / 2 <= 60
    assert record["explanation"]["stage"] == "model.16"


def test_the_object_that_is_followed_is_explained_and_no_better_one_of_its_class(tmp_path, capsys):
    packets = tmp_path / "out.jsonl"
    # The car at the left of frame 10; another one scores 0.93 there and is the best in all these frames.
    words = ["render", "demo", "--start", "7", "--max-frames", "5", "--packets", str(packets), "--explain", "followed"]
    words += ["--out", str(tmp_path / "out.mp4")]
    assert main(words) == 2
    assert "--explain followed needs an object; give it as --follow" in capsys.readouterr().err

    assert main([*words, "--follow", "car@10:383,252,428,285"]) == 0
    records = [json.loads(line) for line in packets.read_text().splitlines()]
    assert [record["index"] for record in records] == [7, 8, 9, 10, 11]
    for record in records:
        (one,) = record["explanation"]["objects"]
        left, _, right, _ = one["xyxy"]
        assert one["name"] == "car"
        assert 370 < left < 410
        assert 410 < right < 440
        assert max(found["score"] for found in record["detections"] if found["name"] == "car") > one["score"]

    assert main([*words, "--overwrite", "--follow", "kar@10:383,252,428,285"]) == 2
    assert "no class 'kar' in this model" in capsys.readouterr().err
    assert main([*words, "--overwrite", "--follow", "car@999999:383,252,428,285"]) == 2
    assert "999999" in capsys.readouterr().err


@pytest.mark.parametrize(
    "word", ["", "car", "car@x:1,2,3,4", "@3:1,2,3,4", "car@3:1,2", "car@3:5,5,1,1", "car@3:nan,0,1,1"]
)
def test_what_is_no_object_is_refused(word):
    with pytest.raises(ConfigError, match="is no object; give CLASS@FRAME:BOX"):
        load_config(None, {"follow": word})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            ["--cell", "P3:999,1"],
            "no row 999, column 1 in P3, which has rows 0 to 7 and columns 0 to 11 for this source",
        ),
        (["--cell", "P3:0,12"], "no row 0, column 12 in P3"),
        (
            ["--look-at", "9999,9"],
            "--look-at 9999,9 lies outside the picture, which is 128x72 pixels; give X from 0 to 127",
        ),
        (["--look-at", "5,120,9,130"], "--look-at 5,120,9,130 lies outside"),
        (["--look-at=-9,-9,-1,-1"], "--look-at -9,-9,-1,-1 lies outside"),
    ],
)
def test_what_lies_outside_is_refused_and_nothing_is_written(clip, tmp_path, capsys, asked, said):
    words = ["render", str(clip), "--model", "yolo11n.yaml", "--imgsz", "96", "--max-frames", "1"]
    words += ["--out", str(tmp_path / "out.mp4"), "--packets", str(tmp_path / "out.jsonl")]
    assert main([*words, *asked]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("output", "asked", "said"),
    [
        ("--out", ["--explain-at", "P3"], "--explain-at P3 needs something to explain; give --explain best"),
        ("--out", ["--score-top", "0.5"], "--score-top 0.5 needs a map to colour; give --score-map CLASS"),
        ("--out", ["--cell", "P3:1,1"], "--cell P3:1,1 needs a file to be written to; give --packets"),
        ("--out", ["--look-at", "9,9"], "--look-at 9,9 needs a file to be written to; give --packets"),
        ("--out", ["--health"], "--health needs a file to be written to; give --packets"),
        ("--packets", ["--score-map", "2"], "--score-map 2 needs pictures to be seen in; give --out"),
        ("--packets", ["--channel", "P3:1"], "--channel P3:1 needs pictures to be seen in; give --out"),
        ("--packets", ["--alone", "P3"], "--alone P3 needs pictures to be seen in; give --out"),
    ],
)
def test_what_means_nothing_by_itself_is_refused_with_what_it_needs(clip, tmp_path, capsys, output, asked, said):
    words = ["render", str(clip), "--model", "yolo11n.yaml", output, str(tmp_path / "out.mp4"), *asked]
    assert main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not list(tmp_path.iterdir())


def test_what_is_needed_may_stand_in_a_preset_and_a_preset_may_say_too_much(clip, tmp_path):
    preset = tmp_path / "mine.yaml"
    words = ["render", str(clip), "--model", "yolo11n.yaml", "--imgsz", "96", "--max-frames", "1", "--overwrite"]
    words += ["--out", str(tmp_path / "out.mp4"), "--config", str(preset)]
    preset.write_text("explain: best")
    assert main([*words, "--explain-at", "P3"]) == 0
    preset.write_text("explain_at: P3")
    assert main(words) == 0, "the options of a snapshot, where nothing was explained"


@pytest.mark.parametrize("word", ["", "1,2,3", "5,5,1,1", "a,b", "nan,0"])
def test_what_is_no_place_is_refused(word):
    with pytest.raises(ConfigError, match="is no place; give left, top, right, bottom"):
        load_config(None, {"look_at": word})


def test_two_numbers_are_a_point(detector_info):
    assert load_config(None, {"look_at": "3,4"}).inquiry(detector_info).region == Region((3, 4, 3, 4))


@pytest.fixture
def detector_info():
    from viewer.core import DetectorInfo, Suppression

    return DetectorInfo("yolo", "YOLO", ("car",), 1, (8,), "cpu", "fp32", Suppression.GREEDY)
