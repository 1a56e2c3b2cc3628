"""The steps of giving an action a key: ask for one, press it, and settle with the action that had it before."""

from dataclasses import dataclass, replace

from viewer.session.keymap import KeyMap


@dataclass(frozen=True, slots=True)
class KeyEdit:
    """Where an edit stands.

    Attributes:
        keymap: The keys as they are.
        action: Which action waits for a key; None while nobody is asked for one.
        add: Whether the key comes beside the others, or in their place.
        wanted: The key that was pressed and belongs to another action; None unless that is to be settled.
    """

    keymap: KeyMap
    action: str | None = None
    add: bool = False
    wanted: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the next key is taken as an answer."""
        return self.action is not None and self.wanted is None

    @property
    def owner(self) -> str | None:
        """The action that would lose the wanted key."""
        return None if self.wanted is None else self.keymap.action_of(self.wanted)

    def asked(self, action: str, *, add: bool = False) -> "KeyEdit":
        """Wait for a key for this action."""
        return KeyEdit(self.keymap, action, add)

    def pressed(self, key: str) -> "KeyEdit":
        """Take a key: bound at once if it is free, else to be confirmed."""
        if not self.is_waiting or self.action is None:
            return self
        if self.keymap.action_of(key) in (None, self.action):
            return KeyEdit(self.keymap.bound(self.action, key, add=self.add))
        return replace(self, wanted=key)

    def confirmed(self) -> "KeyEdit":
        """Take the key from the action that has it."""
        if self.action is None or self.wanted is None:
            return self
        return KeyEdit(self.keymap.bound(self.action, self.wanted, add=self.add))

    def cancelled(self) -> "KeyEdit":
        """Leave everything as it is."""
        return KeyEdit(self.keymap)
