"""Choosing a market of an exchange: the exchange, one of its symbols, one of its timeframes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QProgressBar, QWidget

from engine.domain.candles import timeframe_text
from engine.domain.listings import Listing
from engine.errors import Cancelled, Fault
from engine.language import tr, trn
from trader_gui.door.bridge import Bridge
from trader_gui.forms.listing_words import (
    KNOWN_EXCHANGES,
    exchange_options,
    kind_word,
    steps_words,
    symbol_options,
    usual_symbol,
)
from trader_gui.widgets.field import CaptionedField
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_look
from trader_gui.widgets.search_choice import SearchChoice

_EXCHANGE, _SYMBOL, _TIMEFRAME = tr("Exchange"), tr("Symbol"), tr("Timeframe")
_COLUMNS: Final = (3, 3, 2)
"""Shares of exchange, symbol and timeframe in the width."""
_AT_ONCE_MS: Final = 150
"""An answer that comes sooner is not waited for in sight."""


class LiveMarketForm(QWidget):
    """Asks the exchange for its markets; nothing waits for it. `changed()` after every choice and
    every answer."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked, self._names_asked = "", False
        self._question = 0
        """Which one is waited for: an answer to an earlier one is nobody's any more."""
        self._listings: Mapping[str, Listing] = {}
        self._failed = ""
        self._kept: tuple[str, str, int] | None = None
        self.exchange = SearchChoice(tr("Name of an exchange"))
        self.exchange.set_options(exchange_options(KNOWN_EXCHANGES))
        self.symbol = SearchChoice(tr("Type a coin or a pair"))
        self.timeframe = QComboBox()
        self._at_once = QTimer(self, singleShot=True, interval=_AT_ONCE_MS)
        self._at_once.timeout.connect(self._tell)
        self.words, self.bar = label(look="hint"), QProgressBar()
        self.again = TextButton("", look="link")
        self.copy = TextButton(tr("Copy details"), look="link")
        self._details = ""
        self._build()
        self.exchange.chosen.connect(lambda name: self._choose_exchange())
        self.symbol.chosen.connect(lambda symbol: self._choose_symbol())
        self.timeframe.activated.connect(lambda index: self.changed.emit())
        self.again.clicked.connect(self._again)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._details))

    def _build(self) -> None:
        self.fields = {
            _EXCHANGE: CaptionedField(
                _EXCHANGE, self.exchange, tip=tr("Whose public prices; no account is needed.")
            ),
            _SYMBOL: CaptionedField(
                _SYMBOL,
                self.symbol,
                tip=tr("The market. Its price step, smallest orders and fees are taken over."),
            ),
            _TIMEFRAME: CaptionedField(
                _TIMEFRAME,
                self.timeframe,
                tip=tr("Length of a candle; the strategy is asked at the close of each."),
            ),
        }
        self.words.setWordWrap(True)
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(72)
        state = QHBoxLayout()
        state.setSpacing(10)
        state.addWidget(self.bar, alignment=Qt.AlignmentFlag.AlignVCenter)
        state.addWidget(self.words, 1)
        state.addWidget(self.copy, alignment=Qt.AlignmentFlag.AlignVCenter)
        state.addWidget(self.again, alignment=Qt.AlignmentFlag.AlignVCenter)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for column, field in enumerate(self.fields.values()):
            grid.addWidget(field, 0, column, alignment=Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(column, _COLUMNS[column])
        grid.addLayout(state, 1, 0, 1, len(_COLUMNS))
        self._tell()

    # ------------------------------------------------------------------ values

    @property
    def chosen_exchange(self) -> str:
        return self.exchange.value

    @property
    def chosen_symbol(self) -> str:
        return self.symbol.value

    @property
    def chosen_timeframe_ms(self) -> int:
        return int(self.timeframe.currentData())

    @property
    def listing(self) -> Listing | None:
        """The chosen market as the exchange lists it; None until it is known."""
        return self._listings.get(self.symbol.value)

    @property
    def markets(self) -> int:
        """How many the exchange lists; 0 until they are known."""
        return len(self._listings)

    def set_choice(
        self, exchange: str, symbol: str, timeframe_ms: int, *, kept: bool = False
    ) -> None:
        """Show a market. One that was `kept` before is kept, too, while the exchange does not
        answer; any other gives way to what the exchange lists."""
        self._bridge.cancel(self._asked)
        self._question += 1
        self._asked, self._listings, self._failed = "", {}, ""
        self._kept = (exchange, symbol, timeframe_ms) if kept else None
        self.exchange.set_value(exchange)
        self.symbol.set_value(symbol)
        self.symbol.set_options([])
        self._offer_timeframes((), timeframe_ms)
        self._tell()

    def begin(self) -> None:
        """Ask for what is not known yet."""
        if not self._names_asked:
            self._names_asked = True
            self._bridge.ask_exchange_names(
                lambda names: self.exchange.set_options(exchange_options(names)),
                lambda fault: None,  # those that are known stay on offer
            )
        name = self.exchange.value
        if name and not self._listings and not self._asked:
            self._failed, self._question = "", self._question + 1
            number = self._question
            self._asked = self._bridge.ask_listings(
                name,
                lambda found: self._take(found) if number == self._question else None,
                lambda fault: self._fail(fault) if number == self._question else None,
            )
            self._at_once.start()
            self._tell()

    def commit(self) -> None:
        """Take what was typed and not chosen yet."""
        for field in (self.exchange, self.symbol):
            field.commit()

    def problems(self) -> dict[str, str]:
        """Name of the field to what is wrong with it."""
        name, symbol = self.exchange.value, self.symbol.value
        if not name:
            return {_EXCHANGE: tr("Choose an exchange")}
        if not self._listings:
            return {} if self._is_kept() else {_EXCHANGE: self._why_unknown(name)}
        listing = self.listing
        if listing is None:
            return {
                _SYMBOL: tr("{name} does not list {symbol}", name=name, symbol=symbol)
                if symbol
                else tr("Choose a symbol")
            }
        if not listing.active:
            return {
                _SYMBOL: tr(
                    "{name} has halted or delisted {symbol}, so it has no prices",
                    name=name,
                    symbol=symbol,
                )
            }
        if self.chosen_timeframe_ms not in listing.timeframes:
            if not listing.timeframes:
                return {
                    _EXCHANGE: tr("{name} gives no candles, so a bot cannot trade there", name=name)
                }
            frame = timeframe_text(self.chosen_timeframe_ms)
            return {_TIMEFRAME: tr("{name} makes no {frame} candles", name=name, frame=frame)}
        return {}

    def _is_kept(self) -> bool:
        now = (self.exchange.value, self.symbol.value, self.chosen_timeframe_ms)
        return now == self._kept

    def _why_unknown(self, name: str) -> str:
        if self._failed:
            return tr("The markets of {name} could not be read", name=name)
        return tr("The markets of {name} are being read", name=name)

    # ------------------------------------------------------------------ answers

    def _take(self, listings: Mapping[str, Listing]) -> None:
        name = self.exchange.value
        self._asked, self._listings, self._details = "", listings, ""
        if not listings:
            self._failed = tr("{name} lists no market that this program can trade.", name=name)
        coin = self._bridge.snapshot.account.currency
        self.symbol.set_options(symbol_options(listings, coin))
        there = listings.get(self.symbol.value)
        if (there is None or not there.active) and not self._is_kept():
            self.symbol.set_value(usual_symbol(listings, coin))
        self._fit_timeframes()
        self._tell()
        self.changed.emit()

    def _fail(self, fault: Fault) -> None:
        self._asked, self._failed = "", fault.words
        self._details = f"{fault.words}\n\n{fault.details}" if fault.details else ""
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        """How the question stands, or the market's steps."""
        name, listing = self.exchange.value, self.listing
        asking = bool(self._asked) and not self._at_once.isActive()
        self.bar.setVisible(asking)
        words, look = "", "hint"
        if asking:
            words = tr("Reading the markets of {name}. No keys are needed.", name=name)
        elif self._failed:
            words, look = self._failed, "error"
        elif listing is not None:
            words = f"{name}, {kind_word(listing)}. {steps_words(listing)}."
        self.words.setText(words)
        set_look(self.words, look)
        self.again.setText(tr("Cancel") if self._asked else tr("Try again"))
        self.again.setVisible(asking or bool(self._failed))
        self.copy.setVisible(bool(self._failed and self._details))
        wrong = self.problems() if self._listings else {}
        for caption, field in self.fields.items():
            field.set_problem(wrong.get(caption, ""))

    def _again(self) -> None:
        if self._asked:
            self._bridge.cancel(self._asked)
            self._question += 1
            self._fail(
                Cancelled(tr("The markets of {name} were not read.", name=self.exchange.value))
            )
        else:
            self.begin()
            self.changed.emit()

    # ------------------------------------------------------------------ choices

    def _choose_exchange(self) -> None:
        symbol, timeframe_ms = self.symbol.value, self.chosen_timeframe_ms
        kept = self._kept
        self.set_choice(self.exchange.value, symbol, timeframe_ms)
        self._kept = kept
        self.begin()
        self.changed.emit()

    def _choose_symbol(self) -> None:
        self._fit_timeframes()
        self._tell()
        self.changed.emit()

    def _fit_timeframes(self) -> None:
        """Those of the chosen market; the chosen one, or the next one it has."""
        listing, now_ms = self.listing, self.chosen_timeframe_ms
        frames = () if listing is None else listing.timeframes
        if frames and now_ms not in frames and not self._is_kept():
            now_ms = next((frame for frame in frames if frame > now_ms), frames[-1])
        self._offer_timeframes(frames, now_ms)

    def _offer_timeframes(self, frames: tuple[int, ...], chosen_ms: int) -> None:
        self.timeframe.clear()
        for frame in sorted({*frames, chosen_ms}):
            self.timeframe.addItem(timeframe_text(frame), frame)
        self.timeframe.setCurrentIndex(self.timeframe.findData(chosen_ms))

    @property
    def assurance(self) -> str:
        """What holds of the exchange, for the list before a start; empty while nothing is known."""
        if self.listing is None:
            return ""
        return trn(
            "{name} answers and lists {count:,} market",
            "{name} answers and lists {count:,} markets",
            self.markets,
            name=self.exchange.value,
        )
