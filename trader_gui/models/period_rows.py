"""A session beside the backtest of its period as two tables: the kinds of difference, and the
pairs of trades."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

import numpy as np

from engine.domain.columns import IntColumn
from engine.domain.money import plain
from engine.domain.reasons import Side
from engine.language import tr, trn
from engine.messages.same_period import Kind, SamePeriod, Share, TradeSeen, Twins
from trader_gui import format as fmt
from trader_gui.models.facts import side_text
from trader_gui.models.table_model import Column, Look, Mask, Values

_SHORT: Final[Mapping[Kind, tuple[str, str]]] = MappingProxyType(
    {
        Kind.ONLY_HERE: (tr("Session only"), "warn"),
        Kind.ONLY_THERE: (tr("Backtest only"), "cyan"),
        Kind.REASON: (tr("Reason"), "text1"),
        Kind.TIME: (tr("Candle"), "text1"),
        Kind.PRICE: (tr("Price"), "text1"),
        Kind.SIZE: (tr("Size"), "text2"),
        Kind.SAME: (tr("Nothing"), "text3"),
    }
)
_ALL: Final = tr("All differences")


@dataclass(frozen=True, eq=False)
class ShareRows:
    """The account: all of it in the first line, then a line for each kind."""

    found: SamePeriod | None = None

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        return () if self.found is None else self.found.shares

    def __len__(self) -> int:
        return 0 if self.found is None else 1 + len(self.shares)

    @property
    def ids(self) -> IntColumn:
        return np.arange(len(self), dtype=np.int64)

    def kind(self, row: int) -> Kind | None:
        """None for the line of all."""
        return self.shares[row - 1].kind if row else None

    def trades(self, row: int) -> int:
        """Pairs that differ, in the line of all; else those of its kind."""
        if row:
            return self.shares[row - 1].trades
        pairs = () if self.found is None else self.found.pairs
        return sum(pair.kind is not Kind.SAME for pair in pairs)

    def money_text(self, row: int) -> str:
        assert self.found is not None, "there are rows"
        count = self.shares[row - 1].money if row else self.found.difference
        return fmt.signed_money(self.found.money(count), self.found.coin)


@dataclass(frozen=True, eq=False)
class PairRows:
    """The pairs, in order of entry."""

    found: SamePeriod | None = None

    @property
    def pairs(self) -> tuple[Twins, ...]:
        return () if self.found is None else self.found.pairs

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def numbers(self) -> IntColumn:
        """1, 2, 3 in order of entry."""
        return np.arange(1, len(self) + 1, dtype=np.int64)

    def showing(self, kind: Kind | None) -> Mask:
        """Those with a share of that kind; None: those that differ at all, or all if none do."""
        if kind is not None:
            wanted = [kind in pair.shares for pair in self.pairs]
        else:
            wanted = [pair.kind is not Kind.SAME for pair in self.pairs]
        return np.array(wanted, np.bool_)

    def money_text(self, count: int) -> str:
        assert self.found is not None, "there are rows"
        return fmt.signed_money(self.found.money(count), self.found.coin)

    def exact(self, count: int) -> str:
        assert self.found is not None, "there are rows"
        return plain(self.found.money(count))

    @property
    def last_at(self) -> int:
        return 0 if self.found is None else self.found.to_at


def share_columns() -> tuple[Column[ShareRows], ...]:
    """The columns of the account."""
    return (
        Column(
            "kind",
            tr("Difference"),
            lambda rows: rows.ids,
            lambda rows, i: _ALL if (kind := rows.kind(i)) is None else _as_title(kind.words),
            strong=lambda rows, i: i == 0,
            width=168,
            wide=True,
            hint=tr("In what both differ. The first that is true names a pair of trades."),
        ),
        Column(
            "trades",
            tr("Trades"),
            lambda rows: np.array([rows.trades(i) for i in range(len(rows))], np.int64),
            lambda rows, i: fmt.count(rows.trades(i)),
            tone=lambda rows, i: "text2",
            right=True,
            width=64,
            hint=tr("How many pairs of trades differ in this."),
        ),
        Column(
            "money",
            tr("Money"),
            _share_money,
            lambda rows, i: rows.money_text(i),
            tone=lambda rows, i: fmt.tone(rows.money_text(i)),
            strong=lambda rows, i: i == 0,
            right=True,
            width=92,
            hint=tr("What the session has more than the backtest."),
        ),
    )


def _as_title(words: str) -> str:
    return words[:1].upper() + words[1:]


def _share_money(rows: ShareRows) -> Values:
    if rows.found is None:
        return np.zeros(0, np.float64)
    counts = [rows.found.difference, *(share.money for share in rows.shares)]
    return np.array(counts, np.float64)


def pair_columns() -> tuple[Column[PairRows], ...]:
    """The columns of the pairs."""
    return (
        Column(
            "at",
            tr("Since"),
            lambda rows: np.array([pair.at for pair in rows.pairs], np.int64),
            lambda rows, i: fmt.day_time(rows.pairs[i].at, rows.last_at),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: fmt.iso(rows.pairs[i].at),
            width=104,
            hint=tr("The first moment at which the two differ; a click goes there."),
        ),
        Column(
            "side",
            tr("Side"),
            lambda rows: np.array([_one(pair).side for pair in rows.pairs], np.int64),
            lambda rows, i: side_text(_is_long(rows, i)),
            look=Look.STRONG,
            tone=lambda rows, i: "up" if _is_long(rows, i) else "down",
            plain=lambda rows, i: "long" if _is_long(rows, i) else "short",
            width=74,
            drops=1,
            hint=tr("Long gains when the price rises, short when it falls."),
        ),
        Column(
            "kind",
            tr("Differs in"),
            lambda rows: np.array([list(Kind).index(pair.kind) for pair in rows.pairs], np.int64),
            lambda rows, i: _SHORT[rows.pairs[i].kind][0],
            tone=lambda rows, i: _SHORT[rows.pairs[i].kind][1],
            plain=lambda rows, i: rows.pairs[i].kind.value,
            width=98,
            hint=tr("In what both differ. The first that is true names a pair of trades."),
        ),
        _pnl("session", tr("Session"), lambda pair: pair.here, tr("Net result in the session.")),
        _pnl(
            "backtest", tr("Backtest"), lambda pair: pair.there, tr("Net result in the backtest.")
        ),
        Column(
            "difference",
            tr("Difference"),
            lambda rows: np.array([pair.difference for pair in rows.pairs], np.float64),
            lambda rows, i: rows.money_text(rows.pairs[i].difference),
            look=Look.STRONG,
            tone=lambda rows, i: fmt.tone(rows.money_text(rows.pairs[i].difference)),
            plain=lambda rows, i: rows.exact(rows.pairs[i].difference),
            right=True,
            width=88,
            hint=tr("Net result in the session less that in the backtest, in the quote coin."),
        ),
        Column(
            "why",
            tr("Why"),
            lambda rows: np.array([pair.why for pair in rows.pairs], np.str_),
            lambda rows, i: rows.pairs[i].why,
            tone=lambda rows, i: "text2",
            width=150,
            wide=True,
            hint=tr("What the other side did at that decision, as far as its events tell."),
        ),
    )


def _pnl(
    key: str, title: str, side: Callable[[Twins], TradeSeen | None], hint: str
) -> Column[PairRows]:
    def values(rows: PairRows) -> Values:
        found = (side(pair) for pair in rows.pairs)
        return np.array([np.nan if one is None else one.pnl for one in found], np.float64)

    def text(rows: PairRows, row: int) -> str:
        one = side(rows.pairs[row])
        return fmt.UNKNOWN if one is None else rows.money_text(one.pnl)

    def exact(rows: PairRows, row: int) -> str:
        one = side(rows.pairs[row])
        return "" if one is None else rows.exact(one.pnl)

    return Column(
        key,
        title,
        values,
        text,
        tone=lambda rows, i: fmt.tone(text(rows, i)),
        plain=exact,
        right=True,
        width=84,
        drops=2,
        hint=hint,
    )


def _one(pair: Twins) -> TradeSeen:
    found = pair.here or pair.there
    assert found is not None, "a pair has a side"
    return found


def _is_long(rows: PairRows, row: int) -> bool:
    return _one(rows.pairs[row]).side is Side.LONG


def results_words(found: SamePeriod) -> str:
    """Both results and what lies between them."""

    def money(count: int) -> str:
        return fmt.signed_money(found.money(count), found.coin)

    return tr(
        "Session {here}, backtest {there}, difference {difference} {coin}",
        here=money(found.net_here),
        there=money(found.net_there),
        difference=money(found.difference),
        coin=found.coin,
    )


def candles_words(found: SamePeriod) -> str:
    """What was played, and how it differs from what the session saw."""
    words = [
        trn(
            "{count:,} candles from {source}.",
            "{count:,} candles from {source}.",
            found.candles,
            source=found.source,
        )
    ]
    if found.missing:
        words.append(
            trn(
                "{count:,} of the {seen} that the session saw are missing there ({share}).",
                "{count:,} of the {seen} that the session saw are missing there ({share}).",
                found.missing,
                seen=fmt.count(found.seen),
                share=fmt.percent(found.missing_pct, 1),
            )
        )
    if found.revised:
        words.append(
            trn(
                "{count:,} has other prices there.",
                "{count:,} have other prices there.",
                found.revised,
            )
        )
    return " ".join([*words, *found.remarks])
