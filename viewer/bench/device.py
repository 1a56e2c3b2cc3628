"""What only a GPU has: a graph with and without taps, a frame against its floor, bytes, and the host's share."""

from itertools import cycle, islice
from time import perf_counter

import torch

from viewer.assembly import open_configured_detector
from viewer.bench.measure import Figure
from viewer.bench.subject import Subject
from viewer.core.frame import Frame
from viewer.core.tapping import TapSettings
from viewer.inference import TappedNetwork
from viewer.inference.runtime import CudaRuntime

_FRAMES = 300
_REPLAYS = 100


def measure_device(subject: Subject, taps: tuple[str, ...]) -> tuple[dict[str, Figure], dict[str, float]]:
    """Time graphs, and frames that take turns through a lane, on the card of the subject's device.

    Returns:
        Figures and ratios by name; of a network that cannot be captured, figures of its eager lane alone.
    """
    figures: dict[str, Figure] = {}
    ratios: dict[str, float] = {}
    replays: dict[str, float] = {}
    for name, nodes in (("graph without taps", ()), (f"graph with {len(taps)} taps", taps)):
        detector = open_configured_detector(subject.config)
        runtime = _Waiting(detector.device)
        network = TappedNetwork(detector, TapSettings(nodes), runtime=runtime)
        frames = cycle(subject.frames)
        network.infer(next(frames))
        lane = network.lane
        if lane is None or network.execution != "graph":
            network.close()
            return figures, ratios
        samples = [lane.time_launch_ms() for _ in range(_REPLAYS)]
        figures[name] = Figure.of(samples, "ms")
        replays[name] = figures[name].median
        if nodes:
            figures |= _frames(network, runtime, islice(frames, _FRAMES))
            transfers_ms = figures["upload"].median + figures["download"].median
            floor_ms = replays[name] + transfers_ms
            ratios["graph_taps6_over_graph"] = replays[name] / replays["graph without taps"]
            ratios["frame_over_floor"] = figures["frame, two under way"].median / floor_ms
            ratios["bytes_down"] = float(lane.frame_pass.arena.packed.numel())
            ratios["host_ms_per_frame"] = figures["host, between waits"].median
        network.close()
    return figures, ratios


class _Waiting(CudaRuntime):
    """Knows how long the host waited."""

    waited_s = 0.0

    def synchronize(self, event: torch.cuda.Event) -> None:
        began_s = perf_counter()
        super().synchronize(event)
        self.waited_s += perf_counter() - began_s


def _frames(network: TappedNetwork, runtime: _Waiting, frames: islice[Frame]) -> dict[str, Figure]:
    under_way = [network.submit(next(frames))]
    spent, host, up, down = [], [], [], []
    for frame in frames:
        runtime.waited_s = 0.0
        began_s = perf_counter()
        under_way.append(network.submit(frame))
        inference = network.collect(under_way.pop(0))
        elapsed_s = perf_counter() - began_s
        spent.append(elapsed_s * 1000)
        host.append((elapsed_s - runtime.waited_s) * 1000)
        up.append(inference.timings.letterbox)
        down.append(inference.timings.download)
    network.collect(under_way.pop())
    return {
        "frame, two under way": Figure.of(spent, "ms"),
        "host, between waits": Figure.of(host, "ms"),
        "upload": Figure.of(up, "ms"),
        "download": Figure.of(down, "ms"),
    }
