"""What a bot trades: its name, where prices come from, symbol and timeframe."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QVBoxLayout, QWidget

from engine.domain.bots import BotSettings, FeedChoice, FeedKind
from engine.domain.candles import MINUTE_MS, timeframe_ms, timeframe_text
from engine.domain.listings import Listing
from engine.language import tr
from trader_gui.door.bridge import Bridge
from trader_gui.forms.candle_source import CandleSource
from trader_gui.forms.extra_files import ExtraFiles
from trader_gui.forms.listing_words import KNOWN_EXCHANGES
from trader_gui.forms.live_market import LiveMarketForm
from trader_gui.forms.number_field import NumberField
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.forms.symbols import SYMBOL_TIP, wrong_symbol
from trader_gui.widgets.field import LabelledField
from trader_gui.widgets.looks import label, set_tip, show_if
from trader_gui.widgets.segmented import SegmentedControl

TIMEFRAMES: Final = ("1m", "5m", "15m", "1h")
DEFAULT_SEED: Final = 7
_KINDS: Final = (
    (FeedKind.SIMULATED, tr("Simulated")),
    (FeedKind.EXCHANGE, tr("Live exchange")),
    (FeedKind.FILE, tr("Candle file")),
)
_SPEED: Final = NumberSpec(
    "speed",
    tr("Speed"),
    tr("× recorded time"),
    hint=tr("0: as fast as it goes"),
    low=Decimal(0),
    high=Decimal(1_000_000),
    step=Decimal(10),
    tip=tr("Time of the recording per time of yours. 0 plays it as fast as it goes."),
)
_TIMEFRAME_TIP: Final = tr("Length of a candle; the strategy is asked at the close of each.")


class MarketForm(QWidget):
    """`changed()` after every edit; `problems()` by the field's name."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._seed, self._file_timeframe_ms = DEFAULT_SEED, MINUTE_MS
        self.name = LabelledField(
            tr("Bot name"),
            tip=tr("How the bot is called in lists, in the log and in its sessions."),
        )
        self.kind = SegmentedControl(tr("Prices"), [(kind.value, words) for kind, words in _KINDS])
        set_tip(
            self.kind, tr("Where prices come from: generated, live from an exchange, or a file.")
        )
        self.symbol, self.timeframe = QComboBox(), QComboBox()
        set_tip(self.symbol, tr("The market of the simulation that it trades."))
        set_tip(self.timeframe, _TIMEFRAME_TIP)
        self.symbol.setAccessibleName(tr("Symbol"))
        self.symbol.addItems(bridge.simulated_symbols)
        self.timeframe.setAccessibleName(tr("Timeframe"))
        for text in TIMEFRAMES:
            self.timeframe.addItem(text, timeframe_ms(text))
        self.live = LiveMarketForm(bridge)
        self.source = CandleSource(bridge)
        self.extras = ExtraFiles()
        self.file_symbol = LabelledField(tr("Symbol"), check=wrong_symbol, tip=SYMBOL_TIP)
        self.file_symbol.set_text(bridge.simulated_symbols[0])
        self.speed = NumberField(_SPEED)
        self.speed.set_value(60)
        self._build()
        self._connect()

    def _build(self) -> None:
        file = QWidget()
        inner = QVBoxLayout(file)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(self.source)
        inner.addWidget(_pair(self.file_symbol, self.speed))
        inner.addWidget(self.extras)
        simulated = _pair(
            _labelled(tr("Symbol"), self.symbol), _labelled(tr("Timeframe"), self.timeframe)
        )
        self._parts = {
            FeedKind.SIMULATED: simulated,
            FeedKind.EXCHANGE: self.live,
            FeedKind.FILE: file,
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(_pair(self.name, _labelled(tr("Prices"), self.kind)))
        for part in self._parts.values():
            column.addWidget(part)

    def _connect(self) -> None:
        self.kind.chosen.connect(lambda key: self._choose_kind())
        for box in (self.symbol, self.timeframe):
            box.activated.connect(lambda index: self.changed.emit())
        for field in (self.name, self.file_symbol, self.speed):
            field.edited.connect(lambda text: self.changed.emit())
        self.live.changed.connect(self.changed)
        self.source.changed.connect(self._source_changed)
        self.extras.changed.connect(self.changed)

    def _choose_kind(self) -> None:
        if self.chosen_kind is FeedKind.EXCHANGE and not self.live.chosen_exchange:
            usual = usual_exchange([bot.settings.feed for bot in self._bridge.snapshot.bots])
            now_ms = int(self.timeframe.currentData())
            self.live.set_choice(usual, self.symbol.currentText(), now_ms)
        self._show_kind()
        self.changed.emit()

    def _show_kind(self) -> None:
        shown = self._parts[self.chosen_kind]
        for part in self._parts.values():
            show_if(part, part is shown)
        if shown is self.live:
            self.live.begin()

    def _source_changed(self) -> None:
        report = self.source.report
        if report is not None and report.symbol:
            self.file_symbol.set_text(report.symbol)
        self.changed.emit()

    # ------------------------------------------------------------------ values

    @property
    def chosen_kind(self) -> FeedKind:
        return FeedKind(self.kind.value)

    @property
    def chosen_symbol(self) -> str:
        match self.chosen_kind:
            case FeedKind.SIMULATED:
                return self.symbol.currentText()
            case FeedKind.EXCHANGE:
                return self.live.chosen_symbol
        return self.file_symbol.text

    @property
    def chosen_timeframe_ms(self) -> int:
        match self.chosen_kind:
            case FeedKind.SIMULATED:
                return int(self.timeframe.currentData())
            case FeedKind.EXCHANGE:
                return self.live.chosen_timeframe_ms
        report = self.source.report
        return report.timeframe_ms if report else self._file_timeframe_ms

    @property
    def listing(self) -> Listing | None:
        """The market as its exchange lists it; None where there is no exchange, or no answer."""
        return self.live.listing if self.chosen_kind is FeedKind.EXCHANGE else None

    @property
    def place(self) -> tuple[FeedKind, str]:
        """As `checks.place_of` tells it, whether all else can be read or not."""
        if self.chosen_kind is FeedKind.EXCHANGE:
            return FeedKind.EXCHANGE, self.live.chosen_exchange
        path = self.source.path if self.chosen_kind is FeedKind.FILE else None
        return self.chosen_kind, str(path or "")

    def feed(self) -> FeedChoice:
        """Where the prices come from; raises InvalidSetting if the speed cannot be read."""
        match self.chosen_kind:
            case FeedKind.SIMULATED:
                return FeedChoice(FeedKind.SIMULATED, seed=self._seed)
            case FeedKind.EXCHANGE:
                return FeedChoice(FeedKind.EXCHANGE, exchange=self.live.chosen_exchange)
        speed = self.speed.value()
        path, extras = str(self.source.path or ""), self.extras.files
        return FeedChoice(FeedKind.FILE, path, speed=float(speed or 0), extra_files=extras)

    def set_settings(self, settings: BotSettings, *, kept: bool) -> None:
        """Show a bot's market; `kept` as it was saved."""
        feed, frame_ms = settings.feed, settings.timeframe_ms
        self.name.set_text(settings.name)
        self.kind.set_value(feed.kind.value)
        self._seed, self._file_timeframe_ms = feed.seed, frame_ms
        self.live.set_choice("", "", frame_ms)
        self.source.clear()
        self.extras.set_files(feed.extra_files, settings.strategy)
        match feed.kind:
            case FeedKind.SIMULATED:
                _choose(self.symbol, settings.symbol, settings.symbol)
                _choose(self.timeframe, timeframe_text(frame_ms), frame_ms)
            case FeedKind.EXCHANGE:
                self.live.set_choice(feed.exchange, settings.symbol, frame_ms, kept=kept)
            case _:
                self.speed.set_value(Decimal(str(feed.speed)))
                self.source.open(Path(feed.path))
                self.file_symbol.set_text(settings.symbol)
        self._show_kind()

    def ready_to_save(self) -> bool:
        """Takes what was typed and not chosen yet. False when the candle file is not as it was
        when it was read; then it is read again."""
        if self.chosen_kind is FeedKind.EXCHANGE:
            self.live.commit()
        return self.chosen_kind is not FeedKind.FILE or self.source.still_the_same()

    def problems(self) -> dict[str, str]:
        match self.chosen_kind:
            case FeedKind.SIMULATED:
                return {}
            case FeedKind.EXCHANGE:
                return self.live.problems()
        wrong: dict[str, str] = {}
        if self.source.problem:
            wrong[tr("Candle file")] = self.source.problem
        symbol = wrong_symbol(self.file_symbol.text)
        if symbol:
            wrong[tr("Symbol")] = symbol
        if not self.speed.check_now():
            wrong[tr("Speed")] = self.speed.problem
        return wrong

    @property
    def assurance(self) -> str:
        """What is known of the prices, for the list before a start; may be empty."""
        match self.chosen_kind:
            case FeedKind.SIMULATED:
                return tr("The simulated market needs no network")
            case FeedKind.EXCHANGE:
                return self.live.assurance
        report = self.source.report
        return "" if report is None else tr("{count:,} candles in the file", count=report.rows)


def usual_exchange(feeds: Sequence[FeedChoice]) -> str:
    """The one that another bot's prices come from, else the first that is offered."""
    return next((feed.exchange for feed in feeds if feed.exchange), KNOWN_EXCHANGES[0])


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
