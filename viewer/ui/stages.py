"""The panel on the left: which stages are tapped, and how their maps are made and coloured."""

from PySide6.QtCore import QModelIndex, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QIcon, QKeyEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QListView, QToolTip, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.core.messages import FailedPart
from viewer.core.reducer_names import IN_COLOUR
from viewer.core.stage import Stage
from viewer.render import COLORMAPS, lut
from viewer.render.views import MapView
from viewer.session.stage_tree import NO_MATCH, Heading, group_of
from viewer.session.state import ViewState
from viewer.ui import tokens
from viewer.ui.controls import Choice, IconButton, NumberSlider
from viewer.ui.limits import LimitsControl
from viewer.ui.painter import colour_strip
from viewer.ui.preset_row import PresetRow
from viewer.ui.reducer import ReducerControl
from viewer.ui.section import Section
from viewer.ui.stage_painter import StagePainter, question_mark
from viewer.ui.stage_rows import STAGE_ROLE, StageRows
from viewer.ui.stage_search import StageSearch
from viewer.ui.tips import tip

_COLOURS = "Colours of the maps"
_OWN_COLOURS = "This reducer gives three numbers a cell: they are the red, green and blue of its maps"
_NO_STAGES_YET = "Stages appear when the detector is loaded."
_NO_DETECTOR = "No stages: the detector could not be loaded."


class StageList(QListView):
    """The stages; a click or Space on one taps it or lets it go, on a heading it folds what is beneath."""

    tap_wished = Signal(str, bool)
    """Tap the stage at this node, or let it go."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = StageRows(self)
        self.setModel(self.rows)
        self.setItemDelegate(StagePainter(self))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Stages")
        self._pressed_at = QPoint()
        self.clicked.connect(self._click)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        match event.key():
            case keys.Key_Space | keys.Key_Return | keys.Key_Enter:
                self._toggle(self.currentIndex())
            case keys.Key_Left:
                self._fold(self.currentIndex())
            case keys.Key_Right:
                self._unfold(self.currentIndex())
            case keys.Key_Up | keys.Key_Down | keys.Key_PageUp | keys.Key_PageDown:
                super().keyPressEvent(event)
            case _:
                event.ignore()

    def enter(self) -> None:
        """Take the keys, on the first stage that is shown."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.setCurrentIndex(self.rows.index(min(1, self.rows.rowCount() - 1)))

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self.rows.index(0))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def _click(self, index: QModelIndex) -> None:
        """Tap or fold; the question mark of a heading only explains."""
        item = index.data(STAGE_ROLE)
        room = QRectF(self.visualRect(index))
        if isinstance(item, Heading) and question_mark(room, item).contains(QPointF(self._pressed_at)):
            words = index.data(Qt.ItemDataRole.ToolTipRole)
            QToolTip.showText(self.viewport().mapToGlobal(self._pressed_at), words, self.viewport())
        else:
            self._toggle(index)

    def _toggle(self, index: QModelIndex) -> None:
        item = index.data(STAGE_ROLE)
        if isinstance(item, Stage):
            tapped = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
            self.tap_wished.emit(item.node, not tapped)
        elif isinstance(item, Heading):
            self._set_folded(item, not item.folded)

    def _fold(self, index: QModelIndex) -> None:
        """As trees do: from a stage to its heading, and there the group folds."""
        item = index.data(STAGE_ROLE)
        if isinstance(item, Stage):
            self.setCurrentIndex(self.rows.index(self.rows.row_of_group(group_of(item))))
        elif isinstance(item, Heading):
            self._set_folded(item, True)

    def _unfold(self, index: QModelIndex) -> None:
        item = index.data(STAGE_ROLE)
        if isinstance(item, Heading) and item.folded:
            self._set_folded(item, False)
        elif isinstance(item, Heading):
            self.setCurrentIndex(self.rows.index(index.row() + 1))

    def _set_folded(self, heading: Heading, folded: bool) -> None:
        place = self.verticalScrollBar().value()
        self.rows.fold(heading.group, folded)
        self.verticalScrollBar().setValue(place)
        self.setCurrentIndex(self.rows.index(self.rows.row_of_group(heading.group)))


class StagesPanel(QFrame):
    """Stages above, what holds for all of them below."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.search = StageSearch()
        self.presets = PresetRow()
        self.list = StageList()
        self.reducer = ReducerControl()
        self.colormap = Choice("Colour map", _COLOURS, COLORMAPS, [_swatch(name) for name in COLORMAPS])
        self.limits = LimitsControl()
        self.alpha = NumberSlider("Opacity", "Opacity of the maps (hold Shift to hide them)")
        self.fade = IconButton(
            "fade",
            "Fade weak cells",
            "Opacity follows the value, so that weak cells leave the frame visible  ( {fade} )",
            checkable=True,
        )
        self._no_stages = _NO_STAGES_YET
        self._empty = QLabel()
        self._empty.setObjectName("faint")
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(2 * tokens.UNIT, tokens.UNIT, 2 * tokens.UNIT, 0)
        self.maps = Section("Maps", self._maps())
        self._lay_out()
        self.search.changed.connect(self._narrow)
        self.search.entered.connect(self.list.enter)

    def show_state(self, state: ViewState, span: tuple[float, float] = (0.0, 1.0)) -> None:
        """Bring every control to what holds.

        Args:
            state: What holds.
            span: Values between which limits can be held fixed.
        """
        self.list.rows.set_stages(state.stages, state.tapped)
        self.list.rows.set_costs(state.costs, frozenset(state.report.shed.nodes if state.report else ()))
        self._no_stages = "" if state.stages else _NO_DETECTOR if FailedPart.MODEL in state.failed else _NO_STAGES_YET
        self.search.setEnabled(bool(state.stages))
        self._say_if_empty()
        tapped = [stage for stage in state.stages if stage.node in state.tapped]
        self.reducer.show_reducer(state.taps.reducer, tapped)
        self.colormap.set_word(state.colormap)
        self.limits.show_limits(state.taps.limits)
        self.limits.show_span(span, colour_strip(lut(state.colormap, 1.0)))
        self.alpha.set_value(state.alpha)
        self.fade.setChecked(state.fade)
        for control in (self.alpha, self.fade):
            control.setEnabled(state.view is MapView.OVERLAY)  # without a frame beneath, a map is opaque
        self._let_colours(are_chosen=state.taps.reducer not in IN_COLOUR)

    def _let_colours(self, *, are_chosen: bool) -> None:
        """Offer no colours for maps that have their own."""
        if not are_chosen:
            self.fade.setEnabled(False)
        if are_chosen != self.colormap.isEnabled():
            self.colormap.setEnabled(are_chosen)
            tip(self.colormap, _COLOURS if are_chosen else _OWN_COLOURS)

    def _narrow(self, text: str) -> None:
        self.list.rows.search(text)
        self._say_if_empty()

    def _say_if_empty(self) -> None:
        """Say why no stage is listed, where none is."""
        reason = self._no_stages or ("" if self.list.rows.rowCount() else NO_MATCH)
        if reason != self._empty.text():
            self._empty.setText(reason)
        self._empty.setVisible(bool(reason))
        self.list.setVisible(not reason)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, tokens.UNIT, 0, 0)
        column.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(2 * tokens.UNIT, 0, 2 * tokens.UNIT, 4)
        top.setSpacing(tokens.UNIT)
        top.addWidget(self.presets)
        top.addWidget(self.search)
        column.addLayout(top)
        column.addWidget(self._empty)
        column.addWidget(self.list, 1)
        column.addStretch(0)
        column.addWidget(_rule())
        column.addWidget(self.maps)

    def _maps(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(tokens.UNIT)
        choices = (("Reducer", self.reducer), ("Colours", self.colormap), ("Limits", self.limits))
        for row, (name, choice) in enumerate(choices):
            label = _soft(name)
            label.setFixedHeight(tokens.FIELD_HEIGHT)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(choice, row, 1)
        opacity = QHBoxLayout()
        opacity.setSpacing(tokens.UNIT)
        opacity.addWidget(self.alpha, 1)
        opacity.addWidget(self.fade)
        grid.addLayout(opacity, len(choices), 0, 1, 2)
        grid.setColumnStretch(1, 1)
        return box


def _soft(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("soft")
    return label


def _rule() -> QFrame:
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line


def _swatch(name: str) -> QIcon:
    return QIcon(QPixmap.fromImage(colour_strip(lut(name, 1.0)).scaled(32, 8)))
