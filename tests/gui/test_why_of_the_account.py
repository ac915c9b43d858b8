"""The Why tab of a bot on a limited account: what the account said stands among the rules."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.domain.reasons import Action, Refusal
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.runtime.engine import Engine
from engine.runtime.kernel_warmth import ASKING, load_loop
from tests.golden.unpacking import GOLDEN, unpack
from tests.gui.first_steps import reviewed
from tests.gui.opened import press
from tests.gui.paged import paged
from tests.gui.waiting import until
from tests.runtime.support import QuickClock, StillClock
from tests.runtime.test_account_limits import TRADE, run_all, signal_bots
from trader_gui.models.reason_words import refusal_words
from trader_gui.pages.review.page import ReviewPage

pytestmark = pytest.mark.qt_loop
PATIENCE = 60.0
SLOTS = refusal_words(Refusal.MAX_OPEN_POSITIONS)
EXPOSURE = refusal_words(Refusal.MAX_EXPOSURE)


async def test_a_bot_of_a_portfolio_shows_how_many_of_the_others_held(tmp_path: Path) -> None:
    session_id = unpack(GOLDEN[-1], tmp_path)["portfolio"][0]
    engine = await Engine.open(tmp_path, clock=StillClock())
    try:
        async with paged(engine, ReviewPage) as held:  # type: ignore[arg-type]
            review, body = await reviewed(held, session_id)
            opened = review.log.table[:, ev.KIND] == EventKind.TRADE_OPENED
            press(body.tabs[0], "why")
            await until(lambda: body.why.chain is not None, PATIENCE)
            body.why.choose(int(np.flatnonzero(opened)[0]))
            await until(lambda: bool(body.why.way.rules.rows))
            rows = {row.name: (row.first, row.second) for row in body.why.way.rules.rows}
            assert rows == {SLOTS: ("1", "0"), EXPOSURE: ("2,648.81", "2,498.87")}
            assert "share their money" in body.why.way.remark.text()
    finally:
        await engine.close()


async def test_an_entry_shows_limit_and_found_of_the_accounts_rules(tmp_path: Path) -> None:
    load_loop(ASKING)
    engine = await Engine.open(tmp_path / "data", clock=QuickClock())
    try:
        await engine.execute(cm.SetAccountLimits(2, None))
        await run_all(engine, signal_bots(tmp_path, 2, TRADE))
        session_id = engine.snapshot().bots[0].session_id
        assert session_id is not None
        async with paged(engine, ReviewPage) as held:  # type: ignore[arg-type]
            review, body = await reviewed(held, session_id)
            log = review.log.table
            entries = (log[:, ev.KIND] == EventKind.SIGNAL) & (log[:, ev.ACTION] == Action.BUY)
            last = int(np.flatnonzero(entries)[-1])
            press(body.tabs[0], "why")
            await until(lambda: body.why.chain is not None, PATIENCE)
            body.why.choose(last)
            await until(lambda: body.why.chain is not None and body.why.chain.event == last)
            rows = {row.name: row for row in body.why.way.rules.rows}
            row = rows[SLOTS]
            assert row.first == "2"
            assert row.second in ("0", "1")
            assert held.faults == []
    finally:
        await engine.close()
