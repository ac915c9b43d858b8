"""All rules asked about past decisions: the first "no" is what happened, and the numbers of those
that passed are the slow reference's."""

from __future__ import annotations

import numpy as np

from engine.core import answers as answer
from engine.core import kernel
from engine.core import layout as slot
from engine.core.asking import ask_at_close, ask_at_price
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.reasons import REFUSAL_SLOTS, Action, Refusal
from engine.domain.rows import AT, closes_candle, with_prices
from engine.messages import events as ev
from engine.messages.events import EVENT_WIDTH, EventKind
from tests.core.play import T0, vector
from tests.core.reference import DAY, Reference
from tests.core.reference.rounding import up
from tests.core.reference.sizing import Objection
from tests.core.reference.terms import MILLION
from tests.core.scenarios import PATIENT, USUAL, Scenario, walk

LEAVES = (1 << (Action.SELL - 1)) | (1 << (Action.COVER - 1))
ENTERS = (Action.BUY, Action.SHORT)


class Watched(Reference):
    """Notes each judgement of an entry: its objection, and what the rules would have found."""

    def begin(self, at: int) -> None:
        super().begin(at)
        self.judged: list[tuple[Objection | None, dict[int, tuple[int, int]]]] = []

    def objection(
        self, at: int, asked: set[Action], opposite: Action, close: int | None
    ) -> Objection | None:
        found = super().objection(at, asked, opposite, close)
        self.judged.append((found, self._numbers(at, close)))
        return found

    def _numbers(self, at: int, close: int | None) -> dict[int, tuple[int, int]]:
        """Refusal -> (limit, found) of those with numbers."""
        terms = self.terms
        told: dict[int, tuple[int, int]] = {}
        if terms.cooldown_ms:
            since = -1 if self.last_exit is None else at - self.last_exit
            told[Refusal.COOLDOWN] = terms.cooldown_ms, 0 if self.leave is not None else since
        if terms.max_trades is not None:
            told[Refusal.MAX_TRADES_PER_DAY] = terms.max_trades, self.entries.get(at // DAY, 0)
        if terms.max_drawdown is not None and close is not None:
            limit = up(self.peak * terms.max_drawdown, MILLION)
            told[Refusal.MAX_DRAWDOWN] = limit, self.peak - self.equity(close)
        if terms.daily_loss is not None and close is not None and self.day == at // DAY:
            limit = up(self.day_equity * terms.daily_loss, MILLION)
            told[Refusal.DAILY_LOSS] = limit, self.day_equity - self.equity(close)
        told[Refusal.STALE_FEED] = 0, self.stale_ms
        return told


def asked_of(found: IntMatrix) -> list[tuple[int, int, int, int]]:
    """(rule, says no, limit, found), in the order in which they were asked."""
    rules = [code for code in range(1, REFUSAL_SLOTS) if found[code, answer.PLACE]]
    rules.sort(key=lambda code: int(found[code, answer.PLACE]))
    return [(code, *found[code, 1:].tolist()) for code in rules]


def first_no(asked: list[tuple[int, int, int, int]]) -> tuple[int, int, int] | None:
    return next(((code, limit, at) for code, says_no, limit, at in asked if says_no), None)


class Walked:
    """One scenario row by row through both; `met` are the rules that were asked and passed."""

    def __init__(self, scenario: Scenario) -> None:
        self.settings, self.scenario = vector(scenario.terms), scenario
        self.state = slot.new_state(scenario.cash)
        self.events: IntMatrix = np.empty((4 * slot.MAX_EVENTS_PER_ROW, EVENT_WIDTH), np.int64)
        self.slow = Watched(scenario.terms, scenario.cash)
        kernel.begin(self.state, self.settings, T0, self.events)
        self.slow.begin(T0)
        self.met: set[int] = set()

    def go(self) -> set[int]:
        for place in range(len(self.scenario.rows)):
            if self.state[slot.ENDED]:
                break
            self._one(place)
        return self.met

    def _one(self, place: int) -> None:
        row = self.scenario.rows[place : place + 1]
        signal = int(self.scenario.signals[place])
        closes, priced = bool(closes_candle(row)[0]), bool(with_prices(row)[0])
        waits, before = bool(self.state[slot.PENDING_ENTER]) and priced, self.state.copy()
        after = self._advanced(before, row, signal & LEAVES)
        self.slow.judged.clear()
        self.slow.play(row, [signal])
        wrote = self._wrote(row, signal)
        enters = [action for action in ENTERS if signal & 1 << (action - 1)]
        if closes and not after[slot.ENDED]:
            for action, (objection, numbers) in zip(enters, self.slow.judged, strict=True):
                self._closed(after, row, signal, action, objection, numbers)
        if waits:
            self._priced(before, row, wrote)

    def _advanced(self, state: IntColumn, row: IntMatrix, signal: int) -> IntColumn:
        copy = state.copy()
        kernel.advance(copy, self.settings, row, np.array([signal], np.int32), self.events)
        return copy

    def _wrote(self, row: IntMatrix, signal: int) -> IntMatrix:
        signals = np.array([signal], np.int32)
        kernel.advance(self.state, self.settings, row, signals, self.events)
        return self.events[: self.state[slot.EVENTS_WRITTEN]].copy()

    def _closed(
        self,
        state: IntColumn,
        row: IntMatrix,
        signal: int,
        action: Action,
        objection: Objection | None,
        numbers: dict[int, tuple[int, int]],
    ) -> None:
        found, kept = np.zeros((REFUSAL_SLOTS, answer.WIDTH), np.int64), state.copy()
        ask_at_close(state, self.settings, row, 0, signal, int(action), found)
        asked = asked_of(found)
        assert first_no(asked) == objection
        assert [code for code, *_ in asked] == sorted(code for code, *_ in asked)
        assert np.array_equal(state, kept)  # asking changes nothing
        for code, says_no, limit, actual in asked:
            if code in numbers:
                assert (limit, actual) == numbers[code], Refusal(code)
            if not says_no:
                self.met.add(code)

    def _priced(self, before: IntColumn, row: IntMatrix, wrote: IntMatrix) -> None:
        found = np.zeros((REFUSAL_SLOTS, answer.WIDTH), np.int64)
        amount = ask_at_price(before, self.settings, row, 0, self.events, found)
        came = wrote[wrote[:, ev.ROW_AT] == row[0, AT]]
        kind, action = came[:, ev.KIND], came[:, ev.ACTION]
        entering = np.isin(action, ENTERS)
        refused = (
            entering & (kind == EventKind.REFUSAL) & (came[:, ev.CODE] >= Refusal.MAX_POSITION)
        )
        told = came[entering & (kind == EventKind.INTENT) | refused]
        if not len(told):  # a run of equal refusals that only counts, or the session ended
            return
        first, asked = told[0], asked_of(found)
        self.met.update(code for code, says_no, *_ in asked if not says_no)
        if first[ev.KIND] == EventKind.INTENT:
            assert first_no(asked) is None
            assert amount == first[ev.AMOUNT]
        else:
            assert first_no(asked) == tuple(first[[ev.CODE, ev.LIMIT, ev.ACTUAL]].tolist())


def test_what_the_rules_say_is_what_happened() -> None:
    met: set[int] = set()
    for world in (USUAL, PATIENT):
        for seed in range(8):
            met |= Walked(walk(world, seed, 150)).go()
    assert met >= {
        Refusal.COOLDOWN,
        Refusal.MAX_TRADES_PER_DAY,
        Refusal.DAILY_LOSS,
        Refusal.MAX_DRAWDOWN,
        Refusal.STALE_FEED,
        Refusal.PAUSED,
        Refusal.MAX_POSITION,
        Refusal.INSUFFICIENT_CASH,
        Refusal.BELOW_MINIMUM,
    }
