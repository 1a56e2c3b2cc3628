"""From a decoded picture to RGB: the right matrix, upright, and with as few copies as it takes."""

import av
import numpy as np
from numpy.typing import NDArray

_UNSPECIFIED_MATRIX = 2
_HD_HEIGHT_PX = 720


def to_rgb(picture: av.VideoFrame) -> NDArray[np.uint8]:
    """Convert a decoded picture to upright RGB.

    swscale takes an untagged picture for BT.601, which turns the reds of untagged HD footage visibly brown; like
    every player we take BT.709 from 720 lines on. Range and tagged matrices are honoured by swscale itself.

    Args:
        picture: As it left the decoder, any pixel format.

    Returns:
        (H, W, 3) uint8, C-contiguous, the container's rotation applied.
    """
    untagged_hd = picture.colorspace == _UNSPECIFIED_MATRIX and min(picture.width, picture.height) >= _HD_HEIGHT_PX
    converted = picture.reformat(format="rgb24", src_colorspace="itu709" if untagged_hd else None)
    plane = converted.planes[0]
    # A view on the plane saves a copy of the frame; only widths that swscale pads need one.
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
        : converted.height, : converted.width * 3
    ]
    rgb = np.ascontiguousarray(rows).reshape(converted.height, converted.width, 3)
    turns = round(picture.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(rgb, turns)) if turns else rgb


def upright_hw(picture: av.VideoFrame) -> tuple[int, int]:
    """Height and width in pixels once `to_rgb` has turned it."""
    sideways = round(picture.rotation / 90) % 2
    return (picture.width, picture.height) if sideways else (picture.height, picture.width)
