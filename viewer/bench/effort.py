"""How long a run of the benchmark looks at each thing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """Counts and durations; the defaults fit into five minutes on two cores and hold their ratios from run to run.

    Attributes:
        rounds: Forwards of each kind.
        loop_rounds: Turns of whole loops.
        loop_frames: Frames a turn of ours and of `predict`; of slower peers fewer.
        leak_frames: Frames over which memory is watched.
        starts: Starts of the window.
        window_turns: Turns of window and headless.
        play_s: Seconds of a window's turn.
        rate_frames: Frames of a headless turn.
        live_s: Seconds that a window on a camera is measured.
        paints: Paintings that are measured.
    """

    rounds: int = 200
    loop_rounds: int = 3
    loop_frames: int = 50
    leak_frames: int = 5000
    starts: int = 3
    window_turns: int = 12
    play_s: float = 3.0
    rate_frames: int = 90
    live_s: float = 6.0
    paints: int = 270
