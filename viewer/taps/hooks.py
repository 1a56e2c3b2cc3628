"""The hooks on a module and nothing but the hooks: who owns them, when they fire, that they are gone afterwards."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from time import perf_counter
from typing import Any, Self

import torch
from torch import Tensor, nn

from viewer.core.errors import TapError
from viewer.core.stage import Stage
from viewer.core.tapping import Limits
from viewer.taps.arena import Arena
from viewer.taps.reducers import Reducer

MAX_MAP_WIDTH = 160
"""Maps wider than this are averaged down: finer ones show no more on a screen and cost bytes."""


class TapSet:
    """Forward hooks on some stages of a module; a context manager that owns every handle.

    A frame goes `begin()`, the module's forward, `finish()`. All methods belong to the thread that runs the module.

    Args:
        module: The network, already fused: fusing replaces the modules hooks stand on.
        stages: What to tap.
        reducer: How channels collapse, for all of them.
        limits: Value range of the codes.
        device: Where the module lives.

    Raises:
        TapError: If a stage is not in the module or does not suit the reducer; no hook is left then.
    """

    def __init__(
        self,
        module: nn.Module,
        stages: Sequence[Stage],
        reducer: Reducer,
        *,
        limits: Limits,
        device: torch.device,
    ) -> None:
        self.stages = tuple(stages)
        self.reducer = reducer
        self.reduce_ms = 0.0
        self._limits = limits
        self._device = device
        self._arena: Arena | None = None
        self._calls: Counter[str] = Counter()
        self._maps: dict[int, Tensor] = {}
        self._slots: dict[int, Tensor] = {}
        self._loose = False  # whether a map of this frame lies outside the arena
        self._handles: list[torch.utils.hooks.RemovableHandle] = []
        modules = dict(module.named_modules())
        for stage in stages:
            reducer.check(stage)
            if _path(stage.node) not in modules:
                raise TapError(f"the network has no module {_path(stage.node)!r}; list the stages again")
        taps_of_path: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for tap, stage in enumerate(stages):
            taps_of_path[_path(stage.node)][_call(stage.node)] = tap
        for path, tap_of_call in taps_of_path.items():
            self._handles.append(modules[path].register_forward_hook(self._hook(path, tap_of_call)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove every hook; twice is harmless."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._arena = None
        self._slots.clear()

    def begin(self) -> None:
        """Forget the last frame's calls; also after a forward that failed half-way."""
        self._calls.clear()
        self._maps.clear()
        self._loose = False
        self.reduce_ms = 0.0

    def finish(self, extra_floats: int) -> Arena:
        """Turn the maps of this frame into codes, limits and figures.

        Args:
            extra_floats: Float32 numbers that will travel down in the same buffer, to be put into `arena.extra`.

        Returns:
            The arena, whose `packed` buffer holds them once the device is done. It stays the same object as long as
            the maps keep their shapes.

        Raises:
            TapError: If a tap did not fire; its stage is not part of this forward.
        """
        started = perf_counter()
        silent = [stage.node for tap, stage in enumerate(self.stages) if tap not in self._maps]
        if silent:
            raise TapError(f"stage {silent[0]} stayed silent in this forward; tap another one")
        arena = self._arena
        if arena is None or len(arena.extra) != extra_floats or self._loose:
            arena = self._lay_out(extra_floats)
        arena.finish()
        self.reduce_ms += (perf_counter() - started) * 1000
        return arena

    def set_limits(self, limits: Limits) -> None:
        """Change the value range of the codes from the next frame on."""
        self._limits = limits
        if self._arena is not None:
            self._arena.set_limits(limits)

    def _hook(self, path: str, tap_of_call: dict[int, int]) -> Any:
        def fire(_module: nn.Module, _inputs: Any, output: Any) -> None:
            self._calls[path] += 1
            tap = tap_of_call.get(self._calls[path])
            if tap is not None:
                started = perf_counter()
                self._take(tap, output)
                self.reduce_ms += (perf_counter() - started) * 1000

        return fire

    def _take(self, tap: int, output: Any) -> None:
        """Reduce at once: the next operation may overwrite the activation in place."""
        if not isinstance(output, Tensor) or output.ndim != 4:
            raise TapError(f"stage {self.stages[tap].node} gives no (N, C, H, W) activation; tap another one")
        activation = output[0]
        slot = self._slots.get(tap)
        if slot is not None and slot.shape == activation.shape[1:]:
            self.reducer.reduce(activation, slot)
            self._maps[tap] = slot
            return
        shape_hw = pooled_hw((activation.shape[1], activation.shape[2]))
        pooled = shape_hw != activation.shape[1:]
        arena = self._arena
        slot = arena.slots[tap] if arena is not None and arena.shapes_hw[tap] == shape_hw else None
        target = (
            torch.empty(activation.shape[1:], dtype=torch.float32, device=activation.device)
            if pooled or slot is None
            else slot
        )
        self.reducer.reduce(activation, target)
        if pooled:
            target = nn.functional.adaptive_avg_pool2d(target[None], shape_hw)[0]
            if slot is not None:
                target = slot.copy_(target)
        self._loose |= slot is None
        self._maps[tap] = target

    def _lay_out(self, extra_floats: int) -> Arena:
        """Make storage for the shapes of this frame: the first one, or the first after the input's size changed."""
        maps = [self._maps[tap] for tap in range(len(self.stages))]
        shapes_hw = [(map_.shape[0], map_.shape[1]) for map_ in maps]
        arena = Arena(shapes_hw, extra_floats=extra_floats, device=self._device)
        arena.set_limits(self._limits)
        for tap, map_ in enumerate(maps):
            arena.slots[tap].copy_(map_)
        self._arena = arena
        self._slots = dict(enumerate(arena.slots))
        return arena


def pooled_hw(map_hw: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns after averaging a map down to `MAX_MAP_WIDTH` by a whole factor."""
    factor = -(-max(map_hw) // MAX_MAP_WIDTH)
    return -(-map_hw[0] // factor), -(-map_hw[1] // factor)


def _path(node: str) -> str:
    return node.partition("@")[0]


def _call(node: str) -> int:
    return int(node.partition("@")[2] or 1)
