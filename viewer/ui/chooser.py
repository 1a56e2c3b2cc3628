"""A button that opens the desktop's own dialog for a file or a folder, beside the window: the video plays on."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFileDialog, QPushButton
from typing_extensions import override


class Chooser(QPushButton):
    """What a path can be chosen with instead of typed.

    Args:
        name: What is asked for.
        filters: Kinds of files as Qt spells them; none asks for a folder.
        word: What stands on it.
    """

    picked = Signal(str)
    """The user chose this path."""

    def __init__(self, name: str, filters: tuple[str, ...] = (), *, word: str = "Choose …") -> None:
        super().__init__(word)
        self._name, self._filters = name, filters
        self.dialog: QFileDialog | None = None
        self.begins_at = ""
        """Folder that the dialog shows first, as typed; where it is none, the dialog decides."""
        what = "it in a file dialog" if filters else "the folder in a dialog"
        self.setToolTip(f"{name}: choose {what}  ( Tab walks here, Enter )")
        self.setAccessibleName(f"{name}: choose")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda _: self._ask())

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.dialog is not None:
            self.dialog.hide()  # what asked is not seen any more

    def _ask(self) -> None:
        if self.dialog is None:
            self.dialog = QFileDialog(self, self._name)
            self.dialog.setWindowModality(Qt.WindowModality.NonModal)
            if self._filters:
                self.dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
                self.dialog.setNameFilters(self._filters)
            else:
                self.dialog.setFileMode(QFileDialog.FileMode.Directory)
                self.dialog.setOption(QFileDialog.Option.ShowDirsOnly)
            self.dialog.fileSelected.connect(self.picked)
        folder = Path(self.begins_at).expanduser() if self.begins_at else None
        if folder is not None and folder.is_dir():
            self.dialog.setDirectory(str(folder))
        self.dialog.show()
