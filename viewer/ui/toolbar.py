"""The row above the pictures: how they are looked at on the left, what is done with them on the right."""

from PySide6.QtWidgets import QFrame, QHBoxLayout

from viewer.session import ViewState
from viewer.ui import tokens
from viewer.ui.controls import IconButton, Readout
from viewer.ui.view_bar import ViewBar


class ToolBar(QFrame):
    """Buttons that wish; moving in time is the transport bar's."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("tools")
        self.tiles = ViewBar()
        self.overlays = IconButton("overlays", "Maps", "Show maps  ( {maps}; hold Shift to hide )", checkable=True)
        self.boxes = IconButton("boxes", "Boxes", "Show boxes  ( {boxes} )", checkable=True)
        self.reset = IconButton("reset", "Whole picture", "Show the whole picture  ( {whole_picture} )")
        self.open = IconButton("open", "Open", "Open a video, camera, address or model  ( {open} )")
        snapshot = (
            "Save all tiles as a picture, with their numbers  ( {still} ),\n"
            "or all that is known of the frame in a folder  ( {inspection} )"
        )
        self.still = IconButton("still", "Snapshot", snapshot)
        self.export = IconButton("export", "Export", "Export as a video with tiles  ( {export} )")
        self.keys = IconButton("keys", "Keys", "All keys  ( {keys} )")
        self.present = IconButton("present", "Presentation", "The pictures alone, on the whole screen  ( {present} )")
        self.settings = IconButton("settings", "Settings", "Theme, defaults and keys  ( {settings} )")
        self._zoom = Readout("Zoom", "0000 %", colour="INK_SOFT")
        self._lay_out()

    def show_state(self, state: ViewState, *, has_frame: bool) -> None:
        """Bring buttons and numbers to what holds."""
        self.overlays.setChecked(state.overlays)
        self.boxes.setChecked(state.boxes)
        self.reset.setEnabled(state.viewport.zoom > 1)
        self._zoom.set_text(f"{state.viewport.zoom * 100:.0f} %")
        self.still.setEnabled(has_frame)
        self.export.setEnabled(state.source is not None and not state.source.is_live)

    def _lay_out(self) -> None:
        self.setFixedHeight(40)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.UNIT, 0, tokens.UNIT, 0)
        row.setSpacing(4)
        for widget in (self.open, self.overlays, self.boxes, self.tiles, self.reset, self._zoom):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self.still, self.export, self.present, self.keys, self.settings):
            row.addWidget(widget)
