"""Hooks that let gradients begin at some stages: what lies before them records nothing, what comes after leads back."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from viewer.core.errors import InquiryError
from viewer.core.stage import Stage
from viewer.detectors.recording import is_recording


class Origins:
    """Forward hooks on stages, in whose place goes a copy that gradients lead back to.

    The copy keeps what the network does in place away from the activation that is looked at. Where a stage is made
    from another one that is hooked, gradients go on to that.

    Args:
        module: The network.
        stages: Where gradients shall lead.

    Attributes:
        activations: What each stage returned in the last frame, (1, C, h, w) by node, in the order of execution.

    Raises:
        InquiryError: If a stage is none of the network's; no hook is left then.
    """

    def __init__(self, module: nn.Module, stages: Sequence[Stage]) -> None:
        self.activations: dict[str, Tensor] = {}
        self._calls: Counter[str] = Counter()
        self._handles: list[Any] = []
        modules = dict(module.named_modules())
        nodes: defaultdict[str, dict[int, str]] = defaultdict(dict)
        for stage in stages:
            path, _, call = stage.node.partition("@")
            if path not in modules:
                raise InquiryError(f"the network has no module {path!r}; choose another stage")
            nodes[path][int(call or 1)] = stage.node
        for path, node_of_call in nodes.items():
            self._handles.append(modules[path].register_forward_hook(self._hook(path, node_of_call)))

    def begin(self) -> None:
        """Forget the last frame."""
        self.activations.clear()
        self._calls.clear()

    def close(self) -> None:
        """Remove every hook; twice is harmless."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self.begin()

    def _hook(self, path: str, node_of_call: dict[int, str]) -> Any:
        def lead_back(_module: nn.Module, _inputs: Any, output: Any) -> Tensor | None:
            self._calls[path] += 1
            node = node_of_call.get(self._calls[path])
            if node is None or not is_recording() or not isinstance(output, Tensor) or output.ndim != 4:
                return None
            activation = output if output.requires_grad else output.detach().requires_grad_()
            self.activations[node] = activation
            return activation.clone()

        return lead_back
