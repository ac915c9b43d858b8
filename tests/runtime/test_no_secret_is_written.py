"""Secrets planted wherever text comes from; then everything the program wrote is searched."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from engine.domain.bots import BotState
from engine.domain.candles import Candles
from engine.domain.connection import Connection
from engine.domain.strategy import Params, Signals
from engine.markets.exchange.faults import fault_from, not_understood
from engine.messages import commands as cm
from engine.messages import redaction
from engine.messages.redaction import hide_address
from engine.runtime.crashes import write_crash
from engine.runtime.engine import Engine
from engine.runtime.logs import ProgramLog
from engine.strategies import STRATEGIES
from engine.strategies.ema_cross import EmaCross
from tests.runtime.support import StillClock, file_bot, until, write_candles

SECRET = "".join(("Qw7Zr2", "Tn9Lk4"))  # a session keeps the text of its strategy, this file
ACCOUNT = "".join(("84019", "267"))  # known by its names alone, nobody told the program of it
PROXY = f"http://trader:{SECRET}@proxy.test:8080"
LEAK = (
    f"GET https://x.test/api/v3/account?recvWindow=5000&apiKey={SECRET}&signature={SECRET} "
    f"{{'X-MBX-APIKEY': '{SECRET}', 'Authorization': 'Bearer {SECRET}'}} "
    f'{{"accountId": "{SECRET}", "listenKey": "{SECRET}"}} by {PROXY} as {SECRET} '
    f'{{"accountId": "{ACCOUNT}", "subUid": {ACCOUNT}}} account number {ACCOUNT} is banned'
)


class AuthenticationError(Exception):
    """Named as ccxt names it."""


class Telling(EmaCross):
    """Fails with a secret in its words."""

    name: ClassVar[str] = "telling"

    def signals(self, candles: Candles, params: Params) -> Signals:
        if len(candles) > 40:
            raise ValueError(LEAK)
        return super().signals(candles, params)


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    hide_address(PROXY)


@pytest.fixture
async def engine(
    tmp_path: Path, _no_tasks_left: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Engine]:
    monkeypatch.setitem(STRATEGIES, Telling.name, Telling())
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    yield engine
    await engine.close()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[ProgramLog]:
    made = ProgramLog()
    yield made
    made.close()


def written(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def leaks(folder: Path) -> list[str]:
    """Files that hold the secret, as it is or as SQLite packs text of another width."""
    forms = [
        secret.encode(coding) for secret in (SECRET, ACCOUNT) for coding in ("utf-8", "utf-16-le")
    ]
    return [name for name, content in written(folder).items() if any(f in content for f in forms)]


def test_the_search_finds_what_was_planted(tmp_path: Path) -> None:
    (tmp_path / "leak.txt").write_text(LEAK)
    assert leaks(tmp_path) == ["leak.txt"]


@pytest.mark.expects_warnings
async def test_no_path_leads_a_secret_into_the_data_folder(
    engine: Engine, kept: ProgramLog, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = logging.getLogger("planted")
    log.info("early: %s", LEAK)
    kept.keep_in(engine.data_dir)
    path = write_candles(tmp_path / "c.csv", 100)
    await engine.execute(cm.CreateBot(file_bot(path, strategy="telling"), start=True))
    now = await until(engine, lambda now: now.bots[0].state is BotState.ERROR)
    log.warning("an argument %s, settings %r", {"secret": SECRET}, Connection(PROXY))
    try:
        raise AuthenticationError(LEAK) from OSError(LEAK)
    except AuthenticationError as error:
        log.exception("failed with %s", SECRET)
        crash = write_crash(engine.data_dir, error)
        faults = [fault_from(error, "binance", "reading"), not_understood(error, "b", "reading")]
    for fault in faults:
        assert fault is not None
        assert SECRET not in fault.words + fault.details
        log.error("%s", fault.details)
    bot = now.bots[0]
    assert bot.error is not None
    assert "ValueError" in bot.error.words
    assert SECRET not in repr(bot.error) + bot.session.log.note(len(bot.session.log) - 1)
    await engine.close()
    kept.close()
    assert crash is not None
    files = written(engine.data_dir)
    assert {"trader.db", f"logs/{crash.name}", "logs/trader-gui.log"} <= set(files)
    assert b"AuthenticationError" in files[f"logs/{crash.name}"]
    assert b"early: GET https://x.test" in files["logs/trader-gui.log"]
    assert leaks(engine.data_dir) == []
    said = "".join(capfd.readouterr())
    assert SECRET not in said
    assert ACCOUNT not in said


async def test_a_log_that_cannot_be_kept_is_no_reason_to_end(
    kept: ProgramLog, tmp_path: Path
) -> None:
    (tmp_path / "logs").write_text("a file in its place")
    kept.keep_in(tmp_path)
    assert write_crash(tmp_path, ValueError(LEAK)) is None


def test_settings_do_not_tell_their_secret_when_they_are_refused() -> None:
    with pytest.raises(Exception, match="no proxy") as refused:
        replace(Connection(PROXY), proxy=f"ftp://a:{SECRET}@b").check()
    assert SECRET not in redaction.redacted(str(refused.value))
