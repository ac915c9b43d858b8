"""The way of a decision: signal, rules in the order in which they were asked, size, order, fill.

What the rules said comes from the kernel's own rules on the state of that moment, and is held
against what is recorded: where the two disagree only what is recorded is told.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np

from engine.core import answers as answer
from engine.domain.columns import IntMatrix
from engine.domain.money import plain
from engine.domain.reasons import Action, Refusal
from engine.domain.settings import Sizing, TradeSettings
from engine.language import localised, tr
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.reason_words import reason_words
from engine.messages.refusal_words import limit_and_found, why_refused
from engine.messages.why import Chain, Link, RuleAnswer, Verdict
from engine.messages.wording import Wording
from engine.runtime.history.archive import Archived, market_of
from engine.runtime.why.decisions import Decisions
from engine.runtime.why.grants import Granted, Grants
from engine.runtime.why.sight import Sight
from engine.runtime.why.states import States

_OTHERWISE: Final = tr(
    "Asked again, the rules do not come to what is recorded, so only what is recorded is shown."
)
_NOT_KNOWN: Final = Granted(None, None)


class Chains:
    """Of one session. Without `states` the numbers of rules that passed are not known, and
    `remark` says why."""

    def __init__(
        self,
        session: Archived,
        sight: Sight,
        states: States | None,
        remark: str = "",
        grants: Grants = MappingProxyType({}),
    ) -> None:
        """`grants` as the account of its portfolio gave them."""
        settings = session.record.settings
        self._session, self._log, self._sight = session, session.log.table, sight
        self._states, self._remark, self._grants = states, remark, grants
        self._trade = settings.trade
        self._wording = Wording(market_of(settings), settings.trade)
        self._decisions = Decisions(self._log)

    def chain(self, event: int | None, known: int) -> Chain | None:
        """See `engine.messages.why.Why`."""
        known = min(known, len(self._log))
        if event is None or not 0 <= event < known:
            decided = self._decisions.last(known)
        else:
            decided = self._decisions.of(event)
        if decided is None:
            return None
        row: list[int] = self._log[decided].tolist()
        if row[ev.KIND] != EventKind.SIGNAL:
            return self._refused(decided, row)
        return self._accepted(decided, row, known)

    # ------------------------------------------------------------------ refused at the close

    def _refused(self, event: int, row: list[int]) -> Chain:
        rules, remark = self._rules_at_close(row, row[ev.CODE])
        stopping = next(rule for rule in rules if rule.verdict is Verdict.REFUSED)
        stopped = self._why(row, stopping.rule)
        return self._made(event, row, rules, stopped, (), remark)

    def _rules_at_close(self, row: list[int], code: int) -> tuple[tuple[RuleAnswer, ...], str]:
        """All rules that are set; `code` is the one that said no, by the event `row`."""
        action = Action(row[ev.ACTION])
        if self._states is not None:
            place = self._states.closing_row(row[ev.ROW_AT])
            found = self._states.at_close(place, self._bits(row), action)
            rules = self._read(found)
            if _first_no(rules) == code:
                if action.enters and row[ev.PRICE]:
                    beyond = self._states.with_price(place, action, row[ev.PRICE])
                    rules += self._read(beyond, asked=not code)
                return rules, ""
        return self._recorded(row, code)

    def _recorded(self, row: list[int], code: int) -> tuple[tuple[RuleAnswer, ...], str]:
        """What the event alone tells."""
        remark = self._remark or _OTHERWISE
        if not code:
            return (), remark
        limit, found = "", ""
        if row[ev.KIND] == EventKind.REFUSAL:
            limit, found = limit_and_found(code, row[ev.LIMIT], row[ev.ACTUAL], self._wording)
        return (RuleAnswer(code, Verdict.REFUSED, limit, found),), remark

    def _why(self, row: list[int], code: int) -> str:
        if row[ev.KIND] == EventKind.REFUSAL:
            return why_refused(row, self._wording, self._trade)
        return tr("{count} times in a row, this was the last", count=row[ev.ACTUAL])

    def _bits(self, row: list[int]) -> int:
        """What was asked for at that close: by the strategy, else as far as events tell."""
        asked = self._sight.asked_at(row[ev.AT])
        if asked:
            return asked
        here = self._log[self._log[:, ev.AT] == row[ev.AT]]
        judged = np.isin(
            here[:, ev.KIND],
            (EventKind.SIGNAL, EventKind.REFUSAL, EventKind.REFUSALS_COUNTED),
        )
        bits = 0
        for action in here[judged, ev.ACTION].tolist():
            bits |= 1 << (action - 1)
        return bits

    # ------------------------------------------------------------------ accepted

    def _accepted(self, event: int, row: list[int], known: int) -> Chain:
        rules, remark = self._rules_at_close(row, 0)
        outcome = self._decisions.outcome(event, known)
        if outcome is None:
            waits = Link(tr("Waits"), tr("for the next price"), row[ev.AT])
            return self._made(event, row, _unasked(rules), "", (waits,), remark)
        came: list[int] = self._log[outcome].tolist()
        if came[ev.KIND] == EventKind.EXPIRED:
            told = self._line(outcome, came)
            return self._made(
                event, row, _unasked(rules), "", (Link(tr("Expired"), told, came[ev.AT]),), remark
            )
        if not Action(row[ev.ACTION]).enters:
            return self._left(event, row, rules, outcome, known, remark)
        rules, remark = self._at_price(row, rules, came, remark)
        if came[ev.KIND] != EventKind.INTENT:
            stopped = why_refused(came, self._wording, self._trade)
            return self._made(event, row, rules, stopped, (), remark)
        links = self._order(outcome, came, known)
        return self._made(event, row, rules, "", links, remark, trade=came[ev.TRADE])

    def _at_price(
        self, row: list[int], rules: tuple[RuleAnswer, ...], came: list[int], remark: str
    ) -> tuple[tuple[RuleAnswer, ...], str]:
        """The rules at the close, and those at the price that the entry came to."""
        closed = tuple(rule for rule in rules if rule.rule < Refusal.MAX_POSITION)
        code = 0 if came[ev.KIND] == EventKind.INTENT else came[ev.CODE]
        if code == Refusal.MAX_OPEN_POSITIONS:  # the account said it, before there was a price
            account = self._recorded(came, code)[0]
            return closed + account + _unasked(rules)[len(closed) :], remark
        if self._states is not None and not remark:
            place = self._states.priced_after(self._states.closing_row(row[ev.ROW_AT]))
            if place is not None:
                found, amount = self._states.at_price(place)
                priced = self._read(found)
                if _first_no(priced) == code and (code or amount == came[ev.AMOUNT]):
                    said = self._states.slots_before(place)
                    return closed + self._passed(Refusal.MAX_OPEN_POSITIONS, said) + priced, ""
        told, why = self._recorded(came, code)
        granted = self._grants.get(came[ev.ROW_AT], _NOT_KNOWN)
        slots = self._passed(Refusal.MAX_OPEN_POSITIONS, granted.slots)
        return closed + slots + told + self._passed(Refusal.MAX_EXPOSURE, granted.room), why

    def _passed(self, rule: Refusal, said: tuple[int, int] | None) -> tuple[RuleAnswer, ...]:
        """A limit of the account that let the entry through, as far as it `said` its numbers."""
        if said is None:
            return ()
        return (RuleAnswer(rule, Verdict.PASSED, *limit_and_found(rule, *said, self._wording)),)

    def _order(self, intent: int, row: list[int], known: int) -> tuple[Link, ...]:
        wording = self._wording
        size = f"{wording.amount(row[ev.AMOUNT])} {wording.base}, {_sized(self._trade, wording)}"
        order = tr(
            "{name} at market, {price} asked",
            name=Action(row[ev.ACTION]).name,
            price=wording.price(row[ev.LIMIT]),
        )
        links = [Link(tr("Size"), size, row[ev.AT]), Link(tr("Order"), order, row[ev.AT])]
        fill = self._decisions.after(intent, EventKind.FILL, known)
        if fill is not None:
            filled: list[int] = self._log[fill].tolist()
            links.append(Link(tr("Fill"), self._line(fill, filled), filled[ev.AT]))
        return tuple(links)

    def _left(
        self,
        event: int,
        row: list[int],
        rules: tuple[RuleAnswer, ...],
        fill: int,
        known: int,
        remark: str,
    ) -> Chain:
        trade = int(self._log[fill, ev.TRADE])
        closed = self._decisions.after(fill, EventKind.TRADE_CLOSED, known)
        told = fill if closed is None else closed
        came: list[int] = self._log[told].tolist()
        link = Link(tr("Fill"), self._line(told, came), came[ev.AT])
        return self._made(event, row, rules, "", (link,), remark, trade=trade)

    # ------------------------------------------------------------------ words

    def _made(
        self,
        event: int,
        row: list[int],
        rules: tuple[RuleAnswer, ...],
        stopped: str,
        links: tuple[Link, ...],
        remark: str,
        trade: int = 0,
    ) -> Chain:
        action = Action(row[ev.ACTION])
        reason = reason_words(self._session.log.note(event) or self._sight.reason_at(row[ev.AT]))
        said = tr("{name} signal", name=action.name) + (f": {reason}" if reason else "")
        if row[ev.PRICE]:
            said += tr(", close {price}", price=self._wording.price(row[ev.PRICE]))
        return Chain(
            event, row[ev.AT], row[ev.ROW_AT], action, said, rules, stopped, links, trade, remark
        )

    def _line(self, event: int, row: list[int]) -> str:
        line = self._wording.line(row, self._session.log.note(event))
        return "" if line is None else line.text

    def _read(self, found: IntMatrix, *, asked: bool = True) -> tuple[RuleAnswer, ...]:
        """Answers in the order in which they were given; those behind the first "no" were not
        asked, nor is any without `asked`."""
        rules = []
        places = found[:, answer.PLACE]
        for code in np.argsort(places, kind="stable")[np.count_nonzero(places == 0) :].tolist():
            if not code:
                continue
            _, says_no, limit, actual = found[code].tolist()
            if not asked:
                rules.append(RuleAnswer(code, Verdict.NOT_ASKED))
                continue
            verdict = Verdict.REFUSED if says_no else Verdict.PASSED
            numbers = limit_and_found(code, limit, actual, self._wording)
            rules.append(RuleAnswer(code, verdict, *numbers))
            asked = not says_no
        return tuple(rules)


def _first_no(rules: tuple[RuleAnswer, ...]) -> int:
    """`Refusal` of the rule that said no, 0 for none."""
    return next((rule.rule for rule in rules if rule.verdict is Verdict.REFUSED), 0)


def _unasked(rules: tuple[RuleAnswer, ...]) -> tuple[RuleAnswer, ...]:
    """The same before there was a price to ask the others with."""
    return tuple(
        rule if rule.rule < Refusal.MAX_POSITION else RuleAnswer(rule.rule, Verdict.NOT_ASKED)
        for rule in rules
    )


def _sized(trade: TradeSettings, wording: Wording) -> str:
    """What the size comes from."""
    if trade.sizing is Sizing.QUOTE and trade.size_quote is not None:
        size = localised(plain(trade.size_quote))
        return tr("{size} {quote} per entry", size=size, quote=wording.quote)
    if trade.sizing is Sizing.RISK and trade.risk_pct is not None:
        share = localised(plain(trade.risk_pct))
        return tr("risking {share} % of the equity at its stop", share=share)
    return tr("{share} % of the equity", share=localised(plain(trade.position_pct)))
