"""What tests of the history look at on the Sessions page."""

from __future__ import annotations

from tests.gui.paged import Paged
from tests.gui.waiting import drawn, until
from trader_gui.pages.sessions.page import SessionsPage


def shown(held: Paged[SessionsPage]) -> list[int | None]:
    model = held.page.sessions.model
    return [model.key_at(row) for row in range(model.rowCount())]


def cell(held: Paged[SessionsPage], key: int, column: str) -> str:
    model = held.page.sessions.model
    row = model.row_of(key)
    assert row is not None
    place = [known.key for known in model.columns].index(column)
    return str(model.index(row, place).data())


async def loaded(held: Paged[SessionsPage]) -> None:
    await until(lambda: held.page.sessions.model.rowCount() > 0)
    await drawn()
