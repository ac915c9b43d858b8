"""The band of trades that change inside a bar, against random walks through their bars."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

import numpy as np
import pytest

from engine.core.doubt import doubt_of
from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action
from engine.domain.rows import RowKind
from engine.domain.settings import AddStep, PartialTarget, PathRule, TargetStep, TradeSettings
from engine.messages.doubt import Doubt
from tests.core.lone import FREE, MINUTE, Bar, Played, bars, play, signals

CASH = 1_000_000
WALKS = 8
CHAIN = replace(FREE, position_pct=Decimal(4), cash=Decimal(CASH))


def judged(played: Played) -> Doubt:
    return doubt_of(played.settings, played.events, played.table, played.signals)


def random_trade(chance: Random) -> TradeSettings:
    """Any mixture of what changes a position or moves its levels, futures among them."""

    def percent(most: float) -> Decimal:
        return Decimal(str(round(chance.uniform(0.5, most), 1)))

    def maybe(most: float) -> Decimal | None:
        return percent(most) if chance.random() < 0.5 else None

    def rising(count: int) -> list[Decimal]:
        return sorted({percent(5) for _ in range(count)})

    adds = tuple(AddStep(pct, Decimal(1)) for pct in rising(chance.randint(0, 3)))
    trailing = maybe(4)
    activation = maybe(3) if trailing else None
    before = maybe(6) if activation else None
    if trailing and before and adds:  # that mixture is not bounded
        before = max(trailing, before)
    return replace(
        CHAIN,
        fee_pct=chance.choice([Decimal(0), Decimal("0.1")]),
        slippage_pct=chance.choice([Decimal(0), Decimal("0.3")]),
        stop_loss_pct=maybe(6),
        take_profit_pct=maybe(6),
        trailing_pct=trailing,
        trailing_activate_pct=activation,
        trailing_before_pct=before,
        break_even_pct=maybe(3),
        partial_targets=tuple(
            PartialTarget(pct, Decimal(30)) for pct in rising(chance.randint(0, 2))
        ),
        adds=adds,
        target_steps=chance.choice([(), (), (TargetStep(chance.randint(0, 3), percent(3)),)]),
        time_limit_min=chance.choice([None, None, 2]),
        leverage=chance.choice([None, None, 10, 20]),
        path=chance.choice(list(PathRule)),
    )


def random_bars(chance: Random) -> list[Bar]:
    """A few bars around 200, at most 20 steps high, sometimes with a gap between them."""
    made = [(200, 200, 200, 200)]
    for _ in range(chance.randint(2, 4)):
        open_ = made[-1][3] + chance.choice([0, 0, 0, chance.randint(-4, 4)])
        close = open_ + chance.randint(-6, 6)
        high = max(open_, close) + chance.randint(0, 7)
        low = min(open_, close) - chance.randint(0, 7)
        made.append((open_, high, low, close))
    return made


def walk(chance: Random, made: list[Bar]) -> IntMatrix:
    """PRICE rows of a zigzag through each bar, straight from turn to turn, and its CLOSED row."""
    rows = []
    for number, (open_, high, low, close) in enumerate(made):
        turns = [high, low, *(chance.randint(low, high) for _ in range(chance.randint(0, 6)))]
        chance.shuffle(turns)
        at, price = number * MINUTE, open_
        for turn in [*chance.choice([(), (open_,)]), *turns, close]:
            ends = max(price, turn), min(price, turn)
            rows.append([RowKind.PRICE, at, price, *ends, turn])
            price = turn
        rows.append([RowKind.CLOSED, at + MINUTE, open_, high, low, close])
    return np.array(rows, np.int64)


def check(seed: int) -> tuple[bool, int]:
    """Walk through the bars of one trade; (in doubt, how many ends of the band a walk reaches)."""
    chance = Random(seed)
    trade, made = random_trade(chance), random_bars(chance)
    enter, leave = chance.choice([(Action.BUY, Action.SELL), (Action.SHORT, Action.COVER)])
    table = bars(*made)
    asked = {0: [enter], chance.randint(1, 4): [leave]}
    asked = {place: action for place, action in asked.items() if place < len(made)}
    doubt = judged(play(trade, table, signals(len(table), asked), cash=CASH))
    walked = set()
    for _ in range(WALKS):
        rows = walk(chance, made)
        closed = np.flatnonzero(rows[:, 0] == RowKind.CLOSED).tolist()
        decided = signals(len(rows), {closed[place]: action for place, action in asked.items()})
        straight = replace(trade, path=PathRule.NEAREST)
        walked.add(play(straight, rows, decided, cash=CASH).pnl)
    assert doubt.pnl_worst <= min(walked) <= max(walked) <= doubt.pnl_best, (seed, trade, made)
    assert doubt.trades or walked == {doubt.pnl}, (seed, trade, made)
    return bool(doubt.trades), len(walked & {doubt.pnl_worst, doubt.pnl_best})


@pytest.mark.parametrize("first", range(0, 600, 100))
def test_no_walk_leaves_the_band_and_many_reach_its_ends(first: int) -> None:
    found = [reached for doubtful, reached in map(check, range(first, first + 100)) if doubtful]
    assert len(found) > 50
    assert sum(found) > len(found)
