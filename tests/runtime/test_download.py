"""A download against an exchange in memory: complete, polite, gone on with, told in words."""

from __future__ import annotations

import asyncio
import errno
import os
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.domain.archive import Series
from engine.domain.candles import DAY_MS, HOUR_MS, MINUTE_MS, Candles
from engine.errors import (
    ExchangeRefused,
    ExchangeUnavailable,
    InvalidSetting,
    RateLimited,
    StoreUnavailable,
)
from engine.markets.archive.archive import Archive
from engine.messages.progress import Progress
from engine.runtime.archive.download import download
from engine.runtime.archive.incoming import Downloaded, Incoming
from tests.markets.archive.support import JANUARY, equal, every, walk
from tests.runtime.fake_exchange import SYMBOL, FakeExchange
from tests.runtime.support import QuickClock

SERIES = Series("fake", SYMBOL, MINUTE_MS)
DAYS = walk(every(MINUTE_MS, JANUARY, JANUARY + 3 * DAY_MS))
END = JANUARY + 3 * DAY_MS


class Here:
    """A download's surroundings."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive(folder)
        self.clock = QuickClock()
        self.told: list[Progress] = []

    async def fetch(
        self, exchange: FakeExchange, from_at: int = JANUARY, to_at: int = END
    ) -> Downloaded:
        span = from_at, to_at
        return await download(exchange, self.archive, SERIES, span, self.clock, self.told.append)

    @property
    def kept(self) -> Candles:
        return self.archive.read(SERIES)


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


async def test_all_that_is_missing_comes_and_nothing_is_asked_twice(here: Here) -> None:
    exchange = FakeExchange(DAYS, at_once=500)
    done = await here.fetch(exchange)
    assert (done.added, done.revised, done.withheld) == (4_320, 0, None)
    assert done.words == "4,320 candles of fake BTC/USDT 1m came into the archive."
    assert equal(here.kept, DAYS)
    assert len(exchange.asked) == 9
    assert here.told[-1] == Progress(4_320, 4_320, "4,320 of 4,320 candles")
    assert here.told[0].words == "0 of 4,320 candles"
    again = FakeExchange(DAYS)
    assert (await here.fetch(again)).added == 0
    assert again.asked == []


async def test_only_the_holes_are_asked_for(here: Here) -> None:
    for begin, end in ((100, 900), (1_000, 4_000)):
        here.archive.append(SERIES, DAYS.part(begin, end), origin="file")
    exchange = FakeExchange(DAYS)
    assert (await here.fetch(exchange)).added == 520
    assert equal(here.kept, DAYS)
    starts = [(at - JANUARY) // MINUTE_MS for at in exchange.pages()]
    assert starts == [0, 900, 4_000]


async def test_minutes_without_trades_are_quiet_and_not_asked_again(here: Here) -> None:
    gone = np.delete(np.arange(len(DAYS)), [5, 6, 1_439, 2_000])
    candles = walk(DAYS.open_at[gone])
    assert (await here.fetch(FakeExchange(candles, at_once=300))).added == 4_316
    (month,) = here.archive.coverage(SERIES).months
    assert (month.missing, month.quiet) == (4, 4)
    again = FakeExchange(candles)
    await here.fetch(again)
    assert again.asked == []
    hours, _ = here.archive.candles("fake", SYMBOL, HOUR_MS)
    assert len(hours) == 72


@pytest.mark.parametrize("leaps", [True, False])
async def test_years_before_the_first_candle_are_jumped_over(here: Here, leaps: bool) -> None:
    listed = walk(every(MINUTE_MS, JANUARY + 17 * HOUR_MS, END))
    exchange = FakeExchange(listed, at_once=200, leaps=leaps)
    begin = JANUARY - 3_000 * DAY_MS
    done = await here.fetch(exchange, begin)
    assert equal(here.kept, listed)
    assert done.withheld is None
    assert here.archive.missing(SERIES, begin, END) == ()
    assert len(exchange.asked) < 70
    assert here.told[-1].done == here.told[-1].total < 4_400


@pytest.mark.parametrize("leaps", [True, False])
async def test_a_halt_of_days_is_a_hole_and_not_the_end(here: Here, leaps: bool) -> None:
    at = every(MINUTE_MS, JANUARY, JANUARY + 9 * DAY_MS)
    candles = walk(np.concatenate((at[:2_000], at[10_000:])))
    exchange = FakeExchange(candles, at_once=300, leaps=leaps)
    await here.fetch(exchange, JANUARY, JANUARY + 9 * DAY_MS)
    assert equal(here.kept, candles)


async def test_a_range_that_ends_in_a_halt_is_not_overrun(here: Here) -> None:
    at = every(MINUTE_MS, JANUARY, JANUARY + 9 * DAY_MS)
    candles = walk(np.concatenate((at[:1_500], at[2_500:])))
    exchange = FakeExchange(candles, at_once=300, leaps=False)
    end = JANUARY + 2_200 * MINUTE_MS
    await here.fetch(exchange, JANUARY, end)
    assert here.told[-1].done == here.told[-1].total
    assert equal(here.kept, candles.part(0, 1_500))
    ((first, _),) = here.archive.missing(SERIES, end, JANUARY + 9 * DAY_MS)
    assert first == end


async def test_what_was_left_out_between_two_parts_stays_missing(here: Here) -> None:
    incoming = Incoming(here.archive, SERIES, here.clock, "test")
    for begin in (0, 20):
        part = DAYS.part(begin, begin + 10)
        at = int(part.open_at[0])
        await incoming.take(at, part, at + 10 * MINUTE_MS)
    await incoming.flush()
    assert here.archive.missing(SERIES, JANUARY, JANUARY + 30 * MINUTE_MS) == (
        (JANUARY + 10 * MINUTE_MS, JANUARY + 20 * MINUTE_MS),
    )
    assert incoming.done.added == 20


async def test_candles_too_old_to_be_given_are_told_and_not_taken_for_none(here: Here) -> None:
    exchange = FakeExchange(DAYS, last_only=720)
    done = await here.fetch(exchange)
    assert done.added == 720
    assert done.withheld == (JANUARY, END - 720 * MINUTE_MS)
    assert "does not give its 1m candles from 2024-01-01 00:00 to 2024-01-03 12:00" in done.words
    assert here.archive.missing(SERIES, JANUARY, END) == ((JANUARY, END - 720 * MINUTE_MS),)


async def test_the_same_of_an_exchange_that_leaps_nowhere(here: Here) -> None:
    exchange = FakeExchange(DAYS, at_once=100, last_only=1_000, leaps=False)
    done = await here.fetch(exchange)
    assert done.added == 1_000
    assert done.withheld is not None
    assert here.archive.missing(SERIES, JANUARY, END)[-1][1] == END - 1_000 * MINUTE_MS


async def test_the_latest_candles_leave_no_hole_taken_for_empty(here: Here) -> None:
    """Asked again every thirteen hours, Kraken gives the last twelve."""
    end = here.clock.now_ms() // MINUTE_MS * MINUTE_MS
    begin = end - 2 * DAY_MS
    candles = walk(every(MINUTE_MS, begin, end))
    here.archive.append(SERIES, candles.part(0, 2_880 - 780), origin="file")
    done = await here.fetch(FakeExchange(candles, last_only=720), begin, end)
    assert done.withheld == (end - 780 * MINUTE_MS, end - 720 * MINUTE_MS)
    hours, _ = here.archive.candles("fake", SYMBOL, HOUR_MS)
    missing = {end - end % HOUR_MS - lost * HOUR_MS for lost in (12, 13)}
    assert not missing & set(hours.open_at.tolist()[:-1])


async def test_patience_is_obeyed_to_the_second(here: Here) -> None:
    limited = RateLimited("fake asks for patience.", wait_s=77.0)
    exchange = FakeExchange(DAYS, troubles=[None, limited, limited])
    began = here.clock.seconds
    assert (await here.fetch(exchange)).added == 4_320
    assert here.clock.seconds - began == 154.0
    assert "fake asks for patience. Going on in 1 m 17 s." in [one.words for one in here.told]
    assert " left" in here.told[-2].words


async def test_troubles_pass_or_end_it_with_what_came_kept(here: Here) -> None:
    broken = ExchangeUnavailable("fake cannot be reached.")
    exchange = FakeExchange(DAYS, troubles=[broken, broken, None, broken])
    assert (await here.fetch(exchange)).added == 4_320
    assert here.clock.seconds == 1_000 + 2 + 4 + 2
    other = FakeExchange(walk(every(MINUTE_MS, END, END + DAY_MS)))
    other.troubles = [None, *[broken] * 9]
    with pytest.raises(ExchangeUnavailable) as raised:
        await here.fetch(other, END, END + DAY_MS)
    assert raised.value.words.endswith("reached. The 1,000 candles before it are kept.")
    assert len(here.kept) == 5_320


async def test_what_only_a_person_can_change_ends_it(here: Here) -> None:
    refused = ExchangeRefused("fake does not serve this country.")
    with pytest.raises(ExchangeRefused) as raised:
        await here.fetch(FakeExchange(DAYS, troubles=[None, refused]))
    assert raised.value.words.endswith("country. The 1,000 candles before it are kept.")
    assert len(here.kept) == 1_000
    hourly = FakeExchange(DAYS, timeframes=(HOUR_MS,))
    with pytest.raises(InvalidSetting, match="fake makes no 1m candles of BTC/USDT"):
        await here.fetch(hourly)
    unlisted = Series("fake", "NO/SUCH", MINUTE_MS)
    with pytest.raises(ExchangeRefused, match="fake does not list NO/SUCH"):
        await download(FakeExchange(DAYS), here.archive, unlisted, (JANUARY, END), here.clock)


async def test_a_cancelled_download_is_gone_on_with(here: Here) -> None:
    exchange = FakeExchange(DAYS)
    task = asyncio.ensure_future(here.fetch(exchange))
    exchange.before_answer = lambda: task.cancel() and None if len(exchange.asked) == 3 else None
    with pytest.raises(asyncio.CancelledError):
        await task
    first = len(here.kept)
    assert 1_000 <= first < 4_320
    again = FakeExchange(DAYS)
    assert (await here.fetch(again)).added == 4_320 - first
    assert again.pages()[0] == JANUARY + first * MINUTE_MS


async def test_what_is_being_written_when_it_is_cancelled_is_written(here: Here) -> None:
    incoming = Incoming(here.archive, SERIES, here.clock, "test")
    await incoming.take(JANUARY, DAYS.part(0, 10), JANUARY + 10 * MINUTE_MS)
    writing = asyncio.ensure_future(incoming.flush())
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert equal(here.kept, DAYS.part(0, 10))


async def test_a_full_disk_ends_it_and_what_was_there_stays(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.archive.append(SERIES, DAYS.part(0, 10), origin="file")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreUnavailable, match="No space left on device"):
            await here.fetch(FakeExchange(DAYS))
    assert equal(here.kept, DAYS.part(0, 10))
    await here.fetch(FakeExchange(DAYS))
    assert equal(here.kept, DAYS)


async def test_what_is_not_over_is_left_for_later(here: Here) -> None:
    now = here.clock.now_ms()
    begin = now - now % DAY_MS - DAY_MS
    at = every(MINUTE_MS, begin, now - 10 * MINUTE_MS)
    candles = walk(at)
    await here.fetch(FakeExchange(candles), begin, now + DAY_MS)
    assert equal(here.kept, candles)
    ((first, last),) = here.archive.missing(SERIES, begin, now)
    assert first == int(at[-1]) + MINUTE_MS
    assert last > first


async def test_the_price_step_that_the_exchange_lists_is_kept_beside_the_candles(
    here: Here,
) -> None:
    assert here.archive.price_step("fake", SYMBOL) is None
    await here.fetch(FakeExchange(DAYS))
    assert here.archive.price_step("fake", SYMBOL) == Decimal("0.01")
    assert here.archive.series() == (SERIES,)
    here.archive.delete(SERIES)
    assert not list(here.archive._folder.rglob("*"))


async def test_of_a_market_of_which_nothing_came_nothing_is_kept(here: Here) -> None:
    await here.fetch(FakeExchange(DAYS), JANUARY - 9 * DAY_MS, JANUARY - 8 * DAY_MS)
    assert here.archive.price_step("fake", SYMBOL) is None
