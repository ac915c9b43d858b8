"""The candles that were chosen, or the equity of the run that is shown."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.language import tr
from engine.messages.equity_course import EquityCourse
from trader_gui.door.bridge import Bridge
from trader_gui.pages.backtest.source_chart import SourceChart
from trader_gui.pages.backtest.sweep.area import SweepArea
from trader_gui.pages.backtest.sweep.runner import SweepRunner
from trader_gui.pages.backtest.sweep.strip import SweepStrip
from trader_gui.panels.equity_curve import ThemedCurveChart, equity_curve
from trader_gui.panels.rows import Header
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.looks import set_tip
from trader_gui.widgets.progress_strip import ProgressStrip
from trader_gui.widgets.segmented import SegmentedControl

_VIEWS: Final = (("candles", tr("Candles")), ("equity", tr("Equity")), ("sweep", tr("Sweep")))
_TITLES: Final = {"candles": tr("Candles"), "equity": tr("Equity"), "sweep": tr("Parameter sweep")}


class ChartArea(QWidget):
    """A head, the progress of a run, and one of two charts or the map of a sweep.
    `failed(Fault)`."""

    failed = Signal(object)

    def __init__(self, bridge: Bridge, runner: SweepRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source, self._result, self._swept = "", "", ""
        head = Header(tr("Candles"))
        self.title = head.title
        self.about = ElidedLabel("", "label")
        self.view = SegmentedControl(tr("Shown"), _VIEWS)
        set_tip(
            self.view, tr("The candles that were chosen, the result's equity, or the sweep's map.")
        )
        self.view.chosen.connect(self.show_view)
        self.view.hide()
        head.row.addWidget(self.about, 1)
        head.row.addWidget(self.view, alignment=Qt.AlignmentFlag.AlignVCenter)
        self.progress = ProgressStrip()
        self.equity = ThemedCurveChart(tr("Equity"))
        self.candles = SourceChart(bridge)
        self.candles.failed.connect(self.failed)
        self._charts = QStackedWidget()
        self._charts.addWidget(self.candles)
        self._charts.addWidget(self.equity)
        self.sweep = SweepArea(runner)
        self._charts.addWidget(self.sweep)
        self.strip = SweepStrip(runner)
        self._charts.setMinimumHeight(theme().px(120))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.progress)
        column.addWidget(self.strip)
        column.addWidget(self._charts, 1)
        self.set_source("")

    def set_source(self, name: str) -> None:
        """What the candles are called; empty while there are none."""
        self._source = name
        if self.view.value != "sweep" or not self._swept:
            self.show_view("candles")

    def set_result(self, label: str, title: str, course: EquityCourse) -> None:
        """Show the equity of a run."""
        self._result = f"{label}  {title}"
        self.equity.set_series([equity_curve(title, course)])
        self.show_view("equity")

    def forget_result(self) -> None:
        """There is no run any more."""
        self._result = ""
        self.show_view(self.view.value)

    def set_sweep(self, title: str) -> None:
        """Show the map of a sweep."""
        self._swept = title
        self.show_view("sweep")

    def show_view(self, key: str) -> None:
        """``candles``, ``equity`` or ``sweep``; the candles where the other is not there."""
        there = {"candles": self._source, "equity": self._result, "sweep": self._swept}
        if not there[key]:
            key = "candles"
        if not there[key] and self._result:
            key = "equity"
        for name, words in there.items():
            self.view.offer(name, bool(words))
        self.view.setVisible(sum(map(bool, there.values())) > 1)
        self.view.set_value(key)
        self.title.setText(_TITLES[key])
        self.about.setText(there[key] or tr("Nothing chosen"))
        shown = {"candles": self.candles, "equity": self.equity, "sweep": self.sweep}
        self._charts.setCurrentWidget(shown[key])
