"""What the account of a portfolio found when it let a bot's entries through: all its bots played
together once, with the signals that were accepted."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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

if TYPE_CHECKING:
    from engine.runtime.portfolio.playing import Played

_ENTERS: Final = frozenset(int(action) for action in Action if action.enters)


@dataclass(frozen=True, slots=True)
class Granted:
    """(limit, found) of the account's open positions and of what it may set aside, as it let one
    entry through; None without that limit."""

    slots: tuple[int, int] | None
    room: tuple[int, int] | None


Grants = Mapping[int, Granted]
"""By the time of the row of an entry."""


def grants_of(cases: Sequence[Case], place: int) -> Grants:
    """Those of the bot at `place` among all of its portfolio; empty without limits, and where the
    bots, played again, come to other fills."""
    first = cases[0]
    most, share = first.opening.max_open_positions, first.opening.max_exposure_pct
    if most is None and share is None:
        return {}
    from engine.runtime.portfolio.playing import Limits, Part, play_parts  # compiled

    trade, scale = first.session.record.settings.trade, first.session.record.settings.scale
    parts = []
    for case in cases:
        begins = warm_up(case.session.rows)
        rows, signals = case.session.rows.table[begins:], acted_upon(case.session)[begins:]
        parts.append(Part(vector_of(case.session), rows, signals))
    limits = Limits(scale.money_count(trade.cash), most, share)
    played = play_parts(limits, parts, nobody_told, threading.Event())
    for bot, case in enumerate(cases):
        if not np.array_equal(_fills(played.of(bot)), _fills(case.session.log.table)):
            return {}
    return dict(_granted(played, place, len(cases), most, cases[place]))


def _granted(
    played: Played, place: int, bots: int, most: int | None, case: Case
) -> Iterator[tuple[int, Granted]]:
    leverage = case.session.record.settings.trade.leverage or 1
    held = [False] * bots
    columns = (played.events.tolist(), played.owners.tolist(), played.rooms.tolist())
    for event, bot, room in zip(*columns, strict=True):
        if bot == place and event[ev.KIND] == EventKind.INTENT and event[ev.ACTION] in _ENTERS:
            aside = -(-event[ev.AMOUNT] * event[ev.PRICE] // leverage)
            yield (
                event[ev.ROW_AT],
                Granted(
                    None if most is None else (most, sum(held) - held[place]),
                    (room - 1, aside) if room else None,
                ),
            )
        held[bot] = event[ev.POSITION] != 0


def _fills(events: IntMatrix) -> IntMatrix:
    fills: IntMatrix = events[events[:, ev.KIND] == EventKind.FILL][:, FILLED]
    return fills
