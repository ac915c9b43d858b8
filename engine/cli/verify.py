"""`trader-engine verify`: a stored session run again, beside whatever program is running."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from engine.cli.arguments import Answered
from engine.cli.opened_store import opened_store
from engine.cli.own_strategies import join_own
from engine.cli.sessions import session_id_of
from engine.domain.candles import moment_text
from engine.domain.sessions import session_label
from engine.messages.proof import Difference, OneSide, Proof
from engine.runtime.documents.settings_document import Document
from engine.runtime.folders import default_data_dir
from engine.runtime.proof.desk import prove_session
from engine.store.repositories import sessions

EQUAL, DIFFERENT = 0, 1


def verify(arguments: argparse.Namespace) -> Answered:
    """The proof in words or as JSON; exit status 1 if something differs."""
    folder = arguments.data_dir or default_data_dir()
    session_id = session_id_of(arguments.id)
    join_own(folder, asyncio.run(_strategies(folder, session_id)))
    proof = asyncio.run(_proof(folder, session_id))
    text = json.dumps(proof_document(proof)) if arguments.json else proof_text(proof)
    return Answered(text, EQUAL if proof.equal else DIFFERENT)


async def _strategies(folder: Path, session_id: int) -> list[str]:
    """Of the session, and of those that shared its balance."""
    async with opened_store(folder, read_only=True) as store:
        record = await sessions.get(store, session_id)
        ids: tuple[int, ...] = ()
        if record.portfolio_id is not None:
            ids = await sessions.of_portfolio(store, record.portfolio_id)
        others = [await sessions.get(store, one) for one in ids]
    return [one.settings.strategy for one in (record, *others)]


async def _proof(folder: Path, session_id: int) -> Proof:
    async with opened_store(folder, read_only=True) as store:
        return await prove_session(store, session_id, None)


def proof_text(proof: Proof) -> str:
    """For a person."""
    label = session_label(proof.session_id)
    versions = f"recorded by version {proof.recorded_version}, run again by {proof.version}"
    lines = [
        f"{label} is equal: {proof.events:,} events, {versions}.",
        f"hash {proof.recorded_hash}",
    ]
    if proof.difference is not None:
        lines = [f"{label} is different: {versions}.", *_difference_lines(proof.difference)]
        lines += [f"hash recorded {proof.recorded_hash}", f"hash now      {proof.replayed_hash}"]
    return "\n".join([*lines, *proof.remarks])


def _difference_lines(difference: Difference) -> list[str]:
    return [
        f"First at event {difference.number:,}, {moment_text(difference.at)} UTC.",
        f"Cause: {difference.cause.value}. {difference.why}",
        *_side_lines("recorded", difference.recorded),
        *_side_lines("now", difference.replayed),
        *(f"{one.name}: {one.recorded} recorded, {one.replayed} now" for one in difference.fields),
    ]


def _side_lines(name: str, side: OneSide) -> list[str]:
    return [f"{name}: {side.event}", *(f"    {what}: {words}" for what, words in side.inputs)]


def proof_document(proof: Proof) -> Document:
    """For programs."""
    return {
        "session": proof.session_id,
        "equal": proof.equal,
        "events": proof.events,
        "hash": proof.recorded_hash,
        "hash_now": proof.replayed_hash,
        "rows_hash": proof.rows_hash or None,
        "version": proof.recorded_version,
        "version_now": proof.version,
        "remarks": list(proof.remarks),
        "difference": None if proof.difference is None else _difference_of(proof.difference),
    }


def _difference_of(difference: Difference) -> Document:
    return {
        "event": difference.number,
        "at": difference.at,
        "cause": difference.cause.value,
        "why": difference.why,
        "recorded": _side_of(difference.recorded),
        "now": _side_of(difference.replayed),
        "fields": {
            one.name: {"recorded": one.recorded, "now": one.replayed} for one in difference.fields
        },
    }


def _side_of(side: OneSide) -> Document:
    return {"event": side.event, "inputs": dict(side.inputs)}
