"""What random sessions choose from: settings, prices, moves, signals, inputs.

Everything is picked by whole numbers, so that one generator serves all.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from engine.domain.reasons import Input
from engine.domain.rows import RowKind
from engine.domain.settings import PathRule, Sizing
from tests.core.play import MINUTE
from tests.core.reference import DAY
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
    # (distance, activation, distance before it)
    "trailing": (
        *((None, None, None),) * 5,
        (10_000, None, None),
        (4_000, 5_000, None),
        (5_000, 10_000, 20_000),
        (30_000, 0, None),
        (1, 15_000, 1),
        (300_000, 1_200_000, 10_000),
    ),
    # (leverage, maintenance)
    "leverage": (
        *((0, 0),) * 6,
        (1, 5_000),
        (3, 5_000),
        (10, 5_000),
        (20, 40_000),
        (125, 4_000),
        (2, 0),
    ),
    # (losing stops, within)
    "guard": (*((0, 0),) * 6, (1, 10 * MINUTE), (2, 60 * MINUTE), (3, DAY), (10, 3 * DAY)),
    # parts of the cash that a fixed size and the smallest notional are
    "size_quote": (4, 4, 3, 10, 2, 10**6),
    "min_notional": (None, None, None, None, 10**13, 10**13, 5, 40),
}
PATIENT_CHOICES: dict[str, Sequence[Any]] = CHOICES | {
    "position": (20_000, 50_000, 100_000),
    "ceiling": (None, None, 250_000),
    "stop_loss": (None, None, 333_333, 30_000),
    "take_profit": (None, None, WHOLE, 60_000),
    "time_limit_ms": (0,),
    "partials": CHOICES["partials"][2:],
    "adds": CHOICES["adds"][2:],
    "break_even": CHOICES["break_even"][2:],
    "max_drawdown": (None,),
    "min_notional": (None, None, 10**13, 40),
    "order_step": (1, 7, 10, 250),
    "leverage": CHOICES["leverage"][:9],
}
"""Positions that live long: partial targets, adds, levels moved by hand, trailing."""

DEEP_CHOICES: dict[str, Sequence[Any]] = PATIENT_CHOICES | {
    "sizing": (Sizing.PERCENT,),
    "position": (1_000, 2_000),
    "ceiling": (None,),
    "fee": (0, 1_000),
    "slippage": (0, 137),
    "stop_loss": (None,),
    "trailing": ((None, None, None), (30_000, 0, None)),
    "leverage": ((50, 4_000), (40, 2_000)),
    "adds": (((10_000, 5 * WHOLE), (20_000, 30 * WHOLE), (30_000, 100 * WHOLE)),),
    "partials": (((1, 2_000), (2_000, 500_000)), ((1_000, 10_000), (3_000, 900_000))),
    "daily_loss": (None,),
    "order_step": (1,),
}
"""Small first orders with much leverage, added to so heavily that an oldest lot, closed at a
profit of the whole, loses more than its share of the margin."""

USUAL_BASES = (1_000, 1_000, 10_000, 84_20, 47_123_45, 10**9, 10**12)
ODD_BASES = (17, 2, 2**46, 2**55, 2**61)
CASH_IN_PRICES = (400, 4_000, 4_000, 100_000)
ODD_MONEY = (*CASH_IN_PRICES, -1, -90, -10_000, -(10**9), -(10**15), -(2**52), 1 - 2**56)
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
