"""What a trader does with bots: start, pause, stop, close, panic; and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.bots import BotState
from engine.domain.reasons import EndReason, ExitReason, Refusal
from engine.domain.sessions import SessionStatus
from engine.errors import IllegalStep, InvalidSetting, UnknownName
from engine.messages import commands as cm
from engine.messages.events import EMPTY_HASH, chain
from engine.messages.histories import T_REASON
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from engine.runtime.documents.sessions import session_document
from engine.runtime.engine import Engine
from engine.runtime.history.loading import load_session
from engine.store.repositories import history
from tests.runtime.support import BUSY, QuickClock, file_bot, until, write_candles


@pytest.fixture
async def engine(tmp_path: Path, _no_tasks_left: None) -> AsyncIterator[Engine]:
    opened = await Engine.open(tmp_path / "data", clock=QuickClock())
    yield opened
    await opened.close()


async def simulated(engine: Engine, bots: int = 1) -> tuple[int, ...]:
    ids = await engine.execute(cm.StartSimulation(speed=600, bots=bots))
    assert isinstance(ids, tuple)
    return ids


def held(now: AppSnapshot) -> bool:
    return now.bots[0].session.position != 0 and now.bots[0].state is BotState.RUNNING


def first(engine: Engine) -> BotSnapshot:
    return engine.snapshot().bots[0]


async def stopped(engine: Engine) -> BotSnapshot:
    return (await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)).bots[0]


async def test_the_sample_bots_trade_and_their_sessions_are_there(engine: Engine) -> None:
    ids = await simulated(engine, 5)
    assert len(ids) == 5
    await until(engine, lambda now: sum(len(bot.session.trades) for bot in now.bots) >= 3)
    records = await engine.sessions()
    assert [record.status for record in records] == [SessionStatus.RUNNING] * 5
    assert sum(record.result.trades for record in records) >= 3
    assert {bot.market.source for bot in engine.snapshot().bots} == {"SIMULATED"}
    assert len({bot.settings.strategy for bot in engine.snapshot().bots}) >= 3


async def test_starting_the_samples_again_makes_no_second_ones(engine: Engine) -> None:
    ids = await simulated(engine, 2)
    assert await simulated(engine, 2) == ids


async def test_stop_keeps_the_position_and_says_it_is_unguarded(engine: Engine) -> None:
    (bot_id,) = await simulated(engine)
    await until(engine, held)
    await engine.execute(cm.StopBot(bot_id))
    bot = await stopped(engine)
    assert bot.session.position != 0
    assert bot.unguarded
    assert bot.session.ended == EndReason.STOPPED
    assert not bot.interrupted
    # What it has set aside was counted with its leverage.
    trade = replace(bot.settings.trade, leverage=3)
    with pytest.raises(IllegalStep, match="leverage"):
        await engine.execute(cm.UpdateBot(bot_id, replace(bot.settings, trade=trade)))
    await engine.execute(cm.UpdateBot(bot_id, replace(bot.settings, name="another")))


async def test_starting_again_carries_cash_position_and_levels(engine: Engine) -> None:
    (bot_id,) = await simulated(engine)
    await until(engine, held)
    await engine.execute(cm.StopBot(bot_id))
    before = await stopped(engine)
    await engine.execute(cm.StartBot(bot_id))
    await until(engine, lambda now: now.bots[0].session_id != before.session_id)
    review = await engine.review(first(engine).session_id or 0)
    begun = review.at(review.from_at).session
    assert (begun.cash, begun.position, begun.entry, begun.stop, begun.target) == (
        before.session.cash,
        before.session.position,
        before.session.entry,
        before.session.stop,
        before.session.target,
    )
    assert begun.opened_at == before.session.opened_at
    assert not first(engine).unguarded


async def test_events_are_never_shown_under_the_id_of_another_session(engine: Engine) -> None:
    seen: dict[int | None, set[bytes]] = {}

    def look() -> None:
        bot = first(engine)
        if len(bot.session.log):
            seen.setdefault(bot.session_id, set()).add(bot.session.log.rows[0].tobytes())

    engine.subscribe(look)
    (bot_id,) = await simulated(engine)
    for number in (1, 2, 3):
        await until(engine, lambda now, n=number: now.bots[0].session_id == n)  # type: ignore[misc]
        await until(engine, held)
        await engine.execute(cm.StopBot(bot_id))
        await stopped(engine)
        await engine.execute(cm.StartBot(bot_id))
    assert [len(firsts) for firsts in seen.values()] == [1] * len(seen)
    assert len(set.union(*seen.values())) == len(seen) >= 3


async def test_a_trade_closed_in_a_later_session_is_told_in_both(engine: Engine) -> None:
    (bot_id,) = await simulated(engine)
    await until(engine, held)
    await engine.execute(cm.StopBot(bot_id))
    await stopped(engine)
    await engine.execute(cm.CloseAndStop(bot_id))
    await until(engine, lambda now: now.bots[0].session.position == 0)
    await stopped(engine)
    opener, closer = [
        session_document(await load_session(engine._store, number), stored=True)["trades"]
        for number in (1, 2)
    ]
    left, (ended,) = opener[-1], closer
    assert (left["exit_time"], left["pnl"], left["closed_in"]) == (None, None, 2)
    assert (ended["entry_time"], ended["entry_price"], ended["amount"], ended["side"]) == (
        left["entry_time"],
        left["entry_price"],
        left["amount"],
        left["side"],
    )
    assert ended["exit_reason"] == "manual"
    assert ended["closed_in"] is None
    sign = 1 if ended["side"] == "long" else -1
    gross = Decimal(ended["amount"]) * (
        Decimal(ended["exit_price"]) - Decimal(ended["entry_price"])
    )
    assert Decimal(ended["pnl"]) == sign * gross - Decimal(ended["fees"])
    (*_, stored) = await history.trades(engine._store, 1)
    assert (stored.status, stored.closed_in) == ("closed", 2)
    assert engine.snapshot().bots[0].session.trades.rows[-1, T_REASON] == ExitReason.MANUAL


async def test_a_reset_gives_up_the_trades_of_dropped_positions(engine: Engine) -> None:
    (bot_id,) = await simulated(engine)
    await until(engine, held)
    await engine.execute(cm.StopBot(bot_id))
    await stopped(engine)
    before = (await engine.sessions())[0]
    await engine.execute(cm.ResetAccount(Decimal(100_000)))
    (*_, stored) = await history.trades(engine._store, 1)
    assert (stored.status, stored.pnl) == ("error", None)
    review = await engine.review(1)
    assert "dropped without being sold" in review.log.note(len(review.log) - 1)
    assert chain(EMPTY_HASH, review.log.table).hex() == before.event_hash
    assert first(engine).session.position == 0
    await engine.execute(cm.StartBot(bot_id))
    await until(engine, held)


async def test_close_position_and_the_bot_goes_on(engine: Engine) -> None:
    (bot_id,) = await simulated(engine)
    await until(engine, held)
    await engine.execute(cm.ClosePosition(bot_id))
    now = await until(
        engine,
        lambda now: (
            len(now.bots[0].session.trades) > 0
            and now.bots[0].session.trades.rows[-1, T_REASON] == ExitReason.MANUAL
        ),
    )
    assert now.bots[0].state is BotState.RUNNING


async def test_close_and_stop(engine: Engine) -> None:
    (bot_id,) = await simulated(engine)
    await until(engine, held)
    await engine.execute(cm.CloseAndStop(bot_id))
    bot = await stopped(engine)
    assert bot.session.position == 0
    assert bot.session.ended == EndReason.CLOSED_AND_STOPPED
    assert bot.session.trades.rows[-1, T_REASON] == ExitReason.MANUAL


async def test_a_stopped_position_is_closed_by_running_for_a_moment(engine: Engine) -> None:
    (bot_id,) = await simulated(engine)
    await until(engine, held)
    await engine.execute(cm.StopBot(bot_id))
    await stopped(engine)
    await engine.execute(cm.ClosePosition(bot_id))
    bot = await stopped(engine)
    assert bot.session.position == 0
    assert not bot.unguarded


async def test_paused_entries_are_refused_with_words(engine: Engine) -> None:
    (bot_id,) = await simulated(engine)
    await engine.execute(cm.PauseEntries(bot_id))
    now = await until(engine, lambda now: bool(now.bots[0].session.refusals))
    paused = now.bots[0]
    assert paused.session.paused
    assert paused.session.position == 0
    await until(
        engine,
        lambda now: Refusal.PAUSED in {code for code, _ in now.bots[0].session.refusals},
    )
    assert first(engine).sub_words == "Entries paused"
    await engine.execute(cm.ResumeEntries(bot_id))
    await until(engine, held)


async def test_stop_all_and_panic_close(engine: Engine) -> None:
    await simulated(engine, 3)
    await until(engine, lambda now: sum(bot.session.position != 0 for bot in now.bots) >= 2)
    await engine.execute(cm.StopAll())
    now = await until(engine, lambda now: all(bot.state is BotState.STOPPED for bot in now.bots))
    assert sum(bot.unguarded for bot in now.bots) >= 1
    await engine.execute(cm.PanicClose())
    now = await until(
        engine,
        lambda now: all(
            bot.state is BotState.STOPPED and bot.session.position == 0 for bot in now.bots
        ),
    )
    assert not any(bot.unguarded for bot in now.bots)


async def test_what_does_not_fit_is_refused(engine: Engine, tmp_path: Path) -> None:
    (bot_id,) = await simulated(engine)
    await until(engine, lambda now: now.bots[0].state is BotState.RUNNING)
    settings = first(engine).settings
    for command in (
        cm.StartBot(bot_id),
        cm.UpdateBot(bot_id, settings),
        cm.DeleteBot(bot_id),
        cm.ResetAccount(Decimal(5_000)),
    ):
        with pytest.raises(IllegalStep):
            await engine.execute(command)
    with pytest.raises(UnknownName):
        await engine.execute(cm.StartBot(99))
    with pytest.raises(InvalidSetting):
        await engine.execute(cm.SetSpeed(601))
    with pytest.raises(InvalidSetting, match="already"):
        await engine.execute(cm.CreateBot(settings))
    await engine.execute(cm.StopBot(bot_id))
    await stopped(engine)
    for command in (cm.PauseEntries(bot_id), cm.StopBot(bot_id)):
        with pytest.raises(IllegalStep):
            await engine.execute(command)


async def test_a_file_bot_runs_to_the_end_and_can_begin_again(
    engine: Engine, tmp_path: Path
) -> None:
    settings = file_bot(write_candles(tmp_path / "c.csv", 120))
    bot_id = await engine.execute(cm.CreateBot(settings, start=True))
    assert isinstance(bot_id, int)
    done = await until(engine, lambda now: now.bots[0].session.ended == EndReason.END_OF_DATA)
    session, cash = done.bots[0].session_id, done.bots[0].session.cash
    await stopped(engine)
    await engine.execute(cm.StartBot(bot_id))
    await until(engine, lambda now: now.bots[0].session_id != session)
    bot = await stopped(engine)
    review = await engine.review(bot.session_id or 0)
    assert review.at(review.from_at).session.cash == cash


async def test_the_same_object_while_nothing_changed(engine: Engine) -> None:
    (bot_id,) = await simulated(engine)
    await until(engine, held)
    await engine.execute(cm.StopBot(bot_id))
    await stopped(engine)
    one, two = engine.snapshot(), engine.snapshot()
    assert one.bots[0] is two.bots[0]
    assert one.account is two.account
    assert one == two


async def test_shares_are_reserved_and_given_back(engine: Engine, tmp_path: Path) -> None:
    path = write_candles(tmp_path / "c.csv", 60)
    rich = file_bot(path, "rich", trade=replace(BUSY, cash=Decimal(90_000)))
    poor = file_bot(path, "poor", trade=replace(BUSY, cash=Decimal(20_000)))
    rich_id = await engine.execute(cm.CreateBot(rich, start=True))
    poor_id = await engine.execute(cm.CreateBot(poor))
    assert isinstance(rich_id, int)
    assert isinstance(poor_id, int)
    assert engine.snapshot().account.free == Decimal(10_000)
    with pytest.raises(InvalidSetting, match="free"):
        await engine.execute(cm.StartBot(poor_id))
    ended = await stopped(engine)
    total = engine.snapshot().account.equity
    assert total == Decimal(10_000) + ended.equity_now
    await engine.execute(cm.DeleteBot(rich_id))
    account = engine.snapshot().account
    assert account.free == account.equity == total
    await engine.execute(cm.StartBot(poor_id))
    await stopped(engine)
    await engine.execute(cm.ResetAccount(Decimal(50_000)))
    account = engine.snapshot().account
    assert account.free == account.equity == account.starting_balance == Decimal(50_000)
    assert len(await engine.sessions()) == 2
