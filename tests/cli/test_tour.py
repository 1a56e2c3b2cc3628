"""The walk through the window: every scene comes about and looks like no other."""

import re
import shlex
from pathlib import Path

import av
import pytest

from viewer.cli import main
from viewer.ui.tour.scenes import OPENING, SCENES

ROOT = Path(__file__).parents[2]
PNG_SIZE = slice(16, 24)
MOST_BYTES = 1_500_000
"""Of an animation that a reader waits for."""


def size_of(path: Path) -> tuple[int, int]:
    header = path.read_bytes()[PNG_SIZE]
    return int.from_bytes(header[:4]), int.from_bytes(header[4:])


@pytest.mark.slow
def test_a_few_scenes_in_two_looks_and_an_animation(tmp_path, capsys) -> None:
    scenes = ["--scene", "loading", "--scene", "paused", "--scene", "engine-lost"]
    looks = ["--window", "1024x640", "--theme", "dark", "--theme", "contrast"]
    animation = tmp_path / "tour.gif"
    assert main(["tour", str(tmp_path / "shots"), *scenes, *looks, "--animation", str(animation)]) == 0
    said = capsys.readouterr().out
    assert "paused: a frame in the middle" in said
    assert "6 pictures" in said
    for look in ("dark", "contrast"):
        pictures = sorted((tmp_path / "shots" / f"1024x640-{look}").iterdir())
        assert [path.name for path in pictures] == ["01-loading.png", "02-paused.png", "03-engine-lost.png"]
        assert {size_of(path) for path in pictures} == {(1024, 640)}
    with av.open(str(animation)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 3
    assert list(tmp_path.glob(".*")) == []


def test_the_readmes_pictures_are_those_that_its_command_makes() -> None:
    readme, pictures = (ROOT / "README.md").read_text(encoding="utf-8"), ROOT / "assets" / "readme"
    assert set(re.findall(r"\(assets/readme/([^)]+)\)", readme)) == {path.name for path in pictures.iterdir()}
    (command,) = re.findall(r"^featscope tour FOLDER (?:.*\\\n)*.*$", readme, re.MULTILINE)
    words = shlex.split(command.replace("\\\n", " "))
    given = [(word, words[place + 1]) for place, word in enumerate(words) if word.startswith("--")]
    scenes = [name for option, name in given if option == "--scene"]
    assert [scene.name for scene in SCENES if scene.name in scenes] == scenes  # in the order in which they are gone to
    assert scenes[2] == "object"
    assert ("--theme", "dark") in given
    assert ("--theme", "light") in given
    assert {size_of(pictures / f"window{light}.png") for light in ("", "-light")} == {(1280, 800)}
    with av.open(str(pictures / "tour.gif")) as container:
        assert sum(1 for _ in container.decode(video=0)) == len(scenes)
    assert (pictures / "tour.gif").stat().st_size <= MOST_BYTES


def test_unknown_scenes_themes_and_sizes_are_refused(tmp_path, capsys) -> None:
    for words, said in (
        (["--scene", "pased"], "there are starting"),
        (["--theme", "drak"], "did you mean 'dark'"),
        (["--window", "big"], "give WIDTHxHEIGHT"),
    ):
        assert main(["tour", str(tmp_path / "shots"), *words]) == 2
        assert said in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.png"))


@pytest.mark.slow
def test_every_scene_comes_about_and_differs_from_the_others(tmp_path) -> None:
    assert main(["tour", str(tmp_path), "--window", "1280x800", "--theme", "light"]) == 0
    pictures = sorted((tmp_path / "1280x800-light").iterdir())
    assert len(pictures) == len(OPENING) + len(SCENES)
    assert len({path.read_bytes() for path in pictures}) == len(pictures)
