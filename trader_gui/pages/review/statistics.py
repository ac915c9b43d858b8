"""Every figure of a session, each with its definition as a tooltip; and its trades in groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from engine.language import tr, trc
from engine.messages.figures import Figure, Statistics
from trader_gui import format as fmt
from trader_gui.models.group_rows import KINDS
from trader_gui.pages.review.asked_when_seen import AskedWhenSeen
from trader_gui.pages.review.groups import GroupsTable
from trader_gui.pages.scrolling import scrolling
from trader_gui.panels.rows import KeyRow
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import frame, label, set_hint, set_tip
from trader_gui.widgets.segmented import SegmentedControl

_COLUMN: Final = 350
_TABLE, _GROUPS = 1, 2
_FIGURES: Final = "figures"
_WHOLE: Final = tr("Whole session")
_TONES: Final = {-1: "down", 0: "text1", 1: "up"}


class StatisticsPanel(AskedWhenSeen):
    """`show_statistics` brings what is asked for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Statistics"), _WHOLE, parent)
        choices = [(_FIGURES, trc("short", "Figures")), *((kind, name) for kind, name, _ in KINDS)]
        self.which = SegmentedControl(tr("Figures, or trades grouped by"), choices)
        set_tip(
            self.which, tr("All figures, or the trades in groups that have something in common.")
        )
        self.which.chosen.connect(self._show_kind)
        self.head.row.addWidget(self.which, alignment=Qt.AlignmentFlag.AlignVCenter)
        self.figures: tuple[Figure, ...] = ()
        self.groups: dict[str, QWidget] = {}
        self._columns = 0
        self._lanes: list[QWidget] = []
        self._coin = ""
        body = frame("panel")
        column = QVBoxLayout(body)
        column.setContentsMargins(14, 12, 14, 12)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(28)
        self._grid.setVerticalSpacing(16)
        column.addLayout(self._grid)
        column.addStretch(1)
        self._stack.addWidget(scrolling(body, column))
        self.groups_table = GroupsTable()
        self._stack.addWidget(self.groups_table)

    def begin(self, coin: str) -> None:
        """Another session, whose money is counted in `coin`: nothing is known of it."""
        self._coin, self.figures = coin, ()
        self._await(tr("Working the figures out."), tr("They stand here in a moment."))

    def show_statistics(self, statistics: Statistics) -> None:
        """The figures under their headings, in the order of each one's first; and the groups."""
        figures = self.figures = statistics.figures
        for group in self.groups.values():
            group.deleteLater()
        names = dict.fromkeys(figure.group for figure in figures)
        self.groups = {
            name: _group(name, [figure for figure in figures if figure.group == name])
            for name in names
        }
        self._columns = 0
        self._place()
        self.groups_table.show_groups(statistics.groups, self._coin)
        self._show_kind(self.which.value)

    def _show_kind(self, kind: str) -> None:
        said = {one: words for one, _, words in KINDS}
        self.note.setText(f"{_WHOLE} {said.get(kind, '')}".strip())
        if kind != _FIGURES:
            self.groups_table.show_kind(kind)
        if self.figures:
            self._show_content(_TABLE if kind == _FIGURES else _GROUPS)

    def show_trouble(self, words: str) -> None:
        """The figures could not be made."""
        self._say(tr("There are no figures."), words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """As many columns as there is room for; each next group goes into the shortest."""
        columns = max(1, self.width() // theme().px(_COLUMN))
        if columns == self._columns or not self.groups:
            return
        self._columns = columns
        lanes: list[list[QWidget]] = [[] for _ in range(columns)]
        for group in self.groups.values():
            min(lanes, key=lambda lane: sum(g.sizeHint().height() + 16 for g in lane)).append(group)
        before, self._lanes = self._lanes, []
        for column, lane in enumerate(lanes):
            holder = QWidget()
            self._lanes.append(holder)
            stack = QVBoxLayout(holder)
            stack.setContentsMargins(0, 0, 0, 0)
            stack.setSpacing(16)
            for group in lane:
                stack.addWidget(group)
            self._grid.addWidget(holder, 0, column, Qt.AlignmentFlag.AlignTop)
        for holder in before:
            self._grid.removeWidget(holder)
            holder.deleteLater()
        for column in range(max(columns, self._grid.columnCount())):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)


def _group(name: str, figures: Sequence[Figure]) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(5)
    column.addWidget(label(name, "strong", "text2"))
    for figure in figures:
        row = KeyRow(figure.label)
        tone = "text3" if figure.text == fmt.UNKNOWN else _TONES[figure.tone]
        row.show_value(figure.text, tone)
        set_hint(row, figure.tip)
        column.addWidget(row)
    return part
