"""Single pictures, for screenshots and bug reports."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import SinkError
from viewer.sinks.output import OutputFile


def save_png(path: Path, rgb: NDArray[np.uint8]) -> None:
    """Write a PNG.

    Args:
        path: Of the file; one that is there is replaced.
        rgb: (H, W, 3) uint8 RGB.

    Raises:
        SinkError: If it cannot be written; nothing is left, and an older file stays as it was.
    """
    output = OutputFile(path)
    done, data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    if not done:
        output.abort()
        raise SinkError(f"cannot write {path}: the picture of shape {rgb.shape} cannot be coded as PNG")
    with output.writing():
        output.part.write_bytes(data.tobytes())
    output.commit()
