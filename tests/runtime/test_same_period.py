"""A bot's session beside a backtest of its period: every trade once, every count of money told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from engine.domain.archive import Series
from engine.domain.bots import BotSettings, BotState, Mode
from engine.domain.candles import Candles
from engine.domain.settings import TradeSettings
from engine.errors import Cancelled, CandlesMissing, FileRefused, IllegalStep
from engine.messages import commands as cm
from engine.messages.progress import Progress
from engine.messages.same_period import Kind, SamePeriod
from engine.runtime.engine import Engine
from engine.runtime.history.loading import load_session
from engine.runtime.same_period.matching import Grid
from engine.runtime.sources.archived import archive_in
from engine.runtime.sources.candle_cache import read_candles
from engine.store.exact_json import to_text
from engine.store.tables import OPENINGS, SESSIONS
from engine.strategies import STRATEGIES
from tests.golden.unpacking import GOLDEN, unpack
from tests.runtime.extra_support import FollowsEther, ether_bot, write_ether
from tests.runtime.support import (
    BEGINS_AT,
    BUSY,
    MINUTE,
    StillClock,
    file_bot,
    until,
    write_candles,
)

GRID = Grid(MINUTE, BEGINS_AT % MINUTE)


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


def busy_bot(path: Path) -> BotSettings:
    """Trades every few candles."""
    trade = replace(BUSY, cooldown_min=None)
    return file_bot(path, params={"fast": 2, "slow": 4}, trade=trade)


async def on_paper(engine: Engine, wish: BotSettings) -> int:
    """A bot on a candle file, to its end; the session's id."""
    await engine.execute(cm.CreateBot(wish, start=True))
    await until(engine, lambda now: now.bots[-1].session.ended is not None)
    done = await until(engine, lambda now: now.bots[-1].state is BotState.STOPPED)
    assert done.bots[-1].session_id is not None
    return done.bots[-1].session_id


async def resettle(
    engine: Engine,
    session_id: int,
    trade: Callable[[TradeSettings], TradeSettings] = lambda kept: kept,
    **other: str,
) -> None:
    """Other settings in the session's row than it ran with."""
    kept = (await load_session(engine._store, session_id)).record.settings
    now = replace(kept, trade=trade(kept.trade), **other)  # type: ignore[arg-type]
    async with engine._store.action("change") as db:
        mine = SESSIONS.c.id == session_id
        db.run(update(SESSIONS).where(mine).values(settings=to_text(now)))


def adds_up(found: SamePeriod) -> None:
    """What must be true of every account."""
    shares = found.shares
    assert sum(share.money for share in shares) == found.net_here - found.net_there
    here = [pair.here for pair in found.pairs if pair.here is not None]
    there = [pair.there for pair in found.pairs if pair.there is not None]
    assert sum(trade.pnl for trade in here) == found.net_here
    assert sum(trade.pnl for trade in there) == found.net_there


def rewritten(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Another file in its place; its times of change differ by the size."""
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([head, *change(lines)]) + "\n")


# ---------------------------------------------------------------- pairs, pure


# ---------------------------------------------------------------- sessions


async def test_the_same_candles_come_to_the_same(engine: Engine, tmp_path: Path) -> None:
    path = write_candles(tmp_path / "c.csv", 300)
    session_id = await on_paper(engine, busy_bot(path))
    found = await engine.same_period(session_id)
    adds_up(found)
    (record,) = await engine.sessions()
    assert found.money(found.net_here) == record.settings.scale.money(record.result.net_pnl)
    assert (found.difference, found.missing, found.revised) == (0, 0, 0)
    assert [share.kind for share in found.shares] == [Kind.SAME]
    assert len(found.pairs) > 10
    assert (found.candles, found.seen, found.source) == (300, 300, "the file c.csv")
    assert found.lacking is None


async def test_revised_and_missing_candles_are_told_in_money(
    engine: Engine, tmp_path: Path
) -> None:
    path = write_candles(tmp_path / "c.csv", 300)
    session_id = await on_paper(engine, busy_bot(path))

    def change(lines: list[str]) -> list[str]:
        for place in (60, 61, 150):
            at, *prices, volume = lines[place].split(",")
            lines[place] = ",".join([at, *(f"{float(one) + 150:g}" for one in prices), volume])
        return lines[:200] + lines[230:]

    rewritten(path, change)
    found = await engine.same_period(session_id)
    adds_up(found)
    assert (found.missing, found.revised, found.candles) == (30, 3, 270)
    assert found.missing_pct == 10
    kinds = {share.kind for share in found.shares}
    assert {Kind.ONLY_HERE, Kind.SAME} < kinds
    assert found.difference != 0
    alone = [pair.why for pair in found.pairs if pair.kind is Kind.ONLY_HERE]
    assert any("saw no candle close then" in why for why in alone)
    for pair in found.pairs:
        assert bool(pair.why) is (pair.kind is not Kind.SAME)


async def test_a_refused_entry_says_which_rule_refused_it(engine: Engine, tmp_path: Path) -> None:
    path = write_candles(tmp_path / "c.csv", 300)
    session_id = await on_paper(engine, busy_bot(path))
    await resettle(engine, session_id, lambda kept: replace(kept, max_trades_per_day=4))
    found = await engine.same_period(session_id)
    adds_up(found)
    alone = [pair.why for pair in found.pairs if pair.kind is Kind.ONLY_HERE]
    assert len(alone) > 3
    assert all("refused by max_trades_per_day: 4 of 4" in why for why in alone)


async def test_ticks_of_the_simulated_market_beside_its_candles(tmp_path: Path) -> None:
    first, later, no_candle, short = unpack(GOLDEN[-1], tmp_path / "data")["ticks"]
    async with opened(tmp_path) as engine:
        for session_id in (first, later, short):
            found = await engine.same_period(session_id)
            adds_up(found)
            assert found.source == "the simulated market, seed 11"
            assert (found.missing, found.revised) == (0, 0)
            assert found.pairs
        (pair,) = found.pairs
        assert (pair.kind, pair.why) == (Kind.REASON, "Manual here, end of data in the backtest.")
        with pytest.raises(IllegalStep, match="saw no candle close"):
            await engine.same_period(no_candle)
        async with engine._store.action("change") as db:
            db.run(delete(OPENINGS))
        assert (await engine.same_period(first)).remarks == ()
        await resettle(engine, first, lambda kept: replace(kept, cash=kept.cash + 1))
        found = await engine.same_period(first)
        assert "not known any more" in found.remarks[0]
        assert found.difference == 0
        with pytest.raises(IllegalStep, match="began with a position"):
            await engine.same_period(later)


async def test_candles_of_an_exchange_come_from_the_archive(engine: Engine, tmp_path: Path) -> None:
    path = write_candles(tmp_path / "c.csv", 300)
    session_id = await on_paper(engine, busy_bot(path))
    await resettle(engine, session_id, source="binance", source_path="")
    with pytest.raises(CandlesMissing, match="Download binance BTC/USDT 1m") as caught:
        await engine.same_period(session_id)
    assert caught.value.market == ("binance", "BTC/USDT", MINUTE)
    candles = read_candles(path, MINUTE).candles
    assert caught.value.span == (int(candles.open_at[0]), int(candles.open_at[-1]) + MINUTE)
    _keep(engine, candles.part(0, 240))
    found = await engine.same_period(session_id)
    adds_up(found)
    assert (found.missing, found.missing_pct) == (60, 20)
    assert found.lacking is not None
    assert found.lacking.series == Series("binance", "BTC/USDT", MINUTE)
    assert found.source == "the archive: binance BTC/USDT 1m"
    _keep(engine, candles)
    found = await engine.same_period(session_id)
    assert (found.difference, found.missing, found.lacking) == (0, 0, None)


def _keep(engine: Engine, candles: Candles) -> None:
    archive_in(engine.data_dir).append(
        Series("binance", "BTC/USDT", MINUTE), candles, origin="a test"
    )


async def test_prices_finer_than_the_sessions_are_counted_exactly(
    engine: Engine, tmp_path: Path
) -> None:
    path = write_candles(tmp_path / "c.csv", 200)
    session_id = await on_paper(engine, busy_bot(path))
    rewritten(path, lambda lines: [line.replace(".5,", ".57,") for line in lines])
    found = await engine.same_period(session_id)
    adds_up(found)
    assert found.price_places == 2
    assert found.difference != 0


async def test_it_is_kept_as_a_backtest_that_can_be_proven(engine: Engine, tmp_path: Path) -> None:
    path = write_candles(tmp_path / "c.csv", 200)
    session_id = await on_paper(engine, busy_bot(path))
    kept = await engine.execute(cm.KeepSamePeriod(session_id))
    assert isinstance(kept, int)
    newest, original = await engine.sessions()
    assert (newest.id, newest.mode) == (kept, Mode.BACKTEST)
    assert newest.bot_name == f"Backtest of S-{session_id:04d}"
    assert newest.event_hash == original.event_hash
    assert (await engine.prove(kept)).equal
    assert len(await engine.compare((session_id, kept))) == 2
    with pytest.raises(IllegalStep, match="is a backtest"):
        await engine.same_period(kept)


async def test_what_is_brought_along_is_brought_into_the_backtest(tmp_path: Path) -> None:
    _, later, *_ = unpack(GOLDEN[-1], tmp_path / "data")["ticks"]
    async with opened(tmp_path) as engine:
        found = await engine.same_period(later)
        first = found.pairs[0]
        assert first.here is not None
        assert first.there is not None
        assert first.here.entry_at == first.there.entry_at < found.from_at
        with pytest.raises(IllegalStep, match="compared, not kept"):
            await engine.execute(cm.KeepSamePeriod(later))


async def test_another_market_is_followed_as_it_was(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STRATEGIES, FollowsEther.name, FollowsEther())
    path = write_candles(tmp_path / "c.csv", 200)
    session_id = await on_paper(engine, ether_bot(path, write_ether(tmp_path / "e.csv", 60)))
    found = await engine.same_period(session_id)
    adds_up(found)
    assert found.pairs
    assert (found.difference, {pair.kind for pair in found.pairs}) == (0, {Kind.SAME})
    assert found.remarks == (
        "Other markets that the strategy follows are those the session recorded.",
    )


async def test_a_file_that_is_gone_is_a_sentence(engine: Engine, tmp_path: Path) -> None:
    path = write_candles(tmp_path / "c.csv", 60)
    session_id = await on_paper(engine, busy_bot(path))
    path.unlink()
    with pytest.raises(FileRefused, match=r"from the file c\.csv, and that cannot be read"):
        await engine.same_period(session_id)


async def test_it_says_how_far_it_is_and_can_be_cancelled(engine: Engine, tmp_path: Path) -> None:
    session_id = await on_paper(engine, busy_bot(write_candles(tmp_path / "c.csv", 200)))
    told: list[Progress] = []
    await engine.same_period(session_id, told.append)
    assert told[-1].words == "200 of 200 bars"

    def cancel(progress: Progress) -> None:
        work.cancel()

    work = asyncio.create_task(engine.same_period(session_id, cancel))
    with pytest.raises((asyncio.CancelledError, Cancelled)):
        await work


async def test_a_session_that_was_stopped_keeps_its_position_in_both(
    engine: Engine, tmp_path: Path
) -> None:
    path = write_candles(tmp_path / "c.csv", 2_000)
    await engine.execute(cm.CreateBot(busy_bot(path), start=True))
    await until(engine, lambda now: now.bots[0].session.position != 0)
    bot_id = engine.snapshot().bots[0].bot_id
    session_id = engine.snapshot().bots[0].session_id
    assert session_id is not None
    adds_up(await engine.same_period(session_id))  # while it runs
    await engine.execute(cm.StopBot(bot_id))
    found = await engine.same_period(session_id)
    adds_up(found)
    assert found.candles == found.seen < 2_000
    assert (found.difference, {share.kind for share in found.shares}) == (0, {Kind.SAME})
