"""Another program holds the database file: bots look at their prices, and nothing is lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from engine.domain.bots import BotState
from engine.domain.reasons import ExitReason
from engine.domain.settings import TradeSettings
from engine.messages import commands as cm
from engine.messages.events import EMPTY_HASH, chain
from engine.messages.histories import T_REASON
from engine.messages.snapshot import BotSnapshot
from engine.runtime.history.loading import load_session
from engine.runtime.running.store_pause import PAUSED, RESUMED
from engine.store.opening import FILE_NAME
from engine.store.repositories import bot_states
from tests.patience import patience
from tests.runtime.live_house import House, fresh, listening, words_of

GUARDED = TradeSettings(cash=Decimal(2_000), stop_loss_pct=Decimal(3), take_profit_pct=Decimal(40))
HOLDER = """
import sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
for wish in sys.stdin:
    file.execute(wish)
    print("done", flush=True)
"""


class OtherProgram:
    """A process of its own that has the database open, too."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder / FILE_NAME)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hold(self) -> None:
        self._does("BEGIN IMMEDIATE")

    def let_go(self) -> None:
        self._does("ROLLBACK")

    def close(self) -> None:
        self._process.communicate()

    def _does(self, wish: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{wish}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"


@contextmanager
def beside(folder: Path) -> Iterator[OtherProgram]:
    other = OtherProgram(folder)
    try:
        yield other
    finally:
        other.close()


async def two_holding(house: House) -> tuple[BotSnapshot, BotSnapshot]:
    """Two bots that have bought something."""
    ids = [await house.bot(name, trade=GUARDED) for name in ("one", "two")]
    await listening(house)
    house.exchange.advance(20_000)
    for _ in range(30):
        await house.minutes(1, *ids)
        one, two = [await house.seen(bot_id, fresh) for bot_id in ids]
        if one.session.position and two.session.position:
            return one, two
    raise AssertionError("they never bought anything")


def beyond_its_stop(bot: BotSnapshot) -> Decimal:
    stop, side = bot.market.scale.price(bot.session.stop), 1 if bot.session.position > 0 else -1
    return (stop * (1 - side * Decimal("0.01"))).quantize(bot.market.price_step)


async def seen_within(house: House, bot: BotSnapshot, seconds: float) -> BotSnapshot:
    """Flat, with the reason for it, while the clock of the machine runs."""
    async with patience(seconds):
        flat = await house.seen(bot.bot_id, lambda now: not now.session.position)
    assert flat.session.trades.rows[-1, T_REASON] == ExitReason.STOP_LOSS
    return flat


def store_words(house: House) -> str:
    return house.engine.snapshot().status.vitals().store_words


async def equal_to_the_store(house: House, bot: BotSnapshot) -> None:
    """Each event once, in its order, with the hash of all of them, and every row."""
    stored = await load_session(house.engine._store, bot.session_id or 0)
    shown = bot.session.log.rows
    assert stored.log.table.tolist() == shown.tolist()
    assert stored.record.event_hash == chain(EMPTY_HASH, shown).hex()
    standing = await bot_states.get(house.engine._store, bot.bot_id)
    assert (standing.event_count, standing.row_count) == (len(shown), len(stored.rows))


async def stopped(house: House, bot: BotSnapshot) -> BotSnapshot:
    await house.engine.execute(cm.StopBot(bot.bot_id))
    return await house.seen(bot.bot_id, lambda now: now.state is BotState.STOPPED)


async def test_stops_of_two_bots_are_met_within_a_second(house: House) -> None:
    one, two = await two_holding(house)
    with beside(house.data_dir) as other:
        other.hold()
        for bot in (one, two):
            house.exchange.trade("BTC/USDT", beyond_its_stop(bot))
            await seen_within(house, bot, 1.0)
        for bot in (one, two):
            now = await house.seen(bot.bot_id, lambda now: PAUSED in words_of(now))
            assert now.session.paused
            stored = await load_session(house.engine._store, bot.session_id or 0)
            assert len(stored.log) < len(now.session.log)
        assert "Another program holds the database file" in store_words(house)
        assert "exits go on" in store_words(house)
        other.let_go()
        for bot in (one, two):
            await house.seen(bot.bot_id, lambda now: RESUMED in words_of(now))
        assert store_words(house) == "ok"
    for bot in (one, two):
        await equal_to_the_store(house, await stopped(house, bot))
    assert not list((house.data_dir / "unwritten").iterdir())


async def test_a_lock_that_comes_and_goes_loses_nothing(house: House) -> None:
    one, two = await two_holding(house)
    with beside(house.data_dir) as other:
        for _ in range(6):
            other.hold()
            await house.minutes(1, one.bot_id, two.bot_id)
            other.let_go()
            await house.minutes(1, one.bot_id, two.bot_id)
        other.hold()
        house.exchange.trade("BTC/USDT", beyond_its_stop(await house.seen(one.bot_id, fresh)))
        other.let_go()
        for bot in (one, two):
            await house.seen(bot.bot_id, lambda now: not now.session.paused)
    for bot in (one, two):
        await equal_to_the_store(house, await stopped(house, bot))


async def test_what_a_person_asks_for_waits_for_the_other_program(house: House) -> None:
    """The steps of a bot that are refused in between take nothing away from him."""
    one, _ = await two_holding(house)
    with beside(house.data_dir) as other:
        other.hold()
        wish = asyncio.ensure_future(
            house.engine.execute(cm.RenameSession(one.session_id or 0, "held"))
        )
        house.exchange.trade("BTC/USDT", beyond_its_stop(one))
        await seen_within(house, one, 1.0)
        assert not wish.done()
        other.let_go()
        await wish
    (named,) = [record for record in await house.engine.sessions() if record.title == "held"]
    assert named.id == one.session_id


async def test_a_program_that_ends_meanwhile_brings_it_back(
    house: House, expected_warnings: list[object]
) -> None:
    one, _ = await two_holding(house)
    with beside(house.data_dir) as other:
        other.hold()
        house.exchange.trade("BTC/USDT", beyond_its_stop(one))
        await seen_within(house, one, 1.0)
        now = await house.seen(one.bot_id, lambda now: now.session.paused)
        await house.engine.close()
        other.let_go()
    await house.open()
    (again,) = [bot for bot in house.engine.snapshot().bots if bot.bot_id == one.bot_id]
    shown = again.session.log.rows
    assert shown[: len(now.session.log)].tolist() == now.session.log.rows.tolist()
    assert "brought back" in words_of(again)
    assert expected_warnings
