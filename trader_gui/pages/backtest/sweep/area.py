"""The map of a sweep with its scale, what it shows, and the words of one cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.sweeps import SweepRow, SweepValue
from engine.language import tr
from trader_gui import format as fmt
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.models.sweep_cells import BEST, Front, Measure, State, SweepCells
from trader_gui.models.sweep_words import TITLES, part_words, set_text, value_text
from trader_gui.pages.backtest.run_foot import skipped_words
from trader_gui.pages.backtest.sweep.axes_choice import AxesChoice
from trader_gui.pages.backtest.sweep.heat_map import HeatMap
from trader_gui.pages.backtest.sweep.heat_painting import Axis
from trader_gui.pages.backtest.sweep.legend import HeatLegend
from trader_gui.pages.backtest.sweep.runner import SweepRunner
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.looks import label, set_tip
from trader_gui.widgets.segmented import SegmentedControl

_UNITS = {
    Measure.RETURN: tr("net return, %"),
    Measure.SHARPE: tr("Sharpe ratio"),
    Measure.DRAWDOWN: tr("deepest drawdown, %"),
    Measure.TRADES: tr("number of trades"),
}
_NARROW = 680
"""Below this width the choices have a line of their own."""


class SweepArea(QWidget):
    """`chosen(number)` of a set that has been played, by the person; `followed(number)` because it
    is the best so far; `opened(number)`."""

    chosen = Signal(object)
    followed = Signal(object)
    opened = Signal(object)

    def __init__(self, runner: SweepRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("help", "backtests#sweeps")
        self._runner = runner
        self._specs: Mapping[str, NumberSpec] = {}
        self._front: Front | None = None
        self._written: dict[str, Axis] = {}
        """By swept name: its values are written once, not with every set that is done."""
        self._narrow = False
        self.follows_best = True
        """Until a person chooses a cell, the best so far is shown."""
        self.what = ElidedLabel("", "label")
        self.legend = HeatLegend()
        self.part = SegmentedControl(tr("Part"), (("seen", tr("Train")), ("unseen", tr("Test"))))
        set_tip(self.part, tr("The part that chooses the best set, or the one that was held back."))
        self.measure_choice = SegmentedControl(
            tr("Measure"), [(each.value, words) for each, words in TITLES.items()]
        )
        set_tip(self.measure_choice, tr("Which figure of a set its cell shows, and what is best."))
        self.axes = AxesChoice()
        self.map = HeatMap(self._describe)
        self.words = ElidedLabel("", "label")
        self.note = label(look="label", tone="warn")
        self.note.setWordWrap(True)
        self.note.hide()
        self.part.chosen.connect(lambda key: self.refresh())
        self.measure_choice.chosen.connect(lambda key: self._show_best())
        self.axes.changed.connect(self.refresh)
        self.map.chosen.connect(self._choose)
        self.map.opened.connect(self.opened)
        self.map.told.connect(self._tell)
        self._build()
        runner.begun.connect(self._begin)
        runner.told.connect(self._show_best)
        runner.ended.connect(self._show_best)

    def _build(self) -> None:
        self._head = QGridLayout()
        self._head.setContentsMargins(14, 8, 12, 6)
        self._head.setHorizontalSpacing(10)
        self._head.setVerticalSpacing(6)
        self._head.setColumnStretch(0, 1)
        self._choices = QWidget()
        row = QHBoxLayout(self._choices)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addStretch(1)
        row.addWidget(self.part)
        row.addWidget(self.measure_choice)
        middle = Qt.AlignmentFlag.AlignVCenter
        self._head.addWidget(self.what, 0, 0)
        self._head.addWidget(self.legend, 0, 1, alignment=middle)
        self._head.addWidget(self._choices, 0, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(4)
        column.addLayout(self._head)
        self.note.setContentsMargins(14, 0, 14, 2)
        column.addWidget(self.note)
        column.addWidget(self.axes)
        column.addWidget(self.map, 1)
        self.words.setContentsMargins(14, 0, 14, 0)
        column.addWidget(self.words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(_NARROW)
        if narrow != self._narrow:
            self._narrow = narrow
            self._head.removeWidget(self._choices)
            if narrow:
                self._head.addWidget(self._choices, 1, 0, 1, 3)
            else:
                self._head.addWidget(self._choices, 0, 2)

    @property
    def measure(self) -> Measure:
        return Measure(self.measure_choice.value)

    @property
    def unseen(self) -> bool:
        return self.part.value == "unseen"

    def set_specs(self, specs: Mapping[str, NumberSpec]) -> None:
        """How the swept names are called; before the sweep begins."""
        self._specs = dict(specs)

    def say(self, words: str) -> None:
        """What a person must know about the whole map; "" for nothing."""
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def title_of(self, number: int) -> str:
        """What a set is called."""
        cells = self._runner.cells
        return "" if cells is None else set_text(cells.values_of(number), self._specs)

    # ------------------------------------------------------------------ what it shows

    def _begin(self) -> None:
        cells = self._runner.cells
        assert cells is not None
        self.follows_best = True
        self._written = {}
        self.part.set_value("seen")
        self.part.hide()
        self.map.choose(0)
        self.map.at = (0, 0)
        self.axes.show_cells(cells, self._specs)
        self.refresh()
        self._tell("")

    def _show_best(self) -> None:
        cells = self._runner.cells
        if cells is None:
            return
        self.refresh()
        best = cells.best(self.measure)
        if self.follows_best and best and best != self.map.number:
            self.map.choose(best, go=not self.map.hasFocus())
            self.followed.emit(best)

    def refresh(self) -> None:
        """Everything as the cells stand now."""
        cells = self._runner.cells
        if cells is None:
            return
        _, split, end = self._runner.span
        self.part.setVisible(split < end)
        front = self._front = cells.front(self.measure, self.unseen)
        down = Axis("", ("",))
        if len(cells.axes) > 1:
            down = self._axis(cells.axes[0], cells.down)
        across = self._axis(cells.axes[-1], cells.across)
        self.map.show_front(front, self.measure, down, across)
        self.legend.show_scale(self.measure, front.value)
        self.what.setText(self._what(cells))

    def _what(self, cells: SweepCells) -> str:
        words = _UNITS[self.measure]
        if self._runner.span[2]:
            words += f", {part_words(self._runner.span, self.unseen)}"
        best = [self._label(name) for name, at in cells.fixed.items() if at == BEST]
        names = tr(" and ").join(best)
        return tr("{shown}, best over {names}", shown=words, names=names) if best else words

    def _axis(self, name: str, values: Sequence[SweepValue]) -> Axis:
        if name not in self._written:
            self._written[name] = Axis(self._label(name), tuple(map(value_text, values)))
        return self._written[name]

    def _label(self, name: str) -> str:
        return self._specs[name].label if name in self._specs else name

    def _tell(self, words: str) -> None:
        cells = self._runner.cells
        self.words.setText(words or ("" if cells is None else skipped_words(cells.outlook)))

    def _describe(self, row: int, column: int) -> str:
        """A cell in words."""
        cells, front = self._runner.cells, self._front
        if cells is None or front is None:
            return ""
        number, state = int(front.number[row, column]), front.state[row, column]
        if state == State.REFUSED:
            return cells.refusal(row, column)
        title = self.title_of(number)
        if state != State.DONE:
            doing = tr("running") if state == State.RUNNING else tr("not run yet")
            return f"{title}: {doing}"
        return f"{title}: {_result_words(cells.rows[number])}"

    def _choose(self, number: int) -> None:
        self.follows_best = False
        self.chosen.emit(number)


def _result_words(row: SweepRow) -> str:
    """What a set came to, in one line."""
    gain, sharpe = fmt.signed_percent(row.return_pct), fmt.ratio(row.sharpe)
    drawdown = fmt.percent(row.max_drawdown_pct)
    if row.unseen is None:
        return tr(
            "{gain}, Sharpe {sharpe}, drawdown {drawdown}, {trades:,} trades",
            gain=gain,
            sharpe=sharpe,
            drawdown=drawdown,
            trades=row.trades,
        )
    return tr(
        "{gain}, test {test}, Sharpe {sharpe}, drawdown {drawdown}, {trades:,} trades",
        gain=gain,
        test=fmt.signed_percent(row.unseen.return_pct),
        sharpe=sharpe,
        drawdown=drawdown,
        trades=row.trades,
    )
