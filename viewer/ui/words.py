"""Words in as many lines as they need, hidden while there are none."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QSizePolicy
from typing_extensions import override

from viewer.ui import tokens


def sentence(text: str) -> str:
    """What an error says as a sentence: a word begins with a capital, a name such as `yolo11n.pt` stays as it is.

    Errors begin small, for on the command line the program's name stands before them.
    """
    first = text.split(" ", 1)[0].rstrip(",;")
    return text[:1].upper() + text[1:] if first.isalpha() and first.islower() else text


class Words(QLabel):
    """What is told, or asked for, in a panel.

    Args:
        strong: Whether it is set semibold where it tells something.
        small: Whether it is set small, and stands back.
    """

    def __init__(self, *, strong: bool = False, small: bool = False) -> None:
        super().__init__()
        self._size = tokens.TEXT_SMALL if small else tokens.TEXT_BODY
        self._strong = strong
        self._said: tuple[str, bool, str] = ("", False, "")
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFont(self._font)
        self.setObjectName("soft" if small else "")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(self, text: str, *, quiet: bool = False, chip: str = "") -> None:
        """Show this; quietly where it asks for something rather than tells it.

        Args:
            text: The words.
            quiet: Whether they stand back.
            chip: Colour of a square before them; empty for none.
        """
        self.setVisible(bool(text))
        if (text, quiet, chip) == self._said:
            return
        self._said = (text, quiet, chip)
        self.setFont(self._font)
        if chip:
            self.setTextFormat(Qt.TextFormat.RichText)
            self.setText(f'<span style="color:{chip}">\N{BLACK SQUARE}</span>&nbsp; {_escaped(text)}')
        else:
            self.setTextFormat(Qt.TextFormat.PlainText)
            self.setText(text)
        self.setAccessibleName(text)

    @property
    def _font(self) -> QFont:
        _, quiet, _ = self._said
        return tokens.font(self._size, strong=self._strong and not quiet)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.font() != self._font:
            self.setFont(self._font)  # a new style sheet brings back the font that the label had at first

    @override
    def minimumSizeHint(self) -> QSize:
        # How high it must be is a matter of the width it is given; the one it has may be of long ago.
        return QSize(0, self.fontMetrics().lineSpacing())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
