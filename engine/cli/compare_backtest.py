"""`trader-engine compare-backtest`: a bot's session beside a backtest of the same period."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engine.cli.opened_store import opened_store
from engine.cli.own_strategies import join_own
from engine.cli.sessions import session_id_of
from engine.domain.candles import moment_text
from engine.domain.money import plain
from engine.domain.sessions import session_label
from engine.messages.same_period import Kind, SamePeriod, TradeSeen, Twins
from engine.runtime.backtest.planning import Sources
from engine.runtime.documents.settings_document import Document
from engine.runtime.folders import default_data_dir
from engine.runtime.history.archive import Archived
from engine.runtime.history.loading import load_session
from engine.runtime.same_period.desk import compare_period
from engine.runtime.sources.archived import archive_in
from engine.runtime.sources.candle_files import CandleFiles

_SHOWN: Final = 20
"""Differing trades in words; JSON has all."""


def compare_backtest(arguments: argparse.Namespace) -> str:
    """The account in words or as JSON."""
    folder = arguments.data_dir or default_data_dir()
    session = asyncio.run(_one(folder, session_id_of(arguments.id)))
    join_own(folder, [session.record.settings.strategy])
    found = asyncio.run(_compared(folder, session))
    return json.dumps(period_document(found)) if arguments.json else period_text(found)


async def _one(folder: Path, session_id: int) -> Archived:
    async with opened_store(folder, read_only=True) as store:
        return await load_session(store, session_id)


async def _compared(folder: Path, session: Archived) -> SamePeriod:
    sources = Sources(CandleFiles().candles, archive_in(folder))
    async with opened_store(folder, read_only=True) as store:
        return await compare_period(store, session, sources, None)


def period_text(found: SamePeriod) -> str:
    """For a person."""
    label = session_label(found.session_id)
    span = f"{moment_text(found.from_at)} to {moment_text(found.to_at)} UTC"
    lines = [
        f"{label} beside a backtest of {span}, {found.candles:,} candles from {found.source}.",
        f"net PnL of the session  {_money(found, found.net_here)}",
        f"net PnL of the backtest {_money(found, found.net_there)}",
        f"difference              {_money(found, found.difference)}",
        *(
            f"  {share.kind.words}: {_trades_said(share.trades)}, {_money(found, share.money)}"
            for share in found.shares
        ),
        *data_words(found),
        *found.remarks,
    ]
    return "\n".join([*lines, *_differing(found)])


def _trades_said(count: int) -> str:
    return f"{count:,} trade" if count == 1 else f"{count:,} trades"


def data_words(found: SamePeriod) -> list[str]:
    """What the candles of the two have not in common."""
    words = []
    if found.missing_pct:
        words.append(
            f"{found.missing:,} of the {found.seen:,} candles that the session saw are missing "
            f"there ({found.missing_pct:.1f} %)."
        )
    if found.revised:
        words.append(f"{found.revised:,} candles have other prices there.")
    return words


def _differing(found: SamePeriod) -> list[str]:
    pairs = [pair for pair in found.pairs if pair.kind is not Kind.SAME]
    lines = [_line(found, pair) for pair in pairs[:_SHOWN]]
    if len(pairs) > _SHOWN:
        lines.append(f"and {len(pairs) - _SHOWN:,} more (all with --json)")
    return lines


def _line(found: SamePeriod, pair: Twins) -> str:
    one = pair.here or pair.there
    assert one is not None, "a pair has a side"
    words = f"{moment_text(pair.at)} {one.side.name.lower()}, {pair.kind.words}: "
    return f"{words}{_money(found, pair.difference)}. {pair.why}".rstrip()


def _money(found: SamePeriod, count: int) -> str:
    return f"{plain(found.money(count))} {found.coin}"


def period_document(found: SamePeriod) -> Document:
    """For programs; money is text, exact."""

    def money(count: int) -> str:
        return plain(found.money(count))

    return {
        "session": found.session_id,
        "from": found.from_at,
        "to": found.to_at,
        "source": found.source,
        "candles": found.candles,
        "seen": found.seen,
        "missing": found.missing,
        "missing_pct": found.missing_pct,
        "revised": found.revised,
        "coin": found.coin,
        "net_session": money(found.net_here),
        "net_backtest": money(found.net_there),
        "difference": money(found.difference),
        "shares": [
            {"kind": share.kind.value, "trades": share.trades, "money": money(share.money)}
            for share in found.shares
        ],
        "trades": _trades(found, found.pairs),
        "remarks": list(found.remarks),
    }


def _trades(found: SamePeriod, pairs: Sequence[Twins]) -> list[Document]:
    return [
        {
            "kind": pair.kind.value,
            "at": pair.at,
            "difference": plain(found.money(pair.difference)),
            "by_size": plain(found.money(pair.by_size)),
            "why": pair.why,
            "session": _trade(found, pair.here),
            "backtest": _trade(found, pair.there),
        }
        for pair in pairs
    ]


def _trade(found: SamePeriod, trade: TradeSeen | None) -> Document | None:
    if trade is None:
        return None
    return {
        "side": trade.side.name.lower(),
        "entry_at": trade.entry_at,
        "entry_price": plain(trade.entry_price),
        "exit_at": trade.exit_at,
        "exit_price": None if trade.exit_price is None else plain(trade.exit_price),
        "reason": None if trade.reason is None else trade.reason.code,
        "amount": plain(trade.amount),
        "net_pnl": plain(found.money(trade.pnl)),
    }
