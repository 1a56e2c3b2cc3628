"""What a user would do without Featscope, each from its own package: no copy of theirs, none improved or slowed down.

`predict` is ultralytics' own loop without any maps. `naive hook` is what most answers on the web advise: a hook that
copies the activation to the host, then mean, resize to the frame, colour and blend, for each tap. `visualize` is
ultralytics' `predict(visualize=True)`. `EigenCAM` is pytorch-grad-cam's, on the same layers.
"""

import importlib
import importlib.util
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from time import perf_counter
from typing import Any

import cv2
import numpy as np
import torch

from viewer.assembly import open_configured_detector
from viewer.bench.subject import Subject, input_of
from viewer.core.frame import Frame
from viewer.core.stage import Stage
from viewer.detectors.ultralytics.quiet import load_library, sealed


class Missing(Exception):  # noqa: N818 - it is no error of anybody's
    """A peer is not installed; the text says how to get it."""


def predict_fps(subject: Subject, frames: int, *, threads: int | None = None, visualize: bool = False) -> float:
    """Frames a second of ultralytics' own loop over the source's file.

    Args:
        subject: What to run on.
        frames: How many frames to time, after two that warm up.
        threads: Threads of torch to force on it; None leaves what it chooses itself.
        visualize: Let it draw its class activation maps, which it writes to disk.
    """
    before = torch.get_num_threads()
    network = _yolo(subject)
    config = subject.config
    with sealed(), tempfile.TemporaryDirectory() as folder:
        results = network.predict(
            subject.address,
            stream=True,
            imgsz=config.imgsz,
            conf=config.conf,
            iou=config.iou,
            device=None if config.device == "auto" else config.device,
            half=config.half,
            verbose=False,
            visualize=visualize,
            save=False,
            project=folder,
        )
        next(results)
        if threads is not None:
            torch.set_num_threads(threads)
        next(results)
        began_s = perf_counter()
        for _ in range(frames):
            next(results)
        elapsed_s = perf_counter() - began_s
        results.close()
    torch.set_num_threads(before)
    return frames / elapsed_s


class NaiveHooks:
    """The hook from the answers on the web, on these stages; a context manager that removes them.

    Args:
        module: The network.
        stages: What to tap.
        inference: Runs a frame through the network, without taps of ours.
    """

    def __init__(self, module: torch.nn.Module, stages: Sequence[Stage], inference: Callable[[Frame], object]) -> None:
        self._inference = inference
        self._bgr = np.zeros((1, 1, 3), np.uint8)
        modules = dict(module.named_modules())
        self._handles = [modules[stage.node].register_forward_hook(self._hook) for stage in stages]
        self.spent_ms = 0.0

    def run(self, frame: Frame) -> None:
        """One frame with a heat map over it for every tap."""
        self._bgr = frame.rgb[..., ::-1].copy()
        self.spent_ms = 0.0
        self._inference(frame)

    def close(self) -> None:
        """Remove the hooks."""
        for handle in self._handles:
            handle.remove()

    def _hook(self, _module: torch.nn.Module, _inputs: Any, output: torch.Tensor) -> None:
        began_s = perf_counter()
        activation = output.detach().cpu().float().numpy()[0]
        heat = activation.mean(axis=0)
        heat = (heat - heat.min()) / (heat.max() - heat.min() + 1e-9)
        height, width = self._bgr.shape[:2]
        grey = (cv2.resize(heat, (width, height)) * 255).astype(np.uint8)
        cv2.addWeighted(self._bgr, 0.5, cv2.applyColorMap(grey, cv2.COLORMAP_JET), 0.5, 0)
        self.spent_ms += (perf_counter() - began_s) * 1000


@contextmanager
def eigencam(subject: Subject, stages: Sequence[Stage]) -> Iterator[Callable[[], float]]:
    """pytorch-grad-cam's EigenCAM on the same layers.

    Yields:
        Runs one frame and returns its seconds.

    Raises:
        Missing: If the package is not installed.
    """
    if importlib.util.find_spec("pytorch_grad_cam") is None:
        raise Missing("pytorch-grad-cam is not installed (pip install grad-cam)")
    package = importlib.import_module("pytorch_grad_cam")
    show = importlib.import_module("pytorch_grad_cam.utils.image").show_cam_on_image
    detector = open_configured_detector(subject.config)
    modules = dict(detector.module.named_modules())
    cam = package.EigenCAM(_First(detector.module), [modules[stage.node] for stage in stages])
    frames = cycle(subject.frames)

    def run() -> float:
        frame = next(frames)
        began_s = perf_counter()
        images = input_of(detector, frame)
        grey = cam(images, targets=[lambda _: torch.zeros(())])[0]
        show(images[0].permute(1, 2, 0).float().cpu().numpy(), grey, use_rgb=True)
        return perf_counter() - began_s

    try:
        yield run
    finally:
        cam.activations_and_grads.release()
        detector.close()


class _First(torch.nn.Module):
    """The predictions alone, which is what the package expects of a network."""

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        outputs = self.module(images)
        return outputs[0] if isinstance(outputs, tuple) else outputs


def _yolo(subject: Subject) -> Any:
    with sealed():
        return load_library().YOLO(subject.config.model)
