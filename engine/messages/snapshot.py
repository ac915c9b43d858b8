"""Snapshots: what is, at one moment, frozen. Panels draw them and nothing else.

A part that did not change is the same object, so `is` tells a panel whether to redraw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from engine.domain.bots import BotSettings, BotState
from engine.domain.candles import DAY_MS
from engine.domain.listings import FeedStatus
from engine.domain.market import Market
from engine.domain.positions import gain_at, worth_at
from engine.domain.reasons import StopSource
from engine.domain.sub_states import SubState
from engine.errors import FaultKind
from engine.messages.events import EventView
from engine.messages.histories import ChartView, EquityView, TableView
from engine.messages.recovery import RestartCheck


class TradeFill(NamedTuple):
    """One fill of the open trade."""

    at: int
    """Time of its row."""
    enters: bool
    reason: int
    """ExitReason of one that exits."""
    price: int
    amount: int
    fee: int
    pnl: int
    """Of one that exits, gross of fees."""
    event: int
    """Its index in the session's log."""


@dataclass(frozen=True, slots=True)
class SessionSnapshot:
    """The fold of one session's events. Integers in the session's counts (see `Scale`)."""

    cash: int
    position: int
    """Signed amount: above zero long, below zero short."""
    entry: int
    """Average of the entering fills."""
    stop: int
    target: int
    stop_by: int
    """StopSource."""
    cost: int
    """What is held cost at its fill prices, fees apart."""
    collateral: int
    """What the position has set aside: `cost` without leverage, else its margin."""
    liquidation: int
    """Price of liquidation, 0 for none."""
    funding: int
    """Of the open trade so far, above zero when received."""
    trade: int
    opened_at: int
    fills: tuple[TradeFill, ...]
    """Of the open trade, oldest first; those of an earlier session that opened it are not here."""
    realised: int
    """Sum of net PnL of the trades closed in this session."""
    fees: int
    wins: int
    day: int
    """UTC day number that the two counts below belong to."""
    realised_that_day: int
    entries_that_day: int
    signals: int
    refusals: tuple[tuple[int, int], ...]
    """(Refusal, how often), most frequent first."""
    paused: bool
    stale_ms: int
    """How old the last price was when the feed was found silent; 0: it is fresh."""
    ended: int | None
    """EndReason, None while it goes on."""
    last_at: int
    trades: TableView
    """Closed trades, columns T_* of histories."""
    log: EventView

    def realised_on(self, at: int) -> int:
        """Realised PnL on the UTC day of `at`."""
        return self.realised_that_day if at // DAY_MS == self.day else 0

    def entries_on(self, at: int) -> int:
        return self.entries_that_day if at // DAY_MS == self.day else 0

    @property
    def trailing(self) -> bool:
        return self.stop_by == StopSource.TRAILING

    def equity_at(self, price: int) -> int:
        """Cash plus what the position is worth at `price`."""
        return self.cash + worth_at(self.position, self.cost, self.collateral, price)

    def open_pnl_at(self, price: int) -> int:
        """Price result of what is held at `price`: before the closing fee, funding apart."""
        return gain_at(self.position, self.cost, price)


@dataclass(frozen=True, slots=True)
class PriceRow:
    """The last price at or before the moment shown; market time, price in counts."""

    at: int
    price: int


@dataclass(frozen=True, slots=True)
class Retry:
    """The program starts a bot in `error` again by itself."""

    count: int
    """Which try in a row it will be, from 1."""
    at: int
    """When, wall time."""


@dataclass(frozen=True, slots=True)
class BotError:
    """Why a bot stands in `error`: where it lies, a sentence, and what to copy."""

    kind: FaultKind
    words: str
    details: str
    at: int
    retry: Retry | None = None
    """None: nothing happens until a person does something."""


@dataclass(frozen=True, slots=True)
class BotSnapshot:
    """One bot, or one session under review, as all panels see it."""

    bot_id: int
    settings: BotSettings
    market: Market
    state: BotState
    session_id: int | None
    session: SessionSnapshot
    price: PriceRow | None
    chart: ChartView
    equity: EquityView
    next_close_at: int | None
    sub_state: SubState = SubState.NONE
    sub_words: str = ""
    """It in words, numbers filled in: ``Warming up 142 / 200``; empty for none."""
    interrupted: bool = False
    unguarded: bool = False
    error: BotError | None = None
    feed: FeedStatus | None = None
    """How its prices come in; None where they cannot fail to, or while it does not run."""

    def money(self, count: int) -> Decimal:
        return self.market.scale.money(count)

    @property
    def open_pnl(self) -> Decimal:
        if self.price is None:
            return Decimal(0)
        return self.money(self.session.open_pnl_at(self.price.price))

    @property
    def equity_now(self) -> Decimal:
        price = self.price.price if self.price else self.session.entry
        return self.money(self.session.equity_at(price))

    @property
    def exposure(self) -> Decimal:
        """Market value of the position, always positive."""
        price = self.price.price if self.price else self.session.entry
        return self.money(abs(self.session.position) * price)

    @property
    def now_at(self) -> int:
        """Market time of this snapshot."""
        return max(self.price.at if self.price else 0, self.session.last_at)

    @property
    def realised_today(self) -> Decimal:
        return self.money(self.session.realised_on(self.now_at))


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """The paper account: exact money in one currency, all bots together."""

    currency: str
    starting_balance: Decimal
    free: Decimal
    """Not reserved by any bot."""
    equity: Decimal
    realised_today: Decimal
    open_pnl: Decimal
    exposure: Decimal
    """Market value of all positions."""
    open_positions: int = 0
    set_aside: Decimal = Decimal(0)
    """What all positions have set aside: their cost, or their margin with leverage."""
    max_open_positions: int | None = None
    max_exposure_pct: Decimal | None = None
    """Percent of the equity that positions may set aside together."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Signs of life of one bot, wall time in UTC ms; 0 for never."""

    tick_at: int = 0
    candle_at: int = 0
    """When the last closed candle was taken."""
    decision_at: int = 0
    """When the strategy was asked last."""
    write_at: int = 0
    decision_due_at: int = 0
    """When the first price came, or work began, after the last decision; 0: none is due."""
    write_due_at: int = 0
    """Since when something waits to be stored; 0: nothing does."""
    run_at: int = 0
    """When its cycle ran last and was stored, in this run of the program or before."""
    speed: float = 1.0
    """Its market's time against ours; 0 is as fast as it goes."""
    errors_last_hour: int = 0


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the signs of life of all bots come to."""

    store_words: str = "ok"
    """``ok``, or a sentence."""
    store_queue: int = 0
    unkept: int = 0
    """Of these, how many neither the database nor the file beside it takes."""
    newest_at: int = 0
    """The newest sign of life of any bot, wall time in UTC ms; 0 while none has lived yet."""


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """Heartbeats; shown, but never a reason to call a snapshot different."""

    now: int
    loop_lag_ms: float = 0.0
    pulses: Mapping[int, Pulse] = field(default_factory=dict)
    vitals: Callable[[], Vitals] = Vitals
    """Worked out for who asks: most frames show nothing of it."""


@dataclass(frozen=True, slots=True)
class AppSnapshot:
    """Everything the window shows of the running engine."""

    bots: tuple[BotSnapshot, ...]
    account: AccountSnapshot
    speed: float
    """Of the simulated market."""
    sessions_version: int
    """Grows when the history changed."""
    status: EngineStatus = field(compare=False)
    restart: RestartCheck = field(default_factory=RestartCheck)
    """What the start of the program found."""

    def bot(self, bot_id: int) -> BotSnapshot | None:
        return next((bot for bot in self.bots if bot.bot_id == bot_id), None)
