"""What became of a session's signals, step by step, and which trades and events a step is about.
Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from engine.domain.columns import BoolColumn, IntColumn, IntMatrix
from engine.domain.reasons import Action, ExitReason, Refusal
from engine.language import tr, trc
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.doubt import BlockedPrice
from engine.messages.events import EventKind, of_adds
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.models import facts
from trader_gui.models.position_plan import refused_adds
from trader_gui.models.reason_words import exit_said, refusal_words, rule_name

_AFTER_SIGNAL: Final = Refusal.MAX_POSITION
"""From this code on they are asked with the price: the signal was accepted, and counted, before."""
_REFUSALS: Final = (EventKind.REFUSAL, EventKind.REFUSALS_COUNTED)
_ENTERS: Final = (Action.BUY, Action.SHORT)
STILL_OPEN: Final = 0
"""In place of an ExitReason."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel: `code` is the Refusal of a rule, or the ExitReason of an exit."""

    kind: Literal["signals", "rule", "executed", "exit"]
    code: int = 0

    @property
    def words(self) -> str:
        """What a filter by it is called."""
        if self.kind == "rule":
            return tr("Refused: {rule}", rule=refusal_words(self.code))
        if self.kind == "exit":
            return tr("Exit: {reason}", reason=exit_word(self.code))
        return tr("Signals") if self.kind == "signals" else tr("Executed")


@dataclass(frozen=True, slots=True)
class Line:
    """One bar of `count` that begins at `start`, in a colour token."""

    name: str
    count: int
    start: int
    tone: str
    step: Step
    gain: str = ""
    """What its signals would have earned, where that is known."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """Signals, one line per rule, executed; `adds` are steps refused that were no signals, and
    `exits` (ExitReason or STILL_OPEN, how often), most frequent first."""

    lines: tuple[Line, ...]
    adds: Mapping[int, int]
    exits: tuple[tuple[int, int], ...]


def exit_word(code: int) -> str:
    """How a trade ended, in a word."""
    return trc("trade", "Open") if code == STILL_OPEN else exit_said(code).word


def funnel_of(bot: BotSnapshot, prices: Mapping[int, BlockedPrice] | None) -> Funnel:
    """Every signal of the strategy is either executed or refused by one rule.

    Refused steps that would have added to a position were no signals: they stand apart.
    """
    session = bot.session
    adds = refused_adds(session.log.rows) if bot.settings.trade.adds else Counter[int]()
    counts = [(code, count - adds[code]) for code, count in session.refusals]
    counts.sort(key=lambda one: (-one[1], one[0]))
    late = sum(count for code, count in counts if code >= _AFTER_SIGNAL)
    signals = session.signals + sum(count for _, count in counts) - late
    lines, left = [Line(tr("Signals"), signals, 0, "accent", Step("signals"))], signals
    for code, count in counts:
        if count > 0:
            left -= count
            name, gain = rule_name(code), _gain(bot, code, prices)
            lines.append(Line(name, count, left, "warn", Step("rule", code), gain))
    lines.append(Line(tr("Executed"), left, 0, "accent", Step("executed")))
    return Funnel(tuple(lines), adds, _exits(bot))


def _gain(bot: BotSnapshot, code: int, prices: Mapping[int, BlockedPrice] | None) -> str:
    if prices is None:
        return ""
    price = prices.get(code)
    priced, pnl = (0, 0) if price is None else price.until(bot.now_at)
    return facts.pnl(bot, bot.money(pnl)).words if priced else fmt.UNKNOWN


def _exits(bot: BotSnapshot) -> tuple[tuple[int, int], ...]:
    counts = np.bincount(bot.session.trades.rows[:, hs.T_REASON])
    found = {code: count for code, count in enumerate(counts.tolist()) if count}
    if bot.session.position:
        found[STILL_OPEN] = 1
    return tuple(sorted(found.items(), key=lambda one: (one[0] == STILL_OPEN, -one[1], one[0])))


def trades_about(step: Step, log: IntMatrix, trades: IntMatrix) -> IntColumn | None:
    """T_NO of the trades that a step is about, None for all. `log` are a session's events, `trades`
    its closed ones.

    A rule's are those that were open when it said no, or had closed last: what it looked at.
    """
    if step.kind == "exit":
        if step.code == STILL_OPEN:
            opened = log[log[:, ev.KIND] == EventKind.TRADE_OPENED, ev.NO]
            carried = log[:1, ev.TRADE]  # brought along from an earlier session
            known = np.concatenate((carried[carried != 0], opened))
            return np.setdiff1d(known, trades[:, hs.T_NO])
        return np.ascontiguousarray(trades[trades[:, hs.T_REASON] == step.code, hs.T_NO])
    if step.kind != "rule":
        return None
    said_no = np.flatnonzero(_refused_by(step.code, log))
    trade = log[said_no, ev.TRADE]
    if len(trades):
        closed = np.searchsorted(trades[:, hs.T_CLOSE_EVENT], said_no) - 1
        before = np.where(closed >= 0, trades[np.maximum(closed, 0), hs.T_NO], 0)
        trade = np.where(trade != 0, trade, before)
    return np.unique(trade[trade != 0])


def events_about(step: Step, log: IntMatrix, trades: IntColumn | None) -> BoolColumn:
    """Which events of `log` a step is about; `trades` are those of `trades_about`."""
    kind = log[:, ev.KIND]
    if step.kind == "rule":
        return _refused_by(step.code, log)
    if step.kind == "exit":
        mine = trades if trades is not None else log[:0, ev.TRADE]
        return np.asarray(np.isin(log[:, ev.TRADE], mine) & (log[:, ev.TRADE] != 0))
    if step.kind == "executed":
        return np.asarray((kind == EventKind.FILL) & np.isin(log[:, ev.ACTION], _ENTERS))
    asked = np.isin(kind, _REFUSALS) & ~of_adds(log)
    return np.asarray((kind == EventKind.SIGNAL) | asked)


def _refused_by(code: int, log: IntMatrix) -> BoolColumn:
    kinds = np.isin(log[:, ev.KIND], _REFUSALS)
    return np.asarray(kinds & (log[:, ev.CODE] == code) & ~of_adds(log))


def exit_tone(code: int) -> str:
    """The colour token of an exit's part in the bar."""
    return "accent" if code == STILL_OPEN else exit_said(ExitReason(code)).tone
