"""What the repositories give out: frozen values, complete in themselves.

Integers named price, amount, cash, fee, pnl are counts in the scale of their session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from engine.domain.bots import BotSettings, BotState
from engine.domain.columns import IntColumn
from engine.domain.reasons import Action, ExitReason, Input, Refusal, Side
from engine.errors import FaultKind


@dataclass(frozen=True, slots=True)
class BotRecord:
    """A bot as a person set it up."""

    id: int
    settings: BotSettings
    created_at: int


@dataclass(frozen=True, slots=True)
class BotFault:
    """Why a bot is in `error`: where it lies, the words for a person, the raw text behind them."""

    kind: FaultKind
    words: str
    details: str
    at: int


@dataclass(frozen=True, slots=True)
class BotStanding:
    """Where a bot stands: enough to go on after a restart.

    `kernel_state` is int64 of any length, read-only; None before the first run.
    """

    bot_id: int
    state: BotState = BotState.STOPPED
    session_id: int | None = None
    """The session it runs, or ran last."""
    kernel_state: IntColumn | None = field(default=None, compare=False)
    event_hash: str = ""
    """Hex of the hash chain after `event_count` events."""
    event_count: int = 0
    row_count: int = 0
    """Rows recorded so far."""
    trade_session_id: int | None = None
    """The session that opened the trade that is open now."""
    fault: BotFault | None = None
    updated_at: int = 0
    first: Input | None = None
    """What a person asked of it that no session could take yet: the first command of its next
    run. Counts only while it is PENDING."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a session began with besides its settings and rows.

    `kernel_state` is int64 of any length, read-only; None is a fresh account.
    """

    asked_once: bool
    """Its strategy was asked once, over all candles; else at each close."""
    kernel_state: IntColumn | None = field(default=None, compare=False)
    bots_together: int = 0
    """Bots of the portfolio it was part of; 0 if it was of none."""
    max_open_positions: int | None = None
    """Of them all together; so is the next. None is no limit."""
    max_exposure_pct: Decimal | None = None


@dataclass(frozen=True, slots=True)
class KeptOpening:
    """An opening as it was stored. `settings_kept`: the settings are still those of that day."""

    opening: Opening
    settings_kept: bool


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """A paper account. `returned` is what deleted bots gave back beyond (or below) their share."""

    name: str
    currency: str
    starting_balance: Decimal
    returned: Decimal
    reset_at: int
    max_open_positions: int | None = None
    """Of all its bots together; so is the next. None is no limit."""
    max_exposure_pct: Decimal | None = None
    """Share of the account's equity that positions may set aside."""


@dataclass(frozen=True, slots=True)
class MarketState:
    """Where a simulated market stands: it goes on from there after a restart."""

    name: str
    seed: int
    state: Mapping[str, object]
    saved_at: int


class TradeStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    ERROR = "error"


class OrderStatus(StrEnum):
    SENT = "sent"
    FILLED = "filled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class TradeRecord:
    """A round trip. It belongs to the session that opened it (`session_id`, `no`)."""

    session_id: int
    no: int
    side: Side
    amount: int
    """All that entering fills brought."""
    opened_at: int
    entry_price: int
    """Average of them."""
    stop: int
    target: int
    """Levels at the entry, 0 for none."""
    status: TradeStatus
    closed_in: int | None
    closed_at: int | None
    exit_price: int | None
    """Average of its exiting fills, known once nothing is left."""
    reason: ExitReason | None
    """Of the last exit."""
    fees: int | None
    """Of all fills."""
    pnl: int | None
    """Net of all fees and funding."""
    exited: int = 0
    """Amount that exits have closed so far."""
    funding: int | None = None
    """Above zero when received."""


@dataclass(frozen=True, slots=True)
class SignalRecord:
    """An opinion and what became of it: accepted (`refusal` None) or refused with numbers."""

    session_id: int
    no: int
    row_at: int
    at: int
    action: Action
    side: Side
    price: int
    reason: int
    """Index of the strategy's reason; 0 when refused."""
    refusal: Refusal | None
    limit: int
    actual: int
    count: int
    """How many equal refusals in a row this line stands for; 1 for an accepted signal."""
    last_at: int
    note: str


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An intent and what became of it. EXPIRED: decided, but no row came that could fill it."""

    session_id: int
    no: int
    row_at: int
    at: int
    action: Action
    side: Side
    amount: int
    price: int
    price_unslipped: int
    status: OrderStatus
    fill_no: int | None
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class FillRecord:
    """Money that moved; `cash` and `position` are what was there after it."""

    session_id: int
    no: int
    row_at: int
    at: int
    action: Action
    side: Side
    amount: int
    price: int
    price_unslipped: int
    fee: int
    pnl: int
    cash: int
    position: int
    trade_session_id: int
    trade_no: int


@dataclass(frozen=True, slots=True)
class SessionCounters:
    """How many rows each table holds for one session."""

    events: int
    signals: int
    refused: int
    """Refused signals, each equal one in a run counted."""
    orders: int
    fills: int
    trades: int
