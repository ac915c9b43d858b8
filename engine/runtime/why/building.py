"""A session ready to answer why: loaded once, asked and played once, then answering at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from engine.errors import Fault
from engine.messages.why import Chain, Saw
from engine.runtime.history.archive import Archived
from engine.runtime.kernel_warmth import ASKING, PORTFOLIO, load_loop
from engine.runtime.proof.case import Case, case_of, load_portfolio
from engine.runtime.why.chains import Chains
from engine.runtime.why.grants import Grants, grants_of
from engine.runtime.why.sight import Sight, sight_of
from engine.runtime.why.states import States
from engine.runtime.workers import in_thread
from engine.store.database import Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SessionWhy:
    """`engine.messages.why.Why` over what was built."""

    sight: Sight
    chains: Chains

    @property
    def trouble(self) -> str:
        return self.sight.trouble

    def saw(self, cursor: int) -> Saw | None:
        return self.sight.at(cursor)

    def chain(self, event: int | None, known: int) -> Chain | None:
        return self.chains.chain(event, known)


async def why_of(store: Store, session: Archived) -> SessionWhy:
    """Built in a worker: the strategy asked again, the recording played once."""
    case, together, why_not = None, tuple[Case, ...](), ""
    try:
        case = await case_of(store, session)
        if session.record.portfolio_id is not None:
            together = await load_portfolio(store, case)
    except Fault as fault:
        why_not = fault.words
    return await in_thread("why", lambda: built(session, case, why_not, together))


def built(
    session: Archived, case: Case | None, why_not: str = "", together: tuple[Case, ...] = ()
) -> SessionWhy:
    """The same in this thread; without a `case` what is recorded alone is told, and `why_not`.
    `together` are all sessions of its portfolio, this one among them."""
    sight, states, grants = sight_of(session), None, _grants_of(session, together)
    if case is not None:
        load_loop(ASKING, beside=True)
        try:
            states = States(case)
        except Fault as fault:
            why_not = fault.words
    return SessionWhy(sight, Chains(session, sight, states, why_not, grants))


def _grants_of(session: Archived, together: tuple[Case, ...]) -> Grants:
    """Without them the account's numbers are missing, and all else can be told."""
    if not together:
        return {}
    ids = [case.session.record.id for case in together]
    load_loop(PORTFOLIO, beside=True)
    try:
        return grants_of(together, ids.index(session.record.id))
    except Fault as fault:
        logger.info("The bots of a portfolio were not played together: %s", fault.words)
        return {}
