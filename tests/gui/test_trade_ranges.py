"""Each closed trade shows how far it was behind and ahead while it was open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QImage

from engine.messages import histories as hs
from engine.messages.trade_ranges import TradeRanges
from tests.gui.fake_ranges import FARTHER
from tests.gui.paged import paged
from tests.gui.test_review_page import reviewed, with_history
from tests.gui.waiting import drawn, until
from trader_gui.models.range_bar import Span
from trader_gui.models.table_model import Look
from trader_gui.models.trade_ranges import RangeScale
from trader_gui.pages.review.page import ReviewPage
from trader_gui.pages.review.trades import TradesPanel
from trader_gui.theme.theme import theme


def ranges(*rows: tuple[int, float, float, float]) -> TradeRanges:
    number, *percents = zip(*rows, strict=True)
    return TradeRanges(np.array(number, np.int64), *map(np.array, percents))


def test_a_scale_has_room_behind_and_ahead_and_its_ends_hold_what_is_beyond() -> None:
    scale = RangeScale(ranges((3, -1.0, 3.0, 1.0), (5, -1.0, 3.0, -0.5)))
    assert scale.of(3) == (-1.0, 3.0, 1.0)
    assert scale.of(4) is None
    assert scale.of(6) is None
    assert scale.span(-1.0, 3.0, 1.0) == Span(0.25, 0.0, 1.0, 0.5)
    assert scale.span(-9.0, 9.0, -9.0) == Span(0.25, 0.0, 1.0, 0.0)
    assert scale.worst(np.array([5, 4, 3])).tolist()[::2] == [-1.0, -1.0]
    assert np.isnan(scale.worst(np.array([5, 4, 3]))[1])


def test_a_session_without_trades_and_one_that_never_moved_have_a_scale() -> None:
    none = RangeScale(TradeRanges(np.empty(0, np.int64), *[np.empty(0)] * 3))
    assert none.of(1) is None
    still = RangeScale(ranges((1, 0.0, 0.0, 0.0)))
    assert still.span(0.0, 0.0, 0.0) == Span(0.5, 0.5, 0.5, 0.5)


def column_of(trades: TradesPanel) -> int:
    return next(at for at, one in enumerate(trades.model.columns) if one.look is Look.RANGE)


def picture(trades: TradesPanel, index: QModelIndex) -> QImage:
    return trades.table.viewport().grab(trades.table.visualRect(index)).toImage()


def painted(image: QImage, token: str) -> bool:
    wanted = theme().color(token).rgb()
    return any(
        image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height())
    )


@pytest.mark.qt_loop
async def test_closed_trades_show_it_and_an_open_one_does_not_tell_its_future(
    tmp_path: Path,
) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        held.page.resize(1600, 1000)
        await reviewed(held)
        assert held.page.body is not None
        trades = held.page.body.trades
        await until(lambda: trades.model.rows.ranges is not None)
        rows, at = trades.model.rows, column_of(trades)
        closed = rows.table[:, hs.T_EXIT_AT] > 0
        assert closed.any()
        for row in np.flatnonzero(closed).tolist():
            worst, best, result = rows.range_pct(row) or (0, 0, 0)
            assert result == pytest.approx(rows.return_pct(row))
            assert (worst, best) == pytest.approx(
                (min(result, 0) - FARTHER, max(result, 0) + FARTHER)
            )
        await drawn()
        first = trades.model.index(0, at)
        assert first.data(Qt.ItemDataRole.DisplayRole).count("/") == 2
        image = picture(trades, first)
        assert painted(image, "up")
        assert painted(image, "down")
        # In the midst of its first trade nothing of it is told.
        entry_at, exit_at = rows.table[0, hs.T_ENTRY_AT], rows.table[0, hs.T_EXIT_AT]
        held.page.go((int(entry_at) + int(exit_at)) // 2)
        held.page.show_frame()
        held.page.body.follow_now()
        now = trades.model.rows
        assert now.ranges is not None
        assert now.table[-1, hs.T_EXIT_AT] == 0
        assert now.range_pct(len(now) - 1) is None
        assert np.isnan(now.worst_pct[-1])
        open_one = trades.model.index(0, at)
        assert open_one.data() == "–"
        await drawn()
        assert not painted(picture(trades, open_one), "up")


@pytest.mark.qt_loop
async def test_it_sorts_by_the_worst_and_another_session_begins_without(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        await reviewed(held)
        assert held.page.body is not None
        trades = held.page.body.trades
        await until(lambda: trades.model.rows.ranges is not None)
        trades.table.sort_by("range", descending=False)
        rows = trades.model.rows
        keys = [trades.model.key_at(row) or 0 for row in range(trades.model.rowCount())]
        worst = rows.worst_pct[np.array(keys) - 1]
        known = worst[~np.isnan(worst)]
        assert len(known) > 1
        assert known.tolist() == sorted(known.tolist())
        trades.begin()
        assert trades.model.rows.ranges is None
