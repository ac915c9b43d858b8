"""Bots in every sub-state and with every lamp, as stories."""

from __future__ import annotations

from engine.domain.bots import BotState
from engine.domain.listings import FeedCondition
from engine.domain.reasons import Input
from engine.domain.sub_states import SubState
from engine.errors import FaultKind
from engine.messages.snapshot import Pulse, Retry
from tests.gui.stories import Story
from tests.gui.story_markets import ETH, SOL

AWAY = (
    "binance could not be reached for reading candles. The program tries again by itself; check "
    "the network if it lasts."
)


def every_sub_state(now: int) -> tuple[list[Story], dict[int, Pulse]]:
    """The stories at wall time `now`, and pulses by bot that are not the usual ones."""
    late = Story(1, "btc-late").enter().go(20)
    stalled = Story(2, "eth-stalled", ETH, first=3_200.0).enter(2_000).go(9)
    stalled.on_exchange(FeedCondition.STALE, "Nothing was heard for 48 s", reconnects=1)
    stalled.doing(SubState.FEED_STALE)
    again = Story(3, "eth-again", ETH, first=3_200.0).on_exchange(FeedCondition.CONNECTING)
    again.feed = None
    again.fail(AWAY, FaultKind.EXCHANGE, Retry(2, now + 40_000))
    unstored = Story(4, "sol-disk", SOL, first=186.0).go(9).doing(SubState.DATABASE)
    closing = Story(5, "btc-closing").enter().go(5).doing(SubState.CLOSING)
    paused = Story(6, "btc-paused").command(Input.PAUSE_ENTRIES).doing(SubState.ENTRIES_PAUSED)
    warming = Story(7, "sol-warm", SOL, first=186.0)
    warming.doing(SubState.WARMING_UP, known=42, wanted=200)
    first = Story(8, "btc-first").on_exchange(FeedCondition.CONNECTING, "Connecting to binance")
    first.state = BotState.PENDING
    first.doing(SubState.CONNECTING, exchange="binance")
    failed = Story(9, "btc-failed").fail()
    usual = {"tick_at": now - 800, "candle_at": now - 30_000, "write_at": now - 900}
    return [late, stalled, again, unstored, closing, paused, warming, first, failed], {
        1: Pulse(
            **usual, decision_at=now - 260_000, decision_due_at=now - 250_000, run_at=now - 900
        ),
        2: Pulse(tick_at=now - 120_000, run_at=now - 60_000),
        3: Pulse(run_at=now - 90_000),
        4: Pulse(**usual, decision_at=now - 30_000, write_due_at=now - 55_000),
        8: Pulse(),
        9: Pulse(run_at=now - 3_600_000),
    }
