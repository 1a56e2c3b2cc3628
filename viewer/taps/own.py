"""A user's own reducer: a class in a Python file, and what it takes to run it among ours.

The class needs a `reduce` and nothing else. What it returns is looked at, so that a mistake is one line that names its
place and not a picture of something else. The README's chapter "Your own reducer" is the contract.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from viewer.core.errors import ReducerError, did_you_mean
from viewer.core.nearby import mentions
from viewer.core.reducer_names import ReducerName
from viewer.core.stage import Stage
from viewer.taps.reducers import WithMemory
from viewer.userfile.blame import blamed, line_of
from viewer.userfile.running import find_file, run_file

_LOOKS_LIKE_ONE = mentions(r"\bReducer\b")
_COLOURS = ("red", "green", "blue")


class OwnReducer:
    """What a user's reducer is derived from, as `viewer.Reducer`. There is one object of it a stage.

    Keep what is remembered between frames in attributes. On a GPU calls are recorded once and then replayed: write
    into tensors that stay (`copy_`), and ask for no value (`item`, `if tensor > 0`), or it runs eagerly.
    """

    def reduce(self, activation: Tensor) -> Tensor:
        """Make a map.

        Args:
            activation: (C, H, W) float, on the model's device. It must not be written to.

        Returns:
            (h, w) or, for a colour, (h, w, 3): a number a cell, on the same device, of any floating type.
        """
        raise NotImplementedError

    def forget(self) -> None:
        """Let the next frame be the first, where frames are compared with each other."""


class Own(WithMemory):
    """Runs a user's reducer.

    Args:
        name: What the user called it.
        path: The file.
        kind: The class in it.
    """

    warm_up_frames = 0

    def __init__(self, name: str, path: Path, kind: type[OwnReducer]) -> None:
        super().__init__()
        self.name = name
        self._path, self._kind = path, kind
        with self._blamed("__init__()"):
            self._user = kind()
        self._made: Tensor | None = None

    def for_stage(self, stage: Stage) -> "Own":  # noqa: ARG002 - every stage has an object of its own
        """Follow one stage."""
        return Own(self.name, self._path, self._kind)

    @torch.inference_mode()
    def forget(self) -> None:
        """Tell the user's, if it wants to know; what it remembers was made in inference mode."""
        with self._blamed("forget()", self._kind.forget):
            self._user.forget()

    @torch.inference_mode()
    def rehearse(self, stage: Stage, device: torch.device, dtype: torch.dtype) -> None:
        """Run a fresh one on two frames of noise and tell it to forget them, before anything else is given up."""
        trial = self.for_stage(stage)
        shape = stage.channels, *stage.map_hw
        noise = torch.rand(shape, generator=torch.Generator().manual_seed(0)).to(device, dtype)
        untouched = noise.clone()
        for _ in range(2):
            if len(trial.map_shape(noise)) == 3:  # it may give some stages a colour and others none
                self.bands = _COLOURS
        trial.forget()
        if not torch.equal(noise, untouched):
            raise ReducerError(
                f"{self._place()}: reduce() writes into the activation, which the network goes on with; use a copy"
            )

    def map_shape(self, activation: Tensor) -> tuple[int, ...]:
        """The shape of what it makes; made here, for nobody else knows."""
        self._made = self._run(activation)
        return tuple(self._made.shape)

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write what it makes."""
        made, self._made = self._made, None
        made = self._run(activation) if made is None else made
        if made.shape != out.shape:
            raise ReducerError(
                f"{self._place()}: reduce() returned another shape than in the frame before; "
                f"return one of the same size for activations of the same size"
            )
        out.copy_(made)

    def _run(self, activation: Tensor) -> Tensor:
        """(h, w) or (3, h, w) of what the user's returns."""
        with self._blamed("reduce()", self._kind.reduce):
            made: Any = self._user.reduce(activation)
        if not isinstance(made, Tensor):
            raise ReducerError(f"{self._place()}: reduce() returned {_what(made)}; return a tensor (h, w) or (h, w, 3)")
        if made.layout is not torch.strided or made.device != activation.device:
            kind = "dense" if made.layout is torch.strided else "sparse"
            raise ReducerError(
                f"{self._place()}: reduce() returned a {kind} tensor on {made.device}; "
                f"return a dense one on {activation.device}"
            )
        is_colour = made.ndim == 3 and made.shape[2] == 3
        if not (made.ndim == 2 or is_colour) or not made.numel() or made.is_complex():
            shown = ", ".join(map(str, made.shape))
            hint = f" of the {', '.join(map(str, activation.shape))} activation" if made.ndim == 3 else ""
            raise ReducerError(
                f"{self._place()}: reduce() returned numbers of shape ({shown}){hint}; return (h, w) or (h, w, 3)"
            )
        return made.permute(2, 0, 1) if is_colour else made

    def _place(self) -> str:
        return line_of(self._kind.reduce, self._path)

    def _blamed(self, doing: str, definition: Callable[..., object] | None = None) -> AbstractContextManager[None]:
        return blamed(self._path, f"{self._kind.__name__} {doing}", error=ReducerError, definition=definition)


def load_own(wanted: ReducerName) -> Own:
    """Run a user's file and make the reducer in it.

    Args:
        wanted: File and class.

    Raises:
        ReducerError: If the file is not there or cannot be run, or has no such reducer; the message says what to do.
    """
    path = find_file(wanted.path, ReducerError, _LOOKS_LIKE_ONE)
    found = vars(run_file(path, ReducerError, role="reducer"))
    kind = found.get(wanted.symbol)
    if kind is None:
        theirs = [name for name, value in found.items() if _is_reducer(value)]
        has = f"; it has {', '.join(theirs)}" if theirs else "; derive a class from viewer.Reducer"
        raise ReducerError(f"{path.name} has no {wanted.symbol!r}{did_you_mean(wanted.symbol, theirs) or has}")
    if not _is_reducer(kind):
        raise ReducerError(
            f"{path.name}: {wanted.symbol} is no reducer; write `class {wanted.symbol}(viewer.Reducer)` with a reduce()"
        )
    return Own(str(wanted), path, kind)


def _is_reducer(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, OwnReducer) and value.reduce is not OwnReducer.reduce


def _what(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__module__}.{type(value).__name__}".replace("builtins.", "")
