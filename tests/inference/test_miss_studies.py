"""The best candidates at a place and the scores of a class, of a head whose every number is known."""

import sys

import numpy as np
import pytest
import torch

from tests.support.tiny import TinyDetector
from viewer.core import Frame, TapSettings
from viewer.core.dense import DenseLevel
from viewer.core.errors import InquiryError
from viewer.core.inquiry import Inquiry
from viewer.core.region import Region
from viewer.inference import TappedNetwork

SIZE = 320
FINE, COARSE = 32, 64


class ScoringTiny(TinyDetector):
    """A head of two levels and three classes; its cells score what the test says, and their boxes are the cells."""

    scoring_head = "made-up head"

    def __init__(self) -> None:
        super().__init__(size=SIZE)
        self.scores = {stride: torch.zeros(1, 3, SIZE // stride, SIZE // stride) for stride in (FINE, COARSE)}

    def dense_scores(self, _outputs):
        return tuple(DenseLevel(stride, scores, _cells(stride)) for stride, scores in self.scores.items())

    def candidates(self, _outputs):
        """The best class of each cell, as most heads pack them."""
        rows = []
        for stride, scores in self.scores.items():
            best, labels = scores[0].flatten(1).max(0)
            boxes = _cells(stride)[0].flatten(0, 1)
            rows.append(torch.cat([boxes, torch.stack([best, labels.float(), torch.full_like(best, stride)], 1)], 1))
        table = torch.cat(rows)
        return table[table[:, 4].argsort(descending=True, stable=True)][:64]

    def read_candidates(self, rows, letterbox):
        from viewer.detectors.rows import read_rows

        return read_rows(rows, letterbox)


def _cells(stride):
    edges = torch.arange(0, SIZE, stride).float()
    top, left = torch.meshgrid(edges, edges, indexing="ij")
    return torch.stack([left, top, left + stride, top + stride], -1)[None]


@pytest.fixture
def detector():
    return ScoringTiny()


@pytest.fixture
def network(detector):
    network = TappedNetwork(detector, TapSettings())
    yield network
    network.close()


def infer(network):
    # Half the size of the input, so that both scales matter.
    frame = Frame(np.zeros((SIZE // 2, SIZE // 2, 3), np.uint8), 0, 0.0, 0.0)
    return network.infer(frame)


def test_the_best_of_each_class_and_level_there_is_told_with_its_cell_and_box(detector, network):
    fine, coarse = detector.scores[FINE][0], detector.scores[COARSE][0]
    fine[1, 4, 5] = 0.18  # source box 80 64 96 80
    fine[1, 4, 6] = 0.12
    fine[1, 9, 9] = 0.95  # elsewhere
    fine[2, 4, 5] = 0.6
    coarse[0, 2, 2] = 0.4  # source box 64 64 96 96
    network.set_inquiry(Inquiry(region=Region((64, 64, 112, 96))))

    inference = infer(network)
    found, candidates = inference.findings.region, inference.candidates

    assert found is not None
    assert found.head == "made-up head"
    best = {
        (int(label), int(stride)): (round(float(score), 4), xyxy.tolist(), cell.tolist())
        for label, stride, score, xyxy, cell in zip(
            found.boxes.labels, found.boxes.strides, found.boxes.scores, found.boxes.xyxy, found.cells, strict=True
        )
    }
    assert best == {
        (2, FINE): (0.6, [80, 64, 96, 80], [4, 5]),
        (0, COARSE): (0.4, [64, 64, 96, 96], [2, 2]),
        (1, FINE): (0.18, [80, 64, 96, 80], [4, 5]),
    }
    # What another class outdoes in its own cell is no candidate; the others are found among them.
    by_label = dict(zip(found.boxes.labels.tolist(), range(len(found)), strict=True))
    assert found.rows[by_label[1]] == -1
    assert (found.rivals[by_label[1]], round(float(found.rival_scores[by_label[1]]), 4)) == (2, 0.6)
    for label in (0, 2):
        row = found.rows[by_label[label]]
        assert candidates.labels[row] == label
        assert candidates.scores[row] == found.boxes.scores[by_label[label]]


class PairingTiny(ScoringTiny):
    """Keeps the four best pairs of cell and class, as torchvision's heads do."""

    def candidates(self, _outputs):
        rows = [
            torch.cat([box, torch.tensor([scores[0, label].flatten()[cell], label, stride])])
            for stride, scores in self.scores.items()
            for cell, box in enumerate(_cells(stride)[0].flatten(0, 1))
            for label in range(3)
        ]
        table = torch.stack(rows)
        return table[table[:, 4].argsort(descending=True, stable=True)][:4]


def test_what_scores_less_than_all_that_are_kept_is_not_said_to_be_outdone_in_its_cell():
    detector = PairingTiny()
    fine = detector.scores[FINE][0]
    fine[1, 4, 5], fine[2, 4, 5] = 0.3, 0.6
    fine[:, 0, 0] = torch.tensor([0.9, 0.8, 0.7])  # a cell may be kept more than once
    network = TappedNetwork(detector, TapSettings())
    network.set_inquiry(Inquiry(region=Region((80, 64, 96, 80))))
    found = infer(network).findings.region
    network.close()
    assert found is not None
    assert found.boxes.labels.tolist() == [2, 1]
    assert found.rows.tolist() == [3, -1]
    assert found.rivals.tolist() == [2, 1]


def test_of_cells_that_nearly_agree_the_one_that_was_asked_for_is_found_again(detector, network, monkeypatch):
    def nearly_alike(stride):
        boxes = regular(stride)
        if stride == FINE:
            boxes[0, 4, 6] = boxes[0, 4, 5] + torch.tensor([0.4, 0.0, 0.4, 0.0])
        return boxes

    regular = _cells
    monkeypatch.setattr(sys.modules[__name__], "_cells", nearly_alike)
    detector.scores[FINE][0, 1, 4, 5] = 0.601
    detector.scores[FINE][0, 1, 4, 6] = 0.6
    network.set_inquiry(Inquiry(region=Region((88.1, 64, 112, 80))))  # the middle of the second alone, at 88.2

    inference = infer(network)
    found = inference.findings.region
    assert found is not None
    assert found.cells.tolist() == [[4, 6]]
    assert inference.candidates.scores[found.rows[0]] == found.boxes.scores[0]


def test_a_point_asks_for_the_boxes_around_it(detector, network):
    detector.scores[FINE][0, 1, 4, 5] = 0.3
    detector.scores[FINE][0, 0, 4, 6] = 0.7
    network.set_inquiry(Inquiry(region=Region((81, 79, 81, 79))))
    found = infer(network).findings.region
    assert found is not None
    assert found.boxes.labels.tolist() == [1]


@pytest.mark.parametrize("place", [(400, 20, 400, 20), (-90, 10, -20, 60)])
def test_a_place_outside_the_picture_is_refused_and_not_called_empty(network, place):
    network.set_inquiry(Inquiry(region=Region(place)))
    findings = infer(network).findings
    assert findings.region is None
    (line,) = findings.refusals
    assert "outside the picture, which is 160x160 pixels" in line


def test_broken_scores_are_no_candidates_and_stay_broken_in_the_map(detector, network):
    detector.scores[FINE][0, 1, 4, 5] = float("nan")
    detector.scores[FINE][0, 1, 4, 6] = 0.2
    network.set_inquiry(Inquiry(region=Region((64, 64, 112, 96)), score_map=1))
    findings = infer(network).findings
    assert findings.region is not None
    assert findings.region.boxes.scores.tolist() == [pytest.approx(0.2)]
    assert findings.score_map is not None
    assert np.isnan(findings.score_map.levels[0].scores[4, 5])


def test_without_a_head_of_cells_the_kept_candidates_are_asked_and_it_is_said():
    class Bright(TinyDetector):
        def candidates(self, outputs):
            rows = super().candidates(outputs).repeat(3, 1)
            rows[:, 4:6] = torch.tensor([[0.9, 0], [0.5, 0], [0.4, 1]])
            rows[1, :4] += 60
            return rows

    network = TappedNetwork(Bright(), TapSettings())
    network.set_inquiry(Inquiry(region=Region((0, 0, 40, 40))))
    found = infer(network).findings.region
    network.close()
    assert found is not None
    assert found.head == ""
    assert found.rows.tolist() == [0, 2]  # of class 0 the better one
    assert found.boxes.scores.tolist() == [pytest.approx(0.9), pytest.approx(0.4)]


def test_the_scores_of_a_class_come_as_a_map_a_level_over_the_best_anchor(detector, network):
    detector.scores[FINE] = torch.rand(1, 3, 10, 10, generator=torch.Generator().manual_seed(0))
    network.set_inquiry(Inquiry(score_map=2))
    found = infer(network).findings.score_map
    assert found is not None
    assert (found.label, found.head) == (2, "made-up head")
    assert [level.stride for level in found.levels] == [FINE, COARSE]
    np.testing.assert_array_equal(found.levels[0].scores, detector.scores[FINE][0, 2].numpy())
    assert not found.levels[0].scores.flags.writeable


@pytest.mark.parametrize("label", [9, -1])
def test_a_class_the_head_does_not_know_is_refused_frame_by_frame(network, label):
    network.set_inquiry(Inquiry(score_map=label))
    findings = infer(network).findings
    assert findings.score_map is None
    assert findings.refusals == (f"no score map of class {label}: tiny scores 3 classes",)


def test_a_map_is_refused_before_the_frame_where_there_are_no_cells():
    network = TappedNetwork(TinyDetector(), TapSettings())
    with pytest.raises(InquiryError, match="no score map of tiny: its head scores no cells"):
        network.set_inquiry(Inquiry(score_map=0))
    assert infer(network).findings.score_map is None
    network.close()


def test_nothing_asked_costs_no_look_at_the_head(detector, network):
    detector.dense_scores = None  # would raise if it were called
    assert infer(network).findings.region is None
    network.set_inquiry(Inquiry(region=Region((0, 0, 1, 1))))
    network.set_inquiry(Inquiry())
    inference = infer(network)
    assert inference.findings.region is None
