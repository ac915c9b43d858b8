"""A session as one page of HTML: its figures, curves, trades, settings and where it came from.

Nothing is loaded and nothing runs: it can be read in twenty years, printed, and sent to anybody.
Whatever was written outside the program is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

import numpy as np

from engine.domain.candles import moment_text
from engine.domain.columns import FloatColumn
from engine.domain.money import plain
from engine.domain.sessions import session_label
from engine.language import language, localised, tr
from engine.messages.comparison import Compared
from engine.messages.figures import figures, grouped_pairs
from engine.messages.numbers import UNKNOWN
from engine.messages.source_words import source_words
from engine.messages.value_words import word
from engine.runtime.documents.comparing import compared
from engine.runtime.documents.sessions import session_document
from engine.runtime.documents.setting_words import rule_words, shown_settings
from engine.runtime.documents.svg_charts import curve_svg
from engine.runtime.history.archive import Archived
from engine.runtime.history.offline import broken_off_words, changed_words

MOST_TRADES: Final = 5_000
"""Rows in the table; the exports as CSV and JSON have all."""
_TRADE_HEAD: Final = (
    tr("Side"),
    tr("Amount"),
    tr("Entry (UTC)"),
    tr("Price"),
    tr("Exit (UTC)"),
    tr("Price"),
    tr("Reason"),
    tr("Fees"),
    tr("PnL"),
)
_POLICY: Final = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'\">"
)
_STYLE: Final = """
:root { color-scheme: light; --ink: #1b2430; --soft: #5c6675; --line: #dfe3ea; --up: #0b7a53;
  --down: #b3263a; --accent: #4450c8; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1000px; padding: 32px 20px; color: var(--ink); background: #fff;
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 16px; margin: 28px 0 8px; }
p { margin: 4px 0; } .soft { color: var(--soft); } .note { white-space: pre-wrap; }
.groups { display: grid; gap: 0 32px;
  grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--soft); }
td, th { padding: 3px 8px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top;
  overflow-wrap: anywhere; }
td.n, th.n { text-align: right; } td.up { color: var(--up); } td.down { color: var(--down); }
svg { width: 100%; height: auto; display: block; } svg text { font-size: 11px; fill: #5c6675; }
svg text.middle { text-anchor: middle; } svg text.end { text-anchor: end; }
.grid { stroke: #e8ebf0; } .zero { stroke: #aab3c1; }
.line { fill: none; stroke: #4450c8; stroke-width: 1.4; } .line-area { fill: #4450c81c; }
.fall { fill: none; stroke: #b3263a; stroke-width: 1.2; } .fall-area { fill: #b3263a26; }
pre { white-space: pre-wrap; font-size: 11px; border: 1px solid var(--line); padding: 10px; }
@media print { body { max-width: none; padding: 0; } h2 { break-after: avoid; }
  svg, tr { break-inside: avoid; } thead { display: table-header-group; } }
"""


def html_report(session: Archived) -> str:
    """The whole page. Takes a while: call it in a worker."""
    one, document = compared(session), session_document(session, stored=True)
    record = session.record
    heading = record.title or tr(
        "{strategy} on {symbol}", strategy=record.settings.strategy, symbol=record.settings.symbol
    )
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{escape(language())}"><head><meta charset="utf-8">',
        _POLICY,
        f"<title>{escape(f'{session_label(record.id)} {heading}')}</title>",
        f"<style>{_STYLE}</style></head><body>",
        *_head(session, heading),
        *_curves(one),
        *_figures(one),
        *_trades(document),
        *_settings(session, document),
        *_origin(session),
        "</body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _head(session: Archived, heading: str) -> list[str]:
    record = session.record
    end = UNKNOWN if record.ended_at is None else moment_text(record.ended_at)
    facts = (
        session_label(record.id),
        word(record.mode.value),
        word(record.status.value),
        tr("{begin} to {end} UTC", begin=moment_text(record.started_at), end=end),
        source_words(record.settings),
    )
    lines = [
        f"<h1>{escape(heading)}</h1>",
        f'<p class="soft">{escape(" · ".join(facts))}</p>',
    ]
    if record.tags:
        lines.append(f'<p class="soft">{escape(", ".join(record.tags))}</p>')
    if record.note:
        lines.append(f'<p class="note">{escape(record.note)}</p>')
    if record.error:
        failed = tr("It failed: {words}", words=record.error)
        lines.append(f"<p>{escape(failed)}</p>")
    said = session.let_go_words, broken_off_words(session) or changed_words(session)
    lines += [f"<p>{escape(words)}</p>" for words in said if words]
    return lines


def _curves(one: Compared) -> list[str]:
    gained, fallen = courses(one)
    equity = curve_svg(tr("Return in percent"), one.at, gained, " %")
    if not equity:
        return []
    below = curve_svg(tr("Percent below the highest so far"), one.at, fallen, " %", kind="fall")
    return [_title(tr("Return")), equity, _title(tr("Drawdown")), below]


def _title(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"


def courses(one: Compared) -> tuple[FloatColumn, FloatColumn]:
    """Return since the start and distance from the highest so far, percent, at its closes."""
    worth, first = one.equity.astype(np.float64), float(one.first) or 1.0
    if not len(worth):
        return worth, worth
    peaks = np.maximum.accumulate(np.maximum(worth, first))
    return 100 * (worth / first - 1), 100 * (worth - peaks) / np.maximum(peaks, 1.0)


def _figures(one: Compared) -> list[str]:
    lines = ['<div class="groups">']
    for group, pairs in grouped_pairs(figures(one.values, one.coin)).items():
        lines.append(f"<section>{_title(group)}{_pairs(pairs)}</section>")
    return [*lines, "</div>"]


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><th>{escape(name)}</th><td class="n">{escape(text)}</td></tr>' for name, text in pairs
    )
    return f"<table>{rows}</table>"


def _trades(document: Mapping[str, Any]) -> list[str]:
    trades: Sequence[Mapping[str, Any]] = document["trades"]
    lines = [_title(tr("Trades ({count:,})", count=len(trades)))]
    if not trades:
        none = tr("There were none.")
        return [*lines, f'<p class="soft">{escape(none)}</p>']
    if len(trades) > MOST_TRADES:
        words = tr(
            "The first {most_trades:,} of them; the exports as CSV and JSON have all.",
            most_trades=MOST_TRADES,
        )
        lines.append(f'<p class="soft">{escape(words)}</p>')
    heads = "".join(
        f"<th{_number(place)}>{escape(name)}</th>" for place, name in enumerate(_TRADE_HEAD)
    )
    rows = (_trade(trade) for trade in trades[:MOST_TRADES])
    return [*lines, f"<table><thead><tr>{heads}</tr></thead><tbody>", *rows, "</tbody></table>"]


def _trade(trade: Mapping[str, Any]) -> str:
    pnl = trade["pnl"]
    tone = "" if pnl is None else " down" if str(pnl).startswith("-") else " up"
    cells = (
        word(trade["side"]),
        _known(trade["amount"]),
        _moment(trade["entry_time"]),
        _known(trade["entry_price"]),
        _moment(trade["exit_time"]),
        _known(trade["exit_price"]),
        UNKNOWN if trade["exit_reason"] is None else word(trade["exit_reason"].replace("_", " ")),
        _known(trade["fees"]),
    )
    shown = "".join(f"<td{_number(place)}>{escape(cell)}</td>" for place, cell in enumerate(cells))
    return f'<tr>{shown}<td class="n{tone}">{escape(_known(pnl))}</td></tr>'


def _number(place: int) -> str:
    return ' class="n"' if place in (1, 3, 5, 7, 8) else ""


def _moment(at: int | None) -> str:
    return UNKNOWN if at is None else moment_text(at)


def _known(number: str | None) -> str:
    return UNKNOWN if number is None else localised(number)


def _settings(session: Archived, document: Mapping[str, Any]) -> list[str]:
    refusals = [(rule_words(code), localised(f"{n:,}")) for code, n in document["refusals"].items()]
    lines = [_title(tr("Settings")), _pairs(shown_settings(session.record.settings))]
    if not refusals:
        return lines
    return [*lines, _title(tr("Signals that rules refused")), _pairs(refusals)]


def _origin(session: Archived) -> list[str]:
    """What proves it, and what it was made with."""
    record = session.record
    pairs = [
        (tr("Program"), record.program_version),
        (tr("Hash of its events"), record.event_hash),
        (tr("Hash of its prices"), record.rows_hash or UNKNOWN),
        (tr("Hash of the strategy's source"), record.strategy_hash or UNKNOWN),
        (tr("Seed"), UNKNOWN if record.seed is None else str(record.seed)),
        (tr("Money counts in"), localised(plain(record.settings.scale.product_unit))),
    ]
    lines = [_title(tr("Where it came from")), _pairs(pairs)]
    if record.strategy_source:
        lines += [_title(tr("The strategy")), f"<pre>{escape(record.strategy_source)}</pre>"]
    return lines
