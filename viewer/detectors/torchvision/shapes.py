"""Masks and poses of an R-CNN's detections: its third head, run on the boxes that are left.

The order of steps is that of `RoIHeads.forward` and `paste_masks_in_image` (torchvision/models/detection/roi_heads.py,
0.29), but no mask is ever laid out over the whole picture.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models.detection.roi_heads import heatmaps_to_keypoints

from viewer.core.boxes import Boxes
from viewer.core.geometry import Letterbox, Rect
from viewer.core.shapes import MaskOutlines
from viewer.detectors.torchvision.rcnn import RcnnOutputs
from viewer.render.outline import trace_mask

_HALF = 0.5
_RIM = 1  # cells of nothing around a mask, so that it can end inside its box


def mask_outlines(model: Any, outputs: RcnnOutputs, detections: Boxes, letterbox: Letterbox) -> MaskOutlines:
    """Run the mask head of a Mask R-CNN on a frame's detections."""
    if not len(detections):
        return MaskOutlines.of([])
    roi = model.roi_heads
    boxes = _in_input(detections, outputs, letterbox)
    pooled = roi.mask_roi_pool(outputs.features, [boxes], [outputs.picture_hw]).to(_dtype(model))
    logits = roi.mask_predictor(roi.mask_head(pooled))
    labels = torch.from_numpy(detections.labels.astype(np.int64)).to(boxes.device)
    chances = logits[torch.arange(len(labels), device=boxes.device), labels].float().sigmoid()
    pictures = nn.functional.pad(chances, (_RIM,) * 4).cpu().numpy()
    height, width = letterbox.image_hw
    rects = _mask_rects(detections.xyxy, pictures.shape[-1])
    return MaskOutlines.of(
        [trace_mask(cells, _HALF, rect, (0, 0, width, height)) for cells, rect in zip(pictures, rects, strict=True)]
    )


def keypoints(model: Any, outputs: RcnnOutputs, detections: Boxes, letterbox: Letterbox) -> NDArray[np.float32]:
    """Run the keypoint head of a Keypoint R-CNN on a frame's detections.

    Returns:
        (M, K, 3) float32, x, y in source pixels and a score: the height of the peak, which is no likelihood, put
        between 0 and 1 by the logistic function.
    """
    roi = model.roi_heads
    if not len(detections):
        return np.zeros((0, roi.keypoint_predictor.out_channels, 3), np.float32)
    boxes = _in_input(detections, outputs, letterbox)
    pooled = roi.keypoint_roi_pool(outputs.features, [boxes], [outputs.picture_hw]).to(_dtype(model))
    heat = roi.keypoint_predictor(roi.keypoint_head(pooled)).float()
    points, peaks = heatmaps_to_keypoints(heat, boxes)
    scores = peaks.sigmoid()[..., None].cpu().numpy()
    xy = letterbox.points_to_image(points[..., :2].cpu().numpy())
    return np.concatenate([xy, scores], axis=-1).astype(np.float32)


def _in_input(detections: Boxes, outputs: RcnnOutputs, letterbox: Letterbox) -> Tensor:
    return torch.from_numpy(letterbox.to_input(detections.xyxy)).to(outputs.proposals.device)


def _dtype(model: nn.Module) -> torch.dtype:
    return next(model.parameters()).dtype


def _mask_rects(xyxy: NDArray[np.float32], cells: int) -> list[Rect]:
    """Where the cells of masks, rims included, lie: as much larger than the box as they are more, in whole pixels."""
    centre, half = (xyxy[:, :2] + xyxy[:, 2:]) / 2, (xyxy[:, 2:] - xyxy[:, :2]) / 2
    half = half * (cells / (cells - 2 * _RIM))
    start, end = np.trunc(centre - half), np.trunc(centre + half)
    sizes = np.maximum(end - start + 1, 1)
    return [Rect(*at, *size) for at, size in zip(start.tolist(), sizes.tolist(), strict=True)]
