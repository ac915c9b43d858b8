"""Help: chapters, links, search, and the chapter that belongs to where a person is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument, QTextFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.opened import click, opened
from tests.gui.waiting import drawn
from trader_gui.forms.strategy_form import DIRECTION
from trader_gui.forms.trade_fields import CHOICE_SPECS, TRADE_SPECS
from trader_gui.forms.trade_tables import TABLE_SPECS
from trader_gui.frame.main_window import MainWindow
from trader_gui.frame.navigation import first_pages
from trader_gui.pages.bots.page import BotsPage
from trader_gui.pages.help.dressing import blocks_of, fragments_of
from trader_gui.pages.help.page import CHAPTERS, ICONS, HelpPage
from trader_gui.pages.settings.page import SECTIONS
from trader_gui.theme.theme import Appearance, theme

ROOT = Path(__file__).resolve().parents[2]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1400, 800)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    return made


def help_page(window: MainWindow) -> HelpPage:
    page = window.page("help")
    assert isinstance(page, HelpPage)
    return page


def test_the_button_and_f1_open_what_belongs_to_the_page_and_f1_leads_back(
    window: MainWindow,
) -> None:
    for page, chapter in CHAPTERS.items():
        window.show_page(page)
        QTest.keyClick(window, Qt.Key.Key_F1)
        assert (window.current_page, help_page(window).reader.chapter.key) == ("help", chapter)
        QTest.keyClick(window, Qt.Key.Key_F1)
        assert window.current_page == page
    window.show_page("backtest")
    button = next(b for b in window.rail.findChildren(QToolButton) if b.text() == "Help")
    QTest.mouseClick(button, LEFT)
    assert help_page(window).reader.chapter.key == "backtests"
    help_page(window).open("exits")
    QTest.mouseClick(button, LEFT)
    assert help_page(window).reader.chapter.key == "exits"
    assert help_page(window).chapters.buttons["exits"].isChecked()


def test_an_installation_without_the_guide_says_so(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("trader_gui.pages.help.page.GUIDE", str(tmp_path / "nowhere"))
    window.open_help()
    told = [line.text() for line in window.page("help").findChildren(QLabel)]
    assert any("there is no guide" in words and "nowhere" in words for words in told)
    window.open_help()
    assert window.current_page == "monitor"


def test_every_chapter_has_its_icon_and_every_page_its_chapter(window: MainWindow) -> None:
    keys = {one.key for one in help_page(window).guide.chapters}
    assert keys == ICONS.keys()
    assert set(CHAPTERS.values()) <= keys
    assert CHAPTERS.keys() == {page.name for page in first_pages()}


def test_every_setting_is_a_section_of_the_guide(window: MainWindow) -> None:
    guide = help_page(window).guide
    assert [label for label in setting_labels() if guide.about(label) is None] == []


def setting_labels() -> list[str]:
    specs = [*TRADE_SPECS.values(), *CHOICE_SPECS.values(), *TABLE_SPECS.values(), DIRECTION]
    return [spec.label for spec in specs] + [title for _, title, _ in SECTIONS]


@pytest.mark.qt_loop
async def test_f1_in_a_field_opens_what_the_field_means(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        held.program.new_bot()
        await drawn()
        bots = held.window.page("bots")
        assert isinstance(bots, BotsPage)
        field = bots.editor.trade.fields()["stop_loss_pct"].editor
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_F1)
        page = help_page(held.window)
        await drawn()
        assert (held.window.current_page, page.reader.chapter.key) == ("help", "exits")
        assert top_heading(page) == "Stop loss"
        assert held.program.preferences.last_page == "bots"
        QTest.keyClick(held.window, Qt.Key.Key_F1)
        assert held.window.current_page == "bots"
        assert bots.editor.isVisible()


def test_parts_of_pages_name_places_that_are_there(window: MainWindow) -> None:
    guide = help_page(window).guide
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "trader_gui").rglob("*.py"))
    named = re.findall(r'setProperty\("help", "([^"]+)"\)', sources)
    assert len(named) >= 5
    for key, _, place in (one.partition("#") for one in named):
        chapter = guide.chapter(key)
        assert chapter is not None, key
        assert not place or place in [one.place for one in chapter.sections], place


@pytest.mark.qt_loop
async def test_help_can_be_read_before_anything_was_begun(tmp_path: Path) -> None:
    async with opened(tmp_path, []) as held:
        QTest.keyClick(held.first, Qt.Key.Key_F1)
        await drawn()
        assert help_page(held.window).reader.chapter.key == "first-steps"
        assert held.window.rail.isVisible()
        QTest.keyClick(held.window, Qt.Key.Key_F1)
        await drawn()
        assert held.first.isVisible()
        assert not held.window.rail.isVisible()


def top_heading(page: HelpPage) -> str:
    """The heading at the top of what is seen."""
    return page.reader.cursorForPosition(page.reader.viewport().rect().topLeft()).block().text()


def test_links_lead_through_the_guide_and_back_leads_back(window: MainWindow) -> None:
    window.resize(1400, 600)  # low enough for the last but one heading to come to the top
    window.open_help()
    page = help_page(window)
    page.open("rules")
    page.reader.verticalScrollBar().setValue(300)
    look(page)
    page.reader.anchorClicked.emit(QUrl("exits.md#liquidation"))
    assert page.reader.chapter.key == "exits"
    assert top_heading(page) == "Liquidation"
    look(page)
    page.reader.anchorClicked.emit(QUrl("#stop-loss"))
    look(page)
    assert top_heading(page) == "Stop loss"
    page.reader.anchorClicked.emit(QUrl("https://elsewhere.test/exits.md"))
    assert top_heading(page) == "Stop loss"
    click(page.back)
    assert top_heading(page) == "Liquidation"
    QTest.keyClick(page.reader, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert (page.reader.chapter.key, page.reader.verticalScrollBar().value()) == ("rules", 300)


def look(page: HelpPage) -> None:
    page.reader.viewport().repaint()
    assert page.reader.seen


def test_back_leads_to_what_was_read_and_nowhere_else(window: MainWindow) -> None:
    window.show_page("sessions")
    window.open_help()
    page = help_page(window)
    assert page.reader.chapter.key == "replay"
    assert not page.back.isEnabled()  # the first chapter was never seen
    look(page)
    page.open("replay")  # it is there already
    assert not page.back.isEnabled()
    page.open("exits")
    page.open("rules")
    look(page)
    click(page.back)
    assert page.reader.chapter.key == "replay"
    assert not page.back.isEnabled()


def test_f1_comes_back_to_where_one_had_read_to(window: MainWindow) -> None:
    window.show_page("sessions")
    window.open_help()
    page = help_page(window)
    look(page)
    page.reader.verticalScrollBar().setValue(300)
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_F1)
        assert window.current_page == "sessions"
        QTest.keyClick(window, Qt.Key.Key_F1)
        look(page)
        assert page.reader.verticalScrollBar().value() == 300
    assert not page.back.isEnabled()
    page.chapters.chosen.emit("replay")  # asked for by its name it begins at its beginning
    assert page.reader.verticalScrollBar().value() == 0
    click(page.back)
    assert page.reader.verticalScrollBar().value() == 300


def test_search_goes_over_all_chapters_and_marks_what_it_found(window: MainWindow) -> None:
    window.open_help()
    page = help_page(window)
    QTest.keyClicks(page.search, "Trailing Stop")
    hits = page.hits.hits
    assert page.hits.isVisible()
    assert (hits[0].chapter.key, hits[0].section.title) == ("exits", "Trailing stop")
    assert len({hit.chapter.key for hit in hits}) > 2
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    assert (page.reader.chapter.key, top_heading(page)) == ("exits", "Trailing stop")
    marks = page.reader.extraSelections()
    assert {mark.cursor.selectedText().casefold() for mark in marks} == {"trailing", "stop"}
    QTest.keyClick(page.reader, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.search.hasFocus()
    page.search.setText("zebra")
    assert page.nothing.isVisible()
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    assert page.chapters.isVisible()
    assert page.search.text() == ""


def test_every_chapter_is_shown_in_both_looks_with_its_pictures(window: MainWindow) -> None:
    window.open_help()
    page = help_page(window)
    for look in (Appearance.LIGHT, Appearance.DARK):
        theme().apply(look)
        for chapter in page.guide.chapters:
            page.open(chapter.key)
            assert page.reader.toPlainText().startswith(chapter.title)
            assert {theme().color(tone).name() for tone in ("text1", "text2")} <= ink(page)
    assert pictures(page, "monitor") == 2
    block = next(one for one in blocks_of(page.reader.document()) if "\ufffc" in one.text())
    room = page.reader.document().documentLayout().blockBoundingRect(block)
    assert room.height() < 0.8 * room.width(), "nothing but the picture takes room"


def ink(page: HelpPage) -> set[str]:
    """The colours of the letters."""
    looks = [each.charFormat() for each in fragments(page)]
    return {one.foreground().color().name() for one in looks}


def pictures(page: HelpPage, key: str) -> int:
    """How many pictures of a chapter there are that could be read."""
    page.open(key)
    looks = [one.charFormat() for one in fragments(page) if one.charFormat().isImageFormat()]
    kind = QTextDocument.ResourceType.ImageResource.value
    read = [page.reader.loadResource(kind, QUrl(one.toImageFormat().name())) for one in looks]
    return sum(not picture.isNull() for picture in read)


def fragments(page: HelpPage) -> list[QTextFragment]:
    return [one for block in blocks_of(page.reader.document()) for one in fragments_of(block)]


def test_nothing_but_pictures_of_the_guide_is_loaded(window: MainWindow) -> None:
    reader = help_page(window).reader
    kinds = QTextDocument.ResourceType
    for name in ("https://elsewhere.test/a.png", "../../resources/icon.svg", "/etc/hostname"):
        assert reader.loadResource(kinds.ImageResource.value, QUrl(name)) is None
    assert reader.loadResource(kinds.StyleSheetResource.value, QUrl("images/monitor.png")) is None


def test_a_narrow_window_keeps_the_place_and_leaves_nothing_cut(window: MainWindow) -> None:
    window.open_help()
    page = help_page(window)
    page.open("exits", "time-limit")
    window.resize(960, 600)
    QApplication.processEvents()
    assert top_heading(page) == "Time limit"
    assert page.reader.lineWrapColumnOrWidth() <= page.reader.viewport().width()
    for chapter in page.guide.chapters:
        page.open(chapter.key)
        QApplication.processEvents()
        assert page.reader.horizontalScrollBar().maximum() == 0, chapter.key
