"""Presets read what they say they read, and outputs are told apart by shape and numbers."""

import numpy as np
import pytest
import torch

from viewer.core import Letterbox, Suppression
from viewer.core.errors import DetectorError
from viewer.detectors.decoding import DECODERS, find_decoder, guess_decoder
from viewer.detectors.rows import CANDIDATES, read_rows

INPUT_HW = (64, 128)
CELLS = 8 * 16 + 4 * 8 + 2 * 4  # of strides 8, 16 and 32
BOX = [20.0, 10.0, 60.0, 50.0]
CENTRED = [40.0, 30.0, 40.0, 40.0]
SHARES = [40 / 128, 30 / 64, 40 / 128, 40 / 64]


def table(rows, columns, best):
    """(1, rows, columns) of a background, with `best` in row 150."""
    filled = torch.full((1, rows, columns), 0.01)
    filled[0, 150] = torch.tensor(best)
    return filled


def one_hot(classes, label, score):
    return [score if number == label else 0.02 for number in range(classes)]


def logits(queries, classes, label, background=-6.0):
    filled = torch.full((1, queries, classes), background)
    filled[0, 150, label] = 3.0
    return filled


def no_object(queries, classes, label):
    filled = torch.zeros(1, queries, classes)
    filled[0, :, -1] = 8.0
    filled[0, 150, label] = 20.0
    return filled


def softmaxed(rows, classes, label):
    filled = torch.zeros(1, rows, classes)
    filled[0, :, 0] = 1.0
    filled[0, 150] = torch.tensor(one_hot(classes, label, 0.9 - 0.02 * (classes - 1) + 0.02))
    filled[0, 150, 0] += 1 - filled[0, 150].sum()
    return filled


def pixels(rows):
    filled = torch.full((1, rows, 4), 5.0)
    filled[0, 150] = torch.tensor(BOX)
    return filled


def chosen(box, score=0.9):
    filled = torch.zeros(1, 300, 6)
    filled[0, 150] = torch.tensor([*box, score, 2.0])
    return filled


def levels(classes, label):
    """Maps of three levels in 16 bins a side; the box stands in one cell at stride 8, its middle at (36, 28)."""
    made = [torch.full((1, 64 + classes, 64 // stride, 128 // stride), -6.0) for stride in (8, 16, 32)]
    sides = torch.tensor([(36 - 20) / 8, (28 - 10) / 8, (60 - 36) / 8, (50 - 28) / 8])
    shares = (1 - (sides[:, None] - torch.arange(16)).abs()).clamp(min=1e-9)
    made[0][0, :64, 3, 4] = shares.log().flatten()
    made[0][0, 64 + label, 3, 4] = 2.0
    return made


YOLO = table(CELLS, 9, [*CENTRED, *one_hot(5, 2, 0.9)]).transpose(1, 2).contiguous()
YOLO[0, :4] += 9 * (YOLO[0, :4] < 1)  # boxes in pixels everywhere
CASES = {
    "yolo": (YOLO, "yolo", 16),
    "yolo among raw head outputs": ((YOLO, {"feats": [torch.zeros(1, 64, 8, 16)] * 3}), "yolo", 16),
    "yolo with mask coefficients": (
        (torch.cat((YOLO, torch.ones(1, 32, CELLS)), 1), torch.zeros(1, 32, 16, 32)),
        "yolo",
        16,
    ),
    "yolo in shares": (table(CELLS, 9, [*SHARES, *one_hot(5, 2, 0.9)]).transpose(1, 2), "yolo", 16),
    "yolov5": (table(3 * CELLS, 10, [*CENTRED, 0.9, *one_hot(5, 2, 1.0)]), "yolov5", 8),
    "end2end": (chosen(BOX), "end2end", 0),
    "rtdetr": (chosen(SHARES), "rtdetr", 0),
    "rtdetr with all classes": (table(300, 9, [*SHARES, *one_hot(5, 2, 0.9)]), "rtdetr", 0),
    "detr": ((no_object(300, 6, 2), table(300, 4, SHARES)), "detr", 0),
    "detr-sigmoid": (
        {"logits": logits(300, 5, 2), "pred_boxes": table(300, 4, SHARES), "last": torch.randn(1, 300, 64)},
        "detr-sigmoid",
        0,
    ),
    "ssd": ((pixels(400), table(400, 5, one_hot(5, 2, 0.9))), "ssd", 0),
    "ssd with background": ((pixels(400), softmaxed(400, 6, 3)), "ssd", 0),
    "dfl": (levels(5, 2), "dfl", 8),
    "dfl, channels last": ([level.permute(0, 2, 3, 1) for level in levels(5, 2)], "dfl", 8),
    "ssd in shares": (
        (table(400, 4, [20 / 128, 10 / 64, 60 / 128, 50 / 64]), table(400, 5, one_hot(5, 2, 0.9))),
        "ssd",
        0,
    ),
}


PLACES = {"yolo": (16, 0, 2, 6), "yolov5": (8, 1, 1, 6), "dfl": (8, 0, 3, 4)}
"""Stride, anchor, row and column of the cell that the box of `CASES` stands in, by preset."""


@pytest.mark.parametrize(("outputs", "name", "stride"), CASES.values(), ids=CASES)
def test_what_is_said_of_every_cell_is_cut_where_the_levels_are_told(outputs, name, stride):  # noqa: ARG001 - of the shared cases
    levels = find_decoder(name).levels(outputs, INPUT_HW)
    if name not in PLACES:
        assert levels == ()
        return
    assert [(level.stride, tuple(level.scores.shape[-2:])) for level in levels] == [
        (8, (8, 16)),
        (16, (4, 8)),
        (32, (2, 4)),
    ]
    wanted, *place = PLACES[name]
    best = max(levels, key=lambda level: float(level.scores.max()))
    assert best.stride == wanted
    anchor, row, column = place
    assert float(best.scores[anchor, 2, row, column]) == float(best.scores.max()) > 0.8
    np.testing.assert_allclose(best.boxes[anchor, row, column].numpy(), BOX, atol=0.1)


@pytest.mark.parametrize(("outputs", "name", "stride"), CASES.values(), ids=CASES)
def test_outputs_are_recognised_and_read(outputs, name, stride):
    decoder = guess_decoder(outputs)
    assert decoder.name == name
    rows = find_decoder(name).rows(outputs, INPUT_HW)
    assert rows.shape == (CANDIDATES, 7)
    assert rows.dtype == torch.float32
    assert (rows[:-1, 4] >= rows[1:, 4]).all()
    best = rows[0]
    torch.testing.assert_close(best[:4], torch.tensor(BOX), atol=0.01, rtol=0)
    assert best[4] > 0.75
    assert (best[5], best[6]) == (2, stride)


@pytest.mark.parametrize("case", CASES)
def test_outputs_that_score_every_class_tell_how_many_there_are(case):
    outputs, name, _ = CASES[case]
    assert find_decoder(name).count(outputs) == (None if case in ("end2end", "rtdetr") else 5)


@pytest.mark.parametrize("name", ["yolov8", "yolov8n", "yolov9c", "yolo11", "YOLO11m", "yolo12x"])
def test_a_family_whose_exports_are_dense_is_a_name_of_yolo(name):
    assert find_decoder(name) is DECODERS["yolo"]


@pytest.mark.parametrize("name", ["yolov10", "yolo26n"])
def test_a_family_whose_exports_differ_is_told_apart_by_its_output(name):
    with pytest.raises(DetectorError, match=rf"no decode '{name}': .* end2end where .* \(1, N, 6\), and yolo"):
        find_decoder(name)


def test_only_dense_heads_need_suppression():
    needs = {name for name, decoder in DECODERS.items() if decoder.suppression is Suppression.GREEDY}
    assert needs == {"yolo", "yolov5", "ssd", "dfl", "ltrb"}


def test_a_table_lying_on_its_side_is_read_when_the_user_says_so():
    rows = find_decoder("yolo").rows(YOLO.transpose(1, 2), INPUT_HW)
    assert torch.equal(rows, find_decoder("yolo").rows(YOLO, INPUT_HW))


def test_half_precision_outputs_become_float_rows():
    rows = find_decoder("yolo").rows(YOLO.to(torch.bfloat16), INPUT_HW)
    assert rows.dtype == torch.float32
    torch.testing.assert_close(rows[0, :4], torch.tensor(BOX), atol=0.5, rtol=0)


def test_a_broken_output_gives_no_box():
    outputs = YOLO.clone()
    outputs[0, 4:, 150] = torch.nan
    boxes = read_rows(find_decoder("yolo").rows(outputs, INPUT_HW).numpy(), Letterbox.stretch((64, 128), INPUT_HW))
    assert boxes.scores.max() < 0.1
    assert boxes.nonfinite == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_rows_that_are_not_finite_are_left_out_and_counted_but_fill_is_not(value):
    rows = np.zeros((1024, 7), np.float32)
    rows[:3] = (10, 10, 20, 20, 0.5, 1, 8)
    rows[1, 2] = value
    rows[3, 0] = value  # of no score
    boxes = read_rows(rows, Letterbox.stretch(INPUT_HW, INPUT_HW))
    assert (len(boxes), boxes.nonfinite) == (2, 1)
    assert boxes.clipped((64, 64)).nonfinite == 1
    assert boxes.take([0]).nonfinite == 0


def test_rows_land_in_the_source_picture():
    letterbox = Letterbox.fit((480, 960), INPUT_HW)
    boxes = read_rows(find_decoder("end2end").rows(chosen(BOX), INPUT_HW).numpy(), letterbox)
    assert len(boxes) == 1
    assert boxes.xyxy[0] == pytest.approx([150, 75, 450, 375])


@pytest.mark.parametrize("outputs", [torch.zeros(1, 1000), (torch.zeros(1, 3, 8, 8),), None, torch.randn(1, 9, CELLS)])
def test_what_cannot_be_told_is_said_with_shapes_and_choices(outputs):
    with pytest.raises(DetectorError) as caught:
        guess_decoder(outputs)
    message = str(caught.value)
    assert "give --decode with one of ssd, detr" in message
    assert ("no tensors at all" if outputs is None else "(1, ") in message


def test_words_that_name_no_preset():
    with pytest.raises(DetectorError, match=r"no decode 'yollo'; did you mean 'yolo'\?"):
        find_decoder("yollo")
    with pytest.raises(DetectorError, match=r"no decode 'zzz'; give one of ssd, .*or a \.py file"):
        find_decoder("zzz")


def test_plain_features_are_not_taken_for_a_head():
    features = [torch.rand(1, 128, 64 // stride, 128 // stride) for stride in (8, 16, 32)]
    with pytest.raises(DetectorError, match="cannot tell how outputs"):
        guess_decoder(features)


def test_a_preset_that_does_not_suit_says_what_it_reads():
    with pytest.raises(DetectorError, match=r"'yolo' reads \(1, 4 \+ classes, anchors\).* outputs are \(1, 1000\)"):
        find_decoder("yolo").rows(torch.zeros(1, 1000), INPUT_HW)
