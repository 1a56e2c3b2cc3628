"""The raw output of stages for one frame, for whoever wants to compute with it.

No frame carries its activations: they are megabytes, and most are never looked at. So the network runs once more over
the frame, with hooks that copy, and all that is asked of frames stays in force; the taps do nothing meanwhile, so their
limits and what their reducers remember are as before.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

import torch
from torch import Tensor

from viewer.core.errors import InquiryError
from viewer.core.frame import Frame
from viewer.core.protocols import Detector
from viewer.inference.entry import DeviceEntry, HostEntry
from viewer.inference.inquirer import Inquirer
from viewer.inference.studies.listening import Listener
from viewer.taps import TapSet


def read_activations(
    detector: Detector, taps: TapSet, inquirer: Inquirer, frame: Frame, nodes: Sequence[str]
) -> tuple[Tensor, ...]:
    """Run a frame and copy what stages return.

    Args:
        detector: The network.
        taps: Hooks that stand on it.
        inquirer: What is asked of its frames.
        frame: The picture, perturbed already where that is asked for.
        nodes: Stages by node or short name.

    Returns:
        (C, H, W) of each stage, in the network's own type, on its device; copies that autograd may record from.

    Raises:
        InquiryError: If there is no such stage, or it gives no (N, C, H, W) activation.
    """
    heard: dict[int, Tensor] = {}
    with ExitStack() as stack:
        for place, node in enumerate(nodes):
            listener = Listener(detector, node, partial(_copy, heard, place))
            stack.callback(listener.close)
        with torch.inference_mode():
            images = _images(detector, frame)
        taps.begin(skip=True)
        inquirer.begin()  # without gradients: nobody explains anything of this forward
        with torch.inference_mode():
            detector.forward(images)
        if not taps.is_skipping:
            taps.start_over()  # no frame had gone before, so they could not be left out
    for place, node in enumerate(nodes):
        if place not in heard:
            raise InquiryError(f"stage {node} gives no (N, C, H, W) activation; read another one")
    return tuple(heard[place].clone() for place in range(len(nodes)))


def _copy(heard: dict[int, Tensor], place: int, activation: Tensor) -> None:
    heard[place] = activation.clone()  # the next operation may overwrite it in place


def _images(detector: Detector, frame: Frame) -> Tensor:
    letterbox = detector.letterbox(frame.image_hw)
    if detector.device.type == "cuda":
        entry = DeviceEntry(letterbox, detector.dtype, detector.device)
        entry.raw.copy_(torch.from_numpy(frame.rgb.copy()))
        return entry.images()
    host = HostEntry(letterbox, detector.dtype)
    host.load(frame.rgb)
    return host.images()
