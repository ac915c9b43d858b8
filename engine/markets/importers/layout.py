"""What stands where in a table: candles or trades, and which column is what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.domain.import_preview import Choices, Holds
from engine.errors import FileRefused, InvalidSetting
from engine.language import tr
from engine.markets.importers import header_names
from engine.markets.importers.header_names import find, plain
from engine.markets.importers.tables import Table
from engine.markets.importers.times import SEVERAL

NUMBER: Final = r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?"
_EPOCH: Final = r"\d{9,20}([.,]\d+)?([eE]\+?\d+)?"
TIME: Final = (
    rf"{_EPOCH}|\d{{4}}[-/.]\d\d?[-/.]\d\d?([ T].*)?|\d\d?[-/.]\d\d?[-/.]\d{{4}}([ T,].*)?"
)
_EMPTY: Final = r"|null|none|nan|"
_PRICE: Final = f"{NUMBER}{_EMPTY}"
_ANY: Final = r".*"
_TRUTH: Final = "true|false"


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns`: role -> place, without what was not found; `symbol` where a column names it."""

    holds: Holds
    columns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Rows without a header that can only be one thing: patterns of their first cells."""

    holds: Holds
    columns: Mapping[str, int]
    cells: tuple[str, ...]
    more: bool = True
    """Further columns may follow."""

    def fits(self, row: Sequence[str]) -> bool:
        enough = len(row) >= len(self.cells) if self.more else len(row) == len(self.cells)
        return enough and all(
            re.fullmatch(pattern, cell, re.IGNORECASE)
            for pattern, cell in zip(self.cells, row, strict=False)
        )


_SHAPES: Final = (
    _Shape(  # freqtrade: time, id, type, side, price, amount, cost
        Holds.TRADES,
        {"time": 0, "id": 1, "price": 4, "amount": 5},
        (_EPOCH, _ANY, _ANY, "buy|sell", _PRICE, _PRICE),
    ),
    _Shape(  # Binance trades: id, price, amount, cost, time, buyer is maker
        Holds.TRADES,
        {"id": 0, "price": 1, "amount": 2, "time": 4},
        (r"\d+", _PRICE, _PRICE, _PRICE, _EPOCH, _TRUTH),
    ),
    _Shape(  # Binance trades put together: id, price, amount, first and last id, time
        Holds.TRADES,
        {"id": 0, "price": 1, "amount": 2, "time": 5},
        (r"\d+", _PRICE, _PRICE, r"\d+", r"\d+", _EPOCH, _TRUTH),
    ),
    _Shape(
        Holds.CANDLES,
        {role: place for place, role in enumerate(Holds.CANDLES.roles)},
        (TIME, _PRICE, _PRICE, _PRICE, _PRICE, _PRICE),
    ),
    _Shape(
        Holds.CANDLES,
        {role: place for place, role in enumerate(Holds.CANDLES.needed)},
        (TIME, _PRICE, _PRICE, _PRICE, _PRICE),
        more=False,
    ),
    _Shape(  # Kraken: time, price, amount
        Holds.TRADES,
        {role: place for place, role in enumerate(Holds.TRADES.needed)},
        (TIME, _PRICE, _PRICE),
        more=False,
    ),
)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a line names columns: no cell of it is a number or a time."""
    return any(cells) and not any(re.fullmatch(f"{NUMBER}|{TIME}", cell) for cell in cells)


def find_layout(table: Table, choices: Choices) -> Layout:
    """By what was chosen, else by the header, else by the shape of the rows. Raises FileRefused
    or InvalidSetting with what is missing."""
    if choices.columns is not None:
        return _by_choice(table, choices.columns)
    if table.header:
        return _by_header(table)
    rows = [row for row in table.sample if len(row) == table.width]
    best = max(_SHAPES, key=lambda shape: sum(map(shape.fits, rows)))
    if not rows or sum(map(best.fits, rows)) * 2 < len(rows):
        raise _shapeless(table)
    return Layout(best.holds, best.columns)


def _by_choice(table: Table, wanted: Mapping[str, int | str]) -> Layout:
    holds = Holds.TRADES if "price" in wanted else Holds.CANDLES
    columns: dict[str, int] = {}
    for role, given in wanted.items():
        if role not in holds.roles:
            raise InvalidSetting(
                tr(
                    "{role!r} is no column of {rows}. Give {roles}.",
                    role=role,
                    rows=holds.words,
                    roles=", ".join(holds.roles),
                ),
                field="columns",
            )
        columns[role] = _place(table, given)
    missing = [role for role in holds.needed if role not in columns]
    if missing:
        raise InvalidSetting(
            tr(
                "The columns lack {missing}: {rows} need {roles}. Give them all.",
                missing=SEVERAL.join(missing),
                rows=holds.words,
                roles=", ".join(holds.needed),
            ),
            field="columns",
        )
    return Layout(holds, columns)


def _place(table: Table, given: int | str) -> int:
    if isinstance(given, str):
        place = find((plain(given),), [plain(name) for name in table.header])
        if place is None:
            raise InvalidSetting(
                tr(
                    "{name} has no column {column!r}. It has: {columns}.",
                    name=table.source.name,
                    column=given,
                    columns=_told(table.header),
                ),
                field="columns",
            )
        return place
    if not 0 <= given < table.width:
        raise InvalidSetting(
            tr(
                "{name} has {width} columns, counted from 0: there is no {place}.",
                name=table.source.name,
                width=table.width,
                place=given,
            ),
            field="columns",
        )
    return given


def _by_header(table: Table) -> Layout:
    header = [plain(name) for name in table.header]
    candles = _found(header_names.CANDLES, header)
    if "volume" not in candles:
        volume = next((at for at, name in enumerate(header) if name.startswith("vol")), None)
        candles |= {} if volume is None else {"volume": volume}
    trades = _found(header_names.TRADES, header)
    prices = candles.keys() & {"open", "high", "low"}
    if not prices and {"price", "amount"} <= trades.keys():
        holds, columns = Holds.TRADES, trades
    else:
        holds, columns = Holds.CANDLES, candles
    if len(columns) < 2:
        raise _shapeless(table)
    missing = next((role for role in holds.needed if role not in columns), None)
    if missing is not None:
        raise _lacking(table, header, missing)
    symbol = find(header_names.SYMBOL, header)
    return Layout(holds, columns if symbol is None else columns | {"symbol": symbol})


def _found(names: Mapping[str, Sequence[str]], header: Sequence[str]) -> dict[str, int]:
    """Role -> place, each place once."""
    found: dict[str, int] = {}
    for role, known in names.items():
        place = find(known, header)
        if place is not None and place not in found.values():
            found[role] = place
    return found


def _lacking(table: Table, header: Sequence[str], role: str) -> FileRefused:
    name, columns = table.source.name, _told(table.header)
    if role == "time" and find(header_names.CLOSING_TIMES, header) is not None:
        return FileRefused(
            tr(
                "{name}: the header has no column for {role} (candles are named by "
                "their opening time, a closing time will not do). It has: {columns}. "
                "Say which column it is, or name it {role} in the file.",
                name=name,
                role=role,
                columns=columns,
            )
        )
    return FileRefused(
        tr(
            "{name}: the header has no column for {role}. It has: {columns}. Say "
            "which column it is, or name it {role} in the file.",
            name=name,
            role=role,
            columns=columns,
        )
    )


def _shapeless(table: Table) -> FileRefused:
    first = table.header or (table.sample[0] if table.sample else ())
    line = (table.separator or ", ").join(first)[:60]
    where = table.where(table.skip + (not table.header))
    if table.header or not first or not re.fullmatch(TIME, first[0]):
        return FileRefused(
            tr(
                "{where}: this is neither a header (time, open, high, low, close, "
                "volume) nor a candle that begins with its time: {line!r}. Choose a "
                "file of candles or trades, or say which columns it has.",
                where=where,
                line=line,
            )
        )
    return FileRefused(
        tr(
            "{where}: a candle needs time, open, high, low and close, a trade time, "
            "price and amount; here are {count} columns. Choose a file of candles or "
            "trades, or say which columns it has.",
            where=where,
            count=len(first),
        )
    )


def _told(header: Sequence[str]) -> str:
    return ", ".join(header)[:200]
