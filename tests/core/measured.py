"""Sessions whose figures are looked at: told by hand, and played by the kernel."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from engine.core import kernel
from engine.core import layout as slot
from engine.core.metrics import Report, report
from engine.core.settings_vector import kernel_settings
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.market import Market
from engine.domain.reasons import EndReason
from engine.domain.rows import AT, RowKind
from engine.domain.settings import TradeSettings
from engine.messages.events import EVENT_WIDTH
from tests.core.story import DAY, MINUTE, T0, Story, flat

CASH = 1_000_000


def two_trades() -> tuple[IntMatrix, IntMatrix]:
    """Buys 250 at 1,000 and sells at 1,100: +25,000. Sells 232 short at 1,100, buys them back at
    1,200: -23,200."""
    story = Story(CASH)
    story.enter(T0 + MINUTE, 1, 250, 1_000)
    story.leave(T0 + 2 * MINUTE, 250, 1_100)
    story.enter(T0 + 3 * MINUTE, -1, 232, 1_100)
    story.leave(T0 + 4 * MINUTE, 232, 1_200)
    return story.events, flat((1_000, 1_050, 1_100, 1_150, 1_200))


def told(story: Story, closes: list[int], step: int = DAY, **given: object) -> Report:
    """The report of a story over flat candles that close at `closes`."""
    bars = flat(closes, step=step)
    return report(story.events, bars, bars, step, **given)  # type: ignore[arg-type]


SETTINGS = st.builds(
    TradeSettings,
    fee_pct=st.sampled_from((Decimal(0), Decimal("0.1"))),
    slippage_pct=st.sampled_from((Decimal(0), Decimal("0.05"))),
    stop_loss_pct=st.sampled_from((None, Decimal("0.4"), Decimal(1))),
    take_profit_pct=st.sampled_from((None, Decimal("0.6"), Decimal(2))),
    trailing_pct=st.sampled_from((None, Decimal("0.5"))),
    max_trades_per_day=st.none(),
    cooldown_min=st.none(),
)
MARKET = Market("ABC/USDT", Decimal("0.01"), Decimal("0.001"), Decimal("0.001"))


def walked(seed: int, count: int = 200) -> tuple[IntMatrix, SignalColumn]:
    """A random walk near 1,000.00 and signals of every kind at random closes."""
    chance = np.random.default_rng(seed)
    close = np.rint(100_000 * np.exp(np.cumsum(chance.normal(0, 3e-3, count)))).astype(np.int64)
    rows = np.empty((count, 6), np.int64)
    rows[:, 0], rows[:, 1] = RowKind.BAR, T0 + np.arange(count) * MINUTE
    rows[:, 2] = np.concatenate((close[:1], close[:-1] + chance.integers(-30, 30, count - 1)))
    rows[:, 3] = np.maximum(rows[:, 2], close) + chance.integers(0, 200, count)
    rows[:, 4] = np.minimum(rows[:, 2], close) - chance.integers(0, 200, count)
    rows[:, 5] = close
    signals = np.where(chance.random(count) < 0.2, chance.choice([1, 2, 4, 8, 6, 9], count), 0)
    return rows, signals.astype(np.int32)


class Played:
    """A session of the kernel, bar by bar: its events and its state at each close."""

    def __init__(
        self, trade: TradeSettings, rows: IntMatrix, signals: SignalColumn, *, end: bool = True
    ) -> None:
        chosen = kernel_settings(trade, MARKET, MINUTE)
        state = slot.new_state(MARKET.scale.money_count(trade.cash))
        buffer = np.empty((256, EVENT_WIDTH), np.int64)
        parts = []
        self.states: list[IntColumn] = []

        def take() -> None:
            parts.append(buffer[: state[slot.EVENTS_WRITTEN]].copy())

        kernel.begin(state, chosen, int(rows[0, AT]), buffer)
        take()
        for row in range(len(rows)):
            one = slice(row, row + 1)
            kernel.advance(state, chosen, rows[one], signals[one], buffer)
            take()
            self.states.append(state.copy())
        if end:
            kernel.finish(state, chosen, buffer, int(EndReason.END_OF_DATA))
            take()
        self.events = np.concatenate(parts)


COMMON = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
