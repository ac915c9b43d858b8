"""Why the first event of a replay that differs does: evidence in the order of its weight. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.domain.columns import IntColumn
from engine.language import tr
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.proof import Cause
from engine.runtime.history.intact import is_intact
from engine.runtime.proof.case import Case
from engine.runtime.proof.evidence import misplaced_input, untold_price
from engine.runtime.proof.replaying import Replayed

_MONEY: Final = (
    ev.PRICE,
    ev.AMOUNT,
    ev.FEE,
    ev.PNL,
    ev.CASH,
    ev.POSITION,
    ev.ENTRY,
    ev.COST,
    ev.COLLATERAL,
    ev.LIQUIDATION,
    ev.FUNDING,
)
_STEP: Final = (ev.KIND, ev.ACTION, ev.SIDE, ev.ROW_AT)
_OPINIONS: Final = (EventKind.SIGNAL, EventKind.REFUSAL, EventKind.REFUSALS_COUNTED)


@dataclass(frozen=True, slots=True)
class Pair:
    """The first events that differ, rows of EVENT_WIDTH; None where one side has ended before."""

    recorded: IntColumn | None
    replayed: IntColumn | None

    def kinds(self) -> set[int]:
        sides = (self.recorded, self.replayed)
        return {int(one[ev.KIND]) for one in sides if one is not None}

    def differing(self) -> list[int]:
        """Columns in which they differ; none if there is one side only."""
        if self.recorded is None or self.replayed is None:
            return []
        differs: list[int] = np.flatnonzero(self.recorded != self.replayed).tolist()
        return differs


def cause_of(case: Case, replayed: Replayed, pair: Pair) -> tuple[Cause, str]:
    """The cause and the sentence that says what shows it."""
    for look in (_data, _order, _strategy, _settings, _program, _money):
        found = look(case, replayed, pair)
        if found is not None:
            return found
    return Cause.CODE, (
        tr(
            "Recording, strategy, settings and version are those of the session: the "
            "program decides otherwise than it did."
        )
    )


_Found = tuple[Cause, str] | None


def _data(case: Case, replayed: Replayed, pair: Pair) -> _Found:
    session = case.session
    record = session.record
    if record.rows_hash and not is_intact(record, session.rows, session.followed):
        return Cause.DATA, (
            tr(
                "The recording no longer has the hash that was stored with it: "
                "its prices are others."
            )
        )
    untold = untold_price(case.decided, session.rows.table)
    return None if untold is None else (Cause.DATA, f"{untold[1]}.")


def _order(case: Case, replayed: Replayed, pair: Pair) -> _Found:
    session = case.session
    timeframe_ms = session.record.settings.timeframe_ms
    words = misplaced_input(case.decided, session.rows.table, timeframe_ms)
    if words:
        return Cause.ORDER, f"{words}."
    differs = pair.differing()
    if differs and set(differs) <= {ev.AT, ev.ROW_AT}:
        return Cause.ORDER, tr("The same thing happened, at another time.")
    return None


def _strategy(case: Case, replayed: Replayed, pair: Pair) -> _Found:
    record = case.session.record
    if not pair.kinds() & set(_OPINIONS):
        return None
    if replayed.strategy_hash != record.strategy_hash:
        return Cause.STRATEGY, (
            tr(
                "The text of the strategy {strategy} is another one than it was: "
                "{hash_then} then, {hash_now} now.",
                strategy=record.settings.strategy,
                hash_then=record.strategy_hash[:12],
                hash_now=replayed.strategy_hash[:12],
            )
        )
    if record.settings.signals_path and EventKind.SIGNAL in pair.kinds():
        return Cause.STRATEGY, (
            tr(
                "The signals file {signals_path} says something else than it did.",
                signals_path=record.settings.signals_path,
            )
        )
    return None


def _settings(case: Case, replayed: Replayed, pair: Pair) -> _Found:
    if case.settings_kept is False:
        return Cause.SETTINGS, (
            tr("The settings of the session are not those it began with: their hash is another.")
        )
    return None


def _program(case: Case, replayed: Replayed, pair: Pair) -> _Found:
    then = case.session.record.program_version
    if then == replayed.version:
        return None
    return Cause.PROGRAM, tr(
        "Version {then} recorded it, and this is version {version}.",
        then=then,
        version=replayed.version,
    )


def _money(case: Case, replayed: Replayed, pair: Pair) -> _Found:
    differs = pair.differing()
    if not set(differs) & set(_MONEY) or set(differs) & set(_STEP):
        return None
    return Cause.MONEY, (
        tr(
            "The same step came to other money, and neither prices, settings "
            "nor version explain it."
        )
    )
