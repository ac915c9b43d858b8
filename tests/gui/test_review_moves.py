"""Everything that moves the cursor of a review: keys, buttons, menus, play, jumps and the way
back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.events import EventKind
from tests.golden.unpacking import GOLDEN, unpack
from tests.gui.first_steps import reviewed
from tests.gui.moved import MOVES, engine_in, keyed, moments
from tests.gui.opened import click, press
from tests.gui.paged import Paged, paged, with_history
from tests.gui.test_review_proof import over_golden
from tests.gui.waiting import drawn, until
from trader_gui.pages.review.cursor import SPEEDS
from trader_gui.pages.review.page import ReviewPage
from trader_gui.settings.preferences import Preferences
from trader_gui.theme.theme import theme

pytestmark = pytest.mark.qt_loop
LEFT = Qt.MouseButton.LeftButton
MINUTE = 60_000


STEPS = {
    "event": (),
    "trade": (EventKind.TRADE_OPENED, EventKind.TRADE_CLOSED),
    "refusal": (EventKind.REFUSAL,),
    "error": (EventKind.ERROR,),
}
WAYS = {
    "event": ("event on", "event back"),
    "trade": ("next", "before"),
    "refusal": ("refusal on", "refusal back"),
    "error": ("error on", "error back"),
}


@pytest.mark.parametrize("what", STEPS)
async def test_steps_meet_every_moment_of_a_kind_in_both_ways(tmp_path: Path, what: str) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        review, _ = await reviewed(held, 120)
        page, (on, back) = held.page, WAYS[what]
        keyed(page, "first")
        expected = [at for at in moments(review, *STEPS[what]) if at > review.from_at]
        assert expected
        found = []
        while page.moves.actions[on].isEnabled():
            keyed(page, on)
            found.append(page.moment)
        assert found == expected
        keyed(page, "last")
        found = []
        while page.moves.actions[back].isEnabled():
            keyed(page, back)
            found.append(page.moment)
        assert found[::-1] == [at for at in moments(review, *STEPS[what]) if at < review.to_at]


async def test_every_move_has_a_key_of_its_own_and_stands_in_the_menu(tmp_path: Path) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        await reviewed(held, 120)
        keys = [QKeySequence(key).toString() for move in MOVES.values() for key in move.keys]
        assert len(keys) == len(set(keys))
        listed = [action for action in held.page.controls.jumps.menu().actions() if action.text()]
        assert listed[:-1] == list(held.page.moves.actions.values())
        assert listed[-1].text() == "Future"
        for key, button in held.page.controls.buttons.items():
            assert f"({MOVES[key].keys[0]})" in button.toolTip()
            assert button.accessibleName()


async def test_jumps_are_walked_back_and_forward(tmp_path: Path) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        review, _ = await reviewed(held, 120)
        page = held.page
        keyed(page, "first")
        keyed(page, "refusal on")
        first_refusal = page.moment
        keyed(page, "on")  # a step is no jump
        stepped = page.moment
        keyed(page, "error on")
        error = page.moment
        assert review.from_at < first_refusal < stepped < error
        keyed(page, "return")
        assert page.moment == stepped
        keyed(page, "return")
        assert page.moment == review.from_at
        keyed(page, "again")
        keyed(page, "again")
        assert page.moment == error
        assert not page.moves.actions["again"].isEnabled()


async def test_space_plays_and_pauses_and_leaving_stops_it(tmp_path: Path) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        review, _ = await reviewed(held, 120)
        page = held.page
        keyed(page, "first")
        press(page.controls.speed, "1000")
        keyed(page, "play")
        assert page.time.playing
        assert page.controls.play.accessibleName() == "Pause"
        await until(lambda: page.moment > review.from_at + MINUTE)
        assert page.body is not None
        await until(lambda: (page.body.curve.model.cursor_at or 0) > review.from_at)  # type: ignore[union-attr]
        keyed(page, "play")
        stood = page.moment
        assert not page.time.playing
        await drawn()
        assert page.moment == stood
        click(page.controls.play)
        assert page.time.playing
        page.hide()
        assert not page.time.playing
        page.show()


async def test_play_stops_at_the_end(tmp_path: Path) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        review, _ = await reviewed(held, 120)
        page = held.page
        page.time.set_speed(1000)
        page.go(review.to_at - 30_000)
        page.time.toggle()
        await until(lambda: not page.time.playing)
        assert page.moment == review.to_at
        assert page.kpis.texts()[-1] == "4"


async def test_speeds_have_keys_and_segments(tmp_path: Path) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        await reviewed(held, 120)
        page = held.page
        for speed in SPEEDS:
            press(page.controls.speed, str(speed))
            assert page.time.speed == speed
        assert not page.moves.actions["faster"].isEnabled()
        keyed(page, "slower")
        assert page.controls.speed.value == str(page.time.speed) == "300"
        keyed(page, "faster")
        assert page.time.speed == 1000


async def test_space_presses_the_button_that_has_the_focus(tmp_path: Path) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held, 120)
        page = held.page
        page.controls.buttons["first"].setFocus()
        QTest.keyClick(page.controls.buttons["first"], Qt.Key.Key_Space)
        assert page.moment == review.from_at
        assert not page.time.playing
        segment = page.controls.speed._group.checkedButton()
        assert isinstance(segment, QWidget)
        segment.setFocus()
        QTest.keyClick(segment, Qt.Key.Key_Right)  # moves the choice, not the cursor
        assert page.moment == review.from_at
        assert page.time.speed == 300
        body.trades.table.setFocus()
        QTest.keyClick(body.trades.table, Qt.Key.Key_Space)
        assert page.time.playing


async def type_time(held: Paged[ReviewPage], text: str) -> None:
    keyed(held.page, "time")
    go_to = held.page.go_to
    await until(go_to.isVisible)
    QTest.keyClicks(go_to.field.editor, text)
    QTest.keyClick(go_to.field.editor, Qt.Key.Key_Return)


async def test_a_time_is_typed(tmp_path: Path) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        review, _ = await reviewed(held, 120)
        page = held.page
        await type_time(held, "-20m")
        assert page.moment == review.to_at - 20 * MINUTE
        assert not page.go_to.isVisible()
        keyed(page, "return")
        assert page.moment == review.to_at
        await type_time(held, "last trade")
        assert page.moment == moments(review, EventKind.TRADE_CLOSED)[-1]
        await type_time(held, "2031-01-01")
        assert page.go_to.isVisible()
        assert page.go_to.field.problem.startswith("The session runs from")
        assert page.moment == moments(review, EventKind.TRADE_CLOSED)[-1]
        page.go_to.hide()
        click(page.controls.time)
        assert page.go_to.isVisible()
        assert page.go_to.field.text == ""
        assert page.go_to.field.problem == ""
        left: list[bool] = []
        page.left.connect(lambda: left.append(True))
        QTest.keyClick(page.go_to.field.editor, Qt.Key.Key_Escape)
        assert not page.go_to.isVisible()
        assert left == []  # keys in there are its own
        keyed(page, "first")
        keyed(page, "time")
        QTest.keyClicks(page.go_to.field.editor, "+7m")
        page.go_to.button.setFocus()
        QTest.keyClick(page.go_to.button, Qt.Key.Key_Space)
        assert page.moment == review.from_at + 7 * MINUTE
        assert not page.time.playing


async def test_a_hidden_future_is_told_by_nothing(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held)
        page, scrubber = held.page, held.page.controls.scrubber
        held.page.go(int(review.end().session.trades.rows[1, hs.T_EXIT_AT]))
        page.show_now()

        def told() -> list[str]:
            cells = [*page.kpis._cells, page.kpis._trades]
            seen = [(cell.after.text(), cell.toolTip(), cell.accessibleName()) for cell in cells]
            return [" ".join(words) for words in seen]

        def ticks() -> set[str]:
            picture = scrubber.grab().toImage()
            right = range(round(scrubber.x_of(page.moment)) + 4, picture.width())
            tones = {theme().color(tone).name(): tone for tone in ("up", "down", "accent")}
            return {tones.get(picture.pixelColor(x, 5).name(), "") for x in right} - {""}

        shown = told()
        assert all(" end " in f" {words} " or "of 5" in words for words in shown)
        assert "up" in ticks()
        assert " of 5" in body.trades._count.text()
        body.future.choose("hidden")
        page.show_now()
        assert not any("end " in words.lower() or " of 5" in words.lower() for words in told())
        assert ticks() == set()
        assert " of 5" not in body.trades._count.text()
        body.future.choose("dimmed")
        page.show_now()
        assert told() == shown
        assert "up" in ticks()


async def test_the_future_is_dimmed_hidden_or_shown_and_that_is_remembered(
    tmp_path: Path,
) -> None:
    preferences = Preferences(tmp_path / "preferences.toml")

    def page(bridge: object) -> ReviewPage:
        return ReviewPage(bridge, preferences)  # type: ignore[arg-type]

    async with paged(engine_in(tmp_path), page) as held:
        review, body = await reviewed(held, 120)
        held.page.go((review.from_at + review.to_at) // 2)
        held.page.show_now()
        chart, bars = body.chart.chart, len(body.chart.chart.model.candles)
        assert body.future.text() == "Future dimmed"

        def seen() -> list[str]:
            return [chart.model.future, body.curve.model.future]

        body.future.choices.actions()[1].trigger()
        assert seen() == ["hidden", "hidden"]
        assert chart.model.shown_bars < bars
        body.future.choices.actions()[2].trigger()
        assert seen() == ["shown", "shown"]
        held.page.go(review.from_at + 5 * MINUTE)
        held.page.show_now()
        assert chart.model.future == "shown"
    preferences.save()
    kept = Preferences(tmp_path / "preferences.toml")
    async with paged(engine_in(tmp_path), lambda bridge: ReviewPage(bridge, kept)) as held:
        _, body = await reviewed(held, 120)
        assert body.future.value == "shown"
        assert body.chart.chart.model.future == "shown"


async def test_a_stored_session_is_played_through_by_its_own_steps(tmp_path: Path) -> None:
    """Over the real engine: forward by events, backward by the same, panels as the fold says."""
    (session_id,) = unpack(GOLDEN[-1], tmp_path)["bars"]
    async with over_golden(tmp_path) as held:
        review, body = await reviewed(held, session_id)
        page = held.page
        keyed(page, "first")
        places: list[int] = []
        while page.moves.actions["next"].isEnabled() and len(places) < 30:
            keyed(page, "next")
            page.show_now()
            places.append(page.moment)
            closed = review.log.table[: len(review.at(page.moment).session.log)]
            trades = int(np.count_nonzero(closed[:, ev.KIND] == EventKind.TRADE_CLOSED))
            assert page.kpis.texts()[-1] == str(trades)
        assert len(places) > 3
        back = [page.moment]
        while page.moment > places[0]:
            keyed(page, "before")
            back.append(page.moment)
        assert back[::-1] == places
        assert body.chart.chart.model.cursor_at is not None
