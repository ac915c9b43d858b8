"""A review as columns of one file, and back. Tables are kept as columns, too: who asks for one of
them reads no other."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.sessions import SessionRecord
from engine.messages import histories as hs
from engine.messages.equity_course import EquityCourse
from engine.messages.events import EventColumns
from engine.messages.histories import CandleColumns, IntTable
from engine.messages.review import Review
from engine.runtime.history import column_file
from engine.runtime.history.archive import market_of
from engine.runtime.history.column_file import Column, ColumnFile

_MAGIC: Final = b"trader-gui review 2\n"
_CANDLES: Final = ("open_at", "open", "high", "low", "close", "volume")
_COURSE: Final = ("return_pct", "drawdown_pct", "deepest_pct")
_INDICATOR: Final = "indicator "


def write(path: Path, stamp: str, review: Review) -> None:
    """Keep a review; OSError where it cannot be written."""
    more = {"first_bar": review.first_bar, "off_price": sorted(review.off_price)}
    column_file.write(path, _MAGIC, stamp, _columns(review), more)


def read(path: Path, stamp: str) -> ColumnFile | None:
    """The copy of what `stamp` says; None where there is none, or not a whole one."""
    return column_file.read(path, _MAGIC, stamp)


def review(kept: ColumnFile, record: SessionRecord, missing: str) -> Review:
    """What was kept; `record` is the session's as it is stored now. ValueError or KeyError where
    the columns do not fit together."""
    found, head = kept.columns, kept.head
    timeframe_ms = record.settings.timeframe_ms
    opened, *prices = (found[name] for name in _CANDLES)
    o, h, low, c, volume = prices
    candles = Candles(opened, o, h, low, c, volume, timeframe_ms)
    indicators = {
        name.removeprefix(_INDICATOR): column
        for name, column in found.items()
        if name.startswith(_INDICATOR)
    }
    texts = found["notes"].tobytes().decode().split("\0")
    notes = dict(zip(found["noted"].tolist(), texts, strict=bool(len(found["noted"]))))
    return Review(
        record=record,
        market=market_of(record.settings),
        log=EventColumns(found["log"].T, notes),
        candles=CandleColumns(candles, indicators),
        first_bar=int(head["first_bar"]),
        equity=IntTable.of(found["equity"].T),
        price_at=found["price_at"],
        price=found["price"],
        off_price=frozenset(head["off_price"]),
        missing=missing,
        kept_course=EquityCourse(found["equity"][hs.E_AT], *(found[name] for name in _COURSE)),
    )


def _columns(review: Review) -> dict[str, Column]:
    length = len(review.candles)
    candles = review.candles.candles(length)
    table = review.log.table
    noted = {at: review.log.note(at) for at in range(len(table)) if review.log.note(at)}
    columns: dict[str, Column] = {name: getattr(candles, name) for name in _CANDLES}
    for name, values in review.candles.indicators(length).items():
        columns[_INDICATOR + name] = values
    columns |= {name: getattr(review.course, name) for name in _COURSE}
    columns |= {
        "equity": review.equity.table.T,
        "price_at": review.price_at,
        "price": review.price,
        "log": table.T,
        "noted": np.array(list(noted), np.int64),
        "notes": np.frombuffer("\0".join(noted.values()).encode(), np.uint8),
    }
    return {name: np.ascontiguousarray(column) for name, column in columns.items()}
