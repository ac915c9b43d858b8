"""What the stored events say about the recording beside them, and where the two disagree. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.domain.candles import moment_text
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.reasons import Input
from engine.domain.rows import AT, CLOSE, KIND, OPEN, RowKind, closes_candle, with_prices
from engine.language import tr
from engine.messages import events as ev
from engine.messages.events import EventKind

_TAKEN_NOW: Final = (
    Input.PAUSE_ENTRIES,
    Input.RESUME_ENTRIES,
    Input.CLOSE_POSITION,
    Input.STOP,
    Input.CLOSE_AND_STOP,
    Input.MOVE_STOP,
    Input.MOVE_TARGET,
    Input.ACCOUNT,
)
"""Inputs that carry the moment the session had reached when they were taken."""
_AT_CLOSE: Final = (EventKind.SIGNAL, EventKind.REFUSAL, EventKind.INTENT)


def row_behind(event: IntColumn, table: IntMatrix) -> IntColumn | None:
    """The row of a recording, int64 (n, 6), in which a recorded event happened; None if there is
    none any more, or the event is about no row."""
    kind = int(event[ev.KIND])
    here = table[table[:, AT] == event[ev.ROW_AT]]
    if kind == EventKind.COMMANDED:
        found = here[(here[:, KIND] == RowKind.INPUT) & (here[:, OPEN] == event[ev.CODE])]
    elif kind == EventKind.FUNDING_PAID:
        found = here[here[:, KIND] == RowKind.FUNDING]
    elif kind in _AT_CLOSE:
        found = here[closes_candle(here)]
        found = found if len(found) else here[with_prices(here)]
    else:
        found = here[with_prices(here)]
    return found[-1] if len(found) else None


def untold_price(events: IntMatrix, table: IntMatrix) -> tuple[int, str] | None:
    """(moment, sentence) of the first recorded event with a price that its row does not have."""
    priced = table[with_prices(table)]
    told = np.isin(events[:, ev.KIND], (EventKind.SIGNAL, EventKind.FILL, EventKind.FUNDING_PAID))
    for event in events[told]:
        row = row_behind(event, table)
        kind, at = event[ev.KIND], int(event[ev.ROW_AT])
        if row is None:
            words = tr("The recording has no row for what the session did")
        elif kind == EventKind.SIGNAL:
            words = _signal(event, row)
        elif kind == EventKind.FUNDING_PAID:
            words = _funding(event, row)
        else:
            words = _fill(event, priced)
        if words:
            return at, tr("{words} ({moment} UTC)", words=words, moment=moment_text(at))
    return None


def misplaced_input(events: IntMatrix, table: IntMatrix, timeframe_ms: int) -> str:
    """A sentence on the first command that is not where it was taken; "" if all are."""
    commands = events[events[:, ev.KIND] == EventKind.COMMANDED]
    for event in commands:
        if row_behind(event, table) is None:
            return tr(
                "The recording has no command at {moment} UTC, though the session obeyed one there",
                moment=moment_text(int(event[ev.ROW_AT])),
            )
    moment = np.where(table[:, KIND] == RowKind.BAR, table[:, AT] + timeframe_ms, table[:, AT])
    lived = np.flatnonzero(table[:, KIND] != RowKind.HISTORY)
    lived_table, moments = table[lived], moment[lived]
    taken = (lived_table[1:, KIND] == RowKind.INPUT) & np.isin(lived_table[1:, OPEN], _TAKEN_NOW)
    wrong = np.flatnonzero(taken & (moments[1:] != moments[:-1]))
    if len(wrong):
        at = int(moments[wrong[0] + 1])
        return tr(
            "A command of {moment} UTC stands between rows of another moment",
            moment=moment_text(at),
        )
    return ""


def _signal(event: IntColumn, row: IntColumn) -> str:
    if not row[CLOSE] or row[CLOSE] == event[ev.PRICE]:
        return ""
    return tr("A signal names another close than the candle that was recorded")


def _fill(event: IntColumn, priced: IntMatrix) -> str:
    """Between two ticks a level fills at its own price, so the price before counts, too."""
    here = np.flatnonzero(priced[:, AT] == event[ev.ROW_AT])
    if not here[0]:
        return ""
    near = priced[here[0] : here[-1] + 1, OPEN : CLOSE + 1]
    before = int(priced[here[0] - 1, CLOSE])
    if min(before, int(near.min())) <= event[ev.LIMIT] <= max(before, int(near.max())):
        return ""
    return tr("A fill was made at a price outside of the row that was recorded")


def _funding(event: IntColumn, row: IntColumn) -> str:
    return (
        "" if row[OPEN] == event[ev.LIMIT] else tr("Funding was paid at another rate than recorded")
    )
