"""Bots: what a person sets up, and the table of legal steps of their lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.domain.settings import TradeSettings
from engine.domain.strategy import ParamValue
from engine.errors import IllegalStep
from engine.language import tr


class Mode(StrEnum):
    BACKTEST = "backtest"
    PAPER = "paper"
    LIVE = "live"
    REPLAY = "replay"


RUN_BY_BOTS: Final = (Mode.PAPER, Mode.LIVE)
"""Modes of a session that a bot ran: prices came one after the other."""


class FeedKind(StrEnum):
    SIMULATED = "simulated"
    FILE = "file"
    ARCHIVE = "archive"
    EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class ExtraFile:
    """A file with candles of another market that the strategy follows."""

    symbol: str
    timeframe_ms: int
    path: str


@dataclass(frozen=True, slots=True)
class FeedChoice:
    """Where a bot's prices come from.

    SIMULATED: `seed` and the market's symbol name the generated market.
    FILE: `path` of a candle file, played at `speed` times recorded time (0: as fast as it goes).
    ARCHIVE: the candles kept of `exchange`; backtests only.
    EXCHANGE: live prices of `exchange` (its ccxt name), at wall time.

    Other markets that the strategy follows come from the same place; for FILE, and for ARCHIVE
    where named, out of `extra_files`.
    """

    kind: FeedKind
    path: str = ""
    seed: int = 0
    speed: float = 1.0
    exchange: str = ""
    extra_files: tuple[ExtraFile, ...] = ()


@dataclass(frozen=True, slots=True)
class BotSettings:
    """One symbol, one strategy, one mode, its own share of the account."""

    name: str
    symbol: str
    timeframe_ms: int
    strategy: str
    params: Mapping[str, ParamValue]
    feed: FeedChoice
    trade: TradeSettings
    signals_path: str = ""
    """CSV of the `signals_file` strategy; empty for the others."""
    mode: Mode = Mode.PAPER


class BotState(StrEnum):
    """What the bot's task is doing now."""

    STOPPED = "stopped"
    PENDING = "pending"
    RUNNING = "running"
    ERROR = "error"


LEGAL_STEPS: Final[Mapping[BotState, frozenset[BotState]]] = MappingProxyType(
    {
        BotState.STOPPED: frozenset({BotState.PENDING, BotState.ERROR}),
        BotState.PENDING: frozenset({BotState.RUNNING, BotState.STOPPED, BotState.ERROR}),
        BotState.RUNNING: frozenset({BotState.STOPPED, BotState.ERROR}),
        BotState.ERROR: frozenset({BotState.PENDING, BotState.STOPPED}),
    }
)


def step(now: BotState, then: BotState) -> BotState:
    """The next state, or IllegalStep with a sentence."""
    if then in LEGAL_STEPS[now]:
        return then
    # The words of states stand in engine.messages.value_words, which nothing here may know.
    raise IllegalStep(
        tr(
            "The bot is {now}; it cannot become {then} from there.",
            now=tr(now.value),
            then=tr(then.value),
        )
    )
