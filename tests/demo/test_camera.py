"""One perspective for everything: near is big, the horizon is fixed, nothing comes from behind the lens."""

import numpy as np
import pytest

from viewer.demo.camera import NEAR_M, Camera


def post(z, height=1.8):
    """Outline of an upright plate of half a metre's width, z metres ahead."""
    return np.array([(-0.25, 0, z), (0.25, 0, z), (0.25, height, z), (-0.25, height, z)], float)


def test_height_falls_with_distance():
    camera = Camera(x=0, z=0)
    heights = [np.ptp(camera.outline(post(z))[:, 1]) for z in (5.0, 10.0, 20.0, 40.0)]
    assert heights[0] == pytest.approx(camera.focal_px * 1.8 / 5)
    np.testing.assert_allclose(np.array(heights[:-1]) / heights[1:], 2.0)


def test_feet_climb_to_the_horizon():
    camera = Camera(x=0, z=0)
    feet = [camera.outline(post(z))[:, 1].max() for z in (4.0, 8.0, 60.0, 5000.0)]
    assert feet == sorted(feet, reverse=True)
    assert feet[-1] == pytest.approx(camera.horizon_px, abs=0.5)


def test_a_point_at_lens_height_lies_on_the_horizon():
    camera = Camera(x=0, z=0, yaw=0.2)
    spot = camera.view_to_px(camera.to_view(np.array((3.0, camera.height, 30.0))))
    assert spot[1] == pytest.approx(camera.horizon_px)


def test_turning_right_moves_the_picture_left():
    ahead = np.array((0.0, 1.0, 20.0))
    straight, turned = (camera.view_to_px(camera.to_view(ahead)) for camera in (Camera(0, 0), Camera(0, 0, yaw=0.1)))
    assert straight[0] == pytest.approx(480)
    assert turned[0] == pytest.approx(480 - 610 * np.tan(0.1))


def test_what_lies_behind_the_lens_is_not_drawn():
    assert Camera(x=0, z=0).outline(post(-5.0)) is None


def test_what_reaches_behind_the_lens_is_cut():
    ground = np.array([(-2, 0, -10), (2, 0, -10), (2, 0, 30), (-2, 0, 30)], float)
    camera = Camera(x=0, z=0)
    outline = camera.outline(ground)
    assert outline[:, 1].max() == pytest.approx(camera.horizon_px + camera.focal_px * camera.height / NEAR_M)


def test_many_outlines_are_those_of_one_by_one():
    camera = Camera(x=0.4, z=2, yaw=-0.1)
    plates = np.stack([post(z) for z in (6.0, 12.0, 24.0)])
    np.testing.assert_allclose(camera.outlines(plates), [camera.outline(plate) for plate in plates])
