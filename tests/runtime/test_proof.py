"""Sessions run again: equal for whatever was played; each cause of a difference provoked."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from engine.core import settings_vector as setting
from engine.domain.bots import BotState, Mode
from engine.domain.columns import IntColumn
from engine.domain.reasons import Input
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, RowKind, Rows
from engine.domain.settings import TradeSettings
from engine.errors import Cancelled, FileRefused, IllegalStep, RecordDamaged, UnknownName
from engine.messages import commands as cm
from engine.messages.progress import Progress
from engine.messages.proof import Cause, Proof
from engine.runtime.engine import Engine
from engine.runtime.history.loading import load_session
from engine.runtime.history.tidying import DAY_MS, let_go_old
from engine.runtime.proof import replaying
from engine.store.action import Action
from engine.store.exact_json import to_text
from engine.store.repositories import openings, recordings
from engine.store.tables import EVENTS, OPENINGS, SESSIONS
from engine.strategies import STRATEGIES
from engine.strategies.ema_cross import EmaCross
from tests.golden.stories import EVERY_EXIT, backtest, bars
from tests.golden.unpacking import GOLDEN, unpack
from tests.runtime.extra_support import FollowsEther, ether_bot, write_ether
from tests.runtime.support import (
    BUSY,
    MINUTE,
    StillClock,
    backtest_of,
    file_bot,
    until,
    write_candles,
)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Engine]:
    engine = await Engine.open(folder / "data", clock=StillClock())
    try:
        yield engine
    finally:
        await engine.close()


@pytest.fixture
async def engine(tmp_path: Path, _no_tasks_left: None) -> AsyncIterator[Engine]:
    async with opened(tmp_path) as one:
        yield one


async def on_paper(engine: Engine, wish: Any) -> int:
    """A bot on a candle file, to its end; the session's id."""
    await engine.execute(cm.CreateBot(wish, start=True))
    await until(engine, lambda now: now.bots[-1].session.ended is not None)
    done = await until(engine, lambda now: now.bots[-1].state is BotState.STOPPED)
    assert done.bots[-1].session_id is not None
    return done.bots[-1].session_id


async def change(engine: Engine, *steps: Callable[[Action], None]) -> None:
    async with engine._store.action("change") as db:
        for step in steps:
            step(db)


def settled(session_id: int, **values: object) -> Callable[[Action], None]:
    """Columns of a session's row put to something else."""
    return lambda db: db.run(update(SESSIONS).where(SESSIONS.c.id == session_id).values(**values))


async def rerecord(engine: Engine, session_id: int, rows: Rows) -> None:
    from engine.store.tables import RECORDINGS

    await change(
        engine,
        lambda db: db.run(delete(RECORDINGS).where(RECORDINGS.c.session_id == session_id)),
        lambda db: recordings.append(db, session_id, 0, rows),
    )


async def first_backtest(engine: Engine, folder: Path) -> int:
    (session_id,) = await backtest(engine, folder)
    return session_id


PRICES = st.sampled_from(
    [BUSY, EVERY_EXIT, replace(EVERY_EXIT, leverage=7), TradeSettings(cooldown_min=3)]
)


@given(
    seed=st.integers(0, 10_000),
    strategy=st.sampled_from(["ema_cross", "rsi_reversion", "grid"]),
    trade=PRICES,
    count=st.integers(60, 160),
)
@settings(max_examples=4, deadline=None, phases=[Phase.generate])
def test_random_sessions_of_every_mode_are_equal(
    seed: int, strategy: str, trade: TradeSettings, count: int
) -> None:
    async def play(folder: Path) -> None:
        async with opened(folder) as engine:
            path = write_candles(folder / "c.csv", count, seed)
            bot = file_bot(path, strategy=strategy, trade=trade)
            paper = await on_paper(engine, bot)
            tested = await engine.execute(backtest_of(bot))
            assert isinstance(tested, int)
            for original in (paper, tested):
                again = await engine.execute(cm.RunReplay(original))
                assert isinstance(again, int)
                proofs = [await engine.prove(one) for one in (original, again)]
                assert all(proof.equal for proof in proofs)
                assert len({proof.replayed_hash for proof in proofs}) == 1

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))


async def test_a_session_that_followed_another_market_is_equal(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STRATEGIES, FollowsEther.name, FollowsEther())
    path = write_candles(tmp_path / "c.csv", 200)
    bot = ether_bot(path, write_ether(tmp_path / "ether.csv", 60))
    for session_id in (await on_paper(engine, bot), await engine.execute(_tested(bot))):
        assert isinstance(session_id, int)
        proof = await engine.prove(session_id)
        assert proof.equal
        assert proof.events > 10


def _tested(bot: Any) -> cm.RunBacktest:
    wish = backtest_of(bot)
    return replace(wish, feed=replace(wish.feed, extra_files=bot.feed.extra_files))


async def test_a_session_that_was_interrupted_is_equal(tmp_path: Path) -> None:
    path = write_candles(tmp_path / "c.csv", 300)
    async with opened(tmp_path) as engine:
        await engine.execute(cm.CreateBot(file_bot(path), start=True))
        await until(engine, lambda now: now.bots[0].chart.length > 120)
    async with opened(tmp_path) as engine:
        bot = engine.snapshot().bots[0]
        assert bot.session_id is not None
        with pytest.raises(IllegalStep, match="has not ended"):
            await engine.prove(bot.session_id)
        await engine.execute(cm.StartBot(bot.bot_id))
        await until(engine, lambda now: now.bots[0].session.ended is not None)
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        assert (await engine.prove(bot.session_id)).equal


async def test_a_replay_is_a_session_that_is_shown_and_proven(
    engine: Engine, tmp_path: Path
) -> None:
    (session_id,) = await bars(engine, tmp_path)
    again = await engine.execute(cm.RunReplay(session_id))
    assert isinstance(again, int)
    newest, original = await engine.sessions()
    assert (newest.id, newest.mode, newest.bot_id) == (again, Mode.REPLAY, None)
    assert newest.result == original.result
    assert newest.event_hash == original.event_hash
    review = await engine.review(again)
    assert review.log.note(1) == (await engine.review(session_id)).log.note(1)
    assert len(review.end().session.trades) > 3


async def test_it_says_how_far_it_is_and_can_be_cancelled(engine: Engine, tmp_path: Path) -> None:
    (session_id,) = await bars(engine, tmp_path)
    told: list[Progress] = []
    work = asyncio.create_task(engine.prove(session_id, told.append))

    def report(progress: Progress) -> None:
        told.append(progress)
        work.cancel()

    await work
    assert told
    assert told[-1].words.endswith("of 300 rows")
    work = asyncio.create_task(engine.prove(session_id, report))
    with pytest.raises((asyncio.CancelledError, Cancelled)):
        await work


# ---------------------------------------------------------------- each cause


def where(proof: Proof) -> tuple[Cause, int]:
    assert proof.difference is not None
    return proof.difference.cause, proof.difference.at


async def test_a_candle_revised_in_a_backtest(engine: Engine, tmp_path: Path) -> None:
    session_id = await first_backtest(engine, tmp_path)
    rows = (await load_session(engine._store, session_id)).rows
    table = rows.table.copy()
    table[100:, [OPEN, HIGH, LOW, CLOSE]] += 3
    await rerecord(engine, session_id, Rows(table, rows.volume))
    proof = await engine.prove(session_id)
    cause, at = where(proof)
    assert cause is Cause.DATA
    assert at >= int(table[100, AT])
    assert proof.difference is not None
    inputs = dict(proof.difference.recorded.inputs)
    assert "open" in inputs["row"]


async def test_a_price_revised_on_paper(engine: Engine, tmp_path: Path) -> None:
    session_id = await on_paper(engine, file_bot(write_candles(tmp_path / "c.csv", 200)))
    session = await load_session(engine._store, session_id)
    table = session.rows.table.copy()
    table[60:, [OPEN, HIGH, LOW, CLOSE]] += 40
    await rerecord(engine, session_id, Rows(table, session.rows.volume))
    assert where(await engine.prove(session_id))[0] is Cause.DATA


class Slower(EmaCross):
    """The same name and another opinion."""

    def signals(self, candles: Any, params: Any) -> Any:
        found = super().signals(candles, params)
        return replace(found, buy=np.roll(found.buy, 1), sell=np.roll(found.sell, 1))


class Commented(EmaCross):
    """Another text, the same opinion."""


async def test_another_text_of_the_strategy(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await first_backtest(engine, tmp_path)
    monkeypatch.setitem(STRATEGIES, "ema_cross", Slower())
    proof = await engine.prove(session_id)
    assert where(proof)[0] is Cause.STRATEGY
    assert proof.difference is not None
    then, now = (
        dict(side.inputs) for side in (proof.difference.recorded, proof.difference.replayed)
    )
    assert then["strategy said"] != now["strategy said"]
    assert then["strategy source"] != now["strategy source"]
    monkeypatch.setitem(STRATEGIES, "ema_cross", Commented())
    proof = await engine.prove(session_id)
    assert proof.equal
    assert "another one" in proof.remarks[0]


async def test_other_settings(engine: Engine, tmp_path: Path) -> None:
    session_id = await first_backtest(engine, tmp_path)
    kept = (await load_session(engine._store, session_id)).record.settings
    trade = replace(kept.trade, stop_loss_pct=Decimal("0.9"))
    await change(engine, settled(session_id, settings=to_text(replace(kept, trade=trade))))
    proof = await engine.prove(session_id)
    assert where(proof)[0] is Cause.SETTINGS
    assert proof.difference is not None
    assert "stop" in [field.name for field in proof.difference.fields]


def turned(place: int, by: int) -> Callable[..., IntColumn]:
    original = replaying.kernel_settings

    def broken(*words: Any) -> IntColumn:
        vector = original(*words)
        vector[place] += by
        return vector

    return broken


async def test_a_fee_that_the_kernel_counts_otherwise(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await first_backtest(engine, tmp_path)
    monkeypatch.setattr(replaying, "kernel_settings", turned(setting.FEE_PPM, 1))
    proof = await engine.prove(session_id)
    assert where(proof)[0] is Cause.MONEY
    assert proof.difference is not None
    assert {"fee", "cash"} <= {field.name for field in proof.difference.fields}
    for field in proof.difference.fields:  # one millionth: less than the places of a price list
        assert field.recorded != field.replayed
    await change(engine, settled(session_id, program_version="0.0.9"))
    proof = await engine.prove(session_id)
    assert where(proof)[0] is Cause.PROGRAM
    assert (proof.recorded_version, proof.difference is None) == ("0.0.9", False)


async def test_a_rule_that_the_kernel_asks_otherwise(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await first_backtest(engine, tmp_path)
    monkeypatch.setattr(replaying, "kernel_settings", turned(setting.COOLDOWN_MS, 600_000))
    assert where(await engine.prove(session_id))[0] is Cause.CODE


async def test_a_command_in_another_place_or_gone(tmp_path: Path) -> None:
    session_id, *_ = unpack(GOLDEN[-1], tmp_path / "data")["ticks"]
    async with opened(tmp_path) as engine:
        session = await load_session(engine._store, session_id)
        table, volume = session.rows.table, session.rows.volume
        (place,) = np.flatnonzero(
            (table[:, KIND] == RowKind.INPUT) & (table[:, OPEN] == Input.MOVE_STOP)
        )[:1]
        earlier = int(np.searchsorted(table[:, AT], table[place, AT] - MINUTE))
        order = np.insert(np.delete(np.arange(len(table)), place), earlier, place)
        await rerecord(engine, session_id, Rows(table[order], volume[order]))
        proof = await engine.prove(session_id)
        assert where(proof)[0] is Cause.ORDER
        assert proof.difference is not None
        assert "command" in proof.difference.why
        without = np.delete(np.arange(len(table)), place)
        await rerecord(engine, session_id, Rows(table[without], volume[without]))
        assert where(await engine.prove(session_id))[0] is Cause.ORDER


# ---------------------------------------------------------------- what cannot be proven


async def test_what_was_let_go_says_so(tmp_path: Path) -> None:
    session_id, later, *_ = unpack(GOLDEN[-1], tmp_path / "data")["ticks"]
    async with opened(tmp_path) as engine:
        with pytest.raises(IllegalStep, match="earlier session had opened"):
            await engine.execute(cm.RunReplay(later))
        await change(engine, lambda db: db.run(delete(OPENINGS).where(OPENINGS.c.session_id > 1)))
        with pytest.raises(IllegalStep, match="before the program kept that"):
            await engine.prove(later)
        await engine.set_retention(1)
        await let_go_old(engine._store, engine._clock.now_ms() + 3 * DAY_MS)
        with pytest.raises(IllegalStep, match="can no longer be proven"):
            await engine.prove(session_id)


async def test_damage_is_a_sentence(engine: Engine, tmp_path: Path) -> None:
    session_id = await first_backtest(engine, tmp_path)
    with pytest.raises(UnknownName):
        await engine.prove(77)
    last = lambda db: db.run(  # noqa: E731
        delete(EVENTS).where(EVENTS.c.session_id == session_id, EVENTS.c.seq > 90)
    )
    await change(engine, last)
    with pytest.raises(RecordDamaged, match="do not give the hash"):
        await engine.prove(session_id)


async def test_a_strategy_that_is_gone_is_a_sentence(engine: Engine, tmp_path: Path) -> None:
    session_id, known = await first_backtest(engine, tmp_path), dict(STRATEGIES)
    try:
        del STRATEGIES["ema_cross"]
        with pytest.raises((UnknownName, FileRefused), match="ema_cross"):
            await engine.prove(session_id)
    finally:  # in their order, which the lists of the window have
        STRATEGIES.clear()
        STRATEGIES.update(known)


async def test_without_its_opening_it_is_proven_with_a_remark(
    engine: Engine, tmp_path: Path
) -> None:
    session_id = await first_backtest(engine, tmp_path)
    assert await openings.find(engine._store, session_id) is not None
    await change(engine, lambda db: db.run(delete(OPENINGS)))
    proof = await engine.prove(session_id)
    assert proof.equal
    assert "cannot be told" in proof.remarks[0]
