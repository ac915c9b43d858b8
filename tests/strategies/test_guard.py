"""A strategy's mistakes: sentences, not crashes, and never a half-believed column."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.domain.candles import Candles
from engine.domain.extra_feeds import Extra, extras_of, followed_in_time
from engine.domain.strategy import Params, Signals
from engine.errors import StrategyFailed
from engine.strategies.guard import ask, checked
from engine.strategies.reason_text import fill_reason

COUNT = 5


def candles() -> Candles:
    ones = np.ones(COUNT)
    return Candles(60_000 * np.arange(COUNT), ones, ones, ones, ones, ones, 60_000)


def good() -> Signals:
    no = np.zeros(COUNT, np.bool_)
    yes = no.copy()
    yes[2] = True
    return Signals(
        yes, no, no, no, np.zeros(COUNT, np.int64), ("at {line}",), {"line": np.arange(5.0)}
    )


class Broken:
    name = "broken"
    title = "Broken"
    summary = "Fails."
    parameters = ()

    def __init__(self, answer: object = None) -> None:
        self.answer = answer

    def warmup(self, params: Params) -> int:
        return 0

    def check(self, params: Params) -> None:
        return None

    def signals(self, candles: Candles, params: Params) -> Signals:
        if callable(self.answer):
            self.answer(candles)
        return self.answer  # type: ignore[return-value]


def test_a_good_answer_passes_unchanged() -> None:
    signals = ask(Broken(good()), candles(), {})
    assert signals.packed().tolist() == good().packed().tolist()
    assert fill_reason(signals, 2, 2) == "at 2.00"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"buy": np.zeros(4, np.bool_)}, "4 values in column 'buy' for 5 candles"),
        ({"sell": np.array([np.nan, 1, 0, 0, np.nan])}, "float64 in column 'sell'.*2 of 5.*NaN"),
        ({"short": np.array([0, 1, 0, 0, 0])}, "int64 in column 'short'"),
        ({"cover": np.zeros((5, 1), np.bool_)}, "not a column"),
        ({"cover": np.array([True, None, False, None, False])}, "object.*2 of 5.*NaN"),
        ({"buy": True}, "not a column"),
        ({"buy": None}, "not a column"),
        ({"reason": np.array([0, 0, 7, 0, 0])}, "reason number 7 but has 1"),
        ({"reason": np.zeros(5)}, "float64 in column 'reason'"),
        ({"reasons": ("below {lime}",)}, "names {lime} in a reason"),
        ({"reasons": "text"}, "not a tuple of texts"),
        ({"indicators": {"line": np.zeros(3)}}, "3 values in indicator 'line'"),
        ({"indicators": {"line": np.array(list("abcde"))}}, "indicator 'line'"),
    ],
)
def test_a_wrong_answer_is_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(StrategyFailed, match=words) as failed:
        checked(replace(good(), **change), COUNT, "mine")  # type: ignore[arg-type]
    assert failed.value.words.startswith("mine ")
    assert "Correct the strategy" in failed.value.words


def test_no_answer_at_all_is_named() -> None:
    with pytest.raises(StrategyFailed, match="NoneType instead of Signals"):
        ask(Broken(None), candles(), {})


def test_pandas_columns_are_welcome_and_infinite_lines_are_not_drawn() -> None:
    answer = replace(
        good(),
        buy=pd.Series([False, False, True, False, False]),  # type: ignore[arg-type]
        indicators={"line": np.array([1.0, np.inf, 2.0, np.nan, 3.0])},
    )
    signals = checked(answer, COUNT)
    assert signals.buy.dtype == np.bool_
    assert np.isnan(signals.indicators["line"]).tolist() == [False, True, False, True, False]


def test_an_exception_becomes_a_sentence_with_its_line_and_the_traceback_behind_it() -> None:
    def divide(candles: Candles) -> None:
        raise ZeroDivisionError("no volume")

    with pytest.raises(StrategyFailed) as failed:
        ask(Broken(divide), candles(), {})
    assert "broken failed in test_guard.py, line " in failed.value.words
    assert "ZeroDivisionError: no volume" in failed.value.words
    assert "Traceback" in failed.value.details
    assert "raise ZeroDivisionError" in failed.value.details


def test_a_strategy_cannot_change_the_candles_of_others() -> None:
    def meddle(candles: Candles) -> None:
        candles.close[0] = 5

    mine = candles()
    with pytest.raises(StrategyFailed, match="read-only"):
        ask(Broken(meddle), mine, {})
    assert mine.close[0] == 1
    assert mine.close.flags.writeable


class Wanting(Broken):
    def __init__(self, wanted: object) -> None:
        super().__init__(good())
        self.wanted = wanted

    def extras(self, params: Params) -> tuple[Extra, ...]:
        if callable(self.wanted):
            self.wanted()
        return self.wanted  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        (("ETH/USDT",), "'ETH/USDT' as an extra feed"),
        ((Extra("", 0),), "as an extra feed"),
        ((Extra("", 60_000, -1),), "as an extra feed"),
        (7, "TypeError"),
        (lambda: 1 / 0, "division by zero"),
    ],
)
def test_a_wrong_wish_for_an_extra_feed_is_a_sentence(wanted: object, word: str) -> None:
    with pytest.raises(StrategyFailed, match=word):
        ask(Wanting(wanted), candles(), {})


def test_extra_candles_cannot_be_written_to_either() -> None:
    mine = followed_in_time("ETH/USDT", candles())

    def meddle(given: Candles) -> None:
        (extra,) = extras_of(given)
        extra.candles.close[0] = 5.0

    strategy = Wanting((Extra("ETH/USDT", 60_000, 3),))
    strategy.answer = meddle
    with pytest.raises(StrategyFailed, match="read-only"):
        ask(strategy, candles(), {}, (mine,))
    assert mine.candles.close.tolist() == [1.0] * COUNT
