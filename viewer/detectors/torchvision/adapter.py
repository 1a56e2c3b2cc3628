"""torchvision's detectors behind the `Detector` port, their own parts run one after the other."""

from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import override

from viewer.core.boxes import Boxes
from viewer.core.dense import DenseLevel
from viewer.core.detector import DetectorInfo
from viewer.core.errors import DetectorError
from viewer.core.geometry import Letterbox
from viewer.core.shapes import Shapes
from viewer.core.stage import Role, Stage
from viewer.core.suppression import Suppression
from viewer.detectors.devices import choose_device, describe_device, memory_guarded, wait_for
from viewer.detectors.fitting import unwrapped
from viewer.detectors.loaded import RANDOM_WEIGHTS, LoadedNetwork
from viewer.detectors.precision import DTYPES, check_precision, laid_out, precision_of
from viewer.detectors.recording import inferring
from viewer.detectors.request import LoadRequest
from viewer.detectors.rows import read_rows
from viewer.detectors.torchvision.builders import build, check_name, class_names, default_sizes, family_of, sizes_of
from viewer.detectors.torchvision.dense import DenseHead
from viewer.detectors.torchvision.rcnn import RcnnHead
from viewer.detectors.torchvision.shapes import keypoints, mask_outlines
from viewer.detectors.torchvision.stages import list_stages
from viewer.detectors.torchvision.weights import find_weights, put_in_published
from viewer.detectors.weights import RANDOM, read_state

_DRY_RUN_HW = (720, 1280)
_LEAST_PX = 32
_LEAST_IMGSZ = 64


def open_torchvision(request: LoadRequest) -> "TorchvisionDetector":
    """Build a model and load its weights; see `viewer.detectors.open_detector`.

    Raises:
        DetectorError: If there is no such builder, or its weights are nowhere, unreadable or those of another model.
        UntrustedCheckpointError: If the weights' file holds more than weights.
        DeviceError: If the device is not there, or its memory is not enough for the network and its dry run.
    """
    name, progress = check_name(request.model.partition(":")[2]), request.progress
    request.check_imgsz(_LEAST_IMGSZ)
    target = choose_device(request.device)
    check_precision(request.precision, target)
    with memory_guarded(target):
        model, sizes, notes = _load(name, request)
        model = model.eval().requires_grad_(False).to(target, DTYPES[request.precision])
        model = laid_out(model, request, by_default=target.type == "cpu")
        notes += (_fit_input(model, request.imgsz),)
        progress("finding stages", None)
        warning = RANDOM_WEIGHTS if request.weights == RANDOM else ""
        return TorchvisionDetector(model, name=name, classes=sizes.classes, device=target, notes=notes, warning=warning)


class TorchvisionDetector(LoadedNetwork):
    """A torchvision model in eval mode. One thread uses it at a time.

    A forward belongs to the picture that `letterbox` was asked about last: where it ends, padding begins, and boxes
    end there too. An input of another size counts as all picture.
    """

    def __init__(
        self,
        model: nn.Module,
        *,
        name: str,
        classes: int,
        device: torch.device,
        notes: tuple[str, ...] = (),
        warning: str = "",
    ) -> None:
        """Take over a model and list its stages by a dry run.

        Args:
            model: In eval mode, on `device`.
            name: Its builder.
            classes: Number of classes, the background included where there is one.
            device: Where it lives.
            notes: Things worth knowing about how it was made.
            warning: What no picture of it may be shown without.
        """
        super().__init__(model, name=name, device=device, dtype=next(model.parameters()).dtype)
        self._head: Any = RcnnHead(model) if hasattr(model, "roi_heads") else DenseHead(model)
        self._mean = self._column(self._network.transform.image_mean)
        self._deviation = self._column(self._network.transform.image_std)
        self._shapes = _shapes_of(model)
        self._letterbox = self.letterbox(_DRY_RUN_HW)
        self._stages = self._find_stages()
        self._info = self._describe(name, classes, notes, warning)

    @property
    def _driver(self) -> Any:
        """Drives the model's head; read once a call, for another thread may close the detector meanwhile."""
        head = self._head
        if head is None:
            raise DetectorError(f"detector {self._name} is closed")
        return head

    def letterbox(self, image_hw: tuple[int, int]) -> Letterbox:
        """How a picture enters: scaled and padded to the right and below, or stretched to SSD's only size."""
        transform: Any = self.module.transform
        if transform.fixed_size is not None:
            width, height = transform.fixed_size
            self._letterbox = Letterbox.stretch(image_hw, (height, width))
        else:
            self._letterbox = Letterbox.corner(
                image_hw,
                shortest=transform.min_size[-1],
                longest=transform.max_size,
                stride=transform.size_divisible,
            )
        return self._letterbox

    @inferring
    def forward(self, images: Tensor) -> Any:
        """Run the network.

        Args:
            images: (1, 3, H, W) of `dtype` on `device`, RGB, 0..1.

        Returns:
            `RcnnOutputs` or `DenseOutputs`.
        """
        head = self._driver
        input_hw = (images.shape[2], images.shape[3])
        picture_hw = self._letterbox.resized_hw if input_hw == self._letterbox.input_hw else input_hw
        normal = (images - self._mean) / self._deviation
        # torchvision pads what is normalised already.
        normal[:, :, picture_hw[0] :] = 0
        normal[:, :, :, picture_hw[1] :] = 0
        return head.forward(normal, picture_hw)

    @inferring
    def candidates(self, outputs: Any) -> Tensor:
        """Pack the best pairs of box and class, on the device.

        Returns:
            (1024, 7) float32; boxes are clipped to the picture, as torchvision does before it suppresses.
        """
        return self._driver.candidates(outputs)

    @inferring
    def scores_again(self, outputs: Any, rows: NDArray[np.intp]) -> Tensor | None:
        """Scores of some candidates anew, of the R-CNNs; see `viewer.core.protocols.RescoringDetector`."""
        driver = self._driver
        return driver.scores_again(outputs, rows) if isinstance(driver, RcnnHead) else None

    def read_candidates(self, rows: NDArray[np.float32], letterbox: Letterbox) -> Boxes:
        """Turn the downloaded rows into boxes in source pixels, fill left out."""
        return read_rows(rows, letterbox)

    @property
    def scoring_head(self) -> str:
        """Which head gives the scores of `dense_scores`; empty for the R-CNNs, which score the regions they propose."""
        return "dense head" if isinstance(self._driver, DenseHead) else ""

    @torch.inference_mode()
    def dense_scores(self, outputs: Any) -> tuple[DenseLevel, ...]:
        """What the head says of every cell; see `viewer.core.protocols.ScoringDetector`."""
        driver = self._driver
        return driver.dense_scores(outputs) if isinstance(driver, DenseHead) else ()

    @torch.inference_mode()
    def shapes(self, outputs: Any, rows: NDArray[np.intp], detections: Boxes, letterbox: Letterbox) -> Shapes:
        """Masks or poses of the detections of a frame; see `viewer.core.protocols.ShapingDetector`."""
        numbers = rows.astype(np.int32)
        if "masks" in self._shapes:
            return Shapes(numbers, masks=mask_outlines(self.module, outputs, detections, letterbox))
        if "keypoints" in self._shapes:
            return Shapes(numbers, keypoints=keypoints(self.module, outputs, detections, letterbox))
        return Shapes(numbers)

    @override
    def close(self) -> None:
        """Drop the weights; twice is harmless."""
        self._head = None
        super().close()

    def _column(self, values: list[float]) -> Tensor:
        return torch.tensor(values, dtype=self._dtype, device=self._device)[:, None, None]

    def _find_stages(self) -> tuple[Stage, ...]:
        input_hw = self._letterbox.input_hw
        images = torch.zeros((1, 3, *input_hw), dtype=self._dtype, device=self._device)
        return list_stages(self._network, input_hw, partial(self.forward, images), partial(wait_for, self._device))

    def _describe(self, name: str, classes: int, notes: tuple[str, ...], warning: str) -> DetectorInfo:
        into_head = {s.stride for s in self._stages if s.role is Role.NECK and s.name}
        if self._network.transform.fixed_size is not None:
            into_head |= {s.stride for s in self._stages if s.role is Role.HEAD}
        return DetectorInfo(
            name=name,
            architecture=family_of(name).title,
            names=class_names(name, classes),
            parameters=sum(p.numel() for p in self._network.parameters()),
            strides=tuple(sorted(into_head)),
            device=describe_device(self._device),
            precision=precision_of(self._dtype),
            suppression=Suppression.GREEDY,
            notes=notes,
            shapes=self._shapes,
            warning=warning,
            has_fixed_input=self._network.transform.fixed_size is not None,
        )


def _load(name: str, request: LoadRequest) -> tuple[nn.Module, Any, tuple[str, ...]]:
    """Build a model and give it its weights; returns it, its sizes and what is worth knowing."""
    if request.weights == RANDOM:
        request.progress(f"building {name}", None)
        sizes = default_sizes(name)
        return build(name, sizes), sizes, (RANDOM_WEIGHTS,)
    path = find_weights(name, request.weights, request.progress)
    request.progress(f"loading {path.name}", None)
    state = read_state(path)
    with torch.device("meta"):
        usual = build(name, default_sizes(name)).state_dict()
    state = unwrapped(state, usual)
    sizes = sizes_of(name, state)
    model = build(name, sizes)
    put_in_published(model, state, path, name)
    return model, sizes, (f"weights of {path.name}",)


def _fit_input(model: Any, imgsz: int) -> str:
    """Set how large pictures enter, keeping the proportion of the two limits; returns what is worth knowing of it."""
    transform = model.transform
    if transform.fixed_size is not None:
        width, height = transform.fixed_size
        return f"input always {width}x{height}"
    shortest, longest = transform.min_size[-1], transform.max_size
    if imgsz == longest:
        return f"input up to {shortest} by {longest}, torchvision's own"
    transform.min_size, transform.max_size = (max(_LEAST_PX, round(shortest * imgsz / longest)),), imgsz
    return f"input up to {transform.min_size[-1]} by {imgsz}; torchvision's own is --imgsz {longest}"


def _shapes_of(model: Any) -> tuple[str, ...]:
    roi = getattr(model, "roi_heads", None)
    if roi is None:
        return ()
    return ("masks",) if roi.has_mask() else ("keypoints",) if roi.has_keypoint() else ()
