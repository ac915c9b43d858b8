"""Random sessions: rows, signals, inputs and settings that meet every exit and every rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine.domain.columns import IntMatrix, SignalColumn
from engine.domain.reasons import Input, Refusal
from engine.domain.rows import RowKind
from tests.core.choices import (
    CASH_IN_PRICES,
    CHOICES,
    DEEP_CHOICES,
    DIGITS,
    FINENESS,
    ODD_BASES,
    ODD_MONEY,
    PATIENT_CHOICES,
    ROW_CODES,
    STYLES,
    USUAL_BASES,
)
from tests.core.play import MINUTE, T0
from tests.core.reference import DAY, Terms


@dataclass(frozen=True)
class World:
    bases: Sequence[int]
    moneys: Sequence[int]
    """In prices; below 0 in product units."""
    fineness: Sequence[int]
    choices: dict[str, Sequence[Any]]
    calm: bool = False
    """Few signals."""


USUAL = World(USUAL_BASES, CASH_IN_PRICES, FINENESS[:4], CHOICES)
PATIENT = World(USUAL_BASES, CASH_IN_PRICES, FINENESS[:4], PATIENT_CHOICES, calm=True)
DEEP = World(USUAL_BASES[-2:], CASH_IN_PRICES[-1:], FINENESS[:2], DEEP_CHOICES, calm=True)
SLEEPY = World(USUAL_BASES[4:], CASH_IN_PRICES, (20_000, 100_000), PATIENT_CHOICES, calm=True)
ODD = World(ODD_BASES, ODD_MONEY, FINENESS, CHOICES)


@dataclass(frozen=True)
class Scenario:
    terms: Terms
    cash: int
    rows: IntMatrix
    signals: SignalColumn
    outside: int = 0
    resume: int | None = None
    """Row before which the session is stopped and another one begun."""


def terms_from(choices: dict[str, Sequence[Any]], chance: np.random.Generator, cash: int) -> Terms:
    chosen = {name: values[int(chance.integers(len(values)))] for name, values in choices.items()}
    chosen["trailing"], activation, before = chosen["trailing"]
    chosen["leverage"], maintenance = chosen["leverage"]
    guard_stops, guard_ms = chosen.pop("guard")
    part = chosen["min_notional"]
    chosen["min_notional"] = 0 if part is None else cash // part
    chosen["size_quote"] = cash // chosen["size_quote"]
    return Terms(
        **chosen,
        activation=activation,
        trailing_before=before,
        maintenance=maintenance,
        guard_stops=guard_stops,
        guard_ms=guard_ms,
    )


def rows_from(
    codes: Sequence[int], style: int, base: int, unit: int, cash: int, *, calm: bool
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
        signals[number] = 0 if calm and dice % 4 else signal
    return table, signals


def input_values(wish: Input, dice: int, close: int, move: int, cash: int) -> tuple[int, ...]:
    """OPEN, HIGH, LOW and CLOSE of an input."""
    if dice == 99:  # sessions end: rare
        return (Input.CLOSE_AND_STOP if move else Input.STOP), 0, 0, 0
    if wish in (Input.MOVE_STOP, Input.MOVE_TARGET):
        price = (close + 2 * move, 3 * close, 1, 0)[max(0, dice - 95)]
        return wish, min(price, 2**62), 0, 0
    if wish == Input.SPREAD:
        return wish, (0, 100, 301, 50_000, 100, 1_999_999, -1, 199)[dice % 8], 0, 0
    if wish == Input.FEED_STALE:
        return wish, (0, 30_000)[dice % 2], 0, 0
    if wish == Input.ACCOUNT:
        code = (0, Refusal.MAX_EXPOSURE, Refusal.MAX_OPEN_POSITIONS, Refusal.MAX_EXPOSURE)[dice % 4]
        return wish, code, (cash // 5, cash // 50, 0, cash, -1)[dice % 5], dice
    return wish, 0, 0, 0


def walk(world: World, seed: int, rows: int) -> Scenario:
    chance = np.random.default_rng(seed)
    base, money, fine = (
        int(chance.choice(list(values))) for values in (world.bases, world.moneys, world.fineness)
    )
    cash = -money if money < 0 else min(base * money, 2**61 - 1)
    terms = terms_from(world.choices, chance, cash)
    style = int(chance.integers(len(STYLES)))
    resume = int(chance.integers(rows)) if chance.random() < 0.25 else None
    outside = cash // 3 if chance.random() < 0.1 else 0
    codes = chance.integers(0, ROW_CODES, rows).tolist()
    unit = max(1, base // fine)
    table, signals = rows_from(codes, style, base, unit, cash, calm=world.calm)
    return Scenario(terms, cash, table, signals, outside, resume)


def long_scenario(seed: int, rows: int = 300) -> Scenario:
    """A walk of many rows with the usual prices and money, so that many trades happen."""
    return walk(USUAL, seed, rows)


def long_walks() -> list[Scenario]:
    """The same ones each time, which together meet everything."""
    return [
        *(walk(USUAL, seed, 300) for seed in range(80)),
        *(walk(PATIENT, seed, 300) for seed in range(80)),
        *(walk(DEEP, seed, 300) for seed in range(40)),
        *(walk(SLEEPY, seed, 500) for seed in range(40)),
        *(walk(ODD, seed, 40) for seed in range(200)),
    ]


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Some settings are switched off again, to find the fewest that matter."""
    world = draw(st.sampled_from((USUAL, PATIENT, DEEP, SLEEPY, ODD)))
    seed, rows = draw(st.integers(0, 2**23)), draw(st.integers(1, 120))
    scenario = walk(world, seed, rows)
    off = draw(st.sets(st.sampled_from([field.name for field in fields(Terms)])))
    usual = {name: getattr(Terms(), name) for name in off}
    return replace(scenario, terms=replace(scenario.terms, **usual))
