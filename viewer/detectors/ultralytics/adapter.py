"""YOLO v3 to 26 and RT-DETR behind the `Detector` port, driven part by part instead of through `predict`."""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from viewer.core.boxes import Boxes
from viewer.core.dense import DenseLevel
from viewer.core.detector import DetectorInfo
from viewer.core.errors import DetectorError, DeviceError
from viewer.core.geometry import Letterbox
from viewer.core.shapes import Shapes
from viewer.core.stage import Stage
from viewer.core.suppression import Suppression
from viewer.detectors.devices import choose_device, describe_device, memory_guarded, wait_for
from viewer.detectors.loaded import RANDOM_WEIGHTS, LoadedNetwork
from viewer.detectors.precision import DTYPES, check_precision, laid_out, precision_of
from viewer.detectors.recording import inferring, is_recording
from viewer.detectors.request import LoadRequest, Precision
from viewer.detectors.rows import read_rows
from viewer.detectors.ultralytics.attention import expose_attention
from viewer.detectors.ultralytics.checkpoint import build_network, load_checkpoint
from viewer.detectors.ultralytics.dense import dense_levels, head_words
from viewer.detectors.ultralytics.files import find_checkpoint, find_description
from viewer.detectors.ultralytics.heads import (
    best_anchors,
    first_tensor,
    pack_chosen,
    pack_dense,
    pack_queries,
    scores_alone,
)
from viewer.detectors.ultralytics.quiet import sealed
from viewer.detectors.ultralytics.shapes import keypoints, mask_outlines
from viewer.detectors.ultralytics.stages import head_inputs, list_stages
from viewer.detectors.ultralytics.wide_decode import decode_wide

_LEAST_STRIDE = 32
_DRY_RUN_HW = (720, 1280)
_FAULTS = (ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, NameError, RuntimeError)
_FAULTS += (TypeError, ValueError)
"""What a network says that was saved with parts missing, or by a version of its library that is none of today's."""
_CHANNELS = 3


def open_ultralytics(request: LoadRequest) -> "UltralyticsDetector":
    """Load a checkpoint or build a model description; see `viewer.detectors.open_detector`.

    Raises:
        DeviceError: If the device is not there, or its memory is not enough for the network and its dry run.
    """
    model, progress = request.model, request.progress
    request.check_imgsz()
    target = choose_device(request.device)
    check_precision(request.precision, target)
    if Path(model).suffix.lower() == ".pt":
        path = find_checkpoint(model, progress)
        progress(f"loading {path.name}", None)
        network, notes, warning = load_checkpoint(path, trust=request.trust_checkpoint), tuple[str, ...](), ""
    else:
        path = find_description(model)
        progress(f"building {path.name}", None)
        network, notes = build_network(path), (f"{RANDOM_WEIGHTS}, built from {path.name}",)
        warning = RANDOM_WEIGHTS
    _require_detection_head(network, path)
    _require_sound_precision(network, request.precision, target)
    _require_three_channels(network, path)
    progress("finding stages", None)
    with _tried_out(path), memory_guarded(target):
        network = _prepare(network, target, request)
        if request.end_to_end and not getattr(network, "end2end", True):
            notes = (*notes, "no one-to-one branch: suppression is used")
        return UltralyticsDetector(
            network,
            name=path.stem,
            device=target,
            imgsz=request.imgsz,
            rectangular=request.rectangular,
            notes=("fused" if request.fuse else "not fused", *notes),
            warning=warning,
        )


class UltralyticsDetector(LoadedNetwork):
    """A fused ultralytics network in eval mode. One thread uses it at a time."""

    def __init__(
        self,
        network: Any,
        *,
        name: str,
        device: torch.device,
        imgsz: int,
        rectangular: bool = True,
        notes: tuple[str, ...] = (),
        warning: str = "",
    ) -> None:
        """Take over a prepared network and list its stages by a dry run.

        Args:
            network: Fused, in eval mode, on `device`.
            name: Short name for titles.
            device: Where it lives.
            imgsz: Longest side of the input in pixels.
            rectangular: Whether pictures are padded to the stride only.
            notes: Things worth knowing about how it was made.
            warning: What no picture of it may be shown without.
        """
        from ultralytics.nn.modules.head import OBB, Pose, RTDETRDecoder, Segment

        super().__init__(network, name=name, device=device, dtype=next(network.parameters()).dtype)
        head = network.model[-1]
        self._is_query_head = isinstance(head, RTDETRDecoder)
        self._is_oriented = isinstance(head, OBB)
        self._is_chosen = self._is_query_head or bool(head.end2end)
        self._shapes = ("masks",) if isinstance(head, Segment) else ("keypoints",) if isinstance(head, Pose) else ()
        self._rectangular = rectangular
        self._stride = max(_LEAST_STRIDE, int(network.stride.max()))
        self._imgsz = math.ceil(imgsz / self._stride) * self._stride
        self._input_hw = (self._imgsz, self._imgsz)
        self._stages = self._find_stages()
        self._info = self._describe(name, notes, warning)

    def letterbox(self, image_hw: tuple[int, int]) -> Letterbox:
        """How a picture enters: letterboxed, or stretched to a square for RT-DETR, as ultralytics does."""
        size_hw = (self._imgsz, self._imgsz)
        if self._is_query_head:
            return Letterbox.stretch(image_hw, size_hw)
        return Letterbox.fit(image_hw, size_hw, stride=self._stride, rectangular=self._rectangular)

    @inferring
    def forward(self, images: Tensor) -> Any:
        """Run the network.

        Args:
            images: (1, 3, H, W) of `dtype` on `device`, RGB, 0..1; H and W multiples of the largest stride.

        Returns:
            A nest of tuples whose first leaf are the predictions.
        """
        self._input_hw = (images.shape[2], images.shape[3])
        module = self.module
        with scores_alone(module.model[-1]) if is_recording() else nullcontext():
            return module(images)

    @inferring
    def candidates(self, outputs: Any) -> Tensor:
        """Pack the best candidates of the last `forward`, on the device, without waiting for it.

        Returns:
            (1024, 7) float32, or as many rows as the head chooses itself (300); (K, 8) for oriented boxes.
        """
        head: Any = self.module.model[-1]
        predictions = first_tensor(outputs)
        if self._is_query_head:
            return pack_queries(predictions, input_hw=self._input_hw, rows=head.num_queries)
        if not self._is_chosen:
            return pack_dense(predictions, head.strides, classes=head.nc, oriented=self._is_oriented)
        scores = outputs[-1]["one2one"]["scores"].float().sigmoid().permute(0, 2, 1)
        index = head.get_topk_index(scores, head.max_det)[2][0]
        strides = head.strides[0].index_select(0, index)
        return pack_chosen(predictions, strides, rows=head.max_det, oriented=self._is_oriented)

    def raw_scores(self, outputs: Any) -> Tensor | None:
        """Logits of each class and anchor; see `viewer.core.protocols.BranchedDetector`."""
        if self._is_query_head:
            return None
        raw = outputs[-1]
        return raw.get("one2one" if self._is_chosen else "one2many", raw)["scores"]

    @property
    def score_branches(self) -> Any:
        """The branch of each level that gives logits of classes."""
        head: Any = self.module.model[-1]
        return () if self._is_query_head else head.one2one_cv3 if self._is_chosen else head.cv3

    def read_candidates(self, rows: NDArray[np.float32], letterbox: Letterbox) -> Boxes:
        """Turn the downloaded rows into boxes in source pixels, fill left out, not clipped yet."""
        return read_rows(rows, letterbox)

    @property
    def scoring_head(self) -> str:
        """Which head gives the scores of `dense_scores`; empty for RT-DETR, whose queries have no cells."""
        return "" if self._is_query_head else head_words(self.module.model[-1])

    @torch.inference_mode()
    def dense_scores(self, outputs: Any) -> tuple[DenseLevel, ...]:
        """What the head says of every cell; see `viewer.core.protocols.ScoringDetector`."""
        if self._is_query_head:
            return ()
        return dense_levels(self.module.model[-1], outputs, oriented=self._is_oriented)

    @torch.inference_mode()
    def shapes(self, outputs: Any, rows: NDArray[np.intp], detections: Boxes, letterbox: Letterbox) -> Shapes:
        """Masks or poses of the detections of a frame; see `viewer.core.protocols.ShapingDetector`."""
        numbers = rows.astype(np.int32)
        if not self._shapes:
            return Shapes(numbers)
        head: Any = self.module.model[-1]
        predictions = first_tensor(outputs)
        wanted = torch.from_numpy(rows).to(self._device)
        if self._is_chosen:
            extra = predictions[0].index_select(0, wanted)[:, 6:]
        else:
            anchors = best_anchors(predictions, classes=head.nc)[1].index_select(0, wanted)
            extra = predictions[0].index_select(1, anchors)[4 + head.nc :].T
        if "masks" in self._shapes:
            return Shapes(numbers, masks=mask_outlines(extra, outputs[0][1][0], detections, letterbox))
        return Shapes(numbers, keypoints=keypoints(extra, head.kpt_shape, letterbox))

    def _find_stages(self) -> tuple[Stage, ...]:
        input_hw = self.letterbox(_DRY_RUN_HW).input_hw
        images = torch.zeros((1, 3, *input_hw), dtype=self._dtype, device=self._device)
        return list_stages(self._network, input_hw, partial(self.forward, images), partial(wait_for, self._device))

    def _describe(self, name: str, notes: tuple[str, ...], warning: str) -> DetectorInfo:
        network = self._network
        inputs = head_inputs(network)
        classes = network.names if isinstance(network.names, dict) else dict(enumerate(network.names))
        return DetectorInfo(
            name=name,
            architecture=_architecture(network),
            names=tuple(str(classes.get(i, f"class {i}")) for i in range(max(classes, default=-1) + 1)),
            parameters=sum(p.numel() for p in network.parameters()),
            strides=tuple(sorted(s.stride for s in self._stages if s.node in inputs)),
            device=describe_device(self._device),
            precision=precision_of(self._dtype),
            suppression=self._suppression(),
            notes=notes,
            shapes=self._shapes,
            warning=warning,
        )

    def _suppression(self) -> Suppression:
        if self._is_chosen:
            return Suppression.NONE
        return Suppression.ROTATED if self._is_oriented else Suppression.GREEDY


@contextmanager
def _tried_out(path: Path) -> Iterator[None]:
    """Context for fusing a network and running it for the first time: a file may hold one that does not run.

    Raises:
        DetectorError: In place of what the network raises; the cause stays attached.
    """
    try:
        yield
    except _FAULTS as error:
        said = str(error).strip().splitlines()
        reason = f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
        raise DetectorError(f"the network in {path} does not run: {reason}; export or save it again") from error


def _require_detection_head(network: Any, path: Path) -> None:
    from ultralytics.nn.modules.head import Classify, Depth, Detect, RTDETRDecoder, SemanticSegment

    layers = getattr(network, "model", None)
    head = layers[-1] if isinstance(layers, nn.Sequential) and len(layers) else None
    if isinstance(head, (Detect, RTDETRDecoder)):
        return
    kinds = {Classify: "a classification", SemanticSegment: "a semantic segmentation", Depth: "a depth"}
    kind = next(
        (name for cls, name in kinds.items() if isinstance(head, cls)), f"an unknown ({type(network).__name__})"
    )
    raise DetectorError(f"{path} is {kind} model and makes no boxes; give a detect, segment, pose or obb model")


def _require_sound_precision(network: Any, precision: Precision, device: torch.device) -> None:
    """Refuse the one pair that gives numbers that are none, now and then and without a word.

    `grid_sample`, with which RT-DETR looks at its maps, reads past them in bfloat16 on a CPU (torch 2.15): 40x40 cells
    of finite values and a grid of -1.1 to 1.1 gave 2700 results that are not numbers, other runs none.
    """
    from ultralytics.nn.modules.head import RTDETRDecoder

    if precision == Precision.BF16 and device.type == "cpu" and isinstance(network.model[-1], RTDETRDecoder):
        raise DeviceError("RT-DETR gives broken numbers in bf16 on a CPU; leave out --bf16, or run it on a GPU")


def _require_three_channels(network: Any, path: Path) -> None:
    first = next((module for module in network.modules() if isinstance(module, nn.Conv2d)), None)
    if first is not None and first.in_channels != _CHANNELS:
        count = "1 channel" if first.in_channels == 1 else f"{first.in_channels} channels"
        raise DetectorError(f"{path} takes pictures of {count}; Featscope has red, green and blue: give a model of 3")


def _prepare(network: Any, device: torch.device, request: LoadRequest) -> Any:
    """Fuse, freeze and place a network, as ultralytics' own PyTorch backend does."""
    with sealed():
        if hasattr(network, "end2end"):
            network.end2end = request.end_to_end
        if request.fuse:
            network = network.fuse(verbose=False)
        expose_attention(network)
        network = network.eval().requires_grad_(False).to(device)
    network = network.to(dtype=DTYPES[request.precision])
    if request.precision != Precision.FP32:
        decode_wide(network)
    # Where it is the faster one: CPUs, and the matrix units of cards, which single precision does not use.
    by_default = device.type == "cpu" or request.precision != Precision.FP32
    return laid_out(network, request, by_default=by_default)


def _architecture(network: Any) -> str:
    task = {"Segment": "segment", "Pose": "pose", "OBB": "obb"}
    head = type(network.model[-1]).__name__
    if head == "RTDETRDecoder":
        return "RT-DETR detect"
    family = re.search(r"yolo(v?\d+)", str(network.yaml.get("yaml_file", "")).lower())
    kind = next((word for name, word in task.items() if head.startswith(name)), "detect")
    return f"YOLO{family[1] if family else ''} {kind}"
