"""What the program's own strategies say is stored in English and said in the person's language."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain.candles import Candles
from engine.domain.strategy import read_params
from engine.messages.reason_words import known_reason
from engine.strategies import STRATEGIES
from engine.strategies.guard import ask
from engine.strategies.reason_text import reason_names


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("number", ["97,180.4", "-0.3", "n/a", "\u2026"])
def test_every_reason_of_a_built_in_strategy_has_words(name: str, number: str) -> None:
    close = np.linspace(100.0, 110.0, 4_000)
    at = 60_000 * np.arange(len(close), dtype=np.int64)
    candles = Candles(at, close, close, close, close, np.ones(len(close)), 60_000)
    strategy = STRATEGIES[name]
    reasons = ask(strategy, candles, read_params(strategy, {})).reasons
    assert reasons
    for reason in reasons:
        for wanted in reason_names(reason):
            reason = reason.replace(f"{{{wanted}}}", number)
        assert known_reason(reason) == reason


def test_what_another_strategy_says_stays_as_it_is() -> None:
    assert known_reason("my own signal, above trend 3") == ""
