"""How a picture gets into the model's input: resized and padded once, on the side where that costs least."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.geometry import Letterbox
from viewer.render.letterbox import letterbox_image

PADDING = 114
"""Grey level around a letterboxed picture, as ultralytics trains with it."""


class HostEntry:
    """On a CPU OpenCV resizes into a kept uint8 buffer, and one operation scales it into a kept tensor.

    The tensor's memory is channels-last, which is how the pixels lie already.

    Args:
        letterbox: Where the picture goes.
        dtype: Floating type of the input.
    """

    def __init__(self, letterbox: Letterbox, dtype: torch.dtype) -> None:
        self._letterbox = letterbox
        self._pixels = torch.empty((*letterbox.input_hw, 3), dtype=torch.uint8)
        self._array = self._pixels.numpy()
        self._images = _grey(letterbox, dtype, torch.device("cpu"))

    def load(self, rgb: NDArray[np.uint8]) -> None:
        """Take a picture: (H, W, 3) uint8 of size `letterbox.image_hw`."""
        letterbox_image(rgb, self._letterbox, self._array)

    def images(self) -> Tensor:
        """(1, 3, h, w) of the picture taken last, RGB, 0..1, channels-last; overwritten by the next call."""
        return torch.div(self._pixels.permute(2, 0, 1)[None], 255, out=self._images)


class DeviceEntry:
    """On a GPU the raw picture lies in a buffer that keeps its place, and everything else happens there.

    Args:
        letterbox: Where the picture goes.
        dtype: Floating type of the input.
        device: Where.
    """

    def __init__(self, letterbox: Letterbox, dtype: torch.dtype, device: torch.device) -> None:
        self._letterbox = letterbox
        self.raw = torch.zeros((*letterbox.image_hw, 3), dtype=torch.uint8, device=device)
        self._images = _grey(letterbox, dtype, device)

    def images(self) -> Tensor:
        """(1, 3, h, w) of what lies in `raw`, RGB, 0..1, channels-last; overwritten by the next call."""
        letterbox = self._letterbox
        rows, columns = letterbox.resized_hw
        picture = self.raw.permute(2, 0, 1)[None].float()
        if letterbox.resized_hw != letterbox.image_hw:
            picture = torch.nn.functional.interpolate(picture, (rows, columns), mode="bilinear", align_corners=False)
        inside = self._images[:, :, letterbox.top : letterbox.top + rows, letterbox.left : letterbox.left + columns]
        # Rounded to whole grey levels like the CPU's, so that both devices see the same picture.
        inside.copy_(picture.round_().div_(255))
        return self._images


def _grey(letterbox: Letterbox, dtype: torch.dtype, device: torch.device) -> Tensor:
    images = torch.full((1, 3, *letterbox.input_hw), PADDING / 255, dtype=dtype, device=device)
    return images.to(memory_format=torch.channels_last)
