"""Whether weights are those of a network and, where they are not, what is probably the case, in one line.

Which key differs first says little to somebody who gave the wrong file; how many do, and how, says most of it.
"""

from collections.abc import Mapping

from torch import Tensor

_COUNTER = ".num_batches_tracked"
_SHARED = 0.5
"""Share of a network's keys below which weights are those of another one."""


def fitted(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict under the keys of a network, where only what wraps it differs.

    Args:
        state: As it was read.
        wanted: The network's own.

    Returns:
        The same tensors: without a prefix that all keys share and the network does not have, such as `module.`; and
        with as many counters of batches as the network has, for they depend on how it was trained and change nothing.
    """
    found = unwrapped(dict(state), wanted)
    found = {key: value for key, value in found.items() if key in wanted or not key.endswith(_COUNTER)}
    return found | {key: value for key, value in wanted.items() if key.endswith(_COUNTER) and key not in found}


def misfit(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """What speaks against loading weights into a network; empty if nothing does.

    Args:
        state: Under the keys of the network as far as they go, see `fitted`.
        wanted: The network's own.
    """
    missing = [key for key in wanted if key not in state]
    surplus = [key for key in state if key not in wanted]
    reshaped = [key for key in wanted if key in state and state[key].shape != wanted[key].shape]
    parts: list[str] = []
    if missing:
        parts.append(f"it lacks {_first(missing, wanted)}")
    if surplus:
        parts.append(f"it has {_first(surplus, state)}, which the network does not")
    if reshaped:
        key, more = reshaped[0], f", with {len(reshaped) - 1} more like it" if len(reshaped) > 1 else ""
        parts.append(f"its {key!r} is {_shape(state[key])} where the network's is {_shape(wanted[key])}{more}")
    return f"{' and '.join(parts)}; {_likely(missing, surplus, reshaped, len(wanted))}" if parts else ""


def unwrapped(state: dict[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Without the names of modules around the network, where more of its keys are found without them.

    Keys of other weights stay as they are in the file, so that messages name what is in there.
    """
    fits, found = state, len(state.keys() & wanted.keys())
    while prefix := _shared_prefix(state):
        state = {key.removeprefix(prefix): tensor for key, tensor in state.items()}
        # The first of several wrappers need not bring anything: on with the next.
        if (more := len(state.keys() & wanted.keys())) > found:
            fits, found = state, more
    return fits


def _shared_prefix(state: Mapping[str, Tensor]) -> str:
    """The module that all keys lie in, with its dot; empty if there is none."""
    prefix = next(iter(state), "").partition(".")[0] + "."
    inside = all(key.startswith(prefix) and key != prefix for key in state)
    return prefix if state and inside else ""


def _first(keys: list[str], tensors: Mapping[str, Tensor]) -> str:
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"{keys[0]!r} {_shape(tensors[keys[0]])}{more}"


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))


def _likely(missing: list[str], surplus: list[str], reshaped: list[str], count: int) -> str:
    shared = (count - len(missing)) / count if count else 0.0
    if shared < _SHARED:
        return "probably weights of another architecture"
    if missing and surplus:
        return "probably weights of another version of it"
    if missing:
        return "probably weights of a part of it alone"
    if surplus:
        return "probably weights of a larger one"
    few = len(reshaped) <= max(4, count // 20)
    return "probably trained for other classes" if few else "probably weights of another size of it"
