"""Packages that only some models need, and what to type where one of them is missing."""

from importlib import import_module
from types import ModuleType

from viewer.core.errors import DetectorError


def require(package: str, extra: str, why: str) -> ModuleType:
    """Import a package that comes with an extra of Featscope.

    Args:
        package: What to import, `onnx2torch`.
        extra: The extra that brings it, `onnx`.
        why: What needs it, as a message begins: `opening model.onnx`.

    Returns:
        The package.

    Raises:
        DetectorError: If it is not installed, with the command that installs it; or if it is and cannot be imported.
    """
    try:
        return import_module(package)
    except ImportError as error:
        command = f"pip install 'featscope[{extra}]'"
        if isinstance(error, ModuleNotFoundError) and error.name == package.partition(".")[0]:
            raise DetectorError(f"{why} needs {error.name}, which is not installed; run {command}") from error
        raise DetectorError(f"{why} needs {package}, which cannot be imported ({error}); run {command}") from error
