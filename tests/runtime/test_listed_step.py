"""The price step of a backtest on the archive: as the exchange lists it, where the prices agree."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.candles import Candles
from engine.domain.settings import TradeSettings
from engine.markets.archive.archive import Archive
from engine.markets.archive.market_notes import NAME
from engine.messages.commands import RunBacktest
from engine.runtime.backtest.planning import Sources, plan_backtest
from tests.markets.archive.support import HOUR, JANUARY, MINUTE, MINUTES, every, walk

WISH = RunBacktest(
    symbol="BTC/USDT",
    timeframe_ms=MINUTE,
    strategy="ema_cross",
    params={"fast": 3, "slow": 8},
    feed=FeedChoice(FeedKind.ARCHIVE, exchange="binance"),
    trade=TradeSettings(cash=Decimal(10_000)),
)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An hour whose prices have two digits."""
    archive = Archive(tmp_path)
    archive.append(MINUTES, walk(every(MINUTE, JANUARY, JANUARY + HOUR)), origin="test")
    return archive


def no_file(path: Path, timeframe_ms: int | None) -> Candles:
    raise AssertionError(path)


def planned(archive: Archive, wish: RunBacktest = WISH) -> Decimal:
    return plan_backtest(wish, Sources(no_file, archive)).market.price_step


def test_it_is_found_in_the_prices_where_nobody_asked(archive: Archive) -> None:
    assert planned(archive) == Decimal("0.01")


@pytest.mark.parametrize("listed", ["0.001", "0.005"])
def test_it_is_the_listed_one_though_the_prices_fit_a_coarser_one(
    archive: Archive, listed: str
) -> None:
    archive.note_step("binance", "BTC/USDT", Decimal(listed))
    assert planned(archive) == Decimal(listed)


def test_a_step_that_was_finer_once_is_found_in_the_prices(archive: Archive) -> None:
    archive.note_step("binance", "BTC/USDT", Decimal("0.5"))
    assert planned(archive) == Decimal("0.01")


def test_a_step_that_a_person_gives_counts(archive: Archive) -> None:
    archive.note_step("binance", "BTC/USDT", Decimal("0.005"))
    assert planned(archive, replace(WISH, price_step=Decimal("0.002"))) == Decimal("0.002")


@pytest.mark.parametrize("text", ["", "[]", '{"price_step": "0"}', '{"price_step": "much"}'])
def test_a_damaged_note_is_as_good_as_none(archive: Archive, tmp_path: Path, text: str) -> None:
    archive.note_step("binance", "BTC/USDT", Decimal("0.005"))
    (note,) = tmp_path.rglob(NAME)
    note.write_text(text)
    assert archive.price_step("binance", "BTC/USDT") is None
    assert planned(archive) == Decimal("0.01")
