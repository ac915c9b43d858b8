"""The review of one bot of a portfolio: what it made itself, not what the balance came to that all
bots share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from engine.messages import histories as hs
from engine.messages.review import Review
from engine.runtime.engine import Engine
from tests.golden.unpacking import GOLDEN, unpack
from tests.gui.first_steps import reviewed
from tests.gui.paged import paged, with_history
from tests.runtime.support import StillClock
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.pages.review.page import ReviewPage

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


async def test_cash_that_all_bots_share_is_called_that_of_the_account(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        made = held.engine.review

        async def of_a_portfolio(session_id: int) -> Review:
            alone = await made(session_id)
            return replace(alone, record=replace(alone.record, portfolio_id=1))

        for engines in (of_a_portfolio, made):
            held.engine.review = engines  # type: ignore[method-assign]
            _, body = await reviewed(held)
            body.follow_now()
            cash = body.state.account.cash
            money = cash.value.text()
            assert money.endswith(" USDT")
            name = "Cash of the account" if engines is of_a_portfolio else "Cash of this bot"
            assert name in [label.text() for label in cash.findChildren(QLabel)]
            assert cash.accessibleName() == f"{name} {money}"
            held.page.let_go()
