"""Figures as words: written as a trader reads them, defined in a tip, a dash where undefined."""

from __future__ import annotations

from decimal import Decimal

from engine.core.metrics import report, values
from engine.domain.money import Scale
from engine.messages.figure_definitions import DEFINITIONS, Kind
from engine.messages.figures import Value, figures, grouped_pairs
from engine.messages.numbers import UNKNOWN
from tests.core.measured import two_trades
from tests.core.story import DAY, HOUR, MINUTE, T0, Story, flat

SCALE = Scale(Decimal("0.01"), Decimal("0.001"))
KEYS = {key for definition in DEFINITIONS for key, _ in definition.parts}


def shown(coin: str = "USDT", **given: Value) -> dict[str, tuple[str, int]]:
    found = figures(dict.fromkeys(KEYS) | given, coin)
    return {figure.label: (figure.text, figure.tone) for figure in found}


def test_every_figure_of_a_report_has_words_and_every_word_a_figure() -> None:
    events, bars = two_trades()
    found = values(report(events, bars, bars, MINUTE), SCALE)
    assert set(found) >= KEYS
    made = figures(found, "USDT")
    assert len(made) == len(DEFINITIONS) == len({figure.label for figure in made})
    assert all(figure.tip.endswith(".") and len(figure.tip) > 15 for figure in made)
    assert all("nan" not in figure.text and "inf" not in figure.text for figure in made)


def test_money_carries_its_sign_coin_and_percent() -> None:
    found = shown(net_profit=Decimal("1234.567"), return_pct=-0.004)
    assert found["Net profit"] == ("+1,234.57 USDT (0.00 %)", 1)
    assert shown(net_profit=Decimal("-0.001"))["Net profit"] == ("0.00 USDT", 0)
    lost = shown("BTC", net_profit=Decimal("-0.5"), return_pct=-12.346)
    assert lost["Net profit"] == ("−0.50000000 BTC (−12.35 %)", -1)
    assert shown(fees=Decimal("3.2"))["Fees"] == ("3.20 USDT", 0)


def test_undefined_is_a_dash_and_a_missing_part_is_left_out() -> None:
    assert shown()["Sharpe"] == (UNKNOWN, 0)
    assert shown(return_pct=5.0)["Net profit"] == (UNKNOWN, 0)
    assert shown(expectancy=Decimal(2))["Expectancy"] == ("+2.00 USDT", 1)


def test_the_other_kinds() -> None:
    found = shown(
        trades=1_400,
        trades_per_day=3.84,
        p_value=0.04321,
        drawdown_ms=3 * DAY + 4 * HOUR + 5 * MINUTE,
        max_drawdown_pct=12.5,
        drawdown_peak_at=T0,
        drawdown_trough_at=T0 + DAY,
        sharpe=-1.006,
    )
    assert found["Trades"][0] == "1,400 (3.84)"
    assert found["Chance of no edge"][0] == "0.043"
    assert found["Drawdown lasted"][0] == "3 d 4 h"
    assert found["Max drawdown"][0] == "12.50 % (2022-01-01, 2022-01-02)"
    assert found["Sharpe"] == ("−1.01", 0)


def test_trades_that_ended_in_the_bar_they_began_in_were_held_for_less_than_one() -> None:
    found = shown(median_holding_ms=0, longest_holding_ms=3_600_000, longest_under_water_ms=None)
    assert found["Median holding"][0] == "< 1 bar"
    assert found["Longest holding"][0] == "1 h"


def test_groups_keep_the_order_of_display() -> None:
    bars = flat([1_000])
    found = figures(values(report(Story(1_000).events, bars, bars, MINUTE), SCALE), "USDT")
    groups = grouped_pairs(found)
    assert list(groups)[:3] == ["Result", "Risk", "Trades"]
    assert groups["Result"][0] == ("Net profit", "0.00 USDT (0.00 %)")
    assert sum(map(len, groups.values())) == len(found)


def test_a_definition_names_known_kinds_only() -> None:
    assert all(isinstance(kind, Kind) for one in DEFINITIONS for _, kind in one.parts)
    assert all(one.tip for one in DEFINITIONS)
