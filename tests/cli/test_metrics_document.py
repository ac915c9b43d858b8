"""Figures for programs: exact money as text, numbers, and null."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from engine.core.metrics import report
from engine.domain.money import Scale
from engine.domain.reasons import ExitReason
from engine.runtime.documents.metrics_document import excursion_documents, metrics_document
from tests.core.measured import two_trades
from tests.core.story import HOUR, MINUTE, T0, Story, flat, minutes

SCALE = Scale(Decimal("0.01"), Decimal("0.001"))


def test_the_keys_of_the_first_version_stand_as_they_did() -> None:
    events, bars = two_trades()
    found = metrics_document(report(events, bars, bars, MINUTE), SCALE)
    assert found["net_profit"] == "0.018"
    assert found["return_pct"] == pytest.approx(0.18)
    assert (found["trades"], found["win_rate_pct"], found["fees"]) == (2, 50.0, "0")
    assert found["profit_factor"] == pytest.approx(25_000 / 23_200)
    assert (found["max_drawdown"], found["equity_first"]) == ("0.232", "10")
    assert found["max_drawdown_pct"] == pytest.approx(100 * 23_200 / 1_025_000)
    assert found["equity_last"] == "10.018"


def test_money_is_text_ratios_are_numbers_and_groups_are_objects() -> None:
    events, bars = two_trades()
    found = metrics_document(report(events, bars, bars, MINUTE, "ABC/USDT"), SCALE)
    assert (found["gross_loss"], found["average_win"], found["turnover"]) == (
        "-0.232",
        "0.25",
        "10.586",
    )
    assert found["payoff_ratio"] == pytest.approx(25_000 / 23_200)
    assert found["sharpe"] is None
    assert found["cagr_pct"] is None
    assert found["drawdown_peak_at"] == T0 + 3 * MINUTE
    assert found["by_exit_reason"]["signal"] == {
        "trades": 2,
        "wins": 1,
        "win_rate_pct": 50.0,
        "net_profit": "0.018",
        "average": "0.009",
        "profit_factor": found["profit_factor"],
        "fees": "0",
    }
    assert list(found["by_symbol"]) == ["ABC/USDT"]
    assert set(found["by_weekday"]) == {"saturday"}
    assert found["quality"] == {
        "bars": 5,
        "bars_expected": 5,
        "bars_present_pct": 100.0,
        "gaps": 0,
        "longest_gap_bars": 0,
        "longest_gap_ms": 0,
    }


def test_no_number_is_nan_or_infinite() -> None:
    empty = flat(())
    busy = Story(1_000)
    busy.enter(T0, 1, 1, 1_000)
    busy.leave(T0 + HOUR, 1, 1, ExitReason.LIQUIDATION)
    for story, bars in ((Story(0), empty), (Story(1), flat([1])), (busy, flat([1_000, 1]))):
        found = metrics_document(report(story.events, bars, bars, MINUTE), SCALE)
        json.dumps(found, allow_nan=False)


def test_each_trade_gains_its_extremes() -> None:
    story = Story(1_000_000)
    story.enter(T0, 1, 10, 1_000)
    story.leave(T0 + MINUTE, 10, 1_010)
    bars = minutes([(1_000, 1_020, 990, 1_010), (1_010, 1_010, 1_010, 1_010)])
    found = excursion_documents(report(story.events, bars, bars, MINUTE), SCALE)
    assert found == [{"mfe": "0.002", "mae": "-0.001", "mfe_pct": 2.0, "mae_pct": -1.0}]
