"""A user's own reducer: the README's example as printed, and one line for everything that can be wrong with a file."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import viewer
from viewer.core.errors import ReducerError
from viewer.core.stage import Role, Stage
from viewer.core.tapping import Limits, LimitsMode
from viewer.taps import TapSet, parse_reducer

STAGE = Stage("0", Role.BACKBONE, 1, 3, (4, 5))
README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def write(tmp_path):
    """Writes a file with the body of a class `Mine` and gives the reducer's name."""

    def write_one(body: str, head: str = "import torch\nimport viewer\n") -> str:
        path = tmp_path / "mine.py"
        path.write_text(f"{head}\nclass Mine(viewer.Reducer):\n{body}\n")
        return f"{path}:Mine"

    return write_one


def tapped(name: str) -> tuple[TapSet, nn.Module]:
    net = nn.Sequential(nn.Identity())
    limits = Limits(LimitsMode.FRAME)
    return TapSet(net, [STAGE], parse_reducer(name), limits=limits, device=torch.device("cpu")), net


def run(taps: TapSet, net: nn.Module, activation: torch.Tensor):
    with torch.inference_mode():
        taps.begin()
        net(activation[None])
        arena = taps.finish(0)
    return arena.slots[0].numpy().copy(), arena.read(arena.packed.numpy().copy())[0][0]


def activation(seed: int = 1, hw: tuple[int, int] = (4, 5)) -> torch.Tensor:
    return torch.randn(3, *hw, generator=torch.Generator().manual_seed(seed))


def test_the_readmes_example_runs_as_printed(tmp_path):
    section = README.read_text(encoding="utf-8").partition("### Your own reducer")[2]
    code = re.search(r"```python\n# my_reducers.py\n(.*?)```", section, re.DOTALL)
    assert code is not None
    (tmp_path / "my_reducers.py").write_text(code[1])
    assert len([line for line in code[1].splitlines() if line.strip()]) <= 10
    taps, net = tapped(f"{tmp_path / 'my_reducers.py'}:Edges")
    x = activation()
    with taps:
        got, _ = run(taps, net, x)
    want = np.zeros((4, 5))
    for row in range(4):
        for column in range(5):
            cell = x[:, row, column]
            right, below = x[:, row, min(column + 1, 4)] - cell, x[:, min(row + 1, 3), column] - cell
            want[row, column] = (right**2 + below**2).sqrt().mean()
    assert got == pytest.approx(want, abs=1e-6)


def test_numbers_may_be_of_another_size_and_type(write):
    taps, net = tapped(write("    def reduce(self, a):\n        return a[0, ::2, ::2].double()"))
    with taps:
        got, _ = run(taps, net, x := activation())
        assert got == pytest.approx(x[0, ::2, ::2].numpy())
        larger, _ = run(taps, net, y := activation(hw=(8, 6)))
        assert larger == pytest.approx(y[0, ::2, ::2].numpy())


def test_three_numbers_a_cell_are_a_colour(write):
    name = write("    def reduce(self, a):\n        return torch.stack([a[0], a[1], 2 * a[0]], 2)")
    taps, net = tapped(name)
    with taps:
        run(taps, net, activation())
        _, figures = run(taps, net, x := activation(2))
    assert taps.reducer.bands == ("red", "green", "blue")
    assert taps.reducer.name == name
    assert figures.codes.shape == (4, 5, 3)
    assert figures.bands[2] == pytest.approx((2 * x[0].min().item(), 2 * x[0].max().item()))
    assert (figures.codes[:, :, 0] == figures.codes[:, :, 2]).all()


REMEMBERS = """
    def __init__(self):
        self.seen = 0

    def reduce(self, a):
        self.seen += 1
        return torch.full(a.shape[1:], float(self.seen))

    def forget(self):
        self.seen = 10
"""


def test_what_is_remembered_begins_with_the_first_frame_and_is_told_to_begin_anew(write):
    taps, net = tapped(write(REMEMBERS))
    with taps:
        seen = [run(taps, net, activation())[0][0, 0] for _ in range(3)]
        taps.start_over()
        seen.append(run(taps, net, activation())[0][0, 0])
    assert seen == [1.0, 2.0, 3.0, 11.0]


KEEPS = """
    mean = None

    def reduce(self, a):
        if self.mean is None:
            self.mean = torch.zeros_like(a[0])
        self.mean.copy_(self.mean / 2 + a[0])
        return self.mean

    def forget(self):
        if self.mean is not None:
            self.mean.zero_()
"""


def test_a_tensor_that_stays_can_be_emptied_when_frames_begin_anew(write):
    taps, net = tapped(write(KEEPS))
    with taps:
        run(taps, net, activation())
        taps.start_over()
        got, _ = run(taps, net, x := activation(2))
    assert got == pytest.approx(x[0].numpy())


def test_some_stages_may_have_a_colour_and_others_none(write):
    body = "    def reduce(self, a):\n        return a.permute(1, 2, 0) if a.shape[0] == 3 else a[0]"
    net = nn.Sequential(nn.Identity(), nn.Conv2d(3, 2, 1))
    stages = [STAGE, Stage("1", Role.BACKBONE, 1, 2, (4, 5))]
    with TapSet(net, stages, parse_reducer(write(body)), limits=Limits(), device=torch.device("cpu")) as taps:
        assert taps.reducer.bands == ("red", "green", "blue")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("    def reduce(self, a):\n        return a.mine", "mine.py:6: Mine reduce() failed: AttributeError"),
        ("    def reduce(self):\n        return 0", "mine.py:5: Mine reduce() failed: TypeError"),
        ("    def reduce(self, a):\n        return None", "mine.py:5: reduce() returned nothing; return a tensor"),
        ("    def reduce(self, a):\n        return a.numpy()", "returned a numpy.ndarray"),
        ("    def reduce(self, a):\n        return a.mean()", "returned numbers of shape ()"),
        (
            "    def reduce(self, a):\n        return a[0].to_sparse()",
            "returned a sparse tensor on cpu; return a dense one",
        ),
        (
            "    def reduce(self, a):\n        return a[0].to('meta')",
            "a dense tensor on meta; return a dense one on cpu",
        ),
        ("    def reduce(self, a):\n        return a[:2]", "of shape (2, 4, 5) of the 3, 4, 5 activation"),
        (
            "    def reduce(self, a):\n        return a.relu_().neg_()[0]",
            "mine.py:5: reduce() writes into the activation",
        ),
        ("    def reduce(self, a):\n        raise SystemExit(3)", "failed: SystemExit: 3"),
        (
            "    def reduce(self, a):\n        return a[0]\n    def forget(self):\n        a",
            "mine.py:8: Mine forget() failed",
        ),
        (
            "    def __init__(self, size):\n        pass\n    def reduce(self, a):\n        pass",
            "Mine __init__() failed: TypeError",
        ),
    ],
)
def test_what_is_wrong_with_a_class_is_one_line_and_leaves_no_hook(write, body, says):
    net = nn.Sequential(nn.Identity())
    with pytest.raises(ReducerError) as caught:
        TapSet(net, [STAGE], parse_reducer(write(body)), limits=Limits(), device=torch.device("cpu"))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not net[0]._forward_hooks


def test_what_is_wrong_with_a_file_is_one_line(tmp_path, write):
    name = write("    def reduce(self, a):\n        return a[0]")
    file = name.rpartition(":")[0]
    for given, says in (
        (f"{file}:Mien", "mine.py has no 'Mien'; did you mean 'Mine'?"),
        (f"{file}:Zebra", "mine.py has no 'Zebra'; it has Mine"),
        (f"{file}:torch", "torch is no reducer; write `class torch(viewer.Reducer)`"),
        (f"{tmp_path / 'mime.py'}:Mine", "did you mean 'mine.py'?"),
        (f"{tmp_path}.py:Mine", "no file"),
    ):
        with pytest.raises(ReducerError) as caught:
            parse_reducer(given)
        assert says in str(caught.value)
    with pytest.raises(ReducerError, match=r"mine\.py:1: running it failed: SyntaxError"):
        parse_reducer(write("    pass", head="import torch as"))


def test_importing_featscope_loads_no_torch_until_the_base_is_asked_for():
    code = "import sys, viewer; assert 'torch' not in sys.modules; viewer.Reducer; assert 'torch' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert "Reducer" in dir(viewer)
    with pytest.raises(AttributeError, match="no attribute 'Redcuer'"):
        _ = viewer.Redcuer
