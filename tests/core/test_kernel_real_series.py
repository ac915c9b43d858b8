"""A month of real one-minute candles: the kernel equals the reference there too."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from engine.core.metrics import summary
from engine.core.price_step import find_price_step
from engine.domain.columns import FloatColumn, IntColumn, IntMatrix, SignalColumn
from engine.domain.reasons import Action, EndReason
from engine.domain.rows import AT, CLOSE, KIND, OPEN, ROW_WIDTH, RowKind
from engine.domain.settings import PathRule, Sizing
from tests.core.comparison import explained
from tests.core.play import MINUTE, play
from tests.core.reference import DAY, Reference, Terms
from tests.core.reference.terms import MILLION

SERIES = "btc-perp-20211231-20220201_1m.csv"
TERMS = {
    "simple": Terms(
        fee=1_000,
        slippage=200,
        ceiling=250_000,
        stop_loss=10_000,
        take_profit=20_000,
        trailing=8_000,
        activation=5_000,
        cooldown_ms=15 * MINUTE,
        max_trades=6,
        order_step=100,
    ),
    "spot": Terms(
        fee=1_000,
        maker=200,
        fee_in_base=True,
        slippage_range=20_000,
        spread=100,
        sizing=Sizing.RISK,
        risk=5_000,
        ceiling=250_000,
        stop_loss=15_000,
        break_even=6_000,
        time_limit_ms=6 * 60 * MINUTE,
        path=PathRule.NEAREST,
        partials=((4_000, 300_000), (8_000, 600_000)),
        target_steps=((0, 20_000), (60 * MINUTE, 5_000), (180 * MINUTE, 0)),
        guard_stops=3,
        guard_ms=DAY,
        order_step=100,
    ),
    "future": Terms(
        fee=500,
        maker=200,
        slippage=100,
        position=50_000,
        ceiling=300_000,
        leverage=10,
        maintenance=5_000,
        take_profit=10_000,
        trailing=6_000,
        activation=4_000,
        trailing_before=20_000,
        adds=((5_000, MILLION), (12_000, 2 * MILLION)),
        daily_loss=50_000,
        order_step=100,
    ),
}


def crossings(closes: IntColumn) -> SignalColumn:
    """SMA 10/50: BUY and COVER where it crosses up, SELL and SHORT where it crosses down."""

    def average(length: int) -> FloatColumn:
        sums = np.cumsum(closes, dtype=np.float64)
        made = np.full(len(closes), np.nan)
        made[length:] = (sums[length:] - sums[:-length]) / length
        return made

    above = average(10) > average(50)
    signals = np.zeros(len(closes), np.int32)
    signals[1:][above[1:] & ~above[:-1]] = 1 << (Action.BUY - 1) | 1 << (Action.COVER - 1)
    signals[1:][~above[1:] & above[:-1]] = 1 << (Action.SELL - 1) | 1 << (Action.SHORT - 1)
    return signals


def with_funding(rows: IntMatrix) -> IntMatrix:
    """Funding of 0.01 % before the first bar of every eighth hour."""
    due = np.flatnonzero(rows[:, AT] % (8 * 60 * MINUTE) == 0)
    funding = np.zeros((len(due), ROW_WIDTH), np.int64)
    funding[:, KIND] = RowKind.FUNDING
    funding[:, AT] = rows[due, AT]
    funding[:, OPEN] = 10_000
    return np.insert(rows, due, funding, axis=0)


def compare(rows: IntMatrix, cash: int, terms: Terms) -> None:
    if terms.leverage:
        rows = with_funding(rows)
    bars = rows[rows[:, KIND] == RowKind.BAR]
    signals = np.zeros(len(rows), np.int32)
    signals[rows[:, KIND] == RowKind.BAR] = crossings(bars[:, CLOSE])
    slow = Reference(terms, cash)
    slow.begin(0)
    slow.play(rows.tolist(), signals.tolist())
    slow.finish(EndReason.END_OF_DATA)
    expected = slow.matrix()
    cuts = range(0, len(rows), 997)
    for how in ({"room": 1 << 20}, {"cuts": cuts}):
        played = play(terms, cash, rows, signals, begin_at=0, **how)
        assert np.array_equal(played.events, expected), explained(played.events, expected)
    figures = summary(expected, bars[:, AT] + MINUTE, bars[:, CLOSE])
    assert figures.trades > 40
    assert figures.equity_last - figures.equity_first == figures.net_profit == slow.cash - cash


@pytest.mark.parametrize("name", TERMS)
def test_the_real_month_equals_the_reference(name: str) -> None:
    folder = os.environ.get("TRADER_TEST_DATA")
    if not folder or not (Path(folder) / SERIES).exists():
        pytest.skip(f"TRADER_TEST_DATA does not name a folder with {SERIES}")
    lines = (Path(folder) / SERIES).read_text("utf-8").splitlines()[1:]
    cells = [line.split(",") for line in lines]
    prices = np.array([[float(cell) for cell in row[1:5]] for row in cells])
    step = find_price_step(prices.ravel())
    rows = np.empty((len(cells), 6), np.int64)
    rows[:, 0] = RowKind.BAR
    rows[:, 1] = [
        int(datetime.fromisoformat(row[0]).replace(tzinfo=UTC).timestamp()) * 1000 for row in cells
    ]
    rows[:, 2:] = np.rint(prices / float(step))
    compare(rows, 10**14, TERMS[name])


@pytest.mark.parametrize("name", TERMS)
def test_a_generated_month_equals_the_reference(name: str) -> None:
    count = 20_000
    chance = np.random.default_rng(7)
    close = np.rint(4_700_000 * np.exp(np.cumsum(chance.normal(0, 8e-4, count))))
    rows = np.empty((count, 6), np.int64)
    rows[:, 0] = RowKind.BAR
    rows[:, 1] = np.arange(count) * MINUTE
    rows[:, 2] = np.concatenate((close[:1], close[:-1]))
    rows[:, 5] = close
    rows[:, 3] = np.maximum(rows[:, 2], close) + chance.integers(0, 3_000, count)
    rows[:, 4] = np.minimum(rows[:, 2], close) - chance.integers(0, 3_000, count)
    compare(rows, 10**14, TERMS[name])
