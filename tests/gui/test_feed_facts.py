"""Live prices in the window: how they come in, and what is seen when they do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from engine.domain.bots import BotState
from engine.domain.candles import no_candles
from engine.domain.listings import FeedCondition, Way
from engine.domain.sub_states import SubState
from engine.messages.histories import CandleColumns, ChartView
from engine.messages.snapshot import BotSnapshot, EngineStatus, Pulse
from tests.gui.opened import cut, opened, overlaps
from tests.gui.stories import Story
from tests.gui.waiting import drawn, until
from trader_gui.frame.frame_values import feed_cell
from trader_gui.models import facts, feed_facts

NOW = 10_000_000
AWAY = "binance could not be reached for following trades. Attempt 3 in 12 s."


def cell(story: Story, age_ms: int | None) -> tuple[str, str, str]:
    pulse = Pulse() if age_ms is None else Pulse(tick_at=NOW - age_ms)
    return feed_cell(story.snapshot(), EngineStatus(NOW, 0.0, {story.bot_id: pulse}))


def test_a_quiet_market_is_believed_as_long_as_its_feed_is_fresh() -> None:
    story = Story().on_exchange()
    bot, pulse = story.snapshot(), Pulse(tick_at=NOW - 600_000)
    assert facts.heartbeat(bot, pulse, NOW) == facts.Said("10 m", "text3")
    assert not facts.is_stale(bot, pulse, NOW)
    hint = "Trades by websocket. Exchange clock +120 ms."
    assert cell(story, 600_000) == ("binance 10 m", "", hint)


@pytest.mark.parametrize(
    ("condition", "short"),
    [
        (FeedCondition.STALE, "Prices stalled"),
        (FeedCondition.CONNECTING, "Connecting again"),
        (FeedCondition.WAITING, "Waiting for binance"),
    ],
)
def test_prices_that_do_not_come_are_amber_then_red(condition: FeedCondition, short: str) -> None:
    story = Story().on_exchange(condition, AWAY, reconnects=2, skew_ms=None)
    bot = story.snapshot()
    assert facts.is_stale(bot, Pulse(tick_at=NOW - 900), NOW)
    assert [facts.heartbeat(bot, Pulse(tick_at=NOW - age), NOW).tone for age in (900, 101_000)] == [
        "warn",
        "down",
    ]
    assert facts.row_words(bot, NOW) == facts.Said(short, "warn")
    assert facts.state_detail(bot, NOW) == facts.Said(short, "warn")
    assert facts.short_words(bot) == facts.Said("No prices", "warn")
    assert facts.sentence(bot, "EMA cross").endswith(f", {short.lower()}")
    words, level, hint = cell(story, 48_000)
    assert (words, level) == ("binance 48 s", "warn")
    assert hint.endswith(f"{AWAY} Connected again 2 times in this run.")


def test_the_first_connection_is_no_trouble() -> None:
    story = Story().on_exchange(FeedCondition.CONNECTING, "Connecting", skew_ms=None)
    story.state = BotState.PENDING
    bot = story.snapshot()
    assert not facts.is_stale(bot, Pulse(), NOW)
    assert cell(story, None) == ("binance connecting", "", "Connecting.")
    waiting = Story().on_exchange(FeedCondition.WAITING, "It is closed for maintenance.")
    assert cell(waiting, None)[:2] == ("binance waiting", "warn")


def test_a_stopped_bot_listens_to_nothing() -> None:
    story = Story().on_exchange().end()
    story.feed = None
    assert cell(story, None) == ("binance stopped", "", "Age of the selected bot's last price")
    assert feed_facts.condition_word(story.snapshot()) == ""


@pytest.mark.parametrize(
    ("skew", "words"),
    [(120, "+120 ms"), (-1_500, "−1,500 ms"), (0, "0 ms"), (None, "–")],
)
def test_a_clock_has_a_sign(skew: int | None, words: str) -> None:
    assert feed_facts.skew_words(skew) == words


def test_every_way_has_words_and_none_is_a_dash() -> None:
    bot = Story().on_exchange().snapshot()
    assert bot.feed is not None
    said = [
        feed_facts.way_words(replace(bot, feed=replace(bot.feed, way=way))) for way in (*Way, None)
    ]
    assert said == [
        "Trades by websocket",
        "Quotes by websocket",
        "Candles by websocket",
        "Trades, asked for",
        "Candles, asked for",
        "–",
    ]


def test_the_line_says_what_its_way_does_not() -> None:
    bot = Story().on_exchange().snapshot()
    assert feed_facts.line_words(bot) == ""
    waits = "Trades by websocket: waiting for the first trade of this market"
    assert feed_facts.line_words(Story().on_exchange(words=waits).snapshot()) == waits
    assert feed_facts.line_words(replace(bot, feed=None)) == ""


class Unpriced(Story):
    """Before its first price."""

    def snapshot(self) -> BotSnapshot:
        if self.state is not BotState.PENDING:
            return super().snapshot()
        nothing = ChartView(CandleColumns(no_candles(60_000), {}), 0)
        return replace(super().snapshot(), price=None, chart=nothing)


@pytest.mark.qt_loop
async def test_a_bot_without_a_first_price_shows_what_it_waits_for(tmp_path: Path) -> None:
    waits = "Trades by websocket: waiting for the first trade of this market"
    story = Unpriced().on_exchange(words=waits)
    story.state = BotState.PENDING
    story.doing(SubState.FIRST_TRADE)
    async with opened(tmp_path, [story]) as held:
        await drawn()
        feed = held.monitor.inspector.feed
        assert feed.words.isVisible()
        assert feed.words.text() == waits
        assert cut(held.monitor.inspector) == []
        empty = held.monitor.chart.empty
        assert empty.isVisible()
        said = [line.text() for line in empty.findChildren(QLabel)]
        assert said == ["Waiting for the first trade", waits]
        assert cut(empty) == []
        story.state = BotState.RUNNING
        held.engine.changed()
        await until(held.monitor.chart.chart.isVisible)


@pytest.mark.qt_loop
@pytest.mark.parametrize("size", [(1600, 1000), (1100, 700)])
async def test_the_monitor_shows_where_prices_come_from_and_that_they_fail(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    story = Story().enter().go(3).on_exchange()
    async with opened(tmp_path, [story], size) as held:
        page = held.monitor
        if size[0] < 1280:
            page.toggle_inspector()
        await drawn()
        feed = page.inspector.feed
        assert feed.isVisible()
        assert feed.corner.text() == "fresh"
        rows = (feed.exchange, feed.way, feed.clock, feed.again)
        assert [row.value.text() for row in rows] == [
            "binance",
            "Trades by websocket",
            "+120 ms",
            "never",
        ]
        assert not page.inspector.position.hero.text().startswith("~")
        story.on_exchange(FeedCondition.STALE, AWAY, reconnects=1)
        held.engine.pulse_age_ms = 48_000
        held.engine.changed()
        await until(lambda: feed.corner.text() == "stalled")
        await drawn()
        assert feed.words.text() == AWAY
        assert page.inspector.position.hero.text().startswith("~")
        last = page.chart.chart.model.last_price
        assert last is not None
        assert (last.text, last.stale) == ("48 s", True)
        if size[0] < 1280:
            assert page.strip.pnl.text().startswith("~")
        held.program.frame.show_status(held.engine.snapshot().status)
        bar = held.window.status_bar
        assert bar.words("feed") == "Feed binance 48 s"
        assert "refused until prices come again" in bar._cells["feed"].toolTip()
        assert overlaps(page.inspector) == []
        assert cut(page.inspector) == []
        story.feed = None
        story.end()
        held.engine.changed()
        await until(lambda: not feed.isVisible())
