"""The trigger log: what happened and why, filtered, followed, and linked to the chart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.domain.columns import IntColumn
from engine.language import tr
from engine.messages.snapshot import BotSnapshot
from trader_gui.models.log_delegate import LogDelegate
from trader_gui.models.log_model import BOT, EVENT, SYMBOL, TIME, Accepts, LogModel, LogRole
from trader_gui.panels.log_head import LogHead
from trader_gui.panels.log_view import LogView
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton

FLUSH_MS: Final = 100
_CENTRED: Final = QAbstractItemView.ScrollHint.PositionAtCenter
_NO_SYMBOL: Final = 700
"""Panel width below which the Symbol column leaves its room to the message."""
_WIDTHS: Final = {TIME: 106, EVENT: 112, BOT: 114, SYMBOL: 94}


class LogPanel(QFrame):
    """`show_bots` takes the bots whose events belong here; new lines appear within 100 ms."""

    jumped = Signal(int, object)
    """Bot id, and the time (UTC ms) of the row in which the clicked event happened."""
    clicked = Signal(object)
    """`LogEntry` of the line that was clicked."""
    opened = Signal(object)
    """`LogEntry` of a line that was double-clicked."""
    menu_asked = Signal(object, QPoint)
    """`LogEntry`, and where its menu belongs on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.model = LogModel(self)
        self.delegate = LogDelegate(self)
        self._waiting: tuple[BotSnapshot, ...] = ()
        self._following, self._unseen, self._own_scroll = True, 0, False
        self._flush = QTimer(self, singleShot=True, interval=FLUSH_MS)
        self._flush.timeout.connect(self.flush)
        self._wanted: int | None = None
        self._laid_out = QTimer(self, singleShot=True, interval=0)
        self._laid_out.timeout.connect(self._reveal)
        self._build()
        theme().changed.connect(self._dress)
        self._dress()

    # ------------------------------------------------------------------ build

    def _build(self) -> None:
        head = self.head = LogHead()
        self.chips, self.groups, self.search = head.chips, head.groups, head.search
        self.follow, self.copy_button = head.follow, head.copy_button
        head.filtered.connect(self._filter)
        self.follow.clicked.connect(self.set_following)
        self.copy_button.clicked.connect(self.copy)
        self.view = self._build_table()
        self.newer = TextButton("", "arrow-down", parent=self.view)
        self.newer.clicked.connect(lambda: self.set_following(True))
        self.newer.hide()
        self.view.viewport().installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.view, 1)

    def _build_table(self) -> QTableView:
        view = LogView(self)
        view.setModel(self.model)
        view.setItemDelegate(self.delegate)
        view.entered.connect(self._hover)
        view.clicked.connect(self._jump)
        view.activated.connect(self._jump)
        view.doubleClicked.connect(self._open)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._ask_menu)
        view.end_asked.connect(lambda: self.set_following(True))
        view.copy_asked.connect(self.copy)
        view.verticalScrollBar().valueChanged.connect(self._scrolled)
        view.verticalScrollBar().rangeChanged.connect(self._keep_tail)
        return view

    # ------------------------------------------------------------------ what comes in

    def show_bots(self, bots: Iterable[BotSnapshot]) -> None:
        """Read new events of these bots at the next flush."""
        self._waiting = tuple(bots)
        if not self._flush.isActive():
            self._flush.start()

    def flush(self) -> None:
        """Take what waits now."""
        self._flush.stop()
        added = self.model.take(self._waiting)
        if self._following:
            self._to_tail()
        elif added:
            self._unseen += added
            self._show_newer()
        if added or self.model.rowCount() == 0:
            self._fold_head()

    def clear(self) -> None:
        self._waiting = ()
        self.model.clear()
        self._fold_head()

    # ------------------------------------------------------------------ narrow windows

    def set_narrow(self, narrow: bool) -> None:
        """Without the Symbol column, times without milliseconds."""
        self.copy_button.setVisible(not narrow)
        self.view.horizontalHeader().setVisible(not narrow)
        self.delegate.short_time = narrow
        self._dress()
        self._fold_head()

    def _fold_head(self) -> None:
        room, narrow = self.width() - theme().px(30), self.delegate.short_time
        self.head.fold(room, self.model.counts(), len(self.model), menu=narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold_head()
        few = self.delegate.short_time or self.width() < theme().px(_NO_SYMBOL)
        self.view.setColumnHidden(SYMBOL, few)

    def height_of(self, rows: int) -> int:
        """Pixels the panel needs to show `rows` whole lines."""
        header = self.view.horizontalHeader()
        titles = 0 if header.isHidden() else header.sizeHint().height()
        return theme().px(40) + titles + rows * theme().row_height(24)

    def _dress(self) -> None:
        self.view.verticalHeader().setDefaultSectionSize(theme().row_height(24))
        narrow = self.delegate.short_time
        for column, width in _WIDTHS.items():
            less = 26 if narrow and column == TIME else 0
            self.view.setColumnWidth(column, theme().px(width - less))
        self.view.viewport().update()
        if self._following:
            self._to_tail()

    # ------------------------------------------------------------------ filter

    def _filter(self) -> None:
        self.model.set_filter(self.head.filter)
        self.set_following(True)

    def set_choice(self, accepts: Accepts | None) -> None:
        """Show only these events of a review's log, besides what is typed; None for all."""
        self.model.set_choice(accepts)
        self.set_following(True)

    def _reveal(self) -> None:
        """Bring what was selected into view, once there is one."""
        if self._wanted is None or not self.isVisible():
            return
        rows = self.model.rows_of(np.array([self._wanted]))
        self._wanted = None
        if rows:
            self.set_following(False)
            self.view.scrollTo(self.model.index(rows[0], 0), _CENTRED)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._wanted is not None:
            self._laid_out.start()

    # ------------------------------------------------------------------ follow

    @property
    def following(self) -> bool:
        return self._following

    def set_following(self, following: bool) -> None:
        """Keep the newest line in view, or stay where it is."""
        self._following = following
        self.follow.setChecked(following)
        if following:
            self._unseen = 0
            self.newer.hide()
            self._to_tail()

    def _to_tail(self) -> None:
        self._own_scroll = True
        bar = self.view.verticalScrollBar()
        bar.setValue(bar.maximum())
        self._own_scroll = False

    def _keep_tail(self) -> None:
        if self._following:
            self._to_tail()

    def _scrolled(self, value: int) -> None:
        if not self._own_scroll:
            at_tail = value >= self.view.verticalScrollBar().maximum()
            if at_tail != self._following:
                self.set_following(at_tail)

    def _show_newer(self) -> None:
        self.newer.setText(tr("{count} new", count=self._unseen))
        self.newer.adjustSize()
        area = self.view.viewport().geometry()
        self.newer.move(
            area.center().x() - self.newer.width() // 2, area.bottom() - self.newer.height() - 6
        )
        self.newer.show()
        self.newer.raise_()

    def _hover(self, index: QModelIndex) -> None:
        if index.row() != self.delegate.hovered:
            self.delegate.hovered = index.row()
            self.view.viewport().update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.newer.isVisible():
            self._show_newer()
        elif event.type() == QEvent.Type.Leave:
            self._hover(QModelIndex())
        return super().eventFilter(watched, event)

    # ------------------------------------------------------------------ what a person does

    def _jump(self, index: QModelIndex) -> None:
        entry = index.data(LogRole.ENTRY)
        if entry is not None:
            self.jumped.emit(entry.bot_id, entry.row_at)
            self.clicked.emit(entry)

    def _open(self, index: QModelIndex) -> None:
        entry = index.data(LogRole.ENTRY)
        if entry is not None:
            self.opened.emit(entry)

    def _ask_menu(self, at: QPoint) -> None:
        entry = self.view.indexAt(at).data(LogRole.ENTRY)
        if entry is not None:
            self.menu_asked.emit(entry, self.view.viewport().mapToGlobal(at))

    def select_events(self, events: IntColumn) -> None:
        """Select the lines of these events (places in the log of the one session that is shown)
        and bring the first into view."""
        self.flush()
        chosen, model = QItemSelection(), self.model
        rows = model.rows_of(events)
        for row in rows:
            chosen.select(model.index(row, 0), model.index(row, BOT))
        flags = QItemSelectionModel.SelectionFlag
        self.view.selectionModel().select(chosen, flags.ClearAndSelect | flags.Rows)
        self._wanted = model.entry(rows[0]).event if rows else None
        self._reveal()

    def copied(self) -> str:
        """The selected lines, or all that are shown, as text."""
        rows = sorted({index.row() for index in self.view.selectionModel().selectedRows()})
        chosen = rows or range(self.model.rowCount())
        return "\n".join(self.model.entry(row).copied for row in chosen)

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.copied())
