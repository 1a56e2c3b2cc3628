"""Any `torch.nn.Module` behind the `Detector` port, once somebody has said how its input and outputs are to be taken.

Adapters for formats without a framework of their own (a team's file, an exported program) build one of these.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import override

from viewer.core.boxes import Boxes
from viewer.core.dense import DenseLevel
from viewer.core.detector import DetectorInfo
from viewer.core.geometry import Letterbox
from viewer.core.stage import Stage
from viewer.detectors.custom.reading import Reading
from viewer.detectors.devices import describe_device, wait_for
from viewer.detectors.loaded import LoadedNetwork
from viewer.detectors.precision import precision_of
from viewer.detectors.recording import inferring
from viewer.detectors.roles import find_stages_of
from viewer.detectors.rows import read_rows

StageFinder = Callable[[Callable[[], object], tuple[int, int]], tuple[Stage, ...]]
"""Lists stages, given what runs the network once and the height and width of the input it feeds."""


@dataclass(frozen=True, slots=True)
class InputFit:
    """How pictures are brought to a network's input.

    Attributes:
        size_hw: Height and width of the input in pixels; the most it can be where `stride` is given.
        stretch: Stretch the picture to the whole input instead of keeping its proportions.
        stride: Pad only to the next multiple of this; None pads to the whole of `size_hw`.
        is_fixed: Whether no other size could be asked for.
    """

    size_hw: tuple[int, int]
    stretch: bool = False
    stride: int | None = None
    is_fixed: bool = False

    def note(self) -> str:
        """One line for `DetectorInfo.notes`: what decides the size of the input, which `--imgsz` may not."""
        height, width = self.size_hw
        return (
            f"input {height} high, {width} wide, fixed in the file"
            if self.is_fixed
            else "input size free, --imgsz decides"
        )

    def letterbox(self, image_hw: tuple[int, int]) -> Letterbox:
        """Where a picture of this size lies in the input."""
        if self.stretch:
            return Letterbox.stretch(image_hw, self.size_hw)
        return Letterbox.fit(image_hw, self.size_hw, stride=self.stride or 1, rectangular=self.stride is not None)


@dataclass(frozen=True, slots=True, eq=False)
class Wiring:
    """What stands around a network: how images become what it takes, and how its outputs are read.

    Attributes:
        fit: How pictures are brought to the input.
        choose_reading: Given the outputs of a dry run and its letterbox, how outputs are read; it tries that way.
        preprocess: From (1, 3, H, W) images, RGB, 0..1, to the network's one argument.
        guard: Context around a forward, which says whose fault an error is.
        timed: Whether the time spent in a module is the time its map costs.
    """

    fit: InputFit
    choose_reading: Callable[[Any, Letterbox], Reading]
    preprocess: Callable[[Tensor], Any] = lambda images: images
    guard: Callable[[], AbstractContextManager[None]] = nullcontext
    timed: bool = True


class ModuleDetector(LoadedNetwork):
    """A network in eval mode with what stands around it. One thread uses it at a time.

    Args:
        network: In eval mode, without gradients, on `device`.
        wiring: What stands around it.
        name: Short name for titles.
        architecture: Class of the network where that of `network` does not say it.
        device: Where it lives.
        dtype: Floating type of its input.
        names: Class names by number.
        notes: Things worth knowing about how it was made.
        stages: Short name by path of the stages to tap by default; None guesses.
        find_stages: Lists stages where more is known of the network than its paths, and `stages` is None; the caller
            says in `notes` how.

    Raises:
        DetectorError: If the dry run fails, or its outputs cannot be read.
    """

    def __init__(
        self,
        network: nn.Module,
        wiring: Wiring,
        *,
        name: str,
        architecture: str = "",
        device: torch.device,
        dtype: torch.dtype,
        names: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
        stages: dict[str, str] | None = None,
        find_stages: StageFinder | None = None,
    ) -> None:
        super().__init__(network, name=name, device=device, dtype=dtype)
        self._wiring = wiring
        input_hw = wiring.fit.size_hw
        self._letterbox = Letterbox.stretch(input_hw, input_hw)
        images = torch.zeros((1, 3, *input_hw), dtype=dtype, device=device)
        images = images.to(memory_format=torch.channels_last)  # as frames come
        self._reading = self._choose_reading(images)
        if find_stages is not None and stages is None:
            self._stages, found = find_stages(lambda: self.forward(images), input_hw), ""
        else:
            self._stages = find_stages_of(
                network,
                lambda: self.forward(images),
                input_hw=input_hw,
                wait=lambda: wait_for(device),
                wanted=stages,
                model=name,
            )
            whose = "as the file says" if stages is not None else "defaults guessed by path and stride"
            found = f"stages: found by running, {len(self._stages)} maps, {whose}"
        if not wiring.timed:
            self._stages = tuple(replace(stage, share=0.0) for stage in self._stages)
        self._info = DetectorInfo(
            name=name,
            architecture=architecture or type(network).__name__,
            names=names,
            parameters=sum(p.numel() for p in network.parameters()),
            strides=tuple(sorted({stage.stride for stage in self._stages if stage.default})),
            device=describe_device(device),
            precision=precision_of(dtype),
            suppression=self._reading.suppression,
            classes=self._reading.classes,
            warning=self._reading.warning,
            has_fixed_input=wiring.fit.is_fixed,
            notes=(*notes, *(note for note in (self._reading.note, found) if note)),
        )

    def letterbox(self, image_hw: tuple[int, int]) -> Letterbox:
        """How a picture enters."""
        self._letterbox = self._wiring.fit.letterbox(image_hw)
        return self._letterbox

    @inferring
    def forward(self, images: Tensor) -> Any:
        """Run the network.

        Args:
            images: (1, 3, H, W) of `dtype` on `device`, RGB, 0..1.

        Returns:
            Whatever the network returns.
        """
        input_hw = (images.shape[2], images.shape[3])
        if self._letterbox.input_hw != input_hw:
            self._letterbox = Letterbox.stretch(input_hw, input_hw)
        module = self.module
        prepared = self._wiring.preprocess(images)
        with self._wiring.guard():
            return module(prepared)

    @inferring
    def candidates(self, outputs: Any) -> Tensor:
        """Read the outputs of the last `forward`.

        Returns:
            (1024, 7) float32 on the device, best score first.
        """
        return self._reading.pack(outputs, self._letterbox).to(self._device)

    def read_candidates(self, rows: NDArray[np.float32], letterbox: Letterbox) -> Boxes:
        """Turn the downloaded rows into boxes in source pixels, fill left out, not clipped yet.

        Raises:
            DetectorError: If scores are none; a dry run on one picture cannot tell for all.
        """
        self._reading.check(rows)
        return read_rows(rows, letterbox)

    @property
    def scoring_head(self) -> str:
        """Which head gives the scores of `dense_scores`; empty where its decoding knows of no cells."""
        return "" if self._reading.dense is None else f"head read as {self._reading.preset}"

    @torch.inference_mode()
    def dense_scores(self, outputs: Any) -> tuple[DenseLevel, ...]:
        """What the head says of every cell; see `viewer.core.protocols.ScoringDetector`."""
        return () if self._reading.dense is None else self._reading.dense(outputs, self._letterbox)

    @override
    def close(self) -> None:
        """Drop the weights; twice is harmless."""
        release = getattr(self._network, "close", None)
        if callable(release):  # one that stands on hooks of its own
            release()
        super().close()

    @torch.inference_mode()
    def _choose_reading(self, images: Tensor) -> Reading:
        return self._wiring.choose_reading(self.forward(images), self._letterbox)
