"""What panels say of a bot: words and tones of every state, figures, ages, verbs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.bots import BotState, Mode
from engine.domain.reasons import Input
from engine.domain.sub_states import SubState
from engine.messages.snapshot import Pulse
from tests.gui.stories import Story, five_bots
from trader_gui.models import facts
from trader_gui.models.bots_model import group_gain, group_words
from trader_gui.models.trade_rows import trade_columns, trade_rows
from trader_gui.panels.verbs import Verb, entry_verb, offer, toggle_verb


def told(story: Story) -> tuple[str, str, str]:
    bot = story.snapshot()
    return facts.state_said(bot).words, facts.row_words(bot, 0).words, facts.short_words(bot).words


def test_words_of_states() -> None:
    assert told(Story()) == ("Running", "Flat", "Flat")
    assert told(Story().command(Input.PAUSE_ENTRIES)) == (
        "Entries paused",
        "Flat, entries paused",
        "Paused",
    )
    assert told(Story().end()) == ("Stopped", "Stopped 07:10", "Stopped")
    assert told(Story().fail("It broke.")) == ("Error", "It broke.", "Error")
    resting = Story().end()
    resting.interrupted = True
    assert told(resting) == ("Interrupted", "Interrupted", "Interrupted")


def test_what_stands_beside_a_state_does_not_say_it_again() -> None:
    paused = replace(
        Story().command(Input.PAUSE_ENTRIES).snapshot(), sub_state=SubState.ENTRIES_PAUSED
    )
    assert facts.state_said(paused).words == "Entries paused"
    assert facts.state_detail(paused, 0).words == "takes no new position"
    held = Story().enter().go(3).command(Input.PAUSE_ENTRIES).snapshot()
    held = replace(held, sub_state=SubState.ENTRIES_PAUSED)
    assert facts.state_detail(held, 0).words.startswith("in position")


def test_a_position_that_nothing_guards_is_amber() -> None:
    bot = Story().enter().end().snapshot()
    assert facts.short_words(bot) == facts.Said("UNGUARDED", "warn")
    assert facts.state_detail(bot, 0).tone == "warn"


def test_figures_have_sign_and_tone() -> None:
    bot = Story().snapshot()
    assert facts.pnl(bot, Decimal("84.2")) == facts.Said("+84.20", "up")
    assert facts.pnl(bot, Decimal("-20.35")) == facts.Said("−20.35", "down")
    assert facts.pnl(bot, Decimal("-0.001")) == facts.Said("0.00", "text3")
    assert facts.percent(Decimal(1), Decimal(0)).words == "–"
    assert facts.win_rate(bot) == ("–", "no trades yet")


@pytest.mark.parametrize(("age", "tone"), [(800, "text3"), (7_000, "warn"), (30_000, "down")])
def test_a_heartbeat_turns_amber_then_red(age: int, tone: str) -> None:
    bot, now = Story().snapshot(), 1_000_000
    assert facts.heartbeat(bot, Pulse(tick_at=now - age), now).tone == tone
    assert facts.is_stale(bot, Pulse(tick_at=now - age), now) is (tone == "down")


def test_a_stopped_bot_has_no_heartbeat() -> None:
    assert facts.heartbeat(Story().end().snapshot(), Pulse(tick_at=1), 10**9).words == "–"


def test_groups_count_and_sum() -> None:
    bots = [story.snapshot() for story in five_bots()]
    assert group_words(bots) == "4 running · 1 pending"
    assert group_gain(bots).words == "−29.58"
    assert all(bot.settings.mode is Mode.PAPER for bot in bots)
    assert group_words([Story().end().snapshot()]) == "1 stopped"


def test_verbs_follow_the_state() -> None:
    running, held = Story().snapshot(), Story().enter().snapshot()
    assert entry_verb(running) is Verb.PAUSE
    assert toggle_verb(running) is Verb.STOP
    assert not offer(running, Verb.CLOSE).open
    assert offer(held, Verb.CLOSE).open
    stopped = Story().enter().end().snapshot()
    assert entry_verb(stopped) is Verb.START
    assert offer(stopped, Verb.START).open
    assert not offer(stopped, Verb.STOP).open
    assert offer(stopped, Verb.CLOSE).open  # it runs just long enough to close
    broken = Story().fail().snapshot()
    assert broken.state is BotState.ERROR
    assert offer(broken, Verb.START).open
    paused = Story().command(Input.PAUSE_ENTRIES).snapshot()
    assert entry_verb(paused) is Verb.RESUME
    assert offer(paused, Verb.RESUME).open


def test_a_trade_that_ended_in_its_first_bar_was_held_for_less_than_one() -> None:
    at_once, later = Story().enter().leave(), Story().enter().go(3).leave()
    held = next(column for column in trade_columns() if column.key == "held")
    assert [held.text(trade_rows(s.snapshot()), 0) for s in (at_once, later)] == ["< 1 bar", "3 m"]
    assert facts.state_detail(Story().enter().snapshot(), 0).words == "in position < 1 bar"
