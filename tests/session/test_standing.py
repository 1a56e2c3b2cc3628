"""The states a session can be in, each reached and named."""

from dataclasses import replace
from fractions import Fraction

import pytest

from viewer.core import Counters, SourceInfo, SourceKind
from viewer.core.frame import Link, SourceStatus
from viewer.core.messages import FailedPart, Report, Transport
from viewer.session import EnginePhase, Level, ViewState
from viewer.session.search import Search, Target
from viewer.session.standing import standing

CLIP = SourceInfo("a.mp4", "a.mp4", SourceKind.VIDEO, (360, 640), Fraction(25), 500, 20.0)
CAMERA = SourceInfo("0", "camera 0", SourceKind.CAMERA, (360, 640), Fraction(30))
PLAYING = ViewState(phase=EnginePhase.READY, source=CLIP, transport=Transport(playing=True))


def report(fps: float = 25.0, link: Link = Link.UP) -> Report:
    return Report(fps, Counters(), SourceStatus(link))


@pytest.mark.parametrize(
    ("changes", "word", "level"),
    [
        ({"phase": EnginePhase.EMPTY}, "Empty", Level.INFO),
        ({"phase": EnginePhase.STARTING}, "Loading", Level.INFO),
        ({"phase": EnginePhase.LOADING}, "Loading", Level.INFO),
        ({"phase": EnginePhase.LOST}, "Engine lost", Level.ERROR),
        ({}, "Playing", Level.INFO),
        ({"source": CAMERA}, "Live", Level.INFO),
        ({"transport": Transport()}, "Paused", Level.INFO),
        ({"transport": Transport(at_end=True)}, "End of file", Level.INFO),
        ({"transport": Transport(), "search": Search(Target(2), 1, 3, 7)}, "Searching", Level.INFO),
        ({"transport": Transport(), "search": Search(Target(2), 1, 3, 499, over=True)}, "Paused", Level.INFO),
        ({"report": report(12.0)}, "Slow", Level.WARNING),
        ({"report": report(13.0)}, "Playing", Level.INFO),
        ({"report": report(0.0)}, "Playing", Level.INFO),
        ({"report": report(24.0), "transport": Transport(playing=True, speed=8)}, "Playing", Level.INFO),
        ({"source": CAMERA, "report": report(link=Link.LOST)}, "Reconnecting", Level.WARNING),
        ({"phase": EnginePhase.FAILED, "failed": frozenset({FailedPart.MODEL})}, "No model", Level.ERROR),
        ({"phase": EnginePhase.FAILED, "failed": frozenset({FailedPart.SOURCE})}, "No source", Level.ERROR),
        ({"phase": EnginePhase.FAILED, "failed": frozenset({FailedPart.ENGINE})}, "Failed", Level.ERROR),
    ],
)
def test_every_state_has_a_word(changes, word, level) -> None:
    found = standing(replace(PLAYING, **changes))
    assert (found.word, found.level) == (word, level)
    assert found.text
