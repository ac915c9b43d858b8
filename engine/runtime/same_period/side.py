"""One of the two sides: a session's trades, each with what it added to the net result."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from engine.core.metrics.trades import TradeColumns, trades_of
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.market import Market
from engine.domain.money import Scale
from engine.domain.reasons import ExitReason, Side
from engine.domain.settings import TradeSettings
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.own_cash import own_cash_at
from engine.messages.same_period import TradeSeen
from engine.runtime.history.archive import Course


@dataclass(frozen=True, slots=True)
class OneSide:
    """What one side did. `closes` are the moments at which it could decide, int64 increasing."""

    log: IntMatrix
    market: Market
    trade: TradeSettings
    course: Course
    closes: IntColumn

    @property
    def net(self) -> int:
        """Its net result, in product units of its own scale."""
        first, last = self.course.ends
        return last - first


def common_unit(*scales: Scale) -> Decimal:
    """The largest power of ten of which money of all these scales is a whole number."""
    exponents = [scale.product_unit.normalize().as_tuple().exponent for scale in scales]
    return Decimal(1).scaleb(min(int(exponent) for exponent in exponents))


def in_units(count: int, scale: Scale, unit: Decimal) -> int:
    """Product units of `scale` as counts of `unit`, exact."""
    up, down = (scale.product_unit / unit).as_integer_ratio()
    assert down == 1, "the common unit divides every scale"
    return count * up


def trades_seen(side: OneSide, unit: Decimal) -> list[TradeSeen]:
    """Its trades in order of entry; their PnL together is its net result."""
    trades, scale = trades_of(side.log), side.market.scale
    added = _added(side, trades)
    closed = trades.closed
    return [
        TradeSeen(
            side=Side(int(trades.side[place])),
            entry_at=int(trades.entry_at[place]),
            entry_price=scale.price(int(trades.entry_price[place])),
            exit_at=int(trades.exit_at[place]) if closed[place] else None,
            exit_price=scale.price(int(trades.exit_price[place])) if closed[place] else None,
            reason=ExitReason(int(trades.exit_reason[place])) if closed[place] else None,
            amount=scale.amount(int(trades.amount[place])),
            pnl=in_units(added[place], scale, unit),
        )
        for place in range(len(trades))
    ]


def _added(side: OneSide, trades: TradeColumns) -> list[int]:
    """What each trade added to the equity. Nothing else moves it, and at most one trade is open at
    a time: it is the way from the end of the one before to its own."""
    first, last = side.course.ends
    ends = own_cash_at(side.log, trades.exit_row[trades.closed]).tolist()
    if len(ends) < len(trades):
        ends.append(last)
    return [end - before for before, end in zip([first, *ends], ends, strict=False)]


def entries_decided(side: OneSide) -> list[int | None]:
    """When the entry of each trade was decided; None for one that was brought along."""
    intents = np.flatnonzero(side.log[:, ev.KIND] == EventKind.INTENT)
    found: list[int | None] = []
    for row in trades_of(side.log).entry_row.tolist():
        before = int(np.searchsorted(intents, row)) - 1
        brought = before < 0 or side.log[row, ev.KIND] == EventKind.SESSION_STARTED
        found.append(None if brought else int(side.log[intents[before], ev.AT]))
    return found
