"""A paper bot on a file and the backtest of the same candles: the same events, the same hash."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.domain.bots import BotSettings, BotState
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
from engine.messages import events as ev
from engine.messages.commands import CreateBot
from engine.messages.events import EMPTY_HASH, EventColumns, chain
from engine.runtime.engine import Engine
from tests.runtime.support import (
    BUSY,
    StillClock,
    backtest_of,
    file_bot,
    real_file,
    until,
    write_candles,
)


async def both(data_dir: Path, settings: BotSettings) -> tuple[int, int, Engine]:
    engine = await Engine.open(data_dir, clock=StillClock())
    await engine.execute(CreateBot(settings, start=True))
    done = await until(engine, lambda now: now.bots[0].session.ended is not None)
    await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
    backtest = await engine.execute(backtest_of(settings))
    assert isinstance(backtest, int)
    assert done.bots[0].session_id is not None
    return done.bots[0].session_id, backtest, engine


def _notes(log: EventColumns, *, hashed_only: bool) -> list[str]:
    kinds = log.table[:, ev.KIND].tolist()
    texts = [log.note(index) for index in range(len(log))]
    return [
        text
        for kind, text in zip(kinds, texts, strict=True)
        if text and not (hashed_only and kind > ev.OBSERVATIONS)
    ]


async def compare(data_dir: Path, settings: BotSettings) -> int:
    """Hold both stored sessions against each other; how many events they have."""
    paper_id, backtest_id, engine = await both(data_dir, settings)
    try:
        paper = await engine.review(paper_id)
        backtest = await engine.review(backtest_id)
        hashed = paper.log.table[paper.log.table[:, ev.KIND] < ev.OBSERVATIONS]
        assert np.array_equal(hashed, backtest.log.table)
        assert paper.record.event_hash == backtest.record.event_hash
        assert paper.record.event_hash == chain(EMPTY_HASH, paper.log.table).hex()
        assert paper.record.result == backtest.record.result
        assert np.array_equal(paper.equity.table, backtest.equity.table)
        assert _notes(paper.log, hashed_only=True) == _notes(backtest.log, hashed_only=False)
        live, stored = engine.snapshot().bots[0].chart, paper.end().chart
        assert np.array_equal(live.candles.close, stored.candles.close)
        for name, values in live.indicators.items():
            assert np.array_equal(values, stored.indicators[name], equal_nan=True)
        return len(backtest.log)
    finally:
        await engine.close()


@pytest.mark.parametrize("strategy", ["ema_cross", "rsi_reversion", "grid"])
async def test_every_strategy(tmp_path: Path, strategy: str) -> None:
    path = write_candles(tmp_path / "candles.csv", 700)
    assert await compare(tmp_path / "data", file_bot(path, strategy=strategy)) > 40


@pytest.mark.parametrize("direction", list(Direction))
async def test_every_direction(tmp_path: Path, direction: Direction) -> None:
    path = write_candles(tmp_path / "candles.csv", 300, seed=11)
    settings = file_bot(path, trade=replace(BUSY, direction=direction))
    assert await compare(tmp_path / "data", settings) > 10


EVERY_EXIT = replace(
    BUSY,
    maker_fee_pct=Decimal("0.02"),
    slippage_range_pct=Decimal(3),
    spread_pct=Decimal("0.02"),
    trailing_before_pct=Decimal("0.6"),
    break_even_pct=Decimal("0.25"),
    time_limit_min=35,
    target_steps=(TargetStep(0, Decimal("0.8")), TargetStep(9, Decimal("0.2"))),
    partial_targets=(PartialTarget(Decimal("0.15"), Decimal(30)),),
    adds=(AddStep(Decimal("0.15"), Decimal(1)), AddStep(Decimal("0.3"), Decimal("0.5"))),
    position_pct=Decimal(5),
    daily_loss_pct=Decimal(3),
    max_drawdown_pct=Decimal(20),
    stop_guard=StopGuard(3, 30),
    max_spread_pct=Decimal("0.05"),
)


@pytest.mark.parametrize(
    "trade",
    [
        EVERY_EXIT,
        replace(EVERY_EXIT, path=PathRule.NEAREST, fee_coin=FeeCoin.BASE),
        replace(EVERY_EXIT, leverage=10, sizing=Sizing.RISK, risk_pct=Decimal("0.1")),
        replace(EVERY_EXIT, sizing=Sizing.QUOTE, size_quote=Decimal(700), fee_coin=FeeCoin.THIRD),
    ],
    ids=["every exit", "nearest, fees in the coin", "a future, by risk", "fixed size"],
)
async def test_every_exit_and_rule(tmp_path: Path, trade: TradeSettings) -> None:
    path = write_candles(tmp_path / "candles.csv", 700, seed=3)
    assert await compare(tmp_path / "data", file_bot(path, trade=trade)) > 40


async def test_signals_from_a_file(tmp_path: Path) -> None:
    path = write_candles(tmp_path / "candles.csv", 120)
    lines = path.read_text().splitlines()
    times = [lines[row].split(",")[0] for row in (10, 30, 50, 70)]
    signals = tmp_path / "signals.csv"
    pairs = zip(times, ("buy", "sell", "short", "cover"), strict=True)
    signals.write_text("time,action\n" + "".join(f"{at},{action}\n" for at, action in pairs))
    settings = file_bot(
        path, strategy="signals_file", signals_path=str(signals), trade=TradeSettings()
    )
    assert await compare(tmp_path / "data", settings) == 18


async def test_real_candles(tmp_path: Path) -> None:
    source = real_file()
    if source is None:
        pytest.skip("TRADER_TEST_DATA does not point to the real candles")
    lines = source.read_text().splitlines()
    path = tmp_path / "real.csv"
    path.write_text("\n".join(lines[:1500]) + "\n")
    assert await compare(tmp_path / "data", file_bot(path)) > 100
