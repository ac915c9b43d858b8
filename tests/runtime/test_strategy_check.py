"""The check for look-ahead, over strategies that are known to have none, and some that do."""

from __future__ import annotations

import pytest

from engine.runtime.sources.strategy_check import check_causality, check_words, made_candles
from engine.strategies import BUILT_IN, STRATEGIES
from tests.strategies.test_causality import AsIfOver, Following, Peeking, WithCutBars


@pytest.mark.parametrize("name", sorted(BUILT_IN - {"signals_file"}))
def test_the_programs_own_know_no_future(name: str) -> None:
    finding = check_causality(STRATEGIES[name])
    assert finding.look_ahead is None
    assert finding.same_again
    assert finding.signals > 0
    assert finding.asked > 50


def test_other_markets_and_longer_candles_are_looked_at_too() -> None:
    assert check_causality(Following()).look_ahead is None
    for peeking in (Peeking(), AsIfOver(), WithCutBars()):
        found = check_causality(peeking).look_ahead
        assert found is not None, type(peeking)
        assert found.candles_later > 0


def test_parameters_and_candles_can_be_given() -> None:
    finding = check_causality(STRATEGIES["ema_cross"], {"fast": 3, "slow": 9}, made_candles(150))
    assert finding.candles == 150
    assert "No look-ahead was seen" in check_words("mine.py", finding)
