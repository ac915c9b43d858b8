"""The account's sums: always what its bots come to, worked out again only where it must be. So are
the snapshots of all bots."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from unittest.mock import PropertyMock, patch

from engine.domain.bots import BotState
from engine.domain.candles import DAY_MS
from engine.messages import commands as cm
from engine.messages.snapshot import AccountSnapshot, BotSnapshot, PriceRow
from engine.runtime.bots.account import AccountView, fresh_account
from engine.runtime.engine import Engine
from tests.gui.stories import Story
from tests.runtime.support import QuickClock, until

ACCOUNT = fresh_account(Decimal(100_000), 0)


def looked_at(view: AccountView, bots: list[BotSnapshot]) -> AccountSnapshot:
    """The account with these bots and no others."""
    for gone in set(view._parts) - {bot.bot_id for bot in bots}:
        view.forget(gone)
    for bot in bots:
        view.look_at(bot, bot.money(bot.session.collateral) if bot.session.position else None)
    return view.snapshot(ACCOUNT)


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
        assert seen.free == 100_000 - sum(bot.settings.trade.cash for bot in bots)
        assert seen.equity == seen.free + sum(bot.equity_now for bot in bots)
        assert seen.open_positions == sum(bot.session.position != 0 for bot in bots)
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


def anew(engine: Engine) -> tuple[tuple[BotSnapshot, ...], AccountSnapshot]:
    """All bots and the account, looked at one by one."""
    bots, view = engine._bots.all(), AccountView()
    for bot in bots:
        if bot.holds_share:
            view.look_at(bot.view.snapshot(), bot.set_aside if bot.position else None)
    return tuple(bot.view.snapshot() for bot in bots), view.snapshot(engine._bots.account)


async def test_what_is_shown_of_hundreds_is_what_looking_at_each_of_them_gives(
    tmp_path: Path,
) -> None:
    engine = await Engine.open(tmp_path, clock=QuickClock())
    seen = 0

    def look() -> None:
        nonlocal seen
        now, (bots, account) = engine.snapshot(), anew(engine)
        assert len(now.bots) == len(bots)
        assert all(one is other for one, other in zip(now.bots, bots, strict=True))
        if any(bot.state is BotState.RUNNING for bot in bots):
            # The kernel of one that is about to be stored is ahead of what is shown of it.
            shown = now.account
            account = replace(
                account, set_aside=shown.set_aside, open_positions=shown.open_positions
            )
        assert now.account == account
        assert now.account.free == engine._bots.free()
        seen += 1

    try:
        unsubscribe = engine.subscribe(look)
        await engine.execute(cm.StartSimulation(speed=600, bots=3))
        await until(engine, lambda now: sum(len(bot.session.trades) for bot in now.bots) > 2)
        await engine.execute(cm.PanicClose())
        await until(engine, lambda now: all(bot.state is BotState.STOPPED for bot in now.bots))
        first, second, _ = (bot.bot_id for bot in engine.snapshot().bots)
        settings = engine.snapshot().bots[1].settings
        await engine.execute(cm.DeleteBot(first))
        look()
        trade = replace(settings.trade, cash=Decimal(77))
        await engine.execute(cm.UpdateBot(second, replace(settings, trade=trade)))
        look()
        await engine.execute(cm.ResetAccount(Decimal(5_000)))
        look()
        unsubscribe()
    finally:
        await engine.close()
    assert seen > 20
