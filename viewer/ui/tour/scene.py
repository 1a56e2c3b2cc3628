"""One thing to photograph, and the way to it and back."""

from collections.abc import Callable
from dataclasses import dataclass

from viewer.ui.tour.hands import press
from viewer.ui.tour.staged import StagedEngine
from viewer.ui.window import Window

Act = Callable[[Window, StagedEngine], object]


def stay(_window: Window, _engine: StagedEngine) -> None:
    """Do nothing."""


def has_maps(window: Window) -> bool:
    """Whether a frame is shown that the network has seen."""
    packet = window.controller.packet
    return packet is not None and packet.letterbox is not None and bool(packet.taps)


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing to photograph.

    Attributes:
        name: Of its pictures.
        text: What is seen, for whoever reads along.
        go: Brings the window there.
        leave: Brings it back.
        is_there: Whether it has come about; asked again and again.
        moves: Whether frames run while the picture is taken; all others stand on one.
        through: What the way leads through, without a picture; its way back is the scene's own.
    """

    name: str
    text: str
    go: Act
    leave: Act = stay
    is_there: Callable[[Window], bool] = has_maps
    moves: bool = False
    through: "Scene | None" = None


def by_keys(name: str, text: str, there: str, back: str = "") -> Scene:
    """A scene that keys lead to and back from."""
    return Scene(name, text, lambda window, _: press(window, there), lambda window, _: press(window, back))
