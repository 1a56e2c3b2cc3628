"""The clip that the viewer opens with: one drive of twenty seconds, and beside it what is truly to be seen.

Run as `python -m viewer.demo.clip --out assets/demo.mp4`. The ground truth lies beside the video as JSON:

    {"version": 1, "width": 960, "height": 540, "fps": 25, "names": [...],
     "episodes": [{"kind": "glare", "first": 100, "last": 170}, ...],
     "frames": [[{"label": 0, "name": "car", "xyxy": [...], "visibility": 0.9, "track": 7}, ...], ...]}

Boxes are pixels of the video, x0, y0, x1, y1, and bound what can be seen of an object; `first` and `last` are frame
numbers, both included.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from viewer.demo.light import Conditions
from viewer.demo.scene import Scene, SceneFrame
from viewer.demo.world import CLASS_NAMES, DURATION_S, Ego

SEED = 15
RATE_HZ = 25
FRAME_COUNT = round(DURATION_S * RATE_HZ)
KEYFRAME_INTERVAL = 50
_QUALITY_CRF = 21
_GLARE_S = (4.2, 6.8)
_RAIN_S = (15.2, 30.0)
_RAMP_S = 0.8
_EPISODE_STRENGTH = 0.5


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of the clip that is hard for a detector; `first` and `last` are frame numbers, both included."""

    kind: str
    first: int
    last: int


def conditions_at(t: float) -> Conditions:
    """Light and weather of the drive: an afternoon that ends in low sun, then in rain at dusk."""
    rain = _swell(t, *_RAIN_S)
    return Conditions(
        hour=15.6 + 3.5 * _ramp(t / DURATION_S),
        sun_side=0.25,
        glare=0.82 * _swell(t, *_GLARE_S),
        rain=0.95 * rain,
        cloud=0.2 + 0.6 * _ramp((t - 11.5) / 3.5),
        exposure=1.02
        + 0.1 * _ramp((t - 9.0) / 8.0)
        + 0.05 * _ramp((t - _GLARE_S[1]) / 0.6) * (1 - _ramp((t - _GLARE_S[1] - 0.8) / 2.0)),
    )


def episodes(ego: Ego) -> tuple[Episode, ...]:
    """The hard stretches, in order; the occlusion is the traffic that crosses while the light is red."""
    found: list[Episode] = []
    for kind in ("glare", "rain"):
        frames = [n for n in range(FRAME_COUNT) if getattr(conditions_at(n / RATE_HZ), kind) >= _EPISODE_STRENGTH]
        found.append(Episode(kind, frames[0], frames[-1]))
    crossing = (round((ego.stop_s - 0.6) * RATE_HZ), round((ego.stop_s + 3.8) * RATE_HZ))
    found.append(Episode("occlusion", *crossing))
    return tuple(sorted(found, key=lambda episode: episode.first))


def drive(scene: Scene) -> Iterator[SceneFrame]:
    """Draw the frames of the clip in order."""
    for number in range(FRAME_COUNT):
        t = number / RATE_HZ
        yield scene.frame(t, conditions_at(t))


def write_clip(out: Path) -> Path:
    """Write the video and, beside it, its ground truth.

    Args:
        out: path of the video, `.mp4`.

    Returns:
        Path of the ground truth.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    rows: list[list[dict[str, Any]]] = []
    scene = Scene(SEED)
    lens = scene.camera(0.0)
    with av.open(str(out), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = lens.width_px, lens.height_px, "yuv420p"
        stream.options = {
            "crf": str(_QUALITY_CRF),
            "preset": "slow",
            "g": str(KEYFRAME_INTERVAL),
            "keyint_min": str(KEYFRAME_INTERVAL),
            "sc_threshold": "0",
            "tune": "animation",
        }
        for frame in drive(scene):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame.rgb, format="rgb24")))
            rows.append(_rows(frame))
        container.mux(stream.encode())
    truth = {
        "version": 1,
        "width": lens.width_px,
        "height": lens.height_px,
        "fps": RATE_HZ,
        "names": list(CLASS_NAMES),
        "episodes": [
            {"kind": episode.kind, "first": episode.first, "last": episode.last}
            for episode in episodes(scene.world.ego)
        ],
        "frames": rows,
    }
    target = out.with_suffix(".json")
    target.write_text(json.dumps(truth, separators=(",", ":")) + "\n", encoding="utf-8")
    return target


def _rows(frame: SceneFrame) -> list[dict[str, Any]]:
    return [
        {
            "label": note.label,
            "name": note.name,
            "xyxy": [round(edge, 1) for edge in note.xyxy],
            "visibility": round(note.visibility, 2),
            "track": note.track,
        }
        for note in frame.annotations
    ]


def _ramp(share: float) -> float:
    held = min(max(share, 0.0), 1.0)
    return held * held * (3 - 2 * held)


def _swell(t: float, start: float, end: float) -> float:
    return _ramp((t - start) / _RAMP_S) * (1 - _ramp((t - end + _RAMP_S) / _RAMP_S))


def main(arguments: list[str] | None = None) -> int:
    """Command line of the clip."""
    parser = argparse.ArgumentParser(prog="python -m viewer.demo.clip", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("assets/demo.mp4"), help="video to write")
    options = parser.parse_args(arguments)
    truth = write_clip(options.out)
    sys.stdout.write(
        f"{options.out} {options.out.stat().st_size / 1e6:.2f} MB, {truth} {truth.stat().st_size / 1e6:.2f} MB\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
