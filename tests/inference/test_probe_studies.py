"""Cells, single channels and galleries, each against numpy over the very activation."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.inference.test_network import EACH_FRAME, frame
from tests.support.tiny import TinyDetector
from viewer.core import Limits, LimitsMode, Role, Stage, Thresholds
from viewer.core.cell import Cell
from viewer.core.channels import PAGE, Gallery, OneChannel, RankBy
from viewer.core.errors import InquiryError
from viewer.core.inquiry import NOTHING, Inquiry
from viewer.inference import TappedNetwork
from viewer.pipeline import Pipeline

FRAME = Limits(LimitsMode.FRAME)


class Wide(TinyDetector):
    """A stage of forty random channels, which the next operation overwrites."""

    def __init__(self) -> None:
        super().__init__(size=64)
        torch.manual_seed(3)
        self.module.wide = nn.Conv2d(3, 40, 3, 4, 1)
        self.stages = (*self.stages, Stage("wide", Role.NECK, 4, 40, (16, 16), name="P2"))
        self.activation = np.zeros(0)
        for parameter in self.module.parameters():
            parameter.requires_grad_(False)

    def forward(self, images):
        activation = self.module.wide(images)
        self.activation = activation[0].numpy().copy()
        activation.zero_()
        return super().forward(images)


@pytest.fixture
def detector() -> Wide:
    return Wide()


def picture(seed: int = 1):
    return frame(np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8))


def opened(detector) -> Pipeline:
    return Pipeline(TappedNetwork(detector, EACH_FRAME), Thresholds())


def hooks(detector) -> int:
    return sum(len(module._forward_hooks) for module in detector.module.modules())


def test_the_vector_is_the_column_of_the_activation_in_every_frame(detector):
    with opened(detector) as pipeline:
        before = hooks(detector)
        pipeline.set_inquiry(Inquiry(cell=Cell("P2", 5, 9)))
        for seed in (1, 2):
            found = pipeline.process(picture(seed)).findings.cell
            np.testing.assert_array_equal(found.values, detector.activation[:, 5, 9])
            assert (found.cell, found.map_hw) == (Cell("wide", 5, 9), (16, 16))
            assert not found.values.flags.writeable
        pipeline.set_inquiry(NOTHING)
        assert pipeline.process(picture()).findings.cell is None
        assert hooks(detector) == before
    assert hooks(detector) == 0


def test_a_cell_that_is_not_there_is_said_and_a_stage_that_is_not_refused(detector):
    with opened(detector) as pipeline:
        pipeline.set_inquiry(Inquiry(cell=Cell("wide", 16, 0)))
        findings = pipeline.process(picture()).findings
        assert findings.cell is None
        assert "rows 0 to 15" in findings.refusals[0]
        assert findings.why_not("cell") == findings.refusals[0]
        assert findings.why_not("cam", "health") == ""
        pipeline.set_inquiry(Inquiry(cell=Cell("wide", -1, 0)))  # the last row to Python, and none to anybody else
        assert pipeline.process(picture()).findings.cell is None
        with pytest.raises(InquiryError, match="no stage 'wider' in tiny; did you mean 'wide'"):
            pipeline.set_inquiry(Inquiry(cell=Cell("wider", 0, 0)))
        pipeline.set_inquiry(Inquiry(cell=Cell("wide", 15, 0)))
        assert pipeline.process(picture()).findings.cell is not None


def test_one_channel_is_a_map_of_its_own_beside_the_taps(detector):
    with opened(detector) as pipeline:
        for number in (7, 31):
            pipeline.set_inquiry(Inquiry(channel=OneChannel("P2", number, FRAME)))
            pipeline.process(picture(2))
            packet = pipeline.process(picture())
            found, channel = packet.findings.channel, detector.activation[number]
            assert found.reducer == f"channel:{number}"
            assert found.limits == pytest.approx((channel.min(), channel.max()), rel=1e-5)
            assert found.mean == pytest.approx(channel.mean(), rel=1e-4, abs=1e-6)
            values = np.array([[found.value_at(r, c) for c in range(16)] for r in range(16)])
            np.testing.assert_allclose(values, channel, atol=np.ptp(channel) / 254)
            assert [tap.reducer for tap in packet.taps] == ["absmean"] * 4
        with pytest.raises(InquiryError, match="channels 0 to 39, not 40"):
            pipeline.set_inquiry(Inquiry(channel=OneChannel("P2", 40)))


def test_another_channel_begins_with_limits_of_its_own(detector):
    with opened(detector) as pipeline:
        pipeline.set_inquiry(Inquiry(channel=OneChannel("P2", 3)))
        pipeline.process(picture())
        pipeline.set_inquiry(Inquiry(channel=OneChannel("P2", 4)))
        found = pipeline.process(picture()).findings.channel
        channel = detector.activation[4]
        assert found.limits == pytest.approx((channel.min(), channel.max()), rel=1e-5)


def ranked(activation: np.ndarray, by: RankBy, mask: np.ndarray) -> np.ndarray:
    cells = activation.reshape(len(activation), -1)
    if by is RankBy.MEAN:
        return cells.mean(1)
    if by is RankBy.VARIANCE:
        return cells.var(1)
    return np.array([np.corrcoef(channel, mask.ravel())[0, 1] for channel in cells])


@pytest.mark.parametrize("by", list(RankBy))
def test_channels_are_ranked_as_numpy_ranks_them(detector, by):
    mask = np.zeros((16, 16))
    mask[4:8, 2:12] = 1.0
    mask[4:8, 12] = 0.5
    box = (2 / 16, 4 / 16, 12.5 / 16, 8 / 16)
    with opened(detector) as pipeline:
        pages = []
        for page in (0, 1, 9):
            pipeline.set_inquiry(Inquiry(gallery=Gallery("wide", by, page, box)))
            pages.append(pipeline.process(picture()).findings.gallery)
    scores = ranked(detector.activation, by, mask)
    order = np.argsort(-scores, kind="stable")
    np.testing.assert_array_equal(np.concatenate([page.channels for page in pages[:2]]), order)
    np.testing.assert_allclose(pages[0].scores, scores[order[:PAGE]], rtol=1e-3, atol=1e-5)
    assert [page.page for page in pages] == [0, 1, 1], "beyond the last page there is the last"
    assert (pages[0].pages, len(pages[1].channels)) == (2, 40 - PAGE)
    first = detector.activation[order[0]]
    np.testing.assert_allclose(pages[0].limits[0], (first.min(), first.max()), rtol=1e-5)
    want = np.floor((first - first.min()) / np.ptp(first) * 254 + 1.5)
    assert np.abs(pages[0].codes[0] - want).max() <= 1


@pytest.mark.parametrize("by", [RankBy.VARIANCE, RankBy.BOX])
def test_channels_whose_squares_leave_float32_are_ranked_all_the_same(detector, by):
    with torch.no_grad():
        for parameter in detector.module.wide.parameters():
            parameter.mul_(1e25)
    mask = np.zeros((16, 16))
    mask[4:8, 2:12] = 1.0
    with opened(detector) as pipeline:
        pipeline.set_inquiry(Inquiry(gallery=Gallery("wide", by, 0, (2 / 16, 4 / 16, 12 / 16, 8 / 16))))
        page = pipeline.process(picture()).findings.gallery
    scores = ranked(detector.activation.astype(np.float64), by, mask)
    order = np.argsort(-scores, kind="stable")[:PAGE]
    np.testing.assert_array_equal(page.channels, order)
    np.testing.assert_allclose(page.scores, scores[order], rtol=1e-3, atol=1e-5)


def test_a_channel_that_is_not_finite_comes_last_and_is_marked(detector):
    detector.module.wide.bias.data[2] = torch.nan
    with opened(detector) as pipeline:
        pipeline.set_inquiry(Inquiry(gallery=Gallery("wide", RankBy.MEAN, 1)))
        found = pipeline.process(picture()).findings.gallery
    assert found.channels[-1] == 2
    assert found.scores[-1] == -np.inf
    assert not found.codes[-1].any()


def test_a_box_is_needed_to_rank_by_one(detector):
    with opened(detector) as pipeline, pytest.raises(InquiryError, match="click an object first"):
        pipeline.set_inquiry(Inquiry(gallery=Gallery("wide", RankBy.BOX)))
