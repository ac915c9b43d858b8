"""Stop and target moved by hand in the inspector, and what else an open position shows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.domain.reasons import Action, ExitReason, Input, Refusal, StopSource
from engine.domain.settings import AddStep, PartialTarget, TradeSettings
from engine.errors import IllegalStep
from engine.messages import commands as cm
from engine.messages.events import EventKind
from tests.gui.opened import click, opened
from tests.gui.paged import retype
from tests.gui.stories import Story
from tests.gui.story_markets import MINUTE
from tests.gui.waiting import drawn, until
from trader_gui.models.level_move import read_move, result_at
from trader_gui.models.position_plan import (
    next_add,
    partial_targets,
    refused_adds,
    time_left_ms,
)
from trader_gui.models.reason_words import exit_said, refusal_words, stop_said
from trader_gui.panels.chart_marks import open_mark, position_mark, step_marks
from trader_gui.panels.level_row import LevelRow

PLAN = TradeSettings(
    stop_loss_pct=Decimal("1.2"),
    partial_targets=(
        PartialTarget(Decimal(1), Decimal(40)),
        PartialTarget(Decimal(2), Decimal(60)),
    ),
    adds=(AddStep(Decimal(2), Decimal(1)), AddStep(Decimal(4), Decimal(2))),
    time_limit_min=90,
    leverage=5,
)


def planned(*, short: bool = False) -> Story:
    story = Story()
    story.settings = replace(story.settings, trade=PLAN)
    return story.enter(short=short)


def below(story: Story, pct: float) -> str:
    return f"{round(story.price * (1 - pct / 100)) / 10:.1f}"


# ------------------------------------------------------------------ the rules, without a window


def test_a_stop_must_be_a_price_on_the_step_and_on_its_side_of_the_market() -> None:
    story = Story().enter()
    bot = story.snapshot()
    assert read_move(bot, "x", stop=True).words == "Not a number"
    assert read_move(bot, "-1", stop=True).words == "Must be above 0"
    assert read_move(bot, "90000.05", stop=True).words == "The price step is 0.1"
    above = f"{story.price / 10 + 50:.1f}"
    assert read_move(bot, above, stop=True).words.startswith("Must be below the price ")
    assert read_move(bot, below(story, 1), stop=False).words.startswith("Must be above the price ")
    short = Story().enter(short=True)
    assert read_move(short.snapshot(), below(short, 1), stop=True).price is None
    assert read_move(short.snapshot(), below(short, 1), stop=False).price is not None


def test_the_consequence_is_the_net_result_at_that_level() -> None:
    story = Story().enter(250)
    bot = story.snapshot()
    level = round(story.entry * 0.99)
    bought, sold = 250 * story.entry, 250 * level
    fees = bought // 1000 + sold / 1000
    assert result_at(bot, level, stop=True) == bot.money(round(sold - bought - fees))
    move = read_move(bot, f"{level / 10:.1f}", stop=True)
    assert move.price == bot.market.scale.price(level)
    assert move.words.startswith("−")
    assert move.words.endswith("after fees at this stop")
    assert move.tone == "down"


def test_a_target_pays_the_fee_of_a_maker_and_no_slippage() -> None:
    story = Story().enter(250)
    trade = replace(story.settings.trade, maker_fee_pct=Decimal(0), slippage_pct=Decimal(1))
    story.settings = replace(story.settings, trade=trade)
    level = round(story.entry * 1.01)
    bot = story.snapshot()
    paid = 250 * story.entry // 1000
    assert result_at(bot, level, stop=False) == bot.money(250 * (level - story.entry) - paid)
    assert result_at(bot, level, stop=True) < result_at(bot, level, stop=False)


def test_what_is_still_to_come_follows_the_fills() -> None:
    story = planned()
    entry = story.entry
    bot = story.snapshot()
    assert [part.level for part in partial_targets(bot)] == [
        -(-entry * 101 // 100),
        -(-entry * 102 // 100),
    ]
    add = next_add(bot)
    assert add is not None
    assert (add.level, add.share) == (entry * 98 // 100, 1)
    story.part(100)
    assert [part.share for part in partial_targets(story.snapshot())] == [60]
    story.add()
    later = next_add(story.snapshot())
    assert later is not None
    assert (later.level, later.share) == (entry * 96 // 100, 2)  # from the first fill
    story.add()
    assert next_add(story.snapshot()) is None


def test_a_step_that_was_refused_is_done_and_is_no_signal() -> None:
    story = planned()
    story.refuse(Refusal.INSUFFICIENT_CASH)
    story.refuse(Refusal.POSITION_ALREADY_OPEN)
    story.refuse(Refusal.DAILY_LOSS, Action.SHORT)
    assert refused_adds(story.snapshot().session.log.rows) == {Refusal.INSUFFICIENT_CASH: 1}
    add = next_add(story.snapshot())
    assert add is not None
    assert add.share == 2


def test_a_short_plans_to_the_other_side() -> None:
    bot = planned(short=True).snapshot()
    entry = bot.session.entry
    assert [part.level for part in partial_targets(bot)] == [
        entry * 99 // 100,
        entry * 98 // 100,
    ]
    add = next_add(bot)
    assert add is not None
    assert add.level == -(-entry * 102 // 100)


def test_the_time_limit_counts_market_time() -> None:
    story = planned()
    assert time_left_ms(story.snapshot()) == 90 * MINUTE
    assert time_left_ms(story.go(30).snapshot()) == 60 * MINUTE
    assert time_left_ms(story.leave().snapshot()) is None


def test_every_code_has_words() -> None:
    assert len({exit_said(code).tag for code in ExitReason}) == len(ExitReason)
    assert all(not any(map(str.isdigit, refusal_words(code))) for code in Refusal)
    assert [stop_said(code).name for code in StopSource] == [
        "SL",
        "Trail",
        "Break-even",
        "SL by hand",
    ]


def test_the_chart_marks_what_set_the_stop_and_what_is_to_come() -> None:
    story = planned()
    story.liquidation = round(story.entry * 0.9)
    story.trail(by=StopSource.BREAK_EVEN)
    mark = position_mark(story.snapshot())
    assert mark is not None
    assert mark.stop_label.startswith("Break-even ")
    assert mark.trailing
    assert [(level.label, level.tone) for level in mark.further] == [
        ("Close 40 %", "cyan"),
        ("Close 60 %", "cyan"),
        ("Add 1 ×", "accent"),
        ("Liquidation", "down"),
    ]


def test_a_spot_short_shows_no_liquidation() -> None:
    story = Story().enter(short=True)
    story.liquidation = 2 * story.entry
    mark = position_mark(story.trail().snapshot())
    assert mark is not None
    assert mark.further == ()


def test_adds_and_partial_exits_are_markers_of_their_trade() -> None:
    story = planned().go(5).add().go(5).part().go(5)
    bot = story.snapshot()
    steps = step_marks(bot, bot.session.log.rows, 0)
    (mark,) = open_mark(bot, steps)
    assert [(step.label, step.buys) for step in mark.steps] == [
        ("Add 0.0250", True),
        ("Part 0.0100", False),
    ]
    early = replace(bot.session, log=bot.session.log.columns.view(bot.session.fills[1].event + 2))
    (before,) = open_mark(replace(bot, session=early), steps)
    assert len(before.steps) == 1  # a review's cursor does not know the later one


# ------------------------------------------------------------------ in the window

pytest_loop = pytest.mark.qt_loop


def rows(held: object) -> tuple[LevelRow, LevelRow]:
    block = held.monitor.inspector.position  # type: ignore[attr-defined]
    return block.stop, block.target


@pytest_loop
async def test_the_stop_is_moved_in_place_and_says_before_what_it_means(tmp_path: Path) -> None:
    story = Story().enter().go(3)
    async with opened(tmp_path, [story]) as held:
        stop, _ = rows(held)
        assert stop.second.text() == "stop loss"
        click(stop.value)
        assert stop.editing
        assert stop.editor.hasFocus()
        assert stop.editor.text() == f"{story.stop / 10:.1f}"
        wanted = below(story, 0.5)
        retype(stop.editor, wanted)
        assert stop.outcome.text().endswith("after fees at this stop")
        QTest.keyClick(stop.editor, Qt.Key.Key_Return)
        await until(lambda: held.asked)
        assert held.asked == [cm.MoveStop(1, Decimal(wanted))]
        assert not stop.editing
        await until(lambda: stop.second.text() == "by hand")
        assert stop.value.text() == f"{Decimal(wanted):,.1f}"


@pytest_loop
async def test_arrows_step_and_escape_leaves_without_a_wish(tmp_path: Path) -> None:
    story = Story().enter().go(3)
    async with opened(tmp_path, [story]) as held:
        _, target = rows(held)
        click(target.pencil)
        before = Decimal(target.editor.text())
        QTest.keyClick(target.editor, Qt.Key.Key_Up)
        assert Decimal(target.editor.text()) == before + Decimal("0.1")
        QTest.keyClick(target.editor, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        assert Decimal(target.editor.text()) == before - Decimal("0.9")
        QTest.keyClick(target.editor, Qt.Key.Key_Escape)
        assert not target.editing
        assert held.asked == []


@pytest_loop
async def test_a_level_on_the_wrong_side_is_not_asked_for(tmp_path: Path) -> None:
    story = Story().enter().go(3)
    async with opened(tmp_path, [story]) as held:
        stop, _ = rows(held)
        click(stop.pencil)
        retype(stop.editor, f"{story.price / 10 + 100:.1f}")
        QTest.keyClick(stop.editor, Qt.Key.Key_Return)
        assert stop.editing
        assert stop.outcome.text().startswith("Must be below the price ")
        assert held.asked == []
        story.leave()
        held.engine.changed()
        await until(lambda: not stop.isVisible())


@pytest_loop
async def test_what_the_engine_refuses_is_told(tmp_path: Path) -> None:
    story = Story().enter().go(3)
    async with opened(tmp_path, [story]) as held:
        stop, _ = rows(held)
        held.engine.fail_with = IllegalStep("The price has passed it meanwhile. Nothing was moved.")
        click(stop.pencil)
        retype(stop.editor, below(story, 0.5))
        QTest.keyClick(stop.editor, Qt.Key.Key_Return)
        await until(lambda: held.window.toasts.texts)
        assert held.window.toasts.texts[-1].startswith("The price has passed it")


@pytest_loop
async def test_a_bot_that_does_not_run_keeps_its_levels(tmp_path: Path) -> None:
    story = Story().enter().go(3).end()
    async with opened(tmp_path, [story]) as held:
        stop, _ = rows(held)
        assert not stop.pencil.isEnabled()
        assert stop.pencil.toolTip() == "Start the bot to move it"
        click(stop.value)
        assert not stop.editing


@pytest_loop
async def test_the_inspector_says_what_is_to_come(tmp_path: Path) -> None:
    story = planned().go(30)
    async with opened(tmp_path, [story]) as held:
        await drawn()
        block = held.monitor.inspector.position
        assert block.partial.second.text() == "closes 40 %"
        assert block.add.second.text() == "1 × more"
        assert block.time.value.text() == "1:00:00"
        assert block.liquidation.isHidden()
        story.liquidation = round(story.entry * 0.9)
        story._event(EventKind.FUNDING_PAID)
        held.engine.changed()
        await until(lambda: not block.liquidation.isHidden())


def test_input_codes_of_moves_are_known() -> None:
    story = Story().enter().move(Input.MOVE_STOP, 900_000)
    assert story.snapshot().session.stop_by == StopSource.HAND
