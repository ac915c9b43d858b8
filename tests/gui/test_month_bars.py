"""What each month made: the returns, and the bars that show them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from trader_gui.models.month_returns import MonthReturn, month_returns
from trader_gui.pages.backtest.month_bars import MonthBars, MonthsSection


def at(*text: str) -> np.ndarray:
    return np.array(
        [int(datetime.fromisoformat(one).replace(tzinfo=UTC).timestamp() * 1000) for one in text],
        np.int64,
    )


def test_each_month_is_measured_against_what_it_began_with() -> None:
    closes = at("2025-11-30T12:00", "2025-12-01T00:00", "2025-12-20", "2026-01-02", "2026-02-03")
    # 100 -> 110 at the last close of November, -> 99 -> 148.5 -> 148.5
    made = month_returns(closes, np.array([5.0, 10.0, -1.0, 48.5, 48.5]))
    assert [one.name for one in made] == ["Nov 2025", "Dec", "Jan 2026", "Feb"]
    assert [one.percent for one in made] == pytest.approx([10.0, -10.0, 50.0, 0.0])


def test_after_everything_was_lost_a_month_has_no_return() -> None:
    made = month_returns(at("2025-11-30", "2025-12-20"), np.array([-100.0, -100.0]))
    assert [one.percent for one in made] == [pytest.approx(-100.0), None]
    assert month_returns(np.zeros(0, np.int64), np.zeros(0)) == []


def test_bars_share_one_scale_and_begin_at_one_line(qtbot: QtBot) -> None:
    bars = MonthBars()
    qtbot.addWidget(bars)
    bars.set_months(
        [MonthReturn("Nov", 4.0), MonthReturn("Dec", -2.0), MonthReturn("Jan 2026", None)]
    )
    bars.resize(400, bars.sizeHint().height())
    gain, loss, nothing = (bars.bar(row) for row in range(3))
    assert gain.left() == pytest.approx(loss.right()) == pytest.approx(nothing.left())
    assert gain.width() == pytest.approx(2 * loss.width())
    assert gain.right() < 400
    assert loss.left() > 0
    assert bars.accessibleDescription() == "Nov +4.00 %, Dec \u22122.00 %, Jan 2026 \u2013"


def test_the_last_twelve_of_many_and_nothing_of_one(qtbot: QtBot) -> None:
    section = MonthsSection()
    qtbot.addWidget(section)
    months = [MonthReturn(str(number), float(number)) for number in range(15)]
    section.show_months(months)
    assert section.bars.months == tuple(months[3:])
    assert section.corner.text() == "last 12 of 15"
    assert not section.isHidden()
    section.show_months(months[:2])
    assert section.corner.text() == ""
    section.show_months(months[:1])
    assert section.isHidden()
