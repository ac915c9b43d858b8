"""The frame: pages by rail and keys, figures, the two ways to stop, folding."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.waiting import comes_true
from trader_gui.frame.main_window import MainWindow
from trader_gui.frame.navigation import Page
from trader_gui.frame.top_bar import AccountFigures
from trader_gui.theme.theme import theme
from trader_gui.widgets.hold_button import HoldButton
from trader_gui.widgets.scrim import Choice, ScrimCard

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
FIGURES = AccountFigures(
    "USDT", Decimal("10062.14"), Decimal("84.20"), 0.84, Decimal("-62.14"), Decimal("4143.72"), 41
)


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    theme().apply("dark")
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    return made


def texts(widget: QWidget) -> list[str]:
    return [line.text() for line in widget.findChildren(QLabel) if line.isVisible() and line.text()]


def test_pages_open_by_rail_and_keys(window: MainWindow) -> None:
    told: list[str] = []
    window.page_requested.connect(told.append)
    button = next(b for b in window.rail.findChildren(QToolButton) if b.text() == "Backtest")
    QTest.mouseClick(button, LEFT)
    assert (window.current_page, button.isChecked()) == ("backtest", True)
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_Comma):
        QTest.keyClick(window, key, CTRL)
    assert told == ["backtest", "monitor", "sessions", "backtest", "bots", "settings"]
    assert "Settings" in texts(window.top_bar)


def test_a_page_is_made_when_first_opened_and_may_be_replaced(window: MainWindow) -> None:
    made: list[str] = []

    def page(name: str) -> QWidget:
        made.append(name)
        return QLabel(f"the real {name}")

    window.register(Page("sessions", "Sessions", "clock-counter-clockwise", lambda: page("list")))
    assert made == []
    window.show_page("sessions")
    window.show_page("monitor")
    window.show_page("sessions")
    assert made == ["list"]
    window.register(Page("sessions", "Sessions", "clock-counter-clockwise", lambda: page("new")))
    assert made == ["list", "new"]
    assert "the real new" in texts(window)
    with pytest.raises(KeyError):
        window.register(Page("nowhere", "Nowhere", "question", QWidget))


def test_the_figures_of_the_account(window: MainWindow) -> None:
    window.top_bar.show_figures(FIGURES)
    shown = texts(window.top_bar)
    for words in ("10,062.14", "USDT", "+84.20", "+0.84 %", "−62.14", "4,143.72", "41 %"):
        assert words in shown
    window.top_bar.show_figures(AccountFigures("USDT", open_pnl=Decimal(5), stale=True))
    shown = texts(window.top_bar)
    assert "~+5.00" in shown
    assert shown.count("–") == 3


def test_a_changing_figure_does_not_shift_its_neighbours(window: MainWindow) -> None:
    window.top_bar.show_figures(FIGURES)
    QTest.qWait(1)
    place = {line.text(): line.mapTo(window, QPoint(0, 0)) for line in window.findChildren(QLabel)}
    window.top_bar.show_figures(AccountFigures("USDT", 1, 2, 0.01, 3, 4, 1))
    QTest.qWait(1)
    for line in window.top_bar.findChildren(QLabel):
        if line.text() in ("Equity", "Realised today", "Open PnL", "Exposure"):
            assert line.mapTo(window, QPoint(0, 0)) == place[line.text()]


def test_stop_all_by_click_and_keys_also_under_a_question(window: MainWindow) -> None:
    stops: list[bool] = []
    window.stop_all_requested.connect(lambda: stops.append(True))
    button = next(b for b in window.findChildren(QPushButton) if b.text() == "Stop all")
    QTest.mouseClick(button, LEFT)
    QTest.keyClick(window, Qt.Key.Key_Period, CTRL)
    assert len(stops) == 2
    card = window.ask("Delete it?", "", [Choice("keep", "Keep bot")])
    top = button.mapTo(window, button.rect().center())
    assert window.childAt(top) is button
    QTest.mouseClick(button, LEFT)
    assert len(stops) == 3
    card.take("keep")


def test_panic_needs_the_whole_hold_by_mouse_and_keys(window: MainWindow, qtbot: QtBot) -> None:
    panics: list[bool] = []
    window.panic_requested.connect(lambda: panics.append(True))
    panic = window.top_bar.panic
    assert isinstance(panic, HoldButton)
    assert panic._fill.duration() == 1000
    QTest.mouseClick(panic, LEFT)
    both = CTRL | Qt.KeyboardModifier.ShiftModifier
    QTest.keyPress(window, Qt.Key.Key_Greater, both)
    comes_true(qtbot, lambda: panic.progress > 0.05)
    QTest.keyRelease(window, Qt.Key.Key_Shift, CTRL)
    assert (panic.progress, panics) == (0, [])
    panic._fill.setDuration(50)
    QTest.keyPress(window, Qt.Key.Key_Greater, both)
    comes_true(qtbot, lambda: panics == [True])
    QTest.keyRelease(window, Qt.Key.Key_Greater, both)
    assert panics == [True]


def as_wide_as(pixels: int, words: str, widget: QWidget) -> str:
    """`words` made longer until they take so much room, in whatever font this machine has."""
    while widget.fontMetrics().horizontalAdvance(words) < pixels:
        words += "."
    return words


def test_status_cells_keep_their_order_and_warnings_never_drop(window: MainWindow) -> None:
    bar = window.status_bar
    bar.set_cell("engine", "Engine", "heartbeat 0.8 s", "ok")
    bar.set_cell("db", "DB", as_wide_as(420, "ok, queue 0", bar), keep=2)
    bar.set_cell("feed", "Feed", as_wide_as(420, "no candle for 48 s", bar), "warn", keep=1)
    bar.set_utc(1_773_325_928_455)
    assert {"heartbeat 0.8 s", "14:32:08", "2026-03-12"} <= set(texts(bar))
    assert bar.words("engine") == "Engine heartbeat 0.8 s"
    window.resize(960, 600)
    shown = texts(bar)
    assert "2026-03-12" not in shown
    assert not any(text.startswith("ok") for text in shown)
    assert any(text.startswith("no candle") for text in shown)
    assert "14:32:08" in shown
    bar.remove_cell("feed")
    bar.set_cell("engine", "Engine", "heartbeat 1.0 s", "ok")
    assert "heartbeat 1.0 s" in texts(bar)


@pytest.mark.parametrize(
    ("width", "layout", "equity", "title"),
    [
        (1600, "wide", True, True),
        (1400, "medium", False, True),
        (1100, "narrow", False, False),
        (960, "tiny", False, False),
    ],
)
def test_folding_by_width(
    window: MainWindow, width: int, layout: str, equity: bool, title: bool
) -> None:
    window.resize(width, 700)
    window.top_bar.show_figures(FIGURES)
    assert window.layout_class == layout
    shown = texts(window.top_bar)
    assert ("10,062.14" in shown) == equity
    assert ("Monitor" in shown) == title
    assert {"+84.20", "−62.14"} <= set(shown)


@pytest.mark.parametrize("appearance", ["dark", "light"])
@pytest.mark.parametrize(("width", "height"), [(1600, 1000), (1100, 700), (960, 600)])
def test_nothing_is_cut_or_overlaps(
    window: MainWindow, appearance: str, width: int, height: int
) -> None:
    theme().apply(appearance)
    window.resize(width, height)
    window.top_bar.show_figures(FIGURES)
    window.status_bar.set_cell("engine", "Engine", "heartbeat 0.8 s", "ok")
    QTest.qWait(1)
    parts = [
        part
        for part in window.findChildren(QWidget)
        if isinstance(part, QLabel | QPushButton | HoldButton) and part.isVisible()
    ]
    boxes = []
    for part in parts:
        box = part.rect().translated(part.mapTo(window, QPoint(0, 0)))
        assert window.rect().contains(box), part
        if isinstance(part, QLabel) and part.text() and not part.wordWrap():
            assert part.fontMetrics().horizontalAdvance(part.text()) <= part.width(), part.text()
        boxes.append(box)
    for index, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in boxes[index + 1 :]), parts[index]
    theme().apply("dark")


def test_closing_only_asks(window: MainWindow) -> None:
    asked: list[bool] = []
    window.close_requested.connect(lambda: asked.append(True))
    assert not window.close()
    assert asked == [True]
    assert window.isVisible()


def test_keys_of_pages_do_nothing_under_a_question(window: MainWindow) -> None:
    card = window.ask("Delete it?", "", [Choice("keep", "Keep bot")])
    for key, held in ((Qt.Key.Key_2, CTRL), (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier)):
        QTest.keyClick(window, key, held)
        assert window.current_page == "monitor"
    window.show_page("bots")  # the program may; the focus stays where the question is
    assert card.button("keep").hasFocus()
    card.take("keep")
    assert window.page("bots").isAncestorOf(window.focusWidget())
    QTest.keyClick(window, Qt.Key.Key_2, CTRL)
    assert window.current_page == "sessions"


def test_another_page_takes_the_list_of_keys_away(window: MainWindow) -> None:
    for key, held in ((Qt.Key.Key_2, CTRL), (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier)):
        QTest.keyClick(window, Qt.Key.Key_Slash, CTRL)
        (card,) = (one for one in window.findChildren(ScrimCard) if not one.isHidden())
        QTest.keyClick(window, key, held)
        assert card.isHidden()
    assert window.current_page == "help"


def test_the_list_of_keys_outlives_the_page_below(window: MainWindow) -> None:
    for _ in range(2):
        window.page("monitor").setFocus()
        window.show_shortcuts()
        window.register(Page("monitor", "Monitor", "activity", lambda: QLabel("the real one")))
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert not window.findChildren(ScrimCard)
    window.show_shortcuts()  # and comes again
    assert window.findChildren(ScrimCard)


def test_it_comes_back_as_large_as_it_was(window: MainWindow) -> None:
    window.showMaximized()
    window.showMinimized()
    window.bring_forward()
    assert not window.isMinimized()
    assert window.isMaximized()
