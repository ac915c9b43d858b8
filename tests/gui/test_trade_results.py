"""Results of closed trades as multiples of what they risked, up to the cursor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.domain.reasons import Side
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.events import EventColumns
from engine.messages.review import Review
from tests.gui.first_steps import reviewed
from tests.gui.paged import backtest_story, paged, with_history
from tests.gui.stories import Story
from trader_gui.models.trade_results import TradeResults, in_words
from trader_gui.pages.review.page import ReviewPage


def story(trades: int) -> Story:
    return backtest_story(20, trades)


def risking(review: Review, *risked: float) -> Review:
    """Its trades with stops so far from their entries that each came to so many R; 0: no stop."""
    table = review.log.table.copy()
    for row, multiple in zip(review.end().session.trades.rows, risked, strict=True):
        opened = row[hs.T_OPEN_EVENT]
        away = round(row[hs.T_PNL] / multiple / row[hs.T_AMOUNT]) if multiple else 0
        below = away if row[hs.T_SIDE] == Side.LONG else -away  # a short's is above its entry
        table[opened, ev.STOP] = table[opened, ev.ENTRY] - below if multiple else 0
    return replace(review, log=EventColumns(table))


def test_each_is_divided_by_what_its_first_stop_would_have_lost() -> None:
    review = story(5).review()
    signs = np.sign(review.end().session.trades.rows[:, hs.T_PNL])
    wanted = signs * [1.0, 0.5, 2.0, 0.9, 0.3]
    results = TradeResults(risking(review, *wanted))
    assert results.values == pytest.approx(wanted, rel=0.01)
    assert (results.unit, results.told(5)) == ("R", "R multiples, 5 closed")


def test_trades_without_a_stop_are_left_out_and_told() -> None:
    review = story(4).review()
    results = TradeResults(risking(review, 1.0, 0, 2.0, 0))
    assert np.isnan(results.values).tolist() == [False, True, False, True]
    assert results.told(4) == "R multiples, 2 of 4 had a stop"
    assert sum(bar.count for bar in results.bars(4)) == 2
    assert results.told(1) == "R multiples, 1 closed"


def test_where_no_trade_had_a_stop_percents_are_shown() -> None:
    review = story(3).review()
    results = TradeResults(risking(review, 0, 0, 0))
    rows = review.end().session.trades.rows
    wanted = 100 * rows[:, hs.T_PNL] / (rows[:, hs.T_AMOUNT] * rows[:, hs.T_ENTRY_PRICE])
    assert results.values == pytest.approx(wanted)
    assert (results.unit, results.told(3)) == ("%", "percent, 3 closed")


def test_bars_hold_all_trades_whatever_lies_outside_and_zero_is_a_limit() -> None:
    results = TradeResults(story(2).review())
    values = np.concatenate((np.full(40, -1.0), np.linspace(-0.4, 2.4, 60), [900.0, -900.0]))
    results.values = values
    from trader_gui.models import trade_results

    results._edges = trade_results._edges(values)
    bars = results.bars(len(values))
    assert len(bars) <= 12
    assert sum(bar.count for bar in bars) == len(values)
    limits = [bar.low for bar in bars] + [bars[-1].high]
    assert 0.0 in limits
    assert np.allclose(np.diff(limits), limits[1] - limits[0])
    assert sum(bar.count for bar in bars if bar.high <= 0) == int((values < 0).sum())
    assert sum(bar.count for bar in results.bars(40)) == 40
    assert in_words(results.bars(40), "R") == "-1 to -0.5 R: 40"


def test_a_session_without_trades_has_no_bars() -> None:
    results = TradeResults(story(0).review())
    assert results.bars(0) == ()
    assert in_words((), "R") == ""


@pytest.mark.qt_loop
async def test_the_cursor_counts_what_had_closed_and_shows_the_indicators(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held)
        held.page.show_now()
        assert sum(bar.count for bar in body.results.bars.bars) == 5
        assert body.results.corner.text().endswith("5 closed")
        closed = review.end().session.trades.rows[1, hs.T_EXIT_AT]
        held.page.go(int(closed))
        held.page.show_now()
        assert sum(bar.count for bar in body.results.bars.bars) == 2
        at = review.at(int(closed))
        lines = at.chart.indicators
        assert lines
        shown = {name: row.value.text() for name, row in body.state.indicators.rows.items()}
        assert shown.keys() == lines.keys()
        last = next(iter(lines))
        assert float(shown[last].replace(",", "")) == pytest.approx(lines[last][-1], abs=0.01)
