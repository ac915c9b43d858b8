"""Random sessions: rows, signals, commands and settings that meet every rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from engine.domain.columns import IntMatrix, SignalColumn
from engine.domain.reasons import Input
from engine.domain.rows import RowKind
from tests.core.play import T0
from tests.core.reference import DAY, Terms

BASES = (2, 17, 1_000, 47_123_45, 10**12, 2**46, 2**55, 2**61)
CASH = (1, 90, 10_000, 10**9, 10**15, 2**52, 2**56 - 1)
RICH = 400
"""Cash as a multiple of the price, in most scenarios, so that most entries are filled."""


@dataclass(frozen=True)
class Scenario:
    terms: Terms
    cash: int
    rows: IntMatrix
    signals: SignalColumn


def off_or(*values: int) -> st.SearchStrategy[int | None]:
    return st.one_of(st.none(), st.sampled_from(values))


TERMS = st.builds(
    Terms,
    fee=st.sampled_from((0, 1_000, 3_333, 100_000)),
    slippage=st.sampled_from((0, 1, 500, 20_000, 100_000)),
    position=st.sampled_from((1, 10_000, 250_000, 250_000, 600_000, 999_999, 1_000_000)),
    ceiling=st.sampled_from((None, None, None, 250_000, 1_000_000)),
    stop_loss=off_or(1, 5_000, 10_000, 333_333, 900_000),
    take_profit=off_or(1, 5_000, 20_000, 500_000, 1_000_000, 100_000_000),
    trailing=off_or(1, 5_000, 10_000, 300_000),
    activation=off_or(0, 5_000, 15_000, 1_200_000),
    cooldown_ms=st.sampled_from((0, 0, 60_000, 120_000, 7_200_000)),
    max_trades=off_or(1, 2),
    order_step=st.sampled_from((1, 1, 1, 7, 1_000)),
    min_amount=st.sampled_from((0, 0, 0, 5, 1_001)),
    min_notional=st.sampled_from((0, 0, 0, 9_999, 10**13)),
)

KINDS = st.sampled_from(
    [RowKind.BAR] * 8
    + [RowKind.PRICE] * 4
    + [RowKind.CLOSED] * 3
    + [RowKind.INPUT, RowKind.HISTORY]
)
# Mostly small moves, some that jump over every level, some rows without a price.
MOVES = st.sampled_from((-40, -5, -2, -1, -1, 0, 0, 0, 1, 1, 2, 5, 40, 200))
SIGNALS = st.sampled_from((0,) * 8 + (1, 1, 2, 4, 4, 8, 3, 5, 6, 9, 12, 15, 1 | 3 << 8, 4 | 2 << 8))
STEPS = st.sampled_from((0, 20_000, 60_000, 60_000, 60_000, 3_600_000))
ROW = st.tuples(KINDS, MOVES, MOVES, st.integers(0, 3), st.integers(0, 3), SIGNALS, STEPS)
# Commands that end the session are rare: rows after them have no effect.
COMMANDS = (1, 2, 3, 3, 3, 1, 2, 3, int(Input.CLOSE_AND_STOP), int(Input.STOP))


@st.composite
def scenarios(draw: st.DrawFn, rows: int = 40) -> Scenario:
    base = draw(st.sampled_from(BASES))
    cash = draw(st.one_of(st.sampled_from(CASH), st.just(min(base * RICH, 2**61 - 1))))
    unit = max(1, base // draw(st.sampled_from((100, 400, 5_000))))
    most = 2**62 if base > 2**50 else 2**61
    at, close = T0 + DAY - 5 * 60_000, base
    table: list[tuple[int, ...]] = []
    signals: list[int] = []
    for number, row in enumerate(draw(st.lists(ROW, min_size=1, max_size=rows))):
        kind, gap, body, up, down, signal, step = row
        at += step
        open_ = min(close + gap * unit, most)
        close = min(max(open_ + body * unit, 0), most)
        high = max(open_, close) + up * unit
        low = min(open_, close) - down * unit
        if kind == RowKind.INPUT:
            open_ = COMMANDS[(number + up + 3 * down) % len(COMMANDS)]
        table.append((kind, at, open_, high, low, close))
        signals.append(signal)
        close = max(close, 1)
    return Scenario(draw(TERMS), cash, np.array(table, np.int64), np.array(signals, np.int32))


SETTLED = {
    "fee": (0, 1_000, 1_000, 7_777, 100_000),
    "slippage": (0, 0, 137, 500, 30_000),
    "position": (250_000, 250_000, 250_000, 600_000, 1_000_000),
    "ceiling": (None, None, None, 250_000),
    "stop_loss": (None, 4_000, 10_000, 50_000, 600_000),
    "take_profit": (None, 4_000, 20_000, 60_000, 900_000),
    "trailing": (None, 3_000, 8_000, 30_000),
    "activation": (None, None, 0, 4_000, 25_000),
    "cooldown_ms": (0, 0, 60_000, 300_000),
    "max_trades": (None, None, 2, 5),
    "order_step": (1, 1, 10, 250),
    "min_amount": (0, 0, 21, 600),
    "min_notional": (0, 0, 0, 10**6),
}


def long_scenario(seed: int, rows: int = 300) -> Scenario:
    """A walk of many rows with settings as people have them, so that many trades happen."""
    chance = np.random.default_rng(seed)
    chosen = {name: values[int(chance.integers(len(values)))] for name, values in SETTLED.items()}
    base = int(chance.choice((300, 84_20, 47_123_45, 10**9)))
    cash = base * int(chance.choice((400, 4_000, 100_000)))
    unit = max(1, base // 1_000)
    table = np.zeros((rows, 6), np.int64)
    style = int(chance.integers(3))  # bars only, ticks with closes, all mixed
    weights = ((0, 0, 0.97, 0.02, 0.01), (0.7, 0.27, 0, 0.02, 0.01), (0.3, 0.2, 0.4, 0.05, 0.05))
    table[:, 0] = chance.choice(5, rows, p=weights[style])
    table[:, 1] = T0 + DAY - 100 * 60_000 + np.arange(rows) * 60_000
    close = base
    for number in range(rows):
        jump = int(chance.choice((0, 0, 0, 0, 0, 1, -1, 9, -9, 70, 700)))
        open_ = max(close + jump * unit, 0)
        close = max(open_ + int(chance.integers(-9, 10)) * unit, 1)
        high = max(open_, close) + int(chance.integers(0, 6)) * unit
        low = min(open_, close) - int(chance.integers(0, 6)) * unit
        if close > 20 * base:
            close = base
        table[number, 2:] = open_, high, low, close
        if table[number, 0] == RowKind.INPUT:
            wish = number % 40
            table[number, 2] = COMMANDS[-1 - wish] if wish < 2 else (3, 2, 1, 2)[wish % 4]
    signals = np.zeros(rows, np.int32)
    asked = chance.random(rows) < 0.45
    signals[asked] = chance.choice((1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 6, 9, 5, 3, 12, 15), asked.sum())
    signals[asked] |= chance.integers(0, 4, asked.sum()).astype(np.int32) << 8
    return Scenario(Terms(**chosen), cash, table, signals)
