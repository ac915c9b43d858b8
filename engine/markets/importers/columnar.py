"""Feather and Parquet: columns with names and types, as freqtrade and pandas write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from engine.domain.columns import FloatColumn
from engine.domain.import_preview import Choices
from engine.errors import FileRefused
from engine.language import tr
from engine.markets.importers.arrow_columns import column_of, floats
from engine.markets.importers.source import NOTHING_TAKEN, Source
from engine.markets.importers.tables import SAMPLE, TEXTS, Cells, Table
from engine.messages.progress import Told

_MOST_DECIMALS: Final = 12
_LAST_BITS: Final = 4
_EXACT: Final = float(1 << 53)
_BUFFER: Final = 1 << 20
"""Bytes of a column that are read at once."""


class _Batches(Protocol):
    """An opened file: its schema, and its rows in batches, of some columns."""

    schema: Any

    def read(self, names: list[str] | None) -> Iterator[Any]: ...


class _Feather:
    def __init__(self, place: Any) -> None:
        self._file = pa.ipc.open_file(place)
        self.schema = self._file.schema

    def read(self, names: list[str] | None) -> Iterator[Any]:
        for number in range(self._file.num_record_batches):
            batch = self._file.get_batch(number)
            yield batch if names is None else batch.select(names)


class _Parquet:
    def __init__(self, place: Any) -> None:
        from pyarrow import parquet

        # Page by page: the buffers of whole column chunks would stay in memory.
        self._file = parquet.ParquetFile(
            place, buffer_size=_BUFFER, pre_buffer=False, page_checksum_verification=True
        )
        self.schema = self._file.schema_arrow

    def read(self, names: list[str] | None) -> Iterator[Any]:
        yield from self._file.iter_batches(columns=names)


_Opened = Callable[[Any], _Batches]
_KINDS: Final[Mapping[str, _Opened]] = {"Feather": _Feather, "Parquet": _Parquet}


def open_columnar(kind: str, source: Source, choices: Choices) -> Table:
    """`kind`: Feather or Parquet. Raises FileRefused for a damaged one."""
    with _whole(source, kind):
        file = _opened(source, kind)
        first = next(file.read(None), None)
        if first is not None:
            first.validate(full=True)
    header = tuple(file.schema.names)
    sample: list[tuple[str, ...]] = []
    if first is not None:
        rows = first.slice(0, SAMPLE)
        cells = [_texts(column) for column in rows.columns]
        sample = list(zip(*cells, strict=True))
    return Table(
        source=source,
        dialect=kind,
        header=header,
        width=len(header),
        sample=tuple(sample),
        blocks=partial(_blocks, source, kind, header),
    )


def _opened(source: Source, kind: str) -> _Batches:
    if source.packing:
        return _KINDS[kind](pa.BufferReader(source.content()))
    return _KINDS[kind](pa.OSFile(str(source.path)))


def _texts(column: pa.Array) -> list[str]:
    """Times as ISO text, which a person can read."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ms", column.type.tz), safe=False)
        zone = "" if column.type.tz is None else "Z"
        plain = column.cast(pa.timestamp("ms")).cast(pa.string())
        return ["" if text is None else f"{text}{zone}" for text in plain.to_pylist()]
    return ["" if cell is None else str(cell) for cell in column.to_pylist()]


def _blocks(
    source: Source,
    kind: str,
    header: tuple[str, ...],
    columns: Mapping[str, int],
    told: Told,
) -> Iterator[Cells]:
    names = list(dict.fromkeys(header[place] for place in columns.values()))
    row, size = 1, source.size
    with _whole(source, kind):
        for batch in _opened(source, kind).read(names):
            batch.validate(full=True)
            read = {
                role: _typed(source, role, batch.column(header[place]))
                for role, place in columns.items()
            }
            yield Cells(read, np.arange(row, row + len(batch), dtype=np.int64))
            row += len(batch)
            told(min(size, row), size)


def _typed(source: Source, role: str, column: pa.Array) -> pa.Array:
    """Numbers as float64; times stay what they are."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if role == "time":
        return column
    try:
        if role in TEXTS:
            return column.cast(pa.string())
        return column_of(without_dust(floats(column.cast(pa.float64()))))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise FileRefused(
            tr(
                "{name}: the column {role} holds {type}, no numbers. {nothing_taken}",
                name=source.name,
                role=role,
                type=column.type,
                nothing_taken=NOTHING_TAKEN,
            ),
            details=str(error),
        ) from None


def without_dust(numbers: FloatColumn) -> FloatColumn:
    """What was 0.00162 before an imprecise program made 0.0016200000000000001 of it.

    Only where every number of the column is, but for its last two bits, one with at most
    _MOST_DECIMALS decimals; all others stay as they are.
    """
    finite = numbers[np.isfinite(numbers)]
    sample = finite[:: max(1, len(finite) // 1_000)]
    with np.errstate(over="ignore", invalid="ignore"):
        for decimals in range(_MOST_DECIMALS + 1):
            if _decimal(sample, decimals) and _decimal(finite, decimals):
                return np.asarray(np.round(numbers, decimals), np.float64)
    return numbers


def _decimal(numbers: FloatColumn, decimals: int) -> bool:
    beside = np.abs(numbers - np.round(numbers, decimals))
    near = beside <= _LAST_BITS * np.spacing(np.abs(numbers))
    return bool(near.all() and (np.abs(numbers) * 10.0**decimals < _EXACT).all())


@contextmanager
def _whole(source: Source, kind: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise FileRefused(
            tr(
                "{name} is a damaged {kind} file. Nothing was taken. Download or export it again.",
                name=source.name,
                kind=kind,
            ),
            details=str(error),
        ) from None
