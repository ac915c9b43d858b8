"""What refused entries would have earned, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np

from engine.core.blocked import BlockedEntries
from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action, EndReason, Input, Refusal
from engine.domain.rows import input_row
from engine.domain.settings import StopGuard
from engine.messages.doubt import BlockedPrice
from tests.core.lone import FREE, MINUTE, Played, bars, play, signals

FLAT = (1000, 1000, 1000, 1000)
STOP_AND_TARGET = replace(FREE, stop_loss_pct=Decimal(1), take_profit_pct=Decimal(2))


def prices_of(played: Played) -> list[tuple[Refusal, int, int, int]]:
    entries = BlockedEntries(played.settings, played.events, played.table, played.signals)
    found = list(entries.priced())
    assert len(found) == len(entries)
    return [_plain(price) for price in entries.totals(found)]


def _plain(price: BlockedPrice) -> tuple[Refusal, int, int, int]:
    return Refusal(price.refusal), price.count, price.priced, price.pnl


def test_a_cooldown_s_refusals_are_priced_with_their_own_exits() -> None:
    trade = replace(STOP_AND_TARGET, cooldown_min=10)
    # Stopped at 990 for -20; then refused twice in a row, and once more after a leave was.
    table = bars(
        FLAT,
        (1000, 1000, 985, 1000),  # stop
        FLAT,
        FLAT,
        (1000, 1025, 1000, 1020),  # what was refused first would be sold at 1020
        (1020, 1020, 1020, 1020),
        (1000, 1000, 980, 1000),  # the last one would be stopped at 1009
        FLAT,
    )
    asked = {0: [Action.BUY], 2: [Action.BUY], 3: [Action.BUY], 4: [Action.SELL, Action.BUY]}
    asked[5] = [Action.BUY]
    played = play(trade, table, signals(len(table), asked))
    assert played.pnl == -20
    by_rule = {price[0]: price[1:] for price in prices_of(played)}
    # 9,980 in cash: 25 % buy 2 at 1000 and sell them at 1020; 2 at 1000 are stopped at 990.
    assert by_rule[Refusal.COOLDOWN] == (3, 2, 40 - 20)
    assert by_rule[Refusal.CONFLICTING_SIGNAL] == (1, 0, 0)
    assert by_rule[Refusal.NO_OPEN_POSITION] == (1, 0, 0)


def test_without_an_exit_the_last_price_counts_and_nothing_is_shared() -> None:
    trade = replace(FREE, max_trades_per_day=1)
    table = bars(FLAT, FLAT, (1100,) * 4, (1100,) * 4, (1150,) * 4)
    asked = {0: [Action.BUY], 1: [Action.SELL], 2: [Action.BUY], 3: [Action.SHORT]}
    played = play(trade, table, signals(len(table), asked))
    assert played.pnl == 200
    # 10,200: 2 at 1100 to 1150; a short of 2 from 1150 to 1150.
    assert prices_of(played) == [(Refusal.MAX_TRADES_PER_DAY, 2, 2, 100)]


def test_a_pause_is_priced_although_the_commands_do_not_concern_the_lone_trade() -> None:
    parts: list[IntMatrix] = [
        input_row(Input.PAUSE_ENTRIES, 0).table,
        bars(FLAT),
        bars(FLAT, FLAT)[1:],
        input_row(Input.CLOSE_POSITION, MINUTE).table,
        bars(FLAT, FLAT, (1000, 1030, 1000, 1030))[2:],
    ]
    table = np.concatenate(parts)
    played = play(STOP_AND_TARGET, table, signals(len(table), {1: [Action.BUY]}))
    assert prices_of(played) == [(Refusal.PAUSED, 1, 1, 40)]


def test_a_wide_spread_is_priced_at_the_price_it_was_refused_at() -> None:
    trade = replace(
        STOP_AND_TARGET, spread_pct=Decimal(1), max_spread_pct=Decimal("0.5"), cash=Decimal(10_000)
    )
    table = bars(FLAT, FLAT, (1000, 1030, 1000, 1030))
    played = play(trade, table, signals(3, {0: [Action.BUY]}))
    # Bought at 1005 (half of the spread), target 1026 (1025.1 rounded up): 2 x 21.
    assert prices_of(played) == [(Refusal.MAX_SPREAD, 1, 1, 42)]


def test_loss_drawdown_and_guard_are_priced_on_the_equity_of_that_moment() -> None:
    rules = {
        Refusal.DAILY_LOSS: replace(STOP_AND_TARGET, daily_loss_pct=Decimal("0.1")),
        Refusal.MAX_DRAWDOWN: replace(STOP_AND_TARGET, max_drawdown_pct=Decimal("0.1")),
        Refusal.STOP_GUARD: replace(STOP_AND_TARGET, stop_guard=StopGuard(1, 60)),
    }
    table = bars(FLAT, (1000, 1000, 985, 1000), FLAT, (1000, 1030, 1000, 1030))
    for code, trade in rules.items():
        played = play(trade, table, signals(4, {0: [Action.BUY], 1: [Action.BUY]}))
        assert prices_of(played) == [(code, 1, 1, 40)]


def test_what_could_not_be_filled_is_counted_only() -> None:
    trade = replace(STOP_AND_TARGET, max_trades_per_day=1)
    table = bars(FLAT, (1000, 1000, 985, 1000), FLAT)
    asked = {0: [Action.BUY], 2: [Action.BUY]}  # the last one would have no later price
    played = play(trade, table, signals(3, asked), end=EndReason.END_OF_DATA)
    assert prices_of(played) == [(Refusal.MAX_TRADES_PER_DAY, 1, 0, 0)]
