"""How far a session's result can be trusted, and what its refusals cost: asked of the recording.

Both take a while over long sessions: call them in a worker.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.core.blocked import BlockedEntries
from engine.core.candle_builder import CandleBuilder
from engine.core.doubt import doubt_of
from engine.core.settings_vector import kernel_settings
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.reasons import Refusal
from engine.domain.rows import AT, closes_candle
from engine.domain.sessions import SessionRecord, SessionSettings
from engine.errors import Cancelled, Fault, FileRefused
from engine.language import tr
from engine.messages import events as ev
from engine.messages.doubt import BlockedPrice, Doubt
from engine.messages.events import EventKind, of_adds
from engine.messages.progress import Told
from engine.runtime.history.archive import Archived, market_of
from engine.runtime.history.offline import broken_off_words
from engine.runtime.history.recorded import PriceFloats, bars_in
from engine.runtime.opinions import form_opinion, signals_for
from engine.runtime.sources.strategies import find_strategy, source_of, with_signals

_TELL_EVERY: Final = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What the strategy asked for at each row of a recording; int32 of the rows' length.

    `whole` is False when only what was acted upon is known: its signals file is gone, or says
    something else by now.
    """

    signals: SignalColumn
    whole: bool = True


def asked_in(session: Archived) -> Asked:
    """The strategy asked again over the session's own candles; FileRefused if its ticks were let
    go, or some were lost: what it did was decided by prices that are not there."""
    if lost := prices_lost(session):
        raise FileRefused(lost)
    settings, rows = session.record.settings, session.rows
    timeframe_ms = settings.timeframe_ms
    bars = bars_in(rows, CandleBuilder(timeframe_ms))
    candles = PriceFloats(settings.scale.price_step).candles(bars, timeframe_ms)
    if not len(candles):
        return Asked(np.zeros(len(rows), np.int32))
    try:
        strategy = with_signals(
            find_strategy(settings.strategy), settings.signals_path, candles, within=True
        )
        opinion = form_opinion(
            strategy, settings.params, settings.trade.direction, candles, session.followed
        )
    except Fault:
        return Asked(acted_upon(session), whole=False)
    asked = signals_for(rows, opinion)
    return Asked(asked) if _agrees(session, asked) else Asked(acted_upon(session), whole=False)


def prices_lost(session: Archived) -> str:
    """Why what it did cannot be judged again; "" where all that it saw is there."""
    return session.let_go_words or broken_off_words(session)


def text_is_its_own(record: SessionRecord) -> bool:
    """Whether the strategy that is asked now is the one that the session ran."""
    try:
        return source_of(find_strategy(record.settings.strategy))[0] == record.strategy_hash
    except Fault:
        return False


def doubt_in(session: Archived, asked: Asked) -> Doubt:
    """The ambiguity band of a session."""
    doubt = doubt_of(vector_of(session), session.log.table, session.rows.table, asked.signals)
    return doubt if asked.whole else replace(doubt, exact=False)


def blocked_in(
    session: Archived, asked: Asked, told: Told, stop: threading.Event
) -> tuple[BlockedPrice, ...]:
    """What each rule's refused entries would have earned; raises Cancelled after `stop`, and
    FileRefused when their signal exits are not all known any more."""
    entries = _blocked_entries(session, asked)
    if len(entries) and not asked.whole:
        raise FileRefused(_lost_words(session.record.settings))
    found = []
    for priced in entries.priced():
        if stop.is_set():
            raise Cancelled(tr("Pricing the blocked signals was cancelled. Nothing was changed."))
        found.append(priced)
        if len(found) % _TELL_EVERY == 0:
            told(len(found), len(entries))
    return entries.totals(found)


def blocked_counts(session: Archived, asked: Asked) -> tuple[BlockedPrice, ...]:
    """How many entries each rule refused, none of them priced."""
    return _blocked_entries(session, asked).totals([])


def _blocked_entries(session: Archived, asked: Asked) -> BlockedEntries:
    return BlockedEntries(vector_of(session), session.log.table, session.rows.table, asked.signals)


def _lost_words(settings: SessionSettings) -> str:
    if settings.signals_path:
        return tr(
            "The signals file is gone or says something else than it did in this session. Its "
            "blocked signals were counted, not priced: when they would have left again "
            "is not known. Put it back as it was, or run a backtest anew."
        )
    return tr(
        "The strategy {strategy} is gone or says something else than it did in this session. Its "
        "blocked signals were counted, not priced: when they would have left again "
        "is not known. Put it back as it was, or run a backtest anew.",
        strategy=settings.strategy,
    )


def vector_of(session: Archived) -> IntColumn:
    settings = session.record.settings
    return kernel_settings(settings.trade, market_of(settings), settings.timeframe_ms)


def _agrees(session: Archived, asked: SignalColumn) -> bool:
    """Whether everything the session judged at a close is asked again now, and nothing else
    while it could act."""
    log = session.log.table
    kind = log[:, ev.KIND]
    judged = judged_at_close(log)
    bits = np.zeros(len(asked), np.int32)
    np.bitwise_or.at(bits, closing_rows(session, judged), _bits(judged))
    if np.any(bits & ~asked):
        return False
    # A run of equal refusals tells its first and its last; what lies between is not compared.
    counted = bool((kind == EventKind.REFUSALS_COUNTED).any())
    ended = log[kind == EventKind.SESSION_ENDED, ev.ROW_AT]
    upto = len(asked)
    if len(ended):
        upto = int(np.searchsorted(session.rows.table[:, AT], ended[-1]))
    return counted or not np.any(asked[:upto] & 15 & ~bits[:upto])


def judged_at_close(log: IntMatrix) -> IntMatrix:
    """The events of what was asked for at a close: what was let through, and what a rule refused
    there. A step that adds was refused at a price."""
    kind = log[:, ev.KIND]
    refused = (kind == EventKind.REFUSAL) & (log[:, ev.CODE] < Refusal.MAX_POSITION)
    judged: IntMatrix = log[(kind == EventKind.SIGNAL) | (refused & ~of_adds(log))]
    return judged


def acted_upon(session: Archived) -> SignalColumn:
    """The accepted signals alone, at the rows that closed their candles."""
    log = session.log.table
    accepted = log[log[:, ev.KIND] == EventKind.SIGNAL]
    signals = np.zeros(len(session.rows), np.int32)
    np.bitwise_or.at(signals, closing_rows(session, accepted), _bits(accepted))
    return signals


def closing_rows(session: Archived, events: IntMatrix) -> IntColumn:
    """Rows that closed the candles at which these events were decided; FileRefused where the
    recording has none of that time."""
    table = session.rows.table
    closing = np.flatnonzero(closes_candle(table))
    found = np.searchsorted(table[closing, AT], events[:, ev.ROW_AT])
    if len(found) and found.max() >= len(closing):
        raise FileRefused(
            tr(
                "The events of this session reach further than its recording: some of either was "
                "changed or lost outside of the program. To have it back, restore a copy from the "
                "folder 'backups' of the data folder."
            )
        )
    places: IntColumn = closing[found]
    return places


def _bits(events: IntMatrix) -> SignalColumn:
    bits: SignalColumn = 1 << (events[:, ev.ACTION].astype(np.int32) - 1)
    return bits
