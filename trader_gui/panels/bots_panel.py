"""The list of bots: select, start, stop, search; all verbs in the context menu."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.domain.bots import BotState, Mode
from engine.language import tr
from engine.messages.snapshot import AppSnapshot, BotSnapshot, EngineStatus
from trader_gui.models.bots_delegate import BotsDelegate, Density
from trader_gui.models.bots_model import BotRole, BotsModel, Index
from trader_gui.panels.rows import Header, show_text
from trader_gui.panels.verbs import Verb, offer, toggle_verb
from trader_gui.theme.theme import theme
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import frame, label
from trader_gui.widgets.own_ground import OwnGround
from trader_gui.widgets.plain_tip import plain_tip

_PART_ROWS: Final = 2
_PART_MS: Final = 30


class BotsPanel(QFrame):
    """`show_bots` takes snapshots; a bot stays selected as long as there is one."""

    selected = Signal(int)
    asked = Signal(int, object)
    """Bot id and `Verb`."""
    new_asked = Signal()
    edit_asked = Signal(int)
    delete_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._bots: dict[int, BotSnapshot] = {}
        self._selected: int | None = None
        self.model = BotsModel(self)
        self.delegate = BotsDelegate(self)
        self.delegate.pressed.connect(self._toggle)
        self.delegate.toggled.connect(self._toggle_group)
        self._build()
        theme().changed.connect(self._dress)

    def _build(self) -> None:
        head = Header(tr("Bots"))
        row = head.row
        self.count = label("", "", "text3")
        self.find_button = IconButton("magnifying-glass", tr("Search bots"))
        self.find_button.setCheckable(True)
        self.find_button.toggled.connect(self._show_search)
        self.new = TextButton(tr("New bot"), "plus")
        self.plus = IconButton("plus", tr("New bot"), look="")
        for button in (self.new, self.plus):
            button.clicked.connect(self.new_asked)
        row.addWidget(self.count, 1)
        for widget in (self.find_button, self.new, self.plus):
            row.addWidget(widget)
        self.plus.hide()
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search bots"))
        self.search.setAccessibleName(tr("Search bots"))
        self.search.setToolTip(tr("Part of a name, symbol or strategy"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.model.set_search)
        self.search.textChanged.connect(self._reselect)
        self._search_line = frame("header")
        inner = QVBoxLayout(self._search_line)
        inner.setContentsMargins(12, 6, 12, 6)
        inner.addWidget(self.search)
        self._search_line.hide()
        self.view = _BotsView(self.model, self.delegate)
        self.view.chosen.connect(self._choose)
        self.view.toggle_asked.connect(self._toggle)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.empty = EmptyState(
            tr("No bots yet"), tr("A bot trades one symbol with one strategy."), tr("New bot")
        )
        self.empty.asked.connect(self.new_asked)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._search_line)
        column.addWidget(self._pages, 1)

    # ------------------------------------------------------------------ what is shown

    def set_titles(self, titles: Mapping[str, str]) -> None:
        """Strategy key to the name a person reads."""
        self.model.set_titles(titles)

    def show_bots(self, app: AppSnapshot) -> None:
        if len(app.bots) < len(self._bots):
            self.delegate.pictures.keep_only({bot.bot_id for bot in app.bots})
        self._bots = {bot.bot_id: bot for bot in app.bots}
        self.model.set_in_view(self.view.rows_in_view())
        self.model.show(app.bots, app.status)
        running = sum(bot.state is BotState.RUNNING for bot in app.bots)
        compact = self.delegate.density is Density.COMPACT
        words = (
            tr("{running} of {count} running", running=running, count=len(app.bots))
            if compact
            else str(len(app.bots))
        )
        show_text(self.count, words if app.bots else "")
        self._pages.setCurrentWidget(self.view if app.bots else self.empty)
        self._reselect()

    def beat(self, status: EngineStatus) -> None:
        """Ages grow once a second."""
        self.model.beat(status)
        self.view.paint_in_parts()

    @property
    def selected_id(self) -> int | None:
        return self._selected

    def select(self, bot_id: int) -> None:
        """Select a bot that is in the list, and tell."""
        if bot_id in self._bots and bot_id != self._selected:
            self._selected = bot_id
            self._mark()
            self.selected.emit(bot_id)

    def set_density(self, density: Density) -> None:
        """How much a row shows; the head shortens with it."""
        if density is self.delegate.density:
            return
        self.delegate.density = density
        compact = density is Density.COMPACT
        self.new.setVisible(not compact)
        self.plus.setVisible(compact)
        self.view.doItemsLayout()

    def _reselect(self) -> None:
        """Keep the selected bot selected; without one take the first that is shown."""
        if self._selected not in self._bots:
            first = next(
                (
                    self.model.bot_at(row)
                    for row in range(self.model.rowCount())
                    if self.model.bot_at(row) is not None
                ),
                None,
            )
            self._selected = None
            if first is not None:
                self.select(first.bot_id)
                return
        self._mark()

    def _mark(self) -> None:
        row = None if self._selected is None else self.model.row_of(self._selected)
        selection = self.view.selectionModel()
        if row is None:
            selection.clearSelection()
            return
        index = self.model.index(row)
        if selection.currentIndex() != index or not selection.isSelected(index):
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _dress(self) -> None:
        self.view.doItemsLayout()
        self.view.viewport().update()

    # ------------------------------------------------------------------ what a person does

    def _choose(self, index: QModelIndex) -> None:
        bot_id = index.data(BotRole.BOT_ID)
        if bot_id is not None:
            self.select(bot_id)

    def _toggle(self, bot_id: int) -> None:
        bot = self._bots.get(bot_id)
        if bot is not None:
            self.select(bot_id)
            self.asked.emit(bot_id, toggle_verb(bot))

    def _toggle_group(self, mode: Mode) -> None:
        self.model.toggle(mode)
        self._mark()

    def _show_search(self, shown: bool) -> None:
        self._search_line.setVisible(shown)
        if shown:
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.search.clear()

    def start_search(self) -> None:
        """What Ctrl+F does here."""
        self.find_button.setChecked(True)
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def menu_for(self, bot: BotSnapshot) -> QMenu:
        """All verbs; those that cannot be asked for say why."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for verb in Verb:
            fitting = offer(bot, verb)
            if verb in (Verb.CLOSE,):
                menu.addSeparator()
            action = menu.addAction(fitting.words)
            action.setEnabled(fitting.open)
            action.setToolTip(plain_tip(fitting.why or fitting.hint))
            action.triggered.connect(lambda _=False, verb=verb: self.asked.emit(bot.bot_id, verb))
        menu.addSeparator()
        menu.addAction(tr("Edit bot"), lambda: self.edit_asked.emit(bot.bot_id))
        delete = menu.addAction(tr("Delete bot"), lambda: self.delete_asked.emit(bot.bot_id))
        stopped = bot.state in (BotState.STOPPED, BotState.ERROR) and not bot.session.position
        delete.setEnabled(stopped)
        delete.setToolTip("" if stopped else tr("Stop the bot and close its position first."))
        return menu

    def _open_menu(self, where: QPoint) -> None:
        bot_id = self.view.indexAt(where).data(BotRole.BOT_ID)
        bot = self._bots.get(bot_id) if bot_id is not None else None
        if bot is None:
            return
        self.select(bot.bot_id)
        menu = self.menu_for(bot)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.view.viewport().mapToGlobal(where))


class _BotsView(OwnGround, QListView):
    """Up and Down select (headers are passed by), S starts or stops."""

    handled_keys = (tr("Monitor"), (("S", tr("Start or stop the chosen bot")),))
    chosen = Signal(QModelIndex)
    toggle_asked = Signal(int)

    def __init__(self, model: BotsModel, delegate: BotsDelegate) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setAccessibleName(tr("Bots"))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.selectionModel().currentChanged.connect(lambda now, _: self.chosen.emit(now))
        self._unpainted = 0
        """Below this height rows wait for their turn."""
        self._next_part = QTimer(self, interval=_PART_MS)
        self._next_part.timeout.connect(self._paint_part)

    def rows_in_view(self) -> range:
        """Those that are seen, if only a part of them."""
        seen = self.viewport().rect()
        first, last = self.indexAt(seen.topLeft()), self.indexAt(seen.bottomLeft())
        stop = last.row() + 1 if last.isValid() else self.model().rowCount()
        return range(max(0, first.row()), stop)

    def paint_in_parts(self) -> None:
        """Paint all rows that are seen, a few in each turn of the loop and none with the redraw
        that is due now: all at once held it for as long as two frames of everything else."""
        self._unpainted = 0
        self._next_part.start()

    def _paint_part(self) -> None:
        first = self.indexAt(QPoint(0, self._unpainted))
        if not first.isValid() or self._unpainted >= self.viewport().height():
            self._next_part.stop()
            return
        last = min(first.row() + _PART_ROWS, self.model().rowCount()) - 1
        part = self.visualRect(first) | self.visualRect(first.siblingAtRow(last))
        self.viewport().update(part)
        self._unpainted = part.bottom() + 1

    def dataChanged(  # noqa: N802 (Qt's name)
        self, first: Index, last: Index, roles: Sequence[int] = ()
    ) -> None:
        """Rows keep their height whatever they say: paint, where Qt would lay out all rows."""
        changed = self.visualRect(first) | self.visualRect(last)
        self.viewport().update(changed & self.viewport().rect())

    def bare(self, painted: QRect) -> QRect:
        """What is below the rows."""
        rows = self.visualRect(self.model().index(self.model().rowCount() - 1, 0))
        painted.setTop(max(painted.top(), rows.bottom() + 1))
        return painted

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bot_id = self.currentIndex().data(BotRole.BOT_ID)
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() == Qt.Key.Key_S and plain and bot_id is not None:
            self.toggle_asked.emit(bot_id)
            return
        super().keyPressEvent(event)
