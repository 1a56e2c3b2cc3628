"""Stages of networks nobody told us about: each map once, its stride, its part of the network, and good defaults."""

import pytest
import torch
from torch import nn

from viewer.core import Role
from viewer.core.errors import DetectorError
from viewer.detectors.roles import find_stages_of


def conv(inputs, outputs, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Shared(nn.Module):
    """Ends in an activation that all blocks share, as the blocks of ultralytics do."""

    def __init__(self, act, inputs, outputs, stride=1):
        super().__init__()
        self.conv, self.bn, self.act = nn.Conv2d(inputs, outputs, 3, stride, 1), nn.BatchNorm2d(outputs), act

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


class Pyramid(nn.Module):
    """A detector as most are: five halvings, a way back up with sums, a head that all levels share."""

    def __init__(self, names=("stages", "merge", "predict")):
        super().__init__()
        self.names = names
        self.add_module(names[0], nn.ModuleList([conv(3, 4, 2), *(conv(4, 4, 2) for _ in range(4))]))
        self.add_module(names[1], nn.ModuleList(nn.Conv2d(4, 4, 1) for _ in range(3)))
        self.add_module(names[2], nn.Conv2d(4, 6, 1))

    def forward(self, x):
        stages, merge, predict = (getattr(self, name) for name in self.names)
        maps = []
        for stage in stages:
            x = stage(x)
            maps.append(x)
        levels = [merge[0](maps[4])]
        for index in (1, 2):
            levels.append(merge[index](maps[4 - index] + nn.functional.interpolate(levels[-1], scale_factor=2.0)))
        return [predict(level) for level in levels]


def stages_of(network, hw=(64, 96), **options):
    network.eval()
    with torch.inference_mode():
        return find_stages_of(network, lambda: network(torch.rand(1, 3, *hw)), input_hw=hw, model="mine", **options)


def named(stages):
    return {stage.name: (stage.node, stage.role) for stage in stages if stage.default}


@pytest.mark.parametrize(
    "names", [("stages", "merge", "predict"), ("backbone", "fpn", "head")], ids=["by structure", "by words"]
)
def test_parts_and_defaults_are_found_with_and_without_telling_names(names):
    body, neck, head = names
    stages = stages_of(Pyramid(names))
    assert named(stages) == {
        "C3": (f"{body}.2", Role.BACKBONE),
        "C4": (f"{body}.3", Role.BACKBONE),
        "C5": (f"{body}.4", Role.BACKBONE),
        "P5": (f"{neck}.0", Role.NECK),
        "P4": (f"{neck}.1", Role.NECK),
        "P3": (f"{neck}.2", Role.NECK),
    }
    assert [stage.node for stage in stages if stage.role is Role.HEAD] == [head, f"{head}@2", f"{head}@3"]
    assert all(0 < stage.share <= 1 for stage in stages)


def test_a_module_that_hands_on_what_its_child_returns_stands_for_it():
    stages = stages_of(nn.Sequential(conv(3, 4, 2), conv(4, 4, 2)))
    assert [stage.node for stage in stages] == ["0.0", "0.1", "0", "1.0", "1.1", "1"]
    assert [stage.aliases for stage in stages] == [(), (), ("0.2",), (), (), ("1.2",)]


def test_modules_that_do_nothing_stand_for_what_they_are_given():
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Dropout2d(), nn.Identity(), nn.Conv2d(4, 2, 1))
    assert [(stage.node, stage.aliases) for stage in stages_of(network)] == [("0", ("1", "2")), ("3", ())]


def test_blocks_that_end_in_one_shared_activation_are_stages_of_their_own():
    """The activation lies in the first block, of the backbone; those of the neck are no aliases of its calls."""

    class Blocks(nn.Module):
        def __init__(self):
            super().__init__()
            act = nn.SiLU()
            self.backbone = nn.ModuleList([Shared(act, 3, 4, 8), Shared(act, 4, 4, 2)])
            self.neck = nn.ModuleList(Shared(act, 4, 4) for _ in range(2))
            self.head = nn.Conv2d(4, 6, 1)

        def forward(self, x):
            fine = self.backbone[0](x)
            coarse = self.neck[0](self.backbone[1](fine))
            fine = self.neck[1](fine + nn.functional.interpolate(coarse, scale_factor=2.0))
            return self.head(fine), self.head(coarse)

    stages = stages_of(Blocks())
    assert named(stages) == {
        "C3": ("backbone.0", Role.BACKBONE),
        "C4": ("backbone.1", Role.BACKBONE),
        "P3": ("neck.1", Role.NECK),
        "P4": ("neck.0", Role.NECK),
    }
    assert [stage.aliases for stage in stages if stage.aliases] == [
        ("backbone.0.act",),
        *((f"backbone.0.act@{call}",) for call in (2, 3, 4)),
    ]
    assert {stage.kind for stage in stages} == {"Conv2d", "BatchNorm2d", "Shared"}


def test_of_several_maps_at_a_stride_the_one_that_is_read_is_tapped():
    """The last at stride 8 is made inside the block that halves next; the neck reads the one before."""

    class Late(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = conv(3, 4, 8), nn.Sequential(nn.Conv2d(4, 8, 1), nn.Conv2d(8, 4, 2, 2))
            self.join, self.finer = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)
            self.down, self.predict = nn.Sequential(nn.Conv2d(4, 2, 1), nn.Conv2d(2, 4, 2, 2)), nn.Conv2d(4, 6, 1)

        def forward(self, x):
            a = self.a(x)
            finer = self.finer(a + nn.functional.interpolate(self.join(self.b(a)), scale_factor=2.0))
            return [self.predict(level) for level in (finer, self.down(finer))]

    assert named(stages_of(Late())) == {
        "C3": ("a", Role.BACKBONE),
        "C4": ("b", Role.BACKBONE),
        "P3": ("finer", Role.NECK),
        "P4": ("down", Role.NECK),
    }


@pytest.mark.parametrize(("levels", "names"), [((0, 1), {"C3", "P2", "P3"}), ((0,), {"C3", "P3"})])
def test_a_level_at_another_stride_is_tapped_where_the_head_reads_it_beside_usual_ones(levels, names):
    class Fine(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.up = nn.Sequential(conv(3, 4, 4), conv(4, 4, 2)), nn.Upsample(scale_factor=2)
            self.finer, self.coarser, self.predict = conv(4, 4), conv(4, 4, 2), nn.Conv2d(4, 6, 1)

        def forward(self, x):
            fine = self.finer(self.up(self.body(x)))
            maps = (fine, self.coarser(fine))
            return [self.predict(maps[level]) for level in levels]

    assert {*named(stages_of(Fine()))} == names


def test_what_comes_out_of_a_padding_is_no_stage():
    """Four cells of 16 pixels with two more on each side would do as eight of 8."""
    network = nn.Sequential(conv(3, 4, 16), nn.ZeroPad2d(2), nn.Conv2d(4, 4, 5))
    assert [(stage.node, stage.stride) for stage in stages_of(network, hw=(64, 64)) if "." not in stage.node] == [
        ("0", 16),
        ("2", 16),
    ]


def test_what_ends_in_a_padding_of_nothing_is_a_stage():
    network = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 8, 8), nn.ZeroPad2d(0)), nn.Conv2d(4, 4, 1))
    assert [s.node for s in stages_of(network, wanted={"0": "C3"}) if s.default] == ["0"]


def test_what_is_in_a_layout_that_cannot_be_tapped_is_no_stage():
    class Converted(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.act, self.neck = nn.Conv2d(3, 4, 8, 8), nn.ReLU(), nn.Conv2d(4, 4, 1)

        def forward(self, x):
            return self.neck(self.act(self.body(x).to_mkldnn()).to_dense())

    assert [stage.node for stage in stages_of(Converted())] == ["body", "neck"]


def test_one_long_sequence_has_its_backbone_up_to_the_first_finer_map():
    network = nn.Sequential(
        *(conv(3 if i == 0 else 4, 4, 2) for i in range(4)), nn.Upsample(scale_factor=2), conv(4, 4)
    )
    stages = stages_of(network)
    assert named(stages) == {"C3": ("2", Role.BACKBONE), "C4": ("3", Role.BACKBONE), "P3": ("4", Role.NECK)}
    assert [stage.role for stage in stages if stage.node in ("4", "5")] == [Role.NECK, Role.HEAD]


def test_a_network_without_the_usual_strides_has_its_coarsest_tapped():
    stages = stages_of(nn.Sequential(conv(3, 4), conv(4, 4, 2), conv(4, 4, 2)))
    assert named(stages) == {f"C{n}": (str(n), Role.BACKBONE) for n in range(3)}


def test_stages_the_user_wants_are_taken_by_path_also_from_inside():
    stages = stages_of(Pyramid(), wanted={"stages.1": "C2", "stages.2.2": "", "merge.0": "P5"})
    assert named(stages) == {
        "C2": ("stages.1", Role.BACKBONE),
        "": ("stages.2", Role.BACKBONE),
        "P5": ("merge.0", Role.NECK),
    }
    with pytest.raises(DetectorError, match=r"stages of mine: no module 'merge.7' returns a map .*did you mean 'merge"):
        stages_of(Pyramid(), wanted={"merge.7": ""})


@pytest.mark.parametrize(("first", "second"), [("stages.2", "stages.2.2"), ("stages.2.2", "stages.2")])
def test_two_paths_of_one_map_are_refused(first, second):
    with pytest.raises(DetectorError) as caught:
        stages_of(Pyramid(), wanted={first: "C3", second: "P3"})
    assert str(caught.value) == f"stages of mine: {first!r} and {second!r} return one map; keep one of them"


def test_looking_leaves_no_hook_even_when_the_network_fails():
    network = Pyramid()
    with pytest.raises(RuntimeError):
        stages_of(network, hw=(64, 72))  # sums of maps that do not fit
    assert sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in network.modules()) == 0
