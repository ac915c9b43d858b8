"""Settings that cannot be meant are refused with words and the field's name."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

import pytest

from engine.domain.settings import TradeSettings, ppm
from engine.errors import InvalidSetting
from tests.domain.every_setting import EVERYTHING

GOOD = TradeSettings()


def test_defaults_are_fine() -> None:
    GOOD.check()


def test_every_setting_has_another_value_in_the_one_that_says_everything() -> None:
    EVERYTHING.check()
    said, usual = vars_of(EVERYTHING), vars_of(GOOD)
    assert [name for name in said if said[name] == usual[name]] == ["size_quote"]


def vars_of(settings: TradeSettings) -> dict[str, object]:
    return {field.name: getattr(settings, field.name) for field in fields(settings)}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cash": Decimal(0)}, "cash"),
        ({"cash": Decimal("NaN")}, "cash"),
        ({"fee_pct": Decimal("-0.1")}, "fee_pct"),
        ({"slippage_pct": Decimal(11)}, "slippage_pct"),
        ({"position_pct": Decimal(26)}, "position_pct"),
        ({"position_pct": Decimal(0)}, "position_pct"),
        ({"position_pct": Decimal(101), "max_position_pct": None}, "position_pct"),
        ({"stop_loss_pct": Decimal(100)}, "stop_loss_pct"),
        ({"stop_loss_pct": Decimal("0.00001")}, "stop_loss_pct"),
        ({"take_profit_pct": Decimal(-1)}, "take_profit_pct"),
        ({"trailing_pct": Decimal("Infinity")}, "trailing_pct"),
        ({"trailing_activate_pct": Decimal(1)}, "trailing_activate_pct"),
        ({"cooldown_min": -1}, "cooldown_min"),
        ({"max_trades_per_day": 0}, "max_trades_per_day"),
    ],
)
def test_a_bad_value_names_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        replace(GOOD, **change).check()  # type: ignore[arg-type]
    assert refused.value.field == field
    assert refused.value.words.endswith(".")


LEVELS = (
    "stop_loss_pct",
    "take_profit_pct",
    "trailing_pct",
    "trailing_activate_pct",
    "trailing_before_pct",
    "break_even_pct",
    "max_position_pct",
)


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_no_level_can_be_what_is_no_number(number: str) -> None:
    """A stop that compares as false with every price would be no stop."""
    for name in LEVELS:
        with pytest.raises(InvalidSetting) as refused:
            replace(EVERYTHING, **{name: Decimal(number)}).check()  # type: ignore[arg-type]
        assert refused.value.field == name


def test_without_rules_a_position_may_take_everything() -> None:
    replace(GOOD, position_pct=Decimal(100), max_position_pct=None).check()


def test_percents_become_exact_parts_per_million() -> None:
    assert ppm(Decimal("0.1")) == 1_000
    assert ppm(Decimal(25)) == 250_000
    assert ppm(Decimal("0.0001")) == 1
