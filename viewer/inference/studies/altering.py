"""Changes channels of stages and the picture, and knows what was found before: a study that does not only look."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from viewer.core.alteration import MOST_FACTOR, Alteration, ChannelEdit, Unaltered, factors_of
from viewer.core.errors import InquiryError, TapError
from viewer.core.frame import Frame
from viewer.core.geometry import Letterbox
from viewer.core.inquiry import NOTHING, Inquiry
from viewer.core.perturbation import Perturbation
from viewer.core.protocols import Detector
from viewer.core.stage import Stage, find_stages
from viewer.inference.perturbing import perturb
from viewer.inference.study import Seen


class AlteringStudy:
    """Hooks on the stages whose channels are changed, which fire before those of the taps.

    A frame goes `prepare`, which runs it as it is, then the forward that is altered. What a channel is multiplied by
    lies in a buffer on the device, so that another factor needs no other hook.

    Args:
        detector: The network.
    """

    field: ClassVar[str] = "alteration"
    needs_gradients: ClassVar[bool] = False

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._alteration: Alteration = NOTHING.alteration
        self._multipliers: dict[str, _Multiplier] = {}
        self._before: Unaltered | None = None

    def ask(self, inquiry: Inquiry) -> None:
        """Change this from the next frame on; hooks stand where channels are changed and nowhere else.

        Raises:
            InquiryError: If a stage or channel is not there, a stage only shows what it does and cannot change it, or
                a factor or an amount is out of bounds.
        """
        wanted = self._edits_by_stage(inquiry.alteration.edits)
        for perturbation in inquiry.alteration.perturbations:
            Perturbation.parse(str(perturbation), InquiryError)  # which refuses what there cannot be
        for node in self._multipliers.keys() - {stage.node for stage in wanted}:
            self._multipliers.pop(node).close()
        for stage, edits in wanted.items():
            if stage.node not in self._multipliers:
                self._multipliers[stage.node] = _Multiplier(self._detector, stage)
            self._multipliers[stage.node].set(factors_of(edits, stage.channels))
        self._alteration = inquiry.alteration

    def prepare(
        self, frame: Frame, letterbox: Letterbox, run: Callable[[NDArray[np.uint8]], NDArray[np.float32]]
    ) -> Frame:
        """Run a frame as it is, and make what is to be run altered.

        Args:
            frame: As it came.
            letterbox: Where the model's input lies in it.
            run: The network alone, from a picture to its candidates.

        Returns:
            The frame with its picture perturbed.
        """
        began_s = perf_counter()
        self._let_through()
        rows = run(frame.rgb)
        altered = self.perturbed(frame)
        boxes = self._detector.read_candidates(rows, letterbox)
        self._before = Unaltered(boxes, (perf_counter() - began_s) * 1000)
        return altered

    def perturbed(self, frame: Frame) -> Frame:
        """The frame with its picture perturbed; itself where nothing disturbs it."""
        perturbations = self._alteration.perturbations
        if not perturbations:
            return frame
        device = self._detector.device
        return replace(frame, rgb=perturb(frame.rgb, perturbations, index=frame.index, device=device))

    def begin(self) -> None:
        """Change channels in the forward that follows."""
        for multiplier in self._multipliers.values():
            multiplier.begin()

    def find(self, seen: Seen) -> Unaltered | None:  # noqa: ARG002 - what was found before is known already
        """What was found before.

        Raises:
            InquiryError: If a stage took no part in the forward, or made no map.
        """
        self._let_through()
        for multiplier in self._multipliers.values():
            multiplier.check()
        return self._before

    def close(self) -> None:
        """Remove every hook; twice is harmless."""
        for multiplier in self._multipliers.values():
            multiplier.close()
        self._multipliers.clear()

    def _let_through(self) -> None:
        for multiplier in self._multipliers.values():
            multiplier.is_on = False

    def _edits_by_stage(self, edits: Iterable[ChannelEdit]) -> Mapping[Stage, list[ChannelEdit]]:
        wanted: dict[Stage, list[ChannelEdit]] = {}
        for edit in edits:
            try:
                (stage,) = find_stages((edit.node,), self._detector.stages, model=self._detector.info.name)
            except TapError as error:
                raise InquiryError(str(error)) from error
            if not 0 <= edit.channel < stage.channels:
                raise InquiryError(
                    f"no channel {edit.channel} in {stage.title}; it has {stage.channels}, counted from 0"
                )
            if not 0 <= edit.factor <= MOST_FACTOR:
                raise InquiryError(
                    f"channel {edit.channel} of {stage.title} cannot be multiplied by {edit.factor:g}; "
                    f"give 0 to {MOST_FACTOR:g}"
                )
            wanted.setdefault(stage, []).append(edit)
        return wanted


class _Multiplier:
    """A hook that multiplies what a stage returns, channel by channel.

    Attributes:
        is_on: Whether it does.
    """

    def __init__(self, detector: Detector, stage: Stage) -> None:
        path, _, call = stage.node.partition("@")
        module: nn.Module = detector.module.get_submodule(path)
        if not getattr(module, "hands_on", True):
            raise InquiryError(
                f"{stage.title} can be looked at and not changed: this network is tapped beside its own way"
            )
        self._stage, self._call = stage, int(call or 1)
        self._calls = 0
        self._changed: bool | None = None
        self.is_on = False
        with torch.inference_mode(mode=False):  # autograd may have to remember it
            self._factors = torch.ones((1, stage.channels, 1, 1), device=detector.device)
            self._muted = self._factors == 0
        # Before the hooks of taps, which are to see what the stages after this one see.
        self._handle = module.register_forward_hook(self._multiply, prepend=True)

    def set(self, factors: NDArray[np.float32]) -> None:
        """Multiply by these, one a channel, from the next forward on."""
        with torch.inference_mode(mode=False):
            self._factors.copy_(torch.from_numpy(factors).view(self._factors.shape))
            torch.eq(self._factors, 0, out=self._muted)

    def begin(self) -> None:
        """A forward begins."""
        self.is_on, self._changed = True, None
        self._calls = 0

    def check(self) -> None:
        """Raise `InquiryError` unless the last forward was changed."""
        if self._changed is None:
            raise InquiryError(f"{self._stage.title} took no part in this forward, so nothing was changed there")
        if not self._changed:
            raise InquiryError(f"{self._stage.title} gives no (N, C, H, W) activation and cannot be changed")

    def close(self) -> None:
        """Remove the hook."""
        self._handle.remove()

    def _multiply(self, _module: nn.Module, _inputs: Any, output: Any) -> Any:
        if not self.is_on:
            return None
        self._calls += 1
        if self._calls != self._call:
            return None
        is_map = isinstance(output, Tensor) and output.ndim == 4 and output.shape[1] == self._stage.channels
        self._changed = is_map
        if not is_map:
            return None
        # What is muted is 0 whatever it was: a product with infinity, or what is no number, would be no number.
        return (output * self._factors.to(output.dtype)).masked_fill_(self._muted, 0.0)
