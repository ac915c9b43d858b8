"""How a file to be imported is to be read: found out, or said by the person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from engine.domain.candles import MINUTE_MS, timeframe_ms, timeframe_text
from engine.domain.import_preview import DETECTED, Choices, Holds, ImportPreview, TimeUnit
from engine.language import tr, trc
from trader_gui.forms.preview_table import column_name
from trader_gui.forms.role_words import role_caption
from trader_gui.theme.theme import theme
from trader_gui.widgets.field import CaptionedField, LabelledField

_SEPARATORS: Final = {
    ",": tr("Comma"),
    ";": tr("Semicolon"),
    "\t": trc("separator", "Tab"),
    "|": trc("separator", "Bar"),
    " ": trc("separator", "Space"),
}
_DECIMALS: Final = {".": tr("Point"), ",": tr("Comma")}
_UNITS: Final = {unit: unit.words[:1].upper() + unit.words[1:] for unit in TimeUnit}
_FRAMES: Final = {
    timeframe_ms(text): text
    for text in ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "1w")
}
_USUAL: Final = ("separator", "decimal", "skip", "unit", "offset", "timeframe")
"""Keys of the fields that are always there; columns have their roles."""
_ACROSS: Final = 3
_NARROW: Final = 540
"""Below this width two fields stand beside each other."""
_HOLDS: Final = {Holds.CANDLES: tr("Candles"), Holds.TRADES: tr("Trades")}
_TIPS: Final = {
    "separator": tr("The sign between two columns; found out unless you say it."),
    "decimal": tr("Whether numbers have a decimal point or a comma."),
    "unit": tr(
        "What times count: seconds, milliseconds, microseconds or nanoseconds since 1970, "
        "or in which order a written date has day and month."
    ),
    "timeframe": tr("Length of the candles, or of those that trades are made into."),
    "holds": tr("Candles, or single trades of which candles are made."),
}
_COLUMN_TIP: Final = tr("Which column holds this; found out unless you say it.")
_LONGEST_OFFSET_MS: Final = int(timedelta(hours=14) / timedelta(milliseconds=1))


class ImportChoices(QWidget):
    """A field for each thing that is found out, with what was found as its first option.
    `changed()` by the person."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.separator, self.decimal, self.unit = QComboBox(), QComboBox(), QComboBox()
        self.timeframe, self.holds = QComboBox(), QComboBox()
        self.skip = LabelledField(
            tr("Lines before the rows"),
            check=_wrong_skip,
            tip=tr("How many lines to leave out before the first row, a header with them."),
        )
        self.offset = LabelledField(
            tr("UTC offset"),
            check=_wrong_offset,
            tip=tr("How far written times that name no zone are ahead of UTC, as +02:00."),
        )
        self.offset.editor.setPlaceholderText("+02:00")
        self.columns: dict[str, QComboBox] = {
            role: QComboBox() for role in dict.fromkeys((*Holds.CANDLES.roles, *Holds.TRADES.roles))
        }
        self._fields: dict[str, QWidget] = {}
        self._keys: tuple[str, ...] = ()
        self._across = _ACROSS
        self._chosen_columns = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._build()

    def _build(self) -> None:
        for key, caption, combo in (
            ("separator", tr("Separator"), self.separator),
            ("decimal", tr("Decimals"), self.decimal),
            ("unit", tr("Times"), self.unit),
            ("timeframe", tr("Timeframe"), self.timeframe),
            ("holds", tr("Rows are"), self.holds),
            *((role, role_caption(role), combo) for role, combo in self.columns.items()),
        ):
            _narrow(combo)
            tip = _TIPS.get(key, _COLUMN_TIP)
            self._fields[key] = CaptionedField(caption, combo, parent=self, tip=tip)
        self._fields["skip"], self._fields["offset"] = self.skip, self.offset
        for combo in (self.separator, self.decimal, self.unit, self.timeframe):
            combo.activated.connect(lambda index: self.changed.emit())
        self.holds.activated.connect(lambda index: self._choose_columns())
        for combo in self.columns.values():
            combo.activated.connect(lambda index: self._choose_columns())
        for field in (self.skip, self.offset):
            field.edited.connect(lambda text: self.changed.emit())
        self._show_fields(_USUAL)

    def _show_fields(self, keys: tuple[str, ...]) -> None:
        for key, field in self._fields.items():
            field.setVisible(key in keys)
        if keys != self._keys:
            self._keys = keys
            self._lay_out()

    def _lay_out(self) -> None:
        top = Qt.AlignmentFlag.AlignTop
        for field in self._fields.values():
            self._grid.removeWidget(field)
        for place, key in enumerate(self._keys):
            row, column = divmod(place, self._across)
            self._grid.addWidget(self._fields[key], row, column, alignment=top)
        for column in range(_ACROSS):
            self._grid.setColumnStretch(column, 1 if column < self._across else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        across = 2 if self.width() < theme().px(_NARROW) else _ACROSS
        if across != self._across:
            self._across = across
            self._lay_out()

    # ------------------------------------------------------------------ what is said

    def forget(self) -> None:
        """Another file: everything is found out again."""
        self._chosen_columns = False
        for combo in (self.separator, self.decimal, self.unit, self.timeframe, self.holds):
            combo.clear()
        for field in (self.skip, self.offset):
            field.set_text("")

    @property
    def problem(self) -> str:
        """What cannot be read of what was typed; empty when all can."""
        for field, check in ((self.skip, _wrong_skip), (self.offset, _wrong_offset)):
            wrong = check(field.text)
            if wrong:
                return wrong
        return ""

    def choices(self) -> Choices:
        """What the person said; everything else is found out."""
        if self.problem:
            return DETECTED
        return Choices(
            separator=self.separator.currentData(),
            decimal=self.decimal.currentData(),
            skip=int(self.skip.text) if self.skip.text else None,
            columns=self._columns() if self._chosen_columns else None,
            unit=TimeUnit(unit) if (unit := self.unit.currentData()) else None,
            utc_offset_ms=_offset_ms(self.offset.text),
            timeframe_ms=self.timeframe.currentData(),
        )

    def _columns(self) -> Mapping[str, int | str]:
        return {
            role: int(place)
            for role in self._said_holds().roles
            if (place := self.columns[role].currentData()) is not None
        }

    def _choose_columns(self) -> None:
        """Where one column is said, all are: what is shown is what is read."""
        self._chosen_columns = True
        self._show_roles(self._said_holds())
        self.changed.emit()

    def _said_holds(self) -> Holds:
        return Holds(self.holds.currentData() or Holds.CANDLES)

    # ------------------------------------------------------------------ what was found

    def show_preview(self, preview: ImportPreview) -> None:
        """What was found out stands in the fields, beside what was said."""
        found = preview.detected
        _offer(self.separator, _SEPARATORS, found.separator, needless=found.separator is None)
        _offer(self.decimal, _DECIMALS, found.decimal, needless=found.decimal is None)
        _offer(self.unit, _UNITS, found.unit, preview.time_words)
        frame = "" if found.timeframe_ms is None else timeframe_text(found.timeframe_ms)
        _offer(self.timeframe, _FRAMES, found.timeframe_ms, frame)
        self.skip.setEnabled(found.skip is not None)
        self.skip.editor.setPlaceholderText(
            "" if found.skip is None else tr("{known} (found)", known=found.skip)
        )
        self._show_columns(preview)

    def _show_columns(self, preview: ImportPreview) -> None:
        holds = self._said_holds() if self._chosen_columns else preview.holds
        self.holds.clear()
        for each, words in _HOLDS.items():
            self.holds.addItem(words, each)
        self.holds.setCurrentIndex(self.holds.findData(holds))
        places = {column.role: place for place, column in enumerate(preview.columns) if column.role}
        for role, combo in self.columns.items():
            before = combo.currentData() if self._chosen_columns else places.get(role)
            combo.clear()
            combo.addItem(tr("not read"), None)
            for place, column in enumerate(preview.columns):
                combo.addItem(column_name(column, place), place)
            combo.setCurrentIndex(max(0, combo.findData(before)))
        self._show_roles(holds)

    def _show_roles(self, holds: Holds) -> None:
        self._show_fields((*_USUAL, "holds", *holds.roles))


def _offer(
    combo: QComboBox,
    options: Mapping[Any, str],
    found: Any,
    words: str = "",
    *,
    needless: bool = False,
) -> None:
    """What was found first, then everything that can be said instead; what was said stays. Of
    what is `needless` in this kind of file nothing can be said."""
    said = combo.currentData()
    combo.clear()
    combo.setEnabled(not needless)
    if needless:
        combo.addItem(tr("Not in this file"), None)
        return
    known = options.get(found) or words or ("" if found is None else repr(found))
    detected = tr("{known} (found)", known=known) if known else tr("Choose one")
    combo.addItem(tr("Find out") if said is not None else detected, None)
    for key, name in options.items():
        combo.addItem(name, key)
    combo.setCurrentIndex(0 if said is None else max(0, combo.findData(said)))


def _narrow(combo: QComboBox) -> None:
    policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    combo.setSizeAdjustPolicy(policy)
    combo.setMinimumWidth(0)


def _wrong_skip(text: str) -> str:
    return "" if not text or (text.isdecimal() and len(text) < 6) else tr("Write a number of lines")


def _offset_ms(text: str) -> int | None:
    """UTC ms of ``+02:00``, ``-5`` or ``0``; None for nothing. ValueError for anything else."""
    if not text:
        return None
    sign = -1 if text[0] in "-−" else 1
    hours, _, minutes = text.lstrip("+-−").partition(":")
    if not hours.isdecimal() or (minutes and not minutes.isdecimal()) or len(hours) > 2:
        raise ValueError(text)
    length_ms = (60 * int(hours) + int(minutes or 0)) * MINUTE_MS
    if length_ms > _LONGEST_OFFSET_MS or int(minutes or 0) > 59:
        raise ValueError(text)
    return sign * length_ms


def _wrong_offset(text: str) -> str:
    try:
        _offset_ms(text)
    except ValueError:
        return tr("Write it as +02:00")
    return ""
