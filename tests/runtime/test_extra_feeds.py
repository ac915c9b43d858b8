"""Strategies that follow more than their own candles: the same in paper, backtest and review."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.domain.archive import Series
from engine.domain.bots import BotSettings, BotState, ExtraFile, FeedChoice, FeedKind
from engine.domain.candles import MINUTE_MS, Candles
from engine.domain.extra_feeds import Followed
from engine.domain.rows import NO_ROWS
from engine.domain.rows_hash import rows_hash
from engine.domain.strategy import ParamValue
from engine.domain.sweeps import SweepRow
from engine.errors import InvalidSetting
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.commands import PortfolioBot, RunBacktest, RunPortfolio, RunSweep
from engine.messages.progress import nobody_told
from engine.messages.review import Review
from engine.messages.snapshot import AppSnapshot
from engine.runtime.backtest.planning import Sources, plan_backtest
from engine.runtime.backtest.run import run_backtest
from engine.runtime.engine import Engine
from engine.runtime.history.loading import load_session
from engine.runtime.opinions import candles_before, warmup_of
from engine.runtime.portfolio.planning import plan_portfolio
from engine.runtime.portfolio.run import run_portfolio
from engine.runtime.sources.archived import archive_in
from engine.runtime.sources.candle_cache import read_candles
from engine.runtime.sweep.planning import plan_sweep
from engine.runtime.sweep.run import run_sweep
from engine.store.database import Store
from engine.strategies import STRATEGIES
from engine.strategies.ema_cross_trend import EmaCrossTrend
from tests.runtime.extra_support import FIVE, OTHER, FollowsEther, ether_bot, write_ether
from tests.runtime.support import (
    StillClock,
    backtest_of,
    file_bot,
    until,
    write_candles,
)

TREND: dict[str, ParamValue] = {"trend_minutes": 15, "trend": 4}


@pytest.fixture(autouse=True)
def strategies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STRATEGIES, FollowsEther.name, FollowsEther())


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write_candles(tmp_path / "btc.csv", 420), write_ether(tmp_path / "eth.csv")


def sources(data_dir: Path | None = None) -> Sources:
    def read(path: Path, timeframe_ms: int | None) -> Candles:
        return read_candles(path, timeframe_ms).candles

    return Sources(read, None if data_dir is None else archive_in(data_dir))


def backtest_wish(settings: BotSettings) -> RunBacktest:
    wish = backtest_of(settings)
    return replace(wish, feed=replace(wish.feed, extra_files=settings.feed.extra_files))


def assert_same(one: Review, other: Review) -> None:
    hashed = one.log.table[one.log.table[:, ev.KIND] < ev.OBSERVATIONS]
    assert np.array_equal(hashed, other.log.table)
    assert one.record.event_hash == other.record.event_hash
    assert one.missing == other.missing == ""
    shown, expected = one.end().chart.indicators, other.end().chart.indicators
    assert set(shown) == set(expected)
    for name, values in shown.items():
        np.testing.assert_array_equal(values, expected[name])


def some_way(now: AppSnapshot) -> bool:
    return now.bots[0].chart.length > 200 and now.bots[0].session.position != 0


async def stopped(engine: Engine) -> int:
    now = await until(engine, lambda now: now.bots[0].session.ended is not None)
    await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
    assert now.bots[0].session_id is not None
    return now.bots[0].session_id


async def recorded(engine: Engine, session_id: int) -> tuple[Followed, ...]:
    return (await load_session(engine._store, session_id)).followed


@pytest.mark.parametrize("restarted", [False, True], ids=["in one go", "restarted in the middle"])
@pytest.mark.parametrize("follows", ["a longer timeframe", "another market"])
async def test_paper_is_the_backtest(
    tmp_path: Path, files: tuple[Path, Path], follows: str, restarted: bool
) -> None:
    path, ether = files
    settings = ether_bot(path, ether)
    if follows == "a longer timeframe":
        settings = file_bot(path, strategy=EmaCrossTrend.name, params=TREND)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    bot_id = await engine.execute(cm.CreateBot(settings, start=True))
    assert isinstance(bot_id, int)
    if restarted:
        await until(engine, some_way)
        await engine.close()
        engine = await Engine.open(tmp_path / "data", clock=StillClock())
        await engine.execute(cm.StartBot(bot_id))
    try:
        paper_id = await stopped(engine)
        backtest_id = await engine.execute(backtest_wish(settings))
        assert isinstance(backtest_id, int)
        paper, backtest = await engine.review(paper_id), await engine.review(backtest_id)
        assert_same(paper, backtest)
        assert len(backtest.log) > 40
        live, stored = engine.snapshot().bots[0].chart, paper.end().chart
        for name, values in live.indicators.items():
            assert np.array_equal(values, stored.indicators[name], equal_nan=True)
        ours, theirs = await recorded(engine, paper_id), await recorded(engine, backtest_id)
        assert len(ours) == len(theirs) == (0 if follows == "a longer timeframe" else 1)
        for mine, yours in zip(ours, theirs, strict=True):
            assert mine.market == yours.market == (OTHER, FIVE)
            assert rows_hash(NO_ROWS, [mine]) == rows_hash(NO_ROWS, [yours])
            assert np.array_equal(mine.known_at, mine.candles.open_at + FIVE)
            # Six for the warm-up before the first candle, and those up to the end.
            assert (mine.known_at <= paper.end().chart.candles.open_at[0]).sum() == 6
            assert mine.known_at[-1] <= paper.record.ended_at
        assert (await engine.doubt(paper_id)).exact
    finally:
        await engine.close()


async def test_a_review_reads_what_was_recorded_and_not_the_file(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    path, ether = files
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        session_id = await engine.execute(backtest_wish(ether_bot(path, ether)))
        assert isinstance(session_id, int)
        before = await engine.review(session_id)
        ether.unlink()
        again = await engine.review(session_id)
        assert_same(before, again)
        assert again.record.settings.extra_files[0].path == str(ether)
        assert "ether" in again.end().chart.indicators
    finally:
        await engine.close()


def test_the_data_hash_covers_what_was_followed(tmp_path: Path, files: tuple[Path, Path]) -> None:
    path, ether = files
    outcome = run_backtest(
        plan_backtest(backtest_wish(ether_bot(path, ether)), sources()),
        nobody_told,
        threading.Event(),
    )
    (seen,) = outcome.log.opinion.followed
    whole = rows_hash(outcome.rows, [seen])
    assert whole != rows_hash(outcome.rows)
    close = seen.candles.close.copy()
    close[3] += 0.01
    changed = replace(seen, candles=replace(seen.candles, close=close))
    assert rows_hash(outcome.rows, [changed]) != whole
    late = replace(seen, known_at=seen.known_at + 1)
    assert rows_hash(outcome.rows, [late]) != whole


def test_the_start_of_the_range_changes_nothing_before_it(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    """Candles of the future are in the file, and a range that ends earlier does not see them."""
    path, ether = files
    wish = backtest_wish(ether_bot(path, ether))
    whole = run_backtest(plan_backtest(wish, sources()), nobody_told, threading.Event())
    at = int(whole.log.opinion.candles.open_at[300])
    part = run_backtest(
        plan_backtest(replace(wish, to_at=at), sources()), nobody_told, threading.Event()
    )
    for name, values in part.log.opinion.signals.indicators.items():
        np.testing.assert_array_equal(values, whole.log.opinion.signals.indicators[name][:300])
    assert part.log.opinion.packed.tolist() == whole.log.opinion.packed[:300].tolist()


def test_the_warm_up_of_longer_candles_counts_in_the_sessions_own() -> None:
    strategy = EmaCrossTrend()
    params = {"fast": 9, "slow": 21, "trend_minutes": 60, "trend": 50}
    assert warmup_of(strategy, params, MINUTE_MS) == 51 * 60
    assert candles_before(strategy, params, MINUTE_MS) == 51 * 60
    assert candles_before(strategy, params, 60 * MINUTE_MS) == 150
    assert warmup_of(strategy, {**params, "trend": 2, "trend_minutes": 1}, MINUTE_MS) == 21


def test_a_backtest_from_the_archive_takes_the_other_market_from_there(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    path, ether = files
    data_dir = tmp_path / "data"
    archive = archive_in(data_dir)
    for symbol, file in (("BTC/USDT", path), (OTHER, ether)):
        candles = read_candles(file, None).candles
        archive.append(Series("kraken", symbol, candles.timeframe_ms), candles, origin="test")
    begin = int(read_candles(path, None).candles.open_at[200])
    wish = replace(
        backtest_wish(ether_bot(path, ether)),
        feed=FeedChoice(FeedKind.ARCHIVE, exchange="kraken"),
        from_at=begin,
        finer_from_archive=False,
    )
    kept = run_backtest(plan_backtest(wish, sources(data_dir)), nobody_told, threading.Event())
    from_file = replace(backtest_wish(ether_bot(path, ether)), from_at=begin)
    read = run_backtest(plan_backtest(from_file, sources()), nobody_told, threading.Event())
    assert kept.event_hash() == read.event_hash()
    assert rows_hash(NO_ROWS, kept.log.opinion.followed) == rows_hash(
        NO_ROWS, read.log.opinion.followed
    )
    archive.delete(Series("kraken", OTHER, FIVE))
    with pytest.raises(Exception, match="no candles of kraken ETH/USDT"):
        plan_backtest(wish, sources(data_dir))


def test_sweeps_and_portfolios_follow_too(tmp_path: Path, files: tuple[Path, Path]) -> None:
    path, ether = files
    wish = backtest_wish(ether_bot(path, ether))
    values = {"fast": (Decimal(3), Decimal(9)), "slow": (Decimal(21), Decimal(40))}
    plan = plan_sweep(RunSweep(wish, values), sources())
    rows: list[SweepRow] = []
    run_sweep(plan, lambda new, _: rows.extend(new), threading.Event(), 1)
    assert len(rows) == 4
    for row in rows:
        one = run_backtest(plan.backtest_of(plan.set_of(row.no)), nobody_told, threading.Event())
        alone = replace(wish, params=dict(plan.set_of(row.no).params))
        again = run_backtest(plan_backtest(alone, sources()), nobody_told, threading.Event())
        assert one.event_hash() == again.event_hash()
        trades = int((one.log.table[:, ev.KIND] == ev.EventKind.TRADE_CLOSED).sum())
        assert row.trades == trades
    single = RunPortfolio((PortfolioBot("one", wish),), wish.trade.cash)
    (bot,) = run_portfolio(plan_portfolio(single, sources()), nobody_told, threading.Event()).bots
    plain = run_backtest(plan_backtest(wish, sources()), nobody_told, threading.Event())
    assert bot.log.opinion.packed.tolist() == plain.log.opinion.packed.tolist()
    assert rows_hash(NO_ROWS, bot.log.opinion.followed) == rows_hash(
        NO_ROWS, plain.log.opinion.followed
    )


def test_a_sweep_of_the_longer_timeframe_is_each_ones_backtest(tmp_path: Path) -> None:
    path = write_candles(tmp_path / "btc.csv", 600)
    wish = replace(backtest_of(file_bot(path, strategy=EmaCrossTrend.name)), params={})
    values = {"trend_minutes": (Decimal(5), Decimal(30)), "trend": (Decimal(4), Decimal(9))}
    begin = int(read_candles(path, None).candles.open_at[400])
    plan = plan_sweep(RunSweep(replace(wish, from_at=begin), values), sources())
    rows: list[SweepRow] = []
    run_sweep(plan, lambda new, _: rows.extend(new), threading.Event(), 1)
    for row in rows:
        one = run_backtest(plan.backtest_of(plan.set_of(row.no)), nobody_told, threading.Event())
        trades = int((one.log.table[:, ev.KIND] == ev.EventKind.TRADE_CLOSED).sum())
        assert row.trades == trades
    assert len({row.net_pnl for row in rows}) > 1


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"extra_files": ()}, r"also follows ETH/USDT 5m\. Give a file"),
        ({"twice": True}, "two files of ETH/USDT 5m"),
        ({"other": "SOL/USDT"}, "does not follow SOL/USDT 5m; it follows ETH/USDT 5m"),
    ],
)
async def test_what_is_not_given_or_given_in_vain_is_said(
    tmp_path: Path, files: tuple[Path, Path], changes: dict[str, object], word: str
) -> None:
    path, ether = files
    settings = ether_bot(path, ether)
    (one,) = settings.feed.extra_files
    given: tuple[ExtraFile, ...] = () if "extra_files" in changes else (one, one)
    if "other" in changes:
        given = (one, replace(one, symbol=str(changes["other"])))
    settings = replace(settings, feed=replace(settings.feed, extra_files=given))
    with pytest.raises(InvalidSetting, match=word):
        plan_backtest(backtest_wish(settings), sources())
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        with pytest.raises(InvalidSetting, match=word):
            await engine.execute(cm.CreateBot(settings, start=True))
    finally:
        await engine.close()


async def test_longer_candles_that_cannot_be_made_are_refused(tmp_path: Path) -> None:
    path = write_candles(tmp_path / "btc.csv", 60)
    settings = file_bot(path, strategy=EmaCrossTrend.name, params={"trend_minutes": 7})
    settings = replace(settings, timeframe_ms=5 * MINUTE_MS)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        with pytest.raises(InvalidSetting, match="7m candles of its market"):
            await engine.execute(cm.CreateBot(settings))
    finally:
        await engine.close()


async def test_a_damaged_recording_of_another_market_is_told(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    from sqlalchemy import delete, update

    from engine.errors import RecordDamaged
    from engine.store.repositories import extra_recordings
    from engine.store.tables import EXTRA_RECORDINGS

    path, ether = files
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    session_id = await engine.execute(backtest_wish(ether_bot(path, ether)))
    assert isinstance(session_id, int)
    store: Store = engine._store
    try:
        async with store.action("shift") as db:
            db.run(update(EXTRA_RECORDINGS).values(first_candle=1))
        with pytest.raises(RecordDamaged, match="ETH/USDT 5m has a gap"):
            await extra_recordings.load(store, session_id)
        async with store.action("lose") as db:
            db.run(delete(EXTRA_RECORDINGS))
        review = await engine.review(session_id)
        assert "ETH/USDT 5m, and there are no candles of it" in review.missing
        assert len(review.log) > 40
    finally:
        await engine.close()
