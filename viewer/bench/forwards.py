"""Taps against the bare forward, on one thread of one process, frames already decoded."""

import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import cycle
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from viewer.assembly import open_configured_detector
from viewer.bench.measure import Figure, flat, paired_difference, take_turns, timed_ms
from viewer.bench.subject import Subject, input_of
from viewer.bench.tapped import TappedForward
from viewer.core.stage import Stage
from viewer.detectors.devices import wait_for


def choose_taps(stages: Sequence[Stage], count: int) -> tuple[Stage, ...]:
    """The first `count` stages in the order in which they help: the default ones, finest last, then the others."""
    default = [stage for stage in stages if stage.default]
    others = [stage for stage in stages if not stage.default and stage.stride in (8, 16, 32)]
    chosen = {stage.node for stage in [*default, *others][:count]}
    return tuple(stage for stage in stages if stage.node in chosen)


class Forwards:
    """Forwards of one network with and without taps.

    Args:
        subject: Whose network and frames.
        rounds: How many frames each way has.
    """

    def __init__(self, subject: Subject, *, rounds: int) -> None:
        self._rounds = rounds
        self._detector = open_configured_detector(subject.config)
        self.info = self._detector.info
        self.stages = self._detector.stages
        self._device: torch.device = self._detector.device
        self._inputs = cycle(self._images(subject))
        self._in_place_ms: dict[int, list[float]] = {}

    def close(self) -> None:
        """Drop the network."""
        self._detector.close()

    def measure(self, counts: Sequence[int]) -> tuple[dict[str, Figure], dict[str, float]]:
        """Time the bare forward and forwards with so many taps each.

        Returns:
            Figures by name, and ratios to the bare forward: the time that `count` taps add to one, and the time that
            they take themselves.

        The added time is the difference between whole forwards that take turns frame by frame, so that both of a pair
        met the machine in the same state; it also has in it what taps do to the caches of what follows. What is spent
        in place, from entering each hook to leaving it and over what finishes the frame, plus what calling an empty
        hook costs, is given beside it: it is less, and steadier.
        """
        ways: dict[str, Callable[[], Sequence[float]]] = {"forward": self._bare}
        with ExitStack() as stack:
            for count in counts:
                tapped = stack.enter_context(self._with_taps(count))
                tapped.warm_up(next(self._inputs))
                ways[f"forward with {count} taps"] = lambda count=count, tapped=tapped: self._tapped(count, tapped)
            taken = take_turns(self._rounds, ways)
        figures = {name: Figure.of(flat(rounds), "ms") for name, rounds in taken.items()}
        forward_ms = figures["forward"].median
        hook_ms = self._hook_call_ms()
        ratios: dict[str, float] = {}
        for count in counts:
            cost = Figure.of([ms + count * hook_ms for ms in self._in_place_ms[count]], "ms")
            figures[f"cost of {count} taps, in place"] = cost
            added = paired_difference(taken[f"forward with {count} taps"], taken["forward"])
            figures[f"cost of {count} taps, by difference"] = added
            ratios[f"taps{count}_over_forward"] = added.median / forward_ms
            if self._device.type == "cpu":  # elsewhere a hook only asks for what is done later
                ratios[f"taps{count}_alone_over_forward"] = cost.median / forward_ms
        return figures, ratios

    def added_operations(self, count: int) -> int:
        """Operations that `count` taps add to a forward, counted by the dispatcher."""
        bare = self._count_operations(lambda: self._detector.forward(next(self._inputs)))
        with self._with_taps(count) as tapped:
            tapped.warm_up(next(self._inputs))
            with tapped.hooked():
                added = self._count_operations(lambda: tapped.run(next(self._inputs)))
        return added - bare

    def _images(self, subject: Subject) -> list[torch.Tensor]:
        return [input_of(self._detector, frame) for frame in subject.frames]

    def _with_taps(self, count: int) -> TappedForward:
        return TappedForward(self._detector, choose_taps(self.stages, count))

    @torch.inference_mode()
    def _bare(self) -> list[float]:
        def run() -> None:
            self._detector.forward(next(self._inputs))
            wait_for(self._device)

        return [timed_ms(run)]

    def _tapped(self, count: int, tapped: TappedForward) -> list[float]:
        spent_ms = tapped.time_ms(next(self._inputs))
        self._in_place_ms.setdefault(count, []).append(tapped.in_place_ms)
        return [spent_ms]

    def _hook_call_ms(self) -> float:
        """What it costs a module to have a hook that does nothing."""
        plain, hooked = torch.nn.Identity(), torch.nn.Identity()
        hooked.register_forward_hook(lambda *_: None)
        value = torch.zeros(1)
        costs = [timed_ms(lambda: hooked(value)) - timed_ms(lambda: plain(value)) for _ in range(500)]
        return max(0.0, statistics.median(costs))

    @torch.inference_mode()
    def _count_operations(self, work: Callable[[], object]) -> int:
        with _Counter() as counter:
            work()
        return counter.count


class _Counter(TorchDispatchMode):
    """Counts operations; views are none, they move no data."""

    count = 0

    def __torch_dispatch__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += not func.is_view
        return func(*args, **(kwargs or {}))
