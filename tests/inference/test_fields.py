"""Receptive fields: by the formula for stacks of convolutions, and by dyeing pixels for whatever else there is."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from viewer.core import DetectorInfo, Letterbox, Role, Stage, Suppression
from viewer.core.field import Span
from viewer.inference.fields import FieldWatch
from viewer.inference.operations import count_gflops


class Wrapped:
    """Any module behind as much of a detector as is looked at here."""

    def __init__(self, module: nn.Module, nodes: list[str], size: int = 96) -> None:
        self.module, self.size = module.eval(), size
        self.device, self.dtype = torch.device("cpu"), torch.float32
        self.stages = tuple(Stage(node, Role.BACKBONE, 8, 4, (12, 12)) for node in nodes)
        self.info = DetectorInfo("wrapped", "", (), 0, (), "cpu", "fp32", Suppression.NONE)

    def letterbox(self, image_hw: tuple[int, int]) -> Letterbox:
        return Letterbox.fit(image_hw, (self.size, self.size))

    def forward(self, images: torch.Tensor):
        with torch.inference_mode():
            return self.module(images)


def fields_of(module: nn.Module, *nodes: str, size: int = 96):
    watch = FieldWatch(Wrapped(module, list(nodes), size))
    count_gflops(watch._detector, (size, size), beside=watch.watching)
    assert not nn.modules.module._global_forward_hooks
    return {field.node: field for field in watch.found}


def dyed(module: nn.Module, node: str, cell: int, size: int = 96) -> tuple[int, int]:
    """First and last pixel column that a cell in the middle row depends on: a pixel that is no number spoils it.

    Everything that computes with it is spoilt, whatever the weights, which is what the theoretical field is.
    """
    images = torch.zeros(size, 3, size, size)
    images[torch.arange(size), :, :, torch.arange(size)] = torch.nan
    seen: list[torch.Tensor] = []
    handle = dict(module.named_modules())[node].register_forward_hook(lambda _m, _i, output: seen.append(output))
    with torch.inference_mode():
        module.eval()(images)
    handle.remove()
    spoilt = seen[0][:, :, seen[0].shape[2] // 2, cell].isnan().any(1).nonzero().flatten().tolist()
    return spoilt[0], spoilt[-1] + 1


class Pyramid(nn.Module):
    """All that necks are made of: strides, dilation, pooling, upsampling, sums, parts of channels and of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(12, 8, 3, 1, 1)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.wide = nn.Sequential(nn.Conv2d(8, 8, 3, 1, 2, dilation=2), nn.BatchNorm2d(8), nn.SiLU(inplace=True))
        self.deep = nn.Conv2d(8, 8, 3, 2, 1)
        self.up = nn.Upsample(scale_factor=2)
        self.sum = nn.Identity()
        self.back = nn.ConvTranspose2d(8, 4, 2, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = torch.cat(
            [images[..., ::2, ::2], images[..., 1::2, ::2], images[..., ::2, 1::2], images[..., 1::2, 1::2]], 1
        )
        x = self.pool(self.stem(x))
        first, second = self.wide(x).chunk(2, 1)
        x = torch.cat([second, first * second.sigmoid()], 1)
        x = self.sum(x + self.up(self.deep(x)))
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)  # channels shuffled
        return self.back(nn.functional.pad(x, (1, 0, 1, 0))[..., :-1, :-1])


@pytest.mark.parametrize(
    ("kernels", "strides", "dilations"), [((3, 3, 3), (2, 2, 1), (1, 1, 3)), ((7, 1, 5), (2, 2, 2), (1, 1, 1))]
)
def test_a_stack_of_convolutions_has_the_field_of_the_formula(kernels, strides, dilations):
    layers = [
        nn.Conv2d(3, 3, k, s, d * (k - 1) // 2, dilation=d) for k, s, d in zip(kernels, strides, dilations, strict=True)
    ]
    (field,) = fields_of(nn.Sequential(*layers), "2").values()
    jumps = np.cumprod([1, *strides])
    size = 1 + sum(d * (k - 1) * jump for k, d, jump in zip(kernels, dilations, jumps, strict=False))
    assert field.columns.size == field.rows.size == size
    assert field.columns.step == jumps[-1]
    assert field.words == f"{size}\N{MULTIPLICATION SIGN}{size} px"


@pytest.mark.parametrize("node", ["stem", "pool", "wide", "deep", "up", "sum", "back"])
def test_the_field_is_where_a_pixel_can_spoil_the_cell(node):
    torch.manual_seed(0)
    module = Pyramid()
    field = fields_of(module, node)[node]
    assert not field.unknown
    cells = {"deep": (5, 6), "back": (23, 24)}.get(node, (11, 12))
    found = [dyed(module, node, cell) for cell in cells]
    told = [field.columns.of(cell) for cell in cells]
    # Cells between cells differ from one to the next; the field is that of all of them.
    assert all(t[0] <= f[0] and f[1] <= t[1] for t, f in zip(told, found, strict=True))
    slack = field.columns.step if node in ("up", "sum", "back") else 0
    assert min(f[0] - t[0] for t, f in zip(told, found, strict=True)) <= slack
    assert min(t[1] - f[1] for t, f in zip(told, found, strict=True)) <= slack


def test_attention_and_gates_over_the_whole_map_see_everything():
    class Gate(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.after = nn.Conv2d(3, 4, 3, 2, 1), nn.Identity()
            self.attended, self.tokens = nn.Identity(), nn.Identity()

        def forward(self, images):
            x = self.conv(images)
            gated = self.after(x * nn.functional.adaptive_avg_pool2d(x, 1).sigmoid())
            flat = x.flatten(2)
            by_cell = (flat.transpose(1, 2) @ torch.ones(4, 6)).transpose(1, 2).reshape(1, 6, *x.shape[2:])
            self.tokens(by_cell)
            self.attended((flat @ (flat.transpose(1, 2) @ flat).softmax(-1)).view_as(x))
            return gated

    fields = fields_of(Gate(), "conv", "after", "attended", "tokens", size=32)
    assert fields["conv"].rows.size == 3
    assert fields["tokens"].rows == fields["conv"].rows, "a product with weights looks at each cell alone"
    for node in ("after", "attended"):
        assert (fields[node].rows, fields[node].unknown, fields[node].words) == (None, "", "the whole input")


class Made(nn.Module):
    """A map that something is done to.

    Args:
        make: Given a map and a wider one of as many channels, returns another.
    """

    def __init__(self, make: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.make = make
        self.first, self.wide = nn.Conv2d(3, 4, 3, 2, 1), nn.Conv2d(4, 4, 5, 1, 2)
        self.out = nn.Identity()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.first(images)
        return self.out(self.make(x, self.wide(x)))


def assert_no_pixel_is_left_out(module: nn.Module, dyes: Callable[[int], tuple[int, int]], cells: range) -> None:
    """A field may be a cell too large where values lie between cells, and never too small."""
    field = fields_of(module, "out")["out"]
    assert not field.unknown
    for cell in cells:
        told, found = field.columns.of(cell), dyes(cell)
        assert told[0] <= found[0]
        assert found[1] <= told[1]


@pytest.mark.parametrize(
    "options",
    [
        {"scale_factor": 0.6},
        {"scale_factor": 1.5},
        {"scale_factor": 3.0},
        {"size": (31, 31)},
        {"scale_factor": 0.5, "mode": "nearest-exact"},
        {"scale_factor": 0.3, "mode": "nearest-exact"},
        {"scale_factor": 1.5, "mode": "nearest-exact"},
        {"scale_factor": 1.7, "mode": "bilinear"},
        {"scale_factor": 4.0, "mode": "bilinear", "align_corners": True},
        {"scale_factor": 0.25, "mode": "bilinear", "align_corners": True},
        {"scale_factor": 0.25, "mode": "bilinear", "antialias": True},
        {"scale_factor": 4.0, "mode": "bicubic", "align_corners": True},
        {"scale_factor": 0.3, "mode": "bicubic", "antialias": True},
    ],
    ids=str,
)
def test_a_resized_map_depends_on_no_pixel_outside_its_field(options):
    module = Made(lambda x, _wide: nn.functional.interpolate(x, **options)).eval()
    # By gradients: a neighbour of weight 0 spoils a cell without having a say in it.
    images = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0)).requires_grad_()
    made = module(images)[0, :, 5].sum(0)

    def dyed_by_slope(cell: int) -> tuple[int, int]:
        (slope,) = torch.autograd.grad(made[cell], images, retain_graph=True)
        columns = slope[0].abs().amax((0, 1)).nonzero().flatten()
        return int(columns[0]), int(columns[-1]) + 1

    assert_no_pixel_is_left_out(module, dyed_by_slope, range(0, len(made), 3))


def _into_a_part(x: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
    x[:, :2] = wide[:, :2]
    return x


def _through_a_view(x: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
    x.unsqueeze(0).add_(wide)
    return x


def _into_what_was_split_off(x: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
    first, _ = x.chunk(2, 1)
    first += wide[:, :2]
    return x


@pytest.mark.parametrize("write", [_into_a_part, _through_a_view, _into_what_was_split_off])
def test_what_is_written_under_another_name_widens_the_field(write):
    module = Made(write)
    assert_no_pixel_is_left_out(module, lambda cell: dyed(module, "out", cell), range(4, 40, 9))


def test_a_constant_written_into_a_part_comes_from_no_pixel():
    def framed(x: torch.Tensor, _wide: torch.Tensor) -> torch.Tensor:
        x[:, :, 40:] = 0
        x[:, :, :, 40:] *= 2
        x[:, 1:].zero_()
        return x

    assert fields_of(Made(framed), "out")["out"].words == "3\N{MULTIPLICATION SIGN}3 px"


def test_what_lies_beside_what_was_written_keeps_its_field():
    def beside(x: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
        first, second = x.chunk(2, 1)
        first += wide[:, :2]
        return second

    assert fields_of(Made(beside), "out")["out"].words == "3\N{MULTIPLICATION SIGN}3 px"


def test_what_is_not_known_says_so():
    class Rolled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.out, self.filled = nn.Identity(), nn.Identity()

        def forward(self, images):
            buffer = torch.zeros_like(images)
            buffer[:, :, 1:] = images[:, :, :-1]
            self.filled(buffer * 2)
            return self.out(torch.roll(images, 3, 2))

    fields = fields_of(Rolled(), "out", "filled", size=32)
    assert fields["out"].unknown
    assert fields["out"].words == "not known"
    assert fields["filled"].unknown, "a buffer filled in part cannot be followed, and is not taken for a constant"


def test_a_span_tells_whole_pixels():
    span = Span().through(step=2, first=-1, last=1).through(step=0.5, first=-0.5)
    assert (span.step, span.first, span.last) == (1.0, -2.0, 1.0)
    assert span.of(4) == (2, 6)
    assert span.size == 4
