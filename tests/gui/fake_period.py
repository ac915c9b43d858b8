"""A backtest of the same period for the stories: every kind of difference in turn."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from engine.domain.archive import Series
from engine.domain.reasons import ExitReason, Side
from engine.messages import histories as hs
from engine.messages.review import Review
from engine.messages.same_period import Kind, Lacking, SamePeriod, TradeSeen, Twins

MINUTE = 60_000


def period_of(review: Review) -> SamePeriod:
    """The session's closed trades, and what a backtest might have made of them."""
    record, scale = review.record, review.market.scale
    pairs = [_pair(place, one) for place, one in enumerate(_trades(review))]
    step = record.settings.timeframe_ms
    count = max(1, (review.to_at - review.from_at) // step)
    return SamePeriod(
        session_id=record.id,
        from_at=review.from_at,
        to_at=review.to_at,
        source="the archive: binance BTC/USDT 1m",
        timeframe_ms=step,
        candles=count,
        seen=count,
        missing=count // 10,
        revised=3,
        price_places=2,
        coin=review.market.quote_coin,
        unit=scale.product_unit,
        net_here=sum(pair.here.pnl for pair in pairs if pair.here is not None),
        net_there=sum(pair.there.pnl for pair in pairs if pair.there is not None),
        pairs=tuple(pairs),
        lacking=Lacking(Series("binance", "BTC/USDT", step), review.from_at, review.to_at),
    )


def _trades(review: Review) -> list[TradeSeen]:
    scale, table = review.market.scale, review.end().session.trades.rows
    return [
        TradeSeen(
            Side.LONG if row[hs.T_SIDE] > 0 else Side.SHORT,
            row[hs.T_ENTRY_AT],
            scale.price(row[hs.T_ENTRY_PRICE]),
            row[hs.T_EXIT_AT],
            scale.price(row[hs.T_EXIT_PRICE]),
            ExitReason(row[hs.T_REASON]),
            scale.amount(row[hs.T_AMOUNT]),
            row[hs.T_PNL],
        )
        for row in table.tolist()
    ]


def _pair(place: int, here: TradeSeen) -> Twins:
    kind = list(Kind)[place % len(Kind)]
    at, why = here.entry_at, ""
    assert here.exit_at is not None, "only closed ones"
    assert here.exit_price is not None, "only closed ones"
    match kind:
        case Kind.ONLY_HERE:
            why = "The backtest: BUY signal refused by cooldown: 3 of 15 min since the last exit."
            return Twins(here, None, kind, at, 0, why)
        case Kind.ONLY_THERE:
            why = "S-0124 saw no candle close then: it did not run, or had no prices."
            return Twins(None, here, kind, at, 0, why)
        case Kind.REASON:
            at, why = here.exit_at, "Stop loss here, take profit in the backtest."
            there = replace(here, reason=ExitReason.TAKE_PROFIT, pnl=here.pnl + 7_000_000)
        case Kind.TIME:
            at, why = here.exit_at, "Left 2 candles later here."
            there = replace(here, exit_at=at - 2 * MINUTE, pnl=here.pnl - 900_000)
        case Kind.PRICE:
            there = replace(here, entry_price=here.entry_price + 1, pnl=here.pnl + 40_000)
        case Kind.SIZE:
            there = replace(here, amount=here.amount + Decimal("0.001"), pnl=here.pnl + 5_000)
            return Twins(here, there, kind, at, here.pnl - there.pnl)
        case Kind.SAME:
            there = here
    return Twins(here, there, kind, at, 0, why)
