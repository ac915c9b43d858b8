"""The history as columns: what a table of a hundred thousand sessions is sorted and searched by.

A `SessionRecord` of each would hold its settings and take a second to make. Here a column is one
array, and a column of texts is the few different ones and where each stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import numpy as np

from engine.domain.bots import Mode
from engine.domain.columns import FloatColumn, IntColumn
from engine.domain.reasons import EndReason
from engine.domain.sessions import SessionStatus

NONE: Final = -1
"""In a column of integers: undefined (a session that runs has no end)."""

INTEGERS: Final = (
    "id",
    "created_at",
    "started_at",
    "ended_at",
    "end_reason",
    "timeframe_ms",
    "bars",
    "trades",
    "wins",
    "net_pnl",
    "fees",
    "equity_first",
    "equity_last",
)
TEXTS: Final = (
    "mode",
    "status",
    "strategy",
    "params",
    "symbol",
    "source",
    "bot_name",
    "money_unit",
    "title",
    "note",
    "tags",
)
FLOATS: Final = ("max_drawdown_pct", "sharpe")
COLUMNS: Final = (*INTEGERS, *FLOATS, *TEXTS)
"""The order of the values of one session, as `History.of` takes them."""

Values = tuple[int | float | str | None, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of texts: row i reads `names[codes[i]]`; the names are different and in order."""

    names: tuple[str, ...]
    codes: IntColumn

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        names = tuple(sorted(set(texts), key=_order))
        places = {name: place for place, name in enumerate(names)}
        return cls(names, np.array([places[text] for text in texts], np.int64))

    def __getitem__(self, row: int) -> str:
        return self.names[int(self.codes[row])]

    def chosen(self, rows: IntColumn, other: Texts) -> Texts:
        """`rows` of this column with all of `other` before it; no name stays without a row."""
        codes = self.codes[rows]
        used = np.bincount(codes, minlength=len(self.names)) > 0
        kept = [name for name, is_used in zip(self.names, used.tolist(), strict=True) if is_used]
        names = tuple(sorted({*kept, *other.names}, key=_order))
        places = {name: place for place, name in enumerate(names)}
        own = np.array([places.get(name, NONE) for name in self.names], np.int64)
        new = np.array([places[name] for name in other.names], np.int64)
        return Texts(names, np.concatenate((new[other.codes], own[codes])))

    def ordered(self, rows: IntColumn) -> Texts:
        return Texts(self.names, self.codes[rows])


_NO_VALUE: Final = (ValueError, TypeError, ArithmeticError)


def _is_unit(text: str) -> bool:
    try:
        return Decimal(text) > 0
    except ArithmeticError:
        return False


_KNOWN: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "mode": frozenset(Mode).__contains__,
        "status": frozenset(SessionStatus).__contains__,
        "money_unit": _is_unit,
    }
)
"""Columns of texts that are not free."""


def _order(text: str) -> tuple[str, str]:
    return text.casefold(), text


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session of the history, without its settings. Money is counts of `money_unit`."""

    id: int
    mode: Mode
    status: SessionStatus
    end_reason: EndReason | None
    bot_name: str
    title: str
    """What a person called it; "" is nothing."""
    strategy: str
    params: str
    """``9/21``."""
    symbol: str
    timeframe_ms: int
    source: str
    created_at: int
    started_at: int
    ended_at: int | None
    bars: int
    trades: int
    wins: int
    net_pnl: int
    fees: int
    equity_first: int
    equity_last: int
    max_drawdown_pct: float | None
    sharpe: float | None
    money_unit: Decimal
    note: str
    tags: tuple[str, ...]

    def money(self, count: int) -> Decimal:
        return self.money_unit * count


@dataclass(frozen=True, slots=True)
class History:
    """All sessions, the newest first. `integers` (NONE where undefined), `floats` (NaN where
    undefined) and `texts` by the names of INTEGERS, FLOATS and TEXTS. All of one length."""

    integers: Mapping[str, IntColumn]
    floats: Mapping[str, FloatColumn]
    texts: Mapping[str, Texts]
    unreadable: tuple[int, ...] = ()
    """Sessions that are stored with values that cannot be: they are in no column."""

    @classmethod
    def of(cls, rows: Sequence[Values]) -> History:
        """From values in the order of COLUMNS, the newest session first. Takes a second for a
        hundred thousand: call it in a worker then."""
        try:
            made = cls._made(rows)
            foreign = made._foreign()
        except _NO_VALUE:
            foreign = cls._found_foreign(rows)
        if not foreign:
            return made
        kept = [row for place, row in enumerate(rows) if place not in foreign]
        gone = tuple(int(rows[place][0] or 0) for place in sorted(foreign))
        return replace(cls._made(kept), unreadable=gone)

    @classmethod
    def _found_foreign(cls, rows: Sequence[Values], first: int = 0) -> set[int]:
        """Places of sessions that cannot be, counted from `first`. Those that cannot even be put
        into columns are found by halves: there are few, and all the others are looked at at once.
        """
        try:
            return {first + place for place in cls._made(rows)._foreign()}
        except _NO_VALUE:
            if len(rows) == 1:
                return {first}
        middle = len(rows) // 2
        before = cls._found_foreign(rows[:middle], first)
        return before | cls._found_foreign(rows[middle:], first + middle)

    def _foreign(self) -> set[int]:
        """Places of sessions with words or codes that do not exist."""
        reasons = self.integers["end_reason"]
        wrong = ~np.isin(reasons, [NONE, *EndReason]) | (self.integers["timeframe_ms"] <= 0)
        for name, known in _KNOWN.items():
            texts = self.texts[name]
            bad = [code for code, one in enumerate(texts.names) if not known(one)]
            wrong |= np.isin(texts.codes, bad)
        return set(np.flatnonzero(wrong).tolist())

    @classmethod
    def _made(cls, rows: Sequence[Values]) -> History:
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
        found = dict(zip(COLUMNS, columns, strict=True))
        integers = {
            name: np.array([NONE if one is None else one for one in found[name]], np.int64)
            for name in INTEGERS
        }
        nothing = float("nan")
        floats = {
            name: np.array([nothing if one is None else one for one in found[name]], np.float64)
            for name in FLOATS
        }
        texts = {name: Texts.of([str(one or "") for one in found[name]]) for name in TEXTS}
        return cls(integers, floats, texts)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def ids(self) -> IntColumn:
        return self.integers["id"]

    def changed(self, now: History, gone: Collection[int]) -> History:
        """With the sessions of `now` in place of what was known of them, without those `gone`."""
        left = np.array(sorted({*gone, *now.unreadable}), np.int64)
        away = np.concatenate((now.ids, left))
        kept = np.flatnonzero(~np.isin(self.ids, away))
        integers = {
            name: np.concatenate((now.integers[name], self.integers[name][kept]))
            for name in INTEGERS
        }
        order = np.argsort(-integers["id"], kind="stable")
        floats = {
            name: np.concatenate((now.floats[name], self.floats[name][kept])) for name in FLOATS
        }
        return History(
            {name: column[order] for name, column in integers.items()},
            {name: column[order] for name, column in floats.items()},
            {name: self.texts[name].chosen(kept, now.texts[name]).ordered(order) for name in TEXTS},
            tuple(sorted({*self.unreadable} - set(away.tolist()) | {*now.unreadable})),
        )

    def line(self, row: int) -> SessionLine:
        """One session, by its place."""
        whole = {name: int(self.integers[name][row]) for name in INTEGERS}
        text = {name: self.texts[name][row] for name in TEXTS}
        real = {name: float(self.floats[name][row]) for name in FLOATS}
        return SessionLine(
            id=whole["id"],
            mode=Mode(text["mode"]),
            status=SessionStatus(text["status"]),
            end_reason=None if whole["end_reason"] == NONE else EndReason(whole["end_reason"]),
            bot_name=text["bot_name"],
            title=text["title"],
            strategy=text["strategy"],
            params=text["params"],
            symbol=text["symbol"],
            timeframe_ms=whole["timeframe_ms"],
            source=text["source"],
            created_at=whole["created_at"],
            started_at=whole["started_at"],
            ended_at=None if whole["ended_at"] == NONE else whole["ended_at"],
            bars=whole["bars"],
            trades=whole["trades"],
            wins=whole["wins"],
            net_pnl=whole["net_pnl"],
            fees=whole["fees"],
            equity_first=whole["equity_first"],
            equity_last=whole["equity_last"],
            **{name: None if one != one else one for name, one in real.items()},
            money_unit=Decimal(text["money_unit"]),
            note=text["note"],
            tags=tuple(text["tags"].split("\n")) if text["tags"] else (),
        )
