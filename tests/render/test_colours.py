"""Colours that do not change between runs and can be told apart."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from viewer.core.errors import ConfigError
from viewer.render import COLORMAPS, class_rgb, ink_on, lut
from viewer.render.colormap import DIVERGING, zero_code
from viewer.render.labels import contrast
from viewer.render.palette import CANVAS, INK_DARK, INK_LIGHT, SURFACE, TEXT, TEXT_MUTED, WARNING


@pytest.mark.parametrize("name", COLORMAPS)
def test_broken_cells_are_transparent_and_all_others_equally_opaque(name):
    table = lut(name, 0.5)

    assert table.shape == (256, 4)
    assert table.dtype == np.uint8
    assert not table[0].any()
    assert set(table[1:, 3]) == {128}
    assert len(np.unique(table[1:, :3], axis=0)) > 200
    assert not table.flags.writeable


def test_inferno_begins_and_ends_as_published():
    table = lut("inferno", 1.0)

    assert table[1].tolist() == [0, 0, 4, 255]
    assert table[255].tolist() == [252, 255, 164, 255]


def test_opacity_is_kept_within_bounds():
    assert lut("gray", -1.0)[200, 3] == 0
    assert lut("gray", 2.0)[200, 3] == 255


@pytest.mark.parametrize("name", [name for name in COLORMAPS if name not in (*DIVERGING, "turbo")])
def test_brighter_is_always_more(name):
    light = lut(name, 1.0)[1:, :3] @ np.array([0.2126, 0.7152, 0.0722])

    assert (np.diff(light[::8]) > 0).all()


@pytest.mark.parametrize("name", DIVERGING)
@pytest.mark.parametrize("zero", [None, 60, 200])
def test_a_diverging_map_turns_at_zero(name, zero):
    turn = zero or 128
    middle = lut(name, 1.0)[128, :3].astype(int)
    light = lut(name, 1.0, zero=zero)[1:, :3] @ np.array([0.2126, 0.7152, 0.0722])

    assert np.abs(lut(name, 1.0, zero=zero)[turn, :3] - middle).max() <= 2
    sides = light[: turn - 1 : 8], light[turn - 1 :: 8][::-1]
    for side in sides:
        assert (np.diff(side) < 1).all() if name == "berlin" else (np.diff(side) > -1).all()


def test_zero_is_the_nearest_code_there_is():
    assert zero_code((-1.0, 1.0)) == 128
    assert zero_code((-1.0, 3.0)) == 64
    assert zero_code((0.5, 3.0)) == 1
    assert zero_code((-3.0, -1.0)) == 255
    assert zero_code((2.0, 2.0)) == zero_code((float("nan"), 1.0)) == 128


def test_faded_colours_rise_from_nothing_with_the_value_or_its_size():
    table = lut("inferno", 0.5, fade=True)
    assert (table[1, 3], table[255, 3]) == (0, 128)
    assert (np.diff(table[1:, 3].astype(int)) >= 0).all()
    signed = lut("berlin", 0.5, fade=True, zero=128)
    assert (signed[1, 3], signed[128, 3], signed[255, 3]) == (128, 0, 128)


def test_unknown_colour_map_is_named_with_a_suggestion():
    with pytest.raises(ConfigError, match=r"no colour map 'virids'; did you mean 'viridis'\?"):
        lut("virids", 0.5)


def test_labels_are_readable_on_every_class_colour():
    for label in range(200):
        rgb = class_rgb(label)
        assert contrast(rgb, ink_on(rgb)) > 4.5


def test_classes_without_names_differ_from_their_neighbours_and_do_not_repeat():
    colours = [class_rgb(label) for label in range(80)]

    assert len(set(colours)) == 80
    for first, second in pairwise(colours):
        assert np.abs(np.subtract(first, second)).sum() > 90


def test_a_name_has_one_colour_whatever_its_number():
    coco = ("person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light")
    own = ("Car", "traffic_light", "pothole", "person")

    assert class_rgb(2, coco) == class_rgb(0, own)
    assert class_rgb(9, coco) == class_rgb(1, own)
    assert class_rgb(0, coco) == class_rgb(3, own)
    assert class_rgb(2, own) == class_rgb(0, ("pothole", "car"))


def test_what_is_met_on_roads_is_told_apart():
    names = ("person", "car", "truck", "bus", "bicycle", "motorcycle", "traffic light", "stop sign", "rider")

    for first, second in combinations(range(len(names)), 2):
        assert np.abs(np.subtract(class_rgb(first, names), class_rgb(second, names))).sum() > 80


@pytest.mark.parametrize("count", [2, 12, 200])
def test_classes_of_a_model_do_not_share_a_colour(count):
    names = ("car", *(f"part {number}" for number in range(count)))
    assert len({class_rgb(label, names) for label in range(len(names))}) == len(names)


def test_colours_do_not_depend_on_the_order_of_the_classes():
    names = tuple(f"part {number}" for number in range(30))
    turned = names[::-1]
    assert [class_rgb(label, names) for label in range(30)] == [class_rgb(29 - label, turned) for label in range(30)]


def test_colours_are_the_same_in_every_process():
    assert class_rgb(0, ("pothole",)) == (25, 216, 182)


def test_ink_follows_luminance():
    assert ink_on((255, 255, 0)) == INK_DARK
    assert ink_on((0, 0, 120)) == INK_LIGHT


@pytest.mark.parametrize("ink", [TEXT, TEXT_MUTED, WARNING])
@pytest.mark.parametrize("ground", [CANVAS, SURFACE])
def test_words_are_readable_on_their_ground(ink, ground):
    assert contrast(ink, ground) > 4.5
