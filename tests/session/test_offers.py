"""What is offered to be opened, before anything of it is looked into."""

import pytest

from viewer.config.recents import LastSession, Recents
from viewer.session.offers import KNOWN_MODELS, offer_of, published_models, recent_models, recent_sources
from viewer.session.wanted import Wanted


@pytest.mark.parametrize(
    ("paths", "wanted", "text"),
    [
        (["/a/street.MP4"], Wanted("/a/street.MP4"), "Open street.MP4"),
        (["/a/shot.png"], Wanted("/a/shot.png"), "Open shot.png"),
        (["/a/folder"], Wanted("/a/folder"), "Open folder"),
        (["/m/best.pt"], Wanted(model="/m/best.pt"), "Load best.pt as the model"),
        (["/m/best.onnx", "/a/c.mkv"], Wanted("/a/c.mkv", "/m/best.onnx"), "Open c.mkv with best.onnx"),
        (["/a/notes.txt"], None, "No way to open notes.txt"),
        (["/a/1.mp4", "/a/2.mp4"], None, "One at a time"),
        ([], None, "Nothing to open"),
    ],
)
def test_a_drop_says_what_it_would_do(paths, wanted, text) -> None:
    offer = offer_of(paths, is_folder=lambda path: path.endswith("folder"))
    assert (offer.wanted, offer.text) == (wanted, text)


def test_a_drop_of_code_says_that_it_is_code() -> None:
    assert "run" in offer_of(["/m/mine.py"]).detail
    assert "run" not in offer_of(["/m/mine.pt"]).detail


def test_the_last_session_comes_first_and_in_words() -> None:
    recents = Recents(("/a/street.mp4", "rtsp://cam/1", "0"), (), LastSession("/a/street.mp4", "/m/best.pt", 312))
    offers = recent_sources(recents)
    assert (offers[0].text, offers[0].detail) == ("Continue with street.mp4", "best.pt · frame 312")
    assert offers[0].wanted == Wanted("/a/street.mp4", "/m/best.pt", index=312, looked_at=recents.last)
    assert [(offer.text, offer.detail) for offer in offers[1:]] == [
        ("street.mp4", "/a"),
        ("rtsp://cam/1", "network"),
        ("0", "camera"),
        ("demo", "a street, comes with Featscope"),
    ]


def test_models_used_before_stand_apart_from_those_that_would_be_downloaded_and_none_twice() -> None:
    recents = Recents(models=("/m/best.pt", "yolo11n.pt"))
    assert [offer.wanted.model for offer in recent_models(recents)] == ["/m/best.pt", "yolo11n.pt", "demo"]
    published = [offer.wanted.model for offer in published_models(recents)]
    assert published == [name for name in KNOWN_MODELS if name != "yolo11n.pt"]
    assert all("downloaded" in offer.detail for offer in published_models(recents))
