"""Who reads whom in a network that is code is seen by running it."""

import pytest
import torch
from torch import nn

from viewer.detectors.flow import watch_flow


class Block(nn.Module):
    """Ends in an activation that lies elsewhere; makes another map on the way where it is told to."""

    def __init__(self, act):
        super().__init__()
        self.conv, self.side, self.shared, self.looks_aside = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1), [act], False

    def forward(self, x):
        y = self.shared[0](self.conv(x))
        if self.looks_aside:
            self.side(y)
        return y


class Net(nn.Module):
    """Calls `forward` on itself, with a few modules at hand."""

    def __init__(self, forward):
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)
        self.act, self.keep, self.pad = nn.ReLU(inplace=True), nn.Identity(), nn.ReflectionPad2d((0, 1, 0, 1))
        self.register_buffer("memory", torch.zeros(1, 3, 8, 8))
        self.row = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())
        self.block = Block(self.act)
        self.run = forward

    def forward(self, x):
        return self.run(self, x)


def flow_of(forward):
    network = Net(forward).eval()
    modules = {path: module for path, module in network.named_modules() if path}
    with torch.inference_mode():
        flow = watch_flow(modules, lambda: network(torch.rand(1, 3, 8, 8)))
    assert sum(len(m._forward_hooks) for m in network.modules()) == 0
    return flow


def test_through_functions_that_are_no_modules():
    def forward(n, x):
        a, b = n.a(x), n.b(x)
        return n.c(nn.functional.interpolate(a, scale_factor=2.0)[:, :, ::2, ::2] + b.mean((2, 3), keepdim=True))

    assert flow_of(forward).reads == {"a": (), "b": (), "c": ("a", "b")}


def test_calls_are_numbered():
    assert flow_of(lambda n, x: n.a(n.a(n.b(x)))).reads == {"b": (), "a": ("b",), "a@2": ("a",)}


def test_what_is_written_in_place_is_another_map():
    def forward(n, x):
        y = n.act(n.a(x))
        y += n.b(x)
        return n.c(y)

    flow = flow_of(forward)
    assert flow.reads == {"a": (), "act": ("a",), "b": (), "c": ("act", "b")}
    assert not flow.same_as


def test_what_writes_to_a_view_makes_another_map():
    def forward(n, x):
        y = n.a(x)
        y[:, :1].add_(n.b(x)[:, :1])
        return n.c(n.keep(y))

    flow = flow_of(forward)
    assert "keep" not in flow.same_as
    assert flow.reads["keep"] == ("a", "b")
    assert flow.reads["c"] == ("keep",)


def test_a_buffer_filled_part_by_part_holds_all_that_was_written():
    def forward(n, x):
        y = torch.empty(1, 3, 8, 8)
        whole = y[:, :]
        y[:, :1] = n.a(x)[:, :1]
        y[:, 1:] = n.b(x)[:, 1:]
        return n.keep(n.c(y)) + n.row(whole)

    reads = flow_of(forward).reads
    assert reads["c"] == reads["row.0"] == ("a", "b")


def test_a_buffer_of_the_networks_own_that_a_module_returns():
    def forward(n, x):
        n.memory[:, :1] = n.a(x)[:, :1]
        return n.c(n.keep(n.memory))

    assert flow_of(forward).reads == {"a": (), "keep": ("a",), "c": ("keep",)}


def test_what_is_written_out_to_reads_the_operands_and_not_what_was_there():
    def forward(n, x):
        y = n.c(x) * 1
        torch.add(n.a(x), n.b(x), out=y)
        return n.keep(y)

    assert flow_of(forward).reads["keep"] == ("a", "b")


def test_what_an_operator_writes_to_but_does_not_return():
    def forward(n, x):
        y = n.a(x)
        torch._foreach_add_([y], [n.b(x)])
        return n.c(y)

    assert flow_of(forward).reads["c"] == ("a", "b")


def test_a_block_stands_for_the_shared_activation_it_ends_in():
    flow = flow_of(lambda n, x: n.c(n.block(n.block(n.act(n.a(x))))))
    assert flow.same_as == {"act@2": "block", "act@3": "block@2"}
    assert flow.reads == {
        "a": (),
        "act": ("a",),
        "block.conv": ("act",),
        "block": ("block.conv",),
        "block.conv@2": ("block",),
        "block@2": ("block.conv@2",),
        "c": ("block@2",),
    }


def test_readers_inside_a_block_come_after_the_block_they_read():
    def forward(n, x):
        n.block.looks_aside = True
        return n.c(n.block(x))

    flow = flow_of(forward)
    assert flow.same_as == {"act": "block"}
    assert list(flow.reads.items()) == [
        ("block.conv", ()),
        ("block", ("block.conv",)),
        ("block.side", ("block",)),
        ("c", ("block",)),
    ]


def test_a_module_that_hands_on_is_the_same_however_late_it_does():
    def forward(n, x):
        y = n.row(x)
        n.act(n.a(y))
        return n.c(n.keep(y))

    flow = flow_of(forward)
    assert flow.same_as == {"row.1": "row", "keep": "row"}
    assert flow.standing_for("row.1") == "row"
    assert flow.reads == {"row.0": (), "row": ("row.0",), "a": ("row",), "act": ("a",), "c": ("row",)}


def test_paddings_are_told():
    flow = flow_of(lambda n, x: n.c(n.keep(n.pad(n.a(x)))))
    assert flow.padded == {"pad"}
    assert flow.reads["c"] == ("pad",)


@pytest.mark.parametrize("amounts", [(0, 0, 0, 0), (0, 0, 0, 0, 1, -1)], ids=["nothing", "channels"])
def test_a_padding_that_adds_no_border_is_none(amounts):
    flow = flow_of(lambda n, x: n.c(n.row(n.keep(nn.functional.pad(n.a(x), amounts)))))
    assert not flow.padded
    assert flow.reads["keep"] == ("a",)


def test_maps_in_a_layout_without_storage_are_followed_and_are_none_to_name():
    flow = flow_of(lambda n, x: n.c(n.keep(n.a(x).to_mkldnn()).to_dense()))
    assert flow.reads == {"a": (), "c": ("a",)}


def test_no_hook_is_left_when_the_network_fails():
    network = Net(lambda n, x: n.b(n.a(x)[0, 0]))
    with pytest.raises(RuntimeError):
        watch_flow(dict(network.named_children()), lambda: network(torch.rand(1, 3, 8, 8)))
    assert sum(len(m._forward_hooks) for m in network.modules()) == 0
