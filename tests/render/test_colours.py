"""Colours that do not change between runs and can be told apart."""

from itertools import pairwise

import numpy as np
import pytest

from viewer.core.errors import ConfigError
from viewer.render import COLORMAPS, class_rgb, ink_on, lut
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


def test_unknown_colour_map_is_named_with_a_suggestion():
    with pytest.raises(ConfigError, match=r"no colour map 'virids'; did you mean 'viridis'\?"):
        lut("virids", 0.5)


def test_labels_are_readable_on_every_class_colour():
    for label in range(200):
        rgb = class_rgb(label)
        assert contrast(rgb, ink_on(rgb)) > 4.5


def test_classes_differ_from_their_neighbours_and_do_not_repeat():
    colours = [class_rgb(label) for label in range(80)]

    assert len(set(colours)) == 80
    for first, second in pairwise(colours):
        assert np.abs(np.subtract(first, second)).sum() > 90


def test_ink_follows_luminance():
    assert ink_on((255, 255, 0)) == INK_DARK
    assert ink_on((0, 0, 120)) == INK_LIGHT


@pytest.mark.parametrize("ink", [TEXT, TEXT_MUTED, WARNING])
@pytest.mark.parametrize("ground", [CANVAS, SURFACE])
def test_words_are_readable_on_their_ground(ink, ground):
    assert contrast(ink, ground) > 4.5
