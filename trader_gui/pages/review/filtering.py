"""A step of the funnel as a filter of the lists, seen as a chip in their heads."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from engine.messages.review import Review
from trader_gui.models.funnel import Step, events_about, trades_about
from trader_gui.pages.review.choice_chip import ChoiceChip
from trader_gui.pages.review.funnel import FunnelBlock
from trader_gui.pages.review.trades import TradesPanel
from trader_gui.panels.log_panel import LogPanel


class Filtering(QObject):
    """Keeps funnel, trades and log at the same step, or at none."""

    def __init__(
        self, funnel: FunnelBlock, trades: TradesPanel, log: LogPanel, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._funnel, self._trades, self._log = funnel, trades, log
        self._review: Review | None = None
        self._step: Step | None = None
        self.log_chip = ChoiceChip()
        log.head.row.insertWidget(2, self.log_chip, alignment=Qt.AlignmentFlag.AlignVCenter)
        funnel.chosen.connect(self.filter_by)
        for chip in (trades.chip, self.log_chip):
            chip.cleared.connect(lambda: self.filter_by(None))

    def about(self, review: Review) -> None:
        """Another session: all of it is shown."""
        self._review = review
        self.filter_by(None)

    def filter_by(self, step: Step | None) -> None:
        """Trades and log show only what this step is about; None: everything."""
        review, self._step = self._review, step
        words = "" if step is None else step.words
        self._funnel.show_chosen(step)
        self.log_chip.show_choice(words)
        if step is None or review is None:
            self._trades.set_choice("", None)
            self._log.set_choice(None)
            return
        trades = trades_about(step, review.log.table, review.end().session.trades.rows)
        self._trades.set_choice(words, trades)
        self._log.set_choice(lambda rows: events_about(step, rows, trades))

    def clear(self) -> bool:
        """Take the filter back; False if there is none."""
        filtered = self._step is not None
        if filtered:
            self.filter_by(None)
        return filtered
