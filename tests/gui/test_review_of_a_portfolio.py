"""The review of one bot of a portfolio: what it made itself, not what the balance came to that all
bots share."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.messages import histories as hs
from engine.runtime.engine import Engine
from tests.golden.unpacking import GOLDEN, unpack
from tests.runtime.support import StillClock
from trader_gui.models.review_figures import ReviewFigures

pytestmark = pytest.mark.qt_loop


async def test_net_result_is_that_of_the_bot_at_every_moment(tmp_path: Path) -> None:
    sessions = unpack(GOLDEN[-1], tmp_path)["portfolio"]
    engine = await Engine.open(tmp_path, clock=StillClock())
    try:
        others = 0
        for session_id in sessions:
            review = await engine.review(session_id)
            figures, end, record = ReviewFigures(review), review.end(), review.record
            made = record.result.equity_last - record.result.equity_first
            assert figures.at(end).net_pnl == end.money(made)
            for at, equity in review.equity.table[:, [hs.E_AT, hs.E_EQUITY]].tolist()[::7]:
                then = review.at(at)
                assert then.price is not None
                if then.price.at <= at and then.session.last_at < at:
                    made = equity - record.result.equity_first
                    assert figures.at(then).net_pnl == then.money(made)
                    others += then.session.equity_at(then.price.price) != equity
        assert others, "in none of these moments another bot had used the balance"
    finally:
        await engine.close()
