"""What an error says where there is a command line, and where there is none."""

from viewer.core.errors import DeviceError, OutOfMemoryError


def test_out_of_memory_names_options_on_the_command_line_only():
    error = OutOfMemoryError("cuda:0", ", --half or --device cpu")

    assert isinstance(error, DeviceError)
    assert str(error).startswith("cuda:0 ran out of memory; use a smaller --imgsz, ")
    assert str(error).endswith(", --half or --device cpu")
    assert "--" not in error.in_window
    assert "tap fewer stages, open a smaller model" in error.in_window
