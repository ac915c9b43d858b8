"""`--extra`: candles of another market that the strategy follows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.strategies import STRATEGIES
from tests.cli.console import answer, call, refused
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


def run(files: Path, *more: object) -> tuple[object, ...]:
    bots = ("--bots", 1, "--speed", 0, "--for", 50, "--data-dir", files / "bots")
    return ("run", "--candles", files / "btc.csv", *bots, *more)


def test_a_bot_follows_it_as_the_backtest_does(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wish = ("--set", "fast=7", "--extra", f"ETH/USDT:5m={files / 'eth=usdt.csv'}")
    follows = ("--strategy", FollowsEther.name, *wish)
    status, out, err = call(capsys, *run(files, *follows), "--json")
    assert (status, err) == (0, "")
    assert json.loads(out.splitlines()[-1])["code"] == "end_of_data"
    (paper,) = answer(capsys, "sessions", "list", "--data-dir", files / "bots")
    assert paper["hash"] == answer(capsys, *backtest(files, *wish))["hash"]
    assert call(capsys, *run(files, *follows))[0] == 0, "a bot that is there goes on"
    assert call(capsys, *run(files, "--strategy", FollowsEther.name))[0] == 0
    for other in (("--set", "fast=8", *wish[2:]), ("--extra", "ETH/USDT:5m=other.csv")):
        said = refused(capsys, *run(files, "--strategy", FollowsEther.name, *other))
        assert "btc-follows_ether-1 is there already" in said


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (("--strategy", FollowsEther.name), "also follows ETH/USDT 5m"),
        (("--extra", "ETH/USDT:5m=e.csv"), "follows no other market"),
        (("--extra", "ETH/USDT:5m"), "is not SYMBOL:TIMEFRAME=FILE"),
        (("--strategy", "grid", "--signals", "s.csv"), "--signals goes with"),
    ],
)
def test_what_a_bot_cannot_follow_is_said(
    files: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], word: str
) -> None:
    assert word in refused(capsys, *run(files, *more))


def test_the_simulated_market_has_every_symbol_itself(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--bots", 1, "--speed", 60, "--for", 1, "--data-dir", files / "bots")
    extra = ("--extra", "ETH/USDT:5m=e.csv")
    assert "go with --candles" in refused(capsys, "run", "--simulated", *words, *extra)
    assert not (files / "bots").exists()


@pytest.mark.parametrize("verb", ["backtest", "run", "sweep"])
def test_help_tells_of_it(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([verb, "--help"])
    assert "--extra SYMBOL:TIMEFRAME=FILE" in capsys.readouterr().out
