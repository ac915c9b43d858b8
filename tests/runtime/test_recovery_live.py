"""A program that was away while the market went on: what was missed is told before bots go on, and
an exit that comes late is called late."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.core import layout as slot
from engine.domain.candles import moment_text
from engine.domain.reasons import Refusal
from engine.domain.settings import TradeSettings
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.recovery import RanBot
from engine.messages.snapshot import BotSnapshot
from engine.runtime.recovery import away as away_room
from tests.exchange.faults import Drop
from tests.runtime.live_house import MINUTE, House, begun, fresh, holding, listening, words_of

STOP_PCT, TARGET_PCT = Decimal(3), Decimal(4)


async def guarded(house: House) -> BotSnapshot:
    trade = TradeSettings(cash=Decimal(10_000), stop_loss_pct=STOP_PCT, take_profit_pct=TARGET_PCT)
    return await holding(house, trade)


def at_level(bot: BotSnapshot, level: int, beyond: str) -> Decimal:
    """A price better or worse than a level for what is held, by that share of it."""
    price, side = bot.market.scale.price(level), 1 if bot.session.position > 0 else -1
    return (price * (1 + side * Decimal(beyond))).quantize(bot.market.price_step)


async def away(house: House, price: Decimal) -> None:
    """The program goes; the market trades at `price` once, and minutes pass."""
    await house.engine.close()
    house.exchange.advance(2 * MINUTE)
    house.exchange.trade("BTC/USDT", price, after_ms=1_000)
    house.exchange.advance(3 * MINUTE)
    await house.open()


async def looked_back(house: House) -> RanBot:
    (before,) = house.engine.snapshot().restart.ran
    assert before.missed is None
    await house.engine.look_back()
    (ran,) = house.engine.snapshot().restart.ran
    return ran


async def resumed(house: House, bot: BotSnapshot) -> None:
    assert await house.engine.execute(cm.ResumeBots((bot.bot_id,))) == (bot.bot_id,)
    await listening(house)


def kinds_since_resumed(bot: BotSnapshot) -> list[tuple[int, str]]:
    """What the log has after the program came back: kinds, and the words beside them."""
    log = bot.session.log
    kinds = log.rows[:, ev.KIND].tolist()
    first = kinds.index(EventKind.RESUMED)
    return [(kinds[place], log.note(place)) for place in range(first, len(log))]


async def test_a_stop_met_while_away_is_told_and_fills_late_at_the_first_price(
    house: House,
) -> None:
    bot = await guarded(house)
    worst = at_level(bot, bot.session.stop, "-0.02")
    await away(house, worst)
    now = house.engine.snapshot().bots[0]
    assert now.unguarded
    ran = await looked_back(house)
    assert ran.seen_at <= house.clock.now_ms() - 5 * MINUTE
    assert ran.missed is not None
    assert "5 candles of 1m missed" in ran.missed.words
    exit_ = ran.missed.exit
    assert exit_ is not None
    assert (exit_.level, exit_.reached) == ("stop", worst)
    assert exit_.price == bot.market.scale.price(bot.session.stop)
    await resumed(house, bot)
    first = at_level(bot, bot.session.stop, "-0.05")
    house.exchange.trade("BTC/USDT", first, after_ms=1_000)
    bot = await house.seen(bot.bot_id, lambda bot: not bot.session.position)
    told = kinds_since_resumed(bot)
    (late,) = [words for _, words in told if "late" in words]
    assert f"met in the candle of {moment_text(exit_.at)}" in late
    fill = bot.session.log.rows[bot.session.log.rows[:, ev.KIND] == EventKind.FILL][-1]
    assert bot.market.scale.price(int(fill[ev.LIMIT])) == first
    # Nothing was traded between the return and that price.
    decided = [kind for kind, _ in told if kind < ev.OBSERVATIONS]
    assert decided[0] == EventKind.LEVEL_TOUCHED
    assert [words for _, words in told if "Nothing trades on what was missed" in words]


async def test_a_market_that_came_back_closes_nothing_and_the_log_says_what_was_missed(
    house: House,
) -> None:
    bot = await guarded(house)
    await away(house, at_level(bot, bot.session.target, "0.01"))
    ran = await looked_back(house)
    assert ran.missed is not None
    assert ran.missed.exit is not None
    assert ran.missed.exit.level == "target"
    await resumed(house, bot)
    house.exchange.trade("BTC/USDT", at_level(bot, bot.session.entry, "0"), after_ms=1_000)
    bot = await house.seen(bot.bot_id, lambda bot: "is back between the levels" in words_of(bot))
    assert bot.session.position
    assert "This exit is late" not in words_of(bot)


async def test_an_entry_decided_before_candles_were_missed_is_refused(house: House) -> None:
    bot_id = await begun(house, params={"fast": 2, "slow": 3})
    price = Decimal(house.exchange.markets["BTC/USDT"].last) / 100
    for minute in range(6):  # down, and once up: the averages cross
        change = Decimal(-200) if minute < 5 else Decimal(500)
        house.exchange.trade("BTC/USDT", price + (minute + 1) * change, after_ms=1_000)
        await house.minutes(1, bot_id)
    live = house.engine._bots.get(bot_id).live
    assert live is not None
    assert live.session.decider.state[slot.PENDING_ENTER]
    (bot,) = house.engine.snapshot().bots
    fills = (bot.session.log.rows[:, ev.KIND] == EventKind.FILL).sum()
    await away(house, price)
    await resumed(house, bot)
    house.exchange.trade("BTC/USDT", price, after_ms=1_000)
    bot = await house.seen(bot_id, lambda bot: Refusal.STALE_FEED in dict(bot.session.refusals))
    await house.passes(MINUTE, bot_id)
    bot = await house.seen(bot_id, fresh)
    decided = bot.session.log.rows[bot.session.log.rows[:, ev.KIND] < ev.OBSERVATIONS]
    refusals = decided[decided[:, ev.KIND] == EventKind.REFUSAL]
    (refused,) = refusals[refusals[:, ev.CODE] == Refusal.STALE_FEED]
    assert refused[ev.ACTUAL] >= 5 * MINUTE
    before = decided[decided[:, ev.NO] < refused[ev.NO]]
    assert (before[:, ev.KIND] == EventKind.FILL).sum() == fills


async def test_who_cannot_be_asked_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(away_room, "PATIENCE_S", 0.5)
    bot_id = await begun(house)
    await house.minutes(1, bot_id)
    await house.engine.close()
    house.exchange.advance(2 * MINUTE)
    await house.open()
    house.exchange.faults.always("GET /api/v3/klines", Drop(accepted=False))
    ran = await looked_back(house)
    assert ran.missed is not None
    assert ran.missed.words.startswith("What was missed is not known. ")
    assert ran.missed.exit is None
