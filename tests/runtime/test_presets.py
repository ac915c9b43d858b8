"""Settings kept under a name, through the engine and a restart."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.presets import Preset
from engine.domain.settings import Direction, TradeSettings
from engine.errors import InvalidSetting, UnknownName
from engine.messages.commands import DeletePreset, SavePreset
from engine.runtime.engine import Engine
from engine.store.opening import FILE_NAME
from tests.runtime.support import StillClock

TRADE = replace(TradeSettings(), direction=Direction.SHORT, stop_loss_pct=Decimal("1.50"))
QUICK = Preset("Quick one", "ema_cross", {"fast": 5, "slow": 20}, TRADE)


async def test_presets_come_back_whole_after_a_restart(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path, clock=StillClock())
    await engine.execute(SavePreset(QUICK))
    await engine.execute(SavePreset(replace(QUICK, name="  a  slow one ")))
    await engine.execute(SavePreset(replace(QUICK, params={"fast": 7, "slow": 20})))
    await engine.close()
    engine = await Engine.open(tmp_path, clock=StillClock())
    slow, quick = await engine.presets()
    assert slow == replace(QUICK, name="a slow one")
    assert quick == replace(QUICK, params={"fast": 7, "slow": 20})
    assert str(quick.trade.stop_loss_pct) == "1.50"
    await engine.execute(DeletePreset("Quick one"))
    assert await engine.presets() == (slow,)
    with pytest.raises(UnknownName, match="no preset Quick one"):
        await engine.execute(DeletePreset("Quick one"))
    await engine.close()


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
async def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    engine = await Engine.open(tmp_path, clock=StillClock())
    with pytest.raises(InvalidSetting):
        await engine.execute(SavePreset(replace(QUICK, name=name)))
    assert await engine.presets() == ()
    await engine.close()


async def test_one_that_is_damaged_is_left_out_and_the_others_are_there(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path, clock=StillClock())
    await engine.execute(SavePreset(QUICK))
    await engine.execute(SavePreset(replace(QUICK, name="other")))
    await engine.close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database, database:
        database.execute("UPDATE preferences SET value = '{' WHERE name = 'preset other'")
    engine = await Engine.open(tmp_path, clock=StillClock())
    assert await engine.presets() == (QUICK,)
    await engine.close()
