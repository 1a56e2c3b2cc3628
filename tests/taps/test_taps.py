"""Hooks that fire, reduce before the next in-place operation, and are gone afterwards."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from viewer.core import reducer_names
from viewer.core.errors import ReducerError, TapError
from viewer.core.stage import Role, Stage
from viewer.core.tapping import Limits, LimitsMode
from viewer.taps import REDUCERS, Arena, TapSet, parse_reducer
from viewer.taps.finish_device import DeviceFinish
from viewer.taps.finish_host import HostFinish
from viewer.taps.layout import Layout, layout_of
from viewer.taps.reducers import Total

CPU = torch.device("cpu")


class Net(nn.Module):
    """Two stages; the first is overwritten in place right after its hook, and `twice` is called twice."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(1)
        self.a = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.twice = nn.Conv2d(4, 4, 3, stride=2, padding=1)
        for parameter in self.parameters():
            parameter.data = torch.randn(parameter.shape, generator=generator)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.a(x)
        self.seen_a = y.detach().clone()
        y.mul_(0)
        y.add_(self.seen_a)
        z = self.twice(y)
        self.seen_1 = z.detach().clone()
        w = self.twice(z)
        self.seen_2 = w.detach().clone()
        y.zero_()
        return w


A = Stage("a", Role.BACKBONE, 2, 4, (16, 24))
ONCE = Stage("twice", Role.BACKBONE, 4, 4, (8, 12))
TWICE = Stage("twice@2", Role.NECK, 8, 4, (4, 6))


def hooks_on(module: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in module.modules())


def tapped(net: Net, stages: tuple[Stage, ...], reducer: str = "absmean", limits: Limits | None = None) -> TapSet:
    return TapSet(net, stages, parse_reducer(reducer), limits=limits or Limits(LimitsMode.FRAME), device=CPU)


def run(taps: TapSet, net: Net, x: torch.Tensor):
    taps.begin()
    net(x)
    arena = taps.finish(2)
    arena.extra.copy_(torch.tensor([7.0, 8.0]))
    return arena.read(arena.packed.numpy().copy())


@pytest.fixture
def net() -> Net:
    return Net().eval().requires_grad_(requires_grad=False)


IMAGE = torch.rand(1, 3, 32, 48, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("absmean", lambda x: x.abs().mean(0)),
        ("mean", lambda x: x.mean(0)),
        ("max", lambda x: x.amax(0)),
        ("rms", lambda x: x.square().mean(0).sqrt()),
        ("channel:2", lambda x: x[2]),
    ],
)
def test_reducers_give_the_known_answer_for_every_call(net, name, expected, layout):
    net = net.to(memory_format=layout)
    with tapped(net, (A, ONCE, TWICE), name) as taps:
        for _ in range(2):  # the first frame lays the arena out, the second writes into it
            figures, extra = run(taps, net, IMAGE.to(memory_format=layout))
            for figure, activation in zip(figures, (net.seen_a, net.seen_1, net.seen_2), strict=True):
                want = expected(activation[0]).numpy()
                low, high = figure.limits
                assert (low, high) == pytest.approx((want.min(), want.max()), rel=1e-5)
                assert figure.mean == pytest.approx(want.mean(), rel=1e-4, abs=1e-6)
                assert figure.max == pytest.approx(want.max(), rel=1e-5)
                values = low + (figure.codes.astype(float) - 1) / 254 * (high - low)
                assert np.abs(values - want).max() <= (high - low) / 254 * 0.51
            assert extra.tolist() == [7.0, 8.0]


def test_half_precision_is_summed_in_single():
    reducer = parse_reducer("mean")
    activation = torch.full((1024, 1, 1), 300.0, dtype=torch.float16)
    out = torch.empty(1, 1)
    reducer.reduce(activation, out)
    assert out.item() == pytest.approx(300.0)
    for name in ("absmean", "max", "rms", "channel:3"):
        parse_reducer(name).reduce(activation, out)
        assert out.item() == pytest.approx(300.0, rel=1e-3)


def test_hooks_are_counted_to_zero_after_close_and_after_an_exception(net):
    taps = tapped(net, (A, ONCE, TWICE))
    assert hooks_on(net) == 2  # one module is called twice and carries one hook
    taps.close()
    taps.close()
    assert hooks_on(net) == 0
    with pytest.raises(RuntimeError, match="boom"), tapped(net, (A,)):
        raise RuntimeError("boom")
    assert hooks_on(net) == 0


def test_hooks_are_taken_off_and_put_back_once_and_never_after_closing(net):
    x = torch.rand(1, 3, 32, 48)
    taps = tapped(net, (A, TWICE))
    before, _ = run(taps, net, x)
    taps.remove_hooks()
    assert hooks_on(net) == 0
    taps.restore_hooks()
    taps.restore_hooks()
    assert hooks_on(net) == 2
    after, _ = run(taps, net, x)
    assert all(np.array_equal(one.codes, other.codes) for one, other in zip(before, after, strict=True))
    taps.close()
    taps.restore_hooks()
    assert hooks_on(net) == 0


def test_a_refused_reducer_leaves_no_hook(net):
    with pytest.raises(ReducerError, match="channels 0 to 3, not 9"):
        tapped(net, (A, ONCE), "channel:9")
    assert hooks_on(net) == 0


def test_a_stage_that_does_not_run_is_named(net):
    third = Stage("twice@3", Role.NECK, 8, 4, (4, 6))
    with tapped(net, (A, third)) as taps, pytest.raises(TapError, match="twice@3 stayed silent"):
        run(taps, net, IMAGE)


def test_unknown_module_and_unknown_reducer_are_refused(net):
    with pytest.raises(TapError, match="no module 'b'"):
        tapped(net, (Stage("b", Role.NECK, 8, 4, (4, 6)),))
    with pytest.raises(ReducerError, match="did you mean 'absmean'"):
        parse_reducer("absmaen")
    with pytest.raises(ReducerError, match="no reducer 'channel:x'"):
        parse_reducer("channel:x")


def test_the_input_may_change_size_between_frames(net):
    with tapped(net, (A, TWICE)) as taps:
        small, _ = run(taps, net, IMAGE)
        large, _ = run(taps, net, torch.rand(1, 3, 64, 96))
        assert [f.codes.shape for f in small] == [(16, 24), (4, 6)]
        assert [f.codes.shape for f in large] == [(32, 48), (8, 12)]


def test_maps_finer_than_160_cells_are_averaged_down(net):
    with tapped(net, (A,)) as taps:
        figures, _ = run(taps, net, torch.rand(1, 3, 96, 644))
        assert figures[0].codes.shape == (16, 108)
        want = nn.functional.adaptive_avg_pool2d(net.seen_a.abs().mean(1), (16, 108))[0]
        assert figures[0].max == pytest.approx(want.max().item(), rel=1e-5)
        again, _ = run(taps, net, torch.rand(1, 3, 96, 644))
        assert again[0].codes.shape == (16, 108)


def test_a_failed_forward_does_not_spoil_the_next_frame(net):
    with tapped(net, (A, TWICE)) as taps:
        run(taps, net, IMAGE)
        taps.begin()
        net.a(IMAGE)  # the forward broke off after its first stage
        figures, _ = run(taps, net, IMAGE)
        assert figures[1].max == pytest.approx(net.seen_2.abs().mean(1).max().item(), rel=1e-5)


def arena_with(maps: list[list[list[float]]], limits: Limits) -> Arena:
    arena = Arena([(len(m), len(m[0])) for m in maps], extra_floats=0, device=CPU)
    arena.set_limits(limits)
    write(arena, maps)
    return arena


def write(arena: Arena, maps: list[list[list[float]]]) -> None:
    for tap, values in enumerate(maps):
        arena.slots[tap].copy_(torch.tensor(values))
    arena.finish()
    arena.settle()


def read(arena: Arena):
    return arena.read(arena.packed.numpy().copy())[0]


def test_non_finite_cells_are_counted_and_get_a_code_of_their_own():
    arena = arena_with(
        [[[1.0, math.nan, 3.0, math.inf]], [[-math.inf, math.nan, math.nan, math.nan]]], Limits(LimitsMode.FRAME)
    )
    first, broken = read(arena)
    assert first.codes.tolist() == [[1, 0, 255, 0]]
    assert (first.limits, first.nonfinite, first.mean, first.max) == ((1.0, 3.0), 2, 2.0, 3.0)
    assert broken.codes.tolist() == [[0, 0, 0, 0]]
    assert broken.nonfinite == 4
    assert math.isnan(broken.mean)
    assert math.isnan(broken.max)


def test_running_limits_start_at_the_first_frame_and_follow_slowly_without_flicker():
    arena = arena_with([[[0.0, 1.0]]], Limits(LimitsMode.RUNNING))
    assert read(arena)[0].limits == (0.0, 1.0)
    highs = []
    for _ in range(60):
        write(arena, [[[0.0, 2.0]]])
        highs.append(read(arena)[0].limits[1])
    assert highs[0] == pytest.approx(1.06)
    assert highs == sorted(highs)
    assert highs[25] == pytest.approx(1.8, abs=0.02)
    write(arena, [[[math.nan, math.nan]]])
    assert read(arena)[0].limits[1] == pytest.approx(highs[-1])


def test_running_limits_hold_while_one_frame_is_run_again_and_follow_the_next_one():
    arena = arena_with([[[0.0, 1.0]]], Limits(LimitsMode.RUNNING))
    write(arena, [[[0.0, 2.0]]])
    arena.hold_limits(on=True)
    for high in (2.0, 9.0):  # the same frame, and the same frame altered
        write(arena, [[[0.0, high]]])
        assert read(arena)[0].limits == (0.0, pytest.approx(1.06))
    arena.hold_limits(on=False)
    write(arena, [[[0.0, 2.0]]])
    assert read(arena)[0].limits[1] == pytest.approx(1.06 + 0.06 * 0.94)


@pytest.mark.parametrize("mode", [LimitsMode.RUNNING, LimitsMode.FRAME])
def test_limits_that_are_chosen_while_a_frame_stands_are_set_by_it(mode):
    arena = arena_with([[[0.0, 1.0]]], Limits(LimitsMode.FIXED, 0.0, 5.0))
    arena.hold_limits(on=True)
    arena.set_limits(Limits(mode))
    arena.hold_limits(on=True)
    write(arena, [[[0.0, 3.0]]])
    assert read(arena)[0].limits == (0.0, 3.0)


def test_fixed_limits_clip_and_frame_limits_follow_at_once():
    arena = arena_with([[[-1.0, 0.0, 1.0, 5.0]]], Limits(LimitsMode.FIXED, 0.0, 1.0))
    assert read(arena)[0].codes.tolist() == [[1, 1, 255, 255]]
    arena.set_limits(Limits(LimitsMode.FRAME))
    write(arena, [[[-1.0, 0.0, 1.0, 5.0]]])
    assert read(arena)[0].limits == (-1.0, 5.0)


def test_a_flat_map_is_one_colour():
    arena = arena_with([[[2.0, 2.0, 2.0]]], Limits(LimitsMode.FRAME))
    assert read(arena)[0].codes.tolist() == [[1, 1, 1]]


def test_numpy_and_torch_finish_alike():
    rng = np.random.default_rng(3)
    sizes = [40, 7, 12]
    results = []
    frames = [rng.normal(size=59).astype(np.float32) for _ in range(4)]
    frames[2][[3, 44]] = np.nan, np.inf
    frames[3][47:] = np.nan
    for kind in (HostFinish, DeviceFinish):
        values, codes, figures = torch.zeros(59), torch.zeros(59, dtype=torch.uint8), torch.zeros(3, 5)
        finish = kind(sizes, values, codes, figures)
        said = []
        for number, frame in enumerate(frames):
            finish.set_weight(1.0 if number == 0 else 0.3)
            values.copy_(torch.from_numpy(frame))
            finish.run([False] * 3)
            said.append((codes.clone().numpy().astype(int), figures.clone().numpy()))
        results.append(said)
    for (host_codes, host_figures), (device_codes, device_figures) in zip(*results, strict=True):
        assert np.abs(host_codes - device_codes).max() <= 1
        assert ((host_codes == 0) == (device_codes == 0)).all()
        np.testing.assert_allclose(host_figures[:, :3], device_figures[:, :3], rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(host_figures[:, 4], device_figures[:, 4])


def test_every_reducer_that_may_be_named_is_there_and_the_other_way_round():
    assert tuple(REDUCERS) == reducer_names.REDUCERS
    assert all(parse_reducer(name).name == name for name in (*reducer_names.REDUCERS, "channel:3"))


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("shape", [(64, 48, 80), (3, 5, 7)])  # more than a block, and less
@pytest.mark.parametrize("name", ["absmean", "mean", "rms"])
def test_compiled_reductions_agree_with_torch_in_both_layouts(layout, shape, name):
    memory_format = torch.channels_last if layout is Layout.CELLS else torch.contiguous_format
    activation = torch.randn((1, *shape), generator=torch.Generator().manual_seed(4)).to(memory_format=memory_format)
    assert layout_of(activation) is layout
    reducer = parse_reducer(name)
    arena = Arena([shape[1:]], extra_floats=0, device=CPU)
    arena.set_limits(Limits(LimitsMode.FRAME))
    reduce = arena.host_maps[0].reduction(layout, reducer.total)
    reduce(layout.view(activation.numpy()))
    want = torch.empty(shape[1:])
    reducer.reduce(activation[0], want)
    np.testing.assert_allclose(arena.slots[0].numpy(), want.numpy(), rtol=1e-4, atol=1e-6)
    (figures,) = read(arena)
    assert figures.limits == pytest.approx((want.min().item(), want.max().item()), rel=1e-4)
    assert figures.codes.min() == 1
    assert figures.codes.max() == 255


def test_a_broken_activation_breaks_its_own_cell_alone():
    activation = torch.ones(1, 4, 2, 3)
    activation[0, 1, 0, 2] = math.inf
    activation[0, 3, 1, 0] = math.nan
    arena = Arena([(2, 3)], extra_floats=0, device=CPU)
    arena.set_limits(Limits(LimitsMode.FRAME))
    arena.host_maps[0].reduction(Layout.PLANES, Total.MAGNITUDES)(activation.numpy())
    (figures,) = read(arena)
    assert (figures.codes == 0).tolist() == [[False, False, True], [True, False, False]]
    assert (figures.nonfinite, figures.mean, figures.limits) == (2, 1.0, (1.0, 1.0))


def test_what_no_kernel_suits_is_left_to_torch():
    activation = torch.rand(1, 4, 6, 8)
    assert layout_of(activation.bfloat16()) is None
    assert layout_of(activation[..., ::2]) is None
    assert layout_of(activation.repeat(2, 1, 1, 1)) is None


def test_without_numba_the_same_comes_out(net, monkeypatch):
    with tapped(net, (A, TWICE)) as taps:
        run(taps, net, IMAGE)
        compiled, _ = run(taps, net, IMAGE)
    monkeypatch.setattr("viewer.taps.arena.host_kernels", lambda: None)
    with tapped(net, (A, TWICE)) as taps:
        run(taps, net, IMAGE)
        plain, _ = run(taps, net, IMAGE)
    for one, other in zip(compiled, plain, strict=True):
        assert np.abs(one.codes.astype(int) - other.codes.astype(int)).max() <= 1
        assert one.limits == pytest.approx(other.limits, rel=1e-5)
