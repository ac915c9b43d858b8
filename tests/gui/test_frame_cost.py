"""What a frame costs in which nothing but prices changed: figures are painted, nothing is laid out,
and what says the same as before is left alone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication

from engine.messages.snapshot import BotSnapshot
from tests.gui.opened import Opened, opened
from tests.gui.painted import Type, counted
from tests.gui.stories import Story
from tests.gui.waiting import drawn, until
from trader_gui.widgets.gauge import Gauge
from trader_gui.widgets.steady_label import SteadyLabel

pytestmark = pytest.mark.qt_loop
FRAMES = 12


def stories() -> list[Story]:
    held = [Story(1, "holds").enter().go(5), Story(2, "also-holds", seed=2).enter().go(5)]
    return [*held, *(Story(number, f"flat-{number}", seed=number) for number in range(3, 9))]


def frame(held: Opened) -> None:
    """Draw what is new, and let it be laid out and painted, the list of bots too."""
    held.engine.now += 33
    held.program.bridge._draw()
    held.monitor._show_list()
    QCoreApplication.sendPostedEvents(None, Type.LayoutRequest.value)
    QCoreApplication.processEvents()


async def settled(held: Opened) -> None:
    held.program.bridge.beat.stop()  # once a second ages grow: that is another frame
    await until(lambda: not held.monitor.bots.view._next_part.isActive())
    for _ in range(4):
        await drawn()
        frame(held)


def prices(held: Opened, which: Callable[[Story], bool] = lambda _: True) -> None:
    """A dozen frames, in each of which the prices of these bots move a little to and fro."""
    for number in range(FRAMES):
        for story in filter(which, held.engine.stories):
            story.price += (3, -2, 1, -3, 2, -1)[number % 6]
        frame(held)


@pytest.mark.parametrize("size", [(1600, 1000), (1100, 760)])
async def test_prices_lay_nothing_out(tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path, stories(), size) as held:
        await settled(held)
        before = held.monitor.inspector.position.hero.text(), held.monitor.strip.pnl.text()
        with counted() as counter:
            prices(held)
            held.engine.story(1).price += 2
            frame(held)
        after = held.monitor.inspector.position.hero.text(), held.monitor.strip.pnl.text()
        assert before != after
        assert [type(widget).__name__ for widget in counter.laid_out] == []
        assert counter.kinds[Type.ToolTipChange] == 0


async def test_only_figures_the_chart_and_rows_are_painted(tmp_path: Path) -> None:
    async with opened(tmp_path, stories()) as held:
        await settled(held)
        page = held.monitor
        views = (page.chart.chart.view.viewport(), page.bots.view.viewport())
        with counted() as counter:
            prices(held)
        figures = [widget for widget in counter.painted if isinstance(widget, SteadyLabel)]
        assert page.inspector.position.hero in figures
        others = {
            type(widget).__name__
            for widget in counter.painted
            if not isinstance(widget, (SteadyLabel, Gauge)) and widget not in views
        }
        assert others == set()


async def test_prices_of_others_leave_what_is_shown_of_the_chosen_bot_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, stories()) as held:
        await settled(held)
        drawn_of: list[int] = []
        chart, show_bot = held.monitor.chart, held.monitor.chart.show_bot

        def shown(bot: BotSnapshot, *rest: Any, **named: Any) -> None:
            drawn_of.append(bot.bot_id)
            show_bot(bot, *rest, **named)

        monkeypatch.setattr(chart, "show_bot", shown)
        prices(held, lambda story: story.bot_id == 2)
        assert drawn_of == []
        prices(held, lambda story: story.bot_id == 1)
        assert drawn_of == [1] * FRAMES


async def test_ages_of_rows_are_painted_a_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, stories()) as held:
        await settled(held)
        view, delegate = held.monitor.bots.view, held.monitor.bots.delegate
        rows_of: dict[int, list[int]] = {}
        monkeypatch.setattr(
            delegate,
            "paint",
            lambda _, __, index: rows_of.setdefault(
                counter.painted.count(view.viewport()), []
            ).append(index.row()),
        )
        with counted() as counter:
            held.program.bridge.pulse.emit(held.engine.snapshot().status)
            seen = list(view.rows_in_view())
            await until(lambda: set(chain(*rows_of.values())) == set(seen))
        assert len(seen) == len(stories()) + 1
        assert max(map(len, rows_of.values())) <= len(seen) / 3


async def test_a_row_out_of_view_is_painted_as_it_is_once_it_comes_into_view(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, stories()) as held:
        await settled(held)
        model, told = held.monitor.bots.model, list[int]()
        model.dataChanged.connect(lambda first, _: told.append(first.row()))
        row = model.row_of(2)
        assert row is not None

        def at(price: int, seen: range) -> list[int]:
            told.clear()
            held.engine.story(2).price = price
            model.set_in_view(seen)
            model.show(held.engine.snapshot().bots, held.engine.snapshot().status)
            return [one for one in told if one == row]

        price, everything = held.engine.story(2).price, range(99)
        assert at(price + 5, everything) == [row]
        assert at(price + 9, range(row)) == []  # scrolled into view it would be painted like this
        assert at(price + 5, everything) == [row]
        assert at(price + 5, everything) == []


async def test_rows_that_say_the_same_are_not_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, stories()) as held:
        await settled(held)
        view = held.monitor.bots.view.viewport()
        with counted() as counter:
            prices(held, lambda story: not story.position)
        assert view not in counter.painted
        words: list[int] = []
        delegate = held.monitor.bots.delegate
        monkeypatch.setattr(delegate, "_words", lambda *_: words.append(1))
        with counted() as counter:
            prices(held, lambda story: story.bot_id == 2)
        assert view in counter.painted
        assert words == []
        held.engine.story(3).enter()
        frame(held)
        assert words == [1]
