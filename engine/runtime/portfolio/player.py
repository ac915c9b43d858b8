"""One bot of a portfolio with everything that the loop needs of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from engine.domain.columns import SignalColumn
from engine.domain.rows import AT, Rows
from engine.errors import Cancelled
from engine.language import tr
from engine.runtime.backtest.recording import Recording
from engine.runtime.backtest.run import Plan, recording_of
from engine.runtime.history.recorded import PriceFloats
from engine.runtime.opinions import Opinion, form_opinion, signals_for


@dataclass(frozen=True, slots=True)
class Player:
    """A bot's plan, its rows from the warm-up on, and its strategy's opinion on them."""

    plan: Plan
    recording: Recording
    opinion: Opinion

    @property
    def played(self) -> Rows:
        """Its rows without the warm-up."""
        return self.recording.rows.part(self.recording.begins)

    @property
    def signals(self) -> SignalColumn:
        """One entry for each of those rows."""
        return signals_for(self.played, self.opinion)

    @property
    def started_at(self) -> int:
        """Market time of its first row."""
        return int(self.played.table[0, AT])

    @property
    def ended_at(self) -> int:
        """Market time of its last close."""
        return int(self.recording.bars.table[-1, AT]) + self.plan.candles.timeframe_ms


def player_of(plan: Plan) -> Player:
    """Rows cut to the range, the strategy asked; raises StrategyFailed or InvalidSetting."""
    recording = recording_of(plan)
    floats = PriceFloats(plan.market.price_step)
    candles = floats.candles(recording.bars, plan.candles.timeframe_ms)
    opinion = form_opinion(plan.strategy, plan.params, plan.trade.direction, candles, plan.followed)
    return Player(plan, recording, opinion)


def check(stop: threading.Event) -> None:
    """Raise Cancelled once `stop` is set."""
    if stop.is_set():
        raise Cancelled(tr("The portfolio backtest was cancelled. Nothing of it was stored."))
