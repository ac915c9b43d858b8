"""Codes in the few words that tables, pills and charts have room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.domain.reasons import ExitReason, Refusal, StopSource


@dataclass(frozen=True, slots=True)
class ExitSaid:
    """A reason as a word, as a pill, and in the chart's colour for it."""

    word: str
    tag: str
    tone: str


_EXITS: Final = {
    ExitReason.STOP_LOSS: ExitSaid("SL", "SL", "down"),
    ExitReason.TAKE_PROFIT: ExitSaid("TP", "TP", "cyan"),
    ExitReason.TRAILING_STOP: ExitSaid("Trail", "TRAIL", "warn"),
    ExitReason.SIGNAL: ExitSaid("Signal", "SIGNAL", "text2"),
    ExitReason.END_OF_DATA: ExitSaid("End of data", "END", "text2"),
    ExitReason.MANUAL: ExitSaid("By hand", "MANUAL", "text2"),
    ExitReason.LIQUIDATION: ExitSaid("Liquidation", "LIQUIDATION", "down"),
    ExitReason.TIME_LIMIT: ExitSaid("Time limit", "TIME", "text2"),
    ExitReason.BREAK_EVEN: ExitSaid("Break-even", "BREAK-EVEN", "warn"),
    ExitReason.PARTIAL_TARGET: ExitSaid("Partial", "PARTIAL", "cyan"),
    ExitReason.TARGET_STEP: ExitSaid("TP by age", "TP BY AGE", "cyan"),
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
    StopSource.STOP_LOSS: StopSaid("SL", "SL", "stop loss", "down"),
    StopSource.TRAILING: StopSaid("Trail", "Trail", "trailing", "warn"),
    StopSource.BREAK_EVEN: StopSaid("Break-even", "Break-even", "break-even", "warn"),
    StopSource.HAND: StopSaid("SL by hand", "Stop", "by hand", "warn"),
}


def exit_said(code: int) -> ExitSaid:
    """The words of an `ExitReason`."""
    return _EXITS[ExitReason(code)]


def stop_said(code: int) -> StopSaid:
    """The words of a `StopSource`."""
    return _STOPS[StopSource(code)]


def refusal_words(code: int) -> str:
    """``max trades per day``: a `Refusal` as it stands in a sentence."""
    return Refusal(code).code.replace("_", " ")
