"""A sweep as the console prints it: money as exact text, ratios as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.cli.tables import aligned, number, strategy_label
from engine.domain.money import Scale, plain
from engine.domain.sessions import session_label
from engine.domain.sweeps import SweepRecord, SweepRow, SweepValue
from engine.runtime.documents.settings_document import Document, settings_document
from engine.runtime.sweep.run import SweepEnd

_COLUMNS = (
    ("net profit", "net_profit"),
    ("return %", "return_pct"),
    ("trades", "trades"),
    ("won %", "win_rate_pct"),
    ("profit factor", "profit_factor"),
    ("drawdown %", "max_drawdown_pct"),
    ("sharpe", "sharpe"),
    ("fees", "fees"),
)


def sweep_document(
    record: SweepRecord, end: SweepEnd, rows: Sequence[SweepRow], ranking: str
) -> Document:
    """The object of ``sweep --json``; `rows` in the order of `ranking`."""
    settings = settings_document(record.settings)
    for name in record.grid:  # each set has its own
        settings.pop(name, None)
        settings["params"].pop(name, None)
    return {
        "sweep_id": record.id or None,
        "stored": record.id > 0,
        "name": record.name,
        "status": record.status.value,
        "settings": settings,
        "grid": {name: [_plain(one) for one in values] for name, values in record.grid.items()},
        "seed": record.seed,
        "total": record.total,
        "done": record.done,
        "skipped": record.skipped,
        "bars": end.bars,
        "workers": end.workers,
        "indicators_s": round(end.indicators_s, 3),
        "kernel_s": round(end.kernel_s, 3),
        "sort": ranking,
        "rows": [_row(row, record.settings.scale) for row in rows],
    }


def _row(row: SweepRow, scale: Scale) -> Document:
    return {
        "no": row.no,
        "settings": {name: _plain(value) for name, value in row.settings.items()},
        "trades": row.trades,
        "wins": row.wins,
        "win_rate_pct": row.win_rate_pct,
        "net_profit": plain(scale.money(row.net_pnl)),
        "return_pct": row.return_pct,
        "profit_factor": row.profit_factor,
        "max_drawdown": plain(scale.money(row.max_drawdown)),
        "max_drawdown_pct": row.max_drawdown_pct,
        "sharpe": row.sharpe,
        "fees": plain(scale.money(row.fees)),
        "equity_last": plain(scale.money(row.equity_last)),
        "session_id": row.session_id,
    }


def _plain(value: SweepValue) -> float | int | None:
    return value if value is None or isinstance(value, int) else float(value)


def sweep_text(document: Document) -> str:
    """The rows as a table under what was swept."""
    settings = document["settings"]
    stored = f"sweep {document['sweep_id']}" if document["stored"] else "not stored"
    seconds = f"indicators {document['indicators_s']:.2f} s, kernel {document['kernel_s']:.2f} s"
    threads = "1 thread" if document["workers"] == 1 else f"{document['workers']} threads"
    done = document["done"] + document["skipped"]
    unfinished = "" if done == document["total"] else f" of {document['total']:,}, cancelled"
    lines = [
        (
            f"{settings['symbol']} {settings['timeframe']}  "
            f"{strategy_label(settings['strategy'])}  {stored}"
        ),
        (
            f"{document['done']:,} sets{unfinished}, {document['skipped']:,} refused and skipped, "
            f"{document['bars']:,} bars; {seconds} in {threads}"
        ),
        "",
        _table(document),
    ]
    return "\n".join(lines)


def _table(document: Document) -> str:
    names = list(document["grid"])
    head = ["set", *names, *(title for title, _ in _COLUMNS)]
    if any(row["session_id"] for row in document["rows"]):
        head.append("session")
    rows = [head]
    for row in document["rows"]:
        cells = [str(row["no"]), *(_cell(row["settings"][name]) for name in names)]
        cells += [_figure(row[name]) for _, name in _COLUMNS]
        if len(head) > len(cells):
            cells.append(session_label(row["session_id"]) if row["session_id"] else "")
        rows.append(cells)
    return aligned(rows, right=set(range(len(names) + 1 + len(_COLUMNS))))


def _cell(value: float | int | None) -> str:
    return "off" if value is None else f"{value:g}"


def _figure(value: Any) -> str:
    return number(value) if value is None or isinstance(value, float) else str(value)
