"""`--extra`: candles of another market that the strategy follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.strategies import STRATEGIES
from tests.cli.console import answer, refused
from tests.runtime.extra_support import FollowsEther, write_ether
from tests.runtime.support import write_candles


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(STRATEGIES, FollowsEther.name, FollowsEther())
    write_candles(tmp_path / "btc.csv", 420)
    write_ether(tmp_path / "eth=usdt.csv")
    return tmp_path


def backtest(files: Path, *more: object) -> tuple[object, ...]:
    strategy = () if "--strategy" in more else ("--strategy", FollowsEther.name)
    candles = ("--candles", files / "btc.csv", "--symbol", "BTC/USDT")
    return ("backtest", *candles, *strategy, *more)


def test_it_is_played_and_named_in_the_settings(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = ("--extra", f"ETH/USDT:5m={files / 'eth=usdt.csv'}")
    document = answer(capsys, *backtest(files, *extra))
    path = str(files / "eth=usdt.csv")
    assert document["settings"]["extras"] == [
        {"symbol": "ETH/USDT", "timeframe": "5m", "path": path}
    ]
    stored = answer(capsys, *backtest(files, *extra, "--data-dir", files / "data"))
    assert stored["hash"] == document["hash"]
    plain = answer(capsys, *backtest(files, "--strategy", "ema_cross"))
    assert plain["settings"]["extras"] is None
    assert 0 < document["metrics"]["trades"] < plain["metrics"]["trades"]


@pytest.mark.parametrize(
    ("extra", "word"),
    [
        ((), "also follows ETH/USDT 5m"),
        (("--extra", "ETH/USDT:5m"), "is not SYMBOL:TIMEFRAME=FILE"),
        (("--extra", "ETH/USDT=eth.csv"), "is not a timeframe"),
        (("--extra", ":5m=eth.csv"), "is not SYMBOL:TIMEFRAME=FILE"),
        (("--extra", "ETH/USDT:5m=nowhere.csv"), "nowhere.csv"),
        (("--strategy", "ema_cross", "--extra", "ETH/USDT:5m=e.csv"), "follows no other market"),
    ],
)
def test_what_is_wrong_with_it_is_said(
    files: Path, capsys: pytest.CaptureFixture[str], extra: tuple[str, ...], word: str
) -> None:
    assert word in refused(capsys, *backtest(files, *extra))


def test_bots_of_a_portfolio_have_theirs(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bot = f"""
[[bots]]
candles = "btc.csv"
symbol = "BTC/USDT"
strategy = "{FollowsEther.name}"
extra = %s
"""
    bots = files / "bots.toml"
    documents = []
    for extra in ('"ETH/USDT:5m=eth=usdt.csv"', '["ETH/USDT:5m=eth=usdt.csv"]'):
        bots.write_text(bot % extra)
        documents.append(answer(capsys, "portfolio", "--bots", bots)["sessions"][0])
    assert documents[0]["hash"] == documents[1]["hash"]
    assert documents[0]["settings"]["extras"][0]["path"] == str(files / "eth=usdt.csv")
    bots.write_text(bot % "7")
    assert "is not a timeframe" in refused(capsys, "portfolio", "--bots", bots)


def test_a_sweep_has_it_too(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wish = ("--set", "fast=3,9", "--extra", f"ETH/USDT:5m={files / 'eth=usdt.csv'}")
    document = answer(capsys, "sweep", *backtest(files, *wish)[1:])
    assert len(document["rows"]) == 2
