"""What the right button, or the menu key, offers on a channel of a list or a gallery."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from viewer.core.alteration import Alteration


class ChannelMenu(QMenu):
    """Opens on one channel of one stage, beside playing and without stopping it.

    Args:
        parent: Whose channels.
    """

    show_wished = Signal(str, int)
    """Show the map of this channel of this stage."""
    mute_wished = Signal(str, int)
    solo_wished = Signal(str, int)
    """Do that to it."""
    restore_wished = Signal(str, int)
    """Leave it as the network makes it."""
    hand_wished = Signal(str, int)
    """Take it in hand, to scale it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._channel = ("", 0)
        self.heading = self.addSection("")
        self.show_it = self.addAction("Show in the stage's tile")
        self.mute = self.addAction("Mute: 0 from here on")
        self.solo = self.addAction("Solo: all others of the stage are 0")
        self.scale = self.addAction("Scale …")
        for toggle in (self.mute, self.solo):
            toggle.setCheckable(True)
        self.show_it.triggered.connect(lambda: self.show_wished.emit(*self._channel))
        self.mute.triggered.connect(lambda on: (self.mute_wished if on else self.restore_wished).emit(*self._channel))
        self.solo.triggered.connect(lambda on: (self.solo_wished if on else self.restore_wished).emit(*self._channel))
        self.scale.triggered.connect(lambda: self.hand_wished.emit(*self._channel))

    def offer(self, node: str, channel: int, point: QPoint, alteration: Alteration) -> None:
        """Open.

        Args:
            node: Its stage.
            channel: Its number.
            point: Where, in pixels of the screen.
            alteration: What is done to channels now.
        """
        self._channel = (node, channel)
        edit = alteration.edit_of(node, channel)
        self.heading.setText(f"Channel {channel} of {node}")
        self.mute.setChecked(edit is not None and edit.factor == 0)
        self.solo.setChecked(edit is not None and edit.solo)
        self.popup(point)
