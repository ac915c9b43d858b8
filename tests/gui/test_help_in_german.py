"""Help in a German window: its chapters, and the same places as in English."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.language import speak, tr
from tests.gui.test_help_page import help_page, pictures, setting_labels, top_heading
from trader_gui.frame.main_window import MainWindow
from trader_gui.pages.help.chapters import read_guide
from trader_gui.pages.help.dressing import blocks_of
from trader_gui.pages.help.page import GUIDE, HelpPage
from trader_gui.resources import resource


@pytest.fixture
def german() -> Iterator[None]:
    speak("de")
    yield
    speak("en")
    for name in ("TRADER_GUI_LANGUAGE", "TRADER_GUI_NUMBERS"):
        os.environ.pop(name, None)


@pytest.fixture
def page(german: None, qtbot: QtBot) -> HelpPage:
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(1400, 800)
    window.show()
    qtbot.waitExposed(window)
    window.open_help()
    return help_page(window)


def test_a_german_window_shows_german_chapters(page: HelpPage) -> None:
    assert page.chapters.buttons["exits"].text() == "Ausstiege"
    for chapter in page.guide.chapters:
        page.open(chapter.key)
        assert chapter.folder.name == "de"
        words = page.reader.toPlainText()
        assert words.startswith(chapter.title)
        assert "<a" not in words
    assert pictures(page, "monitor") == 2


def test_an_english_window_shows_none_of_them(qtbot: QtBot) -> None:
    page = HelpPage()
    qtbot.addWidget(page)
    assert {one.folder for one in page.guide.chapters} == {resource(GUIDE)}


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_heading_is_a_section(page: HelpPage, language: str) -> None:
    for chapter in read_guide(resource(GUIDE), language).chapters:
        page.reader.show_chapter(chapter)
        blocks = blocks_of(page.reader.document())
        read = [one.text() for one in blocks if one.blockFormat().headingLevel()]
        assert read == [one.title for one in chapter.sections]


def test_links_and_f1_lead_to_the_places_that_have_english_names(page: HelpPage) -> None:
    page.open("replay", "the-time-machine")
    assert top_heading(page) == "Die Zeitmaschine"
    page.reader.anchorClicked.emit(QUrl("exits.md#time-limit"))
    assert page.reader.chapter.key == "exits"
    assert top_heading(page) == "Zeitlimit"
    page.reader.anchorClicked.emit(QUrl("#stop-loss"))
    assert top_heading(page) == "Stop-Loss"


def test_a_settings_german_label_leads_to_the_section_of_the_english_one(page: HelpPage) -> None:
    english = read_guide(resource(GUIDE))
    for label in setting_labels():
        wanted, found = english.about(label), page.guide.about(tr(label))
        assert wanted, label
        assert found, tr(label)
        assert (found.chapter, found.place) == (wanted.chapter, wanted.place)
        assert found.title == tr(label) or tr(label) == label, "it has another name in the guide"


def test_german_words_are_searched_and_marked(page: HelpPage) -> None:
    page.search.setText("größte position")
    hits = page.hits.hits
    assert (hits[0].chapter.key, hits[0].section.title) == ("rules", "Größte Position")
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    assert (page.reader.chapter.key, top_heading(page)) == ("rules", "Größte Position")
    marks = page.reader.extraSelections()
    assert {mark.cursor.selectedText().casefold() for mark in marks} == {"grösste", "position"}


def test_nothing_but_the_guides_pictures_is_loaded(page: HelpPage) -> None:
    page.open("monitor")
    kind = QTextDocument.ResourceType.ImageResource.value
    for name in ("../../../resources/icon.svg", "../../images/icon.png", "/etc/hostname"):
        assert page.reader.loadResource(kind, QUrl(name)) is None
    assert page.reader.loadResource(kind, QUrl("../images/monitor.png")) is not None


def test_a_narrow_window_leaves_nothing_cut(page: HelpPage) -> None:
    page.window().resize(960, 600)
    for chapter in page.guide.chapters:
        page.open(chapter.key)
        QApplication.processEvents()
        assert page.reader.horizontalScrollBar().maximum() == 0, chapter.key
