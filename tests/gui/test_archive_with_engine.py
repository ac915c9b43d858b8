"""Candles brought in and played on by the real engine: files, an exchange, a damaged disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from engine.domain.archive import Series
from engine.domain.candles import DAY_MS, HOUR_MS, MINUTE_MS, Candles
from engine.domain.listings import Listing
from engine.errors import ArchiveDamaged
from engine.markets.archive.archive import Archive
from engine.runtime.engine import Engine
from tests.gui.kept import moment
from tests.gui.opened import click
from tests.gui.paged import retype
from tests.gui.test_import_panel import say
from tests.gui.test_pages_with_engine import PATIENCE, Real, candle_file
from tests.gui.waiting import until
from tests.runtime.fake_exchange import SYMBOL, FakeExchange
from trader_gui.coverage.facts import grade
from trader_gui.pages.backtest.downloads import State
from trader_gui.pages.backtest.import_panel import ImportPanel
from trader_gui.pages.backtest.page import BacktestPage

pytestmark = pytest.mark.qt_loop

HOURS = Series("binance", SYMBOL, HOUR_MS)
MINUTES = Series("binance", SYMBOL, MINUTE_MS)


def walk(first: str, count: int, timeframe_ms: int) -> Candles:
    """A seeded walk on whole tenths."""
    chance = np.random.default_rng(3)
    close = np.round(40_000 * np.exp(np.cumsum(chance.normal(0, 0.001, count))), 1)
    opened = np.concatenate([[40_000.0], close[:-1]])
    high, low = np.maximum(opened, close) + 4, np.minimum(opened, close) - 4
    at = moment(first) + timeframe_ms * np.arange(count)
    return Candles(at, opened, high, low, close, np.ones(count), timeframe_ms)


class OneExchange:
    """The engine's exchanges: a made-up one under every name."""

    def __init__(self, exchange: FakeExchange) -> None:
        self._exchange = exchange

    async def names(self) -> tuple[str, ...]:
        return ("binance",)

    async def listings(self, name: str) -> Mapping[str, Listing]:
        return await self._exchange.listings()

    def exchange(self, name: str) -> FakeExchange:
        return self._exchange

    async def close(self) -> None:
        pass


class Holding(FakeExchange):
    """Answers `most` questions for minutes, the next ones when `open` is set."""

    most = 3
    open = asyncio.Event()

    async def candles(self, symbol: str, timeframe_ms: int, from_at: int, count: int) -> Candles:
        if len(self.pages()) >= self.most:
            await self.open.wait()
        return await super().candles(symbol, timeframe_ms, from_at, count)


@asynccontextmanager
async def real(folder: Path, exchange: FakeExchange | None = None) -> AsyncIterator[Real]:
    exchanges = OneExchange(exchange) if exchange is not None else None
    held = Real(await Engine.open(folder / "data", exchanges=cast(Any, exchanges)))
    try:
        yield held
    finally:
        await held.close()


def archive(folder: Path) -> Archive:
    return Archive(folder / "data" / "archive")


async def shown(held: Real) -> BacktestPage:
    page = held.page(BacktestPage)
    assert isinstance(page, BacktestPage)
    await until(lambda: page.kept.known, PATIENCE)
    return page


async def importing(page: BacktestPage, file: Path, exchange: str) -> ImportPanel:
    """The panel when it has looked at the file and was told where the candles come from."""
    page.middle.open_import([file])
    panel = page.middle.importing
    await until(lambda: panel.preview is not None, PATIENCE)
    retype(panel.exchange.editor, exchange)
    return panel


async def test_a_file_is_imported_and_played_on_with_its_minutes_inside_the_bars(
    tmp_path: Path,
) -> None:
    file = candle_file(tmp_path, 1_500)
    async with real(tmp_path) as held:
        page = await shown(held)
        panel = await importing(page, file, "binance")
        assert panel.symbol.text == SYMBOL
        assert panel.choices.timeframe.currentText() == "1m (found)"
        await until(lambda: panel.go.isEnabled())
        click(panel.go)
        await until(lambda: "1,500 candles added" in panel.state.text(), PATIENCE)
        await until(lambda: page.form.archive.source is not None, PATIENCE)
        page.middle.close_tool()
        frame = page.form.archive.timeframe
        say(frame, "5m")
        assert "Whole 5m candles are made from them." in page.form.archive.words.text()
        assert "1m candles decide" in page.form.archive.words.text()
        await until(page.form.run.isEnabled)
        click(page.form.run)
        await until(lambda: page.result._stack.currentIndex() == 1, PATIENCE)
        await until(lambda: not page.form._running, PATIENCE)
        (record,) = await held.engine.sessions()
        assert record.settings.exchange == "binance"
        assert record.settings.made_from_ms == MINUTE_MS
        assert record.settings.fine is not None
        assert record.settings.fine.decided == record.result.bars
        page.take_session(record)
        assert page.form.archive.series == Series("binance", SYMBOL, 5 * MINUTE_MS)
        assert page.form.run.isEnabled(), page.form.why.text()


async def test_trades_become_candles_of_the_timeframe_that_is_chosen(tmp_path: Path) -> None:
    file = tmp_path / "XBTEUR.csv"
    begin = moment("2023-01-01") // 1000
    rows = [f"{begin + 20 * trade},{16_000 + trade % 7},0.25" for trade in range(900)]
    file.write_text("\n".join(rows))
    async with real(tmp_path) as held:
        page = await shown(held)
        panel = await importing(page, file, "kraken")
        retype(panel.symbol.editor, "BTC/EUR")
        assert panel.choices.holds.currentText() == "Trades"
        assert panel.choices.timeframe.currentText() == "Choose one"
        assert panel.state.text() == "Choose the timeframe of the candles."
        assert not panel.go.isEnabled()
        say(panel.choices.timeframe, "5m")
        await until(lambda: panel.go.isEnabled(), PATIENCE)
        click(panel.go)
        await until(lambda: panel.state.property("tone") == "up", PATIENCE)
        assert page.form.archive.series == Series("kraken", "BTC/EUR", 5 * MINUTE_MS)
    (kept,) = archive(tmp_path).series()
    candles = archive(tmp_path).read(kept)
    assert len(candles) == 60
    assert candles.volume.sum() == 900 * 0.25


async def test_a_file_that_is_refused_leaves_nothing(tmp_path: Path) -> None:
    file = candle_file(tmp_path, 900)
    lines = file.read_text().splitlines()
    lines[700] = lines[700].replace(",3", ",-3")
    file.write_text("\n".join(lines))
    async with real(tmp_path) as held:
        page = await shown(held)
        panel = await importing(page, file, "binance")
        await until(lambda: panel.go.isEnabled())
        click(panel.go)
        await until(lambda: panel.state.property("tone") == "down", PATIENCE)
        assert "line 701" in panel.state.text()
        assert archive(tmp_path).series() == ()


async def test_a_download_is_paused_resumed_and_complete(tmp_path: Path) -> None:
    exchange = Holding(walk("2024-03-01", 6 * 1_440, MINUTE_MS))
    exchange.open = asyncio.Event()
    async with real(tmp_path, exchange) as held:
        page = await shown(held)
        click(page.middle.buttons["download"])
        form = page.middle.download_form
        await until(lambda: form.market.listing is not None, PATIENCE)
        form.market.timeframe.setCurrentIndex(form.market.timeframe.findText("1m"))
        form.market.timeframe.activated.emit(0)
        retype(form.from_at.editor, "2024-03-01")
        retype(form.to_at.editor, "2024-03-07")
        click(form.go)
        strip = page.middle.downloads.strips[0]
        await until(lambda: strip.words.text().startswith("3,000 of 8,640 candles"), PATIENCE)
        click(strip.turn)
        await until(lambda: strip.state is State.PAUSED, PATIENCE)
        assert strip.words.text() == "Paused at 3,000 of 8,640 candles. What came is kept."
        await until(lambda: page.kept.covers, PATIENCE)
        assert page.kept.covers[0].bars == 3_000
        exchange.open.set()
        click(strip.turn)
        await until(lambda: strip.state is State.DONE, PATIENCE)
        assert strip.words.text() == ("5,640 candles of binance BTC/USDT 1m came into the archive.")
        await until(lambda: page.kept.covers[0].bars == 8_640, PATIENCE)
        assert len(set(exchange.pages())) == 9  # nothing was asked for twice


async def test_a_program_that_ends_meanwhile_keeps_what_came(tmp_path: Path) -> None:
    exchange = Holding(walk("2024-03-01", 6 * 1_440, MINUTE_MS))
    exchange.open = asyncio.Event()
    async with real(tmp_path, exchange) as held:
        page = await shown(held)
        click(page.middle.buttons["download"])
        await until(lambda: page.middle.download_form.market.listing is not None, PATIENCE)
        form = page.middle.download_form
        form.market.timeframe.setCurrentIndex(form.market.timeframe.findText("1m"))
        form.market.timeframe.activated.emit(0)
        retype(form.from_at.editor, "2024-03-01")
        retype(form.to_at.editor, "2024-03-07")
        click(form.go)
        strip = page.middle.downloads.strips[0]
        await until(lambda: strip.words.text().startswith("3,000 of 8,640 candles"), PATIENCE)
    assert len(archive(tmp_path).read(MINUTES)) == 3_000


async def test_a_damaged_month_is_told_marked_and_the_rest_is_played_on(tmp_path: Path) -> None:
    archive(tmp_path).append(HOURS, walk("2024-01-01", 91 * 24, HOUR_MS), origin="test")
    (month,) = (tmp_path / "data").rglob("2024-02.parquet")
    spoiled = bytearray(month.read_bytes())
    spoiled[len(spoiled) // 3] ^= 0xFF
    month.write_bytes(spoiled)
    async with real(tmp_path) as held:
        page = held.page(BacktestPage)
        assert isinstance(page, BacktestPage)
        failed: list[object] = []
        page.failed.connect(failed.append)
        await until(lambda: failed, PATIENCE)  # by drawing them
        assert isinstance(failed[0], ArchiveDamaged)
        shown_map = page.middle.coverage.map
        await until(
            lambda: "damaged" in [grade(each) for each in shown_map.rows[0].months], PATIENCE
        )
        assert page.middle.doubt.text() == "Feb 2024 damaged"
        await until(page.form.run.isEnabled, PATIENCE)
        page.form.set_span((moment("2024-03-01"), moment("2024-03-31")))
        click(page.form.run)
        await until(lambda: page.result._stack.currentIndex() == 1, PATIENCE)
        await until(lambda: not page.form._running, PATIENCE)


async def test_what_is_kept_is_checked_and_deleted(tmp_path: Path) -> None:
    archive(tmp_path).append(HOURS, walk("2024-01-01", 60 * 24, HOUR_MS), origin="test")
    days = Series("binance", SYMBOL, DAY_MS)
    archive(tmp_path).append(days, walk("2023-01-01", 365, DAY_MS), origin="test")
    async with real(tmp_path) as held:
        page = await shown(held)
        click(page.middle.buttons["kept"])
        keeping = page.middle.keeping
        keeping.table.pick(keeping.model.rows.numbers.of(HOURS))
        click(keeping.check)
        await until(lambda: "every byte is as it was written" in keeping.words.text(), PATIENCE)
        asked: list[Any] = []
        page.delete_asked.connect(asked.append)
        click(keeping.delete)
        assert asked[0].series == HOURS
    assert set(archive(tmp_path).series()) == {HOURS, days}
