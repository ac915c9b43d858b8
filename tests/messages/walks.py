"""Sessions in which everything happens: several fills in and out, margin, funding, news.

Random walks through the kernel, with settings as a trader makes them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import numpy as np

from engine.core import layout as slot
from engine.core.settings_vector import kernel_settings
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.market import Market
from engine.domain.reasons import EndReason, Input, Refusal
from engine.domain.rows import RowKind
from engine.domain.settings import (
    AddStep,
    FeeCoin,
    PartialTarget,
    PathRule,
    StopGuard,
    TargetStep,
    TradeSettings,
)
from engine.runtime.deciding import Decider

MINUTE: Final = 60_000
BEGINS_AT: Final = 1_640_995_200_000
MARKET: Final = Market("BTC/USDT", Decimal("0.01"), Decimal("0.0001"), Decimal("0.00000001"))

_STEPS: Final = TradeSettings(
    position_pct=Decimal(5),
    maker_fee_pct=Decimal("0.02"),
    slippage_pct=Decimal("0.01"),
    stop_loss_pct=Decimal(5),
    take_profit_pct=Decimal(3),
    partial_targets=(
        PartialTarget(Decimal("0.6"), Decimal(30)),
        PartialTarget(Decimal("1.2"), Decimal(30)),
        PartialTarget(Decimal("1.9"), Decimal("0.5")),
    ),
    adds=(
        AddStep(Decimal("0.7"), Decimal(1)),
        AddStep(Decimal("1.5"), Decimal("1.3")),
        AddStep(Decimal(3), Decimal(2)),
    ),
)
SETTINGS: Final = (
    _STEPS,
    replace(_STEPS, fee_coin=FeeCoin.BASE, break_even_pct=Decimal("0.9"), path=PathRule.NEAREST),
    replace(
        _STEPS,
        leverage=5,
        target_steps=(TargetStep(30, Decimal(1)), TargetStep(90, Decimal(0))),
    ),
    replace(
        _STEPS,
        leverage=50,
        position_pct=Decimal(1),
        adds=(),
        stop_loss_pct=None,
        trailing_pct=Decimal("0.8"),
        trailing_activate_pct=Decimal("0.4"),
        trailing_before_pct=Decimal("2.5"),
    ),
    replace(
        _STEPS,
        stop_loss_pct=Decimal("0.8"),
        daily_loss_pct=Decimal("0.3"),
        max_drawdown_pct=Decimal(1),
        stop_guard=StopGuard(2, 120),
        max_spread_pct=Decimal("0.05"),
        cooldown_min=3,
        time_limit_min=120,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Walk:
    """One session as the kernel wrote it; `state` is the kernel's after its last event."""

    trade: TradeSettings
    events: IntMatrix
    state: IntColumn
    rows: IntMatrix


def walk(
    seed: int,
    *,
    rows: int = 900,
    state: IntColumn | None = None,
    end: EndReason | None = EndReason.END_OF_DATA,
) -> Walk:
    """Settings number `seed` (they repeat) over prices of that seed; `state` goes on from there,
    with the prices that follow. None as `end` leaves the session open."""
    trade = SETTINGS[seed % len(SETTINGS)]
    cash = MARKET.scale.money_count(trade.cash)
    vector = kernel_settings(trade, MARKET, MINUTE)
    table, signals = _path(seed, rows, state)
    decider = Decider(vector, slot.new_state(cash) if state is None else state.copy())
    events = [decider.begin(int(table[0, 1])), decider.advance(table, signals)]
    if end is not None:
        events.append(decider.finish(end))
    return Walk(trade, np.concatenate(events), decider.state, table)


def _path(seed: int, rows: int, state: IntColumn | None) -> tuple[IntMatrix, SignalColumn]:
    chance = np.random.default_rng((seed, state is not None))
    price = 4_000_000 if state is None else int(state[slot.LAST_CLOSE])
    at = BEGINS_AT if state is None else int(state[slot.MOMENT])
    table = np.zeros((rows, 6), np.int64)
    for number in range(rows):
        at += MINUTE
        dice = chance.random()
        if dice < 0.03:
            table[number] = _news(chance, at, price)
        elif dice < 0.04:
            rate = int(chance.choice((10_000, -10_000, 75_000)))
            table[number] = RowKind.FUNDING, at, rate, 0, 0, price
        else:
            open_ = price + int(chance.normal(0, 400))
            price = max(open_ + int(chance.normal(0, 9_000)), 1_000_000)
            high = max(open_, price) + int(chance.exponential(3_000))
            low = min(open_, price) - int(chance.exponential(3_000))
            table[number] = RowKind.BAR, at, open_, high, low, price
    signals = np.zeros(rows, np.int32)
    asked = chance.random(rows) < 0.2
    signals[asked] = chance.choice((1, 1, 4, 4, 1, 4, 2, 8), int(asked.sum()))
    return table, signals


def _news(chance: np.random.Generator, at: int, price: int) -> tuple[int, ...]:
    values = {
        Input.MOVE_STOP: (price - 30_000,),
        Input.MOVE_TARGET: (price + 40_000,),
        Input.FEED_STALE: (95_000,),
        Input.FEED_FRESH: (0,),
        Input.SPREAD: (int(chance.choice((100, 100, 900))),),
        Input.ACCOUNT: (int(Refusal.MAX_OPEN_POSITIONS), 3, 3),
        Input.PAUSE_ENTRIES: (),
        Input.RESUME_ENTRIES: (),
        Input.CLOSE_POSITION: (),
    }
    # What blocks entries does not last: what allows them again comes more often.
    codes = [*values, *(Input.RESUME_ENTRIES, Input.FEED_FRESH) * 4]
    code = codes[int(chance.integers(len(codes)))]
    given = (*values[code], 0, 0, 0)[:3]
    return (RowKind.INPUT, at, int(code), *given)
