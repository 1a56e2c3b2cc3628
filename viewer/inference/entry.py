"""How a picture gets into the model's input: resized and padded once, on the side where that costs least."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.geometry import Letterbox
from viewer.render.letterbox import letterbox_image

PADDING = 114
"""Grey level around a letterboxed picture, as ultralytics trains with it."""


class Entry:
    """Turns frames into model input, with buffers that are made once a size.

    On a CPU OpenCV resizes into a kept uint8 buffer and one operation scales it into a kept tensor whose memory is
    channels-last, which is how the pixels lie already. On a GPU the uint8 frame crosses once through pinned memory
    and everything else happens there.

    Args:
        device: Where the input is wanted.
        dtype: Floating type of the input.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        self._device = device
        self._dtype = dtype
        self._letterbox: Letterbox | None = None
        self._host: Tensor = torch.empty(0)
        self._raw: Tensor = torch.empty(0)
        self._images: Tensor = torch.empty(0)

    def load(self, rgb: NDArray[np.uint8], letterbox: Letterbox) -> Tensor:
        """Letterbox and scale one picture.

        Args:
            rgb: (H, W, 3) uint8 of size `letterbox.image_hw`.
            letterbox: Where it goes.

        Returns:
            (1, 3, h, w) on the device, RGB, 0..1, channels-last. Overwritten by the next call.
        """
        if letterbox != self._letterbox:
            self._make_buffers(letterbox)
        if self._device.type == "cpu":
            letterbox_image(rgb, letterbox, self._host.numpy())
            return torch.div(self._host.permute(2, 0, 1)[None], 255, out=self._images)
        self._host.numpy()[...] = rgb
        self._raw.copy_(self._host, non_blocking=True)
        top, left = letterbox.top, letterbox.left
        rows, columns = letterbox.resized_hw
        picture = self._raw.permute(2, 0, 1)[None].float()
        if letterbox.resized_hw != letterbox.image_hw:
            picture = torch.nn.functional.interpolate(picture, (rows, columns), mode="bilinear", align_corners=False)
        # Rounded to whole grey levels like the CPU's, so that both devices see the same picture.
        self._images[:, :, top : top + rows, left : left + columns] = picture.round_().div_(255)
        return self._images

    def _make_buffers(self, letterbox: Letterbox) -> None:
        rows, columns = letterbox.input_hw
        on_cpu = self._device.type == "cpu"
        host_hw = letterbox.input_hw if on_cpu else letterbox.image_hw
        pinned = self._device.type == "cuda"
        self._host = torch.empty((*host_hw, 3), dtype=torch.uint8, pin_memory=pinned)
        self._raw = self._host if on_cpu else torch.empty_like(self._host, device=self._device)
        self._images = torch.full((1, 3, rows, columns), PADDING / 255, dtype=self._dtype, device=self._device).to(
            memory_format=torch.channels_last
        )
        self._letterbox = letterbox
