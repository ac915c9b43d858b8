"""Random sessions: rows, signals, inputs and settings that meet every exit and every rule.

Rows and settings are drawn as whole numbers that pick from the lists below, by hypothesis in
short sessions and by a seeded generator in long walks: one world for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine.domain.columns import IntMatrix, SignalColumn
from engine.domain.reasons import Input, Refusal
from engine.domain.rows import RowKind
from engine.domain.settings import PathRule, Sizing
from tests.core.play import MINUTE, T0
from tests.core.reference import DAY, Terms
from tests.core.reference.terms import ADVERSE_FIRST, FAVOURABLE_FIRST

OFF = (None, None, None)
RULE_OFF = OFF * 4
WHOLE = 1_000_000

CHOICES: dict[str, Sequence[Any]] = {
    "fee": (0, 1_000, 1_000, 7_777, 100_000),
    "maker": (None, None, 0, 200, 50_000),
    "fee_in_base": (False, False, True),
    "slippage": (0, 0, 137, 500, 20_000, 100_000),
    "slippage_range": (0, 0, 0, 10_000, 333_333, WHOLE),
    "spread": (0, 0, 0, 1, 301, 40_000),
    "sizing": (Sizing.PERCENT, Sizing.PERCENT, Sizing.QUOTE, Sizing.RISK),
    "position": (*(250_000, 250_000, 100_000, 20_000, 600_000) * 3, WHOLE, 1),
    "risk": (10_000, 20_000, 500_000, 1),
    "ceiling": (None, None, None, None, 250_000, 600_000, WHOLE),
    "stop_loss": (*OFF, 10_000, 10_000, 4_000, 50_000, 333_333, 900_000, 1),
    "take_profit": (*OFF, 20_000, 10_000, 4_000, 60_000, WHOLE, 100_000_000, 1),
    "break_even": (*OFF, 5_000, 10_000, 3_000, WHOLE),
    "time_limit_ms": (0, 0, 0, 60_000, 300_000, 7_200_000),
    "path": (
        PathRule.CONSERVATIVE,
        PathRule.CONSERVATIVE,
        PathRule.NEAREST,
        PathRule.NEAREST,
        ADVERSE_FIRST,
        FAVOURABLE_FIRST,
    ),
    "target_steps": (
        (),
        (),
        (),
        ((0, 20_000), (2 * MINUTE, 10_000), (5 * MINUTE, 0)),
        ((MINUTE, 30_000), (3 * MINUTE, 5_000), (240 * MINUTE, 0)),
        ((0, 0),),
        ((4 * MINUTE, 20_000),),
    ),
    "partials": (
        (),
        (),
        (),
        ((10_000, 500_000), (20_000, WHOLE)),
        ((5_000, 333_333), (10_000, 666_666)),
        ((20_000, 250_000),),
        ((1, 1), (10_000, 2), (30_000, 999_999)),
        ((10_000, WHOLE),),
        tuple((4_000 * step, 120_000 * step) for step in range(1, 9)),
    ),
    "adds": (
        (),
        (),
        (),
        ((10_000, WHOLE), (20_000, WHOLE)),
        ((5_000, 2 * WHOLE),),
        ((30_000, 500_000), (60_000, WHOLE), (400_000, 3 * WHOLE)),
        ((10_000, 1), (10_001, 100 * WHOLE), (999_999, WHOLE)),
        tuple((6_000 * step, 300_000 * step) for step in range(1, 9)),
    ),
    "cooldown_ms": (0, 0, 0, 0, 60_000, 300_000, 7_200_000),
    "max_trades": (*RULE_OFF, 1, 2, 5),
    "daily_loss": (*RULE_OFF, 2_000, 20_000, 300_000),
    "max_drawdown": (*RULE_OFF, 4_000, 30_000, 500_000),
    "max_spread": (*RULE_OFF, 200, 40_000),
    "order_step": (*(1, 1, 10, 7) * 3, 250, 1_000),
    "min_amount": (*(0, 0, 0, 21, 5) * 3, 600),
}
TRAILINGS = (  # distance, activation, distance before it
    *((None, None, None),) * 5,
    (10_000, None, None),
    (4_000, 5_000, None),
    (5_000, 10_000, 20_000),
    (30_000, 0, None),
    (1, 15_000, 1),
    (300_000, 1_200_000, 10_000),
)
MARGINS = (  # leverage, maintenance
    *((0, 0),) * 6,
    (1, 5_000),
    (3, 5_000),
    (10, 5_000),
    (20, 40_000),
    (125, 4_000),
    (2, 0),
)
GUARDS = (*((0, 0),) * 6, (1, 10 * MINUTE), (2, 60 * MINUTE), (3, DAY), (10, 3 * DAY))
QUOTES = (4, 4, 3, 10, 2, 10**6)
"""Parts of the cash that a fixed size is."""
LEAST = (None, None, None, None, 10**13, 10**13, 5, 40)
"""Parts of the cash that the smallest notional is."""

USUAL_BASES = (1_000, 1_000, 10_000, 84_20, 47_123_45, 10**9, 10**12)
BASES = (*USUAL_BASES * 2, 17, 2, 2**46, 2**55, 2**61)
CASH_IN_PRICES = (400, 4_000, 4_000, 100_000)
ODD_MONEY = (*CASH_IN_PRICES * 6, -1, -90, -10_000, -(10**9), -(10**15), -(2**52), 1 - 2**56)
FINENESS = (1_000, 2_000, 5_000, 10_000, 100, 400)
"""Units of move in the price; with 100 and a price of 1,000, levels are met exactly."""

STYLES = (
    (RowKind.BAR,) * 20 + (RowKind.INPUT, RowKind.INPUT, RowKind.FUNDING),
    (RowKind.PRICE,) * 14 + (RowKind.CLOSED,) * 6 + (RowKind.INPUT, RowKind.FUNDING),
    (RowKind.BAR,) * 8
    + (RowKind.PRICE,) * 4
    + (RowKind.CLOSED,) * 3
    + (RowKind.INPUT,) * 3
    + (RowKind.HISTORY, RowKind.FUNDING),
)
INPUTS = (
    *(Input.MOVE_STOP, Input.MOVE_TARGET, Input.SPREAD, Input.ACCOUNT) * 4,
    *(Input.FEED_STALE, *(Input.FEED_FRESH,) * 4),
    *(Input.PAUSE_ENTRIES, *(Input.RESUME_ENTRIES,) * 4, Input.CLOSE_POSITION),
)
# Mostly small moves, some that jump over every level, some rows without a price.
GAPS = (*(0, 0, 0, 0, 0, 0, 1, -1) * 4, 2, -2, 5, -5, 40, -40)
BODIES = (0, 1, -1, 1, -1, 2, -2, 3, -3, 5, -5, 9, -9, 0)
WICKS = (0, 0, 1, 1, 2, 3, 6)
SIGNALS = (0,) * 32 + (1, 4, 1, 4, 2, 8, 6, 9, 1 | 3 << 8, 4 | 2 << 8) * 3 + (3, 5, 12, 15)
WAITS = (60_000,) * 6 + (0, 20_000, 3_600_000, 20_000_000)
DIGITS = (GAPS, BODIES, WICKS, WICKS, SIGNALS, WAITS, INPUTS, range(100))
ROW_CODES = prod(len(digits) for digits in DIGITS) * 840
"""A row is one number below this: its remainders pick from the lists; 840 for the kinds."""


@dataclass(frozen=True)
class Scenario:
    terms: Terms
    cash: int
    rows: IntMatrix
    signals: SignalColumn
    outside: int = 0
    resume: int | None = None
    """Row before which the session is stopped and another one begun."""


def terms_from(picks: dict[str, int], cash: int) -> Terms:
    chosen = {name: values[picks[name] % len(values)] for name, values in CHOICES.items()}
    trailing = TRAILINGS[picks["trailing"] % len(TRAILINGS)]
    margin = MARGINS[picks["margin"] % len(MARGINS)]
    guard = GUARDS[picks["guard"] % len(GUARDS)]
    part = LEAST[picks["least"] % len(LEAST)]
    return replace(
        Terms(**chosen),
        trailing=trailing[0],
        activation=trailing[1],
        trailing_before=trailing[2],
        leverage=margin[0],
        maintenance=margin[1],
        guard_stops=guard[0],
        guard_ms=guard[1],
        size_quote=cash // QUOTES[picks["quote"] % len(QUOTES)],
        min_notional=0 if part is None else cash // part,
    )


PICKS = (*CHOICES, "trailing", "margin", "guard", "quote", "least")


def rows_from(
    codes: Sequence[int], style: int, base: int, unit: int, cash: int
) -> tuple[IntMatrix, SignalColumn]:
    at, close, lasts = T0 + DAY - 5 * MINUTE, base, 0
    table = np.zeros((len(codes), 6), np.int64)
    signals = np.zeros(len(codes), np.int32)
    most = 2**62 if base > 2**50 else 2**61
    for number, code in enumerate(codes):
        picked = []
        for digits in DIGITS:
            code, place = divmod(code, len(digits))
            picked.append(digits[place])
        gap, body, up, down, signal, wait, wish, dice = picked
        kind = STYLES[style][code % len(STYLES[style])]
        at += max(wait, lasts)
        lasts = MINUTE if kind == RowKind.BAR else 0
        if kind == RowKind.INPUT:
            values = input_values(Input(wish), dice, close, body * unit, cash)
            table[number] = kind, at, *values
        elif kind == RowKind.FUNDING:
            rate = (10_000, -10_000, 100_000, -3_333, 8_000_000, -8_000_000, 1)[dice % 7]
            table[number] = kind, at, rate, 0, 0, close if dice < 70 else 0
        else:
            open_ = min(close + gap * unit, most)
            close = min(max(open_ + body * unit, 0), most)
            high = min(max(open_, close) + up * unit, 2**62 + 2**61)
            table[number] = kind, at, open_, high, min(open_, close) - down * unit, close
            close = close if 0 < close < 20 * base or base > 2**50 else base
            close = max(close, 1)
        signals[number] = signal
    return table, signals


def input_values(wish: Input, dice: int, close: int, move: int, cash: int) -> tuple[int, ...]:
    """OPEN, HIGH, LOW and CLOSE of an input."""
    if dice == 99:  # sessions end: rare
        return (Input.CLOSE_AND_STOP if move else Input.STOP), 0, 0, 0
    if wish in (Input.MOVE_STOP, Input.MOVE_TARGET):
        price = (close + 2 * move, 3 * close, 1, 0)[max(0, dice - 95)]
        return wish, price, 0, 0
    if wish == Input.SPREAD:
        return wish, (0, 100, 301, 50_000, 100, 1_999_999, -1, 199)[dice % 8], 0, 0
    if wish == Input.FEED_STALE:
        return wish, (0, 30_000)[dice % 2], 0, 0
    if wish == Input.ACCOUNT:
        code = (0, Refusal.MAX_EXPOSURE, Refusal.MAX_OPEN_POSITIONS, Refusal.MAX_EXPOSURE)[dice % 4]
        return wish, code, (cash // 5, cash // 50, 0, cash, -1)[dice % 5], dice
    return wish, 0, 0, 0


def walk(
    seed: int, rows: int, bases: Sequence[int], moneys: Sequence[int], fineness: Sequence[int]
) -> Scenario:
    """A scenario by chance. Money is in prices, below 0 in product units."""
    chance = np.random.default_rng(seed)
    base, money, fine = (int(chance.choice(list(values))) for values in (bases, moneys, fineness))
    cash = -money if money < 0 else min(base * money, 2**61 - 1)
    picks = {name: int(chance.integers(2520)) for name in PICKS}
    style = int(chance.integers(len(STYLES)))
    resume = int(chance.integers(rows)) if chance.random() < 0.25 else None
    outside = cash // 3 if chance.random() < 0.1 else 0
    codes = chance.integers(0, ROW_CODES, rows).tolist()
    table, signals = rows_from(codes, style, base, max(1, base // fine), cash)
    return Scenario(terms_from(picks, cash), cash, table, signals, outside, resume)


def long_scenario(seed: int, rows: int = 300) -> Scenario:
    """A walk of many rows with the usual prices and money, so that many trades happen."""
    return walk(seed, rows, USUAL_BASES, CASH_IN_PRICES, FINENESS[:4])


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Also odd prices and money; some settings are switched off again, to find the fewest that
    matter."""
    seed, rows = draw(st.integers(0, 2**23)), draw(st.integers(1, 90))
    scenario = walk(seed, rows, BASES, ODD_MONEY, FINENESS)
    off = draw(st.sets(st.sampled_from([field.name for field in fields(Terms)])))
    usual = {name: getattr(Terms(), name) for name in off}
    return replace(scenario, terms=replace(scenario.terms, **usual))
