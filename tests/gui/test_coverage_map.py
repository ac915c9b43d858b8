"""The map of kept months: what a person sees, clicks, drags and types."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.kept import BTC_MINUTES, COVERS, ETH_DAYS, moment, only_damage
from trader_gui.coverage.facts import of_market
from trader_gui.coverage.map import CoverageMap
from trader_gui.coverage.months import month_of, month_start
from trader_gui.pages.backtest.coverage_part import CoveragePart
from trader_gui.theme.theme import Appearance, theme

LEFT = Qt.MouseButton.LeftButton
ROWS = of_market(COVERS, "binance", "BTC/USDT")
MAR, APR, JUN = (month_of(moment(f"2025-{month}-01")) for month in ("03", "04", "06"))


@pytest.fixture
def shown(qtbot: QtBot) -> CoverageMap:
    made = CoverageMap()
    qtbot.addWidget(made)
    made.set_rows(ROWS, 0)
    made.resize(800, made.sizeHint().height())
    made.show()
    qtbot.waitExposed(made)
    return made


def middle(shown: CoverageMap, month: int, row: int = 0) -> QPoint:
    line, area = shown.line(), shown.row_area(row)
    x = (line.x(month_start(month)) + line.x(month_start(month + 1))) / 2
    return QPoint(round(x), round(area.center().y()))


def chosen(shown: CoverageMap) -> list[tuple[int | None, int | None]]:
    told: list[tuple[int | None, int | None]] = []
    shown.chosen.connect(lambda from_at, to_at: told.append((from_at, to_at)))
    return told


def tone_at(shown: CoverageMap, place: QPoint) -> str:
    """The token whose colour is seen there, or the colour itself."""
    seen = shown.grab().toImage().pixelColor(place).name()
    tokens = ("accent", "warn", "raised", "down", "panel")
    return next((name for name in tokens if theme().color(name).name() == seen), seen)


def test_a_click_chooses_the_month_and_a_drag_several(shown: CoverageMap) -> None:
    told = chosen(shown)
    QTest.mouseClick(shown, LEFT, pos=middle(shown, MAR))
    assert told == [(moment("2025-03-01"), moment("2025-04-01"))]
    QTest.mousePress(shown, LEFT, pos=middle(shown, JUN))
    QTest.mouseMove(shown, middle(shown, MAR - 3))
    QTest.mouseRelease(shown, LEFT, pos=middle(shown, MAR - 3))
    assert told[-1] == (moment("2024-12-01"), moment("2025-07-01"))
    QTest.mouseMove(shown, middle(shown, MAR))  # without the button
    assert told[-1] == (moment("2024-12-01"), moment("2025-07-01"))


def test_what_is_held_back_is_marked_until_the_period_changes(qtbot: QtBot) -> None:
    part = CoveragePart()
    qtbot.addWidget(part)
    part.show_rows(ROWS, 0)
    part.resize(800, part.sizeHint().height())
    part.show()
    qtbot.waitExposed(part)
    begin, split, end = moment("2024-12-01"), moment("2025-04-01"), moment("2025-07-01")
    part.set_span(begin, end)
    place = QPoint(round(part.map.line().x(split)), round(part.map.row_area(0).top() - 2))
    before = part.map.grab().toImage().pixelColor(place).name()
    part.show_parts((begin, split, end))
    assert part.parts.text() == "Train 121 d, test 91 d"
    assert part.map.grab().toImage().pixelColor(place).name() != before
    part.set_span(begin, end)
    assert part.parts.text()
    part.set_span(begin, split)
    assert part.parts.text() == ""
    assert part.map.split_at is None
    part.show_parts((begin, split, split))  # nothing is held back
    assert part.parts.text() == ""


def test_an_end_of_the_period_can_be_dragged(shown: CoverageMap) -> None:
    shown.set_span(moment("2024-12-01"), moment("2025-07-01"))
    told = chosen(shown)
    line, y = shown.line(), round(shown.row_area(0).center().y())
    end = QPoint(round(line.x(moment("2025-07-01"))), y)
    QTest.mousePress(shown, LEFT, pos=end)
    QTest.mouseMove(shown, middle(shown, MAR))
    QTest.mouseRelease(shown, LEFT, pos=middle(shown, MAR))
    assert told[-1] == (moment("2024-12-01"), moment("2025-04-01"))
    begin = QPoint(round(line.x(moment("2024-12-01"))), y)
    QTest.mousePress(shown, LEFT, pos=begin)
    QTest.mouseMove(shown, middle(shown, MAR))
    QTest.mouseRelease(shown, LEFT, pos=middle(shown, MAR))
    assert told[-1] == (moment("2025-03-01"), moment("2025-04-01"))


def test_a_double_click_chooses_everything(shown: CoverageMap) -> None:
    shown.set_span(moment("2025-03-01"), moment("2025-04-01"))
    told = chosen(shown)
    QTest.mouseDClick(shown, LEFT, pos=middle(shown, JUN))
    assert told[-1] == (None, None)


def test_keys_move_choose_and_extend(shown: CoverageMap) -> None:
    told = chosen(shown)
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_End)
    assert shown.at == (0, month_of(ROWS[0].last_at))
    QTest.keyClick(shown, Qt.Key.Key_PageUp)
    QTest.keyClick(shown, Qt.Key.Key_Left)
    assert shown.at == (0, month_of(moment("2024-10-01")))
    assert told == []  # only looked at
    QTest.keyClick(shown, Qt.Key.Key_Return)
    assert told == [(moment("2024-10-01"), moment("2024-11-01"))]
    for _ in range(2):
        QTest.keyClick(shown, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert told[-1] == (moment("2024-10-01"), moment("2025-01-01"))
    QTest.keyClick(shown, Qt.Key.Key_Down)
    assert shown.at == (1, month_of(moment("2024-12-01")))
    assert shown.accessibleDescription() == "Dec 2024, 1h: all 744 candles."
    QTest.keyClick(shown, Qt.Key.Key_Backspace)
    assert told[-1] == (None, None)


def test_it_tells_about_the_month_under_the_pointer_and_under_the_keys(shown: CoverageMap) -> None:
    words: list[str] = []
    shown.told.connect(words.append)
    QTest.mouseMove(shown, middle(shown, MAR))
    assert words[-1] == "Mar 2025, 1m: 44,040 of 44,640 candles, 98.65 %. 600 missing."
    QTest.mouseMove(shown, middle(shown, MAR, 1))
    assert words[-1] == "Mar 2025, 1h: all 744 candles."
    QTest.mouseMove(shown, middle(shown, month_of(moment("2023-05-01"))))
    assert words[-1] == ""  # there are no minutes of that month
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_Home)
    QTest.keyClick(shown, Qt.Key.Key_Down)
    assert words[-1] == "Jan 2023, 1h: all 744 candles."


@pytest.mark.parametrize("look", [Appearance.DARK, Appearance.LIGHT])
def test_quality_is_seen(shown: CoverageMap, look: Appearance) -> None:
    theme().apply(look)
    shown.set_rows(ROWS, 0)
    assert tone_at(shown, middle(shown, APR)) == "accent"
    foot = QPoint(middle(shown, MAR).x(), round(shown.row_area(0).bottom()) - 1)
    assert tone_at(shown, foot) == "warn"  # a strip at the foot where candles are missing
    assert tone_at(shown, middle(shown, MAR)) == "accent"
    y = middle(shown, MAR).y()
    late, hole = (round(shown.line().x(moment(day))) for day in ("2025-01-25", "2025-01-13"))
    assert tone_at(shown, QPoint(late, y)) == "warn"  # a third of January is missing
    assert tone_at(shown, QPoint(hole, y)) == "raised"  # and that is where
    damaged = {
        tone_at(shown, QPoint(middle(shown, JUN).x() + dx, middle(shown, JUN).y() + dy))
        for dx in (-4, 0, 4)
        for dy in (-3, 0, 3)
    }
    assert "accent" not in damaged
    assert tone_at(shown, middle(shown, month_of(moment("2023-05-01")))) == "raised"
    assert tone_at(shown, middle(shown, APR, 1)) not in ("accent", "raised")  # not the one in use


def test_without_rows_nothing_happens(qtbot: QtBot) -> None:
    made = CoverageMap()
    qtbot.addWidget(made)
    made.show()
    told = chosen(made)
    QTest.mouseClick(made, LEFT)
    QTest.mouseMove(made, QPoint(3, 3))
    QTest.keyClick(made, Qt.Key.Key_Left)
    made.grab()
    assert told == []


def test_one_day_of_candles_is_a_map_too(qtbot: QtBot) -> None:
    made = CoverageMap()
    qtbot.addWidget(made)
    made.set_rows(COVERS[3:4])
    made.resize(300, made.sizeHint().height())
    made.show()
    assert QApplication.focusWidget() is not made
    told = chosen(made)
    QTest.mouseClick(made, LEFT, pos=middle(made, month_of(moment("2025-02-01"))))
    assert told == [(moment("2025-02-01"), moment("2025-03-01"))]


def test_damage_is_seen_where_no_candle_is(shown: CoverageMap) -> None:
    """Of a series with nothing else, and before the first candle of another."""
    eth = replace(
        ROWS[1], series=ETH_DAYS, months=(*only_damage(ETH_DAYS, "2022-11").months, *ROWS[1].months)
    )
    shown.set_rows([only_damage(BTC_MINUTES, "2023-06"), eth])
    november, june = (month_of(moment(at)) for at in ("2022-11-01", "2023-06-01"))
    assert shown.line().first == november
    for row, month in ((0, june), (1, november)):
        assert "damaged and set aside" in shown.words(row, month)
        area = shown.row_area(row)
        line = shown.line()
        cells = [
            shown.grab()
            .toImage()
            .pixelColor(round(line.x(month_start(month))) + 1 + x, round(area.top()) + 1)
            .name()
            for x in range(4)
        ]
        assert theme().color("raised").name() not in cells
    assert tone_at(shown, middle(shown, june + 1)) == "raised"
