"""What is changed in a network or in its picture to see what is found then: channels of a stage, and perturbations.

An `Alteration` is part of the `Inquiry`. While it alters anything every frame runs twice, first as it is and then
altered, and `Unaltered` brings the candidates of the first run along, so that thresholds move both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes
from viewer.core.errors import ConfigError, ViewerError
from viewer.core.overlap import Xyxy
from viewer.core.perturbation import Perturbation

MOST_FACTOR = 10.0
"""A channel is multiplied by at most this."""


@dataclass(frozen=True, slots=True)
class ChannelEdit:
    """What happens to one channel of a stage.

    Attributes:
        node: The stage, as `viewer.core.stage.find_stages` takes it.
        channel: Number of the channel, from 0.
        factor: What its activation is multiplied by; 0 mutes it.
        solo: Whether channels of this stage that are not solo are muted.
    """

    node: str
    channel: int
    factor: float = 0.0
    solo: bool = False

    def is_of(self, other: "ChannelEdit") -> bool:
        """Whether both are about one channel, so that the later takes the place of the earlier."""
        return (self.node, self.channel) == (other.node, other.channel)

    def __str__(self) -> str:
        return f"{self.node}:{self.channel}"


@dataclass(frozen=True, slots=True)
class Alteration:
    """All that is changed, in the order in which it was asked for; nothing by default.

    Attributes:
        edits: Of channels, one a channel at most.
        perturbations: Of the picture, one a kind at most.
    """

    edits: tuple[ChannelEdit, ...] = ()
    perturbations: tuple[Perturbation, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.edits or self.perturbations)

    def edited(self, edit: ChannelEdit) -> "Alteration":
        """The same with this edit in the place of what was done to the channel before; a factor of 1 undoes it."""
        others = self.without(edit).edits
        is_needless = edit.factor == 1.0 and not edit.solo
        return replace(self, edits=others if is_needless else (*others, edit))

    def without(self, edit: ChannelEdit) -> "Alteration":
        """The same with this channel as the network makes it."""
        return replace(self, edits=tuple(one for one in self.edits if not one.is_of(edit)))

    def edit_of(self, node: str, channel: int) -> ChannelEdit | None:
        """What is done to a channel; None where nothing is."""
        return next((one for one in self.edits if (one.node, one.channel) == (node, channel)), None)

    def perturbed(self, perturbation: Perturbation) -> "Alteration":
        """The same with this in the place of the perturbation of its kind; one that changes nothing takes it off."""
        others = tuple(one for one in self.perturbations if one.kind is not perturbation.kind)
        return replace(self, perturbations=(*others, perturbation) if perturbation else others)

    @property
    def occluder(self) -> Xyxy | None:
        """The rectangle that covers a part of the picture, in source pixels."""
        return next((one.rect for one in self.perturbations if one.rect is not None), None)


UNALTERED = Alteration()
"""Changes nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Unaltered:
    """What the network found in a frame as it is, before anything was altered.

    Attributes:
        candidates: Best boxes before thresholds, in source pixels.
        took_ms: What running it a second time took, with making the altered picture.
    """

    candidates: Boxes
    took_ms: float = 0.0


def factors_of(edits: Sequence[ChannelEdit], channels: int) -> NDArray[np.float32]:
    """What each channel of a stage is multiplied by.

    Channels that are solo leave only themselves; every edit multiplies its own channel on top of that.

    Args:
        edits: Of this stage alone.
        channels: How many it has.

    Returns:
        (channels,) float32.
    """
    solo = [edit.channel for edit in edits if edit.solo]
    factors = np.ones(channels, np.float32)
    if solo:
        factors[:] = 0.0
        factors[solo] = 1.0
    for edit in edits:
        factors[edit.channel] *= edit.factor
    return factors


def edit_words(edits: Sequence[ChannelEdit]) -> dict[str, tuple[str, ...]]:
    """Edits as the options `mute`, `solo` and `scale` are written; what `parse_mute` and the others read."""
    scaled = [edit for edit in edits if edit.factor not in ((1.0,) if edit.solo else (0.0,))]
    return {
        "mute": tuple(str(edit) for edit in edits if edit.factor == 0 and not edit.solo),
        "solo": tuple(str(edit) for edit in edits if edit.solo),
        "scale": tuple(f"{edit}:{edit.factor:.6g}" for edit in scaled),
    }


def parse_mute(text: str, error: type[ViewerError] = ConfigError) -> tuple[ChannelEdit, ...]:
    """Read `NODE:CHANNEL[,CHANNEL...]`.

    Raises:
        ViewerError: Of the kind of `error`, if it is none.
    """
    node, channels = _node_and(text, "P3:4,7", error)
    return tuple(ChannelEdit(node, _channel(word, text, error)) for word in channels.split(","))


def parse_solo(text: str, error: type[ViewerError] = ConfigError) -> tuple[ChannelEdit, ...]:
    """Read the same, of channels that alone are kept.

    Raises:
        ViewerError: Of the kind of `error`, if it is none.
    """
    return tuple(replace(edit, factor=1.0, solo=True) for edit in parse_mute(text, error))


def parse_scale(text: str, error: type[ViewerError] = ConfigError) -> tuple[ChannelEdit, ...]:
    """Read `NODE:CHANNEL:FACTOR`.

    Raises:
        ViewerError: Of the kind of `error`, if it is none or the factor is out of bounds.
    """
    head, _, factor = text.rpartition(":")
    node, channel = _node_and(head, "P3:4:0.5", error)
    try:
        value = float(factor)
    except ValueError:
        value = -1.0
    if not 0 <= value <= MOST_FACTOR:
        raise error(f"factor {factor!r} in {text!r} not understood; give 0 to {MOST_FACTOR:g}, such as P3:4:0.5")
    return (ChannelEdit(node, _channel(channel, text, error), value),)


def _node_and(text: str, example: str, error: type[ViewerError]) -> tuple[str, str]:
    node, colon, rest = text.rpartition(":")
    if not (node and colon and rest):
        raise error(f"channel {text!r} not understood; give a stage and a channel such as {example}")
    return node, rest


def _channel(word: str, text: str, error: type[ViewerError]) -> int:
    if not (word.isascii() and word.isdigit()):
        raise error(f"channel {word!r} in {text!r} is no number; channels are counted from 0")
    return int(word)
