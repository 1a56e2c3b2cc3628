"""What a camera offers, read from a kernel that is made up here."""

import errno
import struct

from viewer.sources.v4l import CameraMode, camera_modes

YUYV, MJPG = 0x56595559, 0x47504A4D
MODES = {YUYV: [((640, 480), [(1, 30), (1, 15)]), ((1280, 720), [(1, 10)])], MJPG: [((1280, 720), [(1001, 30000)])]}


def _end() -> OSError:
    return OSError(errno.EINVAL, "no more")


def kernel(_device: int, request: int, given: bytes) -> bytes:
    """Answers as V4L2 does for a camera with MODES."""
    number, index = request & 0xFF, struct.unpack_from("I", given)[0]
    assert request >> 16 & 0x3FFF == len(given)
    try:
        if number == 2:
            return struct.pack("III32sII12x", index, 1, 0, b"", list(MODES)[index], 0)
        pixel_format = struct.unpack_from("I", given, 4)[0]
        if number == 74:
            (width, height), _ = MODES[pixel_format][index]
            return struct.pack("III6I8x", index, pixel_format, 1, width, height, 0, 0, 0, 0)
        width, height = struct.unpack_from("II", given, 8)
        interval = dict(MODES[pixel_format])[width, height][index]
        return struct.pack("IIIII6I8x", index, pixel_format, width, height, 1, *interval, 0, 0, 0, 0)
    except IndexError:
        raise _end() from None


def test_sizes_come_largest_first_each_with_its_highest_rate() -> None:
    assert camera_modes("/dev/null", kernel) == (CameraMode(1280, 720, 29.97), CameraMode(640, 480, 30.0))


def test_a_camera_of_any_size_says_its_largest() -> None:
    def stepwise(device: int, request: int, given: bytes) -> bytes:
        if request & 0xFF == 74:
            return struct.pack("III6I8x", 0, YUYV, 3, 16, 1920, 2, 16, 1080, 2)
        if request & 0xFF == 75:
            return struct.pack("IIIII6I8x", 0, YUYV, 1920, 1080, 3, 1, 60, 1, 1, 1, 60)
        return kernel(device, request, given)

    assert camera_modes("/dev/null", stepwise) == (CameraMode(1920, 1080, 60.0),)


def test_what_is_no_camera_says_nothing(tmp_path) -> None:
    assert camera_modes("/dev/null") == ()
    assert camera_modes(str(tmp_path / "video9")) == ()


def test_a_list_without_end_is_left() -> None:
    def endless(_device: int, request: int, _given: bytes) -> bytes:
        if request & 0xFF == 2:
            return struct.pack("III32sII12x", 0, 1, 0, b"", MJPG, 0)
        if request & 0xFF == 74:
            return struct.pack("III6I8x", 0, MJPG, 1, 640, 480, 0, 0, 0, 0)
        return struct.pack("IIIII6I8x", 0, MJPG, 640, 480, 1, 1, 25, 0, 0, 0, 0)

    assert camera_modes("/dev/null", endless) == (CameraMode(640, 480, 25.0),)
