"""A live market counts in the account's coin, or no bot trades it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.core import layout as slot
from engine.core.layout import new_state
from engine.domain.bots import BotSettings, BotState, FeedChoice, FeedKind
from engine.errors import ExchangeRefused, IllegalStep, InvalidSetting
from engine.messages import commands as cm
from engine.runtime.engine import Engine
from engine.runtime.sources.exchanges import Exchanges
from tests.runtime.live_house import live_bot
from tests.runtime.support import StillClock, file_bot, write_candles

IN_EUROS = r"in EUR and the paper account is in USDT, .* Choose a symbol against USDT\."


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    clock = StillClock()
    exchanges = Exchanges(clock, offline=True)
    engine = await Engine.open(tmp_path / "data", clock=clock, exchanges=exchanges)
    yield engine
    await engine.close()


async def made(engine: Engine, settings: BotSettings) -> int:
    bot_id = await engine.execute(cm.CreateBot(settings))
    assert isinstance(bot_id, int)
    return bot_id


def set_by_another_program(engine: Engine, bot_id: int, symbol: str) -> None:
    bot = engine._bots.get(bot_id)
    bot.record = replace(bot.record, settings=replace(bot.settings, symbol=symbol))


@pytest.mark.parametrize("symbol", ["BTC/EUR", "BTC/EUR:EUR", "ETH/BTC"])
async def test_a_market_in_another_coin_is_refused_when_a_bot_is_made(
    engine: Engine, symbol: str
) -> None:
    with pytest.raises(InvalidSetting, match="Choose a symbol against USDT") as refused:
        await made(engine, live_bot("live", symbol=symbol))
    assert refused.value.field == "symbol"
    assert engine.snapshot().bots == ()


@pytest.mark.parametrize("symbol", ["BTC/USDT", "BTC/USD", "BTC/USDC:USDC"])
async def test_dollars_are_counted_alike(engine: Engine, symbol: str) -> None:
    await made(engine, live_bot("live", symbol=symbol))
    assert engine.snapshot().bots[0].settings.symbol == symbol


async def test_files_are_play_in_any_case(engine: Engine, tmp_path: Path) -> None:
    await made(engine, replace(file_bot(write_candles(tmp_path / "c.csv", 60)), symbol="BTC/EUR"))


async def test_a_bot_is_not_changed_into_one(engine: Engine) -> None:
    bot_id = await made(engine, live_bot("live"))
    with pytest.raises(InvalidSetting, match=IN_EUROS):
        await engine.execute(cm.UpdateBot(bot_id, live_bot("live", symbol="BTC/EUR")))
    assert engine.snapshot().bots[0].settings.symbol == "BTC/USDT"


async def test_a_bot_that_is_one_does_not_start(engine: Engine) -> None:
    """One that was made before anybody looked."""
    bot_id = await made(engine, live_bot("live"))
    set_by_another_program(engine, bot_id, "BTC/EUR")
    with pytest.raises(InvalidSetting, match=IN_EUROS):
        await engine.execute(cm.StartBot(bot_id))
    assert engine.snapshot().bots[0].state is BotState.STOPPED


async def test_what_it_holds_can_still_be_closed(engine: Engine) -> None:
    bot_id = await made(engine, live_bot("live"))
    set_by_another_program(engine, bot_id, "BTC/EUR")
    state = new_state(1_000)
    state[slot.POSITION] = 1
    bot = engine._bots.get(bot_id)
    bot.standing = replace(bot.standing, kernel_state=state)
    with pytest.raises(ExchangeRefused, match="--offline"):  # and not: in another coin
        await engine.execute(cm.ClosePosition(bot_id))


async def test_what_is_held_stays_on_its_exchange(engine: Engine) -> None:
    bot_id = await made(engine, live_bot("live"))
    state = new_state(1_000)
    state[slot.POSITION] = 1
    bot = engine._bots.get(bot_id)
    bot.standing = replace(bot.standing, kernel_state=state)
    elsewhere = FeedChoice(FeedKind.EXCHANGE, exchange="kraken")
    with pytest.raises(IllegalStep, match="holds a position"):
        await engine.execute(cm.UpdateBot(bot_id, live_bot("live", feed=elsewhere)))
