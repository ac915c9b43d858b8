"""Trades as lines of a table: the same ones in every export, with the names they have in JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from engine.core.metrics.trades import trades_of
from engine.domain.columns import IntMatrix
from engine.domain.money import Scale
from engine.runtime.documents.sessions import trade_documents

NAMES: Final = (
    "side",
    "amount",
    "entry_time",
    "entry_price",
    "exit_time",
    "exit_price",
    "exit_reason",
    "fees",
    "pnl",
)
_MOMENTS: Final = ("entry_time", "exit_time")


def csv_of_log(log: IntMatrix, scale: Scale, numbers: Sequence[int]) -> str:
    """The trades with these numbers in the events of a session so far, in that order."""
    columns = trades_of(log)
    documents = dict(zip(columns.no.tolist(), trade_documents(columns, scale, {}), strict=True))
    return trades_csv([documents[number] for number in numbers])


def trades_csv(trades: Collection[Mapping[str, Any]]) -> str:
    """A whole file of trades as `trade_documents` gives them."""
    lines = [NAMES, *(tuple(_cell(trade, name) for name in NAMES) for trade in trades)]
    return "".join(f"{','.join(line)}\n" for line in lines)


def _cell(trade: Mapping[str, Any], name: str) -> str:
    value = trade[name]
    if value is None:
        return ""
    return _iso(value) if name in _MOMENTS else str(value)


def _iso(at: int) -> str:
    """As copies of the window have it: ISO 8601 in UTC, down to the millisecond."""
    seconds, ms = divmod(at, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03}Z"
