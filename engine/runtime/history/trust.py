"""How far a session's result can be trusted, and what its refusals cost: asked of the recording.

Both take a while over long sessions: call them in a worker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.core.blocked import BlockedEntries
from engine.core.candle_builder import CandleBuilder
from engine.core.doubt import doubt_of
from engine.core.settings_vector import kernel_settings
from engine.domain.columns import SignalColumn
from engine.domain.rows import AT, KIND, RowKind
from engine.errors import Cancelled, Fault
from engine.messages import events as ev
from engine.messages.doubt import BlockedPrice, Doubt
from engine.messages.events import EventKind
from engine.runtime.history.archive import Archived, market_of
from engine.runtime.history.recorded import PriceFloats, bars_in
from engine.runtime.opinions import form_opinion, signals_for
from engine.runtime.sources.strategies import find_strategy, with_signals

Told = Callable[[int, int], None]
"""Told (done, of all) from the worker's thread."""

_TELL_EVERY: Final = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What the strategy asked for at each row of a recording; int32 of the rows' length.

    `whole` is False when only what was acted upon is known: its signals file is gone.
    """

    signals: SignalColumn
    whole: bool = True


def asked_in(session: Archived) -> Asked:
    """The strategy asked again over the session's own candles."""
    settings, rows = session.record.settings, session.rows
    timeframe_ms = settings.timeframe_ms
    bars = bars_in(rows, CandleBuilder(timeframe_ms))
    candles = PriceFloats(settings.scale.price_step).candles(bars, timeframe_ms)
    if not len(candles):
        return Asked(np.zeros(len(rows), np.int32))
    try:
        strategy = with_signals(find_strategy(settings.strategy), settings.signals_path, candles)
        opinion = form_opinion(strategy, settings.params, settings.trade.direction, candles)
    except Fault:
        return Asked(_acted_upon(session), whole=False)
    return Asked(signals_for(rows, opinion))


def doubt_in(session: Archived, asked: Asked) -> Doubt:
    """The ambiguity band of a session."""
    doubt = doubt_of(_vector(session), session.log.table, session.rows.table, asked.signals)
    return doubt if asked.whole else replace(doubt, exact=False)


def blocked_in(
    session: Archived, asked: Asked, told: Told, stop: threading.Event
) -> tuple[BlockedPrice, ...]:
    """What each rule's refused entries would have earned; raises Cancelled after `stop`."""
    entries = BlockedEntries(_vector(session), session.log.table, session.rows.table, asked.signals)
    found = []
    for priced in entries.priced():
        if stop.is_set():
            raise Cancelled("Pricing the blocked signals was cancelled. Nothing was changed.")
        found.append(priced)
        if len(found) % _TELL_EVERY == 0:
            told(len(found), len(entries))
    return entries.totals(found)


def _vector(session: Archived) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    settings = session.record.settings
    return kernel_settings(settings.trade, market_of(settings), settings.timeframe_ms)


def _acted_upon(session: Archived) -> SignalColumn:
    """The accepted signals alone, at the rows that closed their candles."""
    table, log = session.rows.table, session.log.table
    closing = np.flatnonzero((table[:, KIND] == RowKind.BAR) | (table[:, KIND] == RowKind.CLOSED))
    accepted = log[log[:, ev.KIND] == EventKind.SIGNAL]
    places = closing[np.searchsorted(table[closing, AT], accepted[:, ev.ROW_AT])]
    signals = np.zeros(len(table), np.int32)
    np.bitwise_or.at(signals, places, 1 << (accepted[:, ev.ACTION].astype(np.int32) - 1))
    return signals
