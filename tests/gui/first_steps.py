"""What a person does first on a page, before what a test is about."""

from __future__ import annotations

from pathlib import Path

from engine.messages.review import Review
from tests.gui.paged import Paged
from tests.gui.waiting import drawn, until
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.review.body import ReviewBody
from trader_gui.pages.review.page import ReviewPage

FILE = Path("btc-perp_1m.csv")


async def file_chosen(held: Paged[BacktestPage]) -> None:
    """The form knows its candle file."""
    held.page.open_file(FILE)
    await until(lambda: held.page.form.source.report is not None)
    await drawn()


async def reviewed(held: Paged[ReviewPage], session_id: int = 125) -> tuple[Review, ReviewBody]:
    """A session is open, its cursor at the end."""
    held.page.open(session_id)
    await until(lambda: held.page.review is not None)
    await drawn()
    assert held.page.review is not None
    assert held.page.body is not None
    return held.page.review, held.page.body
