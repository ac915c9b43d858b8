"""What each bot does, what holds it up, and whether it is alive: where a person reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from engine.domain.bots import BotState
from engine.messages import commands as cm
from tests.gui.fakes import FakeEngine
from tests.gui.lifecycle import every_sub_state
from tests.gui.opened import click, cut, opened_over, overlaps
from tests.gui.stories import Story
from tests.gui.waiting import drawn
from trader_gui.frame.frame_values import feed_cell
from trader_gui.models import facts
from trader_gui.models.bots_model import BotRole
from trader_gui.panels.verbs import Verb, offer


def engine_with_all(folder: Path) -> FakeEngine:
    engine = FakeEngine(folder)
    engine.stories, engine.pulses = every_sub_state(engine.now)
    return engine


def told(engine: FakeEngine) -> dict[str, tuple[str, str]]:
    """Of each bot: the words beside its state, and the colour of its heart."""
    now = engine.snapshot()
    return {
        bot.settings.name: (
            facts.state_detail(bot, engine.now).words,
            facts.heartbeat(bot, now.status.pulses[bot.bot_id], engine.now).tone,
        )
        for bot in now.bots
    }


def test_each_says_what_it_does_and_how_alive_it_is(tmp_path: Path) -> None:
    assert told(engine_with_all(tmp_path)) == {
        "btc-late": ("in position 20 m", "warn"),
        "eth-stalled": ("Prices stalled", "down"),
        "eth-again": ("Trying again in 40 s (2nd time)", "text3"),
        "sol-disk": ("Database not writable", "down"),
        "btc-closing": ("Closing", "text3"),
        "btc-paused": ("takes no new position", "text3"),
        "sol-warm": ("Warming up 42 / 200", "text3"),
        "btc-first": ("Connecting to binance", "text3"),
        "btc-failed": ("at 07:10", "text3"),
    }


def test_the_age_of_a_price_is_not_that_of_a_decision(tmp_path: Path) -> None:
    engine = engine_with_all(tmp_path)
    now = engine.snapshot()
    late, pulse = now.bots[0], now.status.pulses[1]
    assert facts.heartbeat(late, pulse, engine.now) == facts.Said("4 m 10 s", "warn")
    assert facts.price_age(late, pulse, engine.now) == facts.Said("0.8 s", "text3")
    assert feed_cell(late, now.status)[:2] == ("simulated 0.8 s", "")
    disk = now.bots[3]
    assert facts.heartbeat(disk, now.status.pulses[4], engine.now).words == "55 s"


def test_numbers_of_tries() -> None:
    numbers = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 21: "21st"}
    assert {number: facts.ordinal(number) for number in numbers} == numbers


def test_who_is_tried_again_can_be_stopped_and_need_not_be_waited_for(tmp_path: Path) -> None:
    bots = {bot.settings.name: bot for bot in engine_with_all(tmp_path).snapshot().bots}
    again, failed = bots["eth-again"], bots["btc-failed"]
    assert offer(again, Verb.START).words == "Try now"
    assert offer(again, Verb.STOP).open
    assert not offer(failed, Verb.STOP).open
    assert [facts.short_words(bot).words for bot in (again, failed)] == ["Trying again", "Error"]
    assert again.state is BotState.ERROR


@pytest.mark.qt_loop
@pytest.mark.parametrize("size", [(1600, 1000), (1100, 700)])
async def test_the_monitor_shows_it_all(tmp_path: Path, size: tuple[int, int]) -> None:
    engine = engine_with_all(tmp_path)
    async with opened_over(engine, size) as held:
        page = held.monitor
        inspector = page.inspector
        if size[0] < 1280:
            page.toggle_inspector()
        for bot in engine.snapshot().bots:
            page.bots.select(bot.bot_id)
            await drawn()
            assert cut(inspector) == []
            assert overlaps(inspector) == []
            runs = bot.state in (BotState.RUNNING, BotState.PENDING)
            assert inspector.signs.isVisible() is runs
        page.bots.select(1)
        await drawn()
        assert inspector.lamp.level == "warn"
        assert inspector.lamp.toolTip() == "A decision has been due for 4 m 10 s."
        assert inspector.signs.decision.value.text() == "4 m 20 s ago"
        page.bots.select(3)
        await drawn()
        assert inspector.error.title.text() == "Last error: exchange"
        assert inspector.detail.text() == "Trying again in 40 s (2nd time)"
        engine.now += 15_000
        held.program.bridge.beat._beat()
        assert inspector.detail.text() == "Trying again in 25 s (2nd time)"
        row = page.bots.model.index(page.bots.model.row_of(3) or 0)
        hint = row.data(Qt.ItemDataRole.ToolTipRole)
        assert "could not be reached" in hint
        assert "Trying again in 25 s (2nd time)." in hint
        assert row.data(BotRole.ROW).stops
        click(inspector.verbs[Verb.STOP])
        await drawn()
        assert engine.commands == [cm.StopBot(3)]


def test_a_bot_told_aloud_says_what_holds_it_up() -> None:
    story = Story()
    assert "warming" not in facts.sentence(story.snapshot(), "EMA cross")
    names = {bot.settings.name: bot for bot in (one.snapshot() for one in every_sub_state(0)[0])}
    said = facts.sentence(names["sol-disk"], "EMA cross")
    assert said.endswith(", database not writable")
    assert facts.sentence(names["eth-again"], "EMA").endswith("trying again, 2nd time")
