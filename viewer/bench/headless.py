"""Run by the benchmark in a process of its own: our loop for so many frames; what it takes of memory and time.

`python -m viewer.bench.headless` reads one JSON object with the keys of `Config`, and `frames`, from its standard
input and writes one to its standard output.
"""

import json
import sys
from itertools import chain, islice, repeat
from pathlib import Path
from time import perf_counter
from typing import Any

from viewer.assembly import build_pipeline, open_configured_source
from viewer.config import load_config
from viewer.pipeline import ReadAhead

_SETTLED = 500
"""Frames after which caches, pools and buffers have their size."""


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Process frames of the source, again and again if it is short.

    Args:
        order: Keys of `Config`; `frames` to process.

    Returns:
        `fps` after the first 20 frames; `memory_mb` of the process after every thousand frames, and `growth_mb`
        between frame 500 and the end, None on systems that do not tell; `device_mb` on a GPU.
    """
    frames = order.pop("frames")
    config = load_config(None, order)
    memory: dict[int, float] = {}
    began_s = 0.0
    with open_configured_source(config) as source:
        info = source.info
    with build_pipeline(config, image_hw=info.image_hw) as pipeline:
        count = info.frame_count or frames
        passes = chain.from_iterable(_frames_of(config) for _ in repeat(None)) if count < frames else _frames_of(config)
        for number, _ in enumerate(pipeline.stream(islice(passes, frames))):
            if number == 20:
                began_s = perf_counter()
            if number in (min(_SETTLED, frames // 2), frames - 1) or (number + 1) % 1000 == 0:
                memory[number] = memory_mb() or 0.0
        fps = (frames - 21) / (perf_counter() - began_s)
    settled, *_, last = memory.values()
    return {
        "fps": fps,
        "memory_mb": {str(number + 1): value for number, value in memory.items()},
        "growth_mb": last - settled if memory_mb() is not None else None,
        "device_mb": _device_mb(),
        "execution": pipeline.info.execution,
    }


def memory_mb() -> float | None:
    """Resident memory of this process in MB; None where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _frames_of(config: Any) -> Any:
    with open_configured_source(config) as source, ReadAhead(source) as frames:
        yield from frames


def _device_mb() -> float | None:
    import torch

    return torch.cuda.max_memory_reserved() / 2**20 if torch.cuda.is_available() else None


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
