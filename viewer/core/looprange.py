"""The part of a file that is played over and over, as a value that cannot be the wrong way round."""

from dataclasses import dataclass

from viewer.core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class LoopRange:
    """Frames from `begin` to `end`, both included.

    Raises:
        ConfigError: If it would begin before the first frame, or end before it begins.
    """

    begin: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.begin <= self.end:
            raise ConfigError(f"a loop cannot go from frame {self.begin} to {self.end}; give the earlier frame first")

    def within(self, count: int) -> "LoopRange":
        """What of it lies in a file of `count` frames, at least its last one."""
        last = max(count - 1, 0)
        return LoopRange(min(self.begin, last), min(self.end, last))
