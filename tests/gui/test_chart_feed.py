"""What the chart gets of snapshots: appends while it follows, everything anew on a change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.domain.reasons import ExitReason
from engine.messages import events as ev
from engine.messages.snapshot import BotSnapshot
from tests.gui.stories import Story
from tests.gui.story_markets import ETH
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.marks import LevelPath, TradeMark
from trader_gui.charts.price_chart import PriceChart
from trader_gui.panels.chart_feed import ChartFeed
from trader_gui.panels.chart_marks import LevelRows, position_mark
from trader_gui.theme.theme import theme


def marks(chart: PriceChart) -> list[TradeMark]:
    table = chart.model.trades
    return [table.mark(place) for place in range(len(table))]


@pytest.fixture
def chart(qtbot: object) -> PriceChart:
    made = PriceChart(ChartColors.from_tokens(theme().tokens))
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    return made


def test_the_forming_candle_becomes_the_closed_one(chart: PriceChart) -> None:
    story, feed = Story(), ChartFeed(chart)
    feed.show(story.snapshot())
    before = len(chart.model.candles)
    assert before == story.bar + 1  # closed candles and the one that forms
    story.go()
    feed.show(story.snapshot())
    assert len(chart.model.candles) == before + 1
    closed = story.columns.candles(story.bar)
    assert np.array_equal(chart.model.candles.close[:-1], closed.close)
    line = chart.model.lines[0].values.low
    assert np.array_equal(line[:-1], story.columns.indicators(story.bar)["EMA 9"], equal_nan=True)


def test_candles_that_were_fetched_late_stand_before_the_one_that_forms(chart: PriceChart) -> None:
    story, feed = Story(), ChartFeed(chart)
    before = story.snapshot()
    late = story.go(3).snapshot()
    assert before.chart.forming is not None
    ahead = replace(before.chart.forming, open_at=late.chart.forming.open_at)  # type: ignore[union-attr]
    feed.show(replace(before, chart=replace(before.chart, forming=ahead)))
    feed.show(late)
    times = chart.model.candles.time
    assert np.all(np.diff(times) == late.settings.timeframe_ms)
    closed = story.columns.candles(story.bar)
    assert np.array_equal(chart.model.candles.close[:-1], closed.close)


def test_another_bot_is_loaded_anew(chart: PriceChart) -> None:
    feed = ChartFeed(chart)
    feed.show(Story().enter().go(5).leave().snapshot())
    other = Story(2, "eth", ETH, first=3_000.0)
    feed.show(other.snapshot())
    assert chart.model.symbol == "ETH/USDT"
    assert marks(chart) == []
    assert chart.model.position is None
    assert "ETH/USDT" in chart.legend_text()


def test_trades_and_levels_follow(chart: PriceChart) -> None:
    story, feed = Story().enter(), ChartFeed(chart)
    feed.show(story.snapshot())
    (opened,) = marks(chart)
    assert opened.exit_at is None
    assert chart.model.position is not None
    assert chart.model.position.entry_label == "Entry LONG 0.0250"
    story.go(4).leave(ExitReason.STOP_LOSS, -0.012)
    feed.show(story.snapshot())
    (closed,) = marks(chart)
    assert closed.label == "SL −1.40 %"  # with both fees
    assert chart.model.position is None


def test_levels_say_what_they_would_bring() -> None:
    long = position_mark(Story().enter().snapshot())
    short = position_mark(Story().enter(short=True).snapshot())
    assert long is not None
    assert short is not None
    assert long.stop_label.startswith("SL −1.20 % −")
    assert short.stop_label.startswith("SL −1.20 % −")
    assert short.target_label.startswith("TP +2.80 % +")


def level_paths(bot: BotSnapshot, *, gone_by: bool) -> list[LevelPath]:
    rows = LevelRows()
    for index, row in enumerate(bot.session.log.columns.table):  # as they come
        rows.extend(row[None], index)
    return rows.paths(bot, gone_by=gone_by)


def test_the_monitor_shows_the_path_of_a_stop_that_trails() -> None:
    story = Story().enter().go(2).trail().go(2).leave().enter()
    (trail,) = level_paths(story.snapshot(), gone_by=False)
    assert trail.tone == "warn"
    assert np.isnan(trail.levels).tolist() == [True, False, True, True]


def test_a_review_shows_stops_and_targets_of_closed_trades_too() -> None:
    story = Story().enter().go(2).trail().go(2).leave().enter()
    target, stop, trail = level_paths(story.snapshot(), gone_by=True)
    assert (target.tone, stop.tone, trail.tone) == ("up", "down", "warn")
    # opened, trailed, closed, and the open one, whose levels its own lines show
    assert np.isnan(target.levels).tolist() == [False, False, True, True]
    assert np.isnan(stop.levels).tolist() == [False, True, True, True]
    assert np.isnan(trail.levels).tolist() == [True, False, True, True]
    row = story.snapshot().session.log.rows
    opened = row[row[:, ev.KIND] == ev.EventKind.TRADE_OPENED][0]
    step = float(story.snapshot().market.price_step)
    assert target.levels[0] == opened[ev.TARGET] * step
    assert stop.levels[0] == opened[ev.STOP] * step
    assert target.times[0] == opened[ev.ROW_AT]


def test_a_review_shows_the_whole_with_a_cursor(chart: PriceChart) -> None:
    review = Story().enter().go(20).leave().go(20).review()
    feed = ChartFeed(chart)
    end = review.end()
    feed.show(end, whole=end.chart, cursor=review.to_at)
    bars = len(chart.model.candles)
    assert len(marks(chart)) == 1
    early = review.at(review.from_at + 45 * 60_000)
    feed.show(early, whole=end.chart, cursor=review.from_at + 45 * 60_000)
    assert len(chart.model.candles) == bars
    assert marks(chart)[0].exit_at is None  # open at that moment
    assert chart.model.cursor_at == review.from_at + 45 * 60_000
    feed.show(end, whole=end.chart, cursor=review.to_at)
    assert marks(chart)[0].exit_at is not None


def test_many_new_candles_at_once_are_loaded(chart: PriceChart) -> None:
    story, feed = Story(bars=800), ChartFeed(chart)
    feed.show(story.snapshot())
    story.go(500)
    feed.show(story.snapshot())
    assert len(chart.model.candles) == story.bar + 1
