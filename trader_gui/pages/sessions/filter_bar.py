"""The line above the history: what is looked for, how many were found, columns and export."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from engine.language import tr, trn
from engine.messages.history import History
from trader_gui.models.session_rows import SessionFilter
from trader_gui.theme.theme import theme
from trader_gui.widgets.filter_menu import Choice, FilterMenu
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import label, set_hint, set_look, set_tip
from trader_gui.widgets.search_box import SearchBox
from trader_gui.widgets.segmented import SegmentedControl

_MODES: Final = (
    ("", tr("All")),
    ("live", tr("Live")),
    ("paper", tr("Paper")),
    ("backtest", tr("Backtest")),
    ("replay", tr("Replay")),
)
_DAY_MS: Final = 86_400_000
_PERIODS: Final = (
    ("1", tr("Last 24 hours")),
    ("7", tr("Last 7 days")),
    ("30", tr("Last 30 days")),
    ("90", tr("Last 90 days")),
    ("year", tr("This year")),
)
_TRADES: Final = tuple(
    (str(least), tr("Trades ≥ {least}", least=least)) for least in (1, 10, 30, 100)
)
_WIDE: Final = 1340
"""Logical pixels from which on every filter has a button of its own."""


class FilterBar(QWidget):
    """`changed()` when something else is looked for, `columns_asked()`, `export_asked()`."""

    changed = Signal()
    columns_asked = Signal()
    export_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, "header")
        self.search = SearchBox(tr("Search sessions"), tr("ID, strategy, symbol, note"))
        self.search.setMinimumWidth(theme().px(130))
        self.search.setMaximumWidth(theme().px(240))
        self.search.textChanged.connect(lambda text: self.changed.emit())
        self.modes = SegmentedControl(tr("Mode"), _MODES)
        set_tip(self.modes, tr("Which kinds of session are listed."))
        self.modes.chosen.connect(lambda key: self.changed.emit())
        self.strategies = FilterMenu(tr("Strategy"))
        self.symbols = FilterMenu(tr("Symbol"))
        self.period = FilterMenu(tr("Period"), _PERIODS, several=False)
        self.trades = FilterMenu(tr("Trades"), _TRADES, several=False)
        self.tags = FilterMenu(tr("Tags"))
        self.menus = (self.strategies, self.symbols, self.period, self.trades, self.tags)
        self.filters = self._build_filters()
        self.count = label(look="label", tone="text3")
        self.columns = TextButton(tr("Columns"), "sliders-horizontal")
        self.columns.clicked.connect(self.columns_asked)
        self.export = TextButton(tr("Export CSV"), "download-simple")
        self.export.clicked.connect(self.export_asked)
        self.columns_small = IconButton("sliders-horizontal", tr("Columns"))
        self.columns_small.clicked.connect(self.columns_asked)
        for menu in self.menus:
            menu.changed.connect(self._told)
        self._lay_out()
        self._fold()

    def _build_filters(self) -> QToolButton:
        """All of them behind one button, where there is no room."""
        button = QToolButton()
        button.setProperty("look", "chip")
        button.setCheckable(True)
        button.setText(tr("Filters"))
        inside = QMenu(button)
        for menu in self.menus:
            inside.addMenu(menu.menu_of_choices)

        def opened() -> None:
            self._told_small()
            inside.popup(button.mapToGlobal(button.rect().bottomLeft()))

        button.clicked.connect(opened)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(self.search, 1)
        row.addWidget(self.modes)
        for menu in self.menus:
            row.addWidget(menu)
        row.addWidget(self.filters)
        row.addStretch(1)
        for part in (self.count, self.columns_small, self.columns, self.export):
            row.addWidget(part)

    # ------------------------------------------------------------------ what is looked for

    def wanted(self, now: int) -> SessionFilter:
        """What a person looks for, at wall time `now`."""
        return SessionFilter(
            words=tuple(self.search.text().casefold().split()),
            mode=self.modes.value,
            strategies=frozenset(self.strategies.chosen),
            symbols=frozenset(self.symbols.chosen),
            tags=frozenset(self.tags.chosen),
            since=_since(self.period.chosen, now),
            least_trades=int(self.trades.chosen[0]) if self.trades.chosen else 0,
        )

    def offer(self, history: History, titles: dict[str, str]) -> None:
        """What is in the history can be chosen; what is no more in it filters nothing."""
        before, texts = [menu.chosen for menu in self.menus], history.texts
        strategies = [(name, titles.get(name, name)) for name in texts["strategy"].names]
        self.strategies.set_choices(sorted(strategies, key=lambda each: each[1].casefold()))
        self.symbols.set_choices([(name, name) for name in texts["symbol"].names])
        tags = sorted({tag for lines in texts["tags"].names for tag in lines.split("\n") if tag})
        choices: list[Choice] = [(tag, tag) for tag in tags]
        self.tags.set_choices(choices)
        if before != [menu.chosen for menu in self.menus]:
            self._told()

    def show_all(self) -> None:
        """Look for nothing in particular."""
        self.modes.set_value("")
        for menu in self.menus:
            menu.set_chosen(())
        self._told_small()
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.changed.emit()

    def show_count(self, shown: int, known: int, checked: int, *, hidden: int) -> None:
        """`hidden` of those `checked` are not among those `shown`."""
        words = (
            trn("{count:,} session", "{count:,} sessions", known)
            if shown == known
            else tr("{shown:,} of {known:,}", shown=shown, known=known)
        )
        if checked:
            words = tr("{found} · {selected:,} selected", found=words, selected=checked)
        if hidden:
            words = tr("{found}, {hidden:,} of them hidden", found=words, hidden=hidden)
        self.count.setText(words)
        self.export.setEnabled(shown > 0)
        set_hint(self.export, "" if shown else tr("There is nothing to export"))

    def _told(self) -> None:
        self._told_small()
        self.changed.emit()

    def _told_small(self) -> None:
        chosen = sum(1 for menu in self.menus if menu.chosen)
        self.filters.setChecked(chosen > 0)
        self.filters.setText(tr("Filters {count}", count=chosen) if chosen else tr("Filters"))

    # ------------------------------------------------------------------ room

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        wide = self.width() >= theme().px(_WIDE)
        for menu in self.menus:
            menu.setVisible(wide)
        self.filters.setVisible(not wide)
        self.columns.setVisible(wide)
        self.columns_small.setVisible(not wide)


def _since(chosen: tuple[str, ...], now: int) -> int | None:
    if not chosen:
        return None
    if chosen[0] == "year":
        year = datetime.fromtimestamp(now / 1000, UTC).year
        return int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000)
    return now - int(chosen[0]) * _DAY_MS
