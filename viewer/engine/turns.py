"""Taking turns at a source that may suffer one reader only: a camera, a port, many a network camera.

An engine that goes needs up to two seconds for it, and one that comes is not to find the device held by the one it
replaces. So who comes is told what to open when those before have let go; imports it does meanwhile.
"""

from threading import Condition

_PATIENCE_S = 5.0
"""An engine that goes is gone within two seconds; one that is there after this stays, and the device says so itself."""


class Turn:
    """One engine's place in the line for a source. Thread-safe.

    Args:
        turns: Whose line it is.
        address: What is to be opened; None for what any number may read at once.
    """

    def __init__(self, turns: "Turns", address: str | None) -> None:
        self._turns, self.address = turns, address
        self._begun = self._ended = False
        if address is not None:
            turns.line.append(self)

    def wait(self) -> bool:
        """Wait until those before are gone, or have been waited for long enough; False if it was given up meanwhile."""
        with self._turns.changed:
            self._turns.changed.wait_for(self._is_free, self._turns.patience_s)
            self._begun = not self._ended
            return self._begun

    def give_up(self) -> bool:
        """Wait no more; False if it has begun, so that there is something to end."""
        with self._turns.changed:
            if not self._begun:
                self._leave()
            return not self._begun

    def end(self) -> None:
        """Let the next one come; twice is harmless."""
        with self._turns.changed:
            self._leave()

    def _is_free(self) -> bool:
        if self._ended or self.address is None:
            return True
        return next(turn for turn in self._turns.line if turn.address == self.address) is self

    def _leave(self) -> None:
        self._ended = True
        if self in self._turns.line:
            self._turns.line.remove(self)
        self._turns.changed.notify_all()


class Turns:
    """All who hold such a source or wait for it, in the order in which they came.

    Args:
        patience_s: How long to wait for one that does not go.
    """

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self.patience_s = patience_s
        self.changed = Condition()
        self.line: list[Turn] = []

    def join(self, address: str | None) -> Turn:
        """Stand in line for this address."""
        with self.changed:
            return Turn(self, address)


TURNS = Turns()
"""Of this process: what plays, what is tried beside it and what is only previewed open the same devices."""
