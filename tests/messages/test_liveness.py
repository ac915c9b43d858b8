"""When a bot's lamp turns amber and red, and when it must not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.domain.bots import BotState, FeedChoice, FeedKind
from engine.domain.listings import FeedCondition, FeedStatus
from engine.messages.liveness import (
    Lamp,
    decision_limits,
    lag_lamp,
    liveness,
)
from engine.messages.snapshot import BotSnapshot, Pulse
from tests.gui.stories import Story

NOW = 10_000_000_000
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000


def of(kind: FeedKind, timeframe_ms: int = MINUTE) -> BotSnapshot:
    story = Story()
    story.settings = replace(
        story.settings, timeframe_ms=timeframe_ms, feed=FeedChoice(kind, exchange="binance")
    )
    return story.snapshot()


@pytest.mark.parametrize(
    ("timeframe_ms", "speed", "amber_ms", "red_ms"),
    [
        (MINUTE, 1, 3 * MINUTE, 10 * MINUTE),
        (5 * MINUTE, 1, 10 * MINUTE, 35 * MINUTE),
        (HOUR, 1, HOUR + 5 * MINUTE, HOUR + 30 * MINUTE),
        (24 * HOUR, 1, 24 * HOUR + 5 * MINUTE, 24 * HOUR + 30 * MINUTE),
        (MINUTE, 10, 18 * SECOND, 60 * SECOND),
        (MINUTE, 600, 6 * SECOND, 20 * SECOND),
        (MINUTE, 0, 6 * SECOND, 20 * SECOND),
        (MINUTE, 0.5, 2 * MINUTE + 4 * MINUTE, 2 * MINUTE + 18 * MINUTE),
    ],
)
def test_a_decision_is_late_by_its_timeframe_in_our_time(
    timeframe_ms: int, speed: float, amber_ms: int, red_ms: int
) -> None:
    assert decision_limits(timeframe_ms, speed) == (amber_ms, red_ms)
    bot = of(FeedKind.EXCHANGE, timeframe_ms)
    fresh = Pulse(tick_at=NOW - SECOND, decision_at=NOW - 9 * red_ms, speed=speed)
    lamps = [
        liveness(bot, replace(fresh, decision_due_at=NOW - due_ms), NOW).lamp
        for due_ms in (amber_ms, amber_ms + 1, red_ms, red_ms + 1)
    ]
    assert lamps == [Lamp.OK, Lamp.AMBER, Lamp.AMBER, Lamp.RED]


def test_decisions_that_stop_while_prices_come_say_so() -> None:
    pulse = Pulse(tick_at=NOW - 500, decision_at=NOW - 5 * MINUTE, decision_due_at=NOW - 4 * MINUTE)
    signs = liveness(of(FeedKind.SIMULATED), pulse, NOW)
    assert [sign.lamp for sign in signs.signs] == [Lamp.OK, Lamp.OK, Lamp.AMBER, Lamp.OK]
    assert signs.worst is signs.decision
    assert signs.worst.words == "A decision has been due for 4 m."
    assert signs.decision.age_ms == 5 * MINUTE


@pytest.mark.parametrize(
    ("kind", "tick_age", "lamp"),
    [
        # A real market may be quiet for hours, and a file has gaps.
        (FeedKind.EXCHANGE, 5 * HOUR, Lamp.OK),
        (FeedKind.FILE, 5 * HOUR, Lamp.OK),
        (FeedKind.SIMULATED, 6 * SECOND, Lamp.OK),
        (FeedKind.SIMULATED, 7 * SECOND, Lamp.AMBER),
        (FeedKind.SIMULATED, 21 * SECOND, Lamp.RED),
    ],
)
def test_a_market_may_be_quiet(kind: FeedKind, tick_age: int, lamp: Lamp) -> None:
    pulse = Pulse(tick_at=NOW - tick_age, candle_at=NOW - tick_age, decision_at=NOW - tick_age)
    assert liveness(of(kind), pulse, NOW).lamp is lamp


@pytest.mark.parametrize(
    ("condition", "reconnects", "age", "lamp"),
    [
        (FeedCondition.FRESH, 3, HOUR, Lamp.OK),
        (FeedCondition.CONNECTING, 0, HOUR, Lamp.OK),
        (FeedCondition.CONNECTING, 1, SECOND, Lamp.AMBER),
        (FeedCondition.STALE, 0, 31 * SECOND, Lamp.AMBER),
        (FeedCondition.WAITING, 0, 101 * SECOND, Lamp.RED),
    ],
)
def test_live_prices_are_judged_by_their_feed(
    condition: FeedCondition, reconnects: int, age: int, lamp: Lamp
) -> None:
    feed = FeedStatus("binance", None, condition, "", None, reconnects)
    bot = replace(of(FeedKind.EXCHANGE), feed=feed)
    assert liveness(bot, Pulse(tick_at=NOW - age), NOW).lamp is lamp


def test_who_waits_for_its_first_price_or_does_not_run_has_no_lamp() -> None:
    bot = of(FeedKind.EXCHANGE)
    for state in (BotState.PENDING, BotState.STOPPED, BotState.ERROR):
        assert liveness(replace(bot, state=state), Pulse(), NOW).lamp is Lamp.OFF
    old = Pulse(tick_at=1, decision_at=1, decision_due_at=1, write_due_at=1)
    assert liveness(replace(bot, state=BotState.STOPPED), old, NOW).lamp is Lamp.OFF


def test_what_is_not_written_and_a_loop_that_lags() -> None:
    bot = of(FeedKind.FILE)
    lamps = [
        liveness(bot, Pulse(tick_at=NOW, write_due_at=NOW - age), NOW).lamp
        for age in (15_000, 15_001, 50_001)
    ]
    assert lamps == [Lamp.OK, Lamp.AMBER, Lamp.RED]
    assert [lag_lamp(ms) for ms in (99.0, 101.0, 1_001.0)] == [Lamp.OK, Lamp.AMBER, Lamp.RED]
