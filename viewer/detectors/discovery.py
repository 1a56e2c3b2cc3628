"""Which outputs of a network can be tapped, found by running it once with hooks rather than by reading its code.

Nothing here knows a framework: give it modules by path and a function that runs the network. Roles and short names
are an adapter's business.
"""

import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class FoundMap:
    """One output that is a map.

    Attributes:
        node: Path of the module; the second call of a module that runs several times is `path@2`.
        kind: Class name of the module.
        channels: Channels of the activation.
        map_hw: Rows and columns.
        share: Share of the forward time spent in this call, 0..1, modules inside it included.
    """

    node: str
    kind: str
    channels: int
    map_hw: tuple[int, int]
    share: float


def is_map(output: object) -> TypeGuard[Tensor]:
    """Whether a module's output is one floating-point (1, C, H, W) tensor that can be tapped.

    One in a layout of its own, such as MKL-DNN's, knows hardly any operation and cannot.
    """
    if not isinstance(output, Tensor) or output.layout is not torch.strided:
        return False
    return output.ndim == 4 and output.shape[0] == 1 and output.is_floating_point()


def find_maps(
    modules: Mapping[str, nn.Module],
    run: Callable[[], object],
    *,
    repeats: int = 3,
    wait: Callable[[], None] = lambda: None,
) -> tuple[FoundMap, ...]:
    """Run a network and note which of these modules return maps, in the order of execution.

    A module counts if its output is a map, see `is_map`. The network runs `repeats` + 1 times; the first run warms it
    up. No hook is left behind, also when `run` raises.

    Args:
        modules: Modules to look at by path; a module that stands under several paths is found under the first.
        run: Runs the network once.
        repeats: Timed runs; shares are medians over them.
        wait: Blocks until the device has finished, so that time is booked where it was spent.

    Raises:
        ValueError: If `repeats` is less than 1.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, not {repeats}")
    run()
    runs = [_watch(modules, run, wait) for _ in range(repeats)]
    total = statistics.median(one.seconds for one in runs)
    return tuple(
        FoundMap(
            node=node,
            kind=call.kind,
            channels=call.channels,
            map_hw=call.map_hw,
            share=min(1.0, statistics.median(one.calls[node].seconds for one in runs if node in one.calls) / total),
        )
        for node, call in runs[-1].calls.items()
    )


@dataclass(frozen=True, slots=True)
class _Call:
    kind: str
    channels: int
    map_hw: tuple[int, int]
    seconds: float


@dataclass(slots=True)
class _Run:
    """What one watched run showed; hooks write into it."""

    wait: Callable[[], None]
    calls: dict[str, _Call] = field(default_factory=dict[str, _Call])
    started: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    seconds: float = 0.0

    def enter(self, path: str) -> None:
        self.wait()
        self.started[path].append(perf_counter())

    def leave(self, path: str, module: nn.Module, output: object) -> None:
        self.wait()
        seconds = perf_counter() - self.started[path].pop()
        self.counts[path] += 1
        if is_map(output):
            node = path if self.counts[path] == 1 else f"{path}@{self.counts[path]}"
            _, channels, height, width = output.shape
            self.calls[node] = _Call(type(module).__name__, channels, (height, width), seconds)


def _watch(modules: Mapping[str, nn.Module], run: Callable[[], object], wait: Callable[[], None]) -> _Run:
    seen = _Run(wait)
    handles: list[torch.utils.hooks.RemovableHandle] = []

    def hook(path: str, module: nn.Module) -> None:
        def before(_module: nn.Module, _args: Any) -> None:
            seen.enter(path)

        def after(module: nn.Module, _args: Any, output: object) -> None:
            seen.leave(path, module, output)

        handles.append(module.register_forward_pre_hook(before))
        handles.append(module.register_forward_hook(after))

    try:
        known: set[int] = set()
        for path, module in modules.items():
            if id(module) not in known:
                known.add(id(module))
                hook(path, module)
        wait()
        began = perf_counter()
        run()
        wait()
        seen.seconds = perf_counter() - began
    finally:
        for handle in handles:
            handle.remove()
    return seen
