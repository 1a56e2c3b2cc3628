"""What was opened for a pipeline that does not come about is closed again."""

import pytest

from viewer import assembly
from viewer.config import Config
from viewer.core.errors import ConfigError, DetectorError
from viewer.inference import operations

SMALL = {"model": "yolo11n.yaml", "imgsz": 64, "device": "cpu"}


@pytest.fixture
def opened(monkeypatch):
    """Every detector that was opened."""
    detectors, open_detector = [], assembly.open_configured_detector

    def remembered(*arguments, **options):
        detectors.append(open_detector(*arguments, **options))
        return detectors[-1]

    monkeypatch.setattr(assembly, "open_configured_detector", remembered)
    return detectors


def test_a_class_that_the_model_does_not_have_closes_it(opened):
    with pytest.raises(ConfigError, match="unicorn"):
        assembly.build_pipeline(Config(**SMALL, classes=("unicorn",)))
    with pytest.raises(DetectorError, match="is closed"):
        _ = opened[0].module


def test_an_error_while_a_forward_is_counted_closes_the_detector(opened, monkeypatch):
    def fail(*_arguments, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr(operations, "count_gflops", fail)
    with pytest.raises(ZeroDivisionError):
        assembly.build_pipeline(Config(**SMALL))
    with pytest.raises(DetectorError, match="is closed"):
        _ = opened[0].module
