"""Codes in the few words that tables, pills and charts have room for."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from engine.domain.reasons import EndReason, ExitReason, Refusal, StopSource
from engine.language import tr


@dataclass(frozen=True, slots=True)
class ExitSaid:
    """A reason as a word, as a pill, and in the chart's colour for it."""

    word: str
    tag: str
    """A code like those of the log: it is exported, and decides the colour of the pill."""
    tone: str


_EXITS: Final = {
    ExitReason.STOP_LOSS: ExitSaid("SL", "SL", "down"),
    ExitReason.TAKE_PROFIT: ExitSaid("TP", "TP", "cyan"),
    ExitReason.TRAILING_STOP: ExitSaid(tr("Trail"), "TRAIL", "warn"),
    ExitReason.SIGNAL: ExitSaid(tr("Signal"), "SIGNAL", "text2"),
    ExitReason.END_OF_DATA: ExitSaid(tr("End of data"), "END", "text2"),
    ExitReason.MANUAL: ExitSaid(tr("By hand"), "MANUAL", "text2"),
    ExitReason.LIQUIDATION: ExitSaid(tr("Liquidation"), "LIQUIDATION", "down"),
    ExitReason.TIME_LIMIT: ExitSaid(tr("Time limit"), "TIME", "text2"),
    ExitReason.BREAK_EVEN: ExitSaid(tr("Break-even"), "BREAK-EVEN", "warn"),
    ExitReason.PARTIAL_TARGET: ExitSaid(tr("Partial"), "PARTIAL", "cyan"),
    ExitReason.TARGET_STEP: ExitSaid(tr("TP by age"), "TP BY AGE", "cyan"),
}


@dataclass(frozen=True, slots=True)
class StopSaid:
    """What set a stop: its short name beside a price, and in whole words."""

    name: str
    gauge: str
    """Under the gauge's track, where there is less room."""
    second: str
    """Behind the price in the inspector."""
    tone: str


_STOPS: Final = {
    StopSource.STOP_LOSS: StopSaid("SL", "SL", tr("stop loss"), "down"),
    StopSource.TRAILING: StopSaid(tr("Trail"), tr("Trail"), tr("trailing"), "warn"),
    StopSource.BREAK_EVEN: StopSaid(tr("Break-even"), tr("Break-even"), tr("break-even"), "warn"),
    StopSource.HAND: StopSaid(tr("SL by hand"), tr("Stop"), tr("by hand"), "warn"),
}


_RULES: Final = MappingProxyType(
    {
        Refusal.POSITION_ALREADY_OPEN: tr("position_already_open"),
        Refusal.NO_OPEN_POSITION: tr("no_open_position"),
        Refusal.CONFLICTING_SIGNAL: tr("conflicting_signal"),
        Refusal.COOLDOWN: tr("cooldown"),
        Refusal.MAX_TRADES_PER_DAY: tr("max_trades_per_day"),
        Refusal.DAILY_LOSS: tr("daily_loss"),
        Refusal.MAX_DRAWDOWN: tr("max_drawdown"),
        Refusal.STOP_GUARD: tr("stop_guard"),
        Refusal.STALE_FEED: tr("stale_feed"),
        Refusal.PAUSED: tr("paused"),
        Refusal.MAX_POSITION: tr("max_position"),
        Refusal.INSUFFICIENT_CASH: tr("insufficient_cash"),
        Refusal.BELOW_MINIMUM: tr("below_minimum"),
        Refusal.MAX_SPREAD: tr("max_spread"),
        Refusal.MAX_OPEN_POSITIONS: tr("max_open_positions"),
        Refusal.MAX_EXPOSURE: tr("max_exposure"),
    }
)
_ENDS: Final = MappingProxyType(
    {
        EndReason.STOPPED: tr("stopped"),
        EndReason.CLOSED_AND_STOPPED: tr("closed and stopped"),
        EndReason.ERROR: tr("error"),
        EndReason.END_OF_DATA: tr("end of data"),
        EndReason.MONEY_OVERFLOW: tr("money overflow"),
    }
)


def exit_said(code: int) -> ExitSaid:
    """The words of an `ExitReason`."""
    return _EXITS[ExitReason(code)]


def stop_said(code: int) -> StopSaid:
    """The words of a `StopSource`."""
    return _STOPS[StopSource(code)]


def rule_name(code: int) -> str:
    """``max_trades_per_day``: what the rule of a `Refusal` is called."""
    return _RULES[Refusal(code)]


def refusal_words(code: int) -> str:
    """``max trades per day``: a `Refusal` as it stands in a sentence."""
    return rule_name(code).replace("_", " ")


def end_words(code: int) -> str:
    """``end of data``: an `EndReason` as it stands in a sentence."""
    return _ENDS[EndReason(code)]
