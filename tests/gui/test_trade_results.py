"""Results of closed trades as multiples of what they risked, up to the cursor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from engine.domain.reasons import Side
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.events import EventColumns
from engine.messages.review import Review
from tests.gui.first_steps import reviewed
from tests.gui.paged import backtest_story, paged, with_history
from tests.gui.stories import Story
from trader_gui.models.trade_results import Bar, TradeResults, bar_in_words, in_words
from trader_gui.pages.review.page import ReviewPage
from trader_gui.pages.review.results import ResultBars
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme


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
    results._sort_in(values)
    bars = results.bars(len(values))
    assert len(bars) <= 12
    assert sum(bar.count for bar in bars) == len(values)
    limits = [bar.low for bar in bars] + [bars[-1].high]
    assert 0.0 in limits
    assert np.allclose(np.diff(limits), limits[1] - limits[0])
    assert sum(bar.count for bar in bars if bar.high <= 0) == int((values < 0).sum())
    assert sum(bar.count for bar in results.bars(40)) == 40
    assert in_words(results.bars(40), "R") == "up to \u22120.5 R: 40 trades"


def test_a_session_without_trades_has_no_bars() -> None:
    results = TradeResults(story(0).review())
    assert results.bars(0) == ()
    assert in_words((), "R") == ""


def test_the_outermost_bars_name_no_limit_beyond_which_they_hold_them() -> None:
    bars = (Bar(-1.0, -0.5, 3), Bar(-0.5, 0.0, 1), Bar(0.0, 0.5, 1_200))
    told = [bar_in_words(bars, place, "R") for place in range(3)]
    assert told == [
        "up to \u22120.5 R: 3 trades",
        "\u22120.5 to 0 R: 1 trade",
        "from 0 R: 1,200 trades",
    ]
    assert bar_in_words(bars[:1], 0, "%") == "all results: 3 trades"


def inked(bars: ResultBars, step: int, above: int) -> bool:
    """Whether anything is drawn within one step, so far above the floor and higher."""
    image = bars.grab().toImage()
    wide = bars.width() / len(bars.bars)
    columns = range(int(wide * step) + 2, int(wide * (step + 1)) - 1)
    return len({image.pixel(x, y) for x in columns for y in range(bars.height() - above)}) > 1


def test_a_count_is_written_where_its_own_step_has_room_for_it(qtbot: QtBot) -> None:
    bars = ResultBars()
    qtbot.addWidget(bars)
    counts = [0, 0, 0, 0, 0, 12_345, 0, 0, 6_000, 0, 0, 0]
    shown = tuple(Bar(place - 6.0, place - 5.0, count) for place, count in enumerate(counts))
    bars.show_bars(shown, "R")
    bars.resize(214, bars.sizeHint().height())
    assert [inked(bars, step, 30) for step in (4, 5, 6, 7, 8, 9)] == [0, 1, 0, 0, 1, 0]
    line = QFontMetrics(theme().font(Role.SMALL)).height()
    assert not inked(bars, 5, bars.height() - line)
    bars.resize(900, bars.height())
    assert inked(bars, 5, bars.height() - line)
    assert not inked(bars, 4, 30)


@pytest.mark.qt_loop
async def test_without_any_trade_there_is_a_line_of_words(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        _, body = await reviewed(held)
        assert (body.results.bars.isVisible(), body.results.nothing.isVisible()) == (True, False)
        body.results.begin(TradeResults(story(0).review()))
        body.results.show_closed(0)
        assert (body.results.bars.isVisible(), body.results.nothing.isVisible()) == (False, True)


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
