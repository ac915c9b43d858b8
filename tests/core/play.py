"""Run the kernel over rows and take its events, whole or cut into calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from engine.core import kernel
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.reasons import Action, EndReason
from engine.domain.rows import RowKind
from engine.domain.settings import PathRule, Sizing
from engine.messages import events as column
from tests.core.reference import COLUMNS, Terms
from tests.core.reference.terms import ADVERSE_FIRST, FAVOURABLE_FIRST

MINUTE = 60_000
T0 = 1_640_995_200_000
"""2022-01-01 00:00 UTC."""


PATHS = {
    PathRule.CONSERVATIVE: setting.PATH_CONSERVATIVE,
    PathRule.NEAREST: setting.PATH_NEAREST,
    ADVERSE_FIRST: setting.PATH_ADVERSE_FIRST,
    FAVOURABLE_FIRST: setting.PATH_FAVOURABLE_FIRST,
}
SIZINGS = {
    Sizing.PERCENT: setting.BY_PERCENT,
    Sizing.QUOTE: setting.BY_QUOTE,
    Sizing.RISK: setting.BY_RISK,
}


def vector(terms: Terms) -> IntColumn:
    settings = np.zeros(setting.SETTINGS_WIDTH, np.int64)
    _put_money(settings, terms)
    _put_exits(settings, terms)
    settings[setting.COOLDOWN_MS] = terms.cooldown_ms
    settings[setting.MAX_TRADES_PER_DAY] = terms.max_trades or 0
    settings[setting.DAILY_LOSS_PPM] = terms.daily_loss or 0
    settings[setting.MAX_DRAWDOWN_PPM] = terms.max_drawdown or 0
    settings[setting.GUARD_STOPS] = terms.guard_stops
    settings[setting.GUARD_MS] = terms.guard_ms
    settings[setting.MAX_SPREAD_PPM] = _or_off(terms.max_spread)
    settings[setting.TIMEFRAME_MS] = terms.timeframe_ms
    settings.flags.writeable = False
    return settings


def _put_money(settings: IntColumn, terms: Terms) -> None:
    settings[setting.FEE_PPM] = terms.fee
    settings[setting.MAKER_FEE_PPM] = terms.fee if terms.maker is None else terms.maker
    settings[setting.FEE_IN_BASE] = terms.fee_in_base
    settings[setting.SLIPPAGE_PPM] = terms.slippage
    settings[setting.SLIPPAGE_RANGE_PPM] = terms.slippage_range
    settings[setting.SPREAD_PPM] = terms.spread
    settings[setting.SIZING] = SIZINGS[terms.sizing]
    settings[setting.POSITION_PPM] = terms.position
    settings[setting.SIZE_QUOTE] = terms.size_quote
    settings[setting.RISK_PPM] = terms.risk
    settings[setting.CEILING_PPM] = _or_off(terms.ceiling)
    settings[setting.LEVERAGE] = terms.leverage
    settings[setting.MAINTENANCE_PPM] = terms.maintenance if terms.leverage else 0
    settings[setting.ORDER_STEP] = terms.order_step
    settings[setting.MIN_AMOUNT] = terms.min_amount
    settings[setting.MIN_NOTIONAL] = terms.min_notional


def _put_exits(settings: IntColumn, terms: Terms) -> None:
    settings[setting.STOP_LOSS_PPM] = terms.stop_loss or 0
    settings[setting.TAKE_PROFIT_PPM] = terms.take_profit or 0
    settings[setting.TRAILING_PPM] = terms.trailing or 0
    settings[setting.ACTIVATION_PPM] = _or_off(terms.activation)
    settings[setting.TRAILING_BEFORE_PPM] = terms.trailing_before or 0
    settings[setting.BREAK_EVEN_PPM] = terms.break_even or 0
    settings[setting.TIME_LIMIT_MS] = terms.time_limit_ms
    settings[setting.PATH] = PATHS[terms.path]
    for count, first, second, table in (
        (setting.STEP_COUNT, setting.STEP_MS, setting.STEP_PPM, terms.target_steps),
        (setting.PARTIAL_COUNT, setting.PARTIAL_PPM, setting.PARTIAL_SHARE_PPM, terms.partials),
        (setting.ADD_COUNT, setting.ADD_PPM, setting.ADD_TIMES_PPM, terms.adds),
    ):
        settings[count] = len(table)
        for place, (left, right) in enumerate(table):
            settings[first + place], settings[second + place] = left, right


def _or_off(value: int | None) -> int:
    return setting.OFF if value is None else value


@dataclass
class Played:
    events: IntMatrix
    state: IntColumn
    halts: list[IntColumn] = field(default_factory=list)
    """The state after each piece of the rows."""

    def of(self, kind: int) -> list[dict[str, int]]:
        return [event for event in self.all() if event["kind"] == kind]

    def all(self) -> list[dict[str, int]]:
        return [dict(zip(COLUMNS, map(int, row), strict=True)) for row in self.events]


def play(
    terms: Terms,
    cash: int,
    rows: IntMatrix,
    signals: SignalColumn,
    *,
    cuts: Sequence[int] = (),
    room: int = 4096,
    end: EndReason | None = EndReason.END_OF_DATA,
    state: IntColumn | None = None,
    begin_at: int = T0,
) -> Played:
    """A whole session; `cuts` are the row numbers where one call ends and the next begins."""
    settings = vector(terms)
    state = slot.new_state(cash) if state is None else state
    buffer = np.full((room, column.EVENT_WIDTH), -7, np.int64)
    taken: list[IntMatrix] = []
    halts: list[IntColumn] = []

    def take() -> None:
        taken.append(buffer[: state[slot.EVENTS_WRITTEN]].copy())
        buffer[:] = -7

    kernel.begin(state, settings, begin_at, buffer)
    take()
    edges = [0, *sorted(cuts), len(rows)]
    for start, stop in pairwise(edges):
        while start < stop:
            consumed = kernel.advance(
                state, settings, rows[start:stop], signals[start:stop], buffer
            )
            assert consumed > 0
            take()
            start += consumed
        halts.append(state.copy())
    if end is not None:
        assert kernel.finish(state, settings, buffer, int(end)) == state[slot.EVENTS_WRITTEN]
        take()
    return Played(np.concatenate(taken), state, halts)


def bars(
    prices: Iterable[tuple[int, int, int, int]], *, start: int = T0, step: int = MINUTE
) -> IntMatrix:
    """BAR rows from (open, high, low, close)."""
    return np.array(
        [(RowKind.BAR, start + number * step, *row) for number, row in enumerate(prices)],
        np.int64,
    ).reshape(-1, 6)


def at_closes(count: int, asked: dict[int, Sequence[Action]], reason: int = 0) -> SignalColumn:
    """Signals at the close of rows by number."""
    signals = np.zeros(count, np.int32)
    for number, actions in asked.items():
        signals[number] = sum(1 << (action - 1) for action in actions) | (reason << 8)
    return signals
