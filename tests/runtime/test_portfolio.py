"""Portfolio backtests as they are planned, run and stored."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.core.metrics import trades_of
from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.candles import Candles
from engine.domain.market import Market
from engine.domain.reasons import Refusal
from engine.domain.settings import TradeSettings
from engine.domain.strategy import ParamValue
from engine.errors import Cancelled, Fault, InvalidSetting, UnknownName
from engine.markets.candle_file import read_candle_file
from engine.messages import events as ev
from engine.messages.commands import PortfolioBot, RunBacktest, RunPortfolio
from engine.messages.events import EMPTY_HASH, EventKind, chain
from engine.messages.progress import Progress
from engine.runtime.backtest.planning import Sources, plan_backtest
from engine.runtime.backtest.run import run_backtest
from engine.runtime.engine import Engine
from engine.runtime.portfolio.figures import account_figures
from engine.runtime.portfolio.planning import in_one_unit, plan_portfolio
from engine.runtime.portfolio.run import PortfolioOutcome, run_portfolio
from tests.runtime.support import BUSY, StillClock, write_candles


def candles(path: Path, timeframe_ms: int | None) -> Candles:
    return read_candle_file(path, timeframe_ms).candles


FILES = Sources(candles)


def bot(
    path: Path,
    name: str = "a",
    *,
    strategy: str = "ema_cross",
    params: dict[str, ParamValue] | None = None,
    trade: TradeSettings = BUSY,
    **more: object,
) -> PortfolioBot:
    feed = FeedChoice(FeedKind.FILE, str(path))
    wish = RunBacktest(feed, "BTC/USDT", None, strategy, params or {}, trade)
    return PortfolioBot(name, replace(wish, **more))  # type: ignore[arg-type]


def told(done: int, total: int) -> None:
    assert done <= total


def run(wish: RunPortfolio) -> PortfolioOutcome:
    return run_portfolio(plan_portfolio(wish, FILES), told, threading.Event())


@pytest.mark.parametrize("strategy", ["ema_cross", "rsi_reversion", "grid"])
@pytest.mark.parametrize("seed", [5, 11])
def test_a_portfolio_of_one_bot_is_its_backtest(tmp_path: Path, strategy: str, seed: int) -> None:
    one = bot(write_candles(tmp_path / "c.csv", 700, seed), strategy=strategy)
    (alone,) = run(RunPortfolio((one,), BUSY.cash)).bots
    plain = run_backtest(plan_backtest(one.wish, FILES), told, threading.Event())
    assert len(plain.log) > 40
    assert np.array_equal(alone.log.table, plain.log.table)
    assert alone.event_hash() == plain.event_hash()
    assert alone.log.notes() == plain.log.notes()
    assert (alone.started_at, alone.ended_at) == (plain.started_at, plain.ended_at)


def two(folder: Path, **more: object) -> RunPortfolio:
    """Bots on two markets with different price steps."""
    one = bot(write_candles(folder / "a.csv", 500, 5), "one")
    other = bot(write_candles(folder / "b.csv", 400, 6, step="0.01"), "other", strategy="grid")
    return replace(RunPortfolio((one, other), Decimal(10_000)), **more)  # type: ignore[arg-type]


def test_two_markets_count_in_one_unit_and_the_account_adds_up(tmp_path: Path) -> None:
    outcome = run(two(tmp_path))
    scales = [each.plan.market.scale for each in outcome.bots]
    assert scales[0].product_unit == scales[1].product_unit
    assert scales[0].price_step != scales[1].price_step
    figures = account_figures(outcome)
    pnls = [trades_of(each.log.table).pnl.sum() for each in outcome.bots]
    assert figures.summary.net_profit == sum(pnls)
    assert figures.summary.trades == sum(len(trades_of(each.log.table)) for each in outcome.bots)
    assert outcome.curve[-1, 1] == outcome.curve[0, 1] + sum(pnls)
    assert np.all(np.diff(outcome.curve[:, 0]) >= 0)
    assert figures.most_open == 2


def test_the_slots_of_the_account_are_kept(tmp_path: Path) -> None:
    outcome = run(two(tmp_path, max_open_positions=1))
    assert account_figures(outcome).most_open == 1
    logs = [each.log.table for each in outcome.bots]
    refused = sum(int((log[:, ev.KIND] == EventKind.REFUSAL).sum()) for log in logs)
    assert refused > 0
    codes = {int(code) for log in logs for code in log[log[:, ev.KIND] == 3, ev.CODE]}
    assert Refusal.MAX_OPEN_POSITIONS in codes


def market(price_step: str, unit: str) -> Market:
    return Market("A/USDT", Decimal(price_step), Decimal(unit), Decimal(unit))


@pytest.mark.parametrize(
    ("first", "second", "units"),
    [
        (("0.01", "1e-8"), ("0.1", "1e-8"), ("1e-8", "1e-9")),
        (("0.5", "1e-8"), ("0.01", "1e-8"), ("2e-10", "1e-8")),
        (("0.25", "1e-8"), ("0.1", "1e-8"), ("2e-9", "5e-9")),
        (("0.01", "0.001"), ("0.01", "1"), ("0.001", "0.001")),
    ],
)
def test_units_are_chosen_so_that_money_is_the_same(
    first: tuple[str, str], second: tuple[str, str], units: tuple[str, str]
) -> None:
    markets = in_one_unit([market(*first), market(*second)], Decimal(10_000))
    assert [one.amount_unit for one in markets] == [Decimal(unit) for unit in units]
    for one in markets:
        assert one.order_step % one.amount_unit == 0
    assert len({one.scale.product_unit for one in markets}) == 1


@pytest.mark.parametrize(
    ("first", "second", "cash"),
    [(("3", "1e-8"), ("0.01", "1e-8"), 10_000), (("0.1", "1e-8"), ("0.01", "1e-8"), 10**9)],
)
def test_what_has_no_common_unit_is_refused(
    first: tuple[str, str], second: tuple[str, str], cash: int
) -> None:
    with pytest.raises(InvalidSetting, match="one unit"):
        in_one_unit([market(*first), market(*second)], Decimal(cash))


def test_wrong_wishes_are_refused_with_the_bots_name(tmp_path: Path) -> None:
    good = two(tmp_path)
    one, other = good.bots
    euro = replace(other, wish=replace(other.wish, symbol="ETH/EUR"))
    unknown = replace(other, wish=replace(other.wish, strategy="nobody"))
    wrong: tuple[tuple[RunPortfolio, type[Fault], str], ...] = (
        (replace(good, bots=()), InvalidSetting, "1 to 100 bots"),
        (replace(good, bots=(one, one)), InvalidSetting, "named one"),
        (replace(good, bots=(one, replace(other, name=" "))), InvalidSetting, "no name"),
        (replace(good, bots=(one, euro)), InvalidSetting, "EUR, USDT"),
        (replace(good, bots=(one, unknown)), UnknownName, "other: There is no strategy"),
        (replace(good, max_open_positions=0), InvalidSetting, "Open positions"),
        (replace(good, max_exposure_pct=Decimal(101)), InvalidSetting, "Exposure"),
    )
    for wish, fault, words in wrong:
        with pytest.raises(fault) as refused:
            plan_portfolio(wish, FILES)
        assert words in refused.value.words


def test_a_cancelled_portfolio_comes_to_nothing(tmp_path: Path) -> None:
    stop = threading.Event()
    plan = plan_portfolio(two(tmp_path), FILES)

    def told_once(done: int, total: int) -> None:
        stop.set()

    stop.set()
    with pytest.raises(Cancelled):
        run_portfolio(plan, told_once, stop)


async def test_the_engine_stores_a_session_for_each_bot(tmp_path: Path) -> None:
    wish = two(tmp_path, max_exposure_pct=Decimal(30))
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        heard: list[Progress] = []
        ids = await engine.execute(wish, heard.append)
        assert ids == (1, 2)
        assert heard[-1].done == heard[-1].total
        again = await engine.execute(wish)
        records = {record.id: record for record in await engine.sessions()}
        assert [records[number].portfolio_id for number in (1, 2, 3, 4)] == [1, 1, 2, 2]
        assert [records[number].bot_name for number in (1, 2)] == ["one", "other"]
        assert isinstance(again, tuple)
        for number in (1, 2):
            assert records[number].event_hash == records[number + 2].event_hash
            review = await engine.review(number)
            assert chain(EMPTY_HASH, review.log.table).hex() == records[number].event_hash
            assert records[number].result.net_pnl == trades_of(review.log.table).pnl.sum()
    finally:
        await engine.close()
