"""The head of the trigger log: which events are shown, and what goes where there is little room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QToolButton, QWidget

from engine.language import localised, tr
from engine.messages.value_words import word
from engine.messages.wording import LogGroup
from trader_gui import format as fmt
from trader_gui.models.log_filter import LogFilter, read_filter
from trader_gui.panels.rows import Header
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import IconButton
from trader_gui.widgets.looks import set_hint, set_tip
from trader_gui.widgets.search_box import SearchBox

CHIPS: Final = (
    LogGroup.SIGNALS,
    LogGroup.BLOCKED,
    LogGroup.EXECUTIONS,
    LogGroup.STOPS,
    LogGroup.CHECKS,
    LogGroup.ERRORS,
)
_SEARCH: Final = 100


class LogHead(Header):
    """Chips for the groups (a menu where they have no room), what is searched for, Follow, Copy.
    `filtered()` when another group or other words were chosen."""

    filtered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Trigger log"), parent)
        self._typing = QTimer(self, singleShot=True, interval=200)
        self._typing.timeout.connect(self._filter)
        self.row.setSpacing(5)
        self.row.addSpacing(5)
        self._build_groups()
        self.row.addStretch(1)
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
        self.copy_button = IconButton("copy", tr("Copy the selected lines, or all that are shown"))
        self.row.addWidget(self.search, 2)
        self.row.addWidget(self.follow)
        self.row.addWidget(self.copy_button)

    def _build_groups(self) -> None:
        self.chips: dict[LogGroup | None, QToolButton] = {}
        self._chip_group = QButtonGroup(self)
        for group in (None, *CHIPS):
            chip = QToolButton()
            chip.setProperty("look", "chip")
            chip.setProperty("extent", "small")
            chip.setCheckable(True)
            chip.setText(_name(group))
            chip.clicked.connect(self._filter)
            self._chip_group.addButton(chip)
            self.chips[group] = chip
            self.row.addWidget(chip)
        self.chips[None].setChecked(True)
        self.groups = QComboBox()
        self.groups.setAccessibleName(tr("Which events"))
        set_tip(self.groups, tr("Show events of one kind only."))
        self.groups.addItem(tr("All events"), None)
        for group in CHIPS:
            self.groups.addItem(_name(group), group)
        self.groups.currentIndexChanged.connect(self._choose_group)
        self.groups.hide()
        self.row.insertWidget(self.row.indexOf(self.chips[None]), self.groups)

    # ------------------------------------------------------------------ what is chosen

    @property
    def group(self) -> LogGroup | None:
        """The group whose chip is pressed; None for all."""
        return next(group for group, chip in self.chips.items() if chip.isChecked())

    @property
    def filter(self) -> LogFilter:
        """Group and words together."""
        group = self.group
        return read_filter(self.search.text(), () if group is None else (group,))

    def _choose_group(self) -> None:
        self.chips[self.groups.currentData()].setChecked(True)
        self._filter()

    def _filter(self) -> None:
        self._typing.stop()
        with QSignalBlocker(self.groups):
            self.groups.setCurrentIndex(max(0, self.groups.findData(self.group)))
        self.filtered.emit()

    # ------------------------------------------------------------------ what there is room for

    def fold(self, room: int, counts: Mapping[LogGroup, int], total: int, *, menu: bool) -> None:
        """Within `room` pixels go, in this order: the word Follow, counts, chips; `menu` has these
        gone anyway. `counts` are the events by group, `total` all of them."""
        named = {group: _name(group) for group in self.chips}
        counted = {
            group: f"{name} {_short(counts[group])}" if group and counts[group] else name
            for group, name in named.items()
        }
        word_too = self._wanted(counted, follow=True) <= room
        words = counted if self._wanted(counted, follow=False) <= room else named
        menu = menu or self._wanted(words, follow=False) > room
        style = Qt.ToolButtonStyle
        self.follow.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if word_too or menu else style.ToolButtonIconOnly
        )
        for group, chip in self.chips.items():
            text = counted[group] if menu else words[group]
            if chip.text() != text:
                chip.setText(text)
            number = counts[group] if group else total
            set_hint(chip, f"{named[group]} {fmt.count(number)}")
            chip.setVisible(not menu or group is LogGroup.ERRORS)
        self.groups.setVisible(menu)

    def _wanted(self, words: dict[LogGroup | None, str], *, follow: bool) -> int:
        """Pixels it takes with these words on its chips."""
        px, gap = theme().px, self.row.spacing()
        metrics = self.chips[None].fontMetrics()
        first = self.chips[None]
        around = first.sizeHint().width() - metrics.horizontalAdvance(first.text()) + gap
        chips = sum(metrics.horizontalAdvance(text) + around for text in words.values())
        rest = self.title.sizeHint().width() + px(_SEARCH) + 2 * px(34) + 5 * gap
        if follow:
            rest += metrics.horizontalAdvance(self.follow.text()) + px(4)
        return chips + rest


def _name(group: LogGroup | None) -> str:
    return word(group.value) if group else tr("All")


def _short(count: int) -> str:
    """``184``, ``1.2k``: a count that fits a chip."""
    return str(count) if count < 1_000 else localised(f"{count / 1_000:.1f}k")
