"""The rows of the list of stages: groups, folding, and what a search means."""

import pytest

from viewer.core import Role, Stage
from viewer.session.stage_tree import Group, Heading, group_of, matches, stage_rows, why, why_suggested

C4 = Stage("model.6", Role.BACKBONE, 16, 128, (24, 40), "C3k2", "C4", default=True)
CONV = Stage("model.5", Role.BACKBONE, 16, 128, (24, 40), "Conv")
NECK = Stage("model.16", Role.NECK, 8, 64, (48, 80), "C3k2", "P3", default=True)
HEAD = Stage("model.23.cv2.0", Role.HEAD, 8, 64, (48, 80), "Sequential")
STAGES = (CONV, C4, NECK, HEAD)


def test_suggested_stages_come_first_and_the_others_stand_under_their_part() -> None:
    rows = stage_rows(STAGES)
    assert rows == (
        Heading(Group.SUGGESTED, ("model.6", "model.16")),
        C4,
        NECK,
        Heading(Group.BACKBONE, ("model.5",)),
        CONV,
        Heading(Group.HEAD, ("model.23.cv2.0",)),
        HEAD,
    )
    assert [group_of(stage) for stage in STAGES] == [Group.BACKBONE, Group.SUGGESTED, Group.SUGGESTED, Group.HEAD]


def test_a_folded_group_keeps_its_heading_and_its_number() -> None:
    rows = stage_rows(STAGES, {Group.SUGGESTED})
    assert rows[0] == Heading(Group.SUGGESTED, ("model.6", "model.16"), folded=True)
    assert C4 not in rows
    assert CONV in rows


def test_a_search_looks_into_folded_groups_and_leaves_empty_ones_out() -> None:
    assert stage_rows(STAGES, set(Group), "p3") == (Heading(Group.SUGGESTED, ("model.16",)), NECK)
    assert stage_rows(STAGES, (), "nothing like it") == ()
    assert stage_rows(STAGES, {Group.HEAD}, "  ")[-1] == Heading(Group.HEAD, ("model.23.cv2.0",), folded=True)


@pytest.mark.parametrize(
    ("search", "hits"),
    [
        ("P3", [NECK]),
        ("c3k2", [C4, NECK]),
        ("cv2", [HEAD]),
        ("head", [HEAD]),
        ("16", [CONV, C4, NECK]),
        ("s16", [CONV, C4]),
        ("stride 8", [NECK, HEAD]),
        ("stride: 16 conv", [CONV]),
        ("s1", []),
        ("model.16", [NECK]),
        ("neck s16", []),
        ("s8 s16", []),
    ],
)
def test_all_words_have_to_be_meant_and_a_stride_is_exact(search, hits) -> None:
    assert [stage for stage in STAGES if matches(stage, search)] == hits


def test_why_a_stage_is_suggested_is_said_by_its_part() -> None:
    assert why(C4) == "Suggested: the last backbone stage at stride 16"
    assert why(NECK) == "Suggested: a neck output that enters the head at stride 8"
    assert why(CONV) == ""


def test_why_stages_are_suggested_names_those_of_this_network() -> None:
    told = why_suggested(STAGES)
    assert "C4 (stride 16): the last backbone stage" in told
    assert "P3 (stride 8): the neck's outputs" in told
    assert "the neck lost it" in told
    assert "the neck lost it" not in why_suggested([C4])
