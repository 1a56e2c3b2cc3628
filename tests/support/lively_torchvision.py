"""torchvision's detectors with random weights that detect plenty, and the frames to try them on.

Their heads are made to say almost nothing at first. So batch norms are calibrated on real pictures, and each head's
last layer is scaled and shifted until a known number of pairs of box and class passes the model's own threshold.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from viewer.detectors.ultralytics.quiet import load_library

PASSING = 150
PROPOSALS = 60
DETECTIONS = 25
SIZE = 192


def pictures() -> dict[str, np.ndarray]:
    """RGB pictures that ship with ultralytics."""
    assets = Path(load_library().__file__).parent / "assets"
    street, people = (cv2.imread(str(assets / name))[..., ::-1] for name in ("bus.jpg", "zidane.jpg"))
    return {"landscape": np.ascontiguousarray(people), "portrait": np.ascontiguousarray(street)}


def frames_for(model: nn.Module) -> list[np.ndarray]:
    """RGB pictures that a model halves on their way in, exactly, however it rounds: each pixel is there four times.

    Random weights make much of little, so a grey level that is rounded otherwise would show in every score.
    """
    transform = model.transform
    if transform.fixed_size is not None:
        sizes = [transform.fixed_size[::-1]] * 2
    else:
        shortest, longest = transform.min_size[-1], transform.max_size
        sizes = [(shortest, round(0.8 * longest)), (round(0.9 * longest), shortest)]
    small = [
        cv2.resize(rgb, size[::-1], interpolation=cv2.INTER_AREA)
        for rgb, size in zip(pictures().values(), sizes, strict=True)
    ]
    return [rgb.repeat(2, axis=0).repeat(2, axis=1) for rgb in small]


def batch(model: nn.Module) -> Tensor:
    """Both big pictures, normalised, (2, 3, h, w)."""
    hw = model.transform.fixed_size or (160, 192)
    shots = [cv2.resize(pictures()[name], hw[::-1]) for name in ("landscape", "portrait")]
    images = torch.from_numpy(np.stack(shots)).permute(0, 3, 1, 2).float() / 255
    return torch.stack([model.transform.normalize(image) for image in images])


@torch.no_grad()
def liven(model: nn.Module) -> None:
    if hasattr(model, "rpn"):  # a thousand proposals are a thousand runs of the box head
        model.rpn._pre_nms_top_n["testing"], model.rpn._post_nms_top_n["testing"] = 100, PROPOSALS
        model.roi_heads.detections_per_img = DETECTIONS
    images = batch(model)
    calibrate(model, images)
    features = model.backbone(images)
    if hasattr(model, "roi_heads"):
        _liven_rcnn(model, features)
    elif hasattr(model.head.classification_head, "module_list"):
        _liven_ssd(model, list(features.values()))
    else:
        _liven_dense(model, list(features.values()))


@contextmanager
def outputs_of(module: nn.Module) -> Iterator[list[Tensor]]:
    """What a module returns while this is open, a call each."""
    seen: list[Tensor] = []
    handle = module.register_forward_hook(lambda _m, _i, output: seen.append(output))
    yield seen
    handle.remove()


def calibrate(model: nn.Module, images: Tensor) -> None:
    norms = [module for module in model.backbone.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0
    model.backbone(images)
    model.eval()
    for norm in norms:
        norm.momentum = 0.1


def scale(layer: nn.Module, run: Callable[[], object], *, spread: float) -> Tensor:
    """Scale a layer until its outputs vary by `spread`; returns them, all in one row."""
    with outputs_of(layer) as seen:
        run()
        layer.weight *= spread / torch.cat([output.flatten() for output in seen]).std()
        seen.clear()
        run()
        return torch.cat([output.flatten() for output in seen])


def _edge(values: Tensor) -> float:
    return values.flatten().topk(8 * PASSING).values[-1].item()


def _smooth(upsampling: nn.ConvTranspose2d) -> None:
    """Trained masks are smooth; random ones are a checkerboard, where every cell is an edge."""
    weights = upsampling.weight
    weights.copy_(weights.mean(dim=(2, 3), keepdim=True).expand_as(weights))


def _liven_dense(model: nn.Module, features: list[Tensor]) -> None:
    classes, regression = model.head.classification_head, model.head.regression_head
    is_fcos = hasattr(regression, "bbox_ctrness")
    scale(regression.bbox_reg, lambda: regression(features), spread=2.0 if is_fcos else 0.3)
    if is_fcos:
        scale(regression.bbox_ctrness, lambda: regression(features), spread=0.5)
    logits = scale(classes.cls_logits, lambda: classes(features), spread=1.0)
    wanted = torch.tensor(model.score_thresh**2 * 3 if is_fcos else model.score_thresh).logit()
    classes.cls_logits.bias += wanted - _edge(logits)


def _last(level: nn.Module) -> nn.Conv2d:
    return level if isinstance(level, nn.Conv2d) else level[-1]


def _liven_ssd(model: nn.Module, features: list[Tensor]) -> None:
    for level in model.head.regression_head.module_list:
        scale(_last(level), lambda: model.head(features), spread=1.0)
    head = model.head.classification_head
    for level in head.module_list:
        scale(_last(level), lambda: model.head(features), spread=1.5)

    extra = _background_shift(model.head(features)["cls_logits"][0], model.score_thresh)
    for level in head.module_list:
        _last(level).bias.view(-1, head.num_columns)[:, 0] += extra


def _background_shift(logits: Tensor, threshold: float) -> float:
    """What to add to the background's logit, the first of each row, so that about `PASSING` pairs pass."""
    low, high = -10.0, 20.0
    for _ in range(20):
        middle = (low + high) / 2
        shifted = torch.cat([logits[:, :1] + middle, logits[:, 1:]], 1).softmax(1)[:, 1:]
        low, high = (middle, high) if (shifted > threshold).sum() > PASSING else (low, middle)
    return high


def _liven_rcnn(model: nn.Module, features: dict[str, Tensor]) -> None:
    rpn, roi = model.rpn, model.roi_heads
    levels = list(features.values())
    scale(rpn.head.cls_logits, lambda: rpn.head(levels), spread=1.0)
    scale(rpn.head.bbox_pred, lambda: rpn.head(levels), spread=0.2)
    one = {name: feature[:1] for name, feature in features.items()}
    hw = (160, 192)
    grid = torch.rand((PROPOSALS, 4), generator=torch.Generator().manual_seed(1))
    boxes = torch.cat([grid[:, :2] * 100, grid[:, :2] * 100 + 20 + grid[:, 2:] * 60], 1)

    def look() -> Tensor:
        return roi.box_predictor(roi.box_head(roi.box_roi_pool(one, [boxes], [hw])))[0]

    for layer, spread in ((roi.box_predictor.bbox_pred, 0.5), (roi.box_predictor.cls_score, 1.0)):
        scale(layer, look, spread=spread)

    roi.box_predictor.cls_score.bias[0] += _background_shift(look(), roi.score_thresh)
    few = [boxes[:20]]

    def mask() -> Tensor:
        return roi.mask_predictor(roi.mask_head(roi.mask_roi_pool(one, few, [hw])))

    def pose() -> Tensor:
        return roi.keypoint_predictor(roi.keypoint_head(roi.keypoint_roi_pool(one, few, [hw])))

    if roi.has_mask():
        _smooth(roi.mask_predictor.conv5_mask)
        scale(roi.mask_predictor.mask_fcn_logits, mask, spread=2.0)
    if roi.has_keypoint():
        scale(roi.keypoint_predictor.kps_score_lowres, pose, spread=3.0)
