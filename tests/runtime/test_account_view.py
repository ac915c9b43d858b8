"""The account's sums: always what its bots come to, worked out again only where it must be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from unittest.mock import PropertyMock, patch

from engine.domain.candles import DAY_MS
from engine.messages.snapshot import AccountSnapshot, BotSnapshot, PriceRow
from engine.runtime.bots.account import AccountView, fresh_account
from tests.gui.stories import Story

ACCOUNT = fresh_account(Decimal(100_000), 0)


def looked_at(view: AccountView, bots: list[BotSnapshot]) -> AccountSnapshot:
    return view.snapshot(ACCOUNT, Decimal(80_000), bots, [])


def priced(bot: BotSnapshot, change: int, later_ms: int = 0) -> BotSnapshot:
    assert bot.price is not None
    return replace(bot, price=PriceRow(bot.price.at + later_ms, bot.price.price + change))


def test_the_sums_follow_prices_events_and_days() -> None:
    view = AccountView()
    holds, flat = Story(1).enter().go(5), Story(2, "flat", seed=2).enter().go(3).leave().go(2)
    first = [holds.snapshot(), flat.snapshot()]
    bought = [holds.snapshot(), flat.enter().snapshot()]
    told = (
        first,
        [priced(first[0], 40), first[1]],
        [priced(first[0], -40), priced(first[1], 25)],
        bought,
        [priced(bought[0], 3), priced(bought[1], -9)],
        [priced(bot, 0, DAY_MS) for bot in bought],
        bought[:1],
    )
    for bots in told:
        seen, anew = looked_at(view, bots), looked_at(AccountView(), bots)
        assert seen == anew
        assert seen.equity == 80_000 + sum(bot.equity_now for bot in bots)
        assert seen.realised_today == sum(bot.realised_today for bot in bots)
    assert looked_at(view, first).realised_today != 0
    assert looked_at(view, [priced(bot, 0, DAY_MS) for bot in first]).realised_today == 0


def test_prices_of_a_bot_that_holds_nothing_cost_nothing() -> None:
    view = AccountView()
    flat = [Story(number, f"flat-{number}", seed=number).snapshot() for number in range(1, 5)]
    held = Story(9, "held").enter().snapshot()
    before = looked_at(view, [*flat, held])
    equity = PropertyMock(return_value=held.equity_now)
    with patch.object(BotSnapshot, "equity_now", equity):
        after = looked_at(view, [*(priced(bot, 7) for bot in flat), held])
        assert not equity.called
        looked_at(view, [*flat, priced(held, 1)])
        assert equity.call_count == 1
    assert after == before
