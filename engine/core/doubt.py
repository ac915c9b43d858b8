"""The ambiguity band: what other legal paths inside the bars could have made of each trade."""

from __future__ import annotations

import numpy as np

from engine.core import settings_vector as setting
from engine.core.bar_paths import Outcome
from engine.core.lone_trade import leaves_only
from engine.core.other_paths import Entry, OtherPaths, last_close, makes_chains
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.positions import worth_at
from engine.domain.reasons import ExitReason
from engine.domain.rows import AT, HIGH, KIND, LOW, RowKind, with_prices
from engine.messages import events as ev
from engine.messages.doubt import Doubt
from engine.messages.events import EventKind


def doubt_of(
    settings: IntColumn, events: IntMatrix, table: IntMatrix, signals: SignalColumn
) -> Doubt:
    """The band of a session that has ended or stands still.

    `settings` are the session's, `events` (n, EVENT_WIDTH), `table` (rows, 6), `signals` (rows,).
    """
    own = table[:, KIND] != RowKind.HISTORY
    rows, asked = (table, signals) if own.all() else (table[own], signals[own])
    certain = _certain(settings, events, rows)
    entries, sure, brought = _entries(events, rows, certain)
    chains = makes_chains(settings)
    doubtful: list[int] = []
    exact, judged = brought is None and not (chains and (entries or sure)), len(sure)
    worst = pnl = best = (brought or 0) + sum(sure)
    explorer = OtherPaths(settings, events, rows, leaves_only(asked)) if entries else None
    for entry in entries:
        assert explorer is not None
        found, whole = explorer.outcomes(entry)
        judged += bool(found)
        exact &= bool(found) and whole
        found.add(entry.assumed)
        if any(outcome != entry.assumed for outcome in found):
            doubtful.append(entry.no)
            exact &= all(end.row_at == entry.assumed.row_at for end in found)
        pnl += entry.assumed.pnl
        worst += min(outcome.pnl for outcome in found)
        best += max(outcome.pnl for outcome in found)
    return Doubt(
        trades=len(doubtful),
        judged=judged,
        pnl_worst=worst,
        pnl=pnl,
        pnl_best=best,
        exact=exact,
        doubtful=np.array(doubtful, np.int64),
    )


def _entries(
    events: IntMatrix, rows: IntMatrix, certain: set[int]
) -> tuple[list[Entry], list[int], int | None]:
    """The trades this session opened: those to be played on other paths, and the PnL of each that
    is `certain`; and the PnL of one that was brought along, if any."""
    kinds = events[:, ev.KIND]
    opened = np.flatnonzero(kinds == EventKind.TRADE_OPENED)
    ends = events[kinds == EventKind.TRADE_CLOSED][:, [ev.TRADE, ev.ROW_AT, ev.CODE, ev.PNL]]
    closed = {no: (row_at, code, pnl) for no, row_at, code, pnl in ends.tolist()}
    begun = events[opened][:, [ev.NO, ev.ROW_AT, ev.SIDE]].tolist()
    intents = events[opened - 2][:, [ev.AMOUNT, ev.PRICE, ev.CASH]].tolist()
    entries, sure = [], []
    for (no, row_at, side), (amount, price, cash) in zip(begun, intents, strict=True):
        end = closed.pop(no, None)
        if no in certain and end is not None:
            sure.append(end[-1])
            continue
        assumed = Outcome(*end) if end else Outcome(0, 0, _mark(events, rows, cash))
        entries.append(Entry(no, row_at, side, amount, price, cash, assumed))
    brought = closed.popitem()[1][-1] if closed else None
    return entries, sure, brought


def _certain(settings: IntColumn, events: IntMatrix, rows: IntMatrix) -> set[int]:
    """Trades that need not be played: their levels never moved with the price, so whatever the
    path they ended in the same bar, and that bar holds one level only."""
    moving = (
        setting.TRAILING_PPM,
        setting.BREAK_EVEN_PPM,
        setting.ADD_COUNT,
        setting.PARTIAL_COUNT,
    )
    if any(settings[place] for place in moving):
        return set()
    closed = np.flatnonzero(events[:, ev.KIND] == EventKind.TRADE_CLOSED)
    orders = events[closed - 2]  # the INTENT: levels as they stood
    priced = np.flatnonzero(with_prices(rows))
    bar = rows[priced[np.searchsorted(rows[priced, AT], orders[:, ev.ROW_AT])]]
    both = (orders[:, ev.CODE] == ExitReason.LIQUIDATION) & (orders[:, ev.STOP] > 0)
    target = orders[:, ev.TARGET]
    for guard in (orders[:, ev.STOP], orders[:, ev.LIQUIDATION]):
        low, high = np.minimum(guard, target), np.maximum(guard, target)
        both |= (low > 0) & (bar[:, LOW] <= low) & (bar[:, HIGH] >= high)
    numbers: list[int] = events[closed[~both], ev.TRADE].tolist()
    return set(numbers)


def _mark(events: IntMatrix, rows: IntMatrix, cash: int) -> int:
    """What the trade that is open at the end stands at, against `cash` before it."""
    hashed = events[events[:, ev.KIND] < ev.OBSERVATIONS]
    row = hashed[-1].tolist()
    worth = worth_at(row[ev.POSITION], row[ev.COST], row[ev.COLLATERAL], last_close(rows))
    return int(row[ev.CASH] + worth - cash)
