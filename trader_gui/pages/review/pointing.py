"""Where a person points at a moment in a panel of the review: a trade, a log line, a bar."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from engine.language import tr
from engine.messages import histories as hs
from trader_gui import format as fmt
from trader_gui.models.log_model import LogEntry
from trader_gui.models.review_moments import ReviewMoments
from trader_gui.pages.review.trades import TradesPanel
from trader_gui.panels.chart_panel import ChartPanel
from trader_gui.panels.log_panel import LogPanel

Goals = list[tuple[str, int]]
"""Words and the moment they lead to."""


class Pointing(QObject):
    """`chosen(at)`: the cursor shall go to that moment. A double click goes there, the menu of
    what is pointed at offers it."""

    chosen = Signal(object)

    def __init__(
        self, chart: ChartPanel, trades: TradesPanel, log: LogPanel, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._over = parent
        self._chart, self._trades = chart.chart, trades
        self._moments: ReviewMoments | None = None
        self.menu: QMenu | None = None
        """The one that is open, or was opened last."""
        self._chart.trade_opened.connect(self._open_mark)
        self._chart.menu_asked.connect(self._ask_on_chart)
        trades.opened.connect(self._open_trade)
        trades.table.menu_asked.connect(self._ask_on_trade)
        log.opened.connect(self._open_line)
        log.menu_asked.connect(self._ask_on_line)

    def about(self, moments: ReviewMoments) -> None:
        """The session that the panels show."""
        self._moments = moments

    def _open_mark(self, number: int, at: int) -> None:
        """The end of a trade whose marker lies at the bar of `at`."""
        goals = self._of_trade(number)
        if goals:
            self.chosen.emit(min(goals, key=lambda goal: abs(goal[1] - at))[1])

    def _open_trade(self, row: int) -> None:
        """The last that is known of the trade in a row of the table."""
        goals = self._of_trade(self._number(row))
        if goals:
            self.chosen.emit(goals[-1][1])

    def _open_line(self, entry: LogEntry) -> None:
        if self._moments is not None:
            self.chosen.emit(self._moments.of_event(entry.event))

    def _ask_on_trade(self, key: int, where: QPoint) -> None:
        self._offer(self._of_trade(self._number(key - 1)), where)

    def _ask_on_line(self, entry: LogEntry, where: QPoint) -> None:
        if self._moments is not None:
            at = self._moments.of_event(entry.event)
            words = tr("Go to this moment, {time}", time=fmt.log_time(at))
            self._offer([(words, at)], where)

    def _ask_on_chart(self, closed_at: int, number: int, where: QPoint) -> None:
        here = (tr("Go to this moment, {time}", time=fmt.date_time(closed_at)), closed_at)
        self._offer([here, *self._of_trade(number)], where)

    def _number(self, row: int) -> int:
        return int(self._trades.model.rows.table[row, hs.T_NO])

    def _of_trade(self, number: int) -> Goals:
        """Its entry and, where that is over at the cursor, its exit."""
        if self._moments is None or number < 0:
            return []
        table = self._trades.model.rows.table
        mine = table[table[:, hs.T_NO] == number]
        entered, left = self._moments.of_trade(number)
        goals = [(tr("Go to the entry of this trade"), entered)]
        if len(mine) and mine[0, hs.T_EXIT_AT]:
            goals.append((tr("Go to the exit of this trade"), left))
        return goals

    def _offer(self, goals: Goals, where: QPoint) -> None:
        if not goals:
            return
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self._over)
        for words, at in goals:
            self.menu.addAction(words).triggered.connect(
                lambda _=False, at=at: self.chosen.emit(at)
            )
        self.menu.popup(where)
