"""Pixels of the model's input: the host-side half of `Letterbox`, for devices that get no better from a kernel."""

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import Letterbox

PADDING = 114
"""Grey of the padding, as ultralytics trains with."""


def letterbox_image(
    rgb: NDArray[np.uint8], letterbox: Letterbox, out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Resize and pad a picture, pixel for pixel as ultralytics' `LetterBox` (ultralytics/data/augment.py, 8.4).

    Args:
        rgb: (H, W, 3) uint8 of `letterbox.image_hw`, any channel order.
        letterbox: Where the picture lies in the input.
        out: (input_h, input_w, 3) uint8, C-contiguous, written and returned; made if None. Reusing one saves an
            allocation a frame.

    Returns:
        (input_h, input_w, 3) uint8, same channel order.

    Raises:
        ValueError: If the picture or `out` has another size than the letterbox says.
    """
    if rgb.shape[:2] != letterbox.image_hw:
        raise ValueError(f"picture is {rgb.shape[:2]}, the letterbox is for {letterbox.image_hw}")
    if out is None:
        out = np.empty((*letterbox.input_hw, 3), np.uint8)
    elif out.shape != (*letterbox.input_hw, 3):
        raise ValueError(f"out is {out.shape}, the letterbox needs {(*letterbox.input_hw, 3)}")
    (height, width), top, left = letterbox.resized_hw, letterbox.top, letterbox.left
    _pad(out, top, left, top + height, left + width)
    inner = out[top : top + height, left : left + width]
    if letterbox.resized_hw == letterbox.image_hw:
        inner[:] = rgb
    else:
        cv2.resize(rgb, (width, height), dst=inner, interpolation=cv2.INTER_LINEAR)
    return out


def _pad(out: NDArray[np.uint8], top: int, left: int, bottom: int, right: int) -> None:
    out[:top] = PADDING
    out[bottom:] = PADDING
    out[top:bottom, :left] = PADDING
    out[top:bottom, right:] = PADDING
