"""One channel of a stage as a map, beside whatever the taps make of all of them.

A reducer holds for all taps, and channel 300 of one stage is none of another; so a single channel is asked for apart.
It goes through the arithmetic of the taps, so that colours and figures mean the same.
"""

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from viewer.core.errors import InquiryError
from viewer.core.inquiry import Inquiry
from viewer.core.packet import TapMap
from viewer.core.protocols import Detector
from viewer.inference.studies.listening import Listening
from viewer.inference.study import Seen
from viewer.taps import Arena
from viewer.taps.hooks import pooled_hw

if TYPE_CHECKING:
    from viewer.core.channels import OneChannel


class ChannelStudy:
    """Copies the channel into an arena of its own, whose codes come down."""

    field: ClassVar[str] = "channel"
    needs_gradients: ClassVar[bool] = False

    def __init__(self, detector: Detector) -> None:
        self._device = detector.device
        self._listening = Listening(detector, self._take)
        self._asked: OneChannel | None = None
        self._arena: Arena | None = None
        self._is_taken = False

    def ask(self, inquiry: Inquiry) -> None:
        """Show this channel from the next frame on; another one has limits of its own from the start.

        Raises:
            InquiryError: If there is no such stage, or it has no such channel.
        """
        wanted = inquiry.channel
        if wanted is None or wanted == self._asked:
            return
        stage = self._listening.turn_to(wanted.node)
        if not 0 <= wanted.number < stage.channels:
            raise InquiryError(
                f"stage {stage.node} has channels 0 to {stage.channels - 1}, not {wanted.number}; choose one of them"
            )
        if self._asked is None or (wanted.node, wanted.number) != (self._asked.node, self._asked.number):
            self._arena = None
        elif self._arena is not None:
            self._arena.set_limits(wanted.limits)
        self._asked = wanted

    def begin(self) -> None:
        """Forget the last frame."""
        self._is_taken = False
        self._listening.begin()

    @torch.inference_mode()
    def find(self, seen: Seen) -> TapMap:  # noqa: ARG002 - the hook saw all that is needed
        """The map of the channel.

        Raises:
            InquiryError: If the stage gave no activation.
        """
        stage, arena, asked = self._listening.stage, self._arena, self._asked
        if not self._is_taken or arena is None or asked is None:
            raise InquiryError(f"stage {stage.node} gave no activation in this frame; choose a channel of another one")
        arena.finish()
        packed = arena.packed.cpu().numpy().copy()
        arena.settle()
        packed.setflags(write=False)
        (figures,), _ = arena.read(packed)
        return TapMap(
            stage,
            f"channel:{asked.number}",
            figures.codes,
            figures.limits,
            figures.mean,
            figures.max,
            figures.nonfinite,
        )

    def close(self) -> None:
        """Remove the hook."""
        self._listening.close()

    def _take(self, activation: Tensor) -> None:
        if self._asked is None or self._asked.number >= len(activation):
            return
        channel = activation[self._asked.number].float()
        map_hw = pooled_hw((channel.shape[0], channel.shape[1]))
        if map_hw != tuple(channel.shape):
            channel = nn.functional.adaptive_avg_pool2d(channel[None], map_hw)[0]
        if self._arena is None or tuple(self._arena.slots[0].shape) != map_hw:
            self._arena = Arena([map_hw], extra_floats=0, device=self._device)
            self._arena.set_limits(self._asked.limits)
        self._arena.slots[0].copy_(channel)
        self._is_taken = True
