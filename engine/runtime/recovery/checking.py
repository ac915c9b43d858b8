"""Everything that is kept twice beside the events it was made from: where they disagree, and how
the events make it right again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from engine.core import layout as slot
from engine.domain.columns import IntColumn
from engine.domain.money import Scale, plain
from engine.domain.sessions import SessionRecord, session_label
from engine.errors import RecordDamaged
from engine.language import localised, tr, trc
from engine.messages import events as ev
from engine.messages.events import EMPTY_HASH, EventColumns, chain
from engine.runtime.recovery.comparing import differences
from engine.runtime.workers import in_thread
from engine.store.database import Action, Store
from engine.store.rebuilding import PROJECTED, Rebuilding, Tables
from engine.store.records import BotStanding
from engine.store.repositories import checks, events, sessions

Repair = Callable[[Action], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement; without a `repair` nobody can tell what was right."""

    session_id: int
    place: str
    words: str
    repair: Repair | None = None
    standing: dict[str, int | str | None] = field(default_factory=dict)
    """Counters of the bot's standing as they must be."""


@dataclass(frozen=True, slots=True)
class Told:
    """A session as its events tell it."""

    record: SessionRecord
    log: EventColumns
    standing: BotStanding | None = None
    """Of the bot whose last session it is."""
    rows: int | None = None
    """So many are recorded; only known with `standing`, and while the recording is whole."""

    @property
    def notes(self) -> list[str]:
        return [self.log.note(place) for place in range(len(self.log))]

    @property
    def began_holding(self) -> bool:
        return bool(len(self.log) and self.log.table[0, ev.POSITION])


async def told(store: Store, session_id: int) -> Told:
    """Read it; RecordDamaged if its events have a gap."""
    return Told(await sessions.get(store, session_id), await events.load(store, session_id))


async def earlier(store: Store, last: Told) -> list[Told]:
    """Sessions that lead to `last`, oldest first: from the one that opened what it began with."""
    chain_back: list[Told] = []
    first = last
    while first.began_holding and first.record.bot_id is not None:
        before = await checks.session_before(store, first.record.bot_id, first.record.id)
        if before is None:
            break
        first = await told(store, before)
        chain_back.insert(0, first)
    return chain_back


async def later(store: Store, first: Told) -> list[Told]:
    """Sessions that took over what `first` held at its end, and so changed its trade."""
    after: list[Told] = []
    last = first
    while _ended_holding(last) and last.record.bot_id is not None:
        then = await checks.session_after(store, last.record.bot_id, last.record.id)
        if then is None:
            break
        last = await told(store, then)
        if not last.began_holding:  # the account was reset between the two
            break
        after.append(last)
    return after


def _ended_holding(one: Told) -> bool:
    decided = one.log.table[one.log.table[:, ev.KIND] < ev.OBSERVATIONS]
    return bool(len(decided) and decided[-1, ev.POSITION])


async def check_chains(store: Store, chains: Sequence[Sequence[Told]]) -> list[Finding]:
    """Compare everything that is kept of these sessions with their events, chain by chain as
    `earlier` gives them."""
    every = {one.record.id for sessions_of in chains for one in sessions_of}
    stored = await checks.tables_of(store, every)
    return await in_thread("check-sessions", partial(_compared, chains, stored))


def _compared(chains: Sequence[Sequence[Told]], stored: Mapping[int, Tables]) -> list[Finding]:
    found: list[Finding] = []
    for told_in_order in chains:
        try:
            found += _chain_findings(told_in_order, stored)
        except RecordDamaged as fault:
            last = told_in_order[-1].record.id
            found.append(Finding(last, "events", f"{session_label(last)}: {fault.words}"))
    return found


def _chain_findings(chain_of: Sequence[Told], stored: Mapping[int, Tables]) -> list[Finding]:
    found = [each for one in chain_of if (each := _changed_events(one)) is not None]
    trusted = not found  # nothing is made right from events that are wrong themselves
    rebuilding = Rebuilding()
    for one in chain_of:
        rebuilding.take(one.record.id, one.log.table, one.notes)
    scales = {one.record.id: one.record.settings.scale for one in chain_of}
    for rebuilt in rebuilding.rebuilt():
        have = stored[rebuilt.session_id]
        found += _table_findings(rebuilt.session_id, have, rebuilt.tables, scales)
    last = chain_of[-1]
    if last.standing is not None and trusted:
        found += check_standing(last.standing, last, rebuilding.trade_session_id)
    return found if trusted else [replace(one, repair=None) for one in found]


def _changed_events(one: Told) -> Finding | None:
    known = {one.record.event_hash, one.standing.event_hash if one.standing else ""}
    if chain(EMPTY_HASH, one.log.table).hex() in known:
        return None
    words = tr(
        "{label}, events: they do not give the hash that was stored with "
        "them, so some of them were changed or lost.",
        label=session_label(one.record.id),
    )
    return Finding(one.record.id, "events", words)


def _table_findings(
    session_id: int, stored: Tables, rebuilt: Tables, scales: dict[int, Scale]
) -> Iterable[Finding]:
    said = differences(stored, rebuilt, scales[session_id], session_id)
    for table in PROJECTED:
        if table.name in said:
            rows = rebuilt[table.name]
            repair = partial(_rewrite, table.name, session_id, rows)
            yield Finding(session_id, table.name, said[table.name], repair)


def _rewrite(name: str, session_id: int, rows: tuple[tuple[object, ...], ...], db: Action) -> None:
    table = next(table for table in PROJECTED if table.name == name)
    checks.rewrite(db, table, session_id, rows)


def check_standing(
    standing: BotStanding, last: Told, trade_session_id: int | None
) -> list[Finding]:
    """Where a bot stands beside the events of its last session, which are as they were."""
    hashed = chain(EMPTY_HASH, last.log.table).hex()
    found = [*_hashes(standing, last, hashed), *_counters(standing, last, trade_session_id)]
    if last.rows is not None and standing.row_count != last.rows:
        words = tr(
            "{label}, recording: it has {rows:,} rows where {counted:,} "
            "were counted. Rows cannot be made from events.",
            label=session_label(last.record.id),
            rows=last.rows,
            counted=standing.row_count,
        )
        found.append(Finding(last.record.id, "recordings", words))
    return found + _state(standing.kernel_state, last)


def _hashes(standing: BotStanding, last: Told, hashed: str) -> Iterable[Finding]:
    session_id, label = last.record.id, session_label(last.record.id)
    if last.record.event_hash != hashed:
        words = tr(
            "{label}, hash of its events: {stored} where the events give {right}.",
            label=label,
            stored=last.record.event_hash[:12],
            right=hashed[:12],
        )
        yield Finding(
            session_id,
            "sessions",
            words,
            lambda db: sessions.set_hash(db, session_id, hashed),
        )
    if standing.event_hash != hashed:
        words = tr(
            "{label}, hash of its events with its bot: {stored} where they give {right}.",
            label=label,
            stored=standing.event_hash[:12],
            right=hashed[:12],
        )
        yield _corrected(standing, session_id, words, event_hash=hashed)


def _counters(standing: BotStanding, last: Told, trade_session_id: int | None) -> Iterable[Finding]:
    session_id, count = last.record.id, len(last.log)
    label = session_label(session_id)
    if standing.event_count != count:
        words = tr(
            "{label}: {counted:,} events were counted, and {count:,} are there.",
            label=label,
            counted=standing.event_count,
            count=count,
        )
        yield _corrected(standing, session_id, words, event_count=count)
    if standing.kernel_state is not None and standing.trade_session_id != trade_session_id:
        known, right = (
            session_label(one) if one is not None else trc("session", "none")
            for one in (standing.trade_session_id, trade_session_id)
        )
        words = tr(
            "{label}: the open trade is said to be of {known}, by the events of {right}.",
            label=label,
            known=known,
            right=right,
        )
        yield _corrected(standing, session_id, words, trade_session_id=trade_session_id)


def _corrected(
    standing: BotStanding, session_id: int, words: str, **values: int | str | None
) -> Finding:
    repair = partial(_set_standing, standing.bot_id, values)
    return Finding(session_id, "bot_states", words, repair, values)


def _set_standing(bot_id: int, values: dict[str, int | str | None], db: Action) -> None:
    checks.set_standing(db, bot_id, **values)


_MONEY: Final = (
    (tr("cash"), ev.CASH, slot.CASH, Scale.money),
    (tr("position"), ev.POSITION, slot.POSITION, Scale.amount),
    (tr("cost"), ev.COST, slot.COST, Scale.money),
    (tr("set aside"), ev.COLLATERAL, slot.COLLATERAL, Scale.money),
)


def _state(state: IntColumn | None, last: Told) -> list[Finding]:
    """What the bot goes on with beside what its last decision left."""
    decided = last.log.table[last.log.table[:, ev.KIND] < ev.OBSERVATIONS]
    if state is None or not len(decided):
        return []
    scale = last.record.settings.scale
    differs = [
        tr(
            "{name} {stored} where the events say {right}",
            name=name,
            stored=localised(plain(said(scale, int(state[place])))),
            right=localised(plain(said(scale, int(decided[-1, column])))),
        )
        for name, column, place, said in _MONEY
        if int(state[place]) != int(decided[-1, column])
    ]
    if not differs:
        return []
    words = tr(
        "{label}, what the bot goes on with: {differences}.",
        label=session_label(last.record.id),
        differences=", ".join(differs),
    )
    return [Finding(last.record.id, "bot_states", words)]
