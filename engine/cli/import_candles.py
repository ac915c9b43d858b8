"""`trader-engine import`: files of others into the archive, or a look at what they would be."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from engine.domain.candles import timeframe_ms, timeframe_text
from engine.domain.import_preview import Choices, Imported, ImportPreview, TimeUnit
from engine.errors import InvalidSetting
from engine.markets.importers.preview import preview_file
from engine.messages.commands import ImportCandles
from engine.runtime.archive.importing import files_in, import_files
from engine.runtime.archive.opened import owned_archive
from engine.runtime.clock import WallClock
from engine.runtime.folders import default_data_dir


def import_candles(arguments: argparse.Namespace) -> str:
    """Import, or only look; say what came out."""
    choices = _choices(arguments)
    if arguments.preview:
        preview = preview_file(files_in(arguments.files)[0][0], choices)
        return json.dumps(_preview_document(preview)) if arguments.json else _preview_text(preview)
    if arguments.symbol is None:
        raise InvalidSetting(
            "No symbol is given. Add --symbol BTC/USDT, or --preview to look first.",
            field="symbol",
        )
    paths = tuple(str(path) for path in arguments.files)
    wish = ImportCandles(paths, arguments.exchange, arguments.symbol, choices)
    with owned_archive(arguments.data_dir or default_data_dir(), WallClock().now_ms()) as archive:
        done = import_files(archive, wish, _tell)
    return json.dumps(_document(done)) if arguments.json else "\n".join(done.sentences)


def _choices(arguments: argparse.Namespace) -> Choices:
    return Choices(
        separator=arguments.separator,
        decimal=arguments.decimal,
        skip=arguments.skip,
        columns=arguments.columns,
        unit=None if arguments.unit is None else TimeUnit(arguments.unit),
        utc_offset_ms=arguments.utc_offset,
        timeframe_ms=timeframe_ms(arguments.timeframe) if arguments.timeframe else None,
    )


def _tell(done: int, total: int) -> None:
    """One line that counts, for who watches; nothing for programs."""
    if sys.stderr.isatty():
        end = "\r\x1b[K" if done >= total else ""
        print(f"\r{100 * done // max(total, 1)} % read{end}", end="", file=sys.stderr, flush=True)


def _document(done: Imported) -> dict[str, Any]:
    report = done.report
    return {
        "exchange": done.series.exchange,
        "symbol": done.series.symbol,
        "timeframe": timeframe_text(done.series.timeframe_ms),
        "files": done.files,
        "candles": report.rows,
        "first_at": report.first_at,
        "last_at": report.last_at,
        "missing": report.gaps,
        "duplicates": report.duplicates,
        "out_of_order": report.out_of_order,
        "dropped": report.dropped,
        "added": done.added,
        "revised": done.revised,
        "sentences": list(done.sentences),
    }


def _preview_document(preview: ImportPreview) -> dict[str, Any]:
    found = preview.detected
    return {
        "file": preview.path,
        "dialect": preview.dialect,
        "holds": preview.holds.value,
        "separator": found.separator,
        "decimal": found.decimal,
        "skip": found.skip,
        "columns": None if found.columns is None else dict(found.columns),
        "unit": None if found.unit is None else found.unit.value,
        "times": preview.time_words,
        "timeframe": None if found.timeframe_ms is None else timeframe_text(found.timeframe_ms),
        "symbol": preview.symbol,
        "header": [column.name for column in preview.columns],
        "rows": [list(row) for row in preview.rows],
        "understood": [list(row) for row in preview.understood],
        "problem": preview.problem,
        "warnings": list(preview.warnings),
    }


def _preview_text(preview: ImportPreview) -> str:
    found = preview.detected
    said = [Path(preview.path).name, *preview.sentences]
    if found.timeframe_ms is not None:
        said.append(f"Timeframe: {timeframe_text(found.timeframe_ms)}.")
    if preview.symbol:
        said.append(f"Symbol, by the file: {preview.symbol}.")
    columns = [
        f"{place} {column.name or '-'}{f' -> {column.role}' if column.role else ''}"
        for place, column in enumerate(preview.columns)
    ]
    said += ["", "Columns: " + ", ".join(columns), "", "As it lies there:"]
    said += ["  " + "  ".join(row) for row in preview.rows]
    if preview.understood:
        said += ["", "As it would be read:"]
        said.append("  " + "  ".join(role for role in preview.holds.roles if role != "id"))
        said += ["  " + ("  ".join(row) or "left out: empty cells") for row in preview.understood]
    said += [""] if preview.problem or preview.warnings else []
    return "\n".join([*said, *preview.warnings, *filter(None, [preview.problem])])
