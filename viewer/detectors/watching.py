"""Looking at every operation of a network that runs as it is written, without waiting for a compiler.

PyTorch wraps what a mode does with operations so that its compiler leaves it alone, and loads the compiler for that,
which takes a second and a half. Networks are watched here before anything is compiled, so there is nothing to wrap.
"""

from torch.utils._python_dispatch import TorchDispatchMode
from typing_extensions import override


class EagerWatch(TorchDispatchMode):
    """A mode for networks that are not compiled; derive from it and see the operations in `__torch_dispatch__`."""

    @classmethod
    @override
    def _should_skip_dynamo(cls) -> bool:
        return False
