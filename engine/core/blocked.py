"""What refused entries would have earned: each taken alone, with the same exits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from engine.core import layout as slot
from engine.core.lone_trade import LoneTrades, leaves_only, spreads_after, without_rules
from engine.domain.columns import BoolColumn, IntColumn, IntMatrix, SignalColumn
from engine.domain.positions import worth_at
from engine.domain.reasons import REFUSAL_SLOTS, Action, EndReason, Input, Refusal
from engine.domain.rows import AT, KIND, OPEN, RowKind, closes_candle
from engine.messages import events as ev
from engine.messages.doubt import BlockedPrice
from engine.messages.events import EventKind, refusal_counts

PRICED: Final = frozenset(
    {
        Refusal.COOLDOWN,
        Refusal.MAX_TRADES_PER_DAY,
        Refusal.DAILY_LOSS,
        Refusal.MAX_DRAWDOWN,
        Refusal.STOP_GUARD,
        Refusal.STALE_FEED,
        Refusal.PAUSED,
        Refusal.MAX_SPREAD,
    }
)
"""Rules whose "no" is a matter of choice. The others name an order that could not be."""


class BlockedEntries:
    """The refused entries of one session, to be priced one after the other.

    `settings` are the session's, `events` (n, EVENT_WIDTH), `table` (rows, 6), `signals` (rows,).
    """

    def __init__(
        self, settings: IntColumn, events: IntMatrix, table: IntMatrix, signals: SignalColumn
    ) -> None:
        own = _prices_only(table)
        self._settings = without_rules(settings)
        self._lone = LoneTrades(table[own], leaves_only(signals[own]))
        self._counts = refusal_counts(events)
        codes = np.array(sorted(PRICED), np.int64)
        wanted = (events[:, ev.KIND] == EventKind.REFUSAL) & np.isin(events[:, ev.CODE], codes)
        self._refused = events[wanted & _enters(events)]
        closing = np.flatnonzero(closes_candle(self._lone.table))
        at = self._lone.table[:, AT]
        self._closing, self._closing_at = closing, at[closing]
        self._priced_at = at[self._lone.priced]
        self._spreads = spreads_after(self._lone.table)

    def __len__(self) -> int:
        """How many there are to be priced."""
        return len(self._refused)

    def priced(self) -> Iterator[tuple[int, int | None]]:
        """(Refusal, PnL alone or None if it could not have been filled) of each, in order."""
        for row in self._refused.tolist():
            yield row[ev.CODE], self._price(row)

    def totals(self, found: list[tuple[int, int | None]]) -> tuple[BlockedPrice, ...]:
        """Per rule, in the order in which rules are asked; `found` is what `priced` gave."""
        at: list[list[int]] = [[] for _ in range(REFUSAL_SLOTS)]
        each: list[list[int]] = [[] for _ in range(REFUSAL_SLOTS)]
        for (code, result), moment in zip(found, self._refused[:, ev.AT].tolist(), strict=False):
            if result is not None:
                at[code].append(moment)
                each[code].append(result)
        return tuple(
            BlockedPrice(
                code,
                count,
                len(each[code]),
                sum(each[code]),
                np.array(at[code], np.int64),
                np.array(each[code], np.int64),
            )
            for code, count in enumerate(self._counts.tolist())
            if count
        )

    def _price(self, row: list[int]) -> int | None:
        """Net PnL alone; an entry still open at the end closes at the last price."""
        lone, settings = self._lone, self._settings
        if row[ev.CODE] == Refusal.MAX_SPREAD:  # refused at the price it would have filled at
            start = int(lone.priced[np.searchsorted(self._priced_at, row[ev.ROW_AT])])
        else:
            start = int(self._closing[np.searchsorted(self._closing_at, row[ev.ROW_AT])]) + 1
        place = int(np.searchsorted(lone.priced, start))
        if place == len(lone.priced):
            return None
        cash = _equity(row)
        state = lone.waiting(settings, cash, _side(row), row[ev.AT])
        if len(self._spreads) and start:
            state[slot.SPREAD] = self._spreads[start - 1]
        filled = int(lone.priced[place]) + 1
        lone.play(settings, state, start, filled)
        if state[slot.POSITION] == 0 and not state[slot.ENDED]:
            return None
        lone.play(settings, state, filled, len(lone.table))
        lone.finish(settings, state, EndReason.END_OF_DATA)
        return int(state[slot.CASH]) - cash if state[slot.POSITION] == 0 else None


def _enters(events: IntMatrix) -> BoolColumn:
    """Entries, not additions to a position of the same side."""
    action, position = events[:, ev.ACTION], events[:, ev.POSITION]
    buys = (action == Action.BUY) & (position <= 0)
    shorts = (action == Action.SHORT) & (position >= 0)
    enters: BoolColumn = buys | shorts
    return enters


def _side(row: list[int]) -> int:
    return 1 if row[ev.ACTION] == Action.BUY else -1


def _equity(row: list[int]) -> int:
    """What the session was worth when the rule said no."""
    held = worth_at(row[ev.POSITION], row[ev.COST], row[ev.COLLATERAL], row[ev.PRICE])
    return row[ev.CASH] + held


def _prices_only(table: IntMatrix) -> IntColumn:
    """Places of the rows that a lone trade meets: nobody gives commands to it."""
    is_input = table[:, KIND] == RowKind.INPUT
    kept = ~is_input | (table[:, OPEN] == Input.SPREAD)
    return np.flatnonzero(kept & (table[:, KIND] != RowKind.HISTORY))
