"""How the stages of a detector stand in a list: the rows behind it, with what each says."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from viewer.core.stage import Role, Stage
from viewer.session.costs import FRAMES, Costs
from viewer.session.stage_tree import Group, Heading, Row, stage_rows, why, why_suggested
from viewer.ui import tokens

STAGE_ROLE = Qt.ItemDataRole.UserRole + 1
_ORDER = f" {tokens.TIMES} ".join(("channels", "rows", "columns"))
_Index = QModelIndex | QPersistentModelIndex


class StageRows(QAbstractListModel):
    """Stages under headings that fold: those chosen for the user first, the others by their part of the network."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._folded: frozenset[Group] = frozenset()
        self._search = ""
        self._stages: tuple[Stage, ...] = ()
        self._nodes: dict[Role, tuple[str, ...]] = {}
        self._tapped: frozenset[str] = frozenset()
        self._shed: frozenset[str] = frozenset()
        self._costs = Costs()
        self.widest_share = 0.0

    def set_stages(self, stages: tuple[Stage, ...], tapped: tuple[str, ...]) -> None:
        """Show these stages, checked where they are tapped."""
        if stages != self._stages:
            self._stages = stages
            self._nodes = {role: tuple(stage.node for stage in stages if stage.role is role) for role in Role}
            self.widest_share = max((stage.share for stage in stages), default=0.0)
            self._tapped = frozenset(tapped)
            self._rebuild()
        elif frozenset(tapped) != self._tapped:
            self._tapped = frozenset(tapped)
            self._all_changed()

    def fold(self, group: Group, folded: bool) -> None:
        """Hide the stages of a group, or show them."""
        self._folded = self._folded | {group} if folded else self._folded - {group}
        self._rebuild()

    def search(self, text: str) -> None:
        """Show what is meant by this only; everything where it is empty."""
        if text != self._search:
            self._search = text
            self._rebuild()

    def nodes_of(self, role: Role) -> tuple[str, ...]:
        """Nodes of all stages of a part of the network, from which each is to be told."""
        return self._nodes.get(role, ())

    def tapped_in(self, heading: Heading) -> int:
        """How many stages of a group are tapped."""
        return len(self._tapped & set(heading.nodes))

    def _all_changed(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def _rebuild(self) -> None:
        self.beginResetModel()
        self._rows = stage_rows(self._stages, self._folded, self._search)
        self.endResetModel()

    def set_costs(self, costs: Costs, shed: frozenset[str]) -> None:
        """Show what stages and taps take, and which of the tapped are left out for speed."""
        if (costs, shed) != (self._costs, self._shed):
            before = self._numbers()
            self._costs, self._shed = costs, shed
            for row, (then, now) in enumerate(zip(before, self._numbers(), strict=True)):
                if then != now:
                    self.dataChanged.emit(self.index(row), self.index(row))

    def _numbers(self) -> list[tuple[str, str]]:
        """What each row says of time."""
        return [
            (self.stage_text(row), self.tap_text(row)) if isinstance(row, Stage) else ("", "") for row in self._rows
        ]

    def stage_text(self, stage: Stage) -> str:
        """What the stage takes of a frame's time: in milliseconds once that is measured, until then its share."""
        if not self.widest_share:
            return tokens.NONE  # of an exported program no stage's time can be told
        if not self._costs.forward_ms:
            return f"{stage.share * 100:.1f} %"
        return f"{_number(stage.share * self._costs.forward_ms)} ms"

    def tap_text(self, stage: Stage) -> str:
        """What its tap adds: `+0.04`, in milliseconds; empty where it is not tapped."""
        if stage.node not in self._tapped:
            return ""
        if stage.node in self._shed:
            return "shed"
        spent_ms = self._costs.of(stage.node)
        return "" if spent_ms is None else f"+{_number(spent_ms)}"

    def is_shed(self, stage: Stage) -> bool:
        """Whether it is tapped by wish and left out for speed."""
        return stage.node in self._tapped & self._shed

    def row_of(self, node: str) -> int:
        """Row of a stage; -1 if there is none."""
        return next((row for row, item in enumerate(self._rows) if isinstance(item, Stage) and item.node == node), -1)

    def row_of_group(self, group: Group) -> int:
        """Row of a heading; -1 if there is none."""
        return next(
            (row for row, item in enumerate(self._rows) if isinstance(item, Heading) and item.group is group), -1
        )

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self._rows[index.row()]
        if role == STAGE_ROLE:
            return item
        if isinstance(item, Heading):
            return self._heading_data(item, role)
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if item.node in self._tapped else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{item.title} {item.node}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(self._tooltip(item))
        return None

    def _heading_data(self, heading: Heading, role: int) -> str | None:
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{heading.group}, {self.tapped_in(heading)} of {len(heading.nodes)} tapped"
        if role == Qt.ItemDataRole.ToolTipRole:
            does = "Click to show them  ( → )" if heading.folded else "Click to fold  ( ← )"
            return f"{why_suggested(self._stages)}\n{does}" if heading.group is Group.SUGGESTED else does
        return None

    def _tooltip(self, stage: Stage) -> list[str]:
        lines = [
            f"{stage.node} · {stage.kind}",
            f"{stage.role}, stride {stage.stride}, {describe_shape(stage)} ({_ORDER})",
        ]
        if self.widest_share:
            lines.append(f"{stage.share * 100:.1f} % of the forward time, measured when the network was loaded")
        else:
            lines.append("Its time cannot be told from that of the others in a network of this format")
        if self.widest_share and (forward_ms := self._costs.forward_ms):
            took = f"{stage.share * forward_ms:.2f} ms of {forward_ms:.1f} ms"
            lines.append(f"{took}: that share of the forward's median over the last {FRAMES} frames")
        spent_ms = self._costs.of(stage.node)
        if self.is_shed(stage):
            lines.append("Left out for the moment, so that playing holds the source's rate")
        elif stage.node in self._tapped and spent_ms is not None:
            lines.append(f"Its tap adds {spent_ms:.3f} ms a frame: time in its hook, median over the last {FRAMES}")
        reason = why(stage)
        return [*lines, *([reason] if reason else []), "Click to show or hide its map  ( Space )"]

    @override
    def flags(self, index: _Index) -> Qt.ItemFlag:
        if isinstance(self._rows[index.row()], Heading):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable


def _number(spent_ms: float) -> str:
    """Milliseconds in the room of `99.99`, which is what the columns have."""
    return f"{spent_ms:.2f}" if spent_ms < 99.995 else f"{spent_ms:.1f}" if spent_ms < 999.95 else f"{spent_ms:.0f}"


def describe_shape(stage: Stage) -> str:
    """Channels, rows and columns of a stage's output."""
    return tokens.TIMES.join(map(str, (stage.channels, *stage.map_hw)))
