"""What lens and codec of a camera make of a picture, on the host."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray


def through_lens(levels: NDArray[np.float32], sigma_px: float) -> NDArray[np.float32]:
    """Blur with a Gaussian, cut at three standard deviations; edges go on as they end.

    Args:
        levels: (H, W, 3) float32.
        sigma_px: Standard deviation in pixels, > 0.

    Returns:
        (H, W, 3) float32.
    """
    side = 2 * math.ceil(3 * sigma_px) + 1
    return np.asarray(cv2.GaussianBlur(levels, (side, side), sigma_px, borderType=cv2.BORDER_REPLICATE), np.float32)


def through_jpeg(rgb: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Pack a picture as baseline JPEG with halved colour resolution (4:2:0), as cameras do, and unpack it.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        quality: 1 to 100, on the scale of libjpeg.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    sampling = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    _, packed = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality, *sampling])
    unpacked = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(unpacked, cv2.COLOR_BGR2RGB), np.uint8)
