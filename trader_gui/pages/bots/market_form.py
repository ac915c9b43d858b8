"""What a bot trades: its name, where prices come from, symbol and timeframe."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.domain.bots import BotSettings, FeedChoice, FeedKind
from engine.domain.candles import MINUTE_MS, timeframe_ms, timeframe_text
from trader_gui.bridge import Bridge
from trader_gui.forms.candle_source import CandleSource
from trader_gui.forms.number_field import NumberField
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.forms.symbols import wrong_symbol
from trader_gui.widgets.field import LabelledField
from trader_gui.widgets.looks import label
from trader_gui.widgets.segmented import SegmentedControl

TIMEFRAMES: Final = ("1m", "5m", "15m", "1h")
DEFAULT_SEED: Final = 7
_SPEED: Final = NumberSpec(
    "speed",
    "Speed",
    "× recorded time",
    hint="0: as fast as it goes",
    low=Decimal(0),
    high=Decimal(1_000_000),
    step=Decimal(10),
)


class MarketForm(QWidget):
    """`changed()` after every edit; `problems()` by the field's name."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seed, self._file_timeframe_ms = DEFAULT_SEED, MINUTE_MS
        self.name = LabelledField("Bot name")
        self.kind = SegmentedControl(
            "Prices", ((FeedKind.SIMULATED.value, "Simulated market"), ("file", "Candle file"))
        )
        self.symbol, self.timeframe = QComboBox(), QComboBox()
        self.symbol.setAccessibleName("Symbol")
        self.symbol.addItems(bridge.simulated_symbols)
        self.timeframe.setAccessibleName("Timeframe")
        for text in TIMEFRAMES:
            self.timeframe.addItem(text, timeframe_ms(text))
        self.source = CandleSource(bridge)
        self.file_symbol = LabelledField("Symbol", check=wrong_symbol)
        self.file_symbol.set_text(bridge.simulated_symbols[0])
        self.speed = NumberField(_SPEED)
        self.speed.set_value(60)
        self._build()
        self._connect()

    def _build(self) -> None:
        self._kinds = QStackedWidget()
        self._simulated_part = _pair(
            _labelled("Symbol", self.symbol), _labelled("Timeframe", self.timeframe)
        )
        self._kinds.addWidget(self._simulated_part)
        file = self._file_part = QWidget()
        inner = QVBoxLayout(file)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(self.source)
        inner.addWidget(_pair(self.file_symbol, self.speed))
        self._kinds.addWidget(file)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(_pair(self.name, _labelled("Prices", self.kind)))
        column.addWidget(self._kinds)

    def _connect(self) -> None:
        self.kind.chosen.connect(lambda key: self._choose_kind())
        for box in (self.symbol, self.timeframe):
            box.activated.connect(lambda index: self.changed.emit())
        for field in (self.name, self.file_symbol, self.speed):
            field.edited.connect(lambda text: self.changed.emit())
        self.source.changed.connect(self._source_changed)

    def _choose_kind(self) -> None:
        self._show_kind()
        self.changed.emit()

    def _show_kind(self) -> None:
        simulated = self.simulated
        self._kinds.setCurrentIndex(0 if simulated else 1)
        for part in (self._simulated_part, self._file_part):
            policy = part.sizePolicy()
            shown = (part is self._simulated_part) == simulated
            policy.setVerticalPolicy(policy.Policy.Preferred if shown else policy.Policy.Ignored)
            part.setSizePolicy(policy)

    def _source_changed(self) -> None:
        report = self.source.report
        if report is not None and report.symbol:
            self.file_symbol.set_text(report.symbol)
        self.changed.emit()

    # ------------------------------------------------------------------ values

    @property
    def simulated(self) -> bool:
        return self.kind.value == FeedKind.SIMULATED.value

    @property
    def chosen_symbol(self) -> str:
        return self.symbol.currentText() if self.simulated else self.file_symbol.text

    @property
    def chosen_timeframe_ms(self) -> int:
        if self.simulated:
            return int(self.timeframe.currentData())
        report = self.source.report
        return report.timeframe_ms if report else self._file_timeframe_ms

    def feed(self) -> FeedChoice:
        """Where the prices come from; raises InvalidSetting if the speed cannot be read."""
        if self.simulated:
            return FeedChoice(FeedKind.SIMULATED, seed=self._seed)
        speed = self.speed.value()
        path = str(self.source.path or "")
        return FeedChoice(FeedKind.FILE, path, speed=float(speed or 0))

    def set_settings(self, settings: BotSettings) -> None:
        feed = settings.feed
        self.name.set_text(settings.name)
        self.kind.set_value(feed.kind.value)
        self._seed, self._file_timeframe_ms = feed.seed, settings.timeframe_ms
        if feed.kind is FeedKind.SIMULATED:
            _choose(self.symbol, settings.symbol, settings.symbol)
            text = timeframe_text(settings.timeframe_ms)
            _choose(self.timeframe, text, settings.timeframe_ms)
            self.source.clear()
        else:
            self.speed.set_value(Decimal(str(feed.speed)))
            self.source.open(Path(feed.path))
            self.file_symbol.set_text(settings.symbol)
        self._show_kind()

    def still_the_same(self) -> bool:
        """Whether the candle file is as it was when it was read; else it is read again."""
        return self.simulated or self.source.still_the_same()

    def problems(self) -> dict[str, str]:
        wrong: dict[str, str] = {}
        if self.simulated:
            return wrong
        if self.source.problem:
            wrong["Candle file"] = self.source.problem
        symbol = wrong_symbol(self.file_symbol.text)
        if symbol:
            wrong["Symbol"] = symbol
        if not self.speed.check_now():
            wrong["Speed"] = self.speed.problem
        return wrong


def simulated_seed(feeds: Sequence[FeedChoice]) -> int:
    """The seed of the market that other bots trade, so that all see the same prices."""
    return next((feed.seed for feed in feeds if feed.kind is FeedKind.SIMULATED), DEFAULT_SEED)


def _choose(box: QComboBox, text: str, value: object) -> None:
    if box.findText(text) < 0:
        box.addItem(text, value)
    box.setCurrentIndex(box.findText(text))


def _labelled(caption: str, control: QWidget) -> QWidget:
    """A control with its caption above, aligned with the fields beside it."""
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(label(caption, "small"))
    if isinstance(control, SegmentedControl):
        column.addWidget(control, alignment=Qt.AlignmentFlag.AlignLeft)
    else:
        column.addWidget(control)
    column.addStretch(1)
    return part


def _pair(left: QWidget, right: QWidget) -> QWidget:
    both = QWidget()
    grid = QGridLayout(both)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    for place, part in enumerate((left, right)):
        grid.addWidget(part, 0, place, alignment=Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(place, 1)
    return both
