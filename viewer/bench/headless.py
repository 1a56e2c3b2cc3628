"""Run by the benchmark in a process of its own: our loop for so many frames; what it takes of memory and time.

`python -m viewer.bench.headless` reads JSON objects from its standard input, one a line: the keys of `Config`, then as
often as wanted `frames` to process. For each it writes one to its standard output.
"""

import json
import sys
from collections.abc import Generator
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from viewer.assembly import build_pipeline, open_configured_source
from viewer.config import Config, load_config
from viewer.core.frame import Frame
from viewer.pipeline import ReadAhead

_SETTLED = 500
"""Frames after which caches, pools and buffers have their size."""
_UNTIMED = 20
"""Frames at the beginning of a turn that are not timed."""


class Headless:
    """Our loop over a source, again and again if it is short; stands still between turns.

    Args:
        config: What to open.
    """

    def __init__(self, config: Config) -> None:
        self._stack = ExitStack()
        with open_configured_source(config) as source:
            info = source.info
        self._pipeline = self._stack.enter_context(build_pipeline(config, image_hw=info.image_hw))
        frames = self._stack.enter_context(closing(_endless(config)))
        self._packets = self._pipeline.stream(frames)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, frames: int) -> dict[str, Any]:
        """Process frames.

        Args:
            frames: How many, more than 20.

        Returns:
            `fps` after the first 20 frames; `memory_mb` of the process after every thousand frames, and `growth_mb`
            between frame 500 and the end, None on systems that do not tell; `device_mb` on a GPU.
        """
        memory: dict[int, float] = {}
        began_s = 0.0
        for number, _ in enumerate(islice(self._packets, frames)):
            if number == _UNTIMED - 1:
                began_s = perf_counter()
            if number in (min(_SETTLED, frames // 2), frames - 1) or (number + 1) % 1000 == 0:
                memory[number] = memory_mb() or 0.0
        fps = (frames - _UNTIMED) / (perf_counter() - began_s)
        settled, *_, last = memory.values()
        return {
            "fps": fps,
            "memory_mb": {str(number + 1): value for number, value in memory.items()},
            "growth_mb": last - settled if memory_mb() is not None else None,
            "device_mb": _device_mb(),
            "execution": self._pipeline.info.execution,
        }


def memory_mb() -> float | None:
    """Resident memory of this process in MB; None where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _endless(config: Config) -> Generator[Frame]:
    while True:
        yield from _once(config)


def _once(config: Config) -> Generator[Frame]:
    """The frames of one pass; in a call of its own, which lets go of a source before the next one is opened."""
    with open_configured_source(config) as source, ReadAhead(source) as frames:
        yield from frames


def _device_mb() -> float | None:
    import torch

    return torch.cuda.max_memory_reserved() / 2**20 if torch.cuda.is_available() else None


def _main() -> None:
    with Headless(load_config(None, json.loads(sys.stdin.readline()))) as loop:
        for line in sys.stdin:
            sys.stdout.write(json.dumps(loop.run(json.loads(line)["frames"])) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    _main()
