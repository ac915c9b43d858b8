"""Sweeps: every row is what an ordinary backtest says, whatever was left out or shared."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine.strategies
from engine.core.metrics.equity import equity_at_closes
from engine.core.metrics.returns import by_day, ratios
from engine.core.metrics.summary import summary
from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.candles import Candles
from engine.domain.settings import (
    AddStep,
    Direction,
    FeeCoin,
    PartialTarget,
    PathRule,
    Sizing,
    StopGuard,
    TargetStep,
    TradeSettings,
)
from engine.domain.sweeps import SweepRow, SweepStatus
from engine.errors import InvalidSetting, StrategyFailed, UnknownName
from engine.messages.commands import RunBacktest
from engine.messages.progress import Progress
from engine.runtime.backtest.run import Plan, run_backtest
from engine.runtime.history.archive import closes_in
from engine.runtime.sources.candle_cache import read_candles
from engine.runtime.sweep import run as sweep_run
from engine.runtime.sweep.grid import MOST_SETS, all_sets, drawn_sets, read_values
from engine.runtime.sweep.planning import SweepPlan, SweepWish, plan_sweep
from engine.runtime.sweep.ranking import RANKINGS, best_first
from engine.runtime.sweep.record import sweep_record
from engine.runtime.sweep.run import run_sweep
from engine.runtime.sweep.storing import promote, store_sweep, sweep_in_worker
from engine.store.database import Store
from engine.store.repositories import sessions, sweeps
from engine.strategies.ema_cross import EmaCross
from tests.runtime.support import BEGINS_AT, BUSY, MINUTE, real_file, write_candles

D = Decimal


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("sweep") / "btc-usdt.csv", 6_000)


def plan_of(
    path: Path,
    values: dict[str, str],
    trade: TradeSettings = BUSY,
    *,
    strategy: str = "ema_cross",
    draw: int | None = None,
    seed: int = 1,
    **more: Any,
) -> SweepPlan:
    backtest = RunBacktest(
        FeedChoice(FeedKind.FILE, str(path), speed=0),
        "BTC/USDT",
        None,
        strategy,
        trade=trade,
        **more,
    )
    given = {name: read_values(name, text) for name, text in values.items()}
    return plan_sweep(SweepWish(backtest, given, draw, seed), candles_of)


def candles_of(path: Path, timeframe_ms: int | None) -> Candles:
    return read_candles(path, timeframe_ms).candles


def played(plan: SweepPlan, workers: int = 2) -> list[SweepRow]:
    rows: list[SweepRow] = []
    end = run_sweep(plan, lambda new, progress: rows.extend(new), threading.Event(), workers)
    assert end.done == len(rows) == len(plan.sets)
    assert not end.cancelled
    return sorted(rows, key=lambda row: row.no)


def alone(plan: Plan) -> dict[str, object]:
    """The same figures from the events of an ordinary backtest."""
    outcome = run_backtest(plan, lambda done, total: None, threading.Event())
    log = outcome.log.table
    close_at, closes = closes_in(outcome.rows, plan.candles.timeframe_ms)
    figures = summary(log, close_at, closes)
    equity = np.concatenate(([figures.equity_first], equity_at_closes(log, close_at, closes)))
    days = by_day(np.concatenate(([outcome.started_at], close_at)), equity)
    return {
        "trades": figures.trades,
        "wins": figures.wins,
        "net_pnl": figures.net_profit,
        "fees": figures.fees,
        "equity_last": figures.equity_last,
        "max_drawdown": figures.max_drawdown,
        "max_drawdown_pct": figures.max_drawdown_pct,
        "profit_factor": figures.profit_factor,
        "return_pct": figures.return_pct,
        "win_rate_pct": figures.win_rate_pct,
        "sharpe": ratios(days).sharpe,
    }


def assert_as_alone(plan: SweepPlan, rows: Sequence[SweepRow]) -> None:
    for row in rows:
        expected = alone(plan.backtest_of(plan.set_of(row.no)))
        assert {name: getattr(row, name) for name in expected} == expected, row.settings


EXITS = {"take_profit_pct": "off,0.3,0.9", "trailing_pct": "off,0.25"}
PLAIN = TradeSettings(slippage_pct=D("0.01"), stop_loss_pct=D("0.5"))

TRADES = {
    "every exit": BUSY,
    "no exits at all": TradeSettings(),
    "long only, all of it": TradeSettings(
        direction=Direction.LONG, position_pct=D(100), max_position_pct=None
    ),
    "breaks even, in time": replace(PLAIN, break_even_pct=D("0.2"), time_limit_min=45),
    "parts and steps": replace(
        PLAIN,
        partial_targets=(PartialTarget(D("0.2"), D(30)), PartialTarget(D("0.5"), D(40))),
        target_steps=(TargetStep(10, D("0.4")), TargetStep(30, D("0.1"))),
    ),
    "adds, fee in coin": replace(
        PLAIN, fee_coin=FeeCoin.BASE, adds=(AddStep(D("0.1"), D(1)), AddStep(D("0.3"), D(2)))
    ),
    "future, nearest extreme": replace(PLAIN, leverage=20, path=PathRule.NEAREST),
    "liquidated": TradeSettings(leverage=100, position_pct=D(25), maintenance_pct=D("0.4")),
    "rules on equity": replace(
        PLAIN,
        daily_loss_pct=D("0.5"),
        max_drawdown_pct=D(3),
        stop_guard=StopGuard(2, 60),
        max_trades_per_day=30,
    ),
    "by risk, spread": replace(
        PLAIN,
        sizing=Sizing.RISK,
        risk_pct=D("0.1"),
        spread_pct=D("0.02"),
        slippage_range_pct=D(5),
        maker_fee_pct=D("0.02"),
    ),
}


@pytest.mark.parametrize("trade", TRADES.values(), ids=TRADES.keys())
def test_every_row_is_what_a_backtest_says(candles: Path, trade: TradeSettings) -> None:
    exits = EXITS if trade.trailing_activate_pct is None else {"take_profit_pct": "off,0.3"}
    plan = plan_of(candles, {"fast": "5,9", "slow": "21,200"} | exits, trade)
    rows = played(plan)
    assert len({row.net_pnl for row in rows}) > len(rows) // 2
    assert_as_alone(plan, rows)


def write_walk(path: Path, count: int, seed: int) -> Path:
    """Few prices, so that levels are met exactly; runs of rising and falling hours, so that peaks
    of equity and deep falls lie near each other; and many missing candles."""
    rng = np.random.default_rng(seed)
    drift = np.repeat(rng.choice([-0.6, 0.2, 0.8], count // 90 + 1), 90)[:count]
    closes = 4_000 + np.cumsum(np.rint(rng.normal(drift, 3))).astype(int)
    opens = np.concatenate(([4_000], closes[:-1]))
    highs = np.maximum(opens, closes) + rng.integers(0, 3, count)
    lows = np.minimum(opens, closes) - rng.integers(0, 3, count)
    lines = ["timestamp,open,high,low,close,volume"]
    for place in np.flatnonzero(rng.random(count) > 0.2).tolist():
        at = BEGINS_AT + place * MINUTE
        lines.append(f"{at},{opens[place]},{highs[place]},{lows[place]},{closes[place]},1")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("seed", range(6))
def test_levels_met_exactly_new_peaks_and_missing_candles(tmp_path: Path, seed: int) -> None:
    path = write_walk(tmp_path / "walk.csv", 4_000, seed)
    whole = TradeSettings(fee_pct=D(0), position_pct=D(100), max_position_pct=None)
    values = {
        "fast": "5,20",
        "slow": "60,150",
        "stop_loss_pct": "off,0.3,1",
        "take_profit_pct": "off,0.5,3",
        "max_drawdown_pct": "off,1.5",
    }
    plan = plan_of(path, values, whole)
    rows = played(plan)
    assert max(row.net_pnl for row in rows) > 0
    assert len({row.net_pnl for row in rows}) > 10
    assert_as_alone(plan, rows)


def any_settings(rng: np.random.Generator) -> TradeSettings:
    """Some of everything, as it comes."""

    def some(*values: Any) -> Any:
        return values[int(rng.integers(len(values)))]

    def pct(*texts: str) -> Decimal | None:
        text = some("", *texts)
        return D(text) if text else None

    trailing = pct("0.2", "0.6")
    activate = pct("0.1", "0.4") if trailing else None
    leverage = some(None, None, 3, 50)
    return TradeSettings(
        fee_pct=D(some("0", "0.02", "0.1")),
        maker_fee_pct=pct("0.01"),
        fee_coin=FeeCoin.QUOTE if leverage else some(*FeeCoin),
        slippage_pct=D(some("0", "0.01")),
        slippage_range_pct=D(some("0", "3")),
        spread_pct=D(some("0", "0.02")),
        position_pct=D(some("5", "25")),
        leverage=leverage,
        direction=some(*Direction),
        stop_loss_pct=pct("0.2", "0.8"),
        take_profit_pct=pct("0.3", "1"),
        trailing_pct=trailing,
        trailing_activate_pct=activate,
        trailing_before_pct=pct("0.5") if activate else None,
        break_even_pct=pct("0.2"),
        time_limit_min=some(None, 30, 600),
        target_steps=some((), (TargetStep(5, D("0.6")), TargetStep(60, D("0.1")))),
        partial_targets=some((), (PartialTarget(D("0.2"), D(50)), PartialTarget(D(1), D(50)))),
        adds=some((), (AddStep(D("0.3"), D(1)),)),
        path=some(*PathRule),
        cooldown_min=some(None, 20),
        max_trades_per_day=some(None, 12),
        daily_loss_pct=pct("0.5"),
        max_drawdown_pct=pct("2", "8"),
        stop_guard=some(None, StopGuard(2, 90)),
    )


@pytest.mark.parametrize("seed", range(24))
def test_any_settings(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    path = write_walk(tmp_path / "walk.csv", 2_500, seed)
    trade = any_settings(rng)
    plan = plan_of(path, {"fast": "4,12", "slow": "20,90"}, trade)
    assert_as_alone(plan, played(plan))


@pytest.mark.parametrize("strategy", ["grid", "rsi_reversion"])
def test_other_strategies_and_steeper_markets(tmp_path: Path, strategy: str) -> None:
    path = write_candles(tmp_path / "steep.csv", 3_000, seed=8, step="2")
    plan = plan_of(path, {"period": "5:25:10", "stop_loss_pct": "0.5,4"}, strategy=strategy)
    assert_as_alone(plan, played(plan))


def test_sets_begin_with_the_past_they_would_have_alone(candles: Path) -> None:
    from_at, to_at = BEGINS_AT + 1_000 * MINUTE, BEGINS_AT + 2_500 * MINUTE
    plan = plan_of(candles, {"fast": "5", "slow": "20,900"}, from_at=from_at, to_at=to_at)
    assert_as_alone(plan, played(plan))


def test_a_range_that_ends_inside_a_block_and_few_bars(candles: Path) -> None:
    for bars in (1, 2, 31, 32, 33, 65):
        plan = plan_of(
            candles,
            {"fast": "2,3", "slow": "4", "stop_loss_pct": "0.1"},
            TradeSettings(),
            from_at=BEGINS_AT + 500 * MINUTE,
            to_at=BEGINS_AT + (500 + bars) * MINUTE,
        )
        assert_as_alone(plan, played(plan))


def test_finer_candles_and_funding(candles: Path, tmp_path: Path) -> None:
    funding = tmp_path / "funding.csv"
    times = range(BEGINS_AT, BEGINS_AT + 5_000 * MINUTE, 480 * MINUTE)
    funding.write_text(
        "time,rate\n" + "".join(f"{at},{(-1) ** place * 0.003}\n" for place, at in enumerate(times))
    )
    coarse = tmp_path / "coarse.csv"
    write_coarse(candles, coarse, 5)
    trade = replace(PLAIN, leverage=5)
    plan = plan_of(
        coarse,
        {"fast": "3", "slow": "8,40", "take_profit_pct": "off,0.4"},
        trade,
        fine_path=str(candles),
        funding_path=str(funding),
    )
    assert_as_alone(plan, played(plan))


def write_coarse(path: Path, to: Path, each: int) -> None:
    """Candles of `each` minutes, aligned, of those that are whole."""
    lines = [line.split(",") for line in path.read_text().splitlines()[1:]]
    groups: dict[int, list[list[str]]] = {}
    for line in lines:
        groups.setdefault(int(line[0]) // (each * MINUTE), []).append(line)
    out = ["timestamp,open,high,low,close,volume"]
    for key, group in groups.items():
        if len(group) == each:
            high, low = max(D(one[2]) for one in group), min(D(one[3]) for one in group)
            cells = (key * each * MINUTE, group[0][1], high, low, group[-1][4], 1)
            out.append(",".join(str(cell) for cell in cells))
    to.write_text("\n".join(out) + "\n")


def test_real_candles() -> None:
    path = real_file()
    if path is None:
        pytest.skip("TRADER_TEST_DATA does not point to the real candles")
    plan = plan_of(path, {"fast": "5,30", "slow": "60", "stop_loss_pct": "off,0.6"})
    assert_as_alone(plan, played(plan))


def test_any_number_of_threads_gives_the_same_rows(candles: Path) -> None:
    plan = plan_of(candles, {"fast": "5:30:5", "slow": "35:60:5", "take_profit_pct": "0.5,1"})
    assert len(plan.sets) > 2 * sweep_run.BATCH
    assert played(plan, 1) == played(plan, 2) == played(plan, 7)


class Counted(EmaCross):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.fails = False

    def signals(self, candles: Candles, params: Any) -> Any:
        self.asked.append(tuple(sorted(params.items())))
        if self.fails and len(self.asked) > 2:
            raise RuntimeError("too tired")
        return super().signals(candles, params)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    strategy = Counted()
    monkeypatch.setitem(engine.strategies.STRATEGIES, "ema_cross", strategy)
    return strategy


def test_a_strategy_is_asked_once_for_each_of_its_settings(candles: Path, counted: Counted) -> None:
    exits = ",".join(f"0.{place:02}" for place in range(1, 60))
    plan = plan_of(candles, {"fast": "5,9", "slow": "21,30", "take_profit_pct": exits})
    assert len(played(plan)) == 4 * 59
    assert len(counted.asked) == len(set(counted.asked)) == 4


def test_a_failing_strategy_ends_the_sweep_with_its_words(candles: Path, counted: Counted) -> None:
    counted.fails = True
    plan = plan_of(candles, {"fast": "5:15:1", "slow": "21"})
    with pytest.raises(StrategyFailed, match="too tired"):
        run_sweep(plan, lambda rows, progress: None, threading.Event(), 2)


def test_a_listener_that_fails_ends_the_sweep(candles: Path) -> None:
    plan = plan_of(candles, {"fast": "5:15:1", "slow": "21"})

    def told(rows: Sequence[SweepRow], progress: Progress) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run_sweep(plan, told, threading.Event(), 2)


def test_stopping_keeps_what_was_told(candles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_run, "BATCH", 2)
    plan = plan_of(candles, {"fast": "5:15:1", "slow": "21:25:1"})
    stop = threading.Event()
    rows: list[SweepRow] = []
    told_of: list[Progress] = []

    def told(new: Sequence[SweepRow], progress: Progress) -> None:
        rows.extend(new)
        told_of.append(progress)
        stop.set()

    end = run_sweep(plan, told, stop, 2)
    assert end.cancelled
    assert 0 < end.done == len(rows) == told_of[-1].done < len(plan.sets) == told_of[0].total
    assert sweep_record(plan, end, 1, 0).status is SweepStatus.CANCELLED


def test_a_stop_before_the_start_plays_nothing(candles: Path) -> None:
    stop = threading.Event()
    stop.set()
    end = run_sweep(plan_of(candles, {"fast": "5,6"}), lambda rows, progress: None, stop)
    assert (end.done, end.cancelled) == (0, True)


def test_batches_hold_every_set_once_and_few_opinions(candles: Path) -> None:
    plan = plan_of(candles, {"fast": "2:12:1", "slow": "21:23:1", "take_profit_pct": "1:30:1"})
    groups = sweep_run._by_params(plan.sets)
    batches = sweep_run._batches(groups)
    assert sorted(one.no for batch in batches for one in batch) == list(range(1, 991))
    assert max(len(batch) for batch in batches) <= sweep_run.BATCH
    single = sweep_run._by_params(plan_of(candles, {"fast": "2:100:1", "slow": "101"}).sets)
    assert max(map(len, sweep_run._batches(single))) == sweep_run.BATCH_OPINIONS


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5:20:5", (5, 10, 15, 20)),
        ("5:19:5", (5, 10, 15)),
        ("0.5:1.5:0.25", (D("0.5"), D("0.75"), D(1), D("1.25"), D("1.5"))),
        ("5,8,13", (5, 8, 13)),
        ("off, 0.5", (None, D("0.5"))),
        ("7", (7,)),
    ],
)
def test_values_as_people_write_them(text: str, values: tuple[Decimal | None, ...]) -> None:
    assert read_values("fast", text) == values


@pytest.mark.parametrize(
    "text",
    ["", "5:", "5:10", "5:10:0", "5:10:-1", "10:5:1", "a,b", "1,,2", "5,5", "1:2:3:4", "nan",
     "1e99", "0:1:1e-9", "off:1:1"],
)  # fmt: skip
def test_values_that_cannot_be_meant(text: str) -> None:
    with pytest.raises(InvalidSetting, match="fast"):
        read_values("fast", text)


@pytest.mark.parametrize(
    "values",
    [
        {"nothing": "1,2"},
        {"cash": "1,2"},
        {"fast": "1:5:1"},
        {"fast": "2.5,3"},
        {"fast": "off,3"},
        {"cooldown_min": "1.5,2"},
        {"fee_pct": "off,1"},
        {"fast": "30,40"},
        {"stop_loss_pct": "100,200"},
    ],
)
def test_a_grid_that_cannot_be_run(candles: Path, values: dict[str, str]) -> None:
    with pytest.raises(InvalidSetting):
        plan_of(candles, values)


def test_a_sweep_has_bounds(candles: Path) -> None:
    with pytest.raises(InvalidSetting, match=f"{MOST_SETS:,}"):
        plan_of(candles, {"fast": "2:400:1", "slow": "401:500:1"})
    with pytest.raises(InvalidSetting, match="0 sets"):
        plan_of(candles, {"fast": "2:400:1"}, draw=0)
    with pytest.raises(UnknownName):
        plan_of(candles, {"fast": "2"}, strategy="nobody")


def test_refused_sets_are_counted_and_skipped(candles: Path) -> None:
    plan = plan_of(candles, {"fast": "10,20,30", "slow": "20,30", "stop_loss_pct": "0:2:1"})
    # 10/20, 10/30, 20/30 stand; a stop loss of 0 never does.
    assert (len(plan.sets), plan.skipped, plan.total) == (6, 12, 18)
    assert [one.no for one in plan.sets] == list(range(1, 7))
    assert dict(plan.set_of(1).changed) == {"fast": 10, "slow": 20, "stop_loss_pct": D(1)}
    assert plan.set_of(6).params == {"fast": 20, "slow": 30}
    assert plan.set_of(6).trade.stop_loss_pct == 2


def test_a_single_value_is_not_swept(candles: Path) -> None:
    plan = plan_of(candles, {"fast": "5", "slow": "21,30", "fee_pct": "0.05"})
    assert dict(plan.grid) == {"slow": (21, 30)}
    assert {one.params["fast"] for one in plan.sets} == {5}
    assert {one.trade.fee_pct for one in plan.sets} == {D("0.05")}


def test_settings_that_only_fit_together_in_a_set(candles: Path) -> None:
    risky = TradeSettings(sizing=Sizing.RISK, risk_pct=D("0.5"))
    plan = plan_of(candles, {"stop_loss_pct": "0.5,1"}, risky)
    assert_as_alone(plan, played(plan))


def test_drawn_sets_are_different_valid_and_repeatable(candles: Path) -> None:
    values = {"fast": "2:60:1", "slow": "5:60:1", "take_profit_pct": "off,1"}
    plan = plan_of(candles, values, draw=40, seed=3)
    again = plan_of(candles, values, draw=40, seed=3)
    other = plan_of(candles, values, draw=40, seed=4)
    assert plan.sets == again.sets != other.sets
    assert (len(plan.sets), plan.seed) == (40, 3)
    assert len({tuple(one.changed.items()) for one in plan.sets}) == 40
    assert plan.skipped > 5
    few = plan_of(candles, {"fast": "5,9", "slow": "21"}, draw=100)
    assert len(few.sets) == 2


def test_all_sets_in_order_and_drawn_ones_among_them() -> None:
    grid = {"a": (1, 2), "b": (3, None, 5)}
    every = list(all_sets(grid))
    assert every[0] == {"a": 1, "b": 3}
    assert every[1] == {"a": 1, "b": None}
    assert len(every) == 6
    drawn = list(drawn_sets(grid, 1, 10))
    assert sorted(map(str, drawn)) == sorted(map(str, every))


def test_best_first(candles: Path) -> None:
    rows = played(plan_of(candles, {"fast": "5:20:5", "slow": "25:100:25"}))
    nothing = replace(rows[0], no=0, profit_factor=None, sharpe=None, max_drawdown_pct=None)
    for name, figure in RANKINGS.items():
        ranked = best_first([nothing, *rows], name)
        values = [figure(row) for row in ranked]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=True)
        assert values[: len(known)] == known
    assert best_first(rows, "max_drawdown")[0].max_drawdown == min(r.max_drawdown for r in rows)


async def test_a_sweep_is_stored_read_back_and_promoted(candles: Path, tmp_path: Path) -> None:
    plan = plan_of(
        candles, {"fast": "5,9", "slow": "21", "trailing_pct": "off,0.4"}, PLAIN, draw=4, seed=9
    )
    rows: list[SweepRow] = []
    end = await sweep_in_worker(plan, lambda new, progress: rows.extend(new))
    store = await Store.open(tmp_path / "data")
    try:
        record = sweep_record(plan, end, store.next_id("sweeps"), 77)
        await store_sweep(store, record, rows)
        best = best_first(rows, "net_profit")[0]
        shown = await promote(store, plan, record, best, 78)
        (listed,) = await sweeps.every(store)
        read, read_rows = await sweeps.get(store, record.id)
        session = await sessions.get(store, shown.session_id or 0)
        with pytest.raises(UnknownName):
            await sweeps.get(store, 99)
    finally:
        await store.close()
    assert listed == read == record
    assert (read.seed, read.done, read.total, read.created_at) == (9, 4, 4, 77)
    expected = {row.no: replace(row, sharpe=None) for row in rows}
    expected[best.no] = replace(expected[best.no], session_id=shown.session_id)
    assert {row.no: row for row in read_rows} == expected
    assert session.sweep_id == record.id
    assert session.result.net_pnl == best.net_pnl
    assert session.result.max_drawdown_pct == best.max_drawdown_pct
    assert session.settings.params == plan.set_of(best.no).params
    assert session.settings.trade == plan.set_of(best.no).trade


async def test_off_the_loop_with_progress_and_cancelled(
    candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_run, "BATCH", 2)
    plan = plan_of(candles, {"fast": "5:15:1", "slow": "21:40:1"})
    first = asyncio.get_running_loop().create_future()
    seen: list[Progress] = []

    def told(rows: Sequence[SweepRow], progress: Progress) -> None:
        assert threading.current_thread() is threading.main_thread()
        if not first.done():
            first.set_result(None)

    task = asyncio.create_task(sweep_in_worker(plan, told, seen.append))
    await first
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen
    assert seen[0].words.endswith(f"of {len(plan.sets)} sets")
    for thread in threading.enumerate():
        if thread.name.startswith("sweep"):
            thread.join(10)
    await asyncio.sleep(0)
    assert seen[-1].done < len(plan.sets)
