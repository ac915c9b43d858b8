"""Two to six sessions beside each other: their figures, settings and trades as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import Final

import numpy as np

from engine.domain.columns import IntColumn
from engine.domain.reasons import Side
from engine.domain.sessions import SessionRecord, session_label
from engine.errors import Fault, RecordDamaged
from engine.language import tr
from engine.messages.figures import Value
from engine.messages.numbers import UNKNOWN, grouped, money_places, signed

FEWEST: Final = 2
MOST: Final = 6


class SessionsUnread(RecordDamaged):
    """Some of those that were to be compared cannot be read: why, by their numbers. The others can
    be compared."""

    def __init__(self, why: Mapping[int, Fault]) -> None:
        super().__init__(
            " ".join(f"{session_label(one)}: {fault.words}" for one, fault in why.items()),
            details="\n".join(fault.details for fault in why.values() if fault.details),
        )
        self.session_ids = tuple(why)


@dataclass(frozen=True, slots=True)
class TradesTaken:
    """A session's trades in order of entry: int64 columns of one length. `pnl` is counts of the
    session's product unit; it and `exit_at` are zero for one that is open."""

    side: IntColumn
    entry_at: IntColumn
    exit_at: IntColumn
    pnl: IntColumn


@dataclass(frozen=True, slots=True)
class Compared:
    """One of them. `at` (UTC ms) and `equity` (product units) are int64 of one length: the closes
    of its own candles; `first` is the equity it began with."""

    record: SessionRecord
    coin: str
    at: IntColumn
    equity: IntColumn
    first: int
    values: Mapping[str, Value]
    """Its figures by name, as the statistics have them."""
    settings: Mapping[str, str]
    """What decided its result, by name."""
    trades: TradesTaken

    @property
    def start_at(self) -> int:
        return self.record.started_at

    def money(self, count: int) -> Decimal:
        return self.record.settings.scale.money(count)


class Better(Enum):
    """Which of two values is the better one."""

    HIGHER = auto()
    NEITHER = auto()


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One figure of all sessions; `best` are the places of the best ones, empty where none is."""

    label: str
    texts: tuple[str, ...]
    best: frozenset[int]


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting of all sessions."""

    name: str
    texts: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.texts)) > 1


@dataclass(frozen=True, slots=True)
class TradeRow:
    """An entry at one moment, and what came of it in each session: None where it has no such
    trade; an open one has zero."""

    symbol: str
    side: Side
    entry_at: int
    pnl: tuple[Decimal | None, ...]

    @property
    def taken_by(self) -> tuple[int, ...]:
        """Places of the sessions that have it."""
        return tuple(place for place, pnl in enumerate(self.pnl) if pnl is not None)


_Text = Callable[[Decimal, str], str]


def _percent(value: Decimal, coin: str) -> str:
    return f"{grouped(value, 2)} %"


def _change(value: Decimal, coin: str) -> str:
    return f"{signed(value, 2)} %"


def _ratio(value: Decimal, coin: str) -> str:
    return grouped(value, 2)


def _count(value: Decimal, coin: str) -> str:
    return grouped(value, 0)


def _money(value: Decimal, coin: str) -> str:
    return grouped(value, money_places(coin))


def _result(value: Decimal, coin: str) -> str:
    return signed(value, money_places(coin))


_METRICS: Final[tuple[tuple[str, str, int, _Text, Better], ...]] = (
    (tr("Net return"), "return_pct", 1, _change, Better.HIGHER),
    (tr("Max drawdown"), "max_drawdown_pct", -1, _change, Better.HIGHER),
    (tr("Sharpe"), "sharpe", 1, _ratio, Better.HIGHER),
    (tr("Sortino"), "sortino", 1, _ratio, Better.HIGHER),
    (tr("Profit factor"), "profit_factor", 1, _ratio, Better.HIGHER),
    (tr("Win rate"), "win_rate_pct", 1, _percent, Better.HIGHER),
    (tr("Trades"), "trades", 1, _count, Better.NEITHER),
    (tr("Average trade"), "expectancy", 1, _result, Better.HIGHER),
    (tr("Fees paid"), "fees", 1, _money, Better.NEITHER),
    (tr("Time in market"), "exposure_pct", 1, _percent, Better.NEITHER),
)
"""Label, name of the value, its sign here, how it is written, which is the better one."""
_IN_MONEY: Final = (_money, _result)


def metric_rows(sessions: Sequence[Compared]) -> tuple[MetricRow, ...]:
    """The figures. How many trades there were and what they cost has no best; nor has money in
    different coins, nor what is the same in all."""
    coins = {one.coin for one in sessions}
    rows = []
    for label, name, sign, text, better in _METRICS:
        values = [_value(one.values.get(name), sign) for one in sessions]
        texts = tuple(
            UNKNOWN if value is None else text(value, one.coin)
            for value, one in zip(values, sessions, strict=True)
        )
        comparable = better is Better.HIGHER and (len(coins) == 1 or text not in _IN_MONEY)
        rows.append(MetricRow(label, texts, _best(values) if comparable else frozenset()))
    return tuple(rows)


def _value(value: Value, sign: int) -> Decimal | None:
    return None if value is None else sign * Decimal(value)


def _best(values: Sequence[Decimal | None]) -> frozenset[int]:
    known = [value for value in values if value is not None]
    if len(known) < FEWEST or len(set(known)) == 1:
        return frozenset()
    highest = max(known)
    return frozenset(place for place, value in enumerate(values) if value == highest)


def setting_rows(sessions: Sequence[Compared]) -> tuple[SettingRow, ...]:
    """All settings that one of them has, in the order of the first that names it."""
    names = dict.fromkeys(name for one in sessions for name in one.settings)
    return tuple(
        SettingRow(name, tuple(one.settings.get(name, UNKNOWN) for one in sessions))
        for name in names
    )


def trade_rows(sessions: Sequence[Compared]) -> tuple[TradeRow, ...]:
    """Every entry of any of them, in order of time. Trades are the same where symbol, side and
    the moment of entry are."""
    found: dict[tuple[int, str, int], list[Decimal | None]] = {}
    for place, one in enumerate(sessions):
        symbol, taken = one.record.settings.symbol, one.trades
        columns = (taken.entry_at.tolist(), taken.side.tolist(), taken.pnl.tolist())
        for entry_at, side, pnl in zip(*columns, strict=True):
            row = found.setdefault((entry_at, symbol, side), [None] * len(sessions))
            row[place] = (row[place] or Decimal(0)) + one.money(pnl)
    return tuple(
        TradeRow(symbol, Side(side), entry_at, tuple(pnl))
        for (entry_at, symbol, side), pnl in sorted(found.items(), key=lambda each: each[0])
    )


def shared_words(rows: Sequence[TradeRow], sessions: int) -> str:
    """``12 in all, 31 in some, 8 in one only``."""
    taken = np.array([len(row.taken_by) for row in rows], np.int64)
    every, lone = int((taken == sessions).sum()), int((taken == 1).sum())
    words = [tr("{count:,} in all", count=every)]
    if sessions > FEWEST:
        words.append(tr("{count:,} in some", count=len(rows) - every - lone))
    return ", ".join([*words, tr("{count:,} in one only", count=lone)])
