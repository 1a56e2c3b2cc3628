"""The pages of the panel on the right, of which one is open; the others cost nothing."""

from enum import StrEnum


class Side(StrEnum):
    """A page, by the word on its tab."""

    OBJECTS = "Objects"
    CELL = "Cell"
    WHY = "Why"
    ALTER = "Alter"
    HEALTH = "Health"
