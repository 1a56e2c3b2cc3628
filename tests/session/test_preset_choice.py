"""Named choices of taps over a controller: what can be chosen, what holds, what the user is told."""

import pytest

from viewer.core.messages import SetTaps
from viewer.session.preset_choice import SUGGESTED, PresetChoice
from viewer.session.preset_store import PresetStore


@pytest.fixture
def said():
    return []


@pytest.fixture
def choice(controller, tmp_path, said):
    made = PresetChoice(tmp_path / "taps.yaml", controller, said.append)
    made.follow()
    return made


def test_the_models_own_choice_holds_until_another_is_made(choice, controller) -> None:
    assert choice.names == (SUGGESTED,)
    assert choice.current() == SUGGESTED
    controller.toggle_tap("model.4", on=True)
    assert choice.current() == ""
    choice.choose(SUGGESTED)
    assert choice.current() == SUGGESTED
    assert controller.state.tapped == ("model.16",)


def test_what_is_tapped_is_saved_chosen_again_and_deleted(choice, controller, engine, said) -> None:
    controller.toggle_tap("model.4", on=True)
    assert choice.save("  night ")
    assert choice.names == (SUGGESTED, "night")
    assert choice.current() == "night"
    assert "'night'" in said[-1].text
    choice.choose(SUGGESTED)
    choice.choose("night")
    assert engine.sent[-1] == SetTaps(controller.state.taps)
    assert controller.state.tapped == ("model.4", "model.16")
    assert choice.is_saved("night")
    choice.delete()
    assert choice.names == (SUGGESTED,)
    assert controller.state.tapped == ("model.4", "model.16")
    choice.delete()  # nothing that is saved holds
    assert len(said) == 2


def test_of_two_with_the_same_stages_the_one_last_meant_holds(choice) -> None:
    choice.save("twin")
    assert choice.current() == "twin"
    choice.choose(SUGGESTED)
    assert choice.current() == SUGGESTED
    choice.choose("twin")
    choice.delete()
    assert choice.names == (SUGGESTED,)
    assert choice.current() == SUGGESTED


def test_one_saved_for_no_stage_at_all_can_be_chosen(choice, controller) -> None:
    controller.tap_only(())
    choice.save("bare")
    choice.choose(SUGGESTED)
    choice.choose("bare")
    assert controller.state.tapped == ()
    assert choice.current() == "bare"


@pytest.mark.parametrize("name", ["", "  ", "suggested"])
def test_a_name_that_cannot_be_is_refused(choice, said, name) -> None:
    assert not choice.save(name)
    assert said[-1].failed
    assert choice.names == (SUGGESTED,)


def test_replacing_is_said(choice, said) -> None:
    choice.save("night")
    choice.save("night")
    assert said[-1].text.startswith("Replaced")


def test_stages_that_a_sister_network_lacks_are_left_out_and_said(tmp_path, controller, said) -> None:
    store = PresetStore(tmp_path / "taps.yaml")
    store.save("YOLO11", "wide", ("model.6", "model.99"))
    store.save("YOLO11", "strange", ("model.98", "model.99"))
    choice = PresetChoice(tmp_path / "taps.yaml", controller, said.append)
    choice.follow()
    choice.choose("wide")
    assert controller.state.tapped == ("model.6",)
    assert choice.current() == "wide"
    assert said.pop().text == "1 of the 2 stages of 'wide' are not in this model"
    choice.choose("strange")
    assert controller.state.tapped == ("model.6",)
    assert said.pop().failed


def test_a_broken_file_is_said_once_and_a_disk_that_refuses_as_well(tmp_path, controller, said) -> None:
    path = tmp_path / "taps.yaml"
    path.write_text("- no")
    choice = PresetChoice(path, controller, said.append)
    choice.follow()
    choice.follow()
    assert len(said) == 1
    assert "taps.broken.yaml" in said[0].text
    path.mkdir()
    assert not choice.save("night")
    assert said[-1].failed
