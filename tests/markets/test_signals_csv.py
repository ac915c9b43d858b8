"""Signals files: every line has a candle and an action, or the file is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.domain.candles import Candles
from engine.errors import FileRefused
from engine.markets.signals_csv import FileSignals, load_signals
from engine.strategies import SignalsFile

START = 1_640_995_200_000
ONES = np.ones(10)
CANDLES = Candles(
    START + 60_000 * np.delete(np.arange(11), 5), ONES, ONES, ONES, ONES, ONES, 60_000
)


def load(tmp_path: Path, text: str) -> FileSignals:
    path = tmp_path / "signals.csv"
    path.write_text(text, encoding="utf-8")
    return load_signals(path, CANDLES)


@pytest.mark.parametrize(
    "text",
    [
        "time,action\n2022-01-01 00:01,buy\n2022-01-01 00:03,sell\n2022-01-01 00:03,short",
        "Time;Action\n2022-01-01T00:03Z;SHORT\n2022-01-01T00:03Z;sell\n2022-01-01T00:01Z;Buy\n",
        "1640995260000,buy\n1640995380000,sell\n1640995380000,short\n\n",
        "1640995260000000, buy\n1640995380000000, sell\n1640995380000000, short",
        "note,action,open_time\nx,buy,1640995260\ny,sell,1640995380\nz,short,1640995380",
    ],
)
def test_times_and_actions_in_every_usual_form(tmp_path: Path, text: str) -> None:
    found = load(tmp_path, text)
    assert ((found.open_at - START) // 60_000).tolist() == [1, 3]
    assert found.actions.tolist() == [0b0001, 0b0110]
    assert found.count == 3
    signals = SignalsFile(found.open_at, found.actions).signals(CANDLES, {})
    assert np.flatnonzero(signals.buy).tolist() == [1]
    assert np.flatnonzero(signals.sell).tolist() == [3]
    assert np.flatnonzero(signals.short).tolist() == [3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,action\n2022-01-01 00:05,buy", "line 2: no candle opens at 2022-01-01 00:05 UTC"),
        ("time,action\n2022-01-01 00:01:30,buy", "line 2: no candle opens at 2022-01-01 00:01:30"),
        (
            "time,action\n2022-01-01 00:01,buy\n2023-01-01,buy\n2024-01-01,sell",
            "line 3: .*2 lines in all.*from 2022-01-01 00:00 to 2022-01-01 00:10",
        ),
        ("time,action\n2022-01-01 00:01,hold", "line 2: 'hold' is not an action"),
        ("time,action\n2022-01-01 00:01,", "line 2: '' is not an action"),
        ("time,action\n,buy", "line 2: '' is not a time"),
        ("time,action\nsoon,buy", "line 2: 'soon' is not a time"),
        (
            "time,action\n2022-01-01 00:01,buy\n2022-01-01 00:02,buy\n2022-01-01 00:01,buy",
            "lines 2 and 4: the same action twice",
        ),
        ("time,action\n", "no rows"),
        ("", "empty"),
        ("time,side\n1640995260,buy", "columns time and action"),
        ("1640995260,1,2,3,4,5\n", "columns time and action"),
        ("hello", "columns time and action"),
        ("time,action\n2022-01-01 00:01,buy,now", "line 2: 3 columns"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_words(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        load(tmp_path, text)
