"""A part of a result that is worked out when it is asked for: progress, figures, curves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.messages.progress import Progress
from trader_gui.charts.curve_chart import Curve
from trader_gui.panels.equity_curve import ThemedCurveChart
from trader_gui.panels.rows import Section
from trader_gui.theme.theme import theme
from trader_gui.widgets.figure_rows import Figure, FigureRows
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label
from trader_gui.widgets.progress_strip import ProgressStrip

_CHART = 140


class AskedBlock(Section):
    """`asked()` by the button, `cancel_asked()`."""

    asked = Signal()
    cancel_asked = Signal()

    def __init__(self, title: str, button: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.column.setContentsMargins(0, 0, 0, 0)
        self._hint = hint
        self.words = label(hint, "hint")
        self.words.setWordWrap(True)
        self.button = TextButton(button, "shuffle")
        self.button.clicked.connect(self.asked)
        self.progress = ProgressStrip(slim=True)
        self.progress.cancel_asked.connect(self.cancel_asked)
        self.figures = FigureRows()
        self.chart: ThemedCurveChart | None = None
        for part in (self.words, self.button, self.progress, self.figures):
            self.column.addWidget(part)
        self.forget()

    def forget(self) -> None:
        """Nothing has been worked out."""
        self.words.setText(self._hint)
        self.progress.finish()
        self.button.show()
        self.figures.hide()
        if self.chart is not None:
            self.chart.hide()

    def begin(self) -> None:
        self.forget()
        self.button.hide()
        self.progress.start(self.button.text())

    def show_progress(self, progress: Progress) -> None:
        """How far it is."""
        self.progress.advance(progress.done, progress.total)

    def show_trouble(self, words: str) -> None:
        """It could not be worked out."""
        self.forget()
        self.words.setText(words)

    def show_answer(
        self, words: str, figures: Sequence[Figure], curves: Sequence[Curve], name: str
    ) -> None:
        """What came out; curves in percent."""
        self.forget()
        self.button.hide()
        self.words.setText(words)
        self.figures.show_figures(figures)
        self.figures.show()
        if self.chart is None:
            self.chart = ThemedCurveChart(name)
            self.chart.setFixedHeight(theme().px(_CHART))
            self.column.addWidget(self.chart)
        self.chart.set_series(list(curves))
        self.chart.show()
