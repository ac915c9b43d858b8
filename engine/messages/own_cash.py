"""The cash of one bot of a portfolio: CASH of its events is the account's, which others use too."""

from __future__ import annotations

import numpy as np

from engine.domain.columns import BoolColumn, IntColumn, IntMatrix
from engine.messages import events as column
from engine.messages.events import EventKind


def own_cash_at(events: IntMatrix, places: IntColumn) -> IntColumn:
    """CASH after the events at `places`, as if nobody else had used the account."""
    moving = np.flatnonzero(moves_money(events))
    cash = own_cash(events[moving])
    own: IntColumn = cash[np.searchsorted(moving, places, side="right") - 1]
    return own


def moves_money(events: IntMatrix) -> BoolColumn:
    kind = events[:, column.KIND]
    moves: BoolColumn = (
        (kind == EventKind.SESSION_STARTED)
        | (kind == EventKind.FILL)
        | (kind == EventKind.FUNDING_PAID)
    )
    return moves


def own_cash(states: IntMatrix) -> IntColumn:
    """Cash at the start and what the session's own fills made of it. In a portfolio the CASH of
    events is the account's, which other bots use too; elsewhere it is the same."""
    aside = np.diff(states[:, column.COLLATERAL], prepend=states[:1, column.COLLATERAL])
    gain = states[:, column.PNL] - states[:, column.FEE] - aside
    moved = np.where(states[:, column.KIND] == EventKind.FILL, gain, 0)
    own: IntColumn = states[:1, column.CASH].sum() + np.cumsum(moved)
    return own
