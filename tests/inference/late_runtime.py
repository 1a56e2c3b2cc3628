"""A device that does everything as late as it may, and in as odd an order.

Work is only queued; it runs when somebody waits for an event, and then streams take turns at random, as far as their
own order and the events between them allow. A buffer that is used too early or overwritten too soon shows.
"""

import random
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import torch


class Event:
    """A mark; one that was never recorded counts as passed."""

    def __init__(self) -> None:
        self.asked = 0
        self.passed = 0
        self.at = 0


class LateRuntime:
    """See `viewer.inference.runtime.Runtime`.

    Args:
        module: Whose hooks at the time of a capture are part of the captured graph, as their kernels would be.
        seed: Of the order in which streams take turns.
        refuses: What capturing says, should it fail.
    """

    def __init__(self, module: torch.nn.Module, seed: int = 0, refuses: str = "") -> None:
        self._random = random.Random(seed)
        self._lock = threading.RLock()
        self._module = module
        self._streams: list[deque[tuple[str, Any]]] = []
        self._clock = 0
        self.refuses = refuses
        self.captures = 0
        self.replays = 0
        self.waits = 0

    def pinned(self, like: torch.Tensor) -> torch.Tensor:
        return torch.full_like(like, 99)

    def stream(self) -> deque[tuple[str, Any]]:
        with self._lock:
            self._streams.append(deque())
            return self._streams[-1]

    def event(self) -> Event:
        return Event()

    def enqueue(self, stream: deque, work: Callable[[], object]) -> None:
        stream.append(("work", work))

    def record(self, event: Event, stream: deque) -> None:
        event.asked += 1
        stream.append(("record", (event, event.asked)))

    def wait(self, stream: deque, event: Event) -> None:
        stream.append(("wait", (event, event.asked)))

    def synchronize(self, event: Event) -> None:
        with self._lock:
            self.waits += 1
            while event.passed < event.asked:
                ready = [stream for stream in self._streams if stream and self._may_run(stream[0])]
                assert ready, "everybody waits for somebody"
                self._run(self._random.choice(ready).popleft())

    def elapsed_ms(self, start: Event, end: Event) -> float:
        assert start.passed
        assert end.passed
        return max(0.0, (end.at - start.at) * 0.01)

    def capture(self, _stream: deque, work: Callable[[], object]) -> Callable[[], object]:
        if self.refuses:
            raise RuntimeError(self.refuses)
        self.captures += 1
        captured = {module: module._forward_hooks for module in self._module.modules()}
        captured = {module: hooks.copy() for module, hooks in captured.items()}

        def replay() -> None:
            self.replays += 1
            present = {module: module._forward_hooks for module in captured}
            try:
                for module, hooks in captured.items():
                    module._forward_hooks = hooks
                work()
            finally:
                for module, hooks in present.items():
                    module._forward_hooks = hooks

        return replay

    def _may_run(self, step: tuple[str, Any]) -> bool:
        kind, what = step
        return kind != "wait" or what[0].passed >= what[1]

    def _run(self, step: tuple[str, Any]) -> None:
        self._clock += 1
        kind, what = step
        if kind == "work":
            what()
        elif kind == "record":
            event, number = what
            event.passed, event.at = number, self._clock
