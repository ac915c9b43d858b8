"""A moment as it is typed to go there."""

from __future__ import annotations

import pytest

from engine.errors import InvalidSetting
from trader_gui.forms.typed_moment import Around, typed_moment

DAY, HOUR, MINUTE = 86_400_000, 3_600_000, 60_000
FROM = 20_000 * DAY + 7 * HOUR  # 2024-10-04 07:00
AROUND = Around(FROM + 2 * DAY, FROM, FROM + 9 * DAY, FROM + 8 * DAY)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("14:05", 20_002 * DAY + 14 * HOUR + 5 * MINUTE),
        (" 7:00:30 ", 20_002 * DAY + 7 * HOUR + 30_000),
        ("-2d", FROM),
        ("\u22122d", FROM),
        ("+90m", FROM + 2 * DAY + 90 * MINUTE),
        ("+1w", FROM + 9 * DAY),
        ("- 30 s", FROM + 2 * DAY - 30_000),
        ("Last  Trade", FROM + 8 * DAY),
        ("start", FROM),
        ("end", FROM + 9 * DAY),
        ("2024-10-05", 20_001 * DAY),
        ("2024-10-04", FROM),  # the day on which it began
        ("2024-10-05 14:05", 20_001 * DAY + 14 * HOUR + 5 * MINUTE),
        ("2024-10-05T14:05:00+02:00", 20_001 * DAY + 12 * HOUR + 5 * MINUTE),
    ],
)
def test_it_is_read(text: str, at: int) -> None:
    assert typed_moment(text, AROUND) == at


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Type a time"),
        ("soon", "Write it as 14:05"),
        ("25:00", "A day goes from 00:00 to 23:59"),
        ("12:60", "A day goes from 00:00 to 23:59"),
        ("-3d", "The session runs from 2024-10-04 07:00 to 2024-10-13 07:00 UTC"),
        ("2031-01-01", "The session runs from"),
        ("-999999w", "The session runs from"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        typed_moment(text, AROUND)
    assert refused.value.words.startswith(words)


def test_a_session_without_a_trade_has_no_last_one() -> None:
    with pytest.raises(InvalidSetting, match="no trade"):
        typed_moment("last trade", Around(FROM, FROM, FROM + DAY))
