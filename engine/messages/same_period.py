"""A bot's session beside a backtest of the same period: trades paired one to one, and how the
pairs differ, in money. Frozen values.

*Here* is the session, *there* the backtest. Money is counts of the comparison's `unit`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.domain.archive import Series
from engine.domain.reasons import ExitReason, Side
from engine.language import tr


class Kind(StrEnum):
    """What a pair differs in. The first that is true of a pair is its kind."""

    ONLY_HERE = "only here"
    ONLY_THERE = "only there"
    REASON = "reason"
    """It was left for another reason."""
    TIME = "time"
    """It was entered or left in another candle."""
    PRICE = "price"
    """Other prices in the same candles, or other costs."""
    SIZE = "size"
    SAME = "same"

    @property
    def words(self) -> str:
        """What a person reads."""
        return _WORDS[self]


_WORDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.ONLY_HERE: tr("only in the session"),
        Kind.ONLY_THERE: tr("only in the backtest"),
        Kind.REASON: tr("left for another reason"),
        Kind.TIME: tr("in another candle"),
        Kind.PRICE: tr("other prices or costs"),
        Kind.SIZE: tr("another size"),
        Kind.SAME: tr("the same"),
    }
)


@dataclass(frozen=True, slots=True)
class TradeSeen:
    """A trade of one side. `exit_at`, `exit_price` and `reason` are None while it is open."""

    side: Side
    entry_at: int
    entry_price: Decimal
    exit_at: int | None
    exit_price: Decimal | None
    reason: ExitReason | None
    amount: Decimal
    pnl: int
    """What it added to the session's net result, an open one at the session's last price."""


@dataclass(frozen=True, slots=True)
class Twins:
    """A trade and what the other side made of it; one of the two may be missing, not both."""

    here: TradeSeen | None
    there: TradeSeen | None
    kind: Kind
    at: int
    """The first moment at which they differ; the entry where they do not."""
    by_size: int
    """The part of the difference that another size makes. Where nothing else differs, all."""
    why: str = ""
    """What the events of both tell about it: a sentence, or "" for nothing."""

    @property
    def difference(self) -> int:
        """What the session has more than the backtest from this trade."""
        here, there = (0 if one is None else one.pnl for one in (self.here, self.there))
        return here - there

    @property
    def shares(self) -> Mapping[Kind, int]:
        """The difference, by what made it."""
        made: dict[Kind, int] = {self.kind: self.difference - self.by_size}
        if self.by_size:
            made[Kind.SIZE] = self.by_size
        return made


@dataclass(frozen=True, slots=True)
class Share:
    """One line of the account: in how many trades a kind of difference shows, and its money."""

    kind: Kind
    trades: int
    money: int


def shares_of(pairs: Iterable[Twins]) -> tuple[Share, ...]:
    """The account, a line for every kind that there is. The money of all lines together is the
    difference of the two net results, to the last count."""
    trades: Counter[Kind] = Counter()
    money: Counter[Kind] = Counter()
    for pair in pairs:
        for kind, part in pair.shares.items():
            trades[kind] += 1
            money[kind] += part
    return tuple(Share(kind, trades[kind], money[kind]) for kind in Kind if trades[kind])


@dataclass(frozen=True, slots=True)
class Lacking:
    """Candles that can be downloaded: [from_at, to_at), UTC ms."""

    series: Series
    from_at: int
    to_at: int


@dataclass(frozen=True, slots=True)
class SamePeriod:
    """A session, the backtest of its period, and their trades in order of entry."""

    session_id: int
    from_at: int
    to_at: int
    """The candles that were played open in [from_at, to_at)."""
    source: str
    """Where they come from, for a person."""
    timeframe_ms: int
    candles: int
    seen: int
    """Candles that the session itself saw in that time."""
    missing: int
    """How many of those the source has not."""
    revised: int
    """How many of those have other prices there."""
    price_places: int
    coin: str
    unit: Decimal
    net_here: int
    net_there: int
    pairs: tuple[Twins, ...]
    remarks: tuple[str, ...] = ()
    lacking: Lacking | None = None
    """What of it can be downloaded, where something is missing."""

    @property
    def difference(self) -> int:
        """What the session came to more than its backtest."""
        return self.net_here - self.net_there

    @property
    def shares(self) -> tuple[Share, ...]:
        return shares_of(self.pairs)

    @property
    def missing_pct(self) -> float | None:
        return 100 * self.missing / self.seen if self.seen else None

    def money(self, count: int) -> Decimal:
        return self.unit * count
