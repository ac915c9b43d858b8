"""How closed trades came out, as bars: losses at the left of zero, gains at the right."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.language import tr
from trader_gui import format as fmt
from trader_gui.models.trade_results import Bar, TradeResults, bar_in_words, in_words, written
from trader_gui.panels.rows import Section, show_text
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import label, set_tip

_HEIGHT: Final = 104
_GAP: Final = 3
_TIP: Final = tr(
    "Net result of each closed trade, divided by what its first stop would have lost "
    "before fees: 1 R is won as much as was risked. Where no trade had a stop, "
    "percent of what was entered."
)


class ResultBars(QWidget):
    """Bars with their counts above them and the steps' limits below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars: tuple[Bar, ...] = ()
        self._unit = "R"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_bars(self, bars: tuple[Bar, ...], unit: str) -> None:
        if (bars, unit) != (self.bars, self._unit):
            self.bars, self._unit = bars, unit
            self.setAccessibleName(in_words(bars, unit) or tr("No closed trade yet"))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, small = QPainter(self), theme().texts(Role.SMALL)
        painter.fillRect(self.rect(), theme().color("panel"))
        if not self.bars:
            return
        line = small.metrics.height()
        floor, most = self.height() - line - 2, max(1, *(bar.count for bar in self.bars))
        tops = [
            floor - max((floor - line - 2) * bar.count / most, 1.0 if bar.count else 0.0)
            for bar in self.bars
        ]
        for place, (bar, top) in enumerate(zip(self.bars, tops, strict=True)):
            color = theme().color("down" if bar.high <= 0 else "up")
            area = self._step(place).adjusted(_GAP / 2, 0, -_GAP / 2, 0)
            area.setWidth(max(1.0, area.width()))
            painter.fillRect(QRectF(area.left(), top, area.width(), floor - top), color)
        self._write_counts(painter, tops, line)
        painter.fillRect(QRectF(0, floor, self.width(), 1), theme().color("line2"))
        self._write_limits(painter, floor + 2, line)

    def _write_counts(self, painter: QPainter, tops: list[float], line: int) -> None:
        """Above each bar whose own step has room for it; its tooltip tells every one."""
        painter.setPen(theme().color("text2"))
        small = theme().texts(Role.SMALL)
        for place, (bar, top) in enumerate(zip(self.bars, tops, strict=True)):
            words, step = fmt.count(bar.count), self._step(place)
            if bar.count and round(small.width(words)) <= step.width():
                above = QRectF(step.left(), top - line - 1, step.width(), line)
                small.write(painter, above, words, Qt.AlignmentFlag.AlignHCenter)

    def _write_limits(self, painter: QPainter, top: float, line: int) -> None:
        """Of every step that has room for it, zero always among them."""
        painter.setPen(theme().color("text3"))
        small = theme().texts(Role.SMALL)
        limits = [bar.low for bar in self.bars] + [self.bars[-1].high]
        words = [written(limit) for limit in limits]
        wide = max(round(small.width(one)) for one in words) + 6
        every = max(1, -(-wide * len(self.bars) // max(1, self.width())))
        zero = min(range(len(limits)), key=lambda at: abs(limits[at]))
        for at, limit in enumerate(words):
            if (at - zero) % every == 0:
                x = self.width() * at / len(self.bars)
                left = min(max(0.0, x - wide / 2), float(self.width() - wide))
                box = QRectF(left, top, wide, line)
                small.write(painter, box, limit, Qt.AlignmentFlag.AlignHCenter)

    def _step(self, place: int) -> QRectF:
        wide = self.width() / len(self.bars)
        return QRectF(place * wide, 0, wide, self.height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.bars:
            place = int(event.pos().x() * len(self.bars) / max(1, self.width()))
            place = min(max(place, 0), len(self.bars) - 1)
            words = bar_in_words(self.bars, place, self._unit)
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


class ResultsBlock(Section):
    """`begin` with a session's results, then `show_closed` with how many had closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Trade results"), parent)
        set_tip(self.title, _TIP)
        self._results: TradeResults | None = None
        self._closed = -1
        self.bars, self.nothing = ResultBars(), label(tr("No trade was closed."), "label")
        for part in (self.bars, self.nothing):
            self.column.addWidget(part)

    def begin(self, results: TradeResults) -> None:
        self._results, self._closed = results, -1
        self.bars.setVisible(bool(results.bars(0)))
        self.nothing.setHidden(bool(results.bars(0)))

    def show_closed(self, closed: int) -> None:
        if self._results is not None and closed != self._closed:
            self._closed = closed
            show_text(self.corner, self._results.told(closed))
            self.bars.show_bars(self._results.bars(closed), self._results.unit)
