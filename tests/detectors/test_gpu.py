"""On a GPU the candidates are those of the CPU, also in half precision and replayed from a CUDA graph."""

import numpy as np
import pytest
import torch

from viewer.core import Suppression
from viewer.detectors import open_detector

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]
MODELS = [("yolo11n.yaml", False), ("yolo11n-obb.yaml", False), ("yolo26n.yaml", True), ("rtdetr-small.yaml", False)]


@pytest.fixture(autouse=True)
def exact_arithmetic():
    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = before


def images(detector, hw=(320, 320)):
    pixels = torch.rand((1, 3, *hw), generator=torch.Generator().manual_seed(0))
    return pixels.to(detector.device, detector.dtype)


def boxes_of(detector, *, graph=False):
    """Detections above 0.25, before suppression."""
    batch = images(detector)
    rows = detector.candidates(detector.forward(batch))
    if graph:
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                detector.candidates(detector.forward(batch))
        torch.cuda.current_stream().wait_stream(stream)
        captured = torch.cuda.CUDAGraph()
        with torch.cuda.graph(captured):
            rows = detector.candidates(detector.forward(batch))
        captured.replay()
    rows = rows.cpu().numpy()
    return rows[rows[:, 4] > 0.25]


@pytest.mark.parametrize(("description", "end_to_end"), MODELS)
@pytest.mark.parametrize("graph", [False, True])
def test_candidates_agree_with_the_cpu(checkpoint, description, end_to_end, graph):
    if graph and description.startswith("rtdetr"):
        pytest.skip("its decoder copies shapes to the device")
    options = {"imgsz": 320, "end_to_end": end_to_end}
    path = str(checkpoint(description))
    cpu = boxes_of(open_detector(path, device="cpu", **options))
    gpu = boxes_of(open_detector(path, device="cuda", **options), graph=graph)
    assert len(cpu) == len(gpu) > 0
    np.testing.assert_allclose(gpu[:, 4], cpu[:, 4], atol=0.002)
    np.testing.assert_allclose(gpu[:, :4], cpu[:, :4], atol=0.5)


def test_half_precision_finds_nearly_the_same(checkpoint):
    path = str(checkpoint("yolo11n.yaml"))
    half = open_detector(path, device="cuda", imgsz=320, precision="fp16")
    assert (half.dtype, half.info.precision) == (torch.float16, "fp16")
    assert half.info.device.startswith("cuda:0 ")
    assert half.info.suppression is Suppression.GREEDY
    rows = half.candidates(half.forward(images(half)))
    assert rows.dtype == torch.float32
    full = boxes_of(open_detector(path, device="cuda", imgsz=320))
    assert abs(int((rows[:, 4] > 0.25).sum()) - len(full)) <= 0.1 * len(full) + 3
