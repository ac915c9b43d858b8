"""Sessions read back from the store, and what they came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.core.candle_builder import CandleBuilder
from engine.core.metrics.equity import equity_curve
from engine.core.metrics.summary import Summary, days_of, summed_up
from engine.core.metrics.trades import trades_of
from engine.domain.bots import ExtraFile
from engine.domain.candles import moment_text
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.extra_feeds import NOBODY, Followed
from engine.domain.market import Market
from engine.domain.rows import AT, CLOSE, KIND, RowKind, Rows
from engine.domain.sessions import FineShare, SessionRecord, SessionSettings
from engine.domain.settings import TradeSettings
from engine.domain.strategy import Params, Strategy
from engine.language import tr
from engine.messages.events import EventColumns
from engine.runtime.history.recorded import bars_in
from engine.runtime.opinions import warmup_of


@dataclass(frozen=True, slots=True)
class Archived:
    """A session as it lies in the store, whole."""

    record: SessionRecord
    log: EventColumns
    rows: Rows
    closed_in: Mapping[int, int] = field(default_factory=dict)
    """Number of a trade left open here -> the later session that closed it."""
    let_go_at: int | None = None
    """Wall time when its ticks were let go: its recording is its candles since then."""
    followed: tuple[Followed, ...] = NOBODY
    """Other markets as its strategy saw them."""

    @property
    def let_go_words(self) -> str:
        """What a person is told of that; "" for a recording that is whole."""
        if self.let_go_at is None:
            return ""
        day = moment_text(self.let_go_at)[:10]
        return tr(
            "The ticks of this session were let go on {day}, as the setting for "
            "recordings says. Its candles, events, trades and figures are kept. "
            "What happened inside a candle can no longer be shown or played again: "
            "best and worst of a trade are now those of whole candles.",
            day=day,
        )


def market_of(settings: SessionSettings) -> Market:
    """The market as the session knew it."""
    return Market(
        settings.symbol,
        settings.scale.price_step,
        settings.order_step,
        settings.scale.amount_unit,
        settings.min_amount,
        settings.min_notional,
        settings.source,
    )


def session_settings(
    market: Market,
    timeframe_ms: int,
    strategy: Strategy,
    params: Params,
    trade: TradeSettings,
    signals_path: str,
    source_path: str = "",
    fine_path: str = "",
    funding_path: str = "",
    fine: FineShare | None = None,
    exchange: str = "",
    made_from_ms: int = 0,
    extra_files: tuple[ExtraFile, ...] = (),
) -> SessionSettings:
    """Everything that decides a session's result besides its rows, and where its file lay."""
    return SessionSettings(
        symbol=market.symbol,
        timeframe_ms=timeframe_ms,
        strategy=strategy.name,
        params=params,
        trade=trade,
        scale=market.scale,
        order_step=market.order_step,
        min_amount=market.min_amount,
        min_notional=market.min_notional,
        source=market.source,
        signals_path=signals_path,
        warmup=warmup_of(strategy, params, timeframe_ms),
        source_path=source_path,
        fine_path=fine_path,
        funding_path=funding_path,
        fine=fine,
        exchange=exchange,
        made_from_ms=made_from_ms,
        extra_files=extra_files,
    )


def own_bars(rows: Rows, timeframe_ms: int) -> Rows:
    """The session's own candles as rows, without its warm-up and those it missed."""
    bars = bars_in(rows, CandleBuilder(timeframe_ms))
    own = bars.table[:, KIND] != RowKind.HISTORY
    return bars if own.all() else Rows(bars.table[own], bars.volume[own])


def closes_in(rows: Rows, timeframe_ms: int) -> tuple[IntColumn, IntColumn]:
    """(moments, price counts) of the closes of the session's own candles."""
    bars = own_bars(rows, timeframe_ms)
    return bars.table[:, AT] + timeframe_ms, np.ascontiguousarray(bars.table[:, CLOSE])


@dataclass(frozen=True, slots=True)
class Course:
    """How a session went, candle by candle: moments, price counts and equity (product units) at
    the closes of its own candles, int64 of one length; `ends` is the equity at its start and
    now."""

    at: IntColumn
    price: IntColumn
    equity: IntColumn
    ends: tuple[int, int]


def course_of(log: IntMatrix, rows: Rows, timeframe_ms: int) -> Course:
    """From a session's events and its recording."""
    at, price = closes_in(rows, timeframe_ms)
    return Course(at, price, *equity_curve(log, at, price))


def judged(log: IntMatrix, course: Course) -> Summary:
    """The figures of a session from its events."""
    days = days_of(log, course.at, course.equity, course.ends[0])
    return summed_up(log, trades_of(log), course.equity, course.ends, days)
