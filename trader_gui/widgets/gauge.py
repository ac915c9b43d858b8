"""Where the price stands between stop and target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.language import inside, tr
from trader_gui import format as fmt
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme

_LEAST: Final = 80  # px at 100 %, the track


_TO: Final = {
    tr("Trail"): tr("To trail"),
    tr("Break-even"): tr("To break-even"),
    tr("Stop"): tr("To stop"),
}
"""What is left until that which has moved the stop."""


@dataclass(frozen=True, slots=True)
class GaugeReading:
    """Prices of an open position, for drawing only. ``price_text`` stands above the dot."""

    entry: float
    price: float
    stop: float | None = None
    target: float | None = None
    trail: float | None = None
    trail_name: str = tr("Trail")
    """What has moved the stop to where `trail` is."""
    short: bool = False
    price_text: str = ""

    @property
    def guard(self) -> float | None:
        """What ends the trade at the stop's side: the trail is the stop once it is set."""
        return self.trail if self.trail is not None else self.stop

    def ends(self) -> tuple[float, float] | None:
        """Prices of the left (stop) and right (target) end; None when neither level exists.

        The first stop ends the track while it is known, else the trail does. A missing level is
        mirrored from the other one around the entry; where the stop has passed the entry, the
        track begins at the entry and the price stands in its middle.
        """
        left = self.stop if self.stop is not None else self.trail
        if left is None and self.target is None:
            return None
        if left is not None and self.target is None and self._gains(left):
            left_end, right_end = self.entry, 2 * self.price - self.entry
        else:
            left_end = left if left is not None else 2 * self.entry - (self.target or 0)
            right_end = self.target if self.target is not None else 2 * self.entry - left_end
        return None if left_end == right_end else (left_end, right_end)

    def _gains(self, level: float) -> bool:
        return level < self.entry if self.short else level > self.entry

    def on_track(self, price: float) -> bool:
        """Whether ``price`` lies between the ends."""
        ends = self.ends()
        return ends is not None and min(ends) <= price <= max(ends)

    def share(self, price: float) -> float:
        """Place of ``price`` on the track, 0 at the stop's end, 1 at the target's."""
        ends = self.ends()
        if ends is None:
            return 0.5
        return min(1.0, max(0.0, (price - ends[0]) / (ends[1] - ends[0])))

    def distance_pct(self, level: float | None) -> float | None:
        """Gain, or loss when negative, in percent of the price until ``level`` is reached."""
        if level is None or not self.price:
            return None
        moved = (level - self.price) / self.price * 100
        return -moved if self.short else moved

    def result_pct(self, level: float | None) -> float | None:
        """Gain, or loss when negative, in percent of the entry if the trade ends at ``level``."""
        if level is None or not self.entry:
            return None
        moved = (level - self.entry) / self.entry * 100
        return -moved if self.short else moved

    def figures(self) -> tuple[tuple[str, str, str], ...]:
        """Caption, value and tone of the three figures below the track: what is left until the
        stop, what the stop risks or has locked in, what is left until the target."""
        trails, sure = self.trail is not None, self.result_pct(self.guard)
        safe = sure is not None and sure >= 0
        return (
            (
                _TO.get(self.trail_name, tr("To stop")) if trails else tr("To SL"),
                fmt.signed_percent(self.distance_pct(self.guard)),
                "text3" if self.guard is None else "warn" if trails else "down",
            ),
            (
                tr("Locked in") if safe else tr("At risk"),
                fmt.signed_percent(sure),
                "text3" if sure is None else "up" if safe else "down",
            ),
            (
                tr("To TP"),
                fmt.signed_percent(self.distance_pct(self.target)),
                "text3" if self.target is None else "up",
            ),
        )

    def sentence(self) -> str:
        known = [(inside(name), value) for name, value, _ in self.figures() if value != fmt.UNKNOWN]
        price = tr("price {price}", price=self.price_text or self.price)
        return ", ".join([price, *(f"{name} {value}" for name, value in known)])


class Gauge(QWidget):
    """The track alone when ``compact``; else with its captions and three distances in words."""

    def __init__(self, compact: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compact = compact
        self._reading: GaugeReading | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Price between stop and target"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def set_reading(self, reading: GaugeReading | None) -> None:
        """Show ``reading``; None empties the track."""
        if reading == self._reading:
            return
        self._reading = reading
        self.setAccessibleDescription(reading.sentence() if reading else tr("No open position"))
        self.update()

    def sizeHint(self) -> QSize:
        dressed = theme()
        if self._compact:
            return QSize(dressed.px(_LEAST), dressed.px(16))
        line = QFontMetrics(dressed.font(Role.SMALL)).height()
        return QSize(dressed.px(140), line * 4 + dressed.px(34))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(_LEAST), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("panel"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QFontMetrics(theme().font(Role.SMALL)).height()
        top = self.height() / 2 if self._compact else line + theme().px(10)
        track = QRectF(6, top - 2.5, self.width() - 12, 5)
        reading = self._reading
        self._bar(painter, track, 0.0, 1.0, "line2")
        if reading is None or reading.ends() is None:
            return
        self._paint_track(painter, track, reading)
        if not self._compact:
            self._paint_captions(painter, track, reading, line)
            self._paint_distances(painter, reading, line)

    def _paint_track(self, painter: QPainter, track: QRectF, reading: GaugeReading) -> None:
        entry, price = reading.share(reading.entry), reading.share(reading.price)
        self._bar(painter, track, 0.0, entry, "down", 0.45)
        if price < entry:
            self._bar(painter, track, price, entry, "down")
        else:
            self._bar(painter, track, entry, price, "up")
        if reading.on_track(reading.entry):
            self._tick(painter, track, entry, "entry")
        if reading.trail is not None:
            self._tick(painter, track, reading.share(reading.trail), "warn")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("text1"))
        painter.drawEllipse(QPointF(_at(track, price), track.center().y()), 5, 5)

    def _bar(
        self,
        painter: QPainter,
        track: QRectF,
        start: float,
        end: float,
        name: str,
        alpha: float = 1,
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().see_through(name, alpha))
        part = QRectF(_at(track, start), track.top(), track.width() * (end - start), track.height())
        painter.drawRoundedRect(part, 2.5, 2.5)

    def _tick(self, painter: QPainter, track: QRectF, share: float, name: str) -> None:
        x = _at(track, share)
        painter.setPen(QPen(theme().color(name), 2))
        painter.drawLine(QPointF(x, track.top() - 4), QPointF(x, track.bottom() + 4))

    def _paint_captions(
        self, painter: QPainter, track: QRectF, reading: GaugeReading, line: int
    ) -> None:
        painter.setFont(theme().font(Role.SMALL_VALUE))
        above = _centered(painter, reading.price_text, _at(track, reading.share(reading.price)))
        self._text(painter, above, 0, line, reading.price_text, "text1")
        y = track.bottom() + theme().px(6)
        painter.setFont(theme().font(Role.SMALL))
        words: list[tuple[str, float, str]] = []
        if reading.stop is not None:
            words.append(("SL", 0.0, "down"))
        if reading.target is not None:
            words.append(("TP", 1.0, "up"))
        if reading.trail is not None:
            words.append((reading.trail_name, reading.share(reading.trail), "warn"))
        if reading.on_track(reading.entry):
            words.append((tr("Entry"), reading.share(reading.entry), "accent"))
        taken: list[tuple[float, float]] = []
        for word, share, tone in words:
            left = _centered(painter, word, _at(track, share), self.width())
            right = left + painter.fontMetrics().horizontalAdvance(word)
            if any(left < end + 4 and right > start - 4 for start, end in taken):
                continue  # its tick still shows it; words never overlap
            taken.append((left, right))
            self._text(painter, left, y, line, word, tone)

    def _paint_distances(self, painter: QPainter, reading: GaugeReading, line: int) -> None:
        y = self.height() - 2 * line - theme().px(2)
        third = self.width() / 3
        sides = (
            Qt.AlignmentFlag.AlignLeft,
            Qt.AlignmentFlag.AlignHCenter,
            Qt.AlignmentFlag.AlignRight,
        )
        for index, (side, (word, value, tone)) in enumerate(
            zip(sides, reading.figures(), strict=True)
        ):
            area = QRectF(third * index, y, third, line)
            painter.setFont(theme().font(Role.SMALL))
            painter.setPen(theme().color("text3"))
            painter.drawText(area, side, word)
            painter.setFont(theme().font(Role.VALUE))
            painter.setPen(theme().color(tone))
            area.translate(0, line)
            painter.drawText(area, side, value)

    def _text(
        self, painter: QPainter, left: float, top: float, line: int, text: str, tone: str
    ) -> None:
        painter.setPen(theme().color(tone))
        width = painter.fontMetrics().horizontalAdvance(text) + 2
        painter.drawText(QRectF(left, top, width, line), Qt.AlignmentFlag.AlignLeft, text)


def _at(track: QRectF, share: float) -> float:
    return track.left() + track.width() * share


def _centered(painter: QPainter, text: str, x: float, limit: float | None = None) -> float:
    """Left edge of ``text`` centred on ``x`` and kept inside the widget."""
    width = painter.fontMetrics().horizontalAdvance(text) + 2
    end = limit if limit is not None else painter.viewport().width()
    return max(0.0, min(x - width / 2, end - width))
