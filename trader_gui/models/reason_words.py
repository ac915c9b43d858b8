"""Codes in the few words that tables, pills and charts have room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.domain.reasons import ExitReason, Refusal, StopSource
from engine.language import tr


@dataclass(frozen=True, slots=True)
class ExitSaid:
    """A reason as a word, as a pill, and in the chart's colour for it."""

    word: str
    tag: str
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
    ExitReason.TARGET_STEP: ExitSaid(tr("TP by age"), tr("TP BY AGE"), "cyan"),
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
    StopSource.TRAILING: StopSaid(tr("Trail"), tr("Trail"), "trailing", "warn"),
    StopSource.BREAK_EVEN: StopSaid(tr("Break-even"), tr("Break-even"), "break-even", "warn"),
    StopSource.HAND: StopSaid(tr("SL by hand"), tr("Stop"), tr("by hand"), "warn"),
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
