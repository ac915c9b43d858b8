"""The kernel's state at any row of a session, and its rules asked there.

The recording is played once, with the signals that were accepted: refused ones change no state.
From the states kept on the way any other is a few thousand rows off.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.core import answers as answer
from engine.core.layout import MAX_EVENTS_PER_ROW, PENDING_ENTER, STATE_WIDTH
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.reasons import REFUSAL_SLOTS, Action, Input
from engine.domain.rows import (
    AT,
    CLOSE,
    HIGH,
    KIND,
    LOW,
    OPEN,
    ROW_WIDTH,
    RowKind,
    closes_candle,
    with_prices,
)
from engine.errors import IllegalStep
from engine.language import tr
from engine.messages import events as ev
from engine.messages.events import EVENT_WIDTH, EventKind
from engine.runtime.deciding import Decider
from engine.runtime.history.trust import acted_upon, vector_of
from engine.runtime.proof.case import Case

STRIDE: Final = 8_192
_LEAVES: Final = (1 << (Action.SELL - 1)) | (1 << (Action.COVER - 1))
FILLED: Final = [ev.ROW_AT, ev.ACTION, ev.PRICE, ev.AMOUNT, ev.FEE, ev.CASH]


class States:
    """One session played; IllegalStep with the sentence why it cannot be."""

    def __init__(self, case: Case) -> None:
        session = case.session
        if session.record.portfolio_id is not None:
            raise IllegalStep(
                tr(
                    "Bots of a portfolio share their money, so the numbers of their own rules "
                    "that passed are not worked out for one of them alone."
                )
            )
        if session.let_go_at is not None:
            raise IllegalStep(
                tr(
                    "The ticks of this session were let go, so the numbers of rules that "
                    "passed are no longer known."
                )
            )
        state = case.opening.kernel_state
        if state is not None and len(state) != STATE_WIDTH:
            raise IllegalStep(
                tr(
                    "This session went on from what a program of another version kept, so "
                    "the numbers of rules that passed are not known."
                )
            )
        self._settings = vector_of(session)
        self._table = session.rows.table
        self._signals = acted_upon(session)
        self._marks: list[IntColumn] = []
        self._priced = np.flatnonzero(with_prices(self._table))
        self._closing = np.flatnonzero(closes_candle(self._table))
        self._closing_at = self._table[self._closing, AT]
        played = self._play(case)
        log = session.log.table
        fills = [rows[rows[:, ev.KIND] == EventKind.FILL][:, FILLED] for rows in (log, played)]
        least = min(len(part) for part in fills)  # those at its end are not played
        if not np.array_equal(fills[0][:least], fills[1][:least]):
            raise IllegalStep(
                tr(
                    "Played again, this session comes to other fills, so the numbers of "
                    "rules that passed would be others too. Run it again to see why."
                )
            )

    def _play(self, case: Case) -> IntMatrix:
        decider = Decider(self._settings, case.first_state)
        events = [decider.begin(case.session.record.started_at)]
        for start in range(0, len(self._table), STRIDE):
            self._marks.append(decider.state.copy())
            part = slice(start, start + STRIDE)
            events.append(decider.advance(self._table[part], self._signals[part]))
        self._marks.append(decider.state.copy())
        return np.concatenate(events)

    def closing_row(self, row_at: int) -> int:
        """The row that closed the candle at which an event of that ROW_AT was decided."""
        return int(self._closing[np.searchsorted(self._closing_at, row_at)])

    def priced_after(self, row: int) -> int | None:
        """The next row with prices."""
        place = int(np.searchsorted(self._priced, row, side="right"))
        return int(self._priced[place]) if place < len(self._priced) else None

    def slots_before(self, row: int) -> tuple[int, int] | None:
        """(limit, found) of the account's open positions as it let the entry through that waits for
        the prices of `row`; None where it has no such limit, or did not say."""
        begin = int(np.searchsorted(self._priced, row))
        since = int(self._priced[begin - 1]) + 1 if begin else 0
        between = self._table[since:row]
        said = between[(between[:, KIND] == RowKind.INPUT) & (between[:, OPEN] == Input.ACCOUNT)]
        yes = said[(said[:, HIGH] == 0) & (said[:, LOW] > 0)]
        return (int(yes[-1, LOW]), int(yes[-1, CLOSE])) if len(yes) else None

    def at_close(self, row: int, signal: int, action: Action) -> IntMatrix:
        """What every rule says to `action` of the packed `signal` at the close of `row`; see
        `engine.core.answers`."""
        from engine.core.asking import ask_at_close

        state = self._at_close(row, _LEAVES if action.enters else 0)
        found = _no_answers()
        here = self._table[row : row + 1]
        ask_at_close(state, self._settings, here, 0, signal, int(action), found)
        return found

    def at_price(self, row: int) -> tuple[IntMatrix, int]:
        """What every rule with a price says at the open of `row` to the entry that waits there,
        and the amount it would order."""
        return self._ask_price(self._before(row), self._table[row : row + 1])

    def with_price(self, row: int, action: Action, price: int) -> IntMatrix:
        """The rules with a price that are set: their answers to an entry at the close of `row`,
        had it been let through."""
        state = self._at_close(row, _LEAVES)
        state[PENDING_ENTER] = action.side
        here = np.full((1, ROW_WIDTH), price, np.int64)
        here[0, KIND], here[0, AT] = RowKind.PRICE, self._table[row, AT]
        return self._ask_price(state, here)[0]

    def _ask_price(self, state: IntColumn, here: IntMatrix) -> tuple[IntMatrix, int]:
        from engine.core.asking import ask_at_price

        found = _no_answers()
        scratch = np.empty((MAX_EVENTS_PER_ROW, EVENT_WIDTH), np.int64)
        amount = int(ask_at_price(state, self._settings, here, 0, scratch, found))
        return found, amount

    def _before(self, row: int) -> IntColumn:
        """The state before `row`."""
        mark = row // STRIDE
        decider = Decider(self._settings, self._marks[mark].copy())
        part = slice(mark * STRIDE, row)
        decider.advance(self._table[part], self._signals[part])
        return decider.state

    def _at_close(self, row: int, judged: int) -> IntColumn:
        """After `row` and those of its signals that are judged before: a mask of their bits."""
        decider = Decider(self._settings, self._before(row))
        decider.advance(self._table[row : row + 1], self._signals[row : row + 1] & judged)
        return decider.state


def _no_answers() -> IntMatrix:
    return np.zeros((REFUSAL_SLOTS, answer.WIDTH), np.int64)
