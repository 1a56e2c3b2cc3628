"""The page that tells why something was found or was not: a section for each question, quiet until it is asked."""

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from viewer.core.packet import FramePacket
from viewer.core.region import Region
from viewer.render.plan import RenderPlan
from viewer.session import ViewState
from viewer.ui.explain_section import ExplainSection
from viewer.ui.miss_section import MissSection
from viewer.ui.scroll import Scroll


class WhyPage(QFrame):
    """Sections, one below the other."""

    def __init__(self) -> None:
        super().__init__()
        self.explain = ExplainSection()
        self.miss = MissSection()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.explain)
        column.addWidget(self.miss)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.scroller = Scroll(content)
        outer.addWidget(self.scroller)
        self._region: Region | None = None

    def show_plan(
        self, state: ViewState, _plan: RenderPlan, packet: FramePacket | None, *, legible: bool = True
    ) -> None:
        """Bring the sections to this frame, see `viewer.ui.side.SidePage`."""
        if legible:
            self.explain.show_state(state, packet)
            self.miss.show_state(state, packet)
            self._reveal(state.inquiry.region)

    def _reveal(self, region: Region | None) -> None:
        """Show the answer for a place that is asked about now, however much is told above it."""
        if region != self._region:
            self._region = region
            if region is not None:
                self.scroller.reveal(self.miss)
