"""The channels of a stage as small pictures, a page at a time, put in order on the device."""

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from viewer.core.channels import PAGE, Gallery, RankBy, Shares, Thumbnails
from viewer.core.errors import InquiryError
from viewer.core.inquiry import Inquiry
from viewer.core.packet import NOT_FINITE
from viewer.core.protocols import Detector
from viewer.inference.studies.listening import Listening
from viewer.inference.study import Seen

MOST_CELLS = 80
"""Rows and columns of a small picture; larger maps are averaged down."""

_FIRST, _STEPS = NOT_FINITE + 1, 254


class GalleryStudy:
    """Ranks all channels where they are; of the page that is looked at, small pictures come down."""

    field: ClassVar[str] = "gallery"
    needs_gradients: ClassVar[bool] = False

    def __init__(self, detector: Detector) -> None:
        self._listening = Listening(detector, self._take)
        self._asked = Gallery("")
        self._page = 0
        self._found: tuple[Tensor, Tensor, Tensor, Tensor] | None = None

    def ask(self, inquiry: Inquiry) -> None:
        """Show this page from the next frame on.

        Raises:
            InquiryError: If there is no such stage, or a box is to be compared with and none is given.
        """
        wanted = inquiry.gallery
        if wanted is None:
            return
        if wanted.by is RankBy.BOX and wanted.box is None:
            raise InquiryError("no box to compare channels with; click an object first, or rank them by their mean")
        self._listening.turn_to(wanted.node)
        self._asked = wanted

    def begin(self) -> None:
        """Forget the last frame."""
        self._found = None
        self._listening.begin()

    def find(self, seen: Seen) -> Thumbnails:  # noqa: ARG002 - the hook saw all that is needed
        """The page.

        Raises:
            InquiryError: If the stage gave no activation.
        """
        stage = self._listening.stage
        if self._found is None:
            raise InquiryError(f"stage {stage.node} gave no activation in this frame; look at another one")
        channels, scores, codes, limits = (part.cpu().numpy() for part in self._found)
        if self._asked.by is RankBy.VARIANCE:
            scores = np.where(np.isfinite(scores), np.square(scores, dtype=np.float64), scores)
        for array in (channels, scores, codes, limits):
            array.setflags(write=False)
        return Thumbnails(stage, self._asked.by, self._page, channels, scores, codes, limits)

    def close(self) -> None:
        """Remove the hook."""
        self._listening.close()

    def _take(self, activation: Tensor) -> None:
        asked = self._asked
        scores = channel_scores(activation, asked.by, asked.box)
        self._page = min(max(asked.page, 0), (len(scores) - 1) // PAGE)
        order = torch.argsort(scores, descending=True, stable=True)[self._page * PAGE :][:PAGE]
        codes, limits = thumbnails(activation.index_select(0, order))
        self._found = order.to(torch.int32), scores.index_select(0, order), codes, limits


def channel_scores(activation: Tensor, by: RankBy, box: Shares | None = None) -> Tensor:
    """What channels are ranked by.

    Args:
        activation: (C, H, W) float.
        by: Mean over the cells, population deviation, which ranks as the variance does and whose square float32 may
            not hold, or Pearson's correlation with the cover of a box.
        box: As shares of height and width; for the last.

    Returns:
        (C,) float32 on the same device; -inf for a channel that has a value that is not finite.
    """
    cells = activation.float().flatten(1)
    if by is RankBy.MEAN:
        return _finite(cells.mean(1))
    # Squares of what is far from one leave float32, of its share of the channel's peak they do not.
    peak = cells.abs().amax(1, keepdim=True).clamp(min=1e-30)
    shares = cells / peak
    if by is RankBy.VARIANCE or box is None:
        scores = shares.std(1, correction=0) * peak[:, 0]
    else:
        scores = _correlation(shares, cover(box, (activation.shape[1], activation.shape[2]), cells.device).flatten())
    return _finite(scores)


def _finite(scores: Tensor) -> Tensor:
    return torch.where(scores.isfinite(), scores, -torch.inf)


def cover(box: Shares, map_hw: tuple[int, int], device: torch.device) -> Tensor:
    """(H, W) float32, the share of each cell that a box covers, 0..1; a box smaller than a cell covers part of one."""
    left, top, right, bottom = box

    def along(begin: float, end: float, cells: int) -> Tensor:
        edges = torch.arange(cells, dtype=torch.float32, device=device)
        return (edges + 1).clamp(max=end * cells).sub(edges.clamp(min=begin * cells)).clamp(0, 1)

    rows, columns = map_hw
    return along(top, bottom, rows)[:, None] * along(left, right, columns)[None]


def _correlation(cells: Tensor, with_: Tensor) -> Tensor:
    """Pearson's, of each row with a vector; 0 where one of them is the same everywhere."""
    apart, other = cells - cells.mean(1, keepdim=True), with_ - with_.mean()
    lengths = torch.linalg.vector_norm(apart, dim=1) * torch.linalg.vector_norm(other)
    return torch.where(lengths == 0, 0.0, torch.mv(apart, other) / lengths)


def thumbnails(channels: Tensor) -> tuple[Tensor, Tensor]:
    """Small pictures of channels, each between its own smallest and largest value.

    Args:
        channels: (n, H, W) float.

    Returns:
        (n, h, w) uint8 codes and (n, 2) float32 limits on the same device.
    """
    small = channels.float()
    factor = -(-max(small.shape[1:]) // MOST_CELLS)
    if factor > 1:
        small_hw = -(-small.shape[1] // factor), -(-small.shape[2] // factor)
        small = nn.functional.adaptive_avg_pool2d(small, small_hw)
    is_bad = ~small.isfinite()
    low = small.masked_fill(is_bad, torch.inf).amin((1, 2))
    high = small.masked_fill(is_bad, -torch.inf).amax((1, 2))
    has_none = low > high
    limits = torch.stack((low.masked_fill(has_none, np.nan), high.masked_fill(has_none, np.nan)), 1)
    scale = _STEPS / (high - low).clamp(min=1e-30)
    codes = (small - low[:, None, None]) * scale[:, None, None] + _FIRST + 0.5
    return codes.clamp(_FIRST, _FIRST + _STEPS).masked_fill(is_bad, NOT_FINITE).to(torch.uint8), limits
