"""How far to trust a result: what hangs on unseen paths, and how complete its prices are."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.language import tr
from engine.messages.doubt import Doubt
from engine.messages.review import Review
from trader_gui import format as fmt
from trader_gui.models.trust import Band, TrustLine, band_of, doubt_line, standing_lines
from trader_gui.panels.rows import Section, show_text
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.check_mark import CheckMark
from trader_gui.widgets.looks import label

_NAMES: Final = (tr("Worst"), tr("Assumed"), tr("Best"))


class TrustBlock(Section):
    """Lines with a tick or a warning, and the band of results under the first of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("How far to trust it"), parent)
        self._review: Review | None = None
        self.lines = [TrustRow() for _ in range(4)]
        self.band = BandBar()
        self.column.addWidget(self.lines[0])
        self.column.addWidget(self.band)
        for line in self.lines[1:]:
            self.column.addWidget(line)

    def show_review(self, review: Review) -> None:
        """What is known at once; `show_doubt` brings the rest."""
        self._review = review
        self.show_doubt(None)
        for row, line in zip(self.lines[1:], standing_lines(review), strict=True):
            row.show_line(line)

    def show_doubt(self, doubt: Doubt | None) -> None:
        """The band of the review that is shown; None while it is being worked out."""
        if self._review is None:
            return
        self.lines[0].show_line(doubt_line(doubt))
        band = band_of(doubt, self._review) if doubt is not None and doubt.trades else None
        self.band.show_band(band)

    def show_trouble(self, words: str) -> None:
        """It could not be worked out."""
        self.lines[0].show_line(
            TrustLine("warn", tr("Paths inside the bars are not judged"), words)
        )


class TrustRow(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.mark = CheckMark()
        self.words, self.more = label(look="value"), label(look="hint")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.mark, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(1)
        for text in (self.words, self.more):
            text.setWordWrap(True)
            column.addWidget(text)
        row.addLayout(column, 1)

    def show_line(self, line: TrustLine) -> None:
        self.mark.set_level(line.level)
        show_text(self.words, line.words)
        show_text(self.more, line.more)


class BandBar(QWidget):
    """Worst to best as a bar with the assumed result as a dot, and the three numbers below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.band: Band | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_band(self, band: Band | None) -> None:
        """None hides it: every path comes to the same."""
        self.band = band
        self.setVisible(band is not None)
        if band is not None:
            worst, assumed, best = band.texts
            self.setAccessibleName(
                tr(
                    "worst {worst}, assumed {assumed}, best {best}",
                    worst=worst,
                    assumed=assumed,
                    best=best,
                )
            )
        self.update()

    def sizeHint(self) -> QSize:
        line = QFontMetrics(theme().font(Role.SMALL)).height()
        return QSize(theme().px(160), 2 * line + theme().px(18))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(120), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        band = self.band
        if band is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(6, theme().px(4), self.width() - 12, 5)
        reach = max(band.best - band.worst, 1.0)
        place = track.left() + track.width() * (band.assumed - band.worst) / reach
        painter.setPen(Qt.PenStyle.NoPen)
        for start, end, tone in ((track.left(), place, "down"), (place, track.right(), "up")):
            painter.setBrush(theme().color(tone))
            painter.drawRoundedRect(QRectF(start, track.top(), end - start, 5), 2.5, 2.5)
        painter.setBrush(theme().color("text1"))
        painter.drawEllipse(QPointF(place, track.center().y()), 5, 5)
        self._write(painter, band, track.bottom() + theme().px(5))

    def _write(self, painter: QPainter, band: Band, top: float) -> None:
        line = QFontMetrics(theme().font(Role.SMALL)).height()
        sides = (
            Qt.AlignmentFlag.AlignLeft,
            Qt.AlignmentFlag.AlignHCenter,
            Qt.AlignmentFlag.AlignRight,
        )
        for name, text, side in zip(_NAMES, band.texts, sides, strict=True):
            area = QRectF(0, top, self.width(), line)
            painter.setFont(theme().font(Role.SMALL))
            painter.setPen(theme().color("text3"))
            painter.drawText(area, side, name)
            painter.setFont(theme().font(Role.VALUE))
            painter.setPen(theme().color(fmt.tone(text)))
            painter.drawText(area.translated(0, line), side, text)
