from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.domain.rows import Rows
from engine.errors import RecordDamaged
from engine.store.few_rows import FEW, few_numbers, few_varints
from engine.store.row_codec import DEFLATED, NUMBERS, PACKED, PLAIN, _numbers, decode, encode
from engine.store.varints import from_varints, lengths, to_varints, unzigzag, zigzag
from tests.store.samples import some_rows, some_ticks

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
UINT64 = st.integers(0, (1 << 64) - 1)


def same(one: Rows, other: Rows) -> bool:
    return (
        one.table.shape == other.table.shape
        and one.table.dtype == other.table.dtype
        and one.table.tobytes() == other.table.tobytes()
        and one.volume.tobytes() == other.volume.tobytes()
    )


@given(count=st.sampled_from([0, 1, 2, 5, 64, 200]), draw=st.data())
def test_any_numbers_come_back_bit_for_bit(count: int, draw: st.DataObject) -> None:
    table = draw.draw(arrays.arrays(np.int64, (count, 6), elements=INT64))
    volume = draw.draw(arrays.arrays(np.float64, count))
    assert same(decode(encode(Rows(table, volume))), Rows(table, volume))


@given(count=st.integers(1, FEW), decimals=st.integers(0, 14), draw=st.data())
def test_few_rows_are_written_as_many_are(count: int, decimals: int, draw: st.DataObject) -> None:
    """A recording's hash is of its rows; its pieces are compared byte by byte only here."""
    wild = draw.draw(arrays.arrays(np.int64, (count, 6), elements=INT64))
    table = draw.draw(st.sampled_from([wild, some_ticks(count).table]))
    amounts = st.integers(-5, 10**17).map(lambda amount: float(f"{amount}e-{decimals}"))
    volume = draw.draw(arrays.arrays(np.float64, count, elements=amounts | st.floats()))
    rows = Rows(table, volume)
    assert few_varints(few_numbers(rows)) == to_varints(_numbers(rows))


@given(draw=st.data(), decimals=st.integers(0, 14))
def test_ticks_and_amounts_come_back_bit_for_bit(draw: st.DataObject, decimals: int) -> None:
    rows = some_ticks(draw.draw(st.integers(1, 40)))
    count = st.integers(-5, 10**17)
    texts = [f"{draw.draw(count)}e-{decimals}" for _ in range(len(rows))]
    volume = np.array([float(text) for text in texts])
    assert same(decode(encode(Rows(rows.table, volume))), Rows(rows.table, volume))


def test_a_volume_that_is_no_decimal_comes_back_with_its_sign_and_its_bits() -> None:
    odd = struct.unpack("<d", struct.pack("<Q", 0x7FF8_0000_0000_00AB))[0]
    volume = np.array([0.0, -0.0, odd, np.inf, -np.inf, 5e-324, 0.1 + 0.2, 1e300, -1.5, 2.0**60])
    rows = Rows(some_ticks(len(volume)).table, volume)
    assert same(decode(encode(rows)), rows)


def test_views_and_other_layouts_come_back_too() -> None:
    rows = some_rows(500)
    views = Rows(rows.table[::2], rows.volume[::2])
    fortran = Rows(np.asfortranarray(rows.table), rows.volume)
    assert same(decode(encode(views)), Rows(views.table.copy(), views.volume.copy()))
    assert same(decode(encode(fortran)), rows)


def test_ticks_stay_small_in_small_pieces_and_smaller_in_large_ones() -> None:
    assert len(encode(some_ticks(10))) < 10 * 9
    assert len(encode(some_ticks(1))) < 32
    assert len(encode(some_ticks(10_000))) < 10_000 * 4.6


def test_candles_are_small_too() -> None:
    rows = some_rows(10_000)
    amounts = Rows(rows.table, np.round(rows.volume, 3))
    assert len(encode(amounts)) < 10_000 * 10


def plain(rows: Rows) -> bytes:
    """As the first release wrote few rows."""
    return _blob(PLAIN, rows.table.astype("<i8").tobytes() + rows.volume.astype("<f8").tobytes(), 3)


def packed(rows: Rows) -> bytes:
    """As the first release wrote many."""
    columns = [rows.table[:, column] for column in range(6)]
    numbers = [np.diff(column, prepend=0) for column in columns] + [rows.volume.view(np.int64)]
    planes = np.stack(numbers).astype("<i8").view(np.uint8).reshape(-1, 8).T
    return _blob(PACKED, zlib.compress(np.ascontiguousarray(planes).tobytes(), 1), len(rows))


def _blob(method: int, body: bytes, count: int) -> bytes:
    return struct.pack("<BBII", 1, method, zlib.crc32(body), count) + body


def test_older_recordings_are_read() -> None:
    few, many = some_rows(3), some_rows(200)
    assert same(decode(plain(few)), few)
    assert same(decode(packed(many)), many)


@pytest.mark.parametrize("count", [3, 500])
def test_each_changed_byte_is_noticed(count: int) -> None:
    content = encode(some_rows(count))
    for place in (0, 1, 3, 7, 10, len(content) // 2, len(content) - 1):
        broken = bytearray(content)
        broken[place] ^= 0x40
        with pytest.raises(RecordDamaged, match="recording is damaged"):
            decode(bytes(broken))


@pytest.mark.parametrize("length", [0, 5, 10, 200])
def test_a_cut_blob_is_noticed(length: int) -> None:
    with pytest.raises(RecordDamaged):
        decode(encode(some_rows(500))[:length])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x80",  # cut
        b"\x80" * 10 + b"\x01",  # longer than 64 bits
        b"\x00\x00\x00\x00",  # no rows where three should be
        bytes([13, 0, 0, 0]) + bytes(9),  # more decimals than there are
        bytes([0, 1, 0, 0, 9, 2]) + bytes(9),  # a kind changes after the last row
        bytes([0, 0, 0, 4]) + bytes(9),  # more odd volumes than rows
    ],
)
def test_a_body_that_fits_its_checksum_and_not_its_rows_is_damage(body: bytes) -> None:
    with pytest.raises(RecordDamaged):
        decode(_blob(NUMBERS, body, 3))
    with pytest.raises(RecordDamaged):
        decode(_blob(DEFLATED, zlib.compress(body), 3))
    with pytest.raises(RecordDamaged):
        decode(_blob(DEFLATED + 1, body, 3))


@given(arrays.arrays(np.uint64, st.integers(1, 50), elements=UINT64))
def test_numbers_take_the_bytes_they_need(numbers: np.ndarray) -> None:
    content = to_varints(numbers)
    assert from_varints(content).tolist() == numbers.tolist()
    needed = [max(1, -(-int(number).bit_length() // 7)) for number in numbers]
    assert lengths(numbers).tolist() == needed
    assert len(content) == sum(needed)


def test_signed_numbers_are_small_on_both_sides_of_zero() -> None:
    values = np.array([0, -1, 1, -2, (1 << 63) - 1, -(1 << 63)])
    assert zigzag(values).tolist() == [0, 1, 2, 3, (1 << 64) - 2, (1 << 64) - 1]
    assert unzigzag(zigzag(values)).tolist() == values.tolist()
