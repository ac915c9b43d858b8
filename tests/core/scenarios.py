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
    position=st.sampled_from((1, 10_000, 250_000, 600_000, 999_999, 1_000_000)),
    ceiling=off_or(250_000, 1_000_000),
    stop_loss=off_or(1, 5_000, 10_000, 333_333, 900_000),
    take_profit=off_or(1, 5_000, 20_000, 500_000, 1_000_000, 100_000_000),
    trailing=off_or(1, 5_000, 10_000, 300_000),
    activation=off_or(0, 5_000, 15_000, 1_200_000),
    cooldown_ms=st.sampled_from((0, 0, 60_000, 120_000, 7_200_000)),
    max_trades=off_or(1, 2),
    order_step=st.sampled_from((1, 1, 7, 1_000)),
    min_amount=st.sampled_from((0, 0, 5, 1_001)),
    min_notional=st.sampled_from((0, 0, 9_999, 10**13)),
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
    cash = draw(st.sampled_from(CASH))
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
