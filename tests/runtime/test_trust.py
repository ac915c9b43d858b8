"""What refused entries would have earned, asked of a stored session whose signals file is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.domain.reasons import Refusal
from engine.domain.settings import TradeSettings
from engine.errors import FileRefused
from engine.runtime.engine import Engine
from tests.runtime.support import (
    BEGINS_AT,
    MINUTE,
    StillClock,
    backtest_of,
    file_bot,
    write_candles,
)


async def test_blocked_entries_are_not_priced_without_all_their_exits(tmp_path: Path) -> None:
    path, signals = write_candles(tmp_path / "candles.csv", 60), tmp_path / "signals.csv"
    asked = {0: "buy", 10: "sell", 12: "buy", 20: "sell"}
    lines = [f"{BEGINS_AT + bar * MINUTE},{action}" for bar, action in asked.items()]
    signals.write_text("\n".join(["time,action", *lines]))
    trade = TradeSettings(cooldown_min=30)
    bot = file_bot(path, strategy="signals_file", signals_path=str(signals), trade=trade)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        session_id = await engine.execute(backtest_of(bot))
        assert isinstance(session_id, int)
        signals.write_text("\n".join(["time,action", *lines[:-1]]))
        with pytest.raises(FileRefused, match="The signals file is gone or says something else"):
            await engine.price_blocked(session_id)
        signals.write_text("\n".join(["time,action", *lines]))
        priced = await engine.price_blocked(session_id)
        assert (Refusal.COOLDOWN, 1) in [(one.refusal, one.priced) for one in priced]
        (cooldown,) = [one for one in priced if one.refusal == Refusal.COOLDOWN]
        assert cooldown.until(int(cooldown.at[0])) == (1, cooldown.pnl)
        assert cooldown.until(int(cooldown.at[0]) - 1) == (0, 0)
        signals.unlink()  # what was worked out once is kept
        assert await engine.price_blocked(session_id) == priced
    finally:
        await engine.close()
