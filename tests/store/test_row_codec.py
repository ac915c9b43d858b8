from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.domain.rows import Rows
from engine.errors import RecordDamaged
from engine.store.row_codec import PACK_FROM, decode, encode
from tests.store.samples import some_rows

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)


def same(one: Rows, other: Rows) -> bool:
    return (
        one.table.shape == other.table.shape
        and one.table.dtype == other.table.dtype
        and one.table.tobytes() == other.table.tobytes()
        and one.volume.tobytes() == other.volume.tobytes()
    )


@given(count=st.sampled_from([0, 1, 5, PACK_FROM - 1, PACK_FROM, 200]), draw=st.data())
def test_any_numbers_come_back_bit_for_bit(count: int, draw: st.DataObject) -> None:
    table = draw.draw(arrays.arrays(np.int64, (count, 6), elements=INT64))
    volume = draw.draw(arrays.arrays(np.float64, count))
    assert same(decode(encode(Rows(table, volume))), Rows(table, volume))


def test_views_and_other_layouts_come_back_too() -> None:
    rows = some_rows(500)
    views = Rows(rows.table[::2], rows.volume[::2])
    fortran = Rows(np.asfortranarray(rows.table), rows.volume)
    assert same(decode(encode(views)), Rows(views.table.copy(), views.volume.copy()))
    assert same(decode(encode(fortran)), rows)


def test_packing_pays() -> None:
    rows = some_rows(10_000)
    assert len(encode(rows)) < rows.table.nbytes / 2


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
