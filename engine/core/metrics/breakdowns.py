"""The closed trades in groups: by why they ended, why they began, side, symbol, weekday, hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.core.metrics.sums import exact_sum, percent, ratio, rounded
from engine.core.metrics.trades import TradeColumns
from engine.domain.candles import DAY_MS, HOUR_MS
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.reasons import Action, ExitReason, Side
from engine.messages import events as column
from engine.messages.events import EventKind

WEEKDAYS: Final = tuple("monday tuesday wednesday thursday friday saturday sunday".split())
BROUGHT: Final = "brought along"
"""Why a trade began that an earlier session opened."""

ELLIPSIS: Final = "\u2026"

_NOTES_READ: Final = 100
_THURSDAY: Final = 3  # day 0 of 1970


@dataclass(frozen=True, slots=True)
class Group:
    """Closed trades that have one thing in common. Results are net."""

    trades: int
    wins: int
    win_rate_pct: float | None
    net_profit: int
    average: int
    """Net profit / trades, to the nearest unit."""
    profit_factor: float | None
    fees: int


@dataclass(frozen=True, slots=True)
class Breakdowns:
    """Name -> group; only names that occur. Weekday and hour are those of the entry, in UTC."""

    by_exit_reason: Mapping[str, Group]
    by_entry_reason: Mapping[str, Group]
    by_side: Mapping[str, Group]
    by_symbol: Mapping[str, Group]
    by_weekday: Mapping[str, Group]
    by_hour: Mapping[str, Group]


NO_GROUPS: Final = Breakdowns({}, {}, {}, {}, {}, {})


def breakdowns(
    events: IntMatrix, trades: TradeColumns, symbol: str, note: Callable[[int], str]
) -> Breakdowns:
    """Groups of the closed ones of `trades`; `note` gives the text of an event by its index."""
    asked = _entry_signals(events, trades)[trades.closed]
    known = np.maximum(asked, 0)
    reason = np.where(asked < 0, -1, events[known, column.CODE] if len(asked) else 0)
    closed = trades.closed
    entry_at, side = trades.entry_at[closed], trades.side[closed]
    weekday = (entry_at // DAY_MS + _THURSDAY) % 7
    hour = entry_at % DAY_MS // HOUR_MS

    def grouped(keys: IntColumn, name: Callable[[int], str]) -> Mapping[str, Group]:
        return _groups(trades.pnl[closed], trades.fees[closed], keys, name)

    return Breakdowns(
        by_exit_reason=grouped(trades.exit_reason[closed], lambda key: ExitReason(key).code),
        by_entry_reason=grouped(reason, reason_names(asked, reason, note).__getitem__),
        by_side=grouped(side, lambda key: Side(key).name.lower()),
        by_symbol=grouped(np.zeros_like(side), lambda _: symbol),
        by_weekday=grouped(weekday, WEEKDAYS.__getitem__),
        by_hour=grouped(hour, lambda key: f"{key:02}"),
    )


def _groups(
    pnl: IntColumn, fees: IntColumn, keys: IntColumn, name: Callable[[int], str]
) -> dict[str, Group]:
    return {
        name(int(key)): _group(pnl[keys == key], fees[keys == key])
        for key in np.unique(keys).tolist()
    }


def _group(pnl: IntColumn, fees: IntColumn) -> Group:
    wins = int(np.count_nonzero(pnl > 0))
    total = exact_sum(pnl)
    return Group(
        trades=len(pnl),
        wins=wins,
        win_rate_pct=percent(wins, len(pnl)),
        net_profit=total,
        average=rounded(total, len(pnl)),
        profit_factor=ratio(exact_sum(pnl[pnl > 0]), -exact_sum(pnl[pnl < 0])),
        fees=exact_sum(fees),
    )


def _entry_signals(events: IntMatrix, trades: TradeColumns) -> IntColumn:
    """Index of the accepted signal that opened each trade, -1 if an earlier session did."""
    enters = np.isin(events[:, column.ACTION], (Action.BUY, Action.SHORT))
    signals = np.flatnonzero((events[:, column.KIND] == EventKind.SIGNAL) & enters)
    before = np.searchsorted(signals, trades.entry_row) - 1
    found = signals[np.maximum(before, 0)] if len(signals) else before
    return np.asarray(np.where(before < 0, -1, found), np.int64)


def reason_names(asked: IntColumn, reason: IntColumn, note: Callable[[int], str]) -> dict[int, str]:
    """A name for each of the strategy's reasons: the words that all its notes share, with an
    ellipsis where they differ (the numbers of the moment). Some of many notes are enough."""
    names = {-1: BROUGHT}
    for key in np.unique(reason[asked >= 0]).tolist():
        places = asked[(reason == key) & (asked >= 0)]
        some = places[:: 1 + len(places) // _NOTES_READ].tolist()
        names[key] = _shared({note(index) for index in some}) or f"reason {key}"
    taken: set[str] = set()
    for key, name in names.items():
        names[key] = name if name not in taken else f"{name} ({key})"
        taken.add(names[key])
    return names


def _shared(texts: Iterable[str]) -> str:
    words = [text.split() for text in texts]
    shared = [one[0] if len(set(one)) == 1 else ELLIPSIS for one in zip(*words, strict=False)]
    if len({len(one) for one in words}) > 1:
        shared.append(ELLIPSIS)
    return " ".join(shared)
