"""Any moment of a review equals the fold of what was known then, and costs a stride at most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.domain.reasons import ExitReason, Refusal
from engine.messages import events as ev
from engine.messages import review as review_module
from engine.messages.fold import fold
from tests.gui.stories import Story


def long_story() -> Story:
    story = Story(1, "long")
    for trade in range(60):
        story.enter(short=trade % 2 == 1).go(2).trail().refuse().go(1)
        story.leave(ExitReason.SIGNAL, 0.004 if trade % 3 else -0.002).go(1)
        story.refuse(Refusal.MAX_TRADES_PER_DAY).check()
    return story.end()


@pytest.mark.parametrize("stride", [1, 7, 512])
def test_every_moment_equals_the_plain_fold(monkeypatch: pytest.MonkeyPatch, stride: int) -> None:
    monkeypatch.setattr(review_module, "STRIDE", stride)
    review = long_story().review()
    moments = np.unique(review.log.table[:, ev.AT]).tolist()
    for moment in [review.from_at - 1, *moments, review.to_at]:
        seen = review.at(moment).session
        known = int(np.searchsorted(review.log.table[:, ev.AT], moment, side="right"))
        plain = fold(review.log, known)
        assert np.array_equal(seen.trades.rows, plain.trades.rows)
        assert np.array_equal(seen.log.rows, plain.log.rows)
        assert replace(seen, trades=plain.trades, log=plain.log) == plain


def test_moments_share_the_session_s_columns() -> None:
    review = long_story().review()
    early, late = review.at(review.from_at + 600_000), review.end()
    assert early.session.log.columns is late.session.log.columns is review.log
    assert early.session.trades.columns is late.session.trades.columns
    assert len(early.session.trades) < len(late.session.trades)


def test_a_session_without_events_can_be_shown() -> None:
    story = Story(2, "empty")
    review = replace(story.review(), log=type(story.fold.log)())
    assert len(review.end().session.log) == 0
    assert len(review.at(0).session.trades) == 0
