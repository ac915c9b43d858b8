"""Groups of trades, worked out plainly for the engine in memory."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.reasons import Side
from engine.messages import histories as hs
from engine.messages.figures import TradeGroup
from engine.messages.review import Review


def sides_of(review: Review) -> tuple[TradeGroup, ...]:
    """The closed trades, long and short."""
    trades, money = review.end().session.trades.rows, review.market.scale.money
    groups: list[TradeGroup] = []
    for side in (Side.LONG, Side.SHORT):
        pnl = trades[trades[:, hs.T_SIDE] == side, hs.T_PNL]
        if len(pnl):
            won, net = int((pnl > 0).sum()), int(pnl.sum())
            lost = -int(pnl[pnl < 0].sum())
            factor = (net + lost) / lost if lost else None
            mean = money(net // len(pnl))
            groups.append(
                TradeGroup(
                    "side",
                    side.name.lower(),
                    len(pnl),
                    won,
                    100 * won / len(pnl),
                    money(net),
                    mean,
                    factor,
                    Decimal(len(pnl)),
                )
            )
    return tuple(groups)
