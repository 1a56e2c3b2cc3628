"""Which keys do what, as the user has it: the keys an action comes with, less and more what was changed.

Keys are plain words, `Space` or `Ctrl+K`, and actions are names; what both stand for only the window knows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KeyMap:
    """The keys of every action.

    A key does one thing only. Where two actions claim one, the action that the user gave it to has it; between two of
    those, the one that comes first.

    Attributes:
        native: Keys each action comes with, in the order in which actions are listed.
        changed: Keys of the actions that the user changed.
    """

    native: Mapping[str, tuple[str, ...]]
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def keys(self, action: str) -> tuple[str, ...]:
        """What really calls this action."""
        return tuple(key for key in self.claimed(action) if self.action_of(key) == action)

    def claimed(self, action: str) -> tuple[str, ...]:
        """What would call it if no other action had one of these keys."""
        return self.changed.get(action, self.native[action])

    def action_of(self, key: str) -> str | None:
        """What a key does, if anything."""
        for actions in (self.changed, self.native):
            for action in self.native:
                if action in actions and key in self.claimed(action):
                    return action
        return None

    def conflicts(self, action: str) -> Mapping[str, str]:
        """Keys that this action claims and another one has, with the name of the other."""
        owners = {key: self.action_of(key) for key in self.claimed(action)}
        return {key: owner for key, owner in owners.items() if owner is not None and owner != action}

    def is_changed(self, action: str) -> bool:
        """Whether the user gave it other keys than it comes with."""
        return self.keys(action) != self.native[action]

    def bound(self, action: str, key: str, *, add: bool = False) -> "KeyMap":
        """Give a key to an action and take it from whichever has it.

        Args:
            action: Which.
            key: What is to call it.
            add: Beside the keys that it has, instead of in their place.
        """
        kept = tuple(held for held in self.keys(action) if held != key) if add else ()
        owner = self.action_of(key)
        changed = dict(self.changed)
        if owner is not None and owner != action:
            changed[owner] = tuple(held for held in self.keys(owner) if held != key)
        changed[action] = (*kept, key)
        return self._with(changed)

    def unbound(self, action: str) -> "KeyMap":
        """Leave an action without a key."""
        return self._with({**self.changed, action: ()})

    def reset(self, action: str) -> "KeyMap":
        """Give an action the keys that it comes with, and take those from whichever has them now."""
        changed = {name: keys for name, keys in self.changed.items() if name != action}
        for key in self.native[action]:
            for name, keys in changed.items():
                changed[name] = tuple(held for held in keys if held != key)
        return self._with(changed)

    def without(self, actions: Iterable[str]) -> "KeyMap":
        """The same with these actions as they come."""
        dropped = set(actions)
        return self._with({name: keys for name, keys in self.changed.items() if name not in dropped})

    def _with(self, changed: Mapping[str, tuple[str, ...]]) -> "KeyMap":
        """Only what differs from the beginning is kept as changed."""
        differing = {name: tuple(keys) for name, keys in changed.items() if tuple(keys) != self.native[name]}
        return KeyMap(self.native, differing)
