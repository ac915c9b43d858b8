"""Choosing candles out of the archive: exchange, symbol, and any timeframe that can be made."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from engine.domain.archive import Coverage, Series
from engine.domain.candles import HOUR_MS, timeframe_text
from engine.language import tr
from trader_gui.coverage.facts import (
    Covers,
    cover_words,
    exchanges_of,
    frames_of,
    of_market,
    source_of,
    symbols_of,
)
from trader_gui.theme.theme import theme
from trader_gui.widgets.field import CaptionedField
from trader_gui.widgets.looks import label, set_look
from trader_gui.widgets.search_choice import Option, SearchChoice

_EMPTY: Final = tr("The archive is empty")
_NOTHING: Final = tr("The archive is empty. Download candles, or import files.")
_SHARES: Final = (5, 5, 4)
"""Of exchange, symbol and timeframe in the width."""
_NARROW: Final = 290
"""Below this width the timeframe has a line of its own."""


class ArchiveChoice(QWidget):
    """`changed()` after every choice of the person, and when what was chosen changed on disk."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._covers: Covers = ()
        self.known = False
        self.exchange, self.timeframe = QComboBox(), QComboBox()
        self.symbol = SearchChoice(tr("Symbol"))
        self.words = label("", "hint")
        self.words.setWordWrap(True)
        self._fields = tuple(
            CaptionedField(caption, control, tip=tip)
            for caption, control, tip in (
                (
                    tr("Exchange"),
                    self.exchange,
                    tr("Whose candles: those that are kept in the archive."),
                ),
                (tr("Symbol"), self.symbol, tr("Which of the markets that are kept.")),
                (
                    tr("Timeframe"),
                    self.timeframe,
                    tr(
                        "Length of the candles. Longer ones are made from the finest that are kept."
                    ),
                ),
            )
        )
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._across = 0
        self._lay_out(len(_SHARES))
        for combo in (self.exchange, self.timeframe):
            combo.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        self.exchange.activated.connect(lambda index: self._choose_exchange())
        self.symbol.chosen.connect(lambda symbol: self._choose_symbol())
        self.timeframe.activated.connect(lambda index: self._settle())
        self._settle(quietly=True)

    def _lay_out(self, across: int) -> None:
        """So many fields beside each other, and the words below."""
        if across == self._across:
            return
        self._across = across
        for place, field in enumerate(self._fields):
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(field, place // across, place % across, alignment=top)
            self._grid.setColumnStretch(place, _SHARES[place] if place < across else 0)
        self._grid.addWidget(self.words, 2, 0, 1, across)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out(2 if self.width() < theme().px(_NARROW) else len(_SHARES))

    # ------------------------------------------------------------------ what is chosen

    @property
    def series(self) -> Series | None:
        """What a backtest would be played on; it need not be kept in that timeframe."""
        frame = self.timeframe.currentData()
        if frame is None or not self.symbol.value:
            return None
        return Series(self.exchange.currentText(), self.symbol.value, int(frame))

    @property
    def kept(self) -> tuple[Coverage, ...]:
        """Everything that is kept of the chosen market, the finest first."""
        return of_market(self._covers, self.exchange.currentText(), self.symbol.value)

    @property
    def source(self) -> Coverage | None:
        """The kept series that the chosen candles are, or are made from."""
        return None if self.series is None else source_of(self.kept, self.series.timeframe_ms)

    @property
    def finer(self) -> Coverage | None:
        """The kept candles that decide what came first inside a bar."""
        if self.series is None:
            return None
        return source_of(self.kept, self.series.timeframe_ms, finer=True)

    @property
    def problem(self) -> str:
        """Why no backtest can be run on this; empty when one can."""
        if not self.known:
            return tr("The archive is being read")
        if self.series is None:
            return tr("Choose candles of the archive") if self._covers else _EMPTY
        if self.source is None:
            return tr("The archive has no candles of {label}", label=self.series.label)
        return ""

    def set_covers(self, covers: Covers) -> None:
        """What is kept now; what was chosen stays chosen."""
        before, self.known, self._covers = self.series, True, covers
        if before is None and covers:
            first = covers[0].series
            self._offer(first.exchange, first.symbol, _usual_frame(covers))
        elif before is not None:
            self._offer(before.exchange, before.symbol, before.timeframe_ms)
        self._settle(quietly=self.series is None)

    def choose(self, series: Series) -> None:
        """Choose from the program; it need not be kept."""
        self._offer(series.exchange, series.symbol, series.timeframe_ms)
        self._settle(quietly=True)

    def _offer(self, exchange: str, symbol: str, timeframe_ms: int) -> None:
        names = exchanges_of(self._covers)
        self._fill(self.exchange, sorted({*names, exchange}), exchange)
        options = [Option(each, each) for each in symbols_of(self._covers, exchange)]
        self.symbol.set_options(options)
        self.symbol.set_value(symbol)
        frames = sorted({*frames_of(of_market(self._covers, exchange, symbol)), timeframe_ms})
        self.timeframe.clear()
        for frame in frames:
            self.timeframe.addItem(timeframe_text(frame), frame)
        self.timeframe.setCurrentIndex(frames.index(timeframe_ms))

    @staticmethod
    def _fill(combo: QComboBox, names: list[str], chosen: str) -> None:
        combo.clear()
        combo.addItems(names)
        combo.setCurrentIndex(names.index(chosen))

    # ------------------------------------------------------------------ what a person does

    def _choose_exchange(self) -> None:
        exchange, before = self.exchange.currentText(), self.symbol.value
        there = symbols_of(self._covers, exchange)
        symbol = before if before in there or not there else there[0]
        self._fit(exchange, symbol)

    def _choose_symbol(self) -> None:
        self._fit(self.exchange.currentText(), self.symbol.value)

    def _fit(self, exchange: str, symbol: str) -> None:
        """The same timeframe if that market has it, else the next longer one."""
        frames = frames_of(of_market(self._covers, exchange, symbol))
        wanted = int(self.timeframe.currentData())
        longer = [frame for frame in frames if frame >= wanted]
        frame = longer[0] if longer else frames[-1] if frames else wanted
        self._offer(exchange, symbol, frame)
        self._settle()

    def _settle(self, *, quietly: bool = False) -> None:
        series, source = self.series, self.source
        words, look = "", "hint"
        if self.known and series is None:
            words = _NOTHING
        elif self.known and source is None and series is not None:
            words = tr(
                "The archive has no candles of {label}. Download or import them.",
                label=series.label,
            )
            look = "error"
        elif source is not None and series is not None:
            words = self._found(series, source)
        self.words.setText(words)
        set_look(self.words, look)
        for control in (self.exchange, self.symbol, self.timeframe):
            control.setEnabled(series is not None)
        if not quietly:
            self.changed.emit()

    def _found(self, series: Series, source: Coverage) -> str:
        said = [f"{cover_words(source)}."]
        if source.series.timeframe_ms != series.timeframe_ms:
            frame = timeframe_text(series.timeframe_ms)
            said.append(tr("Whole {frame} candles are made from them.", frame=frame))
        if self.finer is not None:
            frame = timeframe_text(self.finer.series.timeframe_ms)
            said.append(tr("{frame} candles decide what came first inside a bar.", frame=frame))
        return " ".join(said)


def _usual_frame(covers: Covers) -> int:
    """The first market's 1h candles, or what comes next to them."""
    first = covers[0].series
    frames = frames_of(of_market(covers, first.exchange, first.symbol))
    return min(frames, key=lambda frame: (abs(frame - HOUR_MS), frame))
