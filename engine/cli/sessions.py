"""`trader-engine sessions`: the history, read beside whatever program is running."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from engine.cli.documents import export_document, record_document, session_document
from engine.cli.opened_store import opened_store
from engine.cli.tables import session_text, sessions_text, trades_csv
from engine.domain.sessions import SessionRecord, session_number
from engine.errors import UnknownName
from engine.runtime.folders import default_data_dir
from engine.runtime.history.archive import Archived
from engine.runtime.history.figures import figures_of
from engine.runtime.history.loading import load_session
from engine.store.repositories import sessions as stored


def sessions(arguments: argparse.Namespace) -> str:
    """What `list`, `show` or `export` prints."""
    folder = arguments.data_dir or default_data_dir()
    if arguments.what == "list":
        records = asyncio.run(_every(folder))
        documents = [record_document(record) for record in records]
        return json.dumps(documents) if arguments.json else sessions_text(documents)
    session = asyncio.run(_one(folder, _number(arguments.id)))
    if arguments.what == "show":
        document = session_document(session, stored=True)
        return (
            json.dumps(document) if arguments.json else session_text(document, figures_of(session))
        )
    if arguments.json:
        return json.dumps(export_document(session))
    return trades_csv(session_document(session, stored=True))


def _number(text: str) -> int:
    number = session_number(text)
    if number is None:
        raise UnknownName(f"{text!r} is not a session. Write its id, for example 42 or S-0042.")
    return number


async def _every(folder: Path) -> tuple[SessionRecord, ...]:
    async with opened_store(folder, read_only=True) as store:
        return await stored.every(store)


async def _one(folder: Path, session_id: int) -> Archived:
    async with opened_store(folder, read_only=True) as store:
        return await load_session(store, session_id)
