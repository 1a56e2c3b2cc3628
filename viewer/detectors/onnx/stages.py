"""Which nodes of a graph give maps of the picture, and where each stands in the detector."""

from collections.abc import Callable, Mapping

from viewer.core.stage import Stage
from viewer.detectors.discovery import FoundMap, find_maps
from viewer.detectors.levels import GraphMap, map_reads, place_maps
from viewer.detectors.onnx.network import OnnxNetwork, Step
from viewer.detectors.tiling import stride_of

_MIXES_PLACES = frozenset({"MatMul", "Gemm", "Einsum", "Softmax", "LogSoftmax", "GridSample", "RoiAlign"})
"""Operators whose output may be shaped like a map without its cells lying where the picture's do."""
_REARRANGES = frozenset({"Reshape", "Transpose", "Expand", "Gather", "Flatten", "Unsqueeze", "Squeeze"})
"""Operators that may give back a map, if it is as large as one it was made from."""


def list_stages(
    network: OnnxNetwork, input_hw: tuple[int, int], run: Callable[[], object], wait: Callable[[], None]
) -> tuple[Stage, ...]:
    """Run the network and list every node that gives a map, with roles, names and defaults guessed from the graph.

    Args:
        network: A network.
        input_hw: Height and width in pixels of the input that `run` feeds.
        run: Runs the network once.
        wait: Blocks until the device has finished.
    """
    modules = dict(network.named_modules())
    found = find_maps({step.path: modules[step.path] for step in network.steps}, run, wait=wait)
    shapes = {one.node: one for one in found}
    maker = {name: step.path for step in network.steps for name in step.outputs}
    reads = {step.path: [maker[name] for name in step.inputs if name in maker] for step in network.steps}
    strides = _strides(network.steps, shapes, reads, {*maker}, input_hw)
    sources = map_reads(list(strides), [step.path for step in network.steps], reads)
    places = place_maps([GraphMap(node, stride, sources[node]) for node, stride in strides.items()])
    kinds = {step.path: step.kind for step in network.steps}
    return tuple(
        Stage(
            node=node,
            role=places[node].role,
            stride=stride,
            channels=shapes[node].channels,
            map_hw=shapes[node].map_hw,
            kind=kinds[node],
            name=places[node].name,
            share=shapes[node].share,
            default=bool(places[node].name),
        )
        for node, stride in strides.items()
    )


def _strides(
    steps: tuple[Step, ...],
    shapes: Mapping[str, FoundMap],
    reads: Mapping[str, list[str]],
    made: set[str],
    input_hw: tuple[int, int],
) -> dict[str, int]:
    """Stride of every node that gives a map of the picture, in the order of execution.

    A node that reads the picture, or a map, gives one if its shape covers the input evenly. Attention scores and the
    like are shaped so by chance and are left out, with all that is made from them alone, until something is as large
    again as the maps it came from.
    """
    strides: dict[str, int] = {}
    in_place: set[str] = set()
    nearest: dict[str, set[tuple[int, int]]] = {}
    for step in steps:
        sources = reads[step.path]
        nearest[step.path] = set[tuple[int, int]]().union(*(nearest[source] for source in sources))
        shape = shapes.get(step.path)
        if step.kind in _MIXES_PLACES:
            continue
        if step.kind in _REARRANGES:
            keeps_place = shape is not None and shape.map_hw in nearest[step.path]
        else:
            from_picture = not sources and any(name and name not in made for name in step.inputs)
            keeps_place = from_picture or any(source in in_place for source in sources)
        if not keeps_place:
            continue
        in_place.add(step.path)  # also those that are no stages: a split, a padded map
        if shape is not None:
            nearest[step.path] = {shape.map_hw}
            stride = stride_of(shape.map_hw, input_hw)
            if stride is not None:
                strides[step.path] = stride
    return strides
