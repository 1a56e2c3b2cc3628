"""Backbone, neck and head are told apart in the graphs of the common families."""

from viewer.core import Role
from viewer.detectors.levels import GraphMap, map_reads, place_maps


def graph(text):
    """Maps written as `node stride < reads`, one a line."""
    maps = []
    for line in text.strip().splitlines():
        what, _, reads = line.partition("<")
        node, stride = what.split()
        maps.append(GraphMap(node, int(stride), tuple(reads.split())))
    return maps


def placed(text):
    places = place_maps(graph(text))
    roles = {role: [node for node, place in places.items() if place.role is role] for role in Role}
    return roles, {place.name: node for node, place in places.items() if place.name}


FPN = """
c3 8
c4 16 < c3
c5 32 < c4
l5 32 < c5
u4 16 < l5
l4 16 < c4
p4 16 < u4 l4
u3 8 < p4
p3 8 < u3 c3
cls3 8 < p3
box3 8 < p3
cls4 16 < p4
box4 16 < p4
cls5 32 < l5
box5 32 < l5
"""
PAN = """
c3 8
c4 16 < c3
c5 32 < c4
u4 16 < c5
t4 16 < u4 c4
u3 8 < t4
p3 8 < u3 c3
d4 16 < p3
p4 16 < d4 t4
d5 32 < p4
j5 32 < d5 c5
p5 32 < j5
a3 8 < p3
b3 8 < p3
a4 16 < p4
b4 16 < p4
a5 32 < p5
b5 32 < p5
"""
PROTOTYPES = PAN + "k3 8 < p3\nm2 4 < k3\nm1 4 < m2\n"
SSD = """
c3 8
c4 16 < c3
c5 32 < c4
e6 64 < c5
a4 16 < c4
a5 32 < c5
a6 64 < e6
"""
ONE_LEVEL = """
c4 16
c5 32 < c4
u4 16 < c5
u3 8 < u4
act 8 < u3
heat1 8 < act
heat2 8 < heat1
size1 8 < act
size2 8 < size1
"""


def test_a_feature_pyramid():
    roles, names = placed(FPN)
    assert roles[Role.HEAD] == ["cls3", "box3", "cls4", "box4", "cls5", "box5"]
    assert roles[Role.NECK] == ["u4", "l4", "p4", "u3", "p3"]
    assert names == {"P3": "p3", "P4": "p4", "P5": "l5", "C3": "c3", "C4": "c4"}


def test_a_path_aggregation_network_whose_coarsest_level_does_more():
    roles, names = placed(PAN)
    assert roles[Role.HEAD] == ["a3", "b3", "a4", "b4", "a5", "b5"]
    assert roles[Role.BACKBONE] == ["c3", "c4", "c5"]
    assert names == {"C3": "c3", "C4": "c4", "C5": "c5", "P3": "p3", "P4": "p4", "P5": "p5"}


def test_mask_prototypes_change_nothing():
    roles, names = placed(PROTOTYPES)
    assert {"a3", "b3", "a4", "b4", "a5", "b5"} <= {*roles[Role.HEAD]}
    assert names == placed(PAN)[1]


def test_a_network_without_neck():
    roles, names = placed(SSD)
    assert roles == {Role.BACKBONE: ["c3", "c4", "c5", "e6"], Role.NECK: [], Role.HEAD: ["a4", "a5", "a6"]}
    assert names == {"P4": "c4", "P5": "c5", "P6": "e6", "C3": "c3"}


def test_one_level_with_two_branches():
    roles, names = placed(ONE_LEVEL)
    assert roles[Role.HEAD] == ["heat1", "heat2", "size1", "size2"]
    assert names == {"P3": "act", "C4": "c4", "C5": "c5"}


def test_a_plain_chain():
    roles, names = placed("a 8\nb 8 < a\nc 8 < b")
    assert roles[Role.HEAD] == ["c"]
    assert names == {"P3": "b"}
    assert placed("a 8")[0][Role.HEAD] == ["a"]
    assert place_maps([]) == {}


def test_reads_go_through_what_is_no_map():
    order = ["a", "flat", "dense", "b", "c"]
    reads = {"a": ["picture"], "flat": ["a"], "dense": ["flat"], "b": ["dense", "a"], "c": ["dense", "b"]}
    assert map_reads(["a", "b", "c"], order, reads) == {"a": (), "b": ("a",), "c": ("a", "b")}
