"""The hooks on a module and nothing but the hooks: who owns them, when they fire, that they are gone afterwards."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn

from viewer.core.errors import TapError
from viewer.core.geometry import Letterbox
from viewer.core.stage import Stage
from viewer.core.tapping import Limits
from viewer.taps.arena import Arena
from viewer.taps.layout import Layout, View, as_it_is, layout_of
from viewer.taps.meter import meter_for
from viewer.taps.reducers import MAX_MAP_WIDTH, Reducer

if TYPE_CHECKING:
    from viewer.taps.host_kernels import Reduction


@dataclass(slots=True)
class _Place:
    """Where the map of one tap goes as long as its activation keeps its shape.

    Attributes:
        shape: (N, C, H, W) of the activation.
        stride: Its strides.
        layout: How it lies in memory, where compiled kernels can reduce it.
        made: Shape of what the reducer writes, before it is averaged down.
        slot: (h, w) part of the arena; (3, h, w) of a map in colour.
        reduce: Reduces and finishes in one compiled call; None where there is none for this activation.
        view: Turns the activation into what `reduce` takes.
    """

    shape: torch.Size
    stride: tuple[int, ...]
    layout: Layout | None
    made: tuple[int, ...]
    slot: Tensor
    reduce: "Reduction | None" = None
    view: View = as_it_is


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
        self.finish_ms = 0.0
        self._meter = meter_for(device, len(stages))
        self._limits = limits
        self._device = device
        self._arena: Arena | None = None
        self._places: list[_Place | None] = [None] * len(stages)
        # Bit `tap` of these is set once its hook has fired in this frame, and once its codes are made.
        self._taken = self._finished = 0
        self._all = (1 << len(stages)) - 1
        self.is_skipping = False
        self.is_standing = False
        """Whether frames are the last one run again, which is none more to set running limits."""
        self._calls: Counter[str] = Counter()
        self._is_closed = False
        self._hooked: list[tuple[nn.Module, Any]] = []
        self._handles: list[torch.utils.hooks.RemovableHandle] = []
        modules = dict(module.named_modules())
        for stage in stages:
            reducer.check(stage)
            reducer.rehearse(stage, device, _dtype_of(module))
            if _path(stage.node) not in modules:
                raise TapError(f"the network has no module {_path(stage.node)!r}; list the stages again")
        self._reducers = [reducer.for_stage(stage) for stage in stages]
        self._absent: dict[str, Reducer] = {}
        taps_of_path: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for tap, stage in enumerate(stages):
            taps_of_path[_path(stage.node)][_call(stage.node)] = tap
        for path, tap_of_call in taps_of_path.items():
            self._hooked.append((modules[path], self._hook(path, tap_of_call)))
        self.restore_hooks()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove every hook; twice is harmless."""
        self.remove_hooks()
        self._is_closed = True
        self._arena = None
        self._hooked.clear()
        self._places[:] = [None] * len(self.stages)

    def remove_hooks(self) -> None:
        """Take the hooks off and keep the storage, which a captured graph goes on writing into."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def restore_hooks(self) -> None:
        """Put them back; without effect while they are on, or closed."""
        if not self._handles:
            self._handles += [module.register_forward_hook(hook) for module, hook in self._hooked]

    @property
    def tap_ms(self) -> list[float]:
        """What reducing each stage took in the last frame that is known, in milliseconds."""
        return self._meter.read_ms()

    @contextmanager
    def unmetered(self) -> Iterator[None]:
        """A context in which nothing is measured: events recorded while a graph is captured tell no time."""
        self._meter.pause(on=True)
        try:
            yield
        finally:
            self._meter.pause(on=False)

    def begin(self, *, skip: bool = False) -> None:
        """Forget the last frame's calls; also after a forward that failed half-way.

        Args:
            skip: Let the hooks do nothing in this frame. Ignored as long as there is no storage that `finish` could
                return: a first frame is always reduced.
        """
        self._calls.clear()
        self.is_skipping = skip and self._arena is not None
        # Hooks that seem to have fired do nothing more, and maps that seem finished are left alone.
        self._taken = self._finished = self._all if self.is_skipping else 0

    def ignore(self) -> None:
        """Let the hooks do nothing until the next frame begins, for forwards that are none of a frame's own."""
        self._taken = self._finished = self._all

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
        began_s = perf_counter()
        if self._is_closed:
            raise TapError("the network was closed while a frame was under way")
        if self._taken != self._all:
            silent = next(stage for tap, stage in enumerate(self.stages) if not self._taken >> tap & 1)
            raise TapError(f"stage {silent.node} stayed silent in this forward; tap another one")
        arena = self._arena
        if arena is None or len(arena.extra) != extra_floats:
            arena = self._lay_out(extra_floats)
        if self._finished != self._all:
            for words, one in zip(arena.legends, self._reducers, strict=True):
                if one.legend is not None:
                    words.copy_(one.legend)
            arena.finish([bool(self._finished >> tap & 1) for tap in range(len(self.stages))])
        self.finish_ms = (perf_counter() - began_s) * 1000
        return arena

    def stand(self, *, on: bool) -> None:
        """Take the frames to come for the last one run again, or for those that follow it."""
        self.is_standing = on
        if self._arena is not None:
            self._arena.hold_limits(on=on)
        for reducer in self._reducers:
            reducer.stand(on=on)

    def could_adopt(self, reducer: Reducer) -> bool:
        """Whether `adopt` can do without attaching anew: only live parameters differ.

        Raises:
            ReducerError: If a stage does not suit it.
        """
        if type(reducer) is not type(self.reducer) or not reducer.is_live:
            return False
        for stage in self.stages:
            reducer.check(stage)
        return True

    def adopt(self, reducer: Reducer) -> None:
        """Reduce another way from the next frame on, where `could_adopt` said so."""
        for present in {id(one): one for one in (self.reducer, *self._reducers)}.values():
            present.take_over(reducer)

    def aim(self, letterbox: Letterbox) -> None:
        """Say where pictures lie in the model's input, before the first frame of a size."""
        for reducer in (self.reducer, *self._reducers):
            reducer.aim(letterbox)

    @property
    def by_node(self) -> dict[str, Reducer]:
        """What reduces each stage, or did when it was last tapped."""
        return self._absent | {stage.node: reducer for stage, reducer in zip(self.stages, self._reducers, strict=True)}

    def inherit(self, other: "TapSet") -> None:
        """Go on with what others held of the same stages, if they reduce the same way."""
        if other.reducer.name != self.reducer.name:
            return
        theirs = other.by_node
        for stage, reducer in zip(self.stages, self._reducers, strict=True):
            if stage.node in theirs:
                reducer.inherit(theirs.pop(stage.node))
        # A stage that is left out for a while, as for speed, is to come back with what it held.
        self._absent = theirs

    def start_over(self) -> None:
        """Let the next frame set running limits anew, and be the first for reducers that compare frames."""
        for reducer in self._reducers:
            reducer.forget()
        if self._arena is not None:
            self._arena.forget_limits()

    def set_limits(self, limits: Limits) -> None:
        """Change the value range of the codes from the next frame on."""
        self._limits = limits
        if self._arena is not None:
            self._arena.set_limits(limits)

    def _hook(self, path: str, tap_of_call: dict[int, int]) -> Any:
        if list(tap_of_call) == [1]:
            return self._timed(tap_of_call[1])
        timed = {call: self._timed(tap) for call, tap in tap_of_call.items()}

        def fire(module: nn.Module, inputs: Any, output: Any) -> None:
            self._calls[path] += 1
            take = timed.get(self._calls[path])
            if take is not None:
                take(module, inputs, output)

        return fire

    def _timed(self, tap: int) -> Any:
        """The hook of one tap: reduce at once, for the next operation may overwrite the activation in place."""
        meter, places, bit = self._meter, self._places, 1 << tap

        def take(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if self._taken & bit:
                return  # a later call of a module that is tapped by its first
            meter.start(tap)
            place = places[tap]
            # A frame on a CPU comes this way, with cold caches, so every step less counts.
            if (
                place is not None
                and place.reduce is not None
                and type(output) is Tensor
                and output.shape == place.shape
                and output.stride() == place.stride
                and not output.requires_grad
            ):
                place.reduce(place.view(output.numpy()))
                self._finished |= bit
            else:
                self._take_any(tap, output)
            self._taken |= bit
            meter.stop(tap)

        return take

    # Also where somebody explains what the network does and has it run otherwise: what a tap does is none of that.
    @torch.inference_mode()
    def _take_any(self, tap: int, output: Any) -> None:
        if not isinstance(output, Tensor) or output.ndim != 4:
            raise TapError(f"stage {self.stages[tap].node} gives no (N, C, H, W) activation; tap another one")
        activation, place = output[0], self._places[tap]
        reducer = self._reducers[tap]
        slot = place.slot if place is not None and place.shape == output.shape else None
        made = reducer.map_shape(activation) if slot is None or place is None else place.made
        pooled = pooled_hw(made[-2:], reducer.most_cells) != made[-2:]
        target = torch.empty(made, dtype=torch.float32, device=activation.device) if pooled or slot is None else slot
        reducer.reduce(activation, target)
        if pooled:
            planes = target.view(-1, *made[-2:])
            small = nn.functional.adaptive_avg_pool2d(planes, pooled_hw(made[-2:], reducer.most_cells))
            small = small.view(*made[:-2], *small.shape[-2:])
            target = small if slot is None else slot.copy_(small)
        if slot is None:
            # The arena is laid out for the activations of the last frame; this one moves in when the frame is done.
            layout = None if pooled or self.reducer.total is None else layout_of(output)
            self._places[tap] = _Place(output.shape, output.stride(), layout, made, target)
            self._arena = None

    def _lay_out(self, extra_floats: int) -> Arena:
        """Make storage for the shapes of this frame: the first one, or the first after the input's size changed."""
        places = [place for place in self._places if place is not None]
        arena = self._arena = Arena(
            [tuple(place.slot.shape) for place in places],
            extra_floats=extra_floats,
            device=self._device,
            fresh_frames=1 + self.reducer.warm_up_frames,
            legends=[0 if one.legend is None else len(one.legend) for one in self._reducers],
        )
        arena.set_limits(self._limits)
        for place, slot in zip(places, arena.slots, strict=True):
            place.slot = slot.copy_(place.slot)
        for place, map_ in zip(places, arena.host_maps, strict=False):  # there are none on a GPU
            if place.layout is not None and self.reducer.total is not None:
                place.view = place.layout.view
                place.reduce = map_.reduction(place.layout, self.reducer.total)
        self._finished = 0
        return arena


def pooled_hw(map_hw: tuple[int, ...], most: int = MAX_MAP_WIDTH) -> tuple[int, int]:
    """Rows and columns after averaging a map down to at most so many of both, by a whole factor."""
    factor = -(-max(map_hw) // most)
    return -(-map_hw[0] // factor), -(-map_hw[1] // factor)


def _dtype_of(module: nn.Module) -> torch.dtype:
    return next((value.dtype for value in module.parameters() if value.is_floating_point()), torch.float32)


def _path(node: str) -> str:
    return node.partition("@")[0]


def _call(node: str) -> int:
    return int(node.partition("@")[2] or 1)
