"""A person's own strategies: run only as the very bytes that were allowed."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.domain.bots import BotState
from engine.domain.strategy_files import Standing
from engine.errors import Fault, FileRefused, IllegalStep, UnknownName
from engine.messages import commands as cm
from engine.runtime.engine import Engine
from engine.runtime.history.loading import load_session
from engine.strategies import BUILT_IN, STRATEGIES
from tests.runtime.own_files import PEEKING, breakout, put
from tests.runtime.support import StillClock, backtest_of, file_bot, until, write_candles


@pytest.fixture
async def engine(tmp_path: Path, _no_tasks_left: None) -> AsyncIterator[Engine]:
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    yield engine
    await engine.close()
    assert set(STRATEGIES) == BUILT_IN


async def allow(engine: Engine, file: str) -> None:
    await engine.allow_strategy(file, (await engine.strategy_source(file)).sha256)


def played(folder: Path, count: int) -> cm.RunBacktest:
    """A backtest of the own strategy over so many candles."""
    return backtest_of(file_bot(write_candles(folder / "c.csv", count), strategy="breakout"))


def titles(engine: Engine) -> dict[str, str]:
    return {card.name: card.title for card in engine.strategies}


async def test_nothing_of_a_file_runs_before_it_is_allowed(engine: Engine, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    put(engine.data_dir, "breakout.py", breakout(ran=ran))
    (file,) = await engine.strategy_files()
    assert (file.file, file.standing, file.name) == ("breakout.py", Standing.NEW, "")
    source = await engine.strategy_source("breakout.py")
    assert source.text == breakout(ran=ran)
    with pytest.raises(FileRefused, match=r"breakout\.py is not allowed, so nothing of it was run"):
        await engine.execute(played(tmp_path, 60))
    with pytest.raises(FileRefused, match="not allowed"):
        await engine.check_strategy("breakout.py")
    assert not ran.exists()
    assert "breakout" not in titles(engine)
    await allow(engine, "breakout.py")
    assert ran.exists()
    assert titles(engine)["breakout"] == "Breakout (breakout.py)"


async def test_an_allowed_file_is_there_after_a_restart_and_gone_with_its_engine(
    tmp_path: Path,
) -> None:
    for start in range(3):
        engine = await Engine.open(tmp_path / "data", clock=StillClock())
        try:
            put(engine.data_dir, "breakout.py", breakout())
            assert ("breakout" in STRATEGIES) == (start > 0)
            if start == 0:
                await allow(engine, "breakout.py")
        finally:
            await engine.close()
        assert "breakout" not in STRATEGIES


async def test_a_session_keeps_the_text_and_hash_that_ran(engine: Engine, tmp_path: Path) -> None:
    place = put(engine.data_dir, "breakout.py", breakout())
    await allow(engine, "breakout.py")
    await engine.execute(played(tmp_path, 400))
    (record,) = await engine.sessions()
    assert record.result.trades > 0
    kept = (await load_session(engine._store, record.id)).record
    assert kept.strategy_source == place.read_text("utf-8")
    assert record.strategy_hash == hashlib.sha256(place.read_bytes()).hexdigest()
    assert (await engine.review(record.id)).missing == ""


async def test_a_changed_file_asks_again_and_its_bots_stay_stopped(
    engine: Engine, tmp_path: Path
) -> None:
    place = put(engine.data_dir, "breakout.py", breakout())
    await allow(engine, "breakout.py")
    candles = write_candles(tmp_path / "c.csv", 200)
    bot_id = await engine.execute(cm.CreateBot(file_bot(candles, strategy="breakout")))
    ran = tmp_path / "ran"
    put(engine.data_dir, "breakout.py", breakout(ran=ran))
    with pytest.raises(FileRefused, match="has changed since it was allowed"):
        await engine.execute(cm.StartBot(bot_id))
    assert engine.snapshot().bots[0].state is BotState.STOPPED
    (file,) = await engine.strategy_files()
    assert (file.standing, file.name, file.title) == (Standing.CHANGED, "breakout", "Breakout")
    assert not ran.exists()
    place.unlink()
    with pytest.raises(FileRefused, match="is gone from"):
        await engine.execute(cm.StartBot(bot_id))
    put(engine.data_dir, "breakout.py", breakout(ran=ran))
    await allow(engine, "breakout.py")
    await engine.execute(cm.StartBot(bot_id))
    await until(engine, lambda now: now.bots[0].session.ended is not None)
    assert ran.exists()


@pytest.mark.parametrize(("change", "notes"), [("", 0), ("# another\n", 1)])
async def test_a_session_that_goes_on_with_another_text_says_so(
    tmp_path: Path, change: str, notes: int
) -> None:
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        put(engine.data_dir, "breakout.py", breakout())
        await allow(engine, "breakout.py")
        settings = file_bot(write_candles(tmp_path / "c.csv", 400), strategy="breakout")
        bot_id = await engine.execute(cm.CreateBot(settings, start=True))
        await until(engine, lambda now: now.bots[0].chart.length > 100)
        await engine.close()
        engine = await Engine.open(tmp_path / "data", clock=StillClock())
        put(engine.data_dir, "breakout.py", breakout() + change)
        await allow(engine, "breakout.py")
        await engine.execute(cm.StartBot(bot_id))
        now = await until(engine, lambda now: now.bots[0].session.ended is not None)
        log = now.bots[0].session.log
        told = [log.note(place) for place in range(len(log))]
        assert sum("text has changed" in words for words in told) == notes
    finally:
        await engine.close()


async def test_a_forbidden_file_is_asked_for_again(engine: Engine, tmp_path: Path) -> None:
    put(engine.data_dir, "breakout.py", breakout())
    await allow(engine, "breakout.py")
    candles = write_candles(tmp_path / "c.csv", 200)
    slow = file_bot(candles, strategy="breakout", speed=0.001)
    bot_id = await engine.execute(cm.CreateBot(slow, start=True))
    with pytest.raises(IllegalStep, match="Stop first"):
        await engine.forbid_strategy("breakout.py")
    await engine.execute(cm.StopBot(bot_id))
    await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
    await engine.forbid_strategy("breakout.py")
    assert "breakout" not in titles(engine)
    with pytest.raises(FileRefused, match="not allowed"):
        await engine.execute(cm.StartBot(bot_id))
    with pytest.raises(FileRefused, match="nothing to forbid"):
        await engine.forbid_strategy("breakout.py")


async def test_what_changes_while_it_is_read_is_not_allowed(engine: Engine) -> None:
    put(engine.data_dir, "breakout.py", breakout())
    seen = await engine.strategy_source("breakout.py")
    put(engine.data_dir, "breakout.py", breakout() + "# more\n")
    with pytest.raises(FileRefused, match="changed while it was looked at"):
        await engine.allow_strategy("breakout.py", seen.sha256)
    assert (await engine.strategy_files())[0].standing is Standing.NEW


LACKING = breakout().replace("def check", "def chuck")
UNUSABLE = {
    "syntax.py": ("def :\n", r"cannot be imported at line 1: SyntaxError: invalid syntax"),
    "raises.py": ("\n1 / 0\n", r"cannot be imported at line 2: ZeroDivisionError"),
    "leaves.py": ("raise SystemExit(3)\n", r"cannot be imported at line 1: SystemExit: 3"),
    "lacks.py": ("import no_such_library\n", "ModuleNotFoundError"),
    "empty.py": ("", "has no class with a name and signals"),
    "two.py": (breakout() + "class Second(Breakout):\n    name = 'b'\n", "more than one strategy"),
    "grid.py": (breakout("grid"), "calls its strategy grid, which is one of the program's"),
    "odd.py": (breakout("a b"), "use letters"),
    "lacking.py": (LACKING, "has the class Breakout without check"),
    "nameless.py": (breakout().replace("name =", "nom =", 1), "without a name"),
    "markup.py": (breakout().replace('"Breakout"', '"a\\nb"'), "has a title that is no line"),
    "default.py": (breakout().replace(", 20, 2,", ", 1, 2,"), "has defaults that it refuses"),
    "turned.py": (breakout() + "# \u202e noitcnuf\n", "invisible signs"),
}


@pytest.mark.parametrize("file", UNUSABLE)
async def test_what_cannot_be_used_is_a_sentence_and_others_are_untouched(
    engine: Engine, file: str
) -> None:
    text, words = UNUSABLE[file]
    put(engine.data_dir, "breakout.py", breakout())
    await allow(engine, "breakout.py")
    put(engine.data_dir, file, text)
    before = titles(engine)
    with pytest.raises(FileRefused, match=words):
        await allow(engine, file)
    assert titles(engine) == before
    standings = {one.file: one.standing for one in await engine.strategy_files()}
    assert standings == {"breakout.py": Standing.ALLOWED, file: Standing.NEW}


async def test_no_two_files_have_one_name(engine: Engine) -> None:
    put(engine.data_dir, "breakout.py", breakout())
    put(engine.data_dir, "copy.py", breakout())
    await allow(engine, "breakout.py")
    with pytest.raises(FileRefused, match=r"calls its strategy breakout, as breakout\.py does"):
        await allow(engine, "copy.py")


async def test_no_place_outside_of_the_folder_is_read(engine: Engine) -> None:
    put(engine.data_dir, "breakout.py", breakout())
    (engine.data_dir / "outside.py").write_text("")
    for file in ("../outside.py", "nowhere.py", "breakout.txt", "..", ""):
        with pytest.raises(UnknownName, match="no file of the strategies folder"):
            await engine.strategy_source(file)


async def test_a_file_that_worked_once_and_no_longer_does_is_told(tmp_path: Path) -> None:
    """Its bytes are the same; what it needs is gone."""
    needed = tmp_path / "needed"
    needed.write_text("")
    text = f"open({str(needed)!r}).close()\n" + breakout()
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        put(engine.data_dir, "breakout.py", text)
        await allow(engine, "breakout.py")
        await engine.close()
        needed.unlink()
        engine = await Engine.open(tmp_path / "data", clock=StillClock())
        (file,) = await engine.strategy_files()
        assert file.standing is Standing.BROKEN
        assert "FileNotFoundError" in file.words
        with pytest.raises(Fault, match="FileNotFoundError"):
            await engine.execute(played(tmp_path, 60))
    finally:
        await engine.close()


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("candles.close", "No look-ahead was seen"),
        (PEEKING, "knows the future"),
        ("candles.close * np.random.default_rng().normal(1, 0.01, count)", "two answers"),
        ("candles.close * np.nan", "gave no signal at all"),
    ],
)
async def test_a_person_can_have_a_strategy_checked(engine: Engine, now: str, words: str) -> None:
    put(engine.data_dir, "breakout.py", breakout(now=now))
    await allow(engine, "breakout.py")
    assert words in (await engine.check_strategy("breakout.py")).words


async def test_no_compiled_file_beside_it_is_run(engine: Engine, tmp_path: Path) -> None:
    """What was allowed is the text: a planted __pycache__ changes nothing."""
    place = put(engine.data_dir, "breakout.py", breakout())
    await allow(engine, "breakout.py")
    assert [path.name for path in place.parent.iterdir()] == ["breakout.py"]
