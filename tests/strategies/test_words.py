"""What the program's own strategies say has a place among the words that are translated."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.domain.strategy_words import _REFUSALS, _WORDS, strategy_refusal
from engine.errors import InvalidSetting
from engine.strategies import BUILT_IN, STRATEGIES

UNITS = ("", "min", "\u03c3")
"""The same everywhere."""


def test_every_word_of_every_strategy_is_known() -> None:
    own = [STRATEGIES[name] for name in BUILT_IN]
    said = {strategy.summary for strategy in own} | {
        text
        for strategy in own
        for parameter in strategy.parameters
        for text in (parameter.label, parameter.unit, parameter.hint)
        if text not in UNITS
    }
    assert said == set(_WORDS)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("ema_cross", {"fast": 30, "slow": 20}),
        ("rsi_reversion", {"oversold": 30, "overbought": 70, "leave": 10}),
    ],
)
def test_refusals_are_said_again_word_by_word(name: str, params: dict[str, int | Decimal]) -> None:
    with pytest.raises(InvalidSetting) as refused:
        STRATEGIES[name].check(params)
    words = refused.value.words
    assert any(pattern.fullmatch(words) for pattern, _ in _REFUSALS)
    assert strategy_refusal(words) == words
    assert strategy_refusal("A strategy of one's own says this.").startswith("A strategy")
