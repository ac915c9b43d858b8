"""A step of the funnel as a filter of the lists, seen as a chip in their heads."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from engine.domain.columns import IntColumn
from engine.messages.review import Review
from engine.messages.snapshot import SessionSnapshot
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
        self._session: SessionSnapshot | None = None
        self._step: Step | None = None
        self._applied: tuple[IntColumn | None] | None = None
        """The trades that the lists are filtered by, once they are."""
        self.log_chip = ChoiceChip()
        log.head.row.insertWidget(2, self.log_chip, alignment=Qt.AlignmentFlag.AlignVCenter)
        funnel.chosen.connect(self.filter_by)
        funnel.span.chosen.connect(lambda _: self._apply())
        for chip in (trades.chip, self.log_chip):
            chip.cleared.connect(lambda: self.filter_by(None))

    def about(self, review: Review) -> None:
        """Another session: all of it is shown."""
        self._review, self._session = review, None
        self.filter_by(None)

    def show_session(self, session: SessionSnapshot) -> None:
        """The session at the cursor: what a step is about is what is known by then."""
        before, self._session = self._session, session
        if before is None or before.log.length != session.log.length:
            self._apply()

    def filter_by(self, step: Step | None) -> None:
        """Trades and log show only what this step is about; None: everything."""
        self._step, self._applied = step, None
        self._funnel.show_chosen(step)
        self.log_chip.show_choice("" if step is None else step.words)
        if step is None or self._review is None:
            self._trades.set_choice("", None)
            self._log.set_choice(None)
        else:
            self._apply()

    def _apply(self) -> None:
        """Of a whole funnel a step is about the whole session, else about what the cursor knows:
        a trade that is open does not tell how it will end."""
        review, step = self._review, self._step
        if review is None or step is None:
            return
        session = self._session
        if session is None or self._funnel.span.value == "whole":
            session = review.end().session
        trades = trades_about(step, session.log.rows, session.trades.rows)
        if self._applied is not None and _same(self._applied[0], trades):
            return
        self._applied = (trades,)
        self._trades.set_choice(step.words, trades)
        self._log.set_choice(lambda rows: events_about(step, rows, trades))

    def clear(self) -> bool:
        """Take the filter back; False if there is none."""
        filtered = self._step is not None
        if filtered:
            self.filter_by(None)
        return filtered


def _same(one: IntColumn | None, other: IntColumn | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)
