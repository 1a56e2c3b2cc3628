"""Any value of the core as plain ones for JSON, and its arrays apart, so that a new kind of finding needs no code."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


def plain_value(value: Any, name: str, arrays: Arrays) -> Any:
    """Turn a value into what JSON can write.

    Dataclasses become mappings by field, tuples and sets lists, enumerations their values.

    Args:
        value: What to write down.
        name: Of the value; its arrays are called after the way to them, `cell.values` or `cams.0.codes`.
        arrays: Takes the arrays, by their names.

    Returns:
        Plain values. An array becomes `{"array": name, "shape": …, "dtype": …}`; what is none of all this its `str`.
    """
    if isinstance(value, np.ndarray):
        array = cast("NDArray[Any]", value)
        arrays[name] = array
        return {"array": name, "shape": list(array.shape), "dtype": str(array.dtype)}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Enum):
        return plain_value(value.value, name, arrays)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Fraction):
        return float(value)
    return _plain_parts(value, name, arrays)


def _plain_parts(value: Any, name: str, arrays: Arrays) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
    elif isinstance(value, Mapping):
        parts = {str(key): part for key, part in cast("Mapping[Any, Any]", value).items()}
    elif isinstance(value, frozenset | set):
        members = sorted(cast("frozenset[Any]", value), key=str)
        return [plain_value(part, f"{name}.{place}", arrays) for place, part in enumerate(members)]
    elif isinstance(value, list | tuple):
        members = cast("tuple[Any, ...]", value)
        return [plain_value(part, f"{name}.{place}", arrays) for place, part in enumerate(members)]
    else:
        return str(value)
    return {key: plain_value(part, f"{name}.{key}" if name else key, arrays) for key, part in parts.items()}
