"""The frame of the window: rail, top bar, pages, status bar. It knows nothing of the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.language import tr
from trader_gui.frame.navigation import Page, Rail, first_pages
from trader_gui.frame.status_bar import StatusBar
from trader_gui.frame.top_bar import TopBar
from trader_gui.resources import ICON_FILE
from trader_gui.theme.theme import theme
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.scrim import Choice, ScrimCard, focus_in
from trader_gui.widgets.shortcut import shortcut
from trader_gui.widgets.toast import ToastStack

_SMALLEST = (960, 600)
_NOT_ALL = tr("Pages that were not opened yet tell theirs once they were.")
_LEVELS = 8  # layouts within layouts
# Logical widths at 100 % text below which a layout class ends.
_CLASSES = ((1040, "tiny"), (1280, "narrow"), (1440, "medium"))


def _help() -> QWidget:
    from trader_gui.pages.help import HelpPage  # a start does not wait for it

    try:
        return HelpPage()
    except OSError as missing:
        words = tr(
            "{file} is not there, so there is no guide in this installation.",
            file=missing.filename,
        )
        return EmptyState(tr("Help"), words)


_HELP = Page("help", tr("Help"), "question", _help, at_bottom=True, keys="F1")
"""Needs no engine: it is there while one starts, and when none does."""


def _all_pages() -> list[Page]:
    *others, last = first_pages()
    return [*others, _HELP, last]


class MainWindow(QMainWindow):
    """Pages are registered by name and made when first opened.

    Values go in through ``top_bar`` and ``status_bar``; wishes come out as signals. Closing the
    window only asks: ``close_requested`` lets the program store what it has to first.
    """

    stop_all_requested = Signal()
    panic_requested = Signal()
    page_requested = Signal(str)  # name of the page now shown
    layout_class_changed = Signal(str)  # wide, medium, narrow or tiny
    close_requested = Signal()
    painted = Signal()  # once, after the first paint

    def __init__(self, pages: Sequence[Page] | None = None) -> None:
        super().__init__()
        self.setWindowTitle("trader-gui")
        self.setWindowIcon(QIcon(str(ICON_FILE)))
        known = list(pages) if pages is not None else _all_pages()
        self._pages = {page.name: page for page in known}
        self._made: dict[str, QWidget] = {}
        self._current = ""
        self._before_help = known[0].name
        self._layout_class = "wide"
        self._was_painted = False
        self._shortcuts: ScrimCard | None = None
        self._central = QWidget(self)
        self.rail = Rail(known, self._central)
        self.top_bar = TopBar(self._central)
        self._stack = QStackedWidget(self._central)
        self._stack.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.status_bar = StatusBar(self._central)
        self._lay_out()
        self.toasts = ToastStack(self._central, self.status_bar.sizeHint().height())
        self._connect()
        theme().changed.connect(self._limit_size)
        self._limit_size()
        self.show_page(known[0].name)

    @property
    def current_page(self) -> str:
        return self._current

    @property
    def place(self) -> QWidget:
        """Where pages stand. A page that is made within it is dressed once; made without a parent,
        all in it would be dressed again when it gets one."""
        return self._stack

    @property
    def layout_class(self) -> str:
        """wide, medium, narrow or tiny, by the width in units of the text size."""
        return self._layout_class

    def register(self, page: Page) -> None:
        """Replace a page of the same name; one that is open is made anew at once.

        Raises:
            KeyError: the rail has no such page.
        """
        if page.name not in self._pages:
            raise KeyError(page.name)
        self._pages[page.name] = page
        old = self._made.pop(page.name, None)
        if page.name == self._current:
            self.show_page(page.name)
        if old is not None:
            self._stack.removeWidget(old)
            old.deleteLater()

    def page(self, name: str) -> QWidget:
        """The page's widget, made now when it was never opened.

        Raises:
            KeyError: no such page.
        """
        if name not in self._made:
            self._made[name] = self._pages[name].factory()
            self._stack.addWidget(self._made[name])
        return self._made[name]

    def show_page(self, name: str) -> None:
        """Under a question that is open, the focus stays in the question."""
        self._put_shortcuts_away()  # they may be those of a page that is gone
        page = self.page(name)
        self._stack.setCurrentWidget(page)
        if not self._asks and not page.isAncestorOf(QApplication.focusWidget() or self):
            page.setFocus(Qt.FocusReason.OtherFocusReason)  # its single-letter keys work at once
        self._current = name
        self.rail.set_current(name)
        self.top_bar.set_title(self._pages[name].title)
        self.page_requested.emit(name)
        self._settle()

    def open_help(self) -> None:
        """The chapter that belongs to where the person is; from Help, back to where that was."""
        from trader_gui.pages.help import HelpPage

        if self._current == _HELP.name:
            self.show_page(self._before_help)
            return
        shown, focus = self.page(self._current), QApplication.focusWidget()
        self._before_help = self._current
        self.show_page(_HELP.name)
        page = self.page(_HELP.name)
        if isinstance(page, HelpPage):
            page.open_for(self._before_help, focus if shown.isAncestorOf(focus or self) else shown)

    def show_shortcuts(self) -> None:
        """All keys of the window and of the pages that were opened, over the page."""
        if self._shortcuts is not None:
            self._put_shortcuts_away()
            return
        from trader_gui.frame.shortcut_list import (  # a start does not wait
            shortcut_table,
            told_keys,
        )

        known = self._pages.values()
        pages = {page.title: self._made[page.name] for page in known if page.name in self._made}
        table = shortcut_table(told_keys(self, pages), self.height())
        words = "" if len(pages) == len(known) else _NOT_ALL
        close = Choice("close", tr("Close list"))
        card = self.ask(tr("Keyboard shortcuts"), words, (close,), table)
        self._shortcuts = card
        card.answered.connect(lambda _: setattr(self, "_shortcuts", None))

    def _put_shortcuts_away(self) -> None:
        if self._shortcuts is not None:
            self._shortcuts.take("close")

    @property
    def _asks(self) -> bool:
        """Whether a question is open, over all pages or over the one that is shown."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        cards = [
            card
            for host in (self._central, self._stack.currentWidget())
            if host is not None
            for card in host.findChildren(ScrimCard, options=direct)
        ]
        return any(not card.isHidden() and card is not self._shortcuts for card in cards)

    def _unless_asked(self, opens: Callable[[], None]) -> None:
        """What keys do that open a page: the mouse cannot reach it under a question, either."""
        if not self._asks:
            self._put_shortcuts_away()  # Help opens for what had the focus before
            opens()

    def _settle(self) -> None:
        """Carry out now what was asked of layouts, and what they ask of those around them, and
        mark what has come into view. Left to itself, the page would be painted after each step."""
        for _ in range(_LEVELS):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateLater.value)

    def ask(
        self, title: str, text: str, choices: Sequence[Choice], content: QWidget | None = None
    ) -> ScrimCard:
        """Put a question over the page; the first choice is the safe one. No nested loop runs."""
        top = self.top_bar.height()
        card = ScrimCard(self._central, title, text, choices, top, content)
        card.answered.connect(self._focus_page)
        return card

    def _focus_page(self) -> None:
        """What had the focus before a question may be gone, or its page may not be shown now."""
        focus = focus_in(self)
        if focus is None or not focus.isVisibleTo(self):
            self.page(self._current).setFocus(Qt.FocusReason.OtherFocusReason)

    def bring_forward(self) -> None:
        """From wherever it is: hidden, minimised, or behind others. Where the desktop lets no
        window come forward by itself, its entry in the task bar asks for a look."""
        if self.isMinimized():  # it may have been maximised before
            states = Qt.WindowState
            kept = self.windowState() & ~states.WindowMinimized
            self.setWindowState(kept | states.WindowActive)
        self.show()
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.close_requested.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.width() / theme().scale
        found = next((name for limit, name in _CLASSES if width < limit), "wide")
        if found != self._layout_class:
            self._layout_class = found
            self._fold()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def _fold(self) -> None:
        self.rail.set_narrow(self._layout_class in ("narrow", "tiny"))
        self.top_bar.fold(self._layout_class)
        self.layout_class_changed.emit(self._layout_class)

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.top_bar)
        right.addWidget(self._stack, 1)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self.rail)
        upper.addLayout(right, 1)
        column = QVBoxLayout(self._central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(self.status_bar)
        self.setCentralWidget(self._central)
        self._stack.setProperty("look", "page")
        self.top_bar.fold(self._layout_class)

    def _connect(self) -> None:
        self.rail.chosen.connect(self._open)
        self.top_bar.stop_all_requested.connect(self.stop_all_requested)
        self.top_bar.panic_requested.connect(self.panic_requested)
        stop, keys = self.stop_all_requested.emit, ("Ctrl+/", "?", "Shift+?")
        shortcut("Ctrl+.", tr("Stop all bots"), self, stop, everywhere=True)
        shortcut(keys, tr("Show this list of keys"), self, self.show_shortcuts, everywhere=True)
        for page in self._pages.values():
            if page.keys:
                opens = partial(self.show_page, page.name) if page is not _HELP else self.open_help
                press = partial(self._unless_asked, opens)
                shortcut(
                    page.keys, tr("Open {title}", title=page.title), self, press, everywhere=True
                )

    def _open(self, name: str) -> None:
        if name == _HELP.name and self._current != name:
            self.open_help()
        else:
            self.show_page(name)

    def _limit_size(self) -> None:
        # The screen may be smaller than the smallest window at a large text size.
        screen = self.screen().availableGeometry()
        self.setMinimumSize(
            min(theme().px(_SMALLEST[0]), screen.width()),
            min(theme().px(_SMALLEST[1]), screen.height()),
        )
