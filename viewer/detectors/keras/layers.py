"""The layers of a Keras model by path, and who reads whom where Keras knows."""

import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from viewer.detectors.keras.backend import load_keras


def layers_by_path(model: Any, *, reserved: Container[str] = ()) -> dict[str, Any]:
    """Every layer in a model by a dotted path of layer names, those in nested and subclassed models included.

    Args:
        model: A `keras.Model`.
        reserved: Words that cannot stand in a path, such as `half`, a method of every torch module; they get an
            underscore.

    Returns:
        Layers in Keras' own order; a layer that stands in several places is found under the first.
    """
    found: dict[str, Any] = {}
    known: set[int] = {id(model)}

    def walk(owner: Any, prefix: str) -> None:
        for layer in _children(owner):
            if id(layer) in known:
                continue
            known.add(id(layer))
            word = re.sub(r"[./@]", "_", layer.name)
            word = f"{word}_" if word in reserved else word
            path = next(p for p in _numbered(f"{prefix}{word}") if p not in found)
            found[path] = layer
            walk(layer, f"{path}.")

    walk(model, "")
    return {path: layer for path, layer in found.items() if type(layer).__name__ != "InputLayer"}


def graph_of(model: Any) -> Any | None:
    """The functional graph of a model; None of a subclassed one, which is code."""
    keras = load_keras("reading a Keras graph")
    if isinstance(model, keras.Sequential):
        return getattr(model, "_functional", None)
    return model if hasattr(model, "_nodes_by_depth") and hasattr(model, "operations") else None


@dataclass(slots=True)
class Wires:
    """Who reads whom in a functional model, the graphs of nested models joined to it.

    Attributes:
        order: Nodes in the order of execution: paths of layers, `path@2` for the second call, and of operations that
            are no layers.
        reads: Nodes that each node reads.
    """

    order: list[str] = field(default_factory=list[str])
    reads: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


def wires_of(model: Any, paths: dict[int, str]) -> Wires | None:
    """Follow the tensors of a functional model.

    Args:
        model: A `keras.Model`.
        paths: Path by `id()` of each layer.

    Returns:
        None for a subclassed model.
    """
    graph = graph_of(model)
    if graph is None:
        return None
    wires, calls = Wires(), Counter[str]()
    _follow(graph, [[] for _ in graph.inputs], paths, wires, calls)
    return wires


def _follow(
    graph: Any, sources: list[list[str]], paths: dict[int, str], wires: Wires, calls: Counter[str]
) -> list[list[str]]:
    """Add a graph's nodes; returns what each of its outputs comes from."""
    made: dict[int, list[str]] = {id(t): source for t, source in zip(graph.inputs, sources, strict=True)}
    for node in nodes_of(graph):
        operation = node.operation
        inputs = [made.get(id(tensor), []) for tensor in node.input_tensors]
        inner = graph_of(operation) if id(operation) in paths else None
        if inner is not None:
            outputs = _follow(inner, inputs, paths, wires, calls)
        else:
            path = paths.get(id(operation), f"({operation.name})")
            calls[path] += 1
            name = path if calls[path] == 1 else f"{path}@{calls[path]}"
            wires.order.append(name)
            wires.reads[name] = [source for one in inputs for source in one]
            outputs = [[name]] * len(node.output_tensors)
        made |= {id(tensor): source for tensor, source in zip(node.output_tensors, outputs, strict=True)}
    return [made.get(id(tensor), []) for tensor in graph.outputs]


def nodes_of(graph: Any) -> list[Any]:
    """Calls in a functional model in the order of execution, its inputs left out."""
    by_depth = graph._nodes_by_depth  # noqa: SLF001 - the order in which Keras itself runs them; nothing public says it
    return [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth] if not node.is_input]


def _children(layer: Any) -> Iterator[Any]:
    # Public `layers` exists on models alone, and a composite layer has sublayers, too.
    yield from layer._flatten_layers(include_self=False, recursive=False)  # noqa: SLF001


def _numbered(path: str) -> Iterator[str]:
    yield path
    number = 2
    while True:
        yield f"{path}_{number}"
        number += 1
