"""One trade selected everywhere: its marker in the chart, its row, its lines in the log."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from trader_gui.models.log_model import LogEntry
from trader_gui.models.review_moments import ReviewMoments
from trader_gui.pages.review.trades import TradesPanel
from trader_gui.panels.chart_panel import ChartPanel
from trader_gui.panels.log_panel import LogPanel


class Linking(QObject):
    """What is clicked in one of the three is selected in the others. `marked()` when it was the
    marker in the chart."""

    marked = Signal()

    def __init__(
        self, chart: ChartPanel, trades: TradesPanel, log: LogPanel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._chart, self._trades, self._log = chart.chart, trades, log
        self._moments: ReviewMoments | None = None
        self._chart.trade_clicked.connect(self._take_mark)
        trades.chosen.connect(self._take_row)
        log.clicked.connect(self._take_line)

    def about(self, moments: ReviewMoments) -> None:
        """Another session: no trade of the one before stays selected."""
        self._moments = moments
        self._chart.select_trade(None)

    def _take_mark(self, number: int) -> None:
        self.marked.emit()
        self._trades.select(number)
        self._select_lines(number)

    def _take_row(self, number: int) -> None:
        self._chart.select_trade(number)
        self._select_lines(number)

    def _take_line(self, entry: LogEntry) -> None:
        """A line that is about no trade leaves what is selected as it is."""
        number = None if self._moments is None else self._moments.trade_of(entry.event)
        if number is not None:
            self._chart.select_trade(number)
            self._trades.select(number)

    def _select_lines(self, number: int) -> None:
        if self._moments is not None:
            self._log.select_events(self._moments.events_of_trade(number))
