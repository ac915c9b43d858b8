"""Sessions: one backtest, or one run of a bot from Start to Stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.domain.bots import ExtraFile, Mode
from engine.domain.money import Scale
from engine.domain.settings import TradeSettings
from engine.domain.strategy import ParamValue
from engine.language import tr


class SessionStatus(StrEnum):
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    FAILED = "failed"


ENDED: Final = (SessionStatus.FINISHED, SessionStatus.FAILED)
"""Nothing is added to such a session."""


@dataclass(frozen=True, slots=True)
class FineShare:
    """How many of a session's bars finer candles decided, and why not the others."""

    timeframe_ms: int
    """Of the finer candles."""
    bars: int
    decided: int
    missing: int
    """Some of the finer candles were not there."""
    disagreeing: int
    """They were, but came to another candle."""

    @property
    def share_pct(self) -> float | None:
        return 100 * self.decided / self.bars if self.bars else None


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Everything that decides a session's result besides its rows."""

    symbol: str
    timeframe_ms: int
    strategy: str
    params: Mapping[str, ParamValue]
    trade: TradeSettings
    scale: Scale
    order_step: Decimal
    min_amount: Decimal
    min_notional: Decimal
    source: str
    signals_path: str = ""
    warmup: int = 0
    source_path: str = ""
    """Where the candle file lay, so that its settings can be used again; not shown by itself."""
    fine_path: str = ""
    """Where the finer candles lay that decided inside its bars."""
    funding_path: str = ""
    """Where its funding rates lay."""
    fine: FineShare | None = None
    """None where no finer candles were asked for, and the archive had none to offer."""
    exchange: str = ""
    """Whose candles in the archive it was played on; "" for files and live markets."""
    made_from_ms: int = 0
    """Timeframe of the archive's candles that its own are or were made from."""
    extra_files: tuple[ExtraFile, ...] = ()
    """Where the candles of other markets lay that its strategy followed."""


@dataclass(frozen=True, slots=True)
class SessionResult:
    """The figures of a history row; counts in product units, None while undefined."""

    bars: int = 0
    trades: int = 0
    wins: int = 0
    net_pnl: int = 0
    fees: int = 0
    equity_first: int = 0
    equity_last: int = 0
    max_drawdown: int = 0
    max_drawdown_pct: float | None = None
    sharpe: float | None = None
    """Of daily returns, a year being 365 days; undefined for less than two days."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One row of the history, as a value."""

    id: int
    bot_id: int | None
    bot_name: str
    mode: Mode
    settings: SessionSettings
    status: SessionStatus
    started_at: int
    """Market time of the first row."""
    ended_at: int | None
    """Market time of the last row, None while running."""
    created_at: int
    """Wall time when it was made."""
    end_reason: int | None
    event_hash: str
    result: SessionResult
    program_version: str
    strategy_hash: str = ""
    strategy_source: str = ""
    rows_hash: str = ""
    seed: int | None = None
    error: str = ""
    portfolio_id: int | None = None
    """Shared by the sessions of one portfolio backtest."""
    sweep_id: int | None = None
    """The sweep it was promoted from."""
    title: str = ""
    """What a person called it."""
    note: str = ""
    tags: tuple[str, ...] = ()


_MOST_NAMES: Final = 5
"""In one sentence."""

_MOST_DIGITS: Final = 18
"""Of an id: what a database's integer holds."""


def session_label(session_id: int) -> str:
    """``S-0042``: the id as a person sees it."""
    return f"S-{session_id:04d}"


def unreadable_words(session_ids: Sequence[int]) -> str:
    """What a person is told of sessions whose rows no program of ours wrote like that."""
    names = ", ".join(session_label(one) for one in session_ids[:_MOST_NAMES])
    if len(session_ids) > _MOST_NAMES:
        more = len(session_ids) - _MOST_NAMES
        names = tr("{names} and {count:,} more", names=names, count=more)
    return tr(
        "{names} cannot be read: what is stored there is damaged, or of another "
        "program. It was left as it is, and everything else is untouched. To have "
        "it back, restore a copy from the folder 'backups' of the data folder.",
        names=names,
    )


def session_number(text: str) -> int | None:
    """``S-0042`` or ``42`` -> 42; None if it is neither."""
    digits = text.strip().upper().removeprefix("S-")
    return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None
