"""A missing package is answered with the command that installs it."""

import sys

import pytest

from viewer.core.errors import DetectorError
from viewer.detectors.extras import require


def test_what_is_there_is_imported():
    assert require("json.decoder", "onnx", "opening x.onnx").JSONDecoder


def test_what_is_missing_is_named_with_its_command():
    with pytest.raises(DetectorError) as caught:
        require("no_such_package.part", "onnx", "opening x.onnx")
    assert str(caught.value) == (
        "opening x.onnx needs no_such_package, which is not installed; run pip install 'featscope[onnx]'"
    )


def test_a_broken_package_says_why(tmp_path, monkeypatch):
    (tmp_path / "half_installed.py").write_text("import its_own_missing_dependency\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DetectorError, match=r"cannot be imported \(No module named 'its_own_missing_dependency'\)"):
        require("half_installed", "keras", "opening x.keras")
    sys.modules.pop("half_installed", None)
