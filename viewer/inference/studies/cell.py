"""What all channels of a stage say at one cell, in every frame."""

from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor

from viewer.core.cell import Cell, CellVector
from viewer.core.errors import InquiryError
from viewer.core.inquiry import Inquiry
from viewer.core.protocols import Detector
from viewer.inference.studies.listening import Listening
from viewer.inference.study import Seen


class CellStudy:
    """Takes one column out of the activation on the device; that is all that comes down."""

    field: ClassVar[str] = "cell"
    needs_gradients: ClassVar[bool] = False

    def __init__(self, detector: Detector) -> None:
        self._listening = Listening(detector, self._take)
        self._cell = Cell("", 0, 0)
        self._map_hw = 0, 0
        self._vector: Tensor | None = None

    def ask(self, inquiry: Inquiry) -> None:
        """Follow this cell from the next frame on.

        Raises:
            InquiryError: If there is no such stage.
        """
        if inquiry.cell is not None:
            stage = self._listening.turn_to(inquiry.cell.node)
            self._cell = replace(inquiry.cell, node=stage.node)

    def begin(self) -> None:
        """Forget the last frame."""
        self._vector, self._map_hw = None, (0, 0)
        self._listening.begin()

    def find(self, seen: Seen) -> CellVector:  # noqa: ARG002 - the hook saw all that is needed
        """The channels there.

        Raises:
            InquiryError: If the activation has no such cell, or the stage gave none.
        """
        stage, cell, (rows, columns) = self._listening.stage, self._cell, self._map_hw
        if not rows:
            raise InquiryError(f"stage {stage.node} gave no activation in this frame; pick a cell of another one")
        if self._vector is None:
            place = f"row {cell.row}, column {cell.column}"
            raise InquiryError(
                f"stage {stage.node} has rows 0 to {rows - 1} and columns 0 to {columns - 1} here, and no {place}; "
                "pick another cell"
            )
        values = self._vector.cpu().numpy()
        values.setflags(write=False)
        return CellVector(cell, stage, self._map_hw, values)

    def close(self) -> None:
        """Remove the hook."""
        self._listening.close()

    def _take(self, activation: Tensor) -> None:
        self._map_hw = activation.shape[1], activation.shape[2]
        row, column = self._cell.row, self._cell.column
        if 0 <= row < self._map_hw[0] and 0 <= column < self._map_hw[1]:
            self._vector = activation[:, row, column].to(torch.float32, copy=True)
