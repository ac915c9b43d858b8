"""What all sets of a sweep have in common, prepared once: the rows, their closes, the candles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.core.layout import new_state
from engine.core.metrics.returns import Days
from engine.core.metrics.summary import Summary
from engine.core.settings_vector import kernel_settings
from engine.core.sweep_figures import FIGURES_WIDTH, closes_in_blocks, ends_of_days, summary_of
from engine.core.sweep_play import play_sets
from engine.core.sweep_sleep import reaches
from engine.domain.candles import Candles
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.rows import AT, CLOSE, Rows
from engine.domain.settings import TradeSettings
from engine.domain.strategy import Params
from engine.runtime.backtest.run import Plan, recording_of
from engine.runtime.history.recorded import PriceFloats
from engine.runtime.opinions import candles_before, form_opinion, signals_for
from engine.runtime.sweep.planning import SweepPlan


class Tape:
    """A recording without its warm-up, ready to be played with any number of sets.

    Nothing changes after it is made, so any number of threads may use it at once.
    """

    def __init__(self, plan: SweepPlan) -> None:
        base = plan.base
        self._plan: Plan = base
        # Each set begins with as many candles before it as it would have alone: an average
        # remembers where it started.
        widest = max((one.params for one in plan.sets), key=self._before)
        recording = recording_of(replace(base, params=widest))
        timeframe_ms = base.candles.timeframe_ms
        rows, begins = recording.rows, recording.begins
        self._rows = Rows(np.ascontiguousarray(rows.table[begins:]), rows.volume[begins:])
        self._reach = reaches(self._rows.table)
        bars = recording.bars.table[recording.bars_from :]
        close_at = bars[:, AT] + timeframe_ms
        self._closes = np.ascontiguousarray(bars[:, CLOSE])
        self._close_blocks = closes_in_blocks(self._closes)
        self._closes_by = np.searchsorted(close_at, self._rows.table[:, AT], side="right")
        self._day, self._day_ends = ends_of_days(int(bars[0, AT]), close_at)
        self._candles: Candles = PriceFloats(base.market.price_step).candles(
            recording.bars, timeframe_ms
        )
        self._bars_from = recording.bars_from
        self.fine = recording.fine
        """How many of the bars finer candles decided, if any were given."""
        self._cash = base.market.scale.money_count(base.trade.cash)

    def __len__(self) -> int:
        return len(self._closes)

    def _before(self, params: Params) -> int:
        return candles_before(self._plan.strategy, params, self._plan.candles.timeframe_ms)

    def opinion(self, params: Params) -> tuple[IntColumn, SignalColumn]:
        """The rows with a signal, rising, and these signals, int32; raises StrategyFailed."""
        strategy = self._plan.strategy
        first = max(0, self._bars_from - self._before(params))
        candles = self._candles.part(first, len(self._candles))
        opinion = form_opinion(
            strategy, params, self._plan.trade.direction, candles, self._plan.followed
        )
        signals = signals_for(self._rows, opinion)
        signal_at = np.flatnonzero(signals)
        return signal_at, signals[signal_at]

    def settings(self, trade: TradeSettings) -> IntColumn:
        return kernel_settings(trade, self._plan.market, self._plan.candles.timeframe_ms)

    def play(
        self, settings: IntMatrix, heard: IntMatrix, signal_at: IntColumn, signals: SignalColumn
    ) -> list[Summary]:
        """The figures of each row of `settings`; row of `heard`: where its signals begin and end
        among `signals`, which are those at the rows `signal_at`."""
        sets = len(settings)
        states = np.tile(new_state(self._cash), (sets, 1))
        figures = np.empty((sets, FIGURES_WIDTH), np.int64)
        deepest = np.empty(sets, np.float64)
        days = np.empty((sets, len(self._day) + 1), np.int64)
        play_sets(
            states,
            settings,
            heard,
            self._rows.table,
            self._reach,
            signal_at,
            signals,
            self._closes,
            self._close_blocks,
            self._closes_by,
            self._day_ends,
            figures,
            deepest,
            days,
        )
        return [
            summary_of(figures[one], float(deepest[one]), Days(self._day, days[one]))
            for one in range(sets)
        ]
