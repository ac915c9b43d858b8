"""Trades in groups: chosen, sorted, said in words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.messages.figures import TradeGroup
from tests.gui.first_steps import reviewed
from tests.gui.opened import press
from tests.gui.paged import paged, with_history
from tests.gui.waiting import drawn, until
from trader_gui.format import tone
from trader_gui.models.group_rows import group_columns, group_words, groups_of
from trader_gui.models.table_model import Role as TableRole
from trader_gui.pages.review.groups import GroupsTable
from trader_gui.pages.review.page import ReviewPage


def cells(groups: GroupsTable, column: str) -> list[str]:
    model = groups.model
    place = [one.key for one in model.columns].index(column)
    return [str(model.index(row, place).data()) for row in range(model.rowCount())]


@pytest.mark.qt_loop
async def test_trades_are_grouped_by_what_a_person_chooses(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        _, body = await reviewed(held)
        press(body.tabs[0], "statistics")
        panel = body.statistics
        await until(lambda: panel.figures)
        assert not panel.groups_table.isVisible()
        press(panel.which, "side")
        await drawn()
        groups = panel.groups_table
        assert groups.table.isVisible()
        assert panel.note.text() == "Whole session by side"
        net = cells(groups, "net_profit")
        assert cells(groups, "group") == ["▼ SHORT", "▲ LONG"]
        assert cells(groups, "trades") == ["1", "4"]
        assert [text[0] for text in net] == ["+", "−"]
        place = [one.key for one in groups.model.columns].index("net_profit")
        tones = [groups.model.index(row, place).data(TableRole.TONE) for row in (0, 1)]
        assert tones == [tone(text) for text in net]
        header = groups.table.horizontalHeader()
        QTest.mouseClick(
            header.viewport(),
            Qt.MouseButton.LeftButton,
            pos=QPoint(header.sectionViewportPosition(place) + 20, 10),
        )
        assert cells(groups, "group") == ["▲ LONG", "▼ SHORT"]
        press(panel.which, "hour")
        await drawn()
        assert groups.empty
        press(panel.which, "figures")
        await drawn()
        assert "Risk" in panel.groups
        assert panel.groups["Risk"].isVisible()
        assert panel.note.text() == "Whole session"


def test_a_group_is_said_in_words_and_keeps_its_order() -> None:
    def group(kind: str, name: str, net: int, factor: float | None = 1.5) -> TradeGroup:
        return TradeGroup(
            kind, name, 4, 2, 50.0, Decimal(net), Decimal(net) / 4, factor, Decimal(1)
        )

    days = groups_of(
        [group("weekday", "monday", -5), group("weekday", "tuesday", 7), group("hour", "09", 1)],
        "weekday",
        "USDT",
    )
    assert [group_words(one) for one in days.groups] == ["Monday", "Tuesday"]
    columns = {column.key: column for column in group_columns()}
    assert columns["net_profit"].text(days, 0) == "−5.00"
    assert columns["net_profit"].tone is not None
    assert [columns["net_profit"].tone(days, row) for row in (0, 1)] == ["down", "up"]
    assert columns["net_profit"].values(days).tolist() == [-5.0, 7.0]
    unknown = groups_of([group("exit_reason", "break_even", 1, None)], "exit_reason", "USDT")
    assert group_words(unknown.groups[0]) == "Break-even"
    assert columns["profit_factor"].text(unknown, 0) == "–"
    assert group_words(group("hour", "09", 1)) == "09:00 to 09:59"
    assert group_words(group("entry_reason", "EMA fast … crossed", 1)) == "EMA fast … crossed"
