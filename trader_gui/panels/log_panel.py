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
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.domain.columns import IntColumn
from engine.language import tr
from engine.messages.snapshot import BotSnapshot
from engine.messages.wording import LogGroup
from trader_gui import format as write
from trader_gui.models.log_delegate import LogDelegate
from trader_gui.models.log_filter import read_filter
from trader_gui.models.log_model import BOT, EVENT, SYMBOL, TIME, Accepts, LogModel, LogRole
from trader_gui.panels.log_view import LogView
from trader_gui.panels.rows import Header
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import set_hint, set_tip
from trader_gui.widgets.search_box import SearchBox

FLUSH_MS: Final = 100
CHIPS: Final = (
    LogGroup.SIGNALS,
    LogGroup.BLOCKED,
    LogGroup.EXECUTIONS,
    LogGroup.STOPS,
    LogGroup.CHECKS,
    LogGroup.ERRORS,
)
_SEARCH: Final = 100
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
        self._typing = QTimer(self, singleShot=True, interval=200)
        self._typing.timeout.connect(self._filter)
        self._build()
        theme().changed.connect(self._dress)
        self._dress()

    # ------------------------------------------------------------------ build

    def _build(self) -> None:
        head = self.head = Header(tr("Trigger log"))
        head.row.setSpacing(5)
        head.row.addSpacing(5)
        self._build_chips(head.row)
        head.row.addStretch(1)
        self.search = SearchBox(tr("Filter log"), tr("Filter log"))
        self.search.setToolTip(tr("Words, or bot:trend  tag:error  sym:btc"))
        self.search.textChanged.connect(lambda: self._typing.start())
        self.search.returnPressed.connect(self._filter)
        self.search.setMinimumWidth(theme().px(_SEARCH))
        self.search.setMaximumWidth(150)
        self.follow = IconButton(
            "arrow-line-down", tr("Keep the newest line in view (End)"), "chip"
        )
        self.follow.setText(tr("Follow"))
        self.follow.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.follow.clicked.connect(self.set_following)
        self.copy_button = IconButton("copy", tr("Copy the selected lines, or all that are shown"))
        self.copy_button.clicked.connect(self.copy)
        head.row.addWidget(self.search, 2)
        head.row.addWidget(self.follow)
        head.row.addWidget(self.copy_button)
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

    def _build_chips(self, row: QHBoxLayout) -> None:
        self.chips: dict[LogGroup | None, QToolButton] = {}
        self._chip_group = QButtonGroup(self)
        for group in (None, *CHIPS):
            chip = QToolButton()
            chip.setProperty("look", "chip")
            chip.setProperty("extent", "small")
            chip.setCheckable(True)
            chip.setText(group.value if group else tr("All"))
            chip.clicked.connect(self._filter)
            self._chip_group.addButton(chip)
            self.chips[group] = chip
            row.addWidget(chip)
        self.chips[None].setChecked(True)
        self.groups = QComboBox()
        self.groups.setAccessibleName(tr("Which events"))
        set_tip(self.groups, tr("Show events of one kind only."))
        self.groups.addItem(tr("All events"), None)
        for group in CHIPS:
            self.groups.addItem(group.value, group)
        self.groups.currentIndexChanged.connect(self._choose_group)
        self.groups.hide()
        row.insertWidget(row.indexOf(self.chips[None]), self.groups)

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
        """Where the head is too narrow go, in this order: the word Follow, counts, chips."""
        counts = self.model.counts()
        named = {group: group.value if group else tr("All") for group in self.chips}
        counted = {
            group: f"{name} {_short(counts[group])}" if group and counts[group] else name
            for group, name in named.items()
        }
        room = self.width() - theme().px(30)
        word = self._head_width(counted, follow=True) <= room
        words = counted if self._head_width(counted, follow=False) <= room else named
        menu = self.delegate.short_time or self._head_width(words, follow=False) > room
        style = Qt.ToolButtonStyle
        wide = word or menu
        self.follow.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if wide else style.ToolButtonIconOnly
        )
        for group, chip in self.chips.items():
            text = counted[group] if menu else words[group]
            if chip.text() != text:
                chip.setText(text)
            number = counts[group] if group else len(self.model)
            set_hint(chip, f"{named[group]} {write.count(number)}")
            chip.setVisible(not menu or group is LogGroup.ERRORS)
        self.groups.setVisible(menu)

    def _head_width(self, words: dict[LogGroup | None, str], *, follow: bool) -> int:
        """Pixels the head takes with these words on its chips."""
        px, gap = theme().px, self.head.row.spacing()
        metrics = self.chips[None].fontMetrics()
        first = self.chips[None]
        around = first.sizeHint().width() - metrics.horizontalAdvance(first.text()) + gap
        chips = sum(metrics.horizontalAdvance(text) + around for text in words.values())
        rest = self.head.title.sizeHint().width() + px(_SEARCH) + 2 * px(34) + 5 * gap
        if follow:
            rest += metrics.horizontalAdvance(tr("Follow")) + px(4)
        return chips + rest

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

    @property
    def group(self) -> LogGroup | None:
        """The group whose chip is pressed; None for all."""
        return next(group for group, chip in self.chips.items() if chip.isChecked())

    def _choose_group(self) -> None:
        self.chips[self.groups.currentData()].setChecked(True)
        self._filter()

    def _filter(self) -> None:
        self._typing.stop()
        group = self.group
        with QSignalBlocker(self.groups):
            self.groups.setCurrentIndex(max(0, self.groups.findData(group)))
        self.model.set_filter(read_filter(self.search.text(), () if group is None else (group,)))
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
        self.newer.setText(tr("{unseen} new", unseen=self._unseen))
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


def _short(count: int) -> str:
    """``184``, ``1.2k``: a count that fits a chip."""
    return str(count) if count < 1_000 else f"{count / 1_000:.1f}k"
