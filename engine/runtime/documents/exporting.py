"""A session as a file: a report to read, all of it for a program, or its trades for a sheet."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

from engine.runtime.documents.html_report import html_report
from engine.runtime.documents.sessions import export_document, session_document
from engine.runtime.documents.trades_csv import trades_csv
from engine.runtime.documents.whole_files import write_whole
from engine.runtime.history.archive import Archived


class ExportKind(StrEnum):
    """What the file is."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"


def export_text(session: Archived, kind: ExportKind) -> str:
    """The whole file. Takes a while: call it in a worker."""
    if kind is ExportKind.HTML:
        return html_report(session)
    if kind is ExportKind.JSON:
        return json.dumps(export_document(session))
    return trades_csv(session_document(session, stored=True)["trades"])


def export_to(session: Archived, kind: ExportKind, path: Path) -> None:
    """The same, written whole or not at all; AskPerson with words where it cannot be."""
    write_whole(path, export_text(session, kind))
