"""The one table: whole rows are clicked, Enter opens, headers sort by value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMenu, QTableView, QWidget

from engine.language import tr
from trader_gui.models.column_choice import ColumnChoice
from trader_gui.models.table_delegate import TableDelegate
from trader_gui.models.table_header import TableHeader
from trader_gui.models.table_model import Look, TableModel
from trader_gui.theme.theme import theme
from trader_gui.widgets.own_ground import OwnGround


class TableView(OwnGround, QTableView):
    """Shows a `TableModel`. `opened(key)` on Enter or double click, `picked(key or None)` when
    the current row changes, `checked(keys)` when rows were chosen with their boxes, with Space,
    Ctrl or Shift, `menu_asked(key, global position)` for a row's menu."""

    handled_keys = (
        tr("Tables"),
        (
            ("Return", tr("Open the row")),
            ("Space", tr("Choose the row, where rows can be chosen")),
        ),
    )
    opened = Signal(object)
    picked = Signal(object)
    checked = Signal(object)
    menu_asked = Signal(object, QPoint)

    def __init__(
        self,
        model: TableModel[Any],
        name: str,
        parent: QWidget | None = None,
        choice: ColumnChoice | None = None,
    ) -> None:
        """`name` is for screen readers; with a `choice` its columns can be chosen, moved and made
        wider, a double click on a title's edge gives the usual width back."""
        super().__init__(parent)
        self.choice = choice
        self.checked_keys: tuple[int, ...] = ()
        """Rows chosen, in the order in which they were."""
        self._check = next(
            (i for i, column in enumerate(model.columns) if column.look is Look.CHECK), -1
        )
        self._anchor: int | None = None
        self._placing = self._fitting = False
        self.setAccessibleName(name)
        self.rows = model
        self._picked: int | None = None
        self._pick_after_reset: int | None = None
        self._paints = TableDelegate(model, self)
        self.setItemDelegate(self._paints)
        self._titles = TableHeader(self._paints, model.columns, self)
        self.setHorizontalHeader(self._titles)
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setModel(model)
        header = self.horizontalHeader()
        header.sectionMoved.connect(lambda *_: self._moved())
        header.sortIndicatorChanged.connect(self._sort)
        header.sectionClicked.connect(self._header_clicked)
        self._sorted_by = (-1, Qt.SortOrder.AscendingOrder)
        if choice is not None:
            header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            header.customContextMenuRequested.connect(
                lambda at: self.open_columns(header.mapToGlobal(at))
            )
            header.sectionResized.connect(self._resized)
            header.sectionHandleDoubleClicked.connect(lambda section: self._widen(section, None))
            self._place_columns()
        self.selectionModel().currentRowChanged.connect(lambda now, before: self._tell())
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        self.doubleClicked.connect(self._open)
        theme().changed.connect(self._restyle)
        self._restyle()

    def sort_by(self, key: str, *, descending: bool) -> None:
        """Sort as if the header of column `key` had been clicked."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        for section, column in enumerate(self.rows.columns):
            if column.key == key:
                self.horizontalHeader().setSortIndicator(section, order)
                self._sort(section, order)  # the header is silent about what it already shows

    @property
    def current_key(self) -> int | None:
        return self.rows.key_at(self.currentIndex().row())

    def pick(self, key: int, *, scroll: bool = True) -> bool:
        """Make the row with this identity current; False while it is not shown."""
        row = self.rows.row_of(key)
        if row is None:
            return False
        index = self.rows.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        if scroll:
            self.scrollTo(index)
        return True

    def pick_something(self) -> None:
        """Select the current row, or the first, where nothing is selected yet.

        A view that gets the focus makes a row current by itself without selecting it.
        """
        if not self.selectionModel().hasSelection() and self.rows.rowCount():
            key = self.current_key if self.currentIndex().isValid() else self.rows.key_at(0)
            if key is not None:
                self.pick(key, scroll=False)

    # ------------------------------------------------------------------ order and size

    def _sort(self, section: int, order: Qt.SortOrder) -> None:
        header = self.horizontalHeader()
        if not 0 <= section < len(self.rows.columns) or not self.rows.columns[section].carries:
            header.setSortIndicator(*self._sorted_by)  # a box is no order
            return
        self._sorted_by = section, order
        header.setSortIndicatorShown(True)
        self.rows.sort(section, order)

    def _restyle(self) -> None:
        height = theme().row_height(30)
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self.horizontalHeader().setFixedHeight(theme().row_height(30))
        self._fit()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Columns get their least width and a share of the rest; what does not fit at its usual
        width drops out. Where a person made columns wider, the table scrolls instead."""
        room, columns = self.viewport().width(), self.rows.columns
        chosen = None if self.choice is None else self.choice.keys
        shown = [
            i
            for i, one in enumerate(columns)
            if not one.carries or (one.key in chosen if chosen else not one.optional)
        ]
        for section in [] if chosen else sorted(shown, key=lambda i: -columns[i].drops):
            usual = sum(theme().px(columns[i].width) for i in shown)
            if columns[section].drops and usual > room:
                shown.remove(section)
        shares = self._shares(shown, max(0, room - sum(map(self._least, shown))))
        self._fitting = True
        for section in range(len(columns)):
            self.setColumnHidden(section, section not in shown)
            self.setColumnWidth(section, self._least(section) + shares.get(section, 0))
        self._fitting = False
        self._find_edges()

    def _shares(self, shown: list[int], spare: int) -> dict[int, int]:
        """Pixels of `spare` by column: none for boxes and dots, nor where a person chose a width.
        What is left over goes to the last that tells something: rows end at the panel's edge."""
        columns, header = self.rows.columns, self.horizontalHeader()
        fixed = {} if self.choice is None else self.choice.widths
        telling = sorted((i for i in shown if columns[i].carries), key=header.visualIndex)
        weights = {
            i: columns[i].width * (2 if columns[i].wide else 1)
            for i in telling
            if columns[i].key not in fixed
        }
        whole = max(sum(weights.values()), 1)
        shares = {i: spare * weight // whole for i, weight in weights.items()}
        if telling:
            left = spare - sum(shares.values())
            shares[telling[-1]] = shares.get(telling[-1], 0) + left
        return shares

    def _find_edges(self) -> None:
        """Which columns are the outer ones now: they may have been moved or hidden."""
        header = self.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        seen = [section for section in order if not self.isColumnHidden(section)]
        if seen:
            self._paints.first_column, self._paints.last_column = seen[0], seen[-1]
        self.viewport().update()
        header.viewport().update()

    def _least(self, section: int) -> int:
        """The width a person chose, or the usual one."""
        column, chosen = self.rows.columns[section], self.choice.widths if self.choice else {}
        return theme().px(chosen.get(column.key, column.width))

    def _resized(self, section: int, before: int, now: int) -> None:
        """A person pulled at a title's edge; the others keep what they have until the next fit."""
        if not self._fitting and now > 0 and self.rows.columns[section].carries:
            assert self.choice is not None, "only then it is connected"
            self.choice.widen(self.rows.columns[section].key, round(now / theme().scale))

    def _widen(self, section: int, pixels: int | None) -> None:
        assert self.choice is not None, "only then it is connected"
        self.choice.widen(self.rows.columns[section].key, pixels)
        self._fit()

    # ------------------------------------------------------------------ columns chosen

    def open_columns(self, where: QPoint) -> None:
        """The menu of all columns, ticked where they are shown."""
        menu = self.columns_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def columns_menu(self) -> QMenu:
        menu, choice = QMenu(self), self.choice
        assert choice is not None, "a table whose columns can be chosen"
        told = [column for column in self.rows.columns if column.carries]
        for column in told:
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(column.key in choice.shown)
            last = [one.key for one in told if one.key in choice.shown] == [column.key]
            action.setEnabled(not last)
            action.triggered.connect(lambda _=False, key=column.key: self._toggle(key))
        menu.addSeparator()
        usual = menu.addAction(tr("Usual columns"), lambda: self._choose_usual())
        usual.setEnabled(not choice.is_usual)
        return menu

    def _toggle(self, key: str) -> None:
        assert self.choice is not None
        self.choice.toggle(key)
        self._place_columns()

    def _choose_usual(self) -> None:
        assert self.choice is not None
        self.choice.choose(None)
        self.choice.forget_widths()
        self._place_columns()

    def _place_columns(self) -> None:
        """Bring the sections into the chosen order."""
        assert self.choice is not None
        columns = self.rows.columns
        order = [column.key for column in columns]
        keys = order
        if self.choice.keys:
            boxes = [column.key for column in columns if column.look is Look.CHECK]
            keys = [*boxes, *self.choice.keys]  # what is hidden, and the dots, come after them
        header, self._placing = self.horizontalHeader(), True
        for place, key in enumerate(keys):
            header.moveSection(header.visualIndex(order.index(key)), place)
        self._placing = False
        self._fit()

    def _moved(self) -> None:
        self._find_edges()
        if self.choice is not None and not self._placing:
            header = self.horizontalHeader()
            order = [header.logicalIndex(place) for place in range(header.count())]
            seen = [section for section in order if not self.isColumnHidden(section)]
            told = [self.rows.columns[section] for section in seen]
            self.choice.choose([column.key for column in told if column.carries])

    # ------------------------------------------------------------------ rows chosen

    def set_checked(self, keys: Sequence[int]) -> None:
        """Choose these rows, and tell it if they are other ones."""
        chosen = tuple(dict.fromkeys(keys))
        if chosen != self.checked_keys:
            self.checked_keys = chosen
            self._paints.slots = {key: slot for slot, key in enumerate(chosen)}
            self._titles.all_checked = len(chosen) >= max(1, self.rows.rowCount())
            self.viewport().update()
            self._titles.viewport().update()
            self.checked.emit(chosen)

    def _flip(self, row: int) -> None:
        key = self.rows.key_at(row)
        if key is None:
            return
        self._anchor = key
        kept = [one for one in self.checked_keys if one != key]
        self.set_checked(kept if key in self.checked_keys else [*kept, key])

    def _check_to(self, row: int) -> None:
        """All rows from the one chosen last to this one."""
        start = None if self._anchor is None else self.rows.row_of(self._anchor)
        if start is None:
            self._flip(row)
            return
        between = range(min(start, row), max(start, row) + 1)
        keys = [key for one in between if (key := self.rows.key_at(one)) is not None]
        self.set_checked([*self.checked_keys, *keys])

    def _header_clicked(self, section: int) -> None:
        if section == self._check:
            every = self.rows.keys_shown()
            self.set_checked(() if set(every) <= set(self.checked_keys) else every)

    # ------------------------------------------------------------------ what a person does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        elif event.key() == Qt.Key.Key_Space and self._check >= 0:
            self._flip(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        look = self.rows.columns[index.column()].look if index.isValid() else None
        if event.button() != Qt.MouseButton.LeftButton or look is None:
            super().mousePressEvent(event)
            return
        keys = event.modifiers()
        if look is Look.MORE:
            super().mousePressEvent(event)
            self._ask_menu(index, event.globalPosition().toPoint())
        elif self._check >= 0 and keys & Qt.KeyboardModifier.ShiftModifier:
            self._check_to(index.row())
        elif self._check >= 0 and (
            look is Look.CHECK or keys & Qt.KeyboardModifier.ControlModifier
        ):
            self._flip(index.row())
        else:
            self._anchor = self.rows.key_at(index.row())
            super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        where = event.globalPos()
        if not by_mouse:
            where = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
        self._ask_menu(index, where)

    def _ask_menu(self, index: QModelIndex, where: QPoint) -> None:
        key = self.rows.key_at(index.row())
        if key is not None:
            self.pick(key, scroll=False)
            self.menu_asked.emit(key, where)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, row: int) -> None:
        if row != self._paints.hovered:
            self._paints.hovered = row
            self.viewport().update()

    def _open(self, index: QModelIndex) -> None:
        key = self.rows.key_at(index.row())
        if key is not None:
            self.opened.emit(key)

    def _tell(self) -> None:
        key = self.current_key
        if key != self._picked:
            self._picked = key
            self.picked.emit(key)

    def _remember(self) -> None:
        self._pick_after_reset = self._picked

    def _restore(self) -> None:
        kept = self._pick_after_reset
        if kept is None or not self.pick(kept, scroll=False):
            self._tell()
