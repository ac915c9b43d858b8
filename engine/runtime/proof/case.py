"""A finished session with all that is needed to run it again, or a sentence why it cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.core import layout as slot
from engine.core.layout import new_state
from engine.domain.bots import Mode
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.reasons import EndReason, Input
from engine.domain.rows import KIND, OPEN, RowKind
from engine.domain.sessions import SessionStatus, session_label
from engine.errors import IllegalStep, RecordDamaged
from engine.language import tr
from engine.messages import events as ev
from engine.messages.events import EMPTY_HASH, EventKind, chain
from engine.runtime.history.archive import Archived
from engine.runtime.history.loading import load_session
from engine.runtime.running.preparing import begin_earlier
from engine.store.database import Store
from engine.store.records import Opening
from engine.store.repositories import checks, openings, sessions

_RUNS: Final = frozenset((SessionStatus.RUNNING, SessionStatus.INTERRUPTED))


@dataclass(frozen=True, slots=True)
class Case:
    """One session. `settings_kept`: its settings are those it began with, None: nobody knows."""

    session: Archived
    opening: Opening
    settings_kept: bool | None = None

    @property
    def label(self) -> str:
        return session_label(self.session.record.id)

    @property
    def decided(self) -> IntMatrix:
        """Its recorded decisions and money, (n, EVENT_WIDTH)."""
        log = self.session.log.table
        return log[log[:, ev.KIND] < ev.OBSERVATIONS]

    @property
    def first_state(self) -> IntColumn:
        """The kernel's state right before the session was opened."""
        record = self.session.record
        state = self.opening.kernel_state
        if state is None:
            settings = record.settings
            return new_state(settings.scale.money_count(settings.trade.cash))
        began = state.copy()
        begin_earlier(began, record.started_at)
        return began

    @property
    def unasked(self) -> bool:
        """Whether nobody asked its strategy: it only closed what was held."""
        inputs = self.session.rows.table[self.session.rows.table[:, KIND] == RowKind.INPUT]
        opinions = np.isin(self.decided[:, ev.KIND], (EventKind.SIGNAL, EventKind.REFUSAL))
        closes = bool(len(inputs)) and inputs[0, OPEN] == Input.CLOSE_AND_STOP
        return closes and not opinions.any()

    @property
    def end_reason(self) -> EndReason:
        return EndReason(self.session.record.end_reason or EndReason.STOPPED)

    def check(self) -> None:
        """IllegalStep or RecordDamaged with the sentence why it cannot be run again."""
        record = self.session.record
        if record.status in _RUNS:
            raise IllegalStep(
                tr(
                    "{label} has not ended: it runs, or can still go on. Stop its bot, "
                    "then run it again.",
                    label=self.label,
                )
            )
        if self.session.let_go_at is not None:
            raise IllegalStep(
                tr(
                    "{label} can no longer be proven: what it decided on is gone. {let_go}",
                    label=self.label,
                    let_go=self.session.let_go_words,
                )
            )
        if chain(EMPTY_HASH, self.session.log.table).hex() != record.event_hash:
            raise RecordDamaged(
                tr(
                    "The events of {label} do not give the hash that was stored with "
                    "them, so some of them were changed or lost and there is nothing to "
                    "compare with. Nothing was changed. Restore the database from the "
                    "folder 'backups'.",
                    label=self.label,
                )
            )
        state = self.opening.kernel_state
        if state is not None and len(state) != slot.STATE_WIDTH:
            raise IllegalStep(
                tr(
                    "{label} went on from what an earlier session left, and a program "
                    "that keeps that in another form (version {program_version}) wrote "
                    "it. It can be run again with that version.",
                    label=self.label,
                    program_version=record.program_version,
                )
            )


async def load_case(store: Store, session_id: int) -> Case:
    """A session ready to be run again; UnknownName, IllegalStep or RecordDamaged with words."""
    return await case_of(store, await load_session(store, session_id))


async def case_of(store: Store, session: Archived) -> Case:
    """The same of a session that is loaded already."""
    kept = await openings.find(store, session.record.id)
    if kept is not None:
        case = Case(session, kept.opening, kept.settings_kept)
    else:
        case = Case(session, Opening(session.record.mode is Mode.BACKTEST))
        await _check_began_afresh(store, case)
    return case


async def _check_began_afresh(store: Store, case: Case) -> None:
    """Of a session from before its opening was kept."""
    record = case.session.record
    if record.bot_id is None:
        return
    if await checks.session_before(store, record.bot_id, record.id) is not None:
        raise IllegalStep(
            tr(
                "{label} went on from what an earlier session of its bot left, and was "
                "recorded before the program kept that. It cannot be run again; later "
                "sessions can.",
                label=case.label,
            )
        )


async def load_portfolio(store: Store, case: Case) -> tuple[Case, ...]:
    """All sessions of the portfolio that `case` is part of, in the order of its bots."""
    portfolio_id = case.session.record.portfolio_id
    assert portfolio_id is not None, "asked of a portfolio's session"
    found = await sessions.of_portfolio(store, portfolio_id)
    wanted = case.opening.bots_together
    if wanted and len(found) != wanted:
        raise IllegalStep(
            tr(
                "{label} shared its balance with {others} other sessions, of which "
                "{left} are still there. What it could buy hung on all of them, so it "
                "cannot be run again. Nothing was changed.",
                label=case.label,
                others=wanted - 1,
                left=len(found) - 1,
            )
        )
    return tuple([await load_case(store, session_id) for session_id in found])
