"""The menus for what tiles show and how many there are, and the pages where there are more than places."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from viewer.core.cell import extent_words
from viewer.core.geometry import Rect
from viewer.render.grid import lines_used
from viewer.render.views import Grid, MapView
from viewer.ui import tokens
from viewer.ui.controls import IconButton, Readout
from viewer.ui.tips import tip

_VIEWS: dict[str, str] = {
    MapView.OVERLAY: "Map over the frame",
    MapView.MAP: "Map alone",
    MapView.SIDE: "Side by side",
    MapView.SWIPE: "Swipe",
}
_GRIDS: dict[str, str] = {
    Grid.AUTO: "As they fit",
    Grid.ONE: "One",
    Grid.TWO: f"2 {tokens.TIMES} 2",
    Grid.THREE: f"3 {tokens.TIMES} 3",
    Grid.FOUR: f"4 {tokens.TIMES} 4",
    Grid.STRIP: "One large, the others in a strip",
}
_SQUARES = (Grid.TWO, Grid.THREE, Grid.FOUR)


class MenuButton(IconButton):
    """A button whose menu offers one of a few words."""

    chosen = Signal(str)
    """The user chose the entry of this key."""

    def __init__(self, drawing: str, name: str, tooltip: str, entries: Mapping[str, str]) -> None:
        super().__init__(drawing, name, tooltip)
        self.entries = QMenu(self)
        self._group = QActionGroup(self)
        # Owned by this button: entries that belonged to the menu were gone once after long work, menu and all.
        self._texts = dict(entries)
        self._tooltip = tooltip
        self._note: tuple[str, str] = ("", "")
        self._actions = {key: QAction(text, self) for key, text in entries.items()}
        self.entries.addActions(list(self._actions.values()))
        for key, action in self._actions.items():
            action.setCheckable(True)
            action.setData(key)
            self._group.addAction(action)
        self._group.triggered.connect(lambda action: self.chosen.emit(str(action.data())))
        self.setMenu(self.entries)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def set_key(self, key: str) -> None:
        """Tick the entry that holds."""
        self._actions[key].setChecked(True)

    def set_note(self, key: str, note: str) -> None:
        """Say more of the entry of this key, and of no other, in the menu and in the tooltip; empty says nothing."""
        if (key, note) != self._note:
            self._actions[self._note[0] or key].setText(self._texts[self._note[0] or key])
            self._note = key, note
            self._actions[key].setText(f"{self._texts[key]} · {note}" if note else self._texts[key])
            tip(self, f"{self._tooltip}\n{self._texts[key]}: {note}" if note else self._tooltip)


class ViewBar(QWidget):
    """Two menus and, where there are several pages of tiles, the way from one to the next."""

    def __init__(self) -> None:
        super().__init__()
        self.view = MenuButton("view", "How maps are shown", "How maps are shown  ( {next_view} goes round )", _VIEWS)
        self.grid = MenuButton(
            "grid", "Arrangement of tiles", "Arrangement of tiles  ( {next_grid} goes round )", _GRIDS
        )
        self.grid.entries.addSeparator()
        self.reset = QAction("Order of execution again", self)
        self.grid.entries.addAction(self.reset)
        self.previous = IconButton("page_back", "Tiles before", "Tiles before  ( {previous_tiles} )", size=24)
        self.next = IconButton("page_on", "More tiles", "More tiles  ( {next_tiles} )", size=24)
        self._page = Readout("Page of tiles", "0 / 0", colour=tokens.INK_SOFT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.view, self.grid, self.previous, self._page, self.next):
            row.addWidget(widget)

    def show_tiles(
        self, view: MapView, grid: Grid, page: tuple[int, int], areas: Sequence[Rect] = (), *, ordered: bool
    ) -> None:
        """Bring menus and pages to what holds.

        Args:
            view: How tiles show frame and map.
            grid: How they are arranged.
            page: Which page of tiles is shown, 0 for the first, and how many there are.
            areas: Where the tiles of this page lie; none where one fills the window.
            ordered: Whether the user has moved a tile.
        """
        self.view.set_key(view)
        self.grid.set_key(grid)
        self.grid.set_note(grid, _lines_in_words(grid, areas))
        self.reset.setEnabled(ordered)
        number, count = page
        self._page.set_text(f"{number + 1} / {count}")
        for widget in (self.previous, self._page, self.next):
            widget.setVisible(count > 1)
        self.previous.setEnabled(number > 0)
        self.next.setEnabled(number < count - 1)

    @property
    def page_text(self) -> str:
        """The page as shown."""
        return self._page.text


def _lines_in_words(grid: Grid, areas: Sequence[Rect]) -> str:
    """Which lines of a square arrangement are used, where there are fewer tiles than places; else nothing."""
    columns, rows = lines_used(areas)
    if not areas or grid not in _SQUARES or _GRIDS[grid] == f"{columns} {tokens.TIMES} {rows}":
        return ""
    tiles = "1 tile takes" if len(areas) == 1 else f"{len(areas)} tiles take"
    return f"{tiles} {extent_words(rows, columns)}"
