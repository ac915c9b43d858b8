"""How closed trades came out, as bars: losses at the left of zero, gains at the right."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from trader_gui import format as fmt
from trader_gui.models.trade_results import Bar, TradeResults, in_words
from trader_gui.panels.rows import Section, show_text
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import set_tip

_HEIGHT: Final = 104
_GAP: Final = 3
_TIP: Final = (
    "Net result of each closed trade, divided by what its first stop would have lost before fees: "
    "1 R is won as much as was risked. Where no trade had a stop, percent of what was entered."
)


class ResultBars(QWidget):
    """Bars with their counts above them and the steps' limits below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars: tuple[Bar, ...] = ()
        self._unit = "R"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: tuple[Bar, ...], unit: str) -> None:
        if (bars, unit) != (self.bars, self._unit):
            self.bars, self._unit = bars, unit
            self.setAccessibleName(in_words(bars, unit) or "No closed trade yet")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.bars:
            return
        painter, small = QPainter(self), theme().font(Role.SMALL)
        painter.setFont(small)
        line = QFontMetrics(small).height()
        floor, most = self.height() - line - 2, max(1, *(bar.count for bar in self.bars))
        for place, bar in enumerate(self.bars):
            area = self._place(place)
            tall = max((floor - line - 2) * bar.count / most, 1.0 if bar.count else 0.0)
            painter.setPen(theme().color("text2"))
            if bar.count:
                above = QRectF(area.left() - 8, floor - tall - line - 1, area.width() + 16, line)
                painter.drawText(above, Qt.AlignmentFlag.AlignCenter, fmt.count(bar.count))
            color = theme().color("down" if bar.high <= 0 else "up")
            painter.fillRect(QRectF(area.left(), floor - tall, area.width(), tall), color)
        painter.fillRect(QRectF(0, floor, self.width(), 1), theme().color("line2"))
        self._write_limits(painter, floor + 2, line)

    def _write_limits(self, painter: QPainter, top: float, line: int) -> None:
        """Of every step that has room for it, zero always among them."""
        painter.setPen(theme().color("text3"))
        limits = [bar.low for bar in self.bars] + [self.bars[-1].high]
        wide = max(painter.fontMetrics().horizontalAdvance(_written(one)) for one in limits) + 6
        every = max(1, -(-wide * len(self.bars) // max(1, self.width())))
        zero = min(range(len(limits)), key=lambda at: abs(limits[at]))
        for at, limit in enumerate(limits):
            if (at - zero) % every == 0:
                x = self.width() * at / len(self.bars)
                left = min(max(0.0, x - wide / 2), float(self.width() - wide))
                box = QRectF(left, top, wide, line)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _written(limit))

    def _place(self, place: int) -> QRectF:
        wide = self.width() / len(self.bars)
        return QRectF(place * wide + _GAP / 2, 0, max(1.0, wide - _GAP), self.height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.bars:
            place = int(event.pos().x() * len(self.bars) / max(1, self.width()))
            bar = self.bars[min(max(place, 0), len(self.bars) - 1)]
            low, high = _written(bar.low), _written(bar.high)
            words = f"{low} to {high} {self._unit}: {fmt.count(bar.count)} trades"
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


class ResultsBlock(Section):
    """`begin` with a session's results, then `show_closed` with how many had closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Trade results", parent)
        set_tip(self.title, _TIP)
        self._results: TradeResults | None = None
        self.bars = ResultBars()
        self.column.addWidget(self.bars)

    def begin(self, results: TradeResults) -> None:
        self._results = results

    def show_closed(self, closed: int) -> None:
        if self._results is not None:
            show_text(self.corner, self._results.told(closed))
            self.bars.show_bars(self._results.bars(closed), self._results.unit)


def _written(limit: float) -> str:
    """With a true minus, and no more decimals than it has."""
    return f"{limit:.4g}".replace("-", "\u2212")
