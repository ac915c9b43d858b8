"""What the pictures show of the window: a bot worth seeing, the review in the midst of a trade."""

from __future__ import annotations

from typing import Final

from engine.domain.reasons import ExitReason
from engine.messages import histories as hs
from engine.messages.snapshot import BotSnapshot
from trader_gui.app import Program
from trader_gui.pages.review.body import ReviewBody
from trader_gui.pages.sessions.page import SessionsPage

OLD_BARS: Final = 15
GAIN: Final = 8
FULL_BARS: Final = 160


def worth_seeing(bot: BotSnapshot) -> bool:
    """A position that gains, with a target, some candles old, on a chart that is full."""
    session = bot.session
    old = session.position and bot.now_at - session.opened_at > OLD_BARS * bot.settings.timeframe_ms
    return bool(old and session.target and bot.open_pnl > GAIN and bot.chart.length > FULL_BARS)


def sessions_page(program: Program) -> SessionsPage:
    """The page that holds the review."""
    page = program.window.page("sessions")
    assert isinstance(page, SessionsPage)
    return page


def body_of(program: Program) -> ReviewBody:
    """The panels of the review that is open."""
    body = sessions_page(program).review.body
    assert body is not None, "a review is open"
    return body


def into_a_trade(program: Program) -> None:
    """Move the review's cursor into a trade that reached its target, three quarters of its way."""
    page = sessions_page(program).review
    if page.review is None:
        return
    rows = page.review.end().session.trades.rows
    won = rows[rows[:, hs.T_REASON] == ExitReason.TAKE_PROFIT]
    if len(won):
        entry, exit_at = won[len(won) * 2 // 3][[hs.T_ENTRY_AT, hs.T_EXIT_AT]].tolist()
        page.go(entry + (exit_at - entry) * 3 // 4 // 60_000 * 60_000)
        if page.body is not None:
            page.body.chart.chart.camera.zoom_time(page.body.width() / 2, 1.5)


def select_open_trade(program: Program) -> None:
    """The trade that is open at the cursor, everywhere."""
    page = sessions_page(program).review
    if page.review is not None:
        trade = page.review.at(page.moment).session.trade
        body_of(program).trades.chosen.emit(trade)
