"""No reducer asks a device for a value while the network runs: it could not be captured, and held up the queue."""

import pytest
import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

from viewer.core.stage import Role, Stage
from viewer.taps import REDUCERS, parse_reducer

STAGE = Stage("s", Role.BACKBONE, 8, 6, (8, 8))


@pytest.mark.parametrize("name", [*REDUCERS, "channel:2", "strongest:4", "similarity:3,4"])
def test_a_reducer_looks_at_no_value(name, monkeypatch):
    for module in ("change", "colours", "mosaic", "principal", "similar", "sound"):
        monkeypatch.setattr(f"viewer.taps.{module}.may_look", lambda _: False)
    reducer = parse_reducer(name).for_stage(STAGE)
    # Tensors without values: whoever asks for one is found out.
    with FakeTensorMode(allow_non_fake_inputs=True), torch.inference_mode():
        for _ in range(2):
            activation = torch.empty(6, 8, 8, dtype=torch.float16)
            reducer.reduce(activation, torch.empty(reducer.map_shape(activation)))


def test_whoever_looks_is_found_out():
    with FakeTensorMode(), pytest.raises(DataDependentOutputException):
        bool(torch.empty(()) > 0)
