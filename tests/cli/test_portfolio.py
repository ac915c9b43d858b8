"""`trader-engine portfolio`: bots from a TOML file, one balance, one document."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.console import answer, call, refused
from tests.runtime.support import write_candles

BOTS = """
[[bots]]
name = "one"
candles = "a.csv"
symbol = "BTC/USDT"
strategy = "ema_cross"
stop-loss-pct = 0.4
size = "pct:20"
partial-targets = "0.3:50,0.6:50"
[bots.params]
fast = 10

[[bots]]
candles = "b.csv"
symbol = "ETH/USDT"
strategy = "grid"
take_profit_pct = 1.5
no-risk-rules = true
"""


@pytest.fixture
def bots(tmp_path: Path) -> Path:
    write_candles(tmp_path / "a.csv", 300, 5)
    write_candles(tmp_path / "b.csv", 300, 6, step="0.01")
    path = tmp_path / "bots.toml"
    path.write_text(BOTS)
    return path


def portfolio(bots: Path, *more: object) -> tuple[object, ...]:
    return "portfolio", "--bots", bots, *more


def test_the_document_has_the_account_and_each_bot(
    bots: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = answer(capsys, *portfolio(bots, "--cash", "20000"))
    one, two = document["sessions"]
    assert (one["bot"], two["bot"]) == ("one", "bot-2")
    assert one["settings"]["cash"] == document["cash"] == "20000"
    assert one["settings"]["params"]["fast"] == 10
    assert one["settings"]["stop_loss_pct"] == 0.4
    assert two["settings"]["max_position_pct"] is None
    assert document["stored"] is False
    assert one["session_id"] is None
    metrics = document["metrics"]
    profits = [Decimal(session["metrics"]["net_profit"]) for session in (one, two)]
    assert Decimal(metrics["net_profit"]) == sum(profits)
    assert metrics["trades"] == len(one["trades"]) + len(two["trades"]) > 0
    assert Decimal(metrics["equity_last"]) == 20_000 + sum(profits)
    for code, count in document["refusals"].items():
        assert count == one["refusals"].get(code, 0) + two["refusals"].get(code, 0)


def test_limits_are_kept_and_said(bots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    free = answer(capsys, *portfolio(bots))
    limited = answer(capsys, *portfolio(bots, "--max-open-positions", 1))
    assert free["metrics"]["most_open_positions"] == 2
    assert limited["metrics"]["most_open_positions"] == 1
    assert limited["max_open_positions"] == 1
    assert limited["refusals"]["max_open_positions"] > 0
    assert "max_open_positions" not in free["refusals"]


def test_a_portfolio_of_one_is_the_backtest(bots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bots.write_text(BOTS.partition("\n\n[[bots]]")[0])
    document = answer(capsys, *portfolio(bots))
    (session,) = document["sessions"]
    words = ["--candles", str(bots.parent / "a.csv"), "--symbol", "BTC/USDT"]
    words += ["--strategy", "ema_cross", "--set", "fast=10", "--stop-loss-pct", "0.4"]
    words += ["--size", "pct:20", "--partial-targets", "0.3:50,0.6:50"]
    backtest = answer(capsys, "backtest", *words)
    assert {"bot": "one"} | backtest == session
    account = document["metrics"]
    assert account.pop("most_open_positions") == 1
    assert len(account) > 30
    assert account == {name: backtest["metrics"][name] for name in account}


def test_stored_it_is_a_session_for_each_bot(
    bots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    document = answer(capsys, *portfolio(bots, "--data-dir", folder))
    assert document["portfolio_id"] == 1
    for session in document["sessions"]:
        number = session["session_id"]
        shown = answer(capsys, "sessions", "show", number, "--data-dir", folder)
        assert {"bot": session["bot"]} | shown == session


def test_a_person_reads_a_table(bots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, text, _ = call(capsys, *portfolio(bots))
    assert status == 0
    assert "net profit" in text
    assert "bot-2" in text
    assert "not stored" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[bots]", "is not a TOML file"),
        ("cash = 5", "[[bots]] table"),
        ("bots = 5", "[[bots]] table"),
        ("", "1 to 100 bots"),
        (BOTS.replace("0.4", "-1"), "one: "),
        (BOTS.replace("stop-loss-pct", "stop-loss"), "one: Unrecognized arguments"),
        (BOTS.replace("stop-loss-pct", "cash"), "one: cash belongs to the portfolio"),
        (BOTS.replace("0.4", "[1]"), "one: stop-loss-pct must be a number or a text"),
        (BOTS.replace("0.4", "false"), "one: Argument --stop-loss-pct: expected one argument"),
        (BOTS.replace("stop-loss-pct = 0.4", "no-rules = false"), "one: Unrecognized arguments"),
        (BOTS.replace("stop-loss-pct = 0.4", "help = true"), "one: Unrecognized arguments"),
        (BOTS.replace("no-risk-rules", 'to = "2001-01-01"\nno-risk-rules'), "bot-2: No candle of"),
        (BOTS.replace("fast = 10", "speed = 10"), "one: "),
        (BOTS.replace("[bots.params]\nfast = 10", "params = 5"), "one: params must be a table"),
        (BOTS.replace('"a.csv"', '"nowhere.csv"'), "one: "),
        (BOTS.replace("ETH/USDT", "ETH/EUR"), "different coins"),
    ],
)
def test_wrong_files_are_one_line(
    bots: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    bots.write_text(text)
    assert words in refused(capsys, *portfolio(bots))


def test_a_switch_that_is_false_is_left_out(bots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for line in ("no-risk-rules = true", "no-risk-rules = false", ""):
        bots.write_text(BOTS.replace("no-risk-rules = true", f"cooldown-min = 5\n{line}"))
        found.append(answer(capsys, *portfolio(bots))["sessions"][1]["settings"]["cooldown_min"])
    assert found == [None, 5, 5]


def test_wrong_options_are_one_line(bots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot be read" in refused(capsys, *portfolio(bots.parent / "none.toml"))
    assert "Open positions" in refused(capsys, *portfolio(bots, "--max-open-positions", 0))
    assert "Exposure" in refused(capsys, *portfolio(bots, "--max-exposure-pct", 101))
    assert "--bots" in refused(capsys, "portfolio")
