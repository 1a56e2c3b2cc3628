"""Hearing what a stage says while the network runs: one hook, for studies that look at one activation."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from viewer.core.errors import InquiryError, TapError
from viewer.core.protocols import Detector
from viewer.core.stage import Stage, find_stages


class Listener:
    """A forward hook on one stage. It does what it is there for at once: the next operation may overwrite the output.

    Args:
        detector: Whose network.
        node: Of the stage, or its short name.
        take: Called with (C, H, W) of every frame, in inference mode.

    Raises:
        InquiryError: If there is no such stage.
    """

    def __init__(self, detector: Detector, node: str, take: Callable[[Tensor], object]) -> None:
        try:
            (self.stage,) = find_stages([node], detector.stages, model=detector.info.name)
        except TapError as error:
            raise InquiryError(str(error)) from None
        path, _, call = self.stage.node.partition("@")
        modules = dict(detector.module.named_modules())
        if path not in modules:
            raise InquiryError(f"the network has no module {path!r}; list the stages again")
        self._take = take
        self._wanted = int(call or 1)
        self._calls = 0
        self._handle = modules[path].register_forward_hook(self._heard)

    @property
    def node(self) -> str:
        """Of the stage."""
        return self.stage.node

    def begin(self) -> None:
        """Count the calls of a new frame."""
        self._calls = 0

    def close(self) -> None:
        """Remove the hook; twice is harmless."""
        self._handle.remove()

    def _heard(self, _module: Any, _inputs: Any, output: Any) -> None:
        self._calls += 1
        if self._calls == self._wanted and isinstance(output, Tensor) and output.ndim == 4:
            with torch.inference_mode():
                self._take(output.detach()[0])


class Listening:
    """Keeps one listener on the stage that is asked about, and none while nothing is.

    Args:
        detector: Whose network.
        take: As of `Listener`.
    """

    def __init__(self, detector: Detector, take: Callable[[Tensor], object]) -> None:
        self._detector, self._take = detector, take
        self._listener: Listener | None = None

    def turn_to(self, node: str) -> Stage:
        """Listen to this stage and no other.

        Raises:
            InquiryError: If there is none; who was listened to before still is.
        """
        if self._listener is None or node != self._listener.node:
            fresh = Listener(self._detector, node, self._take)
            self.close()
            self._listener = fresh
        return self._listener.stage

    @property
    def stage(self) -> Stage:
        """The one that is listened to.

        Raises:
            RuntimeError: If none is.
        """
        if self._listener is None:
            raise RuntimeError("no stage is listened to")
        return self._listener.stage

    def begin(self) -> None:
        """Count the calls of a new frame."""
        if self._listener is not None:
            self._listener.begin()

    def close(self) -> None:
        """Remove the hook; twice is harmless."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
