"""Edits and perturbations take each other's place, are read from words, and say what they multiply by."""

import numpy as np
import pytest

from viewer.core.alteration import (
    Alteration,
    ChannelEdit,
    factors_of,
    parse_mute,
    parse_scale,
    parse_solo,
)
from viewer.core.errors import ConfigError
from viewer.core.perturbation import KNOBS, Kind, Perturbation


def test_an_edit_takes_the_place_of_the_one_before_and_a_factor_of_one_undoes_it():
    altered = Alteration().edited(ChannelEdit("a", 1)).edited(ChannelEdit("a", 2)).edited(ChannelEdit("a", 1, 0.5))
    assert altered.edits == (ChannelEdit("a", 2), ChannelEdit("a", 1, 0.5))
    assert altered.edited(ChannelEdit("a", 1, 1.0)).edits == (ChannelEdit("a", 2),)
    assert altered.edit_of("a", 1) == ChannelEdit("a", 1, 0.5)
    assert not altered.without(ChannelEdit("a", 1)).without(ChannelEdit("a", 2))


def test_a_perturbation_that_changes_nothing_is_none():
    altered = Alteration().perturbed(Perturbation(Kind.BLUR, 2.0)).perturbed(Perturbation(Kind.GAMMA, 0.5))
    altered = altered.perturbed(Perturbation(Kind.BLUR, 3.0))
    assert altered.perturbations == (Perturbation(Kind.GAMMA, 0.5), Perturbation(Kind.BLUR, 3.0))
    for kind, knob in KNOBS.items():
        altered = altered.perturbed(Perturbation(kind, knob.off))
    assert not altered
    assert not Alteration().perturbed(Perturbation(Kind.OCCLUDE, rect=(5, 5, 5.5, 90)))
    rect = (5.0, 5.0, 50.0, 90.0)
    assert Alteration().perturbed(Perturbation(Kind.OCCLUDE, rect=rect)).occluder == rect


def test_factors_of_muted_scaled_and_lone_channels():
    np.testing.assert_array_equal(factors_of([ChannelEdit("a", 1), ChannelEdit("a", 3, 2.0)], 4), [1, 0, 1, 2])
    lone = [ChannelEdit("a", 1, 1.0, solo=True), ChannelEdit("a", 3, 0.5, solo=True), ChannelEdit("a", 0, 2.0)]
    np.testing.assert_array_equal(factors_of(lone, 4), [0, 1, 0, 0.5])


def test_words_are_read():
    assert parse_mute("P3:4,7") == (ChannelEdit("P3", 4), ChannelEdit("P3", 7))
    assert parse_solo("model.16:2") == (ChannelEdit("model.16", 2, 1.0, solo=True),)
    assert parse_scale("path@2:2:0.5") == (ChannelEdit("path@2", 2, 0.5),)
    assert Perturbation.parse("brightness:1.4") == Perturbation(Kind.BRIGHTNESS, 1.4)
    assert Perturbation.parse("occlude:1,2,30,40") == Perturbation(Kind.OCCLUDE, rect=(1, 2, 30, 40))
    for one in (Perturbation(Kind.NOISE, 7.5), Perturbation(Kind.OCCLUDE, rect=(1.5, 2, 30, 40))):
        assert Perturbation.parse(str(one)) == one


@pytest.mark.parametrize(
    ("parse", "word", "hint"),
    [
        (parse_mute, "P3", "P3:4,7"),
        (parse_mute, "P3:x", "counted from 0"),
        (parse_scale, "P3:4", "P3:4:0.5"),
        (parse_scale, "P3:4:11", "0 to 10"),
        (Perturbation.parse, "brightnes:2", "did you mean 'brightness'"),
        (Perturbation.parse, "brightness:nan", "brightness:0.1 to brightness:3"),
        (Perturbation.parse, "jpeg", "jpeg:1 to jpeg:100"),
        (Perturbation.parse, "occlude:1,2,3", "LEFT,TOP,RIGHT,BOTTOM"),
        (Perturbation.parse, "occlude:9,2,3,8", "LEFT,TOP,RIGHT,BOTTOM"),
        (Perturbation.parse, "occlude:0,0,inf,8", "LEFT,TOP,RIGHT,BOTTOM"),
    ],
)
def test_what_cannot_be_read_says_what_can(parse, word, hint):
    with pytest.raises(ConfigError) as caught:
        parse(word)
    assert hint in str(caught.value)
    assert word.partition(":")[0] in str(caught.value)
