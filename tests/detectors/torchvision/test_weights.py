"""Weights: found, compared, and never run."""

import os
from collections import OrderedDict

import pytest
import torch

from tests.detectors.makers import save_torchscript
from viewer.core.errors import DetectorError, DeviceError, UntrustedCheckpointError
from viewer.detectors import open_detector
from viewer.detectors.torchvision import weights
from viewer.detectors.torchvision.builders import Sizes, build, builder_names, class_names, default_sizes, sizes_of

SMALL = "ssdlite320_mobilenet_v3_large"


def open_small(path, **options):
    return open_detector(f"torchvision:{SMALL}", device="cpu", weights=str(path), **options)


@pytest.fixture(scope="module")
def state():
    """Weights for three classes and the background, of another seed than a model starts with."""
    state = build(SMALL, Sizes(4)).state_dict()
    return OrderedDict((key, value + 0.25 if value.is_floating_point() else value) for key, value in state.items())


def saved(tmp_path, state, name="mine.pth"):
    torch.save(state, tmp_path / name)
    return tmp_path / name


def test_a_state_dict_goes_in_whole_and_says_how_many_classes_there_are(tmp_path, state):
    detector = open_small(saved(tmp_path, state))
    own = detector.module.state_dict()
    assert own.keys() == state.keys()
    assert all(torch.equal(own[key], state[key]) for key in state)
    assert detector.info.names == ("class 0", "class 1", "class 2", "class 3")
    assert "weights of mine.pth" in detector.info.notes


def test_a_training_checkpoint_of_several_cards_is_taken_apart(tmp_path, state):
    checkpoint = {"model": {f"module.{key}": value for key, value in state.items()}, "epoch": 7}
    detector = open_small(saved(tmp_path, checkpoint))
    assert len(detector.info.names) == 4


def test_what_a_trainer_wraps_around_a_model_is_taken_off(tmp_path, state):
    checkpoint = {"state_dict": {f"model.net.{key}": value for key, value in state.items()}, "lr": 0.1}
    assert len(open_small(saved(tmp_path, checkpoint)).info.names) == 4


def test_frozen_normalisation_that_counted_no_batches_fits(tmp_path, state):
    frozen = {key: value for key, value in state.items() if not key.endswith("num_batches_tracked")}
    assert len(frozen) < len(state)
    assert open_small(saved(tmp_path, frozen)).info.names[-1] == "class 3"


def changed(state, key, value=None, *, to=None):
    other = OrderedDict(state)
    old = other.pop(key)
    if to is not None:
        other[to] = old
    elif value is not None:
        other[key] = value
    return other


WEIGHT = "backbone.features.0.0.0.weight"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"to": WEIGHT.replace("0.0.0", "0.0.O")},
            rf"it lacks '{WEIGHT}' \(16, 3, 3, 3\) and it has '{WEIGHT.replace('0.0.0', '0.0.O')}'",
        ),
        (
            {"value": torch.zeros(16, 4, 3, 3)},
            rf"its '{WEIGHT}' is \(16, 4, 3, 3\) where the network's is \(16, 3, 3, 3\)",
        ),
        ({}, f"it lacks '{WEIGHT}'"),
    ],
)
def test_weights_that_do_not_fit_are_refused_with_the_first_difference(tmp_path, state, change, says):
    path = saved(tmp_path, changed(state, WEIGHT, **change))
    with pytest.raises(DetectorError, match=f"mine.pth does not fit {SMALL}: {says}") as refusal:
        open_small(path)
    assert "\n" not in str(refusal.value)


def test_weights_with_more_than_the_model_has_are_refused(tmp_path, state):
    path = saved(tmp_path, OrderedDict(state, surplus=torch.zeros(1)))
    with pytest.raises(
        DetectorError, match=r"it has 'surplus' .*, which the network does not; probably weights of a larger one"
    ):
        open_small(path)


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, witness):
        self.witness = witness

    def __reduce__(self):
        return os.mkdir, (self.witness,)


@pytest.mark.parametrize("trust", [False, True])
def test_a_file_that_would_run_code_does_not(tmp_path, state, trust):
    witness = tmp_path / "ran"
    nested = {"model": dict(state), "extra": {"deep": [Bomb(str(witness))]}}
    with pytest.raises(UntrustedCheckpointError, match=r"holds more than weights.*state_dict\(\)") as refusal:
        open_small(saved(tmp_path, nested), trust_checkpoint=trust)
    assert "\n" not in str(refusal.value)
    assert not witness.exists()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_text("hello"), "is not a PyTorch file"),
        (lambda path: path.write_bytes(b"PK\x03\x04 torn"), "may be damaged"),
        (lambda path: torch.save({"a": 3}, path), "holds no state dict"),
        (lambda path: torch.save({}, path), "holds no state dict"),
        (lambda path: torch.save(torch.zeros(3), path), "holds no state dict"),
        (save_torchscript, "is a TorchScript export and no state dict"),
    ],
)
def test_files_that_are_no_weights_are_named(tmp_path, make, says):
    path = tmp_path / "odd.pth"
    make(path)
    with pytest.raises(DetectorError, match=f"odd.pth.*{says}"):
        open_small(path)


def test_names_that_are_near_are_suggested(tmp_path, state):
    saved(tmp_path, state, "yesterday.pth")
    with pytest.raises(DetectorError, match=r"no weights file.*did you mean 'yesterday.pth'"):
        open_small(tmp_path / "yesterdays.pth")
    with pytest.raises(DetectorError, match="did you mean 'random'"):
        open_small("randon")
    with pytest.raises(
        DetectorError, match="no detector 'fasterrcnn_resnet50'; did you mean 'fasterrcnn_resnet50_fpn'"
    ):
        open_detector("torchvision:fasterrcnn_resnet50", device="cpu")
    with pytest.raises(DetectorError, match="no detector 'zzz'; give one of fasterrcnn_mobilenet"):
        open_detector("torchvision:zzz", device="cpu")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Where published weights are kept, empty."""
    monkeypatch.setattr(weights, "models_folder", lambda: tmp_path / "models")
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    return tmp_path / "models"


def test_without_a_network_one_line_says_where_the_published_weights_go(cache, monkeypatch):
    def unreachable(*_args, **_options):
        raise OSError("no route to host")

    monkeypatch.setattr(weights, "download", unreachable)
    with pytest.raises(DetectorError) as refusal:
        open_detector(f"torchvision:{SMALL}", device="cpu")
    text = str(refusal.value)
    assert "ssdlite320_mobilenet_v3_large_coco-a79551df.pth is not here and cannot be downloaded (no route to" in text
    assert str(cache) in text
    assert "--weights random" in text
    assert "\n" not in text


def test_a_download_that_is_something_else_is_thrown_away(cache, monkeypatch):
    def other(_url, target, **_options):
        target.parent.mkdir(parents=True)
        target.write_bytes(b"a login page")

    monkeypatch.setattr(weights, "download", other)
    with pytest.raises(DetectorError, match="not what was published"):
        open_detector(f"torchvision:{SMALL}", device="cpu")
    assert list(cache.iterdir()) == []


def test_published_weights_are_found_in_the_cache_and_in_torchs_own(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "download", lambda *_args, **_options: pytest.fail("nothing is to be downloaded"))
    name = "ssdlite320_mobilenet_v3_large_coco-a79551df.pth"
    hub = tmp_path / "hub" / "checkpoints" / name
    for place in (hub, cache / name):
        place.parent.mkdir(parents=True)
        place.write_bytes(b"")
        assert weights.find_weights(SMALL, None, lambda *_: None) == place


@pytest.mark.parametrize("name", ["retinanet_resnet50_fpn", "fasterrcnn_resnet50_fpn"])
def test_published_weights_without_epsilon_run_without_it(name, tmp_path):
    model = torch.nn.Sequential(torch.nn.BatchNorm2d(3))
    published = weights.published_weights(name).url.rpartition("/")[2]
    weights.put_in_published(model, model.state_dict(), tmp_path / "own.pth", name)
    assert model[0].eps > 0
    weights.put_in_published(model, model.state_dict(), tmp_path / published, name)
    assert model[0].eps == 0


@pytest.mark.parametrize("name", [name for name in builder_names() if not name.startswith("ssd")])
def test_the_number_of_classes_is_read_from_the_weights(name):
    sizes = Sizes(7, None if default_sizes(name).keypoints is None else 5)
    with torch.device("meta"):
        state = build(name, sizes).state_dict()
    assert sizes_of(name, state) == sizes


def test_the_number_of_classes_of_ssd_is_read_from_the_weights(state):
    assert sizes_of(SMALL, state) == Sizes(4)
    assert sizes_of("ssd300_vgg16", {"head.classification_head.module_list.0.weight": torch.empty(28, 1)}) == Sizes(7)


def test_classes_have_the_names_of_coco_where_there_are_as_many():
    assert class_names(SMALL, 91)[:3] == ("__background__", "person", "bicycle")
    assert class_names(SMALL, 3) == ("class 0", "class 1", "class 2")
    assert class_names("keypointrcnn_resnet50_fpn", 2) == ("no person", "person")


def test_random_weights_are_said_and_the_same_every_time():
    first, second = (open_small("random") for _ in range(2))
    assert "random weights" in first.info.notes
    assert first.info.warning == "random weights"
    assert all(torch.equal(a, b) for a, b in zip(first.module.parameters(), second.module.parameters(), strict=True))


def test_half_precision_needs_a_gpu():
    with pytest.raises(DeviceError, match="half precision needs a GPU"):
        open_small("random", precision="fp16")


@pytest.mark.parametrize("size", [10, 100_000])
def test_sizes_that_cannot_be_are_refused(size):
    with pytest.raises(DetectorError, match=f"input size {size} is not usable"):
        open_small("random", imgsz=size)
