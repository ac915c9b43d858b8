"""Candle files of other markets that a strategy follows: they stay with settings used again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.bots import ExtraFile
from engine.domain.candles import timeframe_text
from engine.language import tr
from trader_gui.forms.candle_source import CANDLE_KINDS, FileLine
from trader_gui.widgets.looks import label


class ExtraFiles(QWidget):
    """Seen only while there are some and their strategy is the chosen one: another would refuse
    them. `changed()` after every choice."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strategy = self._chosen = ""
        self._given: tuple[ExtraFile, ...] = ()
        self.lines: tuple[FileLine, ...] = ()
        self._body = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._body)
        self.hide()

    @property
    def files(self) -> tuple[ExtraFile, ...]:
        """Those that count now."""
        if self._chosen != self._strategy:
            return ()
        return tuple(
            replace(one, path=str(line.path))
            for one, line in zip(self._given, self.lines, strict=True)
            if line.path is not None
        )

    def set_files(self, files: Sequence[ExtraFile], strategy: str) -> None:
        """Show what `strategy` follows, as it was saved."""
        self._given, self._strategy = tuple(files), strategy
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.lines = tuple(self._line(column, one) for one in self._given)
        column.addWidget(label(tr("The strategy follows these, too"), "hint"))
        self._column.replaceWidget(self._body, body)
        self._body.deleteLater()
        self._body = body
        self.show_strategy(strategy)

    def show_strategy(self, name: str) -> None:
        """Another one may be chosen now."""
        self._chosen = name
        self.setVisible(bool(self._given) and name == self._strategy)

    def _line(self, column: QVBoxLayout, one: ExtraFile) -> FileLine:
        market = f"{one.symbol} {timeframe_text(one.timeframe_ms)}"
        line = FileLine(
            tr("Choose"), tr("Open {market} candles", market=market), CANDLE_KINDS, optional=True
        )
        line.set_path(Path(one.path))
        line.chosen.connect(lambda path: self.changed.emit())
        column.addWidget(label(tr("{market} candles", market=market), "small"))
        column.addWidget(line)
        return line
