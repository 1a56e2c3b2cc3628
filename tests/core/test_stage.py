"""Stages are found by every name that a user may know them by."""

import pytest

from viewer.core import Role, Stage, find_stages
from viewer.core.errors import TapError

STAGES = (
    Stage("body", Role.BACKBONE, 8, 4, (4, 4), name="C3", aliases=("body.1", "body.1.act")),
    Stage("body.1.conv", Role.BACKBONE, 8, 4, (4, 4)),
    Stage("neck", Role.NECK, 8, 4, (4, 4)),
)


def find(*wanted):
    return [stage.node for stage in find_stages(wanted, STAGES, model="mine")]


def test_by_node_short_name_and_alias_once_each():
    assert find("neck", "body.1") == ["neck", "body"]
    assert find("C3", "body", "body.1.act") == ["body"]
    assert find("body.1.conv") == ["body.1.conv"]


def test_by_the_name_that_an_onnx_graph_gives_a_node():
    assert find("/body.1/conv", "/neck") == ["body.1.conv", "neck"]
    with pytest.raises(TapError, match=r"no stage '/body\.1/cnov' in mine; did you mean 'body\.1\.conv'\?"):
        find("/body.1/cnov")


def test_an_alias_never_hides_a_stage():
    clash = (Stage("a", Role.NECK, 8, 4, (4, 4), aliases=("b",)), Stage("b", Role.NECK, 8, 4, (4, 4)))
    assert find_stages(["b"], clash, model="mine") == clash[1:]


def test_what_is_none_is_named_with_what_is_near():
    with pytest.raises(TapError, match=r"no stage 'body.1.atc' in mine; did you mean 'body.1.act'\?"):
        find("body.1.atc")
