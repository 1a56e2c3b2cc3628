"""The row that names a choice of stages: choose one, save the present one under a name, delete one."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget
from typing_extensions import override

from viewer.ui.controls import Choice, IconButton
from viewer.ui.tips import tip

_TOOLTIP = "A saved choice of stages for networks of this architecture; Suggested is the model's own"

_LEAST_LETTERS = 9
"""`Suggested` can be read; longer names are cut, for the panel is not to grow with them."""


class PresetRow(QWidget):
    """A choice with two buttons; while a name is typed, a field stands in their place."""

    chosen = Signal(str)
    save_wished = Signal(str)
    """Keep the stages that are tapped under this name."""
    delete_wished = Signal()
    left = Signal()
    """The keys belong to somebody else."""

    def __init__(self) -> None:
        super().__init__()
        self.choice = Choice("Preset", _TOOLTIP, ())
        # Of itself it keeps the width that it wanted when it was first asked, empty and not dressed yet.
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(_LEAST_LETTERS)
        self.save = IconButton("add", "Save preset", "Save the tapped stages under a name  ( {name_preset} )", size=24)
        self.delete = IconButton("delete", "Delete preset", "Delete this preset; its stages stay tapped", size=24)
        self.name = _NameField()
        self.name.setVisible(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget, stretch in ((self.choice, 1), (self.name, 1), (self.save, 0), (self.delete, 0)):
            row.addWidget(widget, stretch)
        self.choice.chosen.connect(self.chosen)
        self.save.clicked.connect(self.ask)
        self.delete.clicked.connect(self.delete_wished)
        self.name.returnPressed.connect(lambda: self.save_wished.emit(self.name.text()))
        self.name.escaped.connect(self.end_naming)

    def show_presets(self, names: tuple[str, ...], current: str, *, can_delete: bool) -> None:
        """Bring the choice to what there is and what holds; empty names nothing."""
        if names != tuple(self.choice.itemText(row) for row in range(self.choice.count())):
            with QSignalBlocker(self.choice):
                self.choice.clear()
                self.choice.addItems(names)
        self.choice.setPlaceholderText("Own choice" if names else "Preset")
        row = names.index(current) if current else -1
        if row != self.choice.currentIndex():
            self.choice.setCurrentIndex(row)
        self.choice.setEnabled(bool(names))
        self.save.setEnabled(bool(names))
        self.delete.setEnabled(can_delete)

    def ask(self) -> None:
        """Ask for a name, here and without a dialogue."""
        if self.save.isEnabled():
            self.name.clear()
            self._show_field(True)
            self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def end_naming(self) -> None:
        """Show the choice again; for a name that was taken or given up."""
        if self.name.isVisible():
            self._show_field(False)
            self.left.emit()

    def _show_field(self, shown: bool) -> None:
        self.name.setVisible(shown)
        for widget in (self.choice, self.save, self.delete):
            widget.setVisible(not shown)


class _NameField(QLineEdit):
    escaped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Name, then Enter")
        self.setAccessibleName("Name of the preset")
        tip(self, "A name for the stages that are tapped; Enter saves, Esc leaves  ( {name_preset} )")
        self.setMaxLength(40)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)
