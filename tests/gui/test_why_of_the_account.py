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
from tests.gui.first_steps import reviewed
from tests.gui.opened import press
from tests.gui.paged import paged
from tests.gui.waiting import until
from tests.runtime.support import QuickClock
from tests.runtime.test_account_limits import TRADE, run_all, signal_bots
from trader_gui.models.reason_words import refusal_words
from trader_gui.pages.review.page import ReviewPage

pytestmark = [pytest.mark.qt_loop, pytest.mark.timeout(120)]
PATIENCE = 60.0


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
            row = rows[refusal_words(Refusal.MAX_OPEN_POSITIONS)]
            assert row.first == "2"
            assert row.second in ("0", "1")
            assert held.faults == []
    finally:
        await engine.close()
