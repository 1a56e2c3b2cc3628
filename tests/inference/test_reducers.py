"""Reducers that give more than one map a stage, hold a place, or are a user's own, through the whole network."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.inference.late_runtime import LateRuntime
from tests.support.tiny import TinyDetector
from viewer.core import Frame, Limits, LimitsMode, TapSettings, Thresholds
from viewer.core.errors import TapError
from viewer.core.reducer_names import REDUCERS
from viewer.detectors.recording import recording
from viewer.inference import TappedNetwork
from viewer.inference.runtime import CudaRuntime
from viewer.pipeline import Pipeline

CUDA = [pytest.mark.cuda, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]


class Lively(TinyDetector):
    """Six channels a stage that all differ."""

    def __init__(self, device: str = "cpu") -> None:
        super().__init__(device)
        torch.manual_seed(7)
        sizes = ((3, 4), (6, 2), (6, 2), (6, 2))
        stages = [nn.Sequential(nn.Conv2d(deep, 6, by, by), nn.Sigmoid()) for deep, by in sizes]
        self.module = Stages(*stages).to(device).eval().requires_grad_(requires_grad=False)
        self.stages = tuple(replace(stage, channels=6) for stage in self.stages)


class Stages(nn.Module):
    """Each on top of the last; the nodes are those of the pyramid."""

    def __init__(self, stem: nn.Module, *down: nn.Module) -> None:
        super().__init__()
        self.stem, self.down = stem, nn.ModuleList(down)

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        maps = [self.stem(images)]
        for stage in self.down:
            maps.append(stage(4 * maps[-1] - 2))
        return maps


def host() -> tuple[TinyDetector, None]:
    return Lively(), None


def late() -> tuple[TinyDetector, LateRuntime]:
    detector = Lively()
    return detector, LateRuntime(detector.module, 1)


def card() -> tuple[TinyDetector, CudaRuntime]:
    return Lively("cuda"), CudaRuntime(torch.device("cuda"))


BACKENDS = [pytest.param(host, id="host"), pytest.param(late, id="late"), pytest.param(card, id="cuda", marks=CUDA)]
NEW = ["pca-rgb", "strongest", "strongest:1", "similarity:30,40"]


def settings(reducer: str, nodes: tuple[str, ...] | None = None) -> TapSettings:
    return TapSettings(nodes, reducer, Limits(LimitsMode.FRAME))


def frames(count: int, hw: tuple[int, int] = (90, 160)) -> list[Frame]:
    """Pictures of noise with a bright square that moves."""
    rng = np.random.default_rng(0)
    made = []
    for index in range(count):
        rgb = rng.integers(0, 90, (*hw, 3), dtype=np.uint8)
        x = 5 + index * 7 % (hw[1] - 40)
        rgb[20:60, x : x + 30] = 250
        rgb.setflags(write=False)
        made.append(Frame(rgb, index, index / 25, 0.0))
    return made


@pytest.mark.parametrize("make", BACKENDS[1:])
@pytest.mark.parametrize("reducer", NEW)
def test_a_graph_of_them_gives_what_a_host_gives(make, reducer):
    pictures, maps = frames(5), []
    for backend in (host, make):
        detector, runtime = backend()
        network = TappedNetwork(detector, settings(reducer), runtime=runtime)
        with Pipeline(network, Thresholds(conf=0.5)) as pipeline:
            maps.append([packet.taps for packet in pipeline.stream(pictures)])
            assert backend is host or pipeline.info.execution == "graph"
    for one, other in zip(*maps, strict=True):
        for a, b in zip(one, other, strict=True):
            assert np.abs(a.codes.astype(int) - b.codes.astype(int)).max() <= 3
            assert (a.bands == ()) == (b.bands == ())
            assert a.mosaic == b.mosaic


class Explaining:
    """Somebody who wants gradients of the whole forward."""

    needs_gradients = True

    def watching(self):
        return recording()


@pytest.mark.parametrize("reducer", [*REDUCERS, "channel:2", "similarity:20,40"])
def test_a_map_is_the_same_while_somebody_asks_for_gradients(reducer):
    plain, explained = (TappedNetwork(Lively(), settings(reducer, ("stem",))) for _ in range(2))
    first, second, _ = frames(3)
    for network in (plain, explained):
        network.infer(first)
    explained.lane.frame_pass.inquirer = Explaining()
    want, got = (network.infer(second).taps[0] for network in (plain, explained))
    assert np.array_equal(want.codes, got.codes)
    plain.close()
    explained.close()


def test_a_map_in_colour_has_three_codes_a_cell_and_limits_for_each():
    with Pipeline(TappedNetwork(TinyDetector(), settings("pca-rgb")), Thresholds()) as pipeline:
        packet = [pipeline.process(frame) for frame in frames(2)][-1]
    tap = packet.taps[0]
    assert tap.codes.shape == (tap.codes.shape[0], tap.codes.shape[1], 3)
    assert not tap.codes.flags.writeable
    assert tap.codes.flags.c_contiguous  # else it would not travel out of band
    assert [band.name for band in tap.bands] == ["PC1", "PC2", "PC3"]
    low, high = tap.bands[0].limits
    assert tap.limits == (min(low, 0.0), max(high, 0.0))
    row, column = np.unravel_index(tap.codes[:, :, 0].argmax(), tap.codes.shape[:2])
    assert tap.values_at(row, column)[0] == tap.value_at(row, column) == pytest.approx(high)
    assert tap.values_at(row, column)[2] == 0.0  # two channels have no third component
    assert not tap.is_broken


def test_a_mosaic_names_its_channels_and_counts_no_empty_place_as_broken():
    class Three(TinyDetector):
        """Three channels, so that one of four places is empty."""

        def __init__(self) -> None:
            super().__init__()
            strengths = torch.tensor([0.2, 1.0, 0.5])[:, None, None]
            self.module.down[0].register_forward_hook(lambda *args: args[2][:, :1] * strengths)

    detector = Three()
    nodes = ("down.0",)
    with Pipeline(TappedNetwork(detector, settings("strongest:4", nodes)), Thresholds()) as pipeline:
        tap = pipeline.process(frames(1)[0]).taps[0]
    assert tap.mosaic is not None
    assert tap.mosaic.channels == (1, 2, 0)
    assert tap.nonfinite == 0
    assert (tap.codes == 0).sum() == tap.codes.size // 4
    assert tap.codes[: tap.codes.shape[0] // 2, : tap.codes.shape[1] // 2].max() == 255
    assert not tap.is_broken


@pytest.mark.parametrize("make", BACKENDS)
def test_another_place_needs_no_new_capture_and_is_taken_from_the_next_frame(make):
    detector, runtime = make()
    network = TappedNetwork(detector, settings("similarity:20,40", ("stem",)), runtime=runtime)
    first, second, _ = frames(3)
    network.infer(first)
    lane = network.lane
    network.set_taps(settings("similarity:100,80", ("stem",)))
    tap = network.infer(second).taps[0]
    assert network.lane is lane
    assert tap.reducer == "similarity:100,80"
    network.close()


@pytest.mark.parametrize("make", BACKENDS)
def test_what_is_held_outlives_a_change_of_stages_and_of_the_pictures_size(make):
    detector, runtime = make()
    network = TappedNetwork(detector, settings("similarity:20,40", ("stem",)), runtime=runtime)
    black, white = (Frame(np.full((90, 160, 3), level, np.uint8), 0, 0.0, 0.0) for level in (0, 255))
    network.infer(white)
    network.set_taps(settings("similarity:20,40", ("stem", "down.0")))
    network.infer(black)  # a graph that is on its way is waited for by the change of size below
    larger = Frame(np.full((180, 300, 3), 255, np.uint8), 1, 0.0, 0.0)
    held = {tap.stage.node: tap for tap in network.infer(larger).taps}
    assert held["stem"].max == pytest.approx(1.0, abs=1e-5)
    network.close()


def test_what_is_held_outlives_two_changes_of_stages_without_a_frame_between():
    network = TappedNetwork(Lively(), settings("similarity:20,40", ("stem",)))
    black, white = (Frame(np.full((90, 160, 3), level, np.uint8), 0, 0.0, 0.0) for level in (0, 255))
    network.infer(white)
    for added in ("down.0", "down.1"):
        network.set_taps(settings("similarity:20,40", ("stem", added)))
    assert network.infer(black).taps[0].max < 0.999
    assert network.infer(white).taps[0].max == pytest.approx(1.0, abs=1e-5)
    network.close()


def test_a_place_outside_the_picture_is_refused_and_the_old_taps_stand():
    network = TappedNetwork(TinyDetector(), settings("absmean"))
    picture = frames(1)[0]
    network.infer(picture)
    with pytest.raises(TapError, match="outside the picture, which is 160x90"):
        network.set_taps(settings("similarity:160,10"))
    assert network.infer(picture).taps[0].reducer == "absmean"
    network.close()
    unseen = TappedNetwork(TinyDetector(), settings("similarity:160,10"))
    with pytest.raises(TapError, match="outside the picture"):
        unseen.warm_up((90, 160))
    unseen.close()


def test_a_reducer_of_the_users_that_fails_leaves_the_old_taps(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import viewer\nclass Mine(viewer.Reducer):\n    def reduce(self, a):\n        return a / nothing\n"
    )
    network = TappedNetwork(TinyDetector(), settings("absmean"))
    picture = frames(1)[0]
    network.infer(picture)
    with pytest.raises(TapError, match=r"mine\.py:4: Mine reduce\(\) failed: NameError"):
        network.set_taps(settings(f"{file}:Mine"))
    assert network.infer(picture).taps[0].reducer == "absmean"
    file.write_text("import viewer\nclass Mine(viewer.Reducer):\n    def reduce(self, a):\n        return a[1]\n")
    network.set_taps(settings(f"{file}:Mine"))
    assert network.infer(picture).taps[0].reducer == f"{file}:Mine"
    network.close()


def test_pictures_of_another_size_do_not_run_the_users_file_again(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("import viewer\nclass Mine(viewer.Reducer):\n    def reduce(self, a):\n        return a[0]\n")
    network = TappedNetwork(Lively(), settings(f"{file}:Mine"))
    network.infer(frames(1)[0])
    file.write_text("1 / 0  # nobody asked for it to be run as it is now")
    assert network.infer(frames(1, (180, 300))[0]).taps[0].reducer == f"{file}:Mine"
    network.close()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("reducer", "said"),
    [
        ("difference", "no frame before \N{MIDDLE DOT} step or play to compare"),
        ("reference", "the reference itself \N{MIDDLE DOT} step or play to compare"),
    ],
)
def test_a_map_says_that_there_is_nothing_to_compare_with_yet(backend, reducer: str, said: str) -> None:
    detector, runtime = backend()
    network = TappedNetwork(detector, settings(reducer), runtime=runtime)
    network.warm_up((90, 160))
    first, still, second, third = (network.infer(frames(3)[index]).taps for index in (0, 0, 1, 2))
    assert {tap.nothing_yet for tap in (*first, *still)} == {said}
    assert all(tap.mosaic is None and not tap.nothing_yet for tap in (*second, *third))
    again = network.infer(frames(3)[2]).taps  # as one that stands, for another question
    for once, twice in zip(third, again, strict=True):
        assert once.max > 0
        np.testing.assert_array_equal(twice.codes, once.codes)
    network.set_taps(settings("absmean"))
    assert not any(tap.nothing_yet for tap in network.infer(frames(1)[0]).taps)
    network.close()
