"""The console against results worked out by hand: every option, through its real entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.by_hand.cases import COSTS, FUTURES, RULES, SIZES, Case
from tests.cli.by_hand.exits import EXITS
from tests.cli.by_hand.playing import (
    BEGINS_AT,
    arguments,
    play,
    trade_lines,
    write_bars,
)
from tests.cli.console import answer, call, refused
from tests.runtime.support import MINUTE

CASES = (*COSTS, *SIZES, *FUTURES, *EXITS, *RULES)
FLAT = "100*4"
ELSEWHERE = {
    "--help", "--json", "--candles", "--archive", "--symbol", "--timeframe", "--from", "--to",
    "--data-dir", "--no-store", "--strategy", "--set", "--signals", "--fine", "--funding",
    "--extra",
}  # fmt: skip
"""Options of the tests below, of test_commands, test_archive and test_extra."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_as_worked_out_by_hand(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = play(tmp_path, capsys, case.bars, case.signals, *case.options.split())
    assert trade_lines(document) == list(case.trades)
    assert document["refusals"] == case.refusals
    counts = {code: one["count"] for code, one in document["blocked"].items()}
    priced = {code: one["pnl"] for code, one in document["blocked"].items() if one["priced"]}
    assert (counts, priced) == (case.refusals, case.blocked)
    assert document["metrics"]["trades"] == len(case.trades)
    assert document["fine"] is None


def test_every_option_has_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call(capsys, "backtest", "--help")
    usage = capsys.readouterr().out
    options = {word.strip("[],") for word in usage.split() if word.strip("[]").startswith("--")}
    used = {word for case in CASES for word in case.options.split() if word.startswith("--")}
    used |= {"--fee-pct", "--size"}
    assert options - ELSEWHERE == used


def test_the_band_holds_both_ends_of_a_doubtful_trade(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The first trade is over in the bar that holds 95 and 105, the second at 95 on every path.
    bars = "100*2, 100 106 92 100, 100*2, 100 101 95 95, 95*1"
    more = ("--stop-loss-pct", "5", "--take-profit-pct", "5", "--size", "quote:1000")
    document = play(tmp_path, capsys, bars, "0 buy, 3 buy", *more)
    assert trade_lines(document) == [
        "long 10 1@100 2@95 stop_loss fees 0 pnl -50 doubtful",
        "long 10 4@100 5@95 stop_loss fees 0 pnl -50",
    ]
    assert document["ambiguity"] == {
        "trades": 1, "pnl_worst": "-100", "pnl": "-100", "pnl_best": "0", "exact": True,
        "judged": 2,
    }  # fmt: skip


def test_finer_candles_decide_and_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Three bars of five minutes. In the second the minutes go up to 106 first, then down to 92: the
    # target at 105 is filled in minute 6. The third one's last minute is missing.
    bars = "100*1, 100 106 92 100, 100*1"
    fine = tmp_path / "fine.csv"
    write_bars(fine, "100*6, 100 106 100 104, 104 104 92 92, 92 100 92 100, 100*5")
    more = ("--stop-loss-pct", "5", "--take-profit-pct", "5", "--timeframe", "5m")
    document = play(tmp_path, capsys, bars, "0 buy", *more, "--fine", fine)
    assert trade_lines(document) == ["long 10 5@100 6@105 take_profit fees 0 pnl 50"]
    assert document["fine"] == {
        "timeframe": "1m", "bars": 3, "decided": 2, "missing": 1, "disagreeing": 0,
        "share_pct": pytest.approx(200 / 3),
    }  # fmt: skip
    coarse = play(tmp_path, capsys, bars, "0 buy", *more)
    assert trade_lines(coarse) == ["long 10 5@100 5@95 stop_loss fees 0 pnl -50 doubtful"]


@pytest.mark.parametrize(
    ("head", "rate", "action", "pnl"),
    [
        # 50 coins worth 5,000; a hundredth of a percent is 0.5, paid twice: bars 2 and 3 open.
        ("rate", "0.0001", "buy", "-1"),
        ("rate_pct", "0.01", "buy", "-1"),
        ("rate", "0.0001", "short", "1"),
        ("rate", "-0.0001", "short", "-1"),
    ],
)
def test_funding(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    head: str,
    rate: str,
    action: str,
    pnl: str,
) -> None:
    # Bar 1's is due before its open, when nothing is held yet; the last one is after the end.
    times = [BEGINS_AT + minute * MINUTE for minute in (1, 2, 3, 5)]
    path = tmp_path / "funding.csv"
    path.write_text(f"time,{head}\n" + "".join(f"{at},{rate}\n" for at in times))
    more = ("--leverage", "5", "--funding", path)
    document = play(tmp_path, capsys, "100*5", f"0 {action}", *more)
    side = "long" if action == "buy" else "short"
    assert trade_lines(document) == [f"{side} 50 1@100 4@100 end_of_data fees 0 pnl {pnl}"]
    assert document["metrics"]["funding"] == pnl


def test_funding_out_of_the_margin_brings_the_liquidation_nearer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # 1,000 of margin carry 40 coins worth 4,000; 0.4 of it is paid in bar 2, so that it is used up
    # at (4,000 - 999.6) / 40 = 75.01, rounded up to a whole step.
    path = tmp_path / "funding.csv"
    path.write_text(f"time,rate_pct\n{BEGINS_AT + 2 * MINUTE},0.01\n")
    more = ("--leverage", "4", "--maintenance-pct", "0", "--funding", path)
    document = play(tmp_path, capsys, "100*4, 100 100 70 70", "0 buy", *more)
    assert trade_lines(document) == ["long 40 1@100 4@76 liquidation fees 0 pnl -960.4"]


def test_the_figures_of_two_trades(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Eleven coins from 100 to 110, then ten from 110 to 105; a thousandth of each fill is its fee:
    # 1.1 + 1.21, then 1.1 + 1.05.
    bars = "100*2, 110*2, 105*2"
    more = ("--fee-pct", "0.1", "--size", "quote:1100")
    document = play(tmp_path, capsys, bars, "0 buy, 1 sell, 2 buy, 3 sell", *more)
    assert trade_lines(document) == [
        "long 11 1@100 2@110 signal fees 2.31 pnl 107.69",
        "long 10 3@110 4@105 signal fees 2.15 pnl -52.15",
    ]
    metrics = document["metrics"]
    expected = {
        "net_profit": "55.54", "fees": "4.46", "equity_first": "10000", "equity_last": "10055.54",
        "trades": 2, "wins": 1, "losses": 1, "win_rate_pct": 50, "return_pct": 0.5554,
        "gross_profit": "107.69", "gross_loss": "-52.15", "best_trade": "107.69",
        "worst_trade": "-52.15", "trades_long": 2, "trades_short": 0, "turnover": "4460",
        "win_rate_short_pct": None, "buy_and_hold": "500", "slippage_cost": "0",
    }  # fmt: skip
    assert {name: metrics[name] for name in expected} == expected
    assert metrics["profit_factor"] == pytest.approx(107.69 / 52.15)
    # The peak is 10,107.69 after the first trade, the trough what was left at the end.
    assert metrics["max_drawdown"] == "52.15"
    assert metrics["by_exit_reason"].keys() == {"signal"}
    assert metrics["quality"]["bars"] == document["bars"] == 6


@pytest.mark.parametrize(
    "options",
    [
        "--size risk:1",
        "--trailing-before-pct 3",
        "--trailing-pct 2 --trailing-before-pct 3",
        "--trailing-activate-pct 3",
        "--maintenance-pct 1",
        "--leverage 125 --maintenance-pct 1",
        "--leverage 1.5",
        "--size pct:10 --position-pct 10",
        "--size pct:26",
        "--target-steps 60:2,0:5",
        "--target-steps 0:5,",
        "--partial-targets 4:50,2:50",
        "--partial-targets 2:60,4:50",
        "--dca 4:1,2:1",
        "--stop-guard 3",
        "--stop-guard 11:60",
        "--path worst",
        "--fee-coin BNB",
        "--fine bars.csv",
        "--fine nowhere.csv",
        "--funding signals.csv",
        "--leverage 2 --funding signals.csv",
        "--from 2030-01-01",
        "--timeframe 7x",
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_leaves_nothing_behind(
    options: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    more = [*options.split(), "--data-dir", "kept", "--json"]
    said = refused(capsys, *arguments(tmp_path, FLAT, "0 buy", more))
    assert said.rstrip().endswith(".")
    assert not (tmp_path / "kept").exists()


def test_a_stored_session_says_the_same_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = "100*2, 100 106 92 100, 100*2, 100 101 95 95, 95*1"
    more = ("--stop-loss-pct", "5", "--take-profit-pct", "5", "--cooldown-min", "2")
    unstored = play(tmp_path, capsys, bars, "0 buy, 2 buy, 3 buy", *more)
    folder = tmp_path / "kept"
    stored = play(tmp_path, capsys, bars, "0 buy, 2 buy, 3 buy", *more, "--data-dir", folder)
    again = play(tmp_path, capsys, bars, "0 buy, 2 buy, 3 buy", *more, "--data-dir", folder)
    assert unstored | {"session_id": 1, "stored": True} == stored
    assert again == stored | {"session_id": 2}
    assert answer(capsys, "sessions", "show", "S-0002", "--data-dir", folder) == again
    exported = answer(capsys, "sessions", "export", "1", "--data-dir", folder)
    assert stored.items() <= exported.items()
    assert exported["chain_intact"] is True
    listed = answer(capsys, "sessions", "list", "--data-dir", folder)
    assert [one["session_id"] for one in listed] == [2, 1]
    assert {one["hash"] for one in listed} == {unstored["hash"]}


def test_what_happened_can_be_exported_event_by_event(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Adds 5 at 98, closes half of the ten at 101 (2 % above 99), is refused the last step.
    bars = "100*2, 100 100 98 98, 98 101 98 101, 101 101 70 70, 70*1"
    more = ("--dca", "2:1,30:40", "--partial-targets", "2:50", "--size", "pct:5")
    folder = tmp_path / "kept"
    stored = play(tmp_path, capsys, bars, "0 buy", *more, "--data-dir", folder)
    assert trade_lines(stored) == ["long 10 1@99 5@85 end_of_data fees 0 pnl -135"]
    assert stored["refusals"] == {"max_position": 1}
    events = answer(capsys, "sessions", "export", "1", "--data-dir", folder)["events"]
    assert [(one["kind"], one.get("code")) for one in events if one["no"]] == [
        ("session_started", None),
        ("signal", None),
        ("intent", None), ("fill", None), ("trade_opened", None),
        ("level_touched", None), ("intent", None), ("fill", None), ("position_added", None),
        ("level_touched", "partial_target"), ("intent", None), ("fill", None),
        ("refusal", "max_position"),
        ("intent", None), ("fill", None), ("trade_closed", "end_of_data"),
        ("session_ended", "end_of_data"),
    ]  # fmt: skip
    assert [one["cash"] for one in events if one["kind"] == "fill"] == [
        "9500", "9010", "9515", "9865",
    ]  # fmt: skip
