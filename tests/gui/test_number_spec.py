"""What number fields take and what they say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.domain.strategy import Parameter
from engine.errors import InvalidSetting
from trader_gui.forms.number_spec import NumberSpec, parameter_spec
from trader_gui.forms.trade_fields import TRADE_SPECS

FAST = parameter_spec(Parameter("fast", "Fast EMA", 10, 2, 400, 1, "bars"))


def words(spec: NumberSpec, text: str) -> str:
    with pytest.raises(InvalidSetting) as caught:
        spec.read(text)
    assert caught.value.field == spec.key
    return caught.value.words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Enter a number"),
        ("ten", "Not a number"),
        ("nan", "Not a number"),
        ("1", "Must be 2 to 400"),
        ("2.5", "Must be a whole number"),
        ("401", "Must be 2 to 400"),
        ("2,5", "Write 2.5 with a point"),
    ],
)
def test_a_wrong_parameter_is_told_in_one_sentence(text: str, said: str) -> None:
    assert words(FAST, text) == said


def test_grouped_numbers_and_the_true_minus_are_read() -> None:
    spec = NumberSpec("cash", "Cash")
    assert spec.read(" 10,000.50 ") == Decimal("10000.50")
    assert spec.read("\u22123") == Decimal(-3)


def test_text_never_rounds() -> None:
    cash = TRADE_SPECS["cash"]
    assert cash.text(Decimal(10_000)) == "10,000.00"
    assert cash.text(Decimal("0.12345")) == "0.12345"
    assert TRADE_SPECS["stop_loss_pct"].text(None) == ""


def test_open_ends_of_a_range_are_named() -> None:
    stop = TRADE_SPECS["stop_loss_pct"]
    assert words(stop, "0") == "Must be above 0"
    assert words(stop, "100") == "Must be below 100"
    assert stop.read("") is None


def test_steps_stay_inside_the_range() -> None:
    assert FAST.stepped(Decimal(399), 10) == 400
    assert TRADE_SPECS["stop_loss_pct"].stepped(Decimal("0.1"), -5) == Decimal("0.1")


@pytest.mark.parametrize("text", ["0,500", "0,125", "00,500", "-0,500"])
def test_a_comma_after_a_zero_parts_no_thousands(text: str) -> None:
    """Whoever types it means a half, and 500 would be a thousand times too much."""
    spec = NumberSpec("size", "Size", Decimal(-1000), Decimal(1000))
    with pytest.raises(InvalidSetting, match="with a point"):
        spec.read(text)
