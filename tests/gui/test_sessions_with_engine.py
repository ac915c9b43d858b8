"""The Sessions page over the real engine and sessions it really stored: what a person does there,
and that it is on disk afterwards."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.domain.bots import Mode
from engine.domain.sessions import SessionRecord
from engine.runtime.engine import Engine
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from tests.golden.unpacking import GOLDEN, unpack
from tests.gui.history_seen import cell, loaded, shown
from tests.gui.opened import press
from tests.gui.paged import Paged, paged, retype
from tests.gui.waiting import drawn, until
from tests.patience import patience
from tests.runtime.support import StillClock
from trader_gui.pages.sessions.page import SessionsPage

pytestmark = pytest.mark.qt_loop

Sessions = Paged[SessionsPage]


@asynccontextmanager
async def stored(folder: Path, change: str = "") -> AsyncIterator[tuple[Sessions, Engine]]:
    """The page over the kept sessions, of which SQL has changed something."""
    if not (folder / FILE_NAME).exists():
        unpack(GOLDEN[-1], folder)
    if change:
        await (await Store.open(folder)).close()  # its columns are those of today
        with closing(sqlite3.connect(folder / FILE_NAME)) as database, database:
            database.execute(change)
    engine = await Engine.open(folder, clock=StillClock())
    try:
        async with paged(engine, SessionsPage) as held:  # type: ignore[arg-type]
            await loaded(held)
            yield held, engine
    finally:
        await engine.close()


def sort_by(held: Sessions, key: str) -> None:
    """Click the header of a column."""
    header = held.page.sessions.table.horizontalHeader()
    column = [column.key for column in held.page.sessions.model.columns].index(key)
    at = QPoint(header.sectionViewportPosition(column) + 10, 8)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)


def values(held: Sessions, of: dict[int, SessionRecord], value: Callable[[SessionRecord], Any]):
    return [value(of[key]) for key in shown(held) if key is not None]


async def test_filters_and_headers_by_the_stored_values(tmp_path: Path) -> None:
    async with stored(tmp_path) as (held, engine):
        of = {record.id: record for record in await engine.sessions()}
        assert len(of) == 9
        page = held.page.sessions
        for mode in (Mode.PAPER, Mode.BACKTEST):
            press(page.bar.modes, mode.value)
            wanted = {key for key, record in of.items() if record.mode is mode}
            assert set(shown(held)) == wanted
            assert page.bar.count.text() == f"{len(wanted)} of 9"
        press(page.bar.modes, "")
        strategy = of[1].settings.strategy
        page.bar.strategies._take(strategy, True)
        assert {of[key or 0].settings.strategy for key in shown(held)} == {strategy}
        page.bar.trades._take("10", True)
        found = values(held, of, lambda record: record.result.trades)
        assert found
        assert min(found) >= 10
        page.bar.show_all()
        retype(page.bar.search, "s-0007")
        assert shown(held) == [7]
        page.bar.show_all()

        def net(record: SessionRecord) -> Any:
            return record.settings.scale.money(record.result.net_pnl)

        sort_by(held, "net_pnl")
        once = values(held, of, net)
        sort_by(held, "net_pnl")
        again = values(held, of, net)
        assert once in (sorted(once), sorted(once, reverse=True))
        assert again == once[::-1]
        assert len(set(once)) > 5


async def test_what_is_written_beside_a_session_is_there_after_a_restart(tmp_path: Path) -> None:
    async with stored(tmp_path) as (held, engine):
        page, notes = held.page.sessions, held.page.sessions.summary.notes
        page.table.pick(6)
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        assert notes.title.hasFocus()
        QTest.keyClicks(notes.title, "before the rules")
        QTest.keyClick(notes.title, Qt.Key.Key_Return)
        retype(notes.tags, "Weekend, to check")
        QTest.keyClick(notes.tags, Qt.Key.Key_Return)
        notes.note.setFocus()
        QTest.keyClicks(notes.note, "held too long")
        page.table.setFocus()
        await until(lambda: [one for one, _ in page.bar.tags.choices] == ["to check", "weekend"])

        async def line() -> tuple[str, str, tuple[str, ...]]:
            history = await engine.history()
            found = history.line(history.ids.tolist().index(6))
            return found.title, found.note, found.tags

        wanted = "before the rules", "held too long", ("to check", "weekend")
        async with patience(5):
            while await line() != wanted:
                await drawn()
    async with stored(tmp_path) as (held, _):
        page = held.page.sessions
        retype(page.bar.search, "rules weekend long")
        assert shown(held) == [6]
        page.table.pick(6)
        assert page.summary.notes.note.toPlainText() == "held too long"


async def test_deleting_is_undone_refused_or_for_good(tmp_path: Path) -> None:
    async with stored(tmp_path) as (held, engine):
        page = held.page.sessions
        offered: list[tuple[str, list[tuple[str, Callable[[], None]]]]] = []
        failed: list[object] = []
        held.page.offered.connect(lambda text, offers: offered.append((text, offers)))
        held.page.failed.connect(failed.append)
        page.table.set_checked((1, 2))
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        await until(lambda: set(shown(held)) == set(range(3, 10)))
        assert [record.id for record in await engine.sessions()] == list(range(9, 2, -1))
        offered[0][1][0][1]()  # Undo
        await until(lambda: set(shown(held)) == set(range(1, 10)))
        assert (await engine.review(1)).record.id == 1
        page.table.set_checked((9,))  # a bot goes on from it
        page.delete_chosen()
        await until(lambda: failed)
        assert "goes on from" in str(failed[0])
        assert 9 in shown(held)
        page.table.set_checked((1,))
        page.delete_chosen()
        await until(lambda: 1 not in shown(held))
    async with stored(tmp_path) as (held, engine):
        assert set(shown(held)) == set(range(2, 10))
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
            left = database.execute("SELECT count(*) FROM events WHERE session_id = 1").fetchone()
        assert left == (0,)


async def test_the_list_and_one_session_as_files(tmp_path: Path) -> None:
    async with stored(tmp_path) as (held, engine):
        page, said = held.page.sessions, list[str]()
        held.page.said.connect(said.append)
        page.export_to(tmp_path / "sessions.csv")
        lines = list(csv.DictReader((tmp_path / "sessions.csv").read_text("utf-8").splitlines()))
        assert {line["ID"] for line in lines} == {f"S-{one:04d}" for one in range(1, 10)}
        review = await engine.review(6)
        for number, kind in enumerate(("html", "json", "csv"), 2):
            page.export_session(6, kind, tmp_path / f"six.{kind}")
            await until(lambda wanted=number: len(said) == wanted)
        html = (tmp_path / "six.html").read_text("utf-8")
        assert "<svg" in html
        assert "S-0006" in html
        document = json.loads((tmp_path / "six.json").read_text("utf-8"))
        assert review.record.event_hash in json.dumps(document)
        trades = (tmp_path / "six.csv").read_text("utf-8").splitlines()
        session = review.end().session
        assert session.position  # the open trade has a line, too
        assert len(trades) == 1 + len(session.trades) + 1


async def test_three_are_compared_by_what_they_came_to(tmp_path: Path) -> None:
    async with stored(tmp_path) as (held, engine):
        page, compare = held.page.sessions, held.page.sessions.compare
        page.table.set_checked((1, 5, 6))
        await until(lambda: len(compare.sessions) == 3)
        of = {record.id: record for record in await engine.sessions()}
        for one in compare.sessions:
            net = int(one.equity[-1]) - one.first
            assert net == of[one.record.id].result.net_pnl
        assert compare.table is not None
        press(compare.parts, "trades")
        count = sum(of[key].result.trades for key in (1, 5, 6))
        assert 0 < compare.table.rows.rowCount() <= count + 3


async def test_one_that_cannot_be_read_is_named_above_the_others(tmp_path: Path) -> None:
    foreign = "UPDATE sessions SET mode = 'dream' WHERE id = 3"
    async with stored(tmp_path, foreign) as (held, _):
        page = held.page.sessions
        assert set(shown(held)) == set(range(1, 10)) - {3}
        assert page.unreadable.isVisible()
        assert page.unreadable.text().startswith("S-0003 cannot be read")
        assert cell(held, 4, "id") == "S-0004"
        assert held.faults == []
