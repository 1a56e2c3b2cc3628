"""The two thresholds that decide what counts as a detection, wherever one reads what they did to it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.core.suppression import Suppression
from viewer.session import ViewState
from viewer.ui.controls import NumberSlider

_NO_SUPPRESSION = "Does nothing here: this model's head leaves one box an object, so none is suppressed for its overlap"


class ThresholdSliders(QWidget):
    """Confidence and IoU; both act on the candidates that are kept of a frame, without the network."""

    conf_wished = Signal(float)
    """Take this for the least score of a detection."""
    iou_wished = Signal(float)
    """Take two boxes of a class for one object above this overlap."""

    def __init__(self) -> None:
        super().__init__()
        self.conf = NumberSlider("Confidence", "Least score of a detection", inline=True)
        self.iou = NumberSlider("IoU", "Overlap above which two boxes of one class count as one object", inline=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.conf)
        column.addWidget(self.iou)
        self.conf.changed.connect(self.conf_wished)
        self.iou.changed.connect(self.iou_wished)

    def show_state(self, state: ViewState) -> None:
        """Bring both to what holds."""
        self.conf.set_value(state.thresholds.conf)
        self.iou.set_value(state.thresholds.iou)
        no_suppression = state.detector is not None and state.detector.suppression is Suppression.NONE
        self.iou.set_off(_NO_SUPPRESSION if no_suppression else "")
