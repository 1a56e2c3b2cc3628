"""Which codecs the installed FFmpeg can decode, for whoever asks before it matters."""


def can_decode(name: str) -> bool:
    """Whether a codec is built in.

    Args:
        name: FFmpeg's name of it, `h264` or `libx264`.
    """
    import av
    from av.codec.codec import UnknownCodecError

    try:
        av.Codec(name, "r")
    except (UnknownCodecError, ValueError):
        return False
    return True
