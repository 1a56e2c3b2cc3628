"""Looking for the next frame with a class, or for where it is lost: a choice and two arrows in the transport bar."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewer.session import EnginePhase, ViewState
from viewer.session.aim import aim, losing, purpose
from viewer.ui.controls import Choice, IconButton, WordButton
from viewer.ui.tips import tip

if TYPE_CHECKING:
    from viewer.core.detector import DetectorInfo

_ANY = "any object"
_FOLLOWED = "this {}"


class Finder(QWidget):
    """Wishes for a class, and for the next or previous frame with it."""

    label_wished = Signal(object)
    """Look for this class; None means any."""

    def __init__(self) -> None:
        super().__init__()
        self.previous = IconButton(
            "find_previous", "Previous match", "Go to the previous frame with it  ( {find_previous} )", size=24
        )
        self.choice = Choice(
            "Look for", "What {find_next} and {find_previous} look for; classes seen so far come first", (_ANY,)
        )
        self.lost = WordButton("lost", "Lost", "Find where it is lost", "Find where it is lost  ( {find_loss} )")
        self.next = IconButton("find_next", "Next match", "Go to the next frame with it  ( {find_next} )", size=24)
        self._listed: tuple[DetectorInfo | None, tuple[int, ...]] = (None, ())
        self._purposes = ("", "", "")
        self._lay_out()
        self.choice.activated.connect(lambda row: self.label_wished.emit(self.choice.itemData(row)))

    def show_state(self, state: ViewState) -> None:
        """Show what is looked for."""
        seekable = state.detector is not None and state.source is not None and not state.source.is_live
        for widget in (self.previous, self.choice, self.lost, self.next):
            widget.setEnabled(seekable and state.phase is not EnginePhase.LOST)
        self.lost.setChecked(state.target.lost)
        self._explain(purpose(state, "Previous"), purpose(state, "Next"), losing(state))
        target, what = aim(state), _ANY
        if target.followed and target.label is not None and state.detector is not None:
            what = _FOLLOWED.format(state.detector.name_of(target.label))
        if self.choice.count() and self.choice.itemText(0) != what:
            self.choice.setItemText(0, what)
        row = 0 if target.followed else self.choice.findData(target.label)
        if row != self.choice.currentIndex():
            self.choice.setCurrentIndex(max(row, 0))

    def _explain(self, previous: str, following: str, losing: str) -> None:
        """Say what the arrows look for, before they do, and what a search for a loss lacks."""
        if (previous, following, losing) != self._purposes:
            self._purposes = previous, following, losing
            tip(self.previous, f"{previous}  ( {{find_previous}} )")
            tip(self.next, f"{following}  ( {{find_next}} )")
            tip(self.lost, f"{losing}  ( {{find_loss}}; {{find_lost}} only prepares it )")

    def show_labels(self, state: ViewState, seen: tuple[int, ...]) -> None:
        """List the detector's classes, those seen so far first.

        Args:
            state: What is looked for, and by which detector.
            seen: Numbers of the classes seen so far.
        """
        listed = (state.detector, seen)
        if listed == self._listed or state.detector is None or self.choice.view().isVisible():
            return
        self._listed = listed
        detector = state.detector
        others = tuple(label for label in range(len(detector.names)) if label not in seen)
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItem(_ANY, None)
        for labels in (seen, others):
            if labels:
                self.choice.insertSeparator(self.choice.count())
            for name, label in sorted((detector.name_of(label), label) for label in labels):
                self.choice.addItem(name, label)
        self.choice.blockSignals(False)
        self.choice.view().setMinimumWidth(self.choice.view().sizeHintForColumn(0) + 32)
        self.show_state(state)

    def _lay_out(self) -> None:
        self.choice.setFixedWidth(128)
        self.choice.setMaxVisibleItems(16)
        self.choice.setStyleSheet(
            "QComboBox { combobox-popup: 0; }"
        )  # or the list of 80 classes is as high as a screen
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.previous, self.choice, self.lost, self.next):
            row.addWidget(widget)
