"""The Help page: chapters or what was found at the left, the text at the right."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.language import language, tr
from trader_gui.pages.help.chapters import Guide, Hit, read_guide
from trader_gui.pages.help.hits import HitList
from trader_gui.pages.help.reader import Reader
from trader_gui.resources import resource
from trader_gui.theme.theme import theme
from trader_gui.widgets.field import CaptionedField
from trader_gui.widgets.icon_button import IconButton
from trader_gui.widgets.looks import frame, label, separator
from trader_gui.widgets.search_box import SearchBox
from trader_gui.widgets.sections import SectionList
from trader_gui.widgets.shortcut import shortcut

GUIDE: Final = "docs/guide"
ICONS: Final = {
    "first-steps": "flag",
    "monitor": "activity",
    "bots": "robot",
    "inside-a-bar": "chart-bar-horizontal",
    "exits": "target",
    "rules": "shield-check",
    "backtests": "flask",
    "trust": "scales",
    "replay": "clock-counter-clockwise",
    "strategies": "code",
    "data": "folder-open",
    "settings": "gear-six",
    "console": "terminal-window",
    "troubleshooting": "first-aid-kit",
}
"""By chapter."""
CHAPTERS: Final = {
    "monitor": "monitor",
    "sessions": "replay",
    "backtest": "backtests",
    "bots": "bots",
    "settings": "settings",
}
"""Where F1 leads from each page of the window."""
PROPERTY: Final = "help"
"""Of a part of a page with a chapter of its own: ``replay#the-time-machine``."""
_WIDE, _SLIM, _FOLDS_BELOW = 264, 200, 900


class HelpPage(QWidget):
    """Keeps its place in the guide while other pages are open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.guide: Guide = read_guide(resource(GUIDE), language())
        self._been: list[tuple[str, str, int]] = []
        """Chapters, the headings they were opened at, and where they were scrolled to."""
        self._opened = "", ""
        self.search = SearchBox(tr("Search the guide"), tr("Search the guide"))
        self.chapters = SectionList(
            [(one.key, one.title, ICONS.get(one.key, "file-text")) for one in self.guide.chapters]
        )
        self.hits = HitList()
        self.nothing = label(tr("Nothing in the guide holds these words."), "label")
        self.reader = Reader(self.guide.folder)
        self.back = IconButton("arrow-left", tr("Back to where you read before (Alt+Left)"))
        self._lay_out()
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self.hits.take_current)
        self.chapters.chosen.connect(self.open)
        self.hits.chosen.connect(self._open_hit)
        self.reader.asked.connect(self.open)
        self.back.clicked.connect(self.go_back)
        shortcut("Alt+Left", tr("Go back to what was read before"), self, self.go_back)
        self.setFocusProxy(self.reader)
        self.open(self.guide.chapters[0].key)

    def open(self, key: str, place: str = "", words: str = "") -> None:
        """A chapter by its key, from a heading on; Back leads to the place left, if another one
        was seen."""
        chapter = self.guide.chapter(key)
        if chapter is None:
            return
        seen, left, bar = self.reader.seen, self._opened, self.reader.verticalScrollBar()
        here = left[0], bar.value()
        self.reader.show_chapter(chapter, place, words)
        self._opened = key, place
        if seen and here != (key, bar.value()):
            self._been.append((*left, here[1]))
        self._settle()

    def open_for(self, page: str, focus: QWidget | None) -> None:
        """What belongs to where the person is: the field that has the focus, the nearest part
        around it whose property `help` names a chapter and its heading, or the page. What was
        opened last stays as it was left."""
        if (asked := self._about(page, focus)) != self._opened:
            self.open(*asked)

    def _about(self, page: str, focus: QWidget | None) -> tuple[str, str]:
        """The key of a chapter and the place of a heading in it."""
        while focus is not None:
            if isinstance(focus, CaptionedField) and (found := self.guide.about(focus.caption)):
                return found.chapter, found.place
            if named := focus.property(PROPERTY):
                key, _, place = str(named).partition("#")
                return key, place
            focus = focus.parentWidget()
        return CHAPTERS.get(page, self.guide.chapters[0].key), ""

    def go_back(self) -> None:
        if self._been:
            key, place, value = self._been.pop()
            chapter = self.guide.chapter(key)
            assert chapter is not None
            self.reader.show_chapter(chapter)
            self.reader.verticalScrollBar().setValue(value)
            self._opened = key, place
            self._settle()

    def _settle(self) -> None:
        self.chapters.set_current(self.reader.chapter.key)
        self.back.setEnabled(bool(self._been))

    def _search(self, typed: str) -> None:
        hits = self.guide.search(typed)
        self.hits.show_hits(hits)
        shown = self.chapters if not typed.strip() else self.hits if hits else self._none
        self._left.setCurrentWidget(shown)

    def _open_hit(self, hit: Hit) -> None:
        self.open(hit.chapter.key, hit.section.place, self.search.text())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reader.setFocus()  # arrows scroll at once

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        elif event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self.hits.setFocus()
        elif event.matches(QKeySequence.StandardKey.Find):
            self.search.setFocus()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        slim = self.width() < theme().px(_FOLDS_BELOW)
        self._side.setFixedWidth(theme().px(_SLIM if slim else _WIDE))

    def _lay_out(self) -> None:
        self._left, self._none = QStackedWidget(), frame("panel")
        none = QVBoxLayout(self._none)
        self.nothing.setWordWrap(True)
        none.addWidget(self.nothing)
        none.addStretch(1)
        for part in (self.chapters, self.hits, self._none):
            self._left.addWidget(part)
        self._side = frame("panel")
        head = QHBoxLayout()
        head.setContentsMargins(8, 10, 8, 6)
        head.setSpacing(4)
        head.addWidget(self.back)
        head.addWidget(self.search, 1)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addLayout(head)
        side.addWidget(self._left, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._side)
        row.addWidget(separator(vertical=True))
        row.addWidget(self.reader, 1)
