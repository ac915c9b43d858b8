"""Values that the store's tests keep: every field differs from its default."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np

from engine.domain.bots import BotSettings, FeedChoice, FeedKind, Mode
from engine.domain.candles import HOUR_MS, Candles
from engine.domain.columns import IntMatrix
from engine.domain.extra_feeds import Followed
from engine.domain.money import Scale
from engine.domain.rows import Rows
from engine.domain.sessions import SessionRecord, SessionResult, SessionSettings, SessionStatus
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
from engine.domain.strategy import ParamValue
from engine.domain.sweeps import SweepRecord, SweepRow, SweepStatus, SweepValue
from engine.messages import events as column
from engine.messages.commands import RunBacktest, RunSweep
from engine.messages.events import EVENT_WIDTH
from engine.messages.sweeping import SweepOrigin
from engine.store.action import Action
from engine.store.records import AccountRecord, BotRecord, Opening
from engine.store.repositories import bots, sessions

FIRST_TRADE = TradeSettings(
    cash=Decimal("123456789012345.678901234567890"),
    fee_pct=Decimal("0.075"),
    slippage_pct=Decimal("0.01"),
    position_pct=Decimal("12.50"),
    max_position_pct=None,
    direction=Direction.SHORT,
    stop_loss_pct=Decimal("1.5"),
    trailing_pct=Decimal("0.4"),
    trailing_activate_pct=Decimal(2),
    cooldown_min=15,
    max_trades_per_day=8,
)
"""What the first release knew."""

TRADE = replace(
    FIRST_TRADE,
    maker_fee_pct=Decimal("0.02"),
    fee_coin=FeeCoin.BASE,
    slippage_range_pct=Decimal("1.5"),
    spread_pct=Decimal("0.02"),
    sizing=Sizing.RISK,
    size_quote=Decimal("1000.50"),
    risk_pct=Decimal("0.5"),
    leverage=3,
    maintenance_pct=Decimal("0.4"),
    take_profit_pct=Decimal(4),
    trailing_before_pct=Decimal("1.25"),
    break_even_pct=Decimal("0.8"),
    time_limit_min=720,
    target_steps=(TargetStep(0, Decimal(5)), TargetStep(60, Decimal("2.5"))),
    partial_targets=(PartialTarget(Decimal(2), Decimal(50)),),
    adds=(AddStep(Decimal(2), Decimal(1)), AddStep(Decimal("4.5"), Decimal("1.5"))),
    path=PathRule.NEAREST,
    daily_loss_pct=Decimal(3),
    max_drawdown_pct=Decimal(10),
    stop_guard=StopGuard(3, 90),
    max_spread_pct=Decimal("0.05"),
)


ACCOUNT = AccountRecord(
    "paper", "USDT", Decimal("10000.00"), Decimal("-0.000000000001"), 5, 3, Decimal("62.50")
)
OPENED = Opening(True, np.arange(9), 2, 3, Decimal("62.50"))


def bot_settings(name: str = "Anna", trade: TradeSettings = TRADE) -> BotSettings:
    return BotSettings(
        name=name,
        symbol="BTC/USDT",
        timeframe_ms=60_000,
        strategy="ema_cross",
        params={"fast": 10, "slow": 30, "band": Decimal("0.10")},
        feed=FeedChoice(FeedKind.FILE, "candles.csv", seed=7, speed=60.0),
        trade=trade,
        signals_path="signals.csv",
        mode=Mode.PAPER,
    )


def session_record(
    session_id: int = 1, trade: TradeSettings = TRADE, **changes: object
) -> SessionRecord:
    values: dict[str, object] = {
        "id": session_id,
        "bot_id": 3,
        "bot_name": "Anna",
        "mode": Mode.PAPER,
        "settings": SessionSettings(
            symbol="BTC/USDT",
            timeframe_ms=60_000,
            strategy="ema_cross",
            params={"fast": 10, "band": Decimal("0.10")},
            trade=trade,
            scale=Scale(Decimal("0.01"), Decimal("1E-8")),
            order_step=Decimal("0.00001"),
            min_amount=Decimal("0.0001"),
            min_notional=Decimal(5),
            source="SIMULATED",
            signals_path="signals.csv",
            warmup=30,
        ),
        "status": SessionStatus.RUNNING,
        "started_at": 1_700_000_000_000,
        "ended_at": None,
        "created_at": 1_800_000_000_000,
        "end_reason": None,
        "event_hash": "ab" * 32,
        "result": SessionResult(9, 8, 7, -6, 5, 1 << 61, (1 << 61) - 1, 2, 0.1),
        "program_version": "0.1.0",
        "strategy_hash": "cd",
        "strategy_source": "class EmaCross: ...",
        "rows_hash": "ef",
        "seed": 42,
        "error": "",
        "portfolio_id": 6,
        "sweep_id": 7,
    }
    return SessionRecord(**{**values, **changes})  # type: ignore[arg-type]


def add_session(db: Action, session_id: int = 1, **changes: object) -> None:
    sessions.add(db, session_record(session_id, **changes))


def add_bot(db: Action, bot_id: int = 1) -> None:
    bots.add(db, BotRecord(bot_id, bot_settings(), 1_000))


def sweep(sweep_id: int = 1) -> tuple[SweepRecord, tuple[SweepRow, ...]]:
    """Two sets, the second without a loss to divide by."""
    grid: dict[str, tuple[SweepValue, ...]] = {
        "fast": (5, 10),
        "stop_loss_pct": (Decimal("0.50"), None),
    }
    record = SweepRecord(
        id=sweep_id,
        created_at=1_800_000_000_000,
        name="EMA cross",
        settings=session_record().settings,
        grid=grid,
        total=4,
        done=2,
        skipped=1,
        seed=11,
        status=SweepStatus.CANCELLED,
        span=(1_600_000_000_000, 1_690_000_000_000, 1_700_000_000_000),
        best_pct=100.0 * 5 / 94,
    )
    first = {"fast": 5, "stop_loss_pct": Decimal("0.50")}
    rows = (
        SweepRow(
            1,
            first,
            *(9, 4, -7, 3, 1 << 61, 8, 0.1, 0.75),
            sharpe=-1.5,
            unseen=SweepRow(1, first, 2, 1, 1 << 60, 1, 1 << 61, 4, 0.2, None, 0.5),
        ),
        SweepRow(3, {"fast": 10, "stop_loss_pct": None}, 1, 1, 5, 3, 99, 0, None, None),
    )
    return record, rows


def bare_sweep() -> tuple[SweepRecord, tuple[SweepRow, ...]]:
    """The same, as far as versions kept it before sweeps could be opened again."""
    record, rows = sweep()
    return replace(record, span=None), tuple(replace(r, sharpe=None, unseen=None) for r in rows)


def sweep_origin() -> SweepOrigin:
    feed = FeedChoice(FeedKind.ARCHIVE, exchange="binance")
    fixed: dict[str, ParamValue] = {"slow": 30, "band": Decimal("0.10")}
    run = RunBacktest(feed, "BTC/USDT", 60_000, "ema_cross", fixed, TRADE, from_at=5, to_at=9)
    tried = {"fast": (Decimal(5), Decimal(10)), "stop_loss_pct": (Decimal("0.50"), None)}
    wish = RunSweep(run, tried, 3, 11, Decimal("12.5"))
    return SweepOrigin(wish, (3, 0, 2), "ab" * 32, "cd", "class EmaCross: ...", "0.9.1")


def some_rows(count: int, seed: int = 1) -> Rows:
    random = np.random.default_rng(seed)
    table = np.empty((count, 6), np.int64)
    table[:, 0] = 2
    table[:, 1] = 1_700_000_000_000 + 60_000 * np.arange(count)
    table[:, 2:] = 4_000_000 + np.cumsum(random.integers(-50, 51, (count, 4)), axis=0)
    return Rows(table, random.lognormal(size=count))


def some_followed(count: int = 30) -> Followed:
    """Hours of another market, of which two came late."""
    random = np.random.default_rng(3)
    open_at = 1_700_000_000_000 // HOUR_MS * HOUR_MS + HOUR_MS * np.arange(count)
    prices = np.cumsum(random.normal(size=(4, count)), axis=1) + 3_000 / 7
    candles = Candles(open_at, *prices, random.lognormal(size=count), HOUR_MS)
    known_at = open_at + HOUR_MS
    known_at[10:12] += 60_000
    return Followed("ETH/USDT", candles, known_at)


def some_ticks(count: int, seed: int = 1) -> Rows:
    """PRICE rows as a lively exchange gives them, amounts in five decimals."""
    random = np.random.default_rng(seed)
    table = np.zeros((count, 6), np.int64)
    table[:, 1] = 1_700_000_000_000 + np.cumsum(random.exponential(200, count)).astype(np.int64)
    table[:, 2:] = (4_000_000 + np.cumsum(random.integers(-50, 51, count)))[:, None]
    return Rows(table, np.round(random.lognormal(-3, 1.5, count), 5))


def event(kind: int, no: int, **columns: int) -> list[int]:
    """One event row; columns by the names of engine.messages.events, in lower case."""
    row = [0] * EVENT_WIDTH
    row[column.KIND], row[column.NO] = int(kind), no
    row[column.ROW_AT], row[column.AT] = 1_000 * no, 1_000 * no + 500
    for name, value in columns.items():
        row[getattr(column, name.upper())] = int(value)
    return row


def events_of(*rows: list[int]) -> IntMatrix:
    return np.array(rows, np.int64)
