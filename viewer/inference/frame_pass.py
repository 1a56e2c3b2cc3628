"""Everything a device does for one frame of one size, as one call over buffers that keep their places."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

from viewer.core.errors import DetectorError
from viewer.core.protocols import Detector
from viewer.detectors.devices import is_out_of_memory
from viewer.taps import Arena, TapSet

if TYPE_CHECKING:
    from viewer.inference.inquirer import Inquirer


class Entry(Protocol):
    """Where the model's input comes from."""

    def images(self) -> Tensor:
        """(1, 3, h, w) on the device, RGB, 0..1."""
        ...


class FramePass:
    """Input, forward with hooks, candidates, codes: the result lies in `arena.packed`.

    Args:
        detector: Loaded detector.
        taps: Hooks on its module.
        entry: Where its input comes from.
    """

    def __init__(self, detector: Detector, taps: TapSet, entry: Entry) -> None:
        self._detector = detector
        self._entry = entry
        self.taps = taps
        self.rows_shape: tuple[int, ...] = ()
        self.outputs: Any = None
        """What the network returned last, for detectors that make masks or poses of it; a graph writes it anew."""
        self.rows: Tensor | None = None
        """Candidates of the frame run last, on the device, where something is asked of it."""
        self.inquirer: Inquirer | None = None
        """Who asks something of every frame; None where nobody does."""
        self._arena: Arena | None = None

    @property
    def arena(self) -> Arena:
        """Where the result lies.

        Raises:
            RuntimeError: If the pass has never run.
        """
        if self._arena is None:
            raise RuntimeError("the pass has not run yet")
        return self._arena

    @torch.inference_mode()
    def run(self, mark: Callable[[int], object] = lambda _point: None, *, with_taps: bool = True) -> None:
        """Do it, or enqueue it.

        Args:
            mark: Told when the input is there (1), the forward is done (2) and the taps are finished (3).
            with_taps: Whether to make maps; without, those of an earlier frame stay in the arena. The first frame
                has maps in any case, which `taps.is_skipping` tells.
        """
        detector, taps = self._detector, self.taps
        images = self._entry.images()
        mark(1)
        taps.begin(skip=not with_taps)
        if self.inquirer is None:
            outputs = detector.forward(images)
            candidates = detector.candidates(outputs)
            self.outputs = outputs if detector.info.shapes else None
        else:
            candidates = self._run_watched(self.inquirer, images, skip=not with_taps)
        mark(2)
        arena = taps.finish(candidates.numel())
        mark(3)
        arena.extra.copy_(candidates.flatten())
        self._arena, self.rows_shape = arena, tuple(candidates.shape)

    def _run_watched(self, inquirer: "Inquirer", images: Tensor, *, skip: bool, has_renewed: bool = False) -> Tensor:
        """Forward and candidates while somebody asks something; without gradients where it does not run with them."""
        detector = self._detector
        is_recorded = inquirer.needs_gradients
        try:
            with inquirer.watching():
                self.outputs = detector.forward(images)
                rows: Tensor = detector.candidates(self.outputs)
        except (RuntimeError, DetectorError) as error:
            if not is_recorded or is_out_of_memory(error.__cause__ or error):
                raise
            if has_renewed or not inquirer.renew_kept():
                inquirer.give_up_gradients(error)
            self.taps.begin(skip=skip)
            return self._run_watched(inquirer, images, skip=skip, has_renewed=True)
        self.rows = rows
        return rows.detach()

    @torch.inference_mode()
    def run_untapped(self) -> None:
        """The same without taps, to know what they cost; its hooks must be off."""
        self._detector.candidates(self._detector.forward(self._entry.images()))
