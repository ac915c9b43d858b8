"""The first event that differs, both sides in words, each with what it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from engine import __version__
from engine.domain.candles import moment_text
from engine.domain.columns import IntColumn
from engine.domain.money import decimals
from engine.domain.reasons import Action, Input
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, RowKind
from engine.language import tr, trc
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.numbers import UNKNOWN, grouped
from engine.messages.proof import Field, OneSide
from engine.messages.wording import Wording
from engine.runtime.history.archive import market_of
from engine.runtime.proof.case import Case
from engine.runtime.proof.classing import Pair
from engine.runtime.proof.evidence import row_behind
from engine.runtime.proof.replaying import Replayed

_HASH_SHOWN: Final = 12
_ENDED: Final = tr("Nothing more: this side has ended")


class Telling:
    """Words for one session's events."""

    def __init__(self, case: Case, replayed: Replayed) -> None:
        self._case, self._replayed = case, replayed
        settings = case.session.record.settings
        self._wording = Wording(market_of(settings), settings.trade)

    def recorded(self, pair: Pair, note: str) -> OneSide:
        """The side that was stored."""
        record = self._case.session.record
        asked = self._asked_then(pair)
        return self._told(pair, pair.recorded, note, asked, record.strategy_hash, _version_then)

    def replayed(self, pair: Pair, note: str) -> OneSide:
        """The side of today."""
        known = pair.recorded if pair.recorded is not None else pair.replayed
        assert known is not None, "something differs"
        asked = _opinions(self._replayed.answers.told_at(int(known[ev.AT])))
        return self._told(
            pair, pair.replayed, note, asked, self._replayed.strategy_hash, _version_now
        )

    def fields(self, pair: Pair) -> tuple[Field, ...]:
        """The numbers that differ, by name."""
        if pair.recorded is None or pair.replayed is None:
            return ()
        if pair.recorded[ev.KIND] != pair.replayed[ev.KIND]:
            return ()
        return tuple(
            Field(
                _NAMES[column],
                *self._told_apart(column, int(pair.recorded[column]), int(pair.replayed[column])),
            )
            for column in pair.differing()
        )

    def _told(
        self,
        pair: Pair,
        event: IntColumn | None,
        note: str,
        asked: str,
        strategy_hash: str,
        version: Callable[[Case], str],
    ) -> OneSide:
        behind = event if event is not None else pair.recorded
        inputs = (
            (tr("row"), UNKNOWN if behind is None else self._row(behind)),
            (tr("strategy said"), asked),
            (tr("strategy source"), strategy_hash[:_HASH_SHOWN] or UNKNOWN),
            (tr("program"), version(self._case)),
        )
        return OneSide(_ENDED if event is None else self._line(event, note), inputs)

    def _line(self, event: IntColumn, note: str) -> str:
        row: list[int] = event.tolist()
        line = self._wording.line(row, note)
        if line is not None:
            return f"{line.tag} {line.text}"
        name = _EVENTS[EventKind(row[ev.KIND])]
        side = "" if not row[ev.ACTION] else f" {Action(row[ev.ACTION]).name}"
        amount = f" {self._wording.amount(row[ev.AMOUNT])}" if row[ev.AMOUNT] else ""
        return tr(
            "{name}{side}{amount} at {price}",
            name=name,
            side=side,
            amount=amount,
            price=self._wording.price(row[ev.PRICE]),
        )

    def _row(self, event: IntColumn) -> str:
        row = row_behind(event, self._case.session.rows.table)
        if row is None:
            return tr("none at {moment}", moment=moment_text(int(event[ev.ROW_AT])))
        at = moment_text(int(row[AT]))
        kind = RowKind(int(row[KIND]))
        if kind is RowKind.INPUT:
            return tr(
                "command {command} at {at}",
                command=_COMMANDS[Input(int(row[OPEN]))],
                at=at,
            )
        if kind is RowKind.FUNDING:
            return tr("funding at {at}", at=at)
        if not row[CLOSE]:
            return tr("close at {at}", at=at)
        prices = [self._wording.price(int(row[column])) for column in (OPEN, HIGH, LOW, CLOSE)]
        if kind is RowKind.PRICE and len(set(prices)) == 1:
            return tr("price {price} at {at}", price=prices[0], at=at)
        told = dict(zip(("open", "high", "low", "close"), prices, strict=True), at=at)
        if kind is RowKind.BAR:
            return tr("bar of {at}: open {open}, high {high}, low {low}, close {close}", **told)
        return tr("close at {at}: open {open}, high {high}, low {low}, close {close}", **told)

    def _asked_then(self, pair: Pair) -> str:
        """What the strategy must have said, as far as events tell."""
        known = pair.recorded if pair.recorded is not None else pair.replayed
        assert known is not None, "something differs"
        events = self._case.decided
        opinions = np.isin(events[:, ev.KIND], (EventKind.SIGNAL, EventKind.REFUSAL))
        here = events[opinions & (events[:, ev.AT] == known[ev.AT])]
        bits = 0
        for action in here[:, ev.ACTION].tolist():
            bits |= 1 << (action - 1)
        return _opinions(bits)

    def _told_apart(self, column: int, recorded: int, replayed: int) -> tuple[str, str]:
        """Both sides in the usual words, and where those are the same, to the last unit."""
        first, second = self._said(column, recorded), self._said(column, replayed)
        if first != second:
            return first, second
        if _SAID.get(column) is not Wording.money:
            return f"{recorded}", f"{replayed}"
        scale = self._case.session.record.settings.scale
        places = decimals(scale.money(1))
        return grouped(scale.money(recorded), places), grouped(scale.money(replayed), places)

    def _said(self, column: int, value: int) -> str:
        say = _SAID.get(column)
        return f"{value}" if say is None else say(self._wording, value)


def _version_then(case: Case) -> str:
    return case.session.record.program_version


def _version_now(case: Case) -> str:
    return __version__


def _opinions(bits: int | None) -> str:
    if bits is None:
        return tr("not asked here")
    names = [action.name for action in Action if bits & 1 << (action - 1)]
    return ", ".join(names) or tr("nothing")


def _price(wording: Wording, value: int) -> str:
    return wording.price(value) if value else trc("price", "none")


def _moment(wording: Wording, value: int) -> str:
    return moment_text(value)


_SAID: Final[Mapping[int, Callable[[Wording, int], str]]] = MappingProxyType(
    {
        **dict.fromkeys((ev.ROW_AT, ev.AT), _moment),
        **dict.fromkeys((ev.PRICE, ev.ENTRY, ev.STOP, ev.TARGET, ev.LIQUIDATION), _price),
        **dict.fromkeys((ev.AMOUNT, ev.POSITION), Wording.amount),
        **dict.fromkeys(
            (ev.FEE, ev.PNL, ev.CASH, ev.COST, ev.COLLATERAL, ev.FUNDING), Wording.money
        ),
    }
)
_NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {
        ev.KIND: tr("event"),
        ev.NO: tr("number"),
        ev.ROW_AT: tr("time of the row"),
        ev.AT: tr("moment"),
        ev.CODE: tr("reason"),
        ev.ACTION: tr("action"),
        ev.SIDE: tr("side"),
        ev.PRICE: tr("price"),
        ev.AMOUNT: tr("amount"),
        ev.FEE: tr("fee"),
        ev.PNL: tr("PnL"),
        ev.CASH: tr("cash"),
        ev.POSITION: tr("position"),
        ev.ENTRY: tr("entry"),
        ev.STOP: tr("stop"),
        ev.TARGET: tr("target"),
        ev.TRADE: tr("trade"),
        ev.LIMIT: tr("limit"),
        ev.ACTUAL: tr("found"),
        ev.STOP_BY: tr("stop set by"),
        ev.COST: tr("cost"),
        ev.COLLATERAL: tr("set aside"),
        ev.LIQUIDATION: tr("liquidation"),
        ev.FUNDING: tr("funding"),
    }
)
_EVENTS: Final[Mapping[EventKind, str]] = MappingProxyType(
    {
        # The others have lines of their own.
        EventKind.INTENT: tr("Intent"),
        EventKind.FILL: tr("Fill"),
        EventKind.TRADE_OPENED: tr("Trade opened"),
        EventKind.POSITION_ADDED: tr("Position added"),
    }
)
_COMMANDS: Final[Mapping[Input, str]] = MappingProxyType(
    {
        Input.PAUSE_ENTRIES: tr("pause entries"),
        Input.RESUME_ENTRIES: tr("resume entries"),
        Input.CLOSE_POSITION: tr("close position"),
        Input.STOP: trc("command", "stop"),
        Input.CLOSE_AND_STOP: tr("close and stop"),
        Input.MOVE_STOP: tr("move stop"),
        Input.MOVE_TARGET: tr("move target"),
        Input.FEED_STALE: tr("feed stale"),
        Input.FEED_FRESH: tr("feed fresh"),
        Input.SPREAD: tr("spread"),
        Input.ACCOUNT: tr("account"),
    }
)
