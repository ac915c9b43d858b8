"""The archive through the engine's door, a real client against a loopback exchange, and a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from engine.domain.archive import Series
from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.candles import MINUTE_MS
from engine.errors import IllegalStep, InvalidSetting, UnknownName
from engine.markets.archive.archive import Archive
from engine.messages.commands import DeleteCandles, DownloadCandles, RunBacktest
from engine.messages.progress import Progress
from engine.runtime.archive.download import download
from engine.runtime.engine import Engine
from engine.runtime.sources.exchanges import Exchanges
from tests.exchange.client import point_at
from tests.exchange.server import LoopbackExchange, Plan
from tests.markets.archive.support import JANUARY, equal, every, walk
from tests.runtime.fake_exchange import SYMBOL, FakeExchange
from tests.runtime.support import QuickClock

SERIES = Series("fake", SYMBOL, MINUTE_MS)
DAY = walk(every(MINUTE_MS, JANUARY, JANUARY + 1_440 * MINUTE_MS))
WISH = DownloadCandles(SERIES, JANUARY, JANUARY + 1_440 * MINUTE_MS)


class _Exchanges:
    """Instead of the program's own."""

    def __init__(self, fake: FakeExchange) -> None:
        self._fake = fake

    def exchange(self, name: str) -> FakeExchange:
        return self._fake

    async def close(self) -> None:
        """Nothing to close."""


async def opened(folder: Path, fake: FakeExchange) -> Engine:
    exchanges = cast("Exchanges", _Exchanges(fake))
    return await Engine.open(folder, clock=QuickClock(), exchanges=exchanges)


async def test_download_look_test_and_delete(tmp_path: Path) -> None:
    engine = await opened(tmp_path, FakeExchange(DAY))
    told: list[Progress] = []
    try:
        assert await engine.archive() == ()
        assert await engine.execute(WISH, told.append) == 1_440
        assert told[-2].words == "1,440 of 1,440 candles"
        assert told[-1].words == "1,440 candles of fake BTC/USDT 1m came into the archive."
        (cover,) = await engine.archive()
        assert (cover.series, cover.bars, cover.missing) == (SERIES, 1_440, 0)
        feed = FeedChoice(FeedKind.ARCHIVE, exchange="fake")
        test = RunBacktest(feed, SYMBOL, 5 * MINUTE_MS, "ema_cross")
        session_id = await engine.execute(test)
        (record,) = await engine.sessions()
        assert record.id == session_id
        assert (record.settings.exchange, record.settings.made_from_ms) == ("fake", MINUTE_MS)
        assert record.settings.fine is not None
        assert record.settings.fine.decided == 288
        with pytest.raises(InvalidSetting, match="Choose one"):
            await engine.execute(replace(test, timeframe_ms=None))
        before = await engine.review(session_id)  # type: ignore[arg-type]
        assert before.missing == ""
        freed = await engine.execute(DeleteCandles(SERIES))
        assert freed == cover.size
        after = await engine.review(session_id)  # type: ignore[arg-type]
        assert "fake BTC/USDT 1m that this session was played on were deleted" in after.missing
        assert len(after.candles) == len(before.candles) == 288
        assert after.record.strategy_source  # it has the text itself
        with pytest.raises(UnknownName):
            await engine.execute(DeleteCandles(SERIES))
    finally:
        await engine.close()


async def test_one_download_of_a_series_at_a_time_and_a_pause(tmp_path: Path) -> None:
    fake = FakeExchange(DAY, at_once=20)
    engine = await opened(tmp_path, fake)
    try:
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def look() -> None:
            if len(fake.asked) == 4:
                reached.set_result(None)

        fake.before_answer = look
        running = asyncio.ensure_future(engine.execute(WISH))
        await reached
        with pytest.raises(IllegalStep, match="fake BTC/USDT 1m is being downloaded"):
            await engine.execute(WISH)
        with pytest.raises(IllegalStep, match="is being downloaded"):
            await engine.execute(DeleteCandles(SERIES))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        (paused,) = await engine.archive()
        assert 60 <= paused.bars < 1_440
        fake.before_answer = lambda: None
        assert await engine.execute(WISH) == 1_440 - paused.bars
        assert equal(Archive(tmp_path / "archive").read(SERIES), DAY)
    finally:
        await engine.close()


async def test_a_real_client_fetches_what_the_exchange_made(tmp_path: Path) -> None:
    async with LoopbackExchange(Plan(seed=3)) as exchange:

        def redirect(made: Any) -> None:
            made.enableRateLimit = False
            point_at(made, exchange.url)

        class MarketTime(QuickClock):
            def now_ms(self) -> int:
                return exchange.clock.true_ms

        exchange.advance(3_000 * MINUTE_MS)
        clock = MarketTime()
        exchanges = Exchanges(clock, redirect=redirect)
        engine = await Engine.open(tmp_path, clock=clock, exchanges=exchanges)
        series = Series("binance", "BTC/USDT", MINUTE_MS)
        now = exchange.clock.true_ms
        wish = DownloadCandles(series, now - 2_500 * MINUTE_MS, now)
        try:
            count = await engine.execute(wish)
            assert isinstance(count, int)
            assert count > 1_000
            (cover,) = await engine.archive()
            assert cover.bars == count
            assert await engine.execute(wish) == 0
        finally:
            await engine.close()


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from engine.markets.archive.archive import Archive
from engine.runtime.archive.download import download
from tests.runtime.fake_exchange import FakeExchange
from tests.runtime.support import QuickClock
from tests.runtime.test_download_by_engine import DAY, SERIES, WISH

class Hurried(QuickClock):
    def monotonic(self):
        self.seconds += 6
        return self.seconds

fake = FakeExchange(DAY, at_once=100)
def look():
    if len(fake.asked) == 8:
        os.kill(os.getpid(), signal.SIGKILL)
fake.before_answer = look
span = WISH.from_at, WISH.to_at
asyncio.run(download(fake, Archive(Path(sys.argv[1])), SERIES, span, Hurried()))
"""


def killed_download(folder: Path) -> int:
    """The exit status of a program that is killed in the middle of a download."""
    root = Path(__file__).resolve().parent.parent.parent
    program = [sys.executable, "-c", KILLED, str(folder)]
    environment = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.run(program, cwd=root, env=environment, check=False, timeout=200).returncode


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
async def test_a_killed_download_lost_seconds_and_goes_on(tmp_path: Path) -> None:
    assert killed_download(tmp_path) == -signal.SIGKILL
    archive = Archive(tmp_path)
    kept = archive.read(SERIES)
    assert len(kept) == 700
    assert archive.check(SERIES) == ()
    again = FakeExchange(DAY)
    span = WISH.from_at, WISH.to_at
    assert (await download(again, archive, SERIES, span, QuickClock())).added == 740
    assert again.pages()[0] == JANUARY + 700 * MINUTE_MS
