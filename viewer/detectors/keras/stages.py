"""Which layers give maps, and where each stands in the detector."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from viewer.core.stage import Stage
from viewer.detectors.discovery import FoundMap, find_maps
from viewer.detectors.keras.layers import graph_of, wires_of
from viewer.detectors.keras.network import KerasNetwork
from viewer.detectors.levels import GraphMap, map_reads, place_maps
from viewer.detectors.roles import find_stages_of
from viewer.detectors.tiling import stride_of


def list_stages(
    network: KerasNetwork, input_hw: tuple[int, int], run: Callable[[], object], wait: Callable[[], None]
) -> tuple[Stage, ...]:
    """Run the network and list every layer that gives a map.

    Roles, names and defaults are guessed from the graph where the model is functional, and from paths and resolutions
    where it is code.

    Args:
        network: A network.
        input_hw: Height and width in pixels of the input that `run` feeds.
        run: Runs the network once.
        wait: Blocks until the device has finished.
    """
    # A nested model returns what a layer in it returned: that one is listed.
    layers = {path: layer for path, layer in network.layers.items() if graph_of(layer) is None}
    found = {one.node: _turned(one, network) for one in find_maps(layers, run, wait=wait)}
    strides = {node: stride for node, one in found.items() if (stride := stride_of(one.map_hw, input_hw)) is not None}
    strides = {node: stride for node, stride in strides.items() if _is_reachable(network, node)}
    wires = wires_of(network.model, {id(layer): path for path, layer in network.layers.items()})
    if wires is None:
        return _by_paths(network, input_hw, run, found)
    known = [node for node in wires.order if node in strides]
    sources = map_reads(known, wires.order, wires.reads)
    places = place_maps([GraphMap(node, strides[node], sources[node]) for node in strides if node in sources])
    return tuple(
        Stage(
            node=node,
            role=place.role,
            stride=strides[node],
            channels=found[node].channels,
            map_hw=found[node].map_hw,
            kind=found[node].kind,
            name=place.name,
            share=found[node].share,
            default=bool(place.name),
        )
        for node, place in places.items()
    )


def _turned(found: FoundMap, network: KerasNetwork) -> FoundMap:
    """A map of a channels-last layer, which was read as if its rows were its channels."""
    if not network.is_channels_last:
        return found
    rows, (columns, channels) = found.channels, found.map_hw
    return replace(found, channels=channels, map_hw=(rows, columns))


def _is_reachable(network: KerasNetwork, node: str) -> bool:
    from viewer.detectors.keras.tapping import Way

    return network.way is not Way.OUTPUTS or "." not in node


def _by_paths(
    network: KerasNetwork, input_hw: tuple[int, int], run: Callable[[], object], found: Mapping[str, FoundMap]
) -> tuple[Stage, ...]:
    stages = find_stages_of(network, run, input_hw=input_hw, model=network.model.name)
    return tuple(
        replace(stage, kind=found[stage.node].kind, share=found[stage.node].share)
        for stage in stages
        if stage.node in found
    )
