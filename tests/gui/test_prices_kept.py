"""The price of blocked signals, asked for with a click, and after a restart once more."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.settings import TradeSettings
from engine.runtime.engine import Engine
from engine.runtime.history import trust
from tests.gui.first_steps import reviewed
from tests.gui.opened import click
from tests.gui.paged import paged
from tests.gui.waiting import until
from tests.runtime.support import StillClock, backtest_of, file_bot, write_candles
from trader_gui.pages.review.page import ReviewPage

pytestmark = pytest.mark.qt_loop
PATIENCE = 60.0


async def priced(engine: Engine, session_id: int) -> tuple[str, list[str]]:
    """What the funnel shows after a click: its note, and what each rule's signals would have
    earned."""
    async with paged(engine, ReviewPage) as held:  # type: ignore[arg-type]
        _, body = await reviewed(held, session_id)
        assert all(not line.gain for line in body.funnel.bars.lines)
        click(body.funnel.price)
        await until(lambda: not body.funnel.note.isHidden(), PATIENCE)
        assert body.funnel.price.isHidden()
        assert held.faults == []
        return body.funnel.note.text(), [line.gain for line in body.funnel.bars.lines]


async def test_a_click_after_a_restart_shows_the_prices_that_were_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = TradeSettings(cash=Decimal(10_000), cooldown_min=45)
    path = write_candles(tmp_path / "candles.csv", 700)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        session_id = await engine.execute(backtest_of(file_bot(path, trade=trade)))
        assert isinstance(session_id, int)
        first = await priced(engine, session_id)
    finally:
        await engine.close()
    assert any(first[1])
    monkeypatch.delattr(trust, "blocked_in")  # nobody works them out
    again = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        assert await priced(again, session_id) == first
    finally:
        await again.close()
