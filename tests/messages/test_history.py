"""The history's columns: what cannot be read is found without asking each session alone."""

from __future__ import annotations

import pytest

from engine.messages.history import COLUMNS, History, Values

GOOD = dict.fromkeys(COLUMNS, 0) | {
    "mode": "backtest",
    "status": "finished",
    "money_unit": "0.01",
    "end_reason": None,
    "timeframe_ms": 60_000,
}


def row(number: int, **other: int | float | str | None) -> Values:
    return tuple((GOOD | {"id": number} | other)[name] for name in COLUMNS)


def test_one_unreadable_of_thousands_is_found_in_a_few_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [row(number) for number in range(4_096, 0, -1)]
    rows[1_000] = row(3_096, net_pnl=9e30)
    rows[4_000] = row(96, status="sleeping")
    looks: list[int] = []
    made = History._made

    def counted(some: list[Values]) -> History:
        looks.append(len(some))
        return made(some)

    monkeypatch.setattr(History, "_made", counted)
    history = History.of(rows)
    assert history.unreadable == (3_096, 96)
    assert len(history) == 4_094
    assert len(looks) < 40


def test_of_sessions_that_cannot_be_all_are_named() -> None:
    history = History.of([row(2, started_at="yesterday"), row(1, mode="dream")])
    assert (history.unreadable, len(history)) == ((2, 1), 0)


def test_words_that_nothing_has_any_more_are_gone() -> None:
    history = History.of([row(3, tags="weekend", symbol="ETH/USDT"), row(2), row(1, tags="old")])
    assert history.texts["tags"].names == ("", "old", "weekend")
    untagged = history.changed(History.of([row(3, symbol="ETH/USDT")]), ())
    assert untagged.texts["tags"].names == ("", "old")
    assert [untagged.line(place).tags for place in range(3)] == [(), (), ("old",)]
    deleted = untagged.changed(History.of([]), {3})
    assert deleted.texts["symbol"].names == (str(GOOD["symbol"] or ""),)
    assert [deleted.line(place).id for place in range(2)] == [2, 1]
