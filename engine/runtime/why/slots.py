"""What the account of a portfolio found when it let a bot's entries through: all its bots played
together once, with the signals that were accepted."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.progress import nobody_told
from engine.runtime.history.trust import acted_upon, vector_of
from engine.runtime.proof.case import Case
from engine.runtime.proof.replaying import warm_up
from engine.runtime.why.states import FILLED

_ENTERS: Final = frozenset(int(action) for action in Action if action.enters)

Slots = Mapping[int, tuple[int, int]]
"""Time of the row of an entry -> (limit, found) of the account's open positions."""


def slots_of(cases: Sequence[Case], place: int) -> Slots:
    """Those of the bot at `place` among all of its portfolio; empty without such a limit, and where
    the bots, played again, come to other fills."""
    first = cases[0]
    most = first.opening.max_open_positions
    if most is None:
        return {}
    from engine.runtime.portfolio.playing import Limits, Part, play_parts  # compiled

    trade, scale = first.session.record.settings.trade, first.session.record.settings.scale
    limits = Limits(scale.money_count(trade.cash), most, first.opening.max_exposure_pct)
    parts = []
    for case in cases:
        begins = warm_up(case.session.rows)
        rows, signals = case.session.rows.table[begins:], acted_upon(case.session)[begins:]
        parts.append(Part(vector_of(case.session), rows, signals))
    played = play_parts(limits, parts, nobody_told, threading.Event())
    for bot, case in enumerate(cases):
        if not np.array_equal(_fills(played.of(bot)), _fills(case.session.log.table)):
            return {}
    held = [False] * len(cases)
    found: dict[int, tuple[int, int]] = {}
    for event, bot in zip(played.events.tolist(), played.owners.tolist(), strict=True):
        if bot == place and event[ev.KIND] == EventKind.INTENT and event[ev.ACTION] in _ENTERS:
            found.setdefault(event[ev.ROW_AT], (most, sum(held) - held[place]))
        held[bot] = event[ev.POSITION] != 0
    return found


def _fills(events: IntMatrix) -> IntMatrix:
    fills: IntMatrix = events[events[:, ev.KIND] == EventKind.FILL][:, FILLED]
    return fills
