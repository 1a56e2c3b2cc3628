"""What a file of Python holds is read without running it, and decides what opening it means."""

import pytest

from viewer.session.offers import offer_of
from viewer.session.own_file import OwnFile, read_own_file
from viewer.session.wanted import Wanted, understood

REDUCER = (
    "import viewer\n\nclass Edges(viewer.Reducer):\n    def reduce(self, activation):\n        return activation[0]\n"
)
MODEL = "def build(device):\n    return None\n"


@pytest.fixture
def write(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "mine.py"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (MODEL, OwnFile(builds=True)),
        ("from elsewhere import make as build\n", OwnFile(builds=True)),
        ("build = lambda device: None\n", OwnFile(builds=True)),
        (REDUCER, OwnFile(reducers=("Edges",))),
        ("class Plain:\n    def reduce(self, activation): ...\n", OwnFile(reducers=("Plain",))),
        (MODEL + REDUCER, OwnFile(builds=True, reducers=("Edges",))),
        ("class Other:\n    def build(self): ...\n", OwnFile()),
        ("class (", OwnFile()),
        ("\0", OwnFile()),
    ],
)
def test_what_a_file_defines(write, text, found):
    assert read_own_file(write(text)) == found


def test_a_file_is_read_and_not_run(write, tmp_path):
    read_own_file(write(f"open({str(tmp_path / 'run')!r}, 'w')\n{MODEL}"))
    assert not (tmp_path / "run").exists()


def test_a_file_that_is_not_there_holds_nothing(tmp_path):
    assert read_own_file(str(tmp_path / "gone.py")) == OwnFile()


def test_what_opening_a_file_means(write):
    path = write(REDUCER)
    assert understood(Wanted(model=path)) == Wanted(reducer=f"{path}:Edges")
    assert understood(Wanted("clip.mp4", path)) == Wanted("clip.mp4", path)
    both = understood(Wanted(model=write(MODEL + REDUCER)))
    assert (both.model, both.instead) == (path, (Wanted(reducer=f"{path}:Edges"),))
    assert understood(Wanted(model=write(MODEL))) == Wanted(model=path)


def test_a_drop_says_that_it_makes_maps(write):
    assert offer_of([write(REDUCER)]).text == "Make maps with mine.py, its reducer Edges"
    assert offer_of([write(MODEL)]).text == "Load mine.py as the model"
    assert offer_of([write(MODEL + REDUCER)]).text == "Open mine.py, which holds a model and reducers"
