"""`trader-engine sessions`: the history, read beside whatever program is running; and for how long
it keeps its ticks, which only one program at a time may change."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import replace
from pathlib import Path

from engine.cli.opened_store import opened_store
from engine.cli.own_strategies import join_own
from engine.cli.tables import session_text, sessions_text
from engine.domain.sessions import SessionRecord, SessionStatus, session_label, session_number
from engine.errors import UnknownName
from engine.runtime.clock import WallClock
from engine.runtime.documents.exporting import ExportKind, export_text, export_to
from engine.runtime.documents.sessions import record_document, session_document
from engine.runtime.folders import default_data_dir
from engine.runtime.history.archive import Archived
from engine.runtime.history.figures import figures_of
from engine.runtime.history.loading import load_readable
from engine.runtime.history.offline import broken_off_words, changed_words
from engine.runtime.history.tidying import let_go_old, set_keep_days
from engine.store.repositories import preferences
from engine.store.repositories import sessions as stored


def sessions(arguments: argparse.Namespace) -> str:
    """What `list`, `show`, `export` or `keep` prints."""
    folder = arguments.data_dir or default_data_dir()
    if arguments.what == "keep":
        return asyncio.run(_keep(folder, arguments.days, as_json=arguments.json))
    if arguments.what == "list":
        records = asyncio.run(_every(folder))
        documents = [record_document(record) for record in records]
        return json.dumps(documents) if arguments.json else sessions_text(documents)
    session = asyncio.run(_one(folder, session_id_of(arguments.id)))
    join_own(folder, [session.record.settings.strategy])
    if arguments.what == "show":
        wrong = broken_off_words(session) or changed_words(session)
        document = session_document(session, stored=True)
        if wrong:
            document["wrong"] = wrong
        if arguments.json:
            return json.dumps(document)
        text = session_text(document, figures_of(session))
        return f"{wrong}\n\n{text}" if wrong else text
    return _export(session, arguments)


def _export(session: Archived, arguments: argparse.Namespace) -> str:
    """Into the files that were named, or printed."""
    as_json = None if isinstance(arguments.json, bool) else Path(arguments.json)
    named = ((ExportKind.HTML, arguments.html), (ExportKind.JSON, as_json))
    wanted = [(kind, path) for kind, path in (*named, (ExportKind.CSV, arguments.csv)) if path]
    if not wanted:
        kind = ExportKind.JSON if arguments.json else ExportKind.CSV
        return export_text(session, kind).rstrip("\n")
    for kind, path in wanted:
        export_to(session, kind, path)
    names = ", ".join(str(path) for _, path in wanted)
    return f"{session_label(session.record.id)} written to {names}."


def session_id_of(text: str) -> int:
    """42 of ``42`` or ``S-0042``; UnknownName if it is neither."""
    number = session_number(text)
    if number is None:
        raise UnknownName(f"{text!r} is not a session. Write its id, for example 42 or S-0042.")
    return number


async def _keep(folder: Path, chosen: int | str | None, *, as_json: bool) -> str:
    """Say for how long, or choose it and carry it out."""
    now = WallClock().now_ms()
    gone: tuple[int, ...] = ()
    async with opened_store(folder, now_ms=now, read_only=chosen is None) as store:
        if chosen is not None:
            await set_keep_days(store, None if chosen == "all" else int(chosen))
            gone = await let_go_old(store, now)
        days = await preferences.keep_days(store)
    if as_json:
        return json.dumps({"days": days, "let_go": list(gone)})
    kept = "for ever" if days is None else f"for {days:,} days after their end"
    words = f"Paper sessions keep their ticks {kept}."
    if gone:
        names = ", ".join(session_label(one) for one in gone)
        words += f" Let go of the ticks of {names}; candles, events, trades and figures stay."
    return words


async def _every(folder: Path) -> tuple[SessionRecord, ...]:
    from engine.store.folder_lock import nobody_holds

    async with opened_store(folder, read_only=True) as store:
        records = await stored.every(store)
    running = any(one.status is SessionStatus.RUNNING for one in records)
    if not running or not nobody_holds(folder):
        return records
    # Its program ended before it could write that down: the next start does.
    return tuple(
        replace(one, status=SessionStatus.INTERRUPTED)
        if one.status is SessionStatus.RUNNING
        else one
        for one in records
    )


async def _one(folder: Path, session_id: int) -> Archived:
    async with opened_store(folder, read_only=True) as store:
        return await load_readable(store, session_id)
