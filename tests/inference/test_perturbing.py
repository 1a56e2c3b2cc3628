"""Perturbations follow their formulas to the grey level."""

import math

import numpy as np
import pytest
import torch

from viewer.core.perturbation import KNOBS, Kind, Perturbation
from viewer.inference.perturbing import blurred, perturb
from viewer.render.camera import through_lens

CPU = torch.device("cpu")


def ramp(hw=(32, 64)):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (*hw, 3), np.uint8)


def done(rgb, *ones, index=0):
    return perturb(rgb, ones, index=index, device=CPU).astype(np.int64)


@pytest.mark.parametrize(
    ("kind", "amount", "formula"),
    [
        (Kind.BRIGHTNESS, 1.4, lambda v: v * 1.4),
        (Kind.CONTRAST, 0.5, lambda v: 127.5 + (v - 127.5) * 0.5),
        (Kind.CONTRAST, 2.0, lambda v: 127.5 + (v - 127.5) * 2),
        (Kind.GAMMA, 2.2, lambda v: 255 * (v / 255) ** 2.2),
    ],
)
def test_levels_follow_the_formula(kind, amount, formula):
    rgb = ramp()
    want = np.clip(formula(rgb.astype(np.float64)), 0, 255)
    assert np.abs(done(rgb, Perturbation(kind, amount)) - want).max() <= 0.51


def test_a_blurred_point_is_a_gaussian():
    rgb = np.zeros((41, 41, 3), np.uint8)
    rgb[20, 20] = 255
    got = done(rgb, Perturbation(Kind.BLUR, 1.5))[..., 0]
    y, x = np.mgrid[-20:21, -20:21]
    want = 255 * np.exp(-(x**2 + y**2) / 2 / 1.5**2) / (2 * math.pi * 1.5**2)
    assert np.abs(got - want).max() <= 1
    assert np.array_equal(done(np.full((9, 9, 3), 77, np.uint8), Perturbation(Kind.BLUR, 4)), np.full((9, 9, 3), 77))


def test_both_ways_to_blur_are_the_same():
    levels = torch.from_numpy(ramp((23, 31))).float()
    for sigma in (0.25, 1.0, 3.3):
        one, other = through_lens(levels.numpy(), sigma), blurred(levels, sigma).numpy()
        np.testing.assert_allclose(one, other, atol=0.02)


def test_noise_has_its_deviation_and_is_the_same_for_the_same_frame():
    grey = np.full((120, 160, 3), 128, np.uint8)
    noise = Perturbation(Kind.NOISE, 12)
    first = done(grey, noise, index=5)
    assert (first - 128).std() == pytest.approx(12, rel=0.03)
    assert (first - 128).mean() == pytest.approx(0, abs=0.3)
    assert np.array_equal(first, done(grey, noise, index=5))
    assert not np.array_equal(first, done(grey, noise, index=6))


def test_an_occluder_covers_the_pixels_whose_centres_it_holds():
    rgb = ramp()
    got = done(rgb, Perturbation(Kind.OCCLUDE, rect=(10.4, -5.0, 20.6, 8.0)))
    assert (got[:8, 10:21] == 114).all()
    untouched = np.ones(rgb.shape[:2], bool)
    untouched[:8, 10:21] = False
    assert np.array_equal(got[untouched], rgb[untouched])
    beyond = done(rgb, Perturbation(Kind.OCCLUDE, rect=(10.4, -1e300, 1e300, 8.0)))
    assert (beyond[:8, 10:] == 114).all()
    assert np.array_equal(beyond[8:], rgb[8:])
    assert np.array_equal(done(rgb, Perturbation(Kind.OCCLUDE, rect=(-90, -90, -10, -10))), rgb)


def test_jpeg_of_a_lower_quality_is_further_from_the_picture():
    y, x = np.mgrid[:64, :64]
    rgb = np.repeat((128 + 90 * np.sin(x / 3) * np.cos(y / 5)).astype(np.uint8)[..., None], 3, 2)
    errors = [np.abs(done(rgb, Perturbation(Kind.JPEG, quality)) - rgb).mean() for quality in (95, 50, 10, 2)]
    assert 0 < errors[0] < errors[1] < errors[2] < errors[3] < 40


def test_rain_brightens_streaks_that_slant_and_comes_again_for_the_same_frame():
    dark = np.full((180, 320, 3), 40, np.uint8)
    wet = done(dark, Perturbation(Kind.RAIN, 50), index=2)
    share = (wet[..., 0] > 40).mean()
    assert 0.002 < share < 0.05
    assert wet.min() == 40  # nothing gets darker
    assert wet.max() <= 40 + 0.5 * (230 - 40) + 1
    assert np.array_equal(wet, done(dark, Perturbation(Kind.RAIN, 50), index=2))
    more = (done(dark, Perturbation(Kind.RAIN, 100), index=2)[..., 0] > 40).mean()
    assert 1.6 * share < more < 2.2 * share


def test_they_follow_each_other_as_in_a_camera_whatever_the_order_they_came_in():
    rgb = ramp()
    cover, bright = Perturbation(Kind.OCCLUDE, rect=(0, 0, 30, 30)), Perturbation(Kind.BRIGHTNESS, 0.5)
    one, other = done(rgb, cover, bright), done(rgb, bright, cover)
    assert np.array_equal(one, other)
    assert (one[:30, :30] == 57).all()  # what stands in the way gets darker with the rest


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.OCCLUDE])
def test_each_gives_a_picture_as_sources_give_them(kind):
    knob = KNOBS[kind]
    amount = knob.high if knob.off != knob.high else knob.low
    rgb = perturb(ramp((37, 101)), [Perturbation(kind, amount)], index=0, device=CPU)
    assert (rgb.shape, rgb.dtype) == ((37, 101, 3), np.uint8)
    assert rgb.flags.c_contiguous
    assert not rgb.flags.writeable
