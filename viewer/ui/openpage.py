"""The page that opens things, laid over the pictures by Ctrl+O: what was open before, and five ways in."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QWidget
from typing_extensions import override

from viewer.session import ViewState
from viewer.session.offers import MODEL_SUFFIXES, VIDEO_SUFFIXES, Offer, published_models, recent_models, recent_sources
from viewer.session.wanted import RUNS_CODE, Wanted
from viewer.sources.suffixes import IMAGE_SUFFIXES
from viewer.ui.cameras import CameraSearch
from viewer.ui.controls import heading
from viewer.ui.outcome import Outcome
from viewer.ui.page import Page
from viewer.ui.preview import CameraPreview
from viewer.ui.rows import Row, Rows
from viewer.ui.ways_in import CameraIn, PathIn, WayIn

_WIDTH = 640
_ALL = "All files (*)"
_PUBLISHED = "Published, downloaded when opened"


def _filter(words: str, suffixes: frozenset[str]) -> str:
    patterns = [f"*{suffix}" for suffix in sorted(suffixes)]
    return f"{words} ({' '.join([*patterns, *map(str.upper, patterns)])})"


class OpenPage(Page):
    """Shows what can be opened and what has become of it; wishes for more."""

    wished = Signal(object)
    """Open this `Wanted`."""
    allowed = Signal(int)
    """Code that was asked about may be run: 0 for what was wished, 1 and on for what else its file can be opened as."""
    forbidden = Signal()
    """It may not."""
    cancelled = Signal()
    """Give up what is being opened."""
    turned_away = Signal()
    """The user is at something else than what was refused or asked."""

    def __init__(
        self, parent: QWidget, search: CameraSearch | None = None, preview: CameraPreview | None = None
    ) -> None:
        super().__init__(parent, "Open", _WIDTH, cross=True)
        self._offers: list[Offer] = []
        self._published: list[Offer] = []
        self._touched = False
        """Whether the user did anything here since what is being opened was wished for."""
        self._state = ViewState()
        self.recent = Rows("Recent", most=5, by_click=False)
        self._recent_heading = heading("Recent")
        self.published = Rows(_PUBLISHED, most=4, by_click=False)
        self._published_heading = heading(_PUBLISHED)
        self.search = search or CameraSearch()
        self.file = PathIn(
            "Video or image",
            "~/clips/street.mp4",
            "A video or an image. A pattern such as shots/*.png plays all images that match.",
            (_filter("Videos and images", VIDEO_SUFFIXES | IMAGE_SUFFIXES), _ALL),
        )
        self.folder = PathIn(
            "Folder of images", "~/shots", "All images in it, in the order of the numbers in their names."
        )
        self.camera = CameraIn(self.search, preview or CameraPreview())
        self.network = WayIn(
            "Network address",
            "rtsp://192.0.2.7/front",
            "rtsp, http (MJPEG), rtmp, srt, udp or tcp. A password in it is used and not remembered.",
        )
        self.model = PathIn(
            "Model",
            "best.pt, yolo11n.pt, torchvision:fcos_resnet50_fpn",
            f"A file or a known name. A file of Python is run: {RUNS_CODE[0].lower()}{RUNS_CODE[1:]}",
            (_filter("Models", MODEL_SUFFIXES), _ALL),
            is_model=True,
        )
        self.ways: dict[str, WayIn | CameraIn] = {
            "File": self.file,
            "Folder": self.folder,
            "Camera": self.camera,
            "Network": self.network,
            "Model": self.model,
        }
        self.tabs: dict[str, QPushButton] = {}
        self.stack = QStackedWidget()
        self.outcome = Outcome()
        self._lay_out()
        self.recent.picked.connect(lambda row: self._wish(self._offers[row].wanted))
        self.recent.meant.connect(lambda row: self._fill(self._offers[row], self.recent))
        self.published.picked.connect(lambda row: self._wish(self._published[row].wanted))
        self.published.meant.connect(lambda row: self._fill(self._published[row], self.published))
        self.outcome.allowed.connect(self._allow)
        self.outcome.no.clicked.connect(self._refuse)

    def end(self) -> None:
        """Look for no cameras and through none any more."""
        self.search.end()
        self.camera.preview.close_engines()

    def show_way(self, name: str) -> None:
        """Turn to one of the ways in."""
        self.tabs[name].setChecked(True)
        self.stack.setCurrentWidget(self.ways[name])
        self._show_recent()
        self._touch()

    def show_state(self, state: ViewState) -> None:
        """Say what was open before and what has become of what was wished for."""
        before, self._state = self._state, state
        if state.recents is not before.recents:
            self._show_recent()
        if (state.asking, state.opening, state.refusal) != (before.asking, before.opening, before.refusal):
            self._make_room(is_asking=state.asking is not None)
            self.outcome.show_state(state)
            self.place()
            self._follow_question(before, state)
        if state.opening is not None and before.opening is None:
            self._touched = False  # also what was wished for elsewhere, by a drop
        if before.opening is not None and state.opening is None and not self._touched:
            if not state.refusal and state.source is not before.source:
                self.put_away()
            elif state.refusal and self.isVisible():
                self._take_keys()

    def _make_room(self, *, is_asking: bool) -> None:
        """A question stands alone: with a line to type in beside it, nobody knows which button answers it."""
        self.choice.setVisible(not is_asking)
        self.stack.setVisible(not is_asking)
        if is_asking:
            for widget in (self.recent, self._recent_heading, self.published, self._published_heading):
                widget.setVisible(False)
        else:
            self._show_recent()

    def _follow_question(self, before: ViewState, state: ViewState) -> None:
        """Give the keys to what asks, and back to the line when it is answered."""
        if self.isVisible() and state.asking is not None and before.asking is None:
            self.outcome.no.setFocus()
        elif self.isVisible() and state.asking is None and before.asking is not None:
            if before.asking.reducer is None:
                self._take_keys()
            else:
                self.put_away()  # it came to ask, and nothing is opened

    @override
    def take_focus(self) -> None:
        self._touched = True  # who brings it while something is being opened wants something else
        self._take_keys()

    def _take_keys(self) -> None:
        if self._state.asking is not None:
            self.outcome.no.setFocus()
            return
        way = self.stack.currentWidget()
        (way if isinstance(way, WayIn) else self.camera).take_focus()

    def _touch(self) -> None:
        self._touched = True
        if self._state.refusal or self._state.asking is not None:
            self.turned_away.emit()

    def _wish(self, wanted: Wanted | None) -> None:
        self._touched = False
        self.wished.emit(wanted)

    def _fill(self, offer: Offer, rows: Rows) -> None:
        """Write what was clicked into the line of the way that is turned to; cameras have none."""
        self._mark_only(rows)
        wanted, way = offer.wanted, self.stack.currentWidget()
        if not isinstance(way, WayIn):
            self.show_way("File")
            way = self.file
        if wanted is not None:
            way.fill((wanted.model if self._offers_models() else wanted.source) or "", wanted)
            self._touch()

    def _mark_only(self, meant: Rows | None) -> None:
        """Let two lists not look as if both were chosen from; Enter at once takes no model."""
        for rows in (self.recent, self.published):
            if rows is not meant:
                rows.clearSelection()

    def _pick_marked(self) -> None:
        """Enter at once goes on with what was open last; a model has to be named."""
        if not self._offers_models():
            self.recent.pick()

    def _offers_models(self) -> bool:
        return self.stack.currentWidget() is self.model

    def _show_recent(self) -> None:
        recents = self._state.recents
        self._offers = recent_models(recents) if self._offers_models() else recent_sources(recents)
        self._published = published_models(recents) if self._offers_models() else []
        for rows, title, offers in (
            (self.recent, self._recent_heading, self._offers),
            (self.published, self._published_heading, self._published),
        ):
            rows.show_rows([Row(offer.text, offer.detail) for offer in offers])
            rows.setVisible(bool(offers))
            title.setVisible(bool(offers))
        if self._offers_models():
            self._mark_only(None)
        self.place()

    def _allow(self, place: int) -> None:
        asking = self._state.asking
        self.allowed.emit(place)
        if asking is not None and (asking, *asking.instead)[place].reducer is not None:
            self.put_away()  # nothing is opened that would be followed here

    def _refuse(self) -> None:
        if self._state.asking is not None:
            self.forbidden.emit()
        else:
            self.cancelled.emit()

    def _lay_out(self) -> None:
        self.choice = QWidget()
        row = QHBoxLayout(self.choice)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        group = QButtonGroup(self)
        for number, (name, way) in enumerate(self.ways.items()):
            tab = self.tabs[name] = QPushButton(name)
            tab.setObjectName("tab")
            tab.setCheckable(True)
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tab.setToolTip(f"{name}  ( ← → between these )")
            tab.clicked.connect(lambda _: self._take_keys())
            tab.toggled.connect(lambda on, name=name: self.show_way(name) if on else None)
            group.addButton(tab, number)
            row.addWidget(tab)
            self.stack.addWidget(way)
            way.wished.connect(self._wish)
            if isinstance(way, WayIn):
                way.touched.connect(self._touch)
                way.left_empty.connect(self._pick_marked)
                way.moved.connect(lambda step: self.recent.mark(max(0, self.recent.marked + step)))
        row.addStretch(1)
        # First, so that they stay where they are whatever is listed below.
        self.column.addWidget(self.choice)
        self.column.addWidget(self._recent_heading)
        self.column.addWidget(self.recent)
        self.column.addWidget(self._published_heading)
        self.column.addWidget(self.published)
        self.column.addWidget(self.stack)
        self.column.addWidget(self.outcome)
        self.show_way("File")
