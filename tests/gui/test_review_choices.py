"""The review over stored sessions: why it decided, the funnel as a filter, one trade everywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.domain.reasons import ExitReason, Refusal
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.events import EventKind
from engine.messages.why import Verdict
from engine.runtime.kernel_warmth import ASKING, load_loop
from tests.golden.unpacking import GOLDEN, unpack
from tests.gui.first_steps import reviewed
from tests.gui.opened import click, cut, overlaps, press
from tests.gui.paged import Paged, paged, with_history
from tests.gui.test_review_proof import over_golden
from tests.gui.waiting import drawn, until
from trader_gui.models.funnel import STILL_OPEN, Step
from trader_gui.pages.review.body import ReviewBody
from trader_gui.pages.review.funnel_bars import CountBars
from trader_gui.pages.review.page import ReviewPage

pytestmark = pytest.mark.qt_loop
PATIENCE_S = 30.0
"""For what a worker builds on a busy machine."""


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Whoever is the first would wait for the compiler."""
    load_loop(ASKING)


LEFT = Qt.MouseButton.LeftButton


@asynccontextmanager
async def stored(folder: Path, story: str = "backtest") -> AsyncIterator[Paged[ReviewPage]]:
    """The review of a kept session over the real engine, its log read."""
    session_id = unpack(GOLDEN[-1], folder)[story][0]
    async with over_golden(folder) as held:
        await shown(held, session_id)
        yield held


async def shown(held: Paged[ReviewPage], session_id: int) -> ReviewBody:
    """A stored session is open and its log read: the first one waits for libraries."""
    held.page.open(session_id)
    await until(lambda: held.page.review is not None, PATIENCE_S)
    body = body_of(held)
    await until(lambda: body.log.model.rowCount() > 0, PATIENCE_S)
    return body


def body_of(held: Paged[ReviewPage]) -> ReviewBody:
    assert held.page.body is not None
    return held.page.body


def log_of(held: Paged[ReviewPage]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    assert held.page.review is not None
    return held.page.review.log.table


def click_line(bars: CountBars, step: Step) -> None:
    """The bar of that step."""
    place = bars.steps().index(step)
    click(bars, QPoint(20, round((place + 0.5) * bars._row())))


def logged(body: ReviewBody) -> list[int]:
    """The events that the log shows."""
    model = body.log.model
    return [model.entry(row).event for row in range(model.rowCount())]


def traded(body: ReviewBody) -> set[int]:
    """T_NO of the trades that are shown."""
    model = body.trades.model
    return {int(model.rows.table[key - 1, hs.T_NO]) for key in model.keys_shown()}


async def click_row(view: QWidget, area: object) -> None:
    await drawn()
    QTest.mouseClick(view, LEFT, pos=area.center())  # type: ignore[attr-defined]


# ------------------------------------------------------------------ why


async def test_why_follows_the_cursor_and_the_log(tmp_path: Path) -> None:
    async with stored(tmp_path) as held:
        body, log = body_of(held), log_of(held)
        press(body.tabs[0], "why")
        await until(lambda: body.why.chain is not None, PATIENCE_S)
        review = held.page.review
        assert review is not None
        decided = np.isin(log[:, ev.KIND], (EventKind.SIGNAL, EventKind.REFUSAL))
        last = body.why.chain
        assert last is not None
        assert last.event == np.flatnonzero(decided)[-1]
        opened = int(np.flatnonzero(log[:, ev.KIND] == EventKind.TRADE_OPENED)[2])
        held.page.go(int(log[opened, ev.AT]))
        await until(lambda: body.why.chain is not last)
        chain = body.why.chain
        assert chain is not None
        assert chain.trade == log[opened, ev.NO]
        assert "Fill: " in body.why.way.came.text()
        names = [row.name for row in body.why.way.rules.rows]
        assert names[:2] == ["position already open", "conflicting signal"]
        assert body.why.saw.rows.rows[0].name == "EMA 9"
        candles = review.candles.candles(len(review.candles))
        values = review.candles.indicators(len(candles))["EMA 9"]
        at = int(np.searchsorted(candles.open_at, held.page.moment - candles.timeframe_ms, "right"))
        assert body.why.saw.rows.rows[0].second == f"{values[at - 1]:,.1f}"
        assert held.page.moment == int(log[opened, ev.AT])


async def test_a_click_in_the_log_tells_why_and_who_stopped_it(tmp_path: Path) -> None:
    async with stored(tmp_path) as held:
        body, log = body_of(held), log_of(held)
        refused = np.flatnonzero(
            (log[:, ev.KIND] == EventKind.REFUSAL) & (log[:, ev.CODE] == Refusal.COOLDOWN)
        )
        press(body.tabs[0], "log")
        (row,) = body.log.model.rows_of(refused[:1])
        index = body.log.model.index(row, 4)
        body.log.view.scrollTo(index)
        await click_row(body.log.view.viewport(), body.log.view.visualRect(index))
        press(body.tabs[1], "why")
        await until(lambda: body.why.chain is not None, PATIENCE_S)
        chain = body.why.chain
        assert chain is not None
        assert chain.event == refused[0]
        verdicts = [rule.verdict for rule in chain.rules]
        stop = verdicts.index(Verdict.REFUSED)
        assert chain.rules[stop].rule == Refusal.COOLDOWN
        assert set(verdicts[stop + 1 :]) == {Verdict.NOT_ASKED}
        assert body.why.way.rules.rows[-1].second == "not asked"
        assert body.why.way.stopped.text().startswith("Stopped: ")
        assert body.why.last.isVisible()
        click(body.why.last)
        shown = body.why.chain
        assert shown is not None
        assert shown.event != refused[0]


async def test_another_strategy_is_a_sentence(tmp_path: Path) -> None:
    (session_id,) = unpack(GOLDEN[-1], tmp_path)["bars"]
    other = f"UPDATE sessions SET strategy_hash = 'ab' WHERE id = {session_id}"
    async with over_golden(tmp_path, other) as held:
        body = await shown(held, session_id)
        body.show_list("why")
        await until(lambda: body.why.chain is not None, PATIENCE_S)
        assert "is another one than it was" in body.why.saw.trouble.text()
        assert body.why.saw.rows.isHidden()
        assert body.why.way.rules.rows


async def test_it_is_asked_once_and_only_when_it_is_looked_at(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        _, body = await reviewed(held)
        assert held.engine.asked_why == []
        body.show_list("why")
        await until(lambda: body.why.chain is not None, PATIENCE_S)
        body.show_list("log")
        body.show_list("why")
        await drawn()
        assert held.engine.asked_why == [125]
        held.page.open(124)
        await until(lambda: held.engine.asked_why == [125, 124])


# ------------------------------------------------------------------ the funnel


async def test_a_rule_filters_trades_and_log_until_it_is_clicked_again(tmp_path: Path) -> None:
    async with stored(tmp_path) as held:
        body, log = body_of(held), log_of(held)
        every, step = len(logged(body)), Step("rule", Refusal.COOLDOWN)
        trades = len(traded(body))
        press(body.tabs[0], "log")
        click_line(body.funnel.bars, step)
        shown = logged(body)
        wanted = np.isin(log[:, ev.KIND], (EventKind.REFUSAL, EventKind.REFUSALS_COUNTED))
        wanted &= log[:, ev.CODE] == Refusal.COOLDOWN
        assert shown == np.flatnonzero(wanted).tolist()
        assert body.filtering.log_chip.isVisible()
        assert body.filtering.log_chip.text() == "Refused: cooldown"
        assert 0 < len(traded(body)) < trades
        click_line(body.funnel.bars, step)
        assert len(logged(body)) == every
        assert not body.filtering.log_chip.isVisible()
        assert len(traded(body)) == trades


async def test_an_exit_filters_and_escape_or_the_chip_takes_it_back(tmp_path: Path) -> None:
    async with stored(tmp_path) as held:
        body, log = body_of(held), log_of(held)
        left: list[bool] = []
        held.page.left.connect(lambda: left.append(True))
        code = next(code for code, _ in body.funnel.exits.exits if code != STILL_OPEN)
        place = body.funnel.exits.steps().index(Step("exit", code))
        area = body.funnel.exits._places[place]
        click(body.funnel.exits, area.center().toPoint())
        closed = log[log[:, ev.KIND] == EventKind.TRADE_CLOSED]
        wanted = set(closed[closed[:, ev.CODE] == code, ev.TRADE].tolist())
        assert traded(body) == wanted
        assert set(log[logged(body), ev.TRADE].tolist()) == wanted
        assert body.trades.chip.isVisible()
        QTest.keyClick(held.page, Qt.Key.Key_Escape)
        assert not left
        assert traded(body) > wanted
        click(body.funnel.exits, area.center().toPoint())
        click(body.trades.chip)
        assert traded(body) > wanted
        assert body.funnel.exits.chosen is None
        QTest.keyClick(held.page, Qt.Key.Key_Escape)
        assert left == [True]


async def test_an_exit_of_the_future_filters_nothing_before_it_is_known(tmp_path: Path) -> None:
    async with stored(tmp_path) as held:
        body, log = body_of(held), log_of(held)
        closed = log[log[:, ev.KIND] == EventKind.TRADE_CLOSED]
        trade, code = int(closed[4, ev.TRADE]), int(closed[4, ev.CODE])
        opened = log[(log[:, ev.KIND] == EventKind.TRADE_OPENED) & (log[:, ev.NO] == trade)][0]
        known = set(closed[:4][closed[:4, ev.CODE] == code, ev.TRADE].tolist())
        held.page.go(int(opened[ev.AT]))
        held.page.show_now()
        assert trade in traded(body)
        body.filtering.filter_by(Step("exit", code))
        assert traded(body) == known
        assert trade not in log[logged(body), ev.TRADE]
        body.filtering.filter_by(Step("exit", STILL_OPEN))
        assert traded(body) == {trade}
        held.page.go(int(closed[4, ev.AT]))
        held.page.show_now()
        assert trade not in traded(body)
        body.filtering.filter_by(Step("exit", code))
        assert traded(body) == known | {trade}
        press(body.funnel.span, "whole")
        ends = closed[closed[:, ev.CODE] == code, ev.TRADE].tolist()
        assert traded(body) <= set(ends)


async def test_the_keys_walk_over_the_funnel(tmp_path: Path) -> None:
    async with stored(tmp_path) as held:
        bars = body_of(held).funnel.bars
        bars.setFocus()
        QTest.keyClick(bars, Qt.Key.Key_Down)
        QTest.keyClick(bars, Qt.Key.Key_Down)
        QTest.keyClick(bars, Qt.Key.Key_Return)
        assert bars.chosen == bars.steps()[1]
        assert bars.chosen.kind == "rule"
        QTest.keyClick(bars, Qt.Key.Key_Return)
        assert bars.chosen is None


async def test_the_funnel_tells_the_cursor_or_the_whole(tmp_path: Path) -> None:
    async with stored(tmp_path) as held:
        page, funnel = held.page, body_of(held).funnel
        assert page.review is not None
        counts = [line.count for line in funnel.bars.lines if line.step.kind == "rule"]
        assert counts == sorted(counts, reverse=True)
        whole = funnel.bars.lines
        page.go((page.review.from_at + page.review.to_at) // 2)
        await until(lambda: funnel.bars.lines[0].count < whole[0].count)
        half = funnel.bars.lines
        press(funnel.span, "whole")
        assert funnel.bars.lines == whole
        click(funnel.price)
        await until(lambda: not funnel.note.isHidden())
        priced = {line.name: line.gain for line in funnel.bars.lines}
        assert priced["cooldown"] not in ("", "–")
        press(funnel.span, "cursor")
        now = {line.name: (line.count, line.gain) for line in funnel.bars.lines}
        assert now["cooldown"][0] == next(one.count for one in half if one.name == "cooldown")
        assert now["cooldown"][1] != priced["cooldown"]


async def test_exits_add_up_to_the_trades(tmp_path: Path) -> None:
    async with stored(tmp_path) as held:
        body, log = body_of(held), log_of(held)
        closed = log[log[:, ev.KIND] == EventKind.TRADE_CLOSED, ev.CODE].tolist()
        assert dict(body.funnel.exits.exits) == {code: closed.count(code) for code in set(closed)}
        assert ExitReason.SIGNAL in dict(body.funnel.exits.exits)


# ------------------------------------------------------------------ one trade everywhere


async def test_a_row_its_lines_and_its_bars_are_selected_together(tmp_path: Path) -> None:
    async with stored(tmp_path) as held:
        body, log = body_of(held), log_of(held)
        table = body.trades.table
        row = body.trades.model.row_of(3)
        assert row is not None
        index = body.trades.model.index(row, 2)
        table.scrollTo(index)
        await click_row(table.viewport(), table.visualRect(index))
        number = int(body.trades.model.rows.table[2, hs.T_NO])
        assert body.chart.chart.model.selected_trade == number
        press(body.tabs[0], "log")
        chosen = body.log.view.selectionModel().selectedRows()
        assert {int(log[body.log.model.entry(i.row()).event, ev.TRADE]) for i in chosen} == {number}
        shown = body.log.view.viewport().rect()
        await until(lambda: shown.intersects(body.log.view.visualRect(chosen[0])))
        bars = body.chart.chart.scene.selected.bars()
        entry, left = body.trades.model.rows.table[2, [hs.T_ENTRY_AT, hs.T_EXIT_AT]].tolist()
        times = body.chart.chart.model.candles.time
        assert bars == (
            int(np.searchsorted(times, entry, "right")) - 1,
            int(np.searchsorted(times, left, "right")) - 1,
        )


@pytest.mark.parametrize("size", [(1536, 926), (1036, 626)])
async def test_nothing_lies_over_its_neighbour(tmp_path: Path, size: tuple[int, int]) -> None:
    async with stored(tmp_path) as held:
        body = body_of(held)
        held.page.resize(*size)
        body.show_list("why")
        await until(lambda: body.why.chain is not None, PATIENCE_S)
        body.filtering.filter_by(Step("rule", Refusal.COOLDOWN))
        for name in ("why", "log", "trades"):
            body.show_list(name)
            await drawn()
            assert overlaps(body) == []
            assert cut(body) == []
