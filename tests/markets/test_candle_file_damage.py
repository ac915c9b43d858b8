"""Whatever happens to a file, the answer is a sentence or true candles, never a crash."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import FileRefused
from engine.markets.candle_file import CandleFile, read_candle_file

GOOD = "time,open,high,low,close,volume\n" + "\n".join(
    f"2022-01-01 00:{minute:02}:00,{100 + minute}.5,110.25,99,{100 + minute}.25,7.125"
    for minute in range(9)
)


def taken_or_refused(path: Path) -> CandleFile | FileRefused:
    try:
        return read_candle_file(path)
    except FileRefused as fault:
        return fault


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    place=st.integers(0, len(GOOD)),
    cut=st.integers(0, 40),
    insert=st.one_of(
        st.binary(max_size=6),
        st.sampled_from([b",", b"\n", b'"', b";", b"-", b"1e400", b"nan", b"\r", b",,,,,\n"]),
    ),
)
def test_a_damaged_file_is_refused_or_read_rightly(
    tmp_path: Path, place: int, cut: int, insert: bytes
) -> None:
    text = GOOD.encode()
    path = tmp_path / "damaged.csv"
    path.write_bytes(text[:place] + insert + text[place + cut :])
    file = taken_or_refused(path)
    if isinstance(file, FileRefused):
        assert "damaged.csv" in file.words
        assert file.words.rstrip().endswith(".")
        return
    candles = file.candles
    assert len(candles) == file.report.rows > 0
    assert (np.diff(candles.open_at) >= candles.timeframe_ms).all()
    assert (candles.low > 0).all()
    assert (candles.high >= np.maximum(candles.open, candles.close)).all()
    assert (candles.low <= np.minimum(candles.open, candles.close)).all()
    assert np.isfinite(candles.volume).all()


def test_an_undamaged_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "good.csv"
    path.write_text(GOOD, encoding="utf-8")
    assert read_candle_file(path).candles.close.tolist() == [100.25 + n for n in range(9)]


@pytest.mark.parametrize("length", range(40, len(GOOD) - 1, 7))
def test_a_file_cut_inside_a_line_is_never_half_taken(tmp_path: Path, length: int) -> None:
    """A cut after the last separator cannot be seen; every other cut is refused."""
    path = tmp_path / "cut.csv"
    text = GOOD[:length]
    path.write_text(text, encoding="utf-8")
    last = text.rpartition("\n")[2]
    if last and last.count(",") < 5:
        with pytest.raises(FileRefused):
            read_candle_file(path)
