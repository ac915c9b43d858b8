"""What the console prints for people: the same documents as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from engine.domain.sessions import session_label
from engine.messages.figures import Figure, grouped_pairs
from engine.runtime.documents.settings_document import Document, settings_line
from engine.strategies import BUILT_IN


def session_text(document: Document, figures: Sequence[Figure]) -> str:
    """A session in a dozen lines, then all its figures by group."""
    return "\n".join([_outline(document), *_figure_lines(figures)])


def _figure_lines(figures: Sequence[Figure]) -> list[str]:
    groups = grouped_pairs(figures)
    width = max(len(label) for pairs in groups.values() for label, _ in pairs)
    lines = []
    for group, pairs in groups.items():
        lines += ["", group, *(f"  {label.ljust(width)}  {text}" for label, text in pairs)]
    return lines


def _outline(document: Document) -> str:
    settings, metrics = document["settings"], document["metrics"]
    coin = settings["symbol"].partition("/")[2]
    name = session_label(document["session_id"]) if document["stored"] else "not stored"
    params = ", ".join(f"{key} {value}" for key, value in settings["params"].items())
    lines = [
        (
            f"{settings['symbol']} {settings['timeframe']}  {strategy_label(settings['strategy'])}"
            f"{f' ({params})' if params else ''}  {name}"
        ),
        (
            f"{_time(document['started_at'])} to {_time(document['ended_at'])} UTC, "
            f"{document['bars']:,} bars, {document['status']}"
        ),
        "",
        *result_lines(metrics, coin),
        refused_line(document["refusals"]),
        *_blocked_lines(document, coin),
    ]
    lines += [f"doubt          {_doubt_words(document['ambiguity'], coin)}"]
    if document["fine"] is not None:
        lines += [f"finer data     {_fine_words(document['fine'])}"]
    lines += [f"set            {settings_line(settings)}", f"hash           {document['hash']}"]
    return "\n".join(lines)


def result_lines(metrics: Document, coin: str) -> list[str]:
    """What a session, or an account of several bots, came to."""
    return [
        f"net profit     {metrics['net_profit']} {coin} ({number(metrics['return_pct'])} %)",
        (
            f"trades         {metrics['trades']}, {number(metrics['win_rate_pct'])} % won, "
            f"profit factor {number(metrics['profit_factor'])}"
        ),
        (
            f"max drawdown   {metrics['max_drawdown']} {coin} "
            f"({number(metrics['max_drawdown_pct'])} %)"
        ),
        f"fees           {metrics['fees']} {coin}",
        f"equity         {metrics['equity_first']} to {metrics['equity_last']} {coin}",
    ]


def refused_line(refusals: Mapping[str, int]) -> str:
    """How often each rule said no, by its code."""
    said = ", ".join(f"{code} {count:,}" for code, count in refusals.items())
    return f"refused        {said or 'nothing'}"


def _doubt_words(ambiguity: Document | None, coin: str) -> str:
    if ambiguity is None:
        return "not known: the ticks of this session were let go"
    if not ambiguity["trades"]:
        return "no trade depends on the path inside a bar"
    kind = "exact" if ambiguity["exact"] else "not exact"
    return (
        f"{ambiguity['trades']:,} of {ambiguity['judged']:,} trades depend on the path inside a "
        f"bar: {ambiguity['pnl_worst']} to {ambiguity['pnl_best']} {coin} ({kind})"
    )


def _blocked_lines(document: Document, coin: str) -> list[str]:
    """What the refused entries would have earned alone, for the rules that are priced; or why
    that is not known."""
    lines = [
        f"  alone        {code}: {one['pnl']} {coin} from {one['priced']:,} of {one['count']:,}"
        for code, one in document["blocked"].items()
        if one["priced"]
    ]
    if document["blocked_unpriced"] is not None:
        lines.append(f"  alone        {document['blocked_unpriced']}")
    return lines


def _fine_words(fine: Document) -> str:
    words = (
        f"{fine['timeframe']} candles decided {fine['decided']:,} of {fine['bars']:,} bars "
        f"({number(fine['share_pct'])} %)"
    )
    if fine["missing"]:
        words += f", {fine['missing']:,} had some missing"
    if fine["disagreeing"]:
        words += f", {fine['disagreeing']:,} disagreed with theirs"
    return words


def sessions_text(documents: Sequence[Document]) -> str:
    """The history, one session a line."""
    if not documents:
        return "No sessions yet."
    head = ("session", "mode", "status", "symbol", "strategy", "started", "trades", "net profit")
    rows = [
        (
            session_label(one["session_id"]),
            one["mode"],
            one["status"],
            one["symbol"],
            strategy_label(one["strategy"]),
            _time(one["started_at"]),
            str(one["trades"]),
            one["net_profit"],
        )
        for one in documents
    ]
    return aligned([head, *rows], right={6, 7})


def strategy_label(name: str) -> str:
    """A person's own says so: none of them can have the name of one of the program."""
    return name if name in BUILT_IN else f"{name} [own file]"


def aligned(rows: Sequence[Sequence[str]], right: set[int]) -> str:
    """Lines of equally wide columns; those whose places are in `right` stand at the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _time(at: int | None) -> str:
    if at is None:
        return "now"
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M}"


def number(value: float | None) -> str:
    """Two digits after the point, a dash for what is undefined."""
    return "-" if value is None else f"{value:.2f}"
