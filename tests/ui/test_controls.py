"""Controls that many panels share: what they say fits where they say it."""

from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionComboBox

from tests.ui.conftest import STAGES
from viewer.ui import tokens
from viewer.ui.controls import Choice, WordButton
from viewer.ui.stage_choice import StageChoice


def words_and_room(choice: Choice) -> tuple[str, int]:
    """What a box says, and what the style has for it between the edge and the arrow."""
    option = QStyleOptionComboBox()
    choice.initStyleOption(option)
    kind, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
    text: str = option.currentText  # pyright: ignore[reportAttributeAccessIssue] - stub lacks it
    return text, choice.style().subControlRect(kind, option, field, choice).width()


def test_a_box_cuts_the_middle_of_a_word_it_has_no_room_for(qapp: QApplication) -> None:
    del qapp
    choice = Choice("Name", "", ("traffic light over the crossing", "car"))
    choice.resize(128, tokens.FIELD_HEIGHT)
    cut, room = words_and_room(choice)
    begin, _, end = cut.partition("\N{HORIZONTAL ELLIPSIS}")
    assert begin.startswith("traffic")
    assert end.endswith("ing")
    assert choice.fontMetrics().horizontalAdvance(cut) <= room
    choice.setCurrentIndex(1)
    assert words_and_room(choice)[0] == "car"


def test_the_arrow_of_a_box_takes_its_room_once(qapp: QApplication) -> None:
    del qapp
    choice = Choice("Name", "", ("traffic light",))
    choice.resize(128, tokens.FIELD_HEIGHT)
    arrow, edges = 24, 2 + tokens.UNIT
    assert words_and_room(choice)[1] >= 128 - arrow - edges
    choice.resize(choice.sizeHint())
    assert words_and_room(choice)[0] == "traffic light"


@pytest.mark.parametrize("width", [120, 180, 256])
def test_a_box_of_stages_is_cut_by_its_own_rule_to_the_room_there_is(qapp: QApplication, width: int) -> None:
    del qapp
    choice = StageChoice("Stage", "")
    named = replace(STAGES[4], node="backbone.features.expanded_conv_5.expand.relu")
    choice.show_stages((*STAGES[:4], named), (), named.node)
    choice.resize(width, tokens.FIELD_HEIGHT)
    text, room = words_and_room(choice)
    assert text.startswith(named.name)
    assert choice.fontMetrics().horizontalAdvance(text) <= room
    shiboken6.delete(choice)


def test_the_word_of_a_button_that_takes_no_hand_is_faint_as_its_icon_is(qapp: QApplication) -> None:
    del qapp
    button = WordButton("lost", "Lost", "Find where it is lost", "")
    button.setEnabled(False)
    button.ensurePolished()
    ink = button.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    assert ink.name() == tokens.INK_FAINT
