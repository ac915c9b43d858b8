"""Proofs and replays for whoever asks on a loop: loaded, run off it, kept if that is wished."""

from __future__ import annotations

import threading

from engine.errors import IllegalStep
from engine.language import tr
from engine.messages import events as ev
from engine.messages.progress import Report, Told
from engine.messages.proof import Proof
from engine.runtime.backtest.storing import Batch, add_batch, told_from_worker
from engine.runtime.proof.case import Case, load_case, load_portfolio
from engine.runtime.proof.keeping import replay_batch
from engine.runtime.proof.proving import prove, run_again
from engine.store.database import Store


async def prove_session(store: Store, session_id: int, report: Report | None) -> Proof:
    """Run it again and compare; nothing is stored. UnknownName, and the faults of `prove`."""
    case, together = await _loaded(store, session_id)

    def work(told: Told, stop: threading.Event) -> Proof:
        return prove(case, together, told, stop)

    return await told_from_worker("proof", work, report, _rows)


async def keep_replay(store: Store, session_id: int, now_ms: int, report: Report | None) -> int:
    """Run it again and store that as a session of mode replay; its id."""
    case, together = await _loaded(store, session_id)
    if together:
        raise IllegalStep(
            tr(
                "{label} is one bot of a portfolio, whose money it shared: alone it "
                "could not be run again, so it is proven, not kept. Run the portfolio "
                "once more to keep it.",
                label=case.label,
            )
        )
    if len(case.decided) and case.decided[0, ev.POSITION]:
        raise IllegalStep(
            tr(
                "{label} began with a position that an earlier session had opened. That "
                "trade belongs to it, so a second session cannot keep it: this one is "
                "proven, not kept.",
                label=case.label,
            )
        )
    number = store.next_id("sessions")

    def work(told: Told, stop: threading.Event) -> Batch:
        return replay_batch(case, run_again(case, (), told, stop), number, now_ms)

    batch = await told_from_worker("replay", work, report, _rows)
    async with store.action("store_replay") as db:
        add_batch(db, batch)
    return number


async def _loaded(store: Store, session_id: int) -> tuple[Case, tuple[Case, ...]]:
    case = await load_case(store, session_id)
    if case.session.record.portfolio_id is None:
        return case, ()
    return case, await load_portfolio(store, case)


def _rows(done: int, total: int) -> str:
    return tr("{done:,} of {total:,} rows", done=done, total=total)
