"""What answers a question about every frame while the network runs, beside the maps and boxes that are made anyway."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.boxes import Boxes
from viewer.core.frame import Frame
from viewer.core.geometry import Letterbox
from viewer.core.inquiry import Inquiry
from viewer.core.protocols import Detector


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A frame that has gone through the network.

    Attributes:
        frame: The frame.
        letterbox: Where the model's input lay in it.
        outputs: What `Detector.forward` returned, on the device.
        rows: What `Detector.candidates` made of it, on the device; where gradients are asked for, they lead from its
            scores back to what a hook let them begin at.
        boxes: The same on the host, in source pixels, without rows that are fill or not finite.
        kept: (len(boxes),) row of each box.
        unrecorded: Why no gradients were recorded where they were asked for; empty where they were.
    """

    frame: Frame
    letterbox: Letterbox
    outputs: Any
    rows: Tensor
    boxes: Boxes
    kept: NDArray[np.intp]
    unrecorded: str = ""


class Study(Protocol):
    """Answers one question. All methods belong to the thread that runs the network.

    A frame goes `begin()`, the detector's forward and candidates, `find(seen)`. While something is altered the network
    runs once more before that, as it is; hooks fire there too, and `begin` forgets what they took.

    Class attributes:
        field: Of `Inquiry` and of `Findings` alike.
        needs_gradients: Whether autograd is to record from wherever a hook lets it begin; as in `Inquirer.watching`.
    """

    field: ClassVar[str]
    needs_gradients: ClassVar[bool]

    def __init__(self, detector: Detector) -> None:
        """Stand ready for questions about this network."""
        ...

    def ask(self, inquiry: Inquiry) -> None:
        """Take a question, or another one, or none; hooks go where it wants them.

        Raises:
            InquiryError: If it cannot be asked of this network; what was asked before stands.
        """
        ...

    def begin(self) -> None:
        """Forget the last frame."""
        ...

    def find(self, seen: Seen) -> Any:
        """The answer for a frame: numbers on the host, nothing that refers to the device.

        Raises:
            InquiryError: If this frame gives none; it becomes a line of `Findings.refusals`.
        """
        ...

    def close(self) -> None:
        """Remove every hook; twice is harmless."""
        ...
