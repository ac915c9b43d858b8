"""`trader-engine compare-backtest`: the account in words and as JSON, and what is refused."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from engine.store.database import Store
from tests.cli.console import answer, call, refused
from tests.golden.unpacking import GOLDEN, unpack


@pytest.fixture
def stories(tmp_path: Path) -> dict[str, list[int]]:
    """In a data folder that a program of today has opened before."""

    async def bring_up_to_date() -> None:
        await (await Store.open(tmp_path)).close()

    found = unpack(GOLDEN[-1], tmp_path)
    asyncio.run(bring_up_to_date())
    return found


def test_the_account_in_words_and_for_programs(
    tmp_path: Path, stories: dict[str, list[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    session_id = stories["ticks"][-1]
    status, out, err = call(capsys, "compare-backtest", session_id, "--data-dir", tmp_path)
    assert (status, err) == (0, "")
    assert "candles from the simulated market, seed 11." in out
    assert "left for another reason: 1 trade, " in out
    assert "Manual here, end of data in the backtest." in out
    document = answer(capsys, "compare-backtest", f"S-{session_id:04d}", "--data-dir", tmp_path)
    money = {name: Decimal(document[name]) for name in ("net_session", "net_backtest")}
    assert sum(Decimal(share["money"]) for share in document["shares"]) == (
        money["net_session"] - money["net_backtest"]
    )
    (trade,) = document["trades"]
    assert (trade["kind"], trade["session"]["reason"]) == ("reason", "manual")
    assert trade["backtest"]["reason"] == "end_of_data"
    assert (document["missing"], document["missing_pct"]) == (0, 0.0)


def test_mistakes_are_status_2(
    tmp_path: Path, stories: dict[str, list[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    (backtest,), (bars,) = stories["backtest"], stories["bars"]
    verb = "compare-backtest"
    assert "no session 77" in refused(capsys, verb, 77, "--data-dir", tmp_path)
    assert "is a backtest" in refused(capsys, verb, backtest, "--data-dir", tmp_path)
    assert "cannot be read any more" in refused(capsys, verb, bars, "--data-dir", tmp_path)
