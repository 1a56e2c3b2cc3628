"""Which codecs the installed FFmpeg has, for whoever asks before it matters."""

from typing import Literal


def has_codec(name: str, direction: Literal["decode", "encode"]) -> bool:
    """Whether a codec is built in.

    Args:
        name: FFmpeg's name of it, `h264` or `libx264`.
        direction: What it should be able to do.
    """
    import av
    from av.codec.codec import UnknownCodecError

    try:
        av.Codec(name, "r" if direction == "decode" else "w")
    except (UnknownCodecError, ValueError):
        return False
    return True
