"""Attention maps show the weights a block used, and looking at them changes nothing that comes out."""

import pytest
import torch

from viewer.core.frame import Frame
from viewer.core.tapping import TapSettings
from viewer.detectors import open_detector
from viewer.inference import TappedNetwork

MODELS = {"rtdetr-small.yaml": "AIFI", "yolo11n.yaml": "PSA", "yolo12n.yaml": "areas"}
SIZE = 160


@pytest.fixture(params=MODELS, ids=MODELS.values())
def detector(request, checkpoint):
    detector = open_detector(str(checkpoint(request.param)), device="cpu", imgsz=SIZE, rectangular=False)
    yield detector
    detector.close()


def attention_of(detector):
    return [stage for stage in detector.stages if stage.kind == "AttentionMap"]


@pytest.fixture
def images():
    return torch.rand((1, 3, SIZE, SIZE), generator=torch.Generator().manual_seed(4))


def watch(detector, images):
    """Every attention map of one forward by node, and the candidates."""
    seen, handles = {}, []
    for stage in attention_of(detector):
        module = detector.module.get_submodule(stage.node)
        handles.append(module.register_forward_hook(lambda _m, _i, out, node=stage.node: seen.update({node: out})))
    try:
        return seen, detector.candidates(detector.forward(images))
    finally:
        for handle in handles:
            handle.remove()


@pytest.fixture
def weights(monkeypatch):
    """The weights that the blocks themselves compute, noted where they are made: (areas, heads, queries, keys)."""
    noted = []
    softmax, attend = torch.Tensor.softmax, torch.nn.MultiheadAttention.forward

    def note_softmax(self, *args, **options):
        result = softmax(self, *args, **options)
        if result.ndim == 4 and result.shape[-1] == result.shape[-2]:
            noted.append(result)
        return result

    def note_attention(self, query, key, value, **options):
        if value.shape[1] == (SIZE // 32) ** 2:
            noted.append(attend(self, query, key, value, need_weights=True, average_attn_weights=False)[1])
        return attend(self, query, key, value, **options)

    monkeypatch.setattr(torch.Tensor, "softmax", note_softmax)
    monkeypatch.setattr(torch.nn.MultiheadAttention, "forward", note_attention)
    return noted


def test_a_map_is_what_the_block_itself_attends_to(detector, images, weights, monkeypatch):
    detector.candidates(detector.forward(images))
    expected = [w.sum(-2).transpose(0, 1).flatten(1) for w in weights]
    monkeypatch.undo()
    seen, _ = watch(detector, images)
    assert len(expected) == len(seen) > 0
    for stage, used in zip(attention_of(detector), expected, strict=True):
        shown = seen[stage.node]
        assert shown.shape == (1, stage.channels, SIZE // stage.stride, SIZE // stage.stride)
        torch.testing.assert_close(shown[0].flatten(1), used, atol=1e-4, rtol=1e-4)
        # Every query gives away one share, so all cells together receive as much as there are cells.
        torch.testing.assert_close(shown.sum((2, 3)), torch.full_like(shown[..., 0, 0], shown[0, 0].numel()))


def test_looking_changes_no_candidate(detector, images):
    before = detector.candidates(detector.forward(images))
    _, watched = watch(detector, images)
    assert torch.equal(before, watched)
    assert torch.equal(before, detector.candidates(detector.forward(images)))


def test_nothing_is_computed_while_nobody_looks(detector, images, monkeypatch):
    from viewer.detectors.ultralytics.attention import AttentionMap

    monkeypatch.setattr(AttentionMap, "forward", lambda *_: pytest.fail("computed for nobody"))
    detector.forward(images)


@pytest.mark.parametrize("reducer", ["absmean", "max", "channel:1"])
def test_it_is_tapped_and_reduced_like_any_other_map(checkpoint, frames, reducer):
    detector = open_detector(str(checkpoint("rtdetr-small.yaml")), device="cpu", imgsz=SIZE)
    network = TappedNetwork(detector, TapSettings(("A5",), reducer))
    frame = Frame(frames["landscape"], 0, 0.0, 0.0)
    (tap,) = network.infer(frame).taps
    assert tap.codes.shape == (5, 5)
    assert tap.codes.max() == 255
    assert tap.mean == pytest.approx(1, abs=1e-3) if reducer != "max" else tap.mean > 1
    network.close()
