"""One spelling of a moment in a video, wherever it is shown or typed."""

from viewer.core.errors import ConfigError


def timecode(seconds: float) -> str:
    """Spell media time.

    Args:
        seconds: Media time; 0.0 is the first frame. Negative times keep their sign.

    Returns:
        `HH:MM:SS.mmm`, to the nearest millisecond; hours grow past two digits where they must.
    """
    sign = "-" if seconds < 0 else ""
    whole, milliseconds = divmod(round(abs(seconds) * 1000), 1000)
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    return f"{sign}{hour:02d}:{minute:02d}:{second:02d}.{milliseconds:03d}"


def parse_timecode(text: str) -> float:
    """Read `[[HH:]MM:]SS[.mmm]` as seconds.

    Raises:
        ConfigError: If the text is no timecode.
    """
    parts = text.strip().split(":")
    try:
        numbers = [int(part) for part in parts[:-1]] + [float(parts[-1])]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 3 or any(not 0 <= number < float("inf") for number in numbers):
        raise ConfigError(f"time {text!r} not understood; give SS, MM:SS or HH:MM:SS such as 1:02.5")
    seconds = 0.0
    for number in numbers:
        seconds = seconds * 60 + number
    return seconds
