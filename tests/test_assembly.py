"""What was opened for a pipeline that does not come about is closed again; a process is tuned in time."""

import os
import subprocess
import sys

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


def test_the_process_is_tuned_before_torch_is_loaded():
    """OpenMP reads how long its threads spin when it is loaded, and never again."""
    script = """
import os, sys
from viewer.assembly import build_pipeline
from viewer.config import Config

class Watch:
    def find_spec(self, name, path, target=None):
        if name == "torch":
            print(os.environ.get("GOMP_SPINCOUNT"))
            raise SystemExit

sys.meta_path.insert(0, Watch())
build_pipeline(Config(model="yolo11n.yaml"))
"""
    left = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    done = subprocess.run([sys.executable, "-c", script], env=left, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1000"], done.stderr


@pytest.mark.parametrize("module", ["viewer.engine.host", "viewer.bench.headless", "viewer.commands.render"])
def test_nothing_loads_torch_before_a_pipeline_is_built(module):
    script = f"import sys, {module}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"], done.stderr
