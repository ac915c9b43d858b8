"""What a session's strategy saw, asked again over the session's own candles. Only where its text
is the one it was: numbers of another strategy would look just as true."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.core.candle_builder import CandleBuilder
from engine.core.codes import JUDGED_IN_ORDER
from engine.domain.money import decimals
from engine.domain.reasons import Action
from engine.domain.strategy import IndicatorStyle
from engine.errors import Fault
from engine.language import tr
from engine.messages import events as ev
from engine.messages.reason_words import reason_words
from engine.messages.why import Saw, SawColumn
from engine.runtime.history.archive import Archived, market_of
from engine.runtime.history.recorded import PriceFloats, bars_in
from engine.runtime.history.trust import judged_at_close
from engine.runtime.opinions import Opinion, form_opinion
from engine.runtime.sources.strategies import find_strategy, source_of, with_signals
from engine.strategies.reason_text import fill_reason

_NOT_SHOWN: Final = tr("What it saw is not shown, as it might not be what it was.")


@dataclass(frozen=True, slots=True)
class Sight:
    """The opinion of a session's strategy, or in `trouble` the sentence why there is none."""

    opinion: Opinion | None
    price_decimals: int
    trouble: str = ""

    def at(self, cursor: int) -> Saw | None:
        """At the last candle that had closed by `cursor`."""
        bar = self._bar(cursor)
        if self.opinion is None or bar < 0:
            return None
        candles, signals = self.opinion.candles, self.opinion.signals
        plain = IndicatorStyle()
        return Saw(
            int(candles.open_at[bar]) + candles.timeframe_ms,
            tuple(
                SawColumn(
                    name,
                    _known(values, bar),
                    _known(values, bar - 1),
                    signals.styles.get(name, plain).on_price,
                )
                for name, values in signals.indicators.items()
            ),
            _actions(int(self.opinion.packed[bar])),
            reason_words(self._reason(bar)),
        )

    def asked_at(self, close_at: int) -> int:
        """The packed opinion on the candle that closed at that moment; 0 without one."""
        bar = self._bar(close_at)
        if self.opinion is None or bar < 0:
            return 0
        return int(self.opinion.packed[bar])

    def reason_at(self, close_at: int) -> str:
        """Its reason at that close, "" without one."""
        bar = self._bar(close_at)
        return self._reason(bar) if bar >= 0 else ""

    def _bar(self, moment: int) -> int:
        if self.opinion is None:
            return -1
        candles = self.opinion.candles
        opened_by = moment - candles.timeframe_ms
        return int(np.searchsorted(candles.open_at, opened_by, side="right")) - 1

    def _reason(self, bar: int) -> str:
        opinion = self.opinion
        if opinion is None or not opinion.packed[bar] or not opinion.signals.reasons:
            return ""
        return fill_reason(opinion.signals, bar, self.price_decimals)


def sight_of(session: Archived) -> Sight:
    """Ask its strategy again; takes a while on long recordings: call it in a worker."""
    record, settings = session.record, session.record.settings
    places = decimals(market_of(settings).price_step)
    bars = bars_in(session.rows, CandleBuilder(settings.timeframe_ms))
    candles = PriceFloats(settings.scale.price_step).candles(bars, settings.timeframe_ms)
    if not len(candles):
        return Sight(None, places, tr("No candle is recorded of this session yet."))
    try:
        strategy = with_signals(
            find_strategy(settings.strategy), settings.signals_path, candles, within=True
        )
        if source_of(strategy)[0] != record.strategy_hash:
            return Sight(
                None,
                places,
                tr(
                    "The text of the strategy {strategy} is another one than it was in "
                    "this session. {not_shown}",
                    strategy=settings.strategy,
                    not_shown=_NOT_SHOWN,
                ),
            )
        opinion = form_opinion(
            strategy, settings.params, settings.trade.direction, candles, session.followed
        )
    except Fault as fault:
        return Sight(None, places, fault.words)
    if _says_otherwise(session, opinion):
        return Sight(
            None,
            places,
            tr(
                "The strategy {strategy}, asked again, does not give the signals that "
                "are recorded: what it read besides its own text is another. "
                "{not_shown}",
                strategy=settings.strategy,
                not_shown=_NOT_SHOWN,
            ),
        )
    return Sight(opinion, places)


def _says_otherwise(session: Archived, opinion: Opinion) -> bool:
    """Whether a signal that was judged is not given any more."""
    judged = judged_at_close(session.log.table)
    opened = judged[:, ev.AT] - opinion.candles.timeframe_ms
    bars = np.searchsorted(opinion.candles.open_at, opened)
    bars = np.minimum(bars, len(opinion.packed) - 1)
    bits = 1 << (judged[:, ev.ACTION] - 1)
    there = opinion.candles.open_at[bars] == opened
    return bool(np.any(there & (opinion.packed[bars] & bits == 0)))


def _actions(packed: int) -> tuple[Action, ...]:
    return tuple(Action(one) for one in JUDGED_IN_ORDER if packed & 1 << (one - 1))


def _known(values: np.ndarray[tuple[int], np.dtype[np.float64]], bar: int) -> float | None:
    value = float(values[bar]) if bar >= 0 else math.nan
    return value if math.isfinite(value) else None
