"""Exits, costs and futures from the command line to the answer, worked out by hand.

Bought at 100 with the open of the second minute, 10 % of 10,000: ten coins. No fees unless said.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import answer
from tests.runtime.support import BEGINS_AT, MINUTE

FLAT = (100, 100, 100, 100)


def test_partial_targets_close_their_shares(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = [FLAT, FLAT, (100, 102, 100, 101), (101, 103, 101, 103), (103, 105, 103, 105), FLAT]
    (trade,) = trades(tmp_path, capsys, bars, "--partial-targets", "2:50,4:50")
    # Five coins at 102, five at 104.
    assert (trade["amount"], trade["entry_price"], trade["exit_price"]) == ("10", "100", "103")
    assert (trade["pnl"], trade["exit_reason"]) == ("30", "partial_target")
    assert trade["exit_time"] == BEGINS_AT + 4 * MINUTE


def test_an_add_moves_the_average_and_its_target(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = [FLAT, FLAT, (100, 100, 97, 98), (98, 100, 98, 100), FLAT]
    more = ("--dca", "2:1", "--take-profit-pct", "1", "--price-step", "0.01")
    (trade,) = trades(tmp_path, capsys, bars, *more)
    # Ten more at 98: twenty at 99 on average, and one percent above that is 99.99.
    assert (trade["amount"], trade["entry_price"], trade["exit_price"]) == ("20", "99", "99.99")
    assert (trade["pnl"], trade["exit_reason"]) == ("19.8", "take_profit")


def test_a_future_pays_funding_and_is_liquidated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    funding = tmp_path / "funding.csv"
    funding.write_text(f"time,rate_pct\n{BEGINS_AT + 2 * MINUTE},0.01\n")
    bars = [FLAT, FLAT, FLAT, FLAT, (100, 100, 70, 70)]
    more = ("--leverage", "4", "--maintenance-pct", "0", "--funding", funding)
    (trade,) = trades(tmp_path, capsys, bars, *more)
    # 1,000 of margin carry forty coins worth 4,000. Funding takes 0.4 of the margin, so that it
    # is used up at (4,000 - 999.6) / 40 = 75.01, rounded up to a whole step.
    assert (trade["amount"], trade["exit_reason"]) == ("40", "liquidation")
    assert trade["exit_price"] == "76"
    assert Decimal(trade["pnl"]) == 40 * (76 - 100) - Decimal("0.4")


def test_fees_in_the_coin_shrink_the_lot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--fee-coin", "base", "--fee-pct", "0.1", "--amount-step", "0.01")
    document = played(tmp_path, capsys, [FLAT] * 4, *more)
    (trade,) = document["trades"]
    # 0.01 of ten coins are kept back: 9.99 can be sold, for 999, less 0.999.
    assert Decimal(trade["fees"]) == Decimal(1) + Decimal("0.999")
    assert Decimal(trade["pnl"]) == -Decimal("1.999")
    assert document["metrics"]["equity_last"] == "9998.001"


@pytest.mark.parametrize(
    ("more", "minute", "price", "reason"),
    [
        (("--time-limit-min", "2"), 3, "104", "time_limit"),
        (("--target-steps", "0:9,1:2"), 2, "102", "target_step"),
        (("--break-even-pct", "3"), 4, "100", "break_even"),
        (("--trailing-pct", "2"), 4, "101", "trailing_stop"),
    ],
)
def test_exits_by_age_and_by_what_was_won(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    minute: int,
    price: str,
    reason: str,
) -> None:
    bars = [FLAT, FLAT, (100, 104, 100, 104), (104, 104, 103, 103), (103, 103, 90, 95), FLAT]
    (trade,) = trades(tmp_path, capsys, bars, *more)
    assert (trade["exit_reason"], trade["exit_price"]) == (reason, price)
    assert trade["exit_time"] == BEGINS_AT + minute * MINUTE


def test_a_rule_says_no_once_its_limit_is_reached(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = [FLAT, FLAT, (100, 100, 80, 80), *[(80, 80, 80, 80)] * 4]
    more = ("--stop-loss-pct", "10")
    for rule, code in (
        (("--daily-loss-pct", "0.5"), "daily_loss"),
        (("--max-drawdown-pct", "0.9"), "max_drawdown"),
        (("--stop-guard", "1:10"), "stop_guard"),
    ):
        document = played(tmp_path, capsys, bars, *more, *rule, signals=((0, "buy"), (4, "buy")))
        assert len(document["trades"]) == 1, code
        assert document["refusals"] == {code: 1}
    document = played(tmp_path, capsys, bars, *more, signals=((0, "buy"), (4, "buy")))
    assert len(document["trades"]) == 2


def trades(tmp_path: Path, capsys: pytest.CaptureFixture[str], bars: Any, *more: object) -> Any:
    return played(tmp_path, capsys, bars, *more)["trades"]


def played(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    bars: list[tuple[int, int, int, int]],
    *more: object,
    signals: tuple[tuple[int, str], ...] = ((0, "buy"),),
) -> Any:
    candles, file = tmp_path / "candles.csv", tmp_path / "signals.csv"
    lines = (
        f"{BEGINS_AT + place * MINUTE},{','.join(map(str, bar))},1"
        for place, bar in enumerate(bars)
    )
    candles.write_text("time,open,high,low,close,volume\n" + "\n".join(lines) + "\n")
    asked = (f"{BEGINS_AT + place * MINUTE},{action}" for place, action in signals)
    file.write_text("time,action\n" + "\n".join(asked) + "\n")
    costless = () if "--fee-pct" in more else ("--fee-pct", "0")
    return answer(
        capsys,
        "backtest", "--candles", candles, "--symbol", "BTC/USDT", "--signals", file,
        "--size", "pct:10", *costless, *more,
    )  # fmt: skip
