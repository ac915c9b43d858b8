"""The restart check: shown when something ran or differed, and what a person can decide there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.domain.bots import BotState
from engine.errors import IllegalStep
from engine.messages.commands import LeaveStopped, ResumeBots, SetResumeChoice
from engine.messages.recovery import RestartCheck, ResumeChoice
from tests.gui.opened import Opened, click, cut, opened_over, overlaps, press
from tests.gui.paged import paged
from tests.gui.restarted import DIFFERENCE, FILE, restarted
from tests.gui.test_settings_page import page_of
from tests.gui.waiting import drawn, until
from trader_gui.models import restart
from trader_gui.pages.monitor import MonitorPage
from trader_gui.pages.restart.page import RestartPage
from trader_gui.theme.theme import Appearance, theme

pytestmark = pytest.mark.qt_loop
SIZES = [(1600, 1000), (1100, 700), (960, 600)]


def page_in(held: Opened) -> RestartPage:
    page = held.window.page("monitor")
    assert isinstance(page, RestartPage)
    return page


def decided(held: Opened) -> bool:
    return isinstance(held.window.page("monitor"), MonitorPage)


async def looked_back(page: RestartPage) -> None:
    await until(lambda: all("Looking up" not in row.missed.text() for row in page.rows.values()))
    await drawn()


async def test_it_says_what_ran_what_is_open_what_was_missed_and_what_will_happen(
    tmp_path: Path,
) -> None:
    async with opened_over(restarted(tmp_path)) as held:
        page = page_in(held)
        await looked_back(page)
        assert page.ran.text().startswith("5 bots ran when the program was broken off, 4 h ago.")
        assert page.open.text().startswith("2 positions are open, UNGUARDED")
        first = next(row for row in page.rows.values() if "223 candles" in row.missed.text())
        assert "Stop " in first.missed.text()
        assert "was reached in the candle of" in first.missed.text()
        assert "Price now " in first.missed.text()
        assert first.will.text() == "Will close at the first price: a late exit"
        assert "stop " in first.held.text()
        assert "unguarded since" in first.held.text()
        assert first.held.property("tone") == "warn"
        others = [row for row in page.rows.values() if row is not first]
        assert {row.missed.text() for row in others} == {
            "Nothing was missed: the simulated market waited."
        }
        assert {row.held.text() for row in others if not row.held.text().count("from")} == {"Flat"}
        assert page.stored.lines == [("ok", FILE), ("warn", DIFFERENCE.words)]
        assert held.asked == []  # nothing goes on before somebody decided


async def test_positions_of_bots_that_were_stopped_before_are_told(tmp_path: Path) -> None:
    async with opened_over(restarted(tmp_path)) as held:
        bots = held.engine.snapshot().bots
        one, other = (bot for bot in bots if bot.unguarded)
        flat = [bot for bot in bots if not bot.unguarded]
    assert restart.open_words(flat, flat).words == "No position is open without its exits."
    assert "since before" not in restart.open_words([one, other], flat).words
    said = restart.open_words([one, *flat], [other])
    assert said.words.startswith("2 positions are open, UNGUARDED")
    assert said.words.endswith(
        "1 of them is held since before by a bot that was stopped; start it to have it watched."
    )
    assert said.tone == "warn"
    assert " It is held since before" in restart.open_words(flat, [one]).words


async def test_resume_all_goes_on_with_every_bot_and_shows_the_monitor(tmp_path: Path) -> None:
    async with opened_over(restarted(tmp_path)) as held:
        page = page_in(held)
        assert page.resume.text() == "Resume all"
        click(page.resume)
        await until(lambda: decided(held))
        assert held.asked == [ResumeBots(tuple(page.rows))]
        assert {bot.state for bot in held.engine.snapshot().bots} == {BotState.RUNNING}
        assert held.window.current_page == "monitor"


async def test_some_can_be_chosen(tmp_path: Path) -> None:
    async with opened_over(restarted(tmp_path)) as held:
        page = page_in(held)
        first, second, *others = page.rows.values()
        for row in (first, *others):
            click(row.choice)
        assert page.resume.text() == "Resume 1 of 5"
        click(second.choice)
        assert not page.resume.isEnabled()
        click(second.choice)
        click(page.resume)
        await until(lambda: decided(held))
        assert held.asked == [ResumeBots((second.bot_id,))]


async def test_stay_stopped_ends_their_sessions(tmp_path: Path) -> None:
    async with opened_over(restarted(tmp_path)) as held:
        page = page_in(held)
        click(page.stay)
        await until(lambda: decided(held))
        (asked,) = held.asked
        assert asked == LeaveStopped(tuple(page.rows))


async def test_it_waits_while_somebody_looks_elsewhere_and_can_be_put_off(tmp_path: Path) -> None:
    async with opened_over(restarted(tmp_path)) as held:
        page = page_in(held)
        held.window.show_page("sessions")
        held.program.new_bot()
        held.window.show_page("monitor")
        assert page_in(held) is page
        click(page.later)
        assert decided(held)
        assert held.asked == []
        assert all(bot.interrupted for bot in held.engine.snapshot().bots)


async def test_who_chose_to_resume_sees_them_go_on(tmp_path: Path) -> None:
    engine = restarted(tmp_path)
    engine.restart = replace(engine.restart, choice=ResumeChoice.RESUME)
    async with opened_over(engine) as held:
        page = page_in(held)
        await until(lambda: page.resume.text() == "Show the Monitor")
        assert held.asked == [ResumeBots(tuple(page.rows))]
        assert {row.will.text() for row in page.rows.values()} == {"Goes on: running"}
        assert page.stay.isHidden()
        click(page.resume)
        assert decided(held)
        assert len(held.asked) == 1


async def test_a_bot_that_cannot_go_on_is_told_and_the_page_stays(tmp_path: Path) -> None:
    engine = restarted(tmp_path)
    async with opened_over(engine) as held:
        page = page_in(held)
        engine.fail_with = IllegalStep("Not every bot could go on. btc-trend-1: No file.")
        click(page.resume)
        await until(lambda: held.window.toasts.texts)
        assert held.window.toasts.texts == ["Not every bot could go on. btc-trend-1: No file."]
        assert not decided(held)
        assert page.resume.isEnabled()


async def test_nothing_is_shown_when_nothing_ran(tmp_path: Path) -> None:
    engine = restarted(tmp_path)
    engine.restart = RestartCheck(file_words=FILE)
    async with opened_over(engine) as held:
        assert decided(held)


async def test_what_differed_is_shown_though_nothing_ran(tmp_path: Path) -> None:
    engine = restarted(tmp_path)
    engine.restart = RestartCheck(file_words=FILE, differences=(DIFFERENCE,))
    async with opened_over(engine) as held:
        page = page_in(held)
        assert page.ran.text() == "No bot ran when the program ended."
        assert page.resume.text() == "Show the Monitor"


async def test_what_is_found_later_is_told_wherever_the_person_is(tmp_path: Path) -> None:
    engine = restarted(tmp_path, differences=False)
    async with opened_over(engine) as held:
        held.window.show_page("sessions")
        engine.restart = replace(
            engine.restart,
            differences=(DIFFERENCE, DIFFERENCE),
            damaged=True,
            file_words="The database file is damaged.",
        )
        engine.changed()
        await until(lambda: len(held.window.toasts.texts) == 2)
        first, second = held.window.toasts.texts
        assert first == f"{DIFFERENCE.words} 1 more differences were found."
        assert second == "The database file is damaged."


async def test_many_bots_have_room(tmp_path: Path) -> None:
    engine = restarted(tmp_path)
    ran = engine.restart.ran[0]
    from tests.gui.restarted import interrupted
    from tests.gui.stories import Story

    engine.stories += [interrupted(Story(bot_id, f"bot-{bot_id}")) for bot_id in range(10, 80)]
    more = tuple(replace(ran, bot_id=bot_id) for bot_id in range(10, 80))
    engine.restart = replace(engine.restart, ran=engine.restart.ran + more)
    async with opened_over(engine) as held:
        page = page_in(held)
        assert len(page.rows) == 60
        assert sum("from" in row.held.text() for row in list(page.rows.values())[:2]) == 2
        click(page.resume)
        await until(lambda: decided(held))
        (asked,) = held.asked
        assert isinstance(asked, ResumeBots)
        assert sorted(asked.bot_ids) == [1, 2, 3, 4, 5, *range(10, 80)]


async def test_it_fits(tmp_path: Path) -> None:
    theme().apply(Appearance.LIGHT)
    async with opened_over(restarted(tmp_path)) as held:
        page = page_in(held)
        await looked_back(page)
        for size in SIZES:
            held.window.resize(*size)
            await drawn()
            assert overlaps(page) == []
            assert cut(page) == []


async def test_what_happens_at_the_next_start_is_chosen_in_settings(tmp_path: Path) -> None:
    engine = restarted(tmp_path)
    async with paged(engine, page_of(tmp_path)) as held:  # type: ignore[arg-type]
        form = held.page.restarts
        assert form.way.value == "ask"
        press(form.way, "resume")
        await until(lambda: engine.restart.choice is ResumeChoice.RESUME)
        assert engine.commands == [SetResumeChoice(ResumeChoice.RESUME)]
        engine.fail_with = IllegalStep("The disk is full.")
        press(form.way, "stay_stopped")
        await until(lambda: form.words.text() == "The disk is full.")
        assert form.way.value == "resume"
