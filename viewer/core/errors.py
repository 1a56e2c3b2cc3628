"""One tree of errors, so that a user reads one clear line and a programmer catches one type.

A message says what failed, the value as it was given, and what to do next. `main()` prints the text of a
`ViewerError` and exits with 2; anything else is a bug and keeps its traceback.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class ViewerError(Exception):
    """Something the user can act on. `str(error)` is the whole line to show."""


class ConfigError(ViewerError):
    """An option, a preset or a key in it is not usable."""


class SourceError(ViewerError):
    """A video, camera, stream or folder cannot be opened or read."""


class SourceLostError(SourceError):
    """A live source was there and is gone; the source stays valid and may come back."""


class SourceInterruptedError(SourceError):
    """A blocked read was told to stop; nothing is wrong with the source."""


class SeekError(SourceError):
    """The frame asked for cannot be reached; the source stands where it stood."""


class DetectorError(ViewerError):
    """A model cannot be loaded or driven."""


class UntrustedCheckpointError(DetectorError):
    """A checkpoint holds more than weights and known classes; loading it could run code."""


class TapError(ViewerError):
    """A stage cannot be tapped, or a tap stayed silent."""


class InquiryError(ViewerError):
    """A question cannot be asked of this network."""


class NoGradientError(InquiryError):
    """No score of this network can be explained at a stage, in whatever frame.

    Args:
        text: The whole line to show.
        node: The stage; empty for those that enter the head.
    """

    def __init__(self, text: str, node: str) -> None:
        super().__init__(text)
        self.node = node


class ReducerError(TapError):
    """A reducer is unknown or cannot be applied to an activation."""


class DeviceError(ViewerError):
    """The device asked for is not there, or ran out of memory."""


class OutOfMemoryError(DeviceError):
    """Memory ran out; its text names what the command line can do about it.

    Args:
        where: The device, or `this machine`.
        elsewhere: Options that help on that device alone.

    Attributes:
        where: The device, or `this machine`.
        in_window: The same with what can be done without a command line.
    """

    def __init__(self, where: str, elsewhere: str = "") -> None:
        super().__init__(f"{where} ran out of memory; use a smaller --imgsz, fewer taps or a smaller model{elsewhere}")
        self.where = where
        self.in_window = f"No memory is left on {where}; tap fewer stages, open a smaller model or close other programs"


class SinkError(ViewerError):
    """An output cannot be written; nothing half-written is left."""


class EngineError(ViewerError):
    """The engine process ended or does not answer."""


class DisplayError(ViewerError):
    """There is no display to open a window on."""


def did_you_mean(word: str, known: Iterable[str], *, prefix: str = "") -> str:
    """Suggest the nearest known word.

    Args:
        word: As typed.
        known: What it may have been meant to be.
        prefix: What stands before all of them, such as `--`; that it is shared makes no two words alike.

    Returns:
        `; did you mean 'x'?`, ready to append to a message, or an empty string if nothing is near.
    """
    near = nearest(word.removeprefix(prefix), [name.removeprefix(prefix) for name in known])
    return "" if near is None else f"; did you mean {prefix + near!r}?"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a typed one comes nearest to; None if nothing is near."""
    cutoff = 0.5 if len(word) < 4 else 0.6  # one letter of `P9` is half of it
    return next(iter(get_close_matches(word, known, n=1, cutoff=cutoff)), None)
