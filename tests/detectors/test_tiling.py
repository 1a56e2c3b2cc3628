"""A map has a stride only where its cells tile the input."""

import pytest

from viewer.detectors.tiling import stride_of


@pytest.mark.parametrize(
    ("map_hw", "input_hw", "stride"),
    [
        ((8, 12), (64, 96), 8),
        ((40, 80), (320, 640), 8),
        ((64, 96), (64, 96), 1),
        ((38, 38), (300, 300), 8),  # a cell of rounding
        ((37, 37), (300, 300), 8),
        ((10, 10), (300, 300), 32),
        ((100, 100), (300, 300), 3),
        ((37, 37), (518, 518), 14),
    ],
)
def test_maps_that_tile(map_hw, input_hw, stride):
    assert stride_of(map_hw, input_hw) == stride


@pytest.mark.parametrize(
    ("map_hw", "input_hw"),
    [
        ((1, 1), (64, 96)),  # what is pooled to one cell is no map
        ((8, 8), (64, 96)),  # cells that are not square
        ((40, 40), (320, 640)),
        ((66, 98), (64, 96)),  # padded around
        ((42, 42), (320, 320)),
        ((14, 14), (320, 320)),
        ((34, 34), (512, 512)),  # 512 over 34 is nearly 15
        ((35, 35), (512, 512)),  # padded on one side more than on the other
        ((17, 17), (512, 512)),
        ((9, 9), (160, 160)),
        ((200, 200), (64, 64)),
    ],
)
def test_maps_that_do_not(map_hw, input_hw):
    assert stride_of(map_hw, input_hw) is None
