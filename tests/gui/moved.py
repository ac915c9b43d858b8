"""A session with moments of every kind to move between, and the keys that do it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from engine.domain.reasons import ExitReason, Refusal
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.review import Review
from tests.gui.fakes import FakeEngine
from tests.gui.stories import Story
from trader_gui.pages.review.moves import GROUPS
from trader_gui.pages.review.page import ReviewPage

MOVES = {move.key: move for group in GROUPS for move in group}


def story() -> Story:
    """Entries, exits, refusals and an error, each at a moment of its own."""
    made = Story(20, "moves")
    for trade in range(4):
        made.go(3).enter(short=trade % 2 == 1).go(4).trail().go(3)
        made.leave((ExitReason.TAKE_PROFIT, ExitReason.STOP_LOSS)[trade % 2], 0.01).go(2)
        made.refuse(Refusal.COOLDOWN).go(2).refuse(Refusal.MAX_TRADES_PER_DAY).go(1)
        if trade == 1:
            made.fail("The feed stalled.").go(2)
    return made.end()


def engine_in(folder: Path) -> FakeEngine:
    engine = FakeEngine(folder)
    engine.finished = [story()]
    return engine


def keyed(page: ReviewPage, key: str) -> None:
    """The first key of a move, pressed where the page has the focus."""
    combined = QKeySequence(MOVES[key].keys[0])[0]  # type: ignore[index]
    page.setFocus()
    QTest.keyClick(page, combined.key(), combined.keyboardModifiers())


def moments(review: Review, *kinds: EventKind) -> list[int]:
    table = review.log.table
    return sorted({int(row[ev.AT]) for row in table if not kinds or row[ev.KIND] in kinds})
