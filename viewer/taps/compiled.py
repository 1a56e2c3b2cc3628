"""Whether the compiled kernels can be had: they need numba, which not every machine and Python has."""

from functools import cache
from types import ModuleType


@cache
def host_kernels() -> ModuleType | None:
    """`viewer.taps.host_kernels`, or None where numba does not load; torch does the same then, in more steps."""
    try:
        from viewer.taps import host_kernels as kernels
    except ImportError:
        return None
    return kernels
