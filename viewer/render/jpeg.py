"""What a JPEG makes of a picture."""

import cv2
import numpy as np
from numpy.typing import NDArray


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
