"""What the closed trades came to, and what the fills cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.core.metrics.statistics import longest_run, quality_number, runs_z_score, t_test_p_value
from engine.core.metrics.sums import exact_product, exact_sum, percent, ratio, rounded
from engine.core.metrics.trades import TradeColumns
from engine.domain.columns import BoolColumn, IntMatrix
from engine.domain.reasons import Action, Side
from engine.messages import events as column
from engine.messages.events import EventKind


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Figures of the closed trades, by their net result. Means of money are rounded to the
    nearest unit, half away from zero."""

    wins: int
    losses: int
    evens: int
    """Ended at exactly zero."""
    gross_profit: int
    gross_loss: int
    """Zero or below."""
    average_win: int | None
    average_loss: int | None
    """Below zero."""
    best_trade: int | None
    worst_trade: int | None
    trades_long: int
    trades_short: int
    win_rate_long_pct: float | None
    win_rate_short_pct: float | None
    payoff_ratio: float | None
    """Average win / average loss."""
    expectancy: int | None
    """Mean result of a trade: win rate x average win - loss rate x average loss (Van Tharp)."""
    expectancy_ratio: float | None
    """Expectancy / average loss."""
    win_streak: int
    loss_streak: int
    sqn: float | None
    z_score: float | None
    p_value: float | None
    """Two-sided one-sample t-test of the mean result against zero."""
    average_holding_ms: int | None
    median_holding_ms: int | None
    longest_holding_ms: int | None


def outcomes(trades: TradeColumns) -> Outcomes:
    """Figures of the closed ones of `trades`."""
    closed = trades.closed
    pnl, side = trades.pnl[closed], trades.side[closed]
    won, lost = pnl > 0, pnl < 0
    wins, losses = int(np.count_nonzero(won)), int(np.count_nonzero(lost))
    profit, loss = exact_sum(pnl[won]), exact_sum(pnl[lost])
    long, short = side == Side.LONG, side == Side.SHORT
    held = trades.exit_at[closed] - trades.entry_at[closed]
    quality = quality_number(pnl)
    mean_win = profit / wins if wins else 0.0
    mean_loss = -loss / losses if losses else 0.0
    count = len(pnl)
    return Outcomes(
        wins=wins,
        losses=losses,
        evens=count - wins - losses,
        gross_profit=profit,
        gross_loss=loss,
        average_win=rounded(profit, wins) if wins else None,
        average_loss=rounded(loss, losses) if losses else None,
        best_trade=int(pnl.max()) if count else None,
        worst_trade=int(pnl.min()) if count else None,
        trades_long=int(np.count_nonzero(long)),
        trades_short=int(np.count_nonzero(short)),
        win_rate_long_pct=_won_pct(won, long),
        win_rate_short_pct=_won_pct(won, short),
        payoff_ratio=ratio(mean_win, mean_loss) if wins else None,
        expectancy=rounded(profit + loss, count) if count else None,
        expectancy_ratio=ratio((profit + loss) / count, mean_loss) if count else None,
        win_streak=longest_run(won),
        loss_streak=longest_run(lost),
        sqn=quality,
        z_score=runs_z_score(pnl),
        p_value=None if quality is None else t_test_p_value(quality, count - 1),
        average_holding_ms=rounded(exact_sum(held), count) if count else None,
        median_holding_ms=round(float(np.median(held))) if count else None,
        longest_holding_ms=int(held.max()) if count else None,
    )


def _won_pct(won: BoolColumn, among: BoolColumn) -> float | None:
    return percent(int(np.count_nonzero(won & among)), int(np.count_nonzero(among)))


@dataclass(frozen=True, slots=True)
class Costs:
    """Money of all fills and fundings, of open trades too."""

    slippage: int
    """What fills were worse than the price before slippage and spread. A liquidation held at what
    the position had set aside counts as zero, not as a gain."""
    funding: int
    """Above zero when received."""
    turnover: int
    """Amount x price of all fills."""


def costs(events: IntMatrix) -> Costs:
    """Costs told in an event matrix (n, EVENT_WIDTH), apart from fees (see Summary)."""
    fills = events[events[:, column.KIND] == EventKind.FILL]
    buys = np.isin(fills[:, column.ACTION], (Action.BUY, Action.COVER))
    worse = np.where(buys, 1, -1) * (fills[:, column.PRICE] - fills[:, column.LIMIT])
    funded = events[events[:, column.KIND] == EventKind.FUNDING_PAID]
    amount = fills[:, column.AMOUNT]
    return Costs(
        slippage=exact_sum(exact_product(amount, np.maximum(worse, 0))),
        funding=exact_sum(funded[:, column.PNL]),
        turnover=exact_sum(exact_product(amount, fills[:, column.PRICE])),
    )
