"""The pages that can lie over the pictures, of which one does at a time."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtWidgets import QWidget

from viewer.session import ViewState
from viewer.session.palette import Action
from viewer.ui.cards import CardsPage
from viewer.ui.command_palette import CommandPalette
from viewer.ui.export_page import ExportPage
from viewer.ui.gallery import GalleryPage
from viewer.ui.openpage import OpenPage
from viewer.ui.page import Page


class Pages(QObject):
    """Brings pages and puts them away.

    Args:
        over: What they lie over.
        actions: Everything that can be done by its name, for the command palette.
    """

    coming = Signal()
    """A page is about to lie over the pictures; whatever lies there goes."""
    brought = Signal()
    """A page lies over the pictures now."""
    left = Signal()
    """No page does any more; the keys belong to somebody else."""

    gallery_left = Signal()
    """Nobody sees the gallery any more; it need not be asked for."""

    def __init__(self, over: QWidget, actions: Callable[[], Sequence[Action]]) -> None:
        super().__init__(over)
        self.open = OpenPage(over)
        self.palette = CommandPalette(over, actions)
        self.cards = CardsPage(over)
        self.gallery = GalleryPage(over)
        self.export = ExportPage(over)
        self._shows_gallery = False
        self._all: tuple[Page, ...] = (self.open, self.palette, self.cards, self.gallery, self.export)
        for page in self._all:
            page.left.connect(self._leave)
        self.gallery.left.connect(self.gallery_left)

    @property
    def current(self) -> Page | None:
        """The page that is seen."""
        return next((page for page in self._all if page.isVisible()), None)

    def bring(self, page: Page) -> None:
        """Lay this page over the pictures, instead of another."""
        gallery_goes = self.gallery.isVisible() and page is not self.gallery
        for other in self._all:
            if other is not page:
                other.setVisible(False)
        self.coming.emit()
        page.bring()
        self.brought.emit()
        if gallery_goes:
            self.gallery_left.emit()

    def put_away(self) -> None:
        """Let no page lie over the pictures."""
        if self.current is not None:
            self.current.put_away()

    def toggle(self, page: Page) -> None:
        """Lay this page over the pictures, or put it away."""
        if page.isVisible():
            page.put_away()
        else:
            self.bring(page)

    def show_state(self, state: ViewState) -> None:
        """Bring every page to what holds; the open page comes by itself where something is asked on it."""
        self.open.show_state(state)
        self.cards.show_state(state)
        if state.asking is not None and not self.open.isVisible():
            self.bring(self.open)
        self._follow_gallery(state.inquiry.gallery is not None)

    def _follow_gallery(self, is_asked: bool) -> None:
        """Bring the gallery when it is asked for, and put it away when it is no more."""
        came, self._shows_gallery = is_asked and not self._shows_gallery, is_asked
        if came:
            self.bring(self.gallery)
        elif not is_asked:
            self.gallery.put_away()

    def resize(self, size: QSize) -> None:
        """Cover this much."""
        for page in self._all:
            page.resize(size)

    def _leave(self) -> None:
        if self.current is None:
            self.left.emit()
