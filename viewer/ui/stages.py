"""The panel on the left: which stages are tapped, and how their maps are made and coloured."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QListView, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.core.messages import FailedPart
from viewer.core.stage import Stage
from viewer.render import COLORMAPS, lut
from viewer.session.state import ViewState
from viewer.ui import tokens
from viewer.ui.controls import Choice, NumberField, NumberSlider, heading
from viewer.ui.limits import LimitsControl
from viewer.ui.painter import colour_strip
from viewer.ui.reducer import ReducerControl
from viewer.ui.stage_rows import STAGE_ROLE, StagePainter, StageRows

_MOST_DETECTIONS = 1000
_NO_STAGES_YET = "Stages appear when the detector is loaded."
_NO_DETECTOR = "No stages: the detector could not be loaded."


class StageList(QListView):
    """The stages; a click or Space on one taps it or lets it go."""

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
        self.clicked.connect(self._toggle)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        if event.key() == keys.Key_Space:
            self._toggle(self.currentIndex())
        elif event.key() in (keys.Key_Up, keys.Key_Down, keys.Key_PageUp, keys.Key_PageDown):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def _toggle(self, index: QModelIndex) -> None:
        stage = index.data(STAGE_ROLE)
        if isinstance(stage, Stage):
            tapped = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
            self.tap_wished.emit(stage.node, not tapped)


class StagesPanel(QFrame):
    """Stages above, what holds for all of them below."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.list = StageList()
        self.reducer = ReducerControl()
        self.colormap = Choice("Colour map", "Colours of the maps", COLORMAPS, [_swatch(name) for name in COLORMAPS])
        self.limits = LimitsControl()
        self.alpha = NumberSlider("Opacity", "Opacity of the maps (hold Shift to hide them)")
        self.conf = NumberSlider("Confidence", "Least score of a detection")
        self.iou = NumberSlider("IoU", "Overlap above which two boxes of one class count as one object")
        self.most = NumberField("Most detections", "Most detections a frame, 1 to 1000", low=1, high=_MOST_DETECTIONS)
        self._empty = QLabel()
        self._empty.setObjectName("faint")
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(2 * tokens.UNIT, tokens.UNIT, 2 * tokens.UNIT, 0)
        self._lay_out()

    def show_state(self, state: ViewState) -> None:
        """Bring every control to what holds."""
        self.list.rows.set_stages(state.stages, state.tapped)
        self.list.rows.set_costs(state.costs, frozenset(state.report.shed.nodes if state.report else ()))
        self._empty.setText(_NO_DETECTOR if FailedPart.MODEL in state.failed else _NO_STAGES_YET)
        self._empty.setVisible(not state.stages)
        self.list.setVisible(bool(state.stages))
        tapped = [stage for stage in state.stages if stage.node in state.tapped]
        self.reducer.show_reducer(state.taps.reducer, tapped)
        self.colormap.set_word(state.colormap)
        self.limits.show_limits(state.taps.limits)
        self.alpha.set_value(state.alpha)
        self.conf.set_value(state.thresholds.conf)
        self.iou.set_value(state.thresholds.iou)
        self.most.set_value(state.thresholds.max_det)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, tokens.UNIT // 2, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._empty)
        column.addWidget(self.list, 1)
        column.addStretch(0)
        column.addWidget(_rule())
        column.addWidget(_group("Maps", self._maps()))
        column.addWidget(_rule())
        column.addWidget(_group("Detections", self._detections()))

    def _maps(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(tokens.UNIT)
        choices = (("Reducer", self.reducer), ("Colours", self.colormap), ("Limits", self.limits))
        for row, (name, choice) in enumerate(choices):
            label = _soft(name)
            label.setFixedHeight(self.colormap.sizeHint().height())
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(choice, row, 1)
        grid.addWidget(self.alpha, len(choices), 0, 1, 2)
        grid.setColumnStretch(1, 1)
        return box

    def _detections(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT)
        column.addWidget(self.conf)
        column.addWidget(self.iou)
        self.most.setFixedWidth(56)
        row = QHBoxLayout()
        row.addWidget(_soft("Most in a frame"))
        row.addWidget(self.most, 0, Qt.AlignmentFlag.AlignRight)
        column.addLayout(row)
        return box


def _soft(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("soft")
    return label


def _group(title: str, content: QWidget) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(2 * tokens.UNIT, tokens.UNIT, 2 * tokens.UNIT, tokens.UNIT + 4)
    column.setSpacing(4)
    column.addWidget(heading(title))
    column.addWidget(content)
    return box


def _rule() -> QFrame:
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line


def _swatch(name: str) -> QIcon:
    return QIcon(QPixmap.fromImage(colour_strip(lut(name, 1.0)).scaled(32, 8)))
