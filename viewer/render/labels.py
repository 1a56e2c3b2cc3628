"""The colour of a class: that of its name, in every run and under every model, readable on video.

A number is no name: what is 2 for one model is 7 for the next. So names have colours. Those that are known to be met
together, on a road first, have each their own; any other name leads to one by its letters, and moves on from there
until it stands apart from the other classes of its model.
"""

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.render.hues import hue_rgb, hues_lab
from viewer.render.palette import INK_DARK, INK_LIGHT
from viewer.render.plan import Rgb

_ON_ROADS = (
    "car", "person", "truck", "bicycle", "traffic light", "bus", "motorcycle", "stop sign", "rider", "traffic sign",
    "cyclist", "pedestrian", "train", "van", "trailer", "tram", "motorcyclist", "animal",
)  # fmt: skip
_OF_COCO = (
    "airplane", "boat", "fire hydrant", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis",
    "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket",
    "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed",
    "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven",
    "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
_HUES = 360
_KEPT_FREE = 10
"""So many names of the road keep their colours in models that lack them, so that others need not move over for them."""
_APART = (0.06, 0.03, 0.015)
"""Distances in OKLab that classes of a model are to have, as far as there is room for all."""


def class_rgb(label: int, names: tuple[str, ...] = ()) -> Rgb:
    """Colour of a class.

    Args:
        label: Class number.
        names: Of all classes of the model, by number; a class without a name has the colour of its number.
    """
    return hue_rgb(_places(names)[label] if 0 <= label < len(names) else label)


def ink_on(rgb: Rgb) -> Rgb:
    """Dark or light text, whichever stands out more on this colour.

    Source: WCAG 2.2, relative luminance and contrast ratio.
    """
    luminance = _luminance(rgb)
    dark = (luminance + 0.05) / (_luminance(INK_DARK) + 0.05)
    light = (_luminance(INK_LIGHT) + 0.05) / (luminance + 0.05)
    return INK_DARK if dark >= light else INK_LIGHT


def contrast(first: Rgb, second: Rgb) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=16)
def _places(names: tuple[str, ...]) -> tuple[int, ...]:
    """Which hue each class of a model has."""
    plain = [" ".join(name.casefold().replace("_", " ").replace("-", " ").split()) for name in names]
    lab, known = hues_lab(_HUES), _known()
    places = {name: known[name] for name in plain if name in known}
    nearest = np.full(_HUES, np.inf)
    for place in {*places.values(), *list(known.values())[:_KEPT_FREE]}:
        nearest = np.minimum(nearest, _distances(lab, place))
    for name in sorted(set(plain) - set(places)):  # so that their order in a model changes nothing
        places[name] = _free_from(_hash(name), nearest)
        nearest = np.minimum(nearest, _distances(lab, places[name]))
    return tuple(places[name] for name in plain)


@lru_cache(maxsize=1)
def _known() -> dict[str, int]:
    """Hues of the known names: each as far as can be from all before it, so the first are the most different."""
    lab = hues_lab(_HUES)
    nearest = np.full(_HUES, np.inf)
    places: dict[str, int] = {}
    for name in (*_ON_ROADS, *_OF_COCO):
        places[name] = int(nearest.argmax())
        nearest = np.minimum(nearest, _distances(lab, places[name]))
    return places


def _free_from(place: int, nearest: NDArray[np.float64]) -> int:
    """The first hue from this one on that stands apart from all that are taken, as far as one does."""
    turned = np.roll(nearest, -place)
    for least in _APART:
        if (turned >= least).any():
            return (place + int((turned >= least).argmax())) % _HUES
    return (place + int(turned.argmax())) % _HUES


def _distances(lab: NDArray[np.float64], place: int) -> NDArray[np.float64]:
    return np.linalg.norm(lab - lab[place], axis=1)


def _hash(name: str) -> int:
    """The same in every process, unlike Python's own."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big") % _HUES


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (_decode(value / 255) for value in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _decode(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
