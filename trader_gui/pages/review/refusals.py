"""How often each rule said no, up to the cursor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.domain.reasons import Refusal
from engine.messages.doubt import BlockedPrice
from engine.messages.progress import Progress
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.models import facts
from trader_gui.models.position_plan import refused_adds
from trader_gui.models.reason_words import refusal_words
from trader_gui.panels.rows import Section
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label
from trader_gui.widgets.progress_strip import ProgressStrip

_BAR: Final = 10
_LEAST_TRACK: Final = 40
"""A bar keeps this much, however long the names are."""
_AFTER_SIGNAL: Final = Refusal.MAX_POSITION
"""From this code on they are asked with the price: the signal was accepted, and counted, before."""


@dataclass(frozen=True, slots=True)
class Line:
    """One bar of `count` that begins at `start`, in a colour token."""

    name: str
    count: int
    start: int
    tone: str
    gain: str = ""
    """What its signals would have earned, where that is known."""


class CountBars(QWidget):
    """Named counts as bars; the first line is the whole, the last what is left of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[Line, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        if lines == self.lines:
            return
        if len(lines) != len(self.lines):
            self.updateGeometry()
        self.lines = lines
        words = ", ".join(f"{line.name} {line.count}" for line in lines)
        self.setAccessibleName(words or "Nothing was refused")
        self.update()

    def _row(self) -> int:
        return theme().row_height(22)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), max(1, len(self.lines)) * self._row())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        row, most = self._row(), max([line.count for line in self.lines], default=1)
        painter.setFont(theme().font(Role.BODY))
        left = _widest(painter.font(), [line.name for line in self.lines])
        values = theme().font(Role.VALUE)
        gains = _widest(values, [line.gain for line in self.lines if line.gain])
        counts = _widest(values, [f"{line.count:,}" for line in self.lines])
        counts = counts if gains else max(theme().px(44), counts)
        left = min(left, self.width() - counts - gains - theme().px(_LEAST_TRACK))
        for place, line in enumerate(self.lines):
            area = QRectF(0, place * row, self.width(), row)
            self._write(painter, area, line, left, gains, place in (0, len(self.lines) - 1))
            track = QRectF(left, 0, self.width() - left - counts - gains, theme().px(_BAR))
            track.moveTop(area.center().y() - track.height() / 2)
            painter.fillRect(track, theme().color("raised"))
            scale = max(track.width(), 0) / max(most, 1)
            track.moveLeft(track.left() + scale * line.start)
            track.setWidth(max(scale * line.count, 1.0 if line.count else 0.0))
            painter.fillRect(track, theme().color(line.tone))

    def _write(
        self, painter: QPainter, area: QRectF, line: Line, left: int, gains: int, ends: bool
    ) -> None:
        """Name at the left, count and, behind it, gain at the right."""
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme().font(Role.STRONG if ends else Role.BODY))
        painter.setPen(theme().color("text1" if ends else "text2"))
        metrics = painter.fontMetrics()
        short = metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, left - 4)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | middle, short)
        painter.setFont(theme().font(Role.VALUE))
        painter.setPen(theme().color("text1"))
        before = area.adjusted(0, 0, -gains, 0)
        painter.drawText(before, Qt.AlignmentFlag.AlignRight | middle, f"{line.count:,}")
        painter.setPen(theme().color(fmt.tone(line.gain)))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | middle, line.gain)


def _widest(font: QFont, words: list[str]) -> int:
    """Room for the widest of `words` and a gap; nothing for none."""
    metrics = QFontMetrics(font)
    room = max([metrics.horizontalAdvance(word) for word in words], default=0)
    return room + theme().px(10) if words else 0


class RefusalsBlock(Section):
    """Signals, one step down per rule that refused some, and what was carried out.

    `price_asked()` and `cancel_asked()`: what the refused ones would have earned is worked out
    on demand.
    """

    price_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Signals and refusals", parent)
        self._bot: BotSnapshot | None = None
        self._prices: dict[int, BlockedPrice] | None = None
        self.bars = CountBars()
        self.adds, self.note = label(look="hint"), label(look="hint")
        self.price = TextButton("Price the blocked signals")
        self.price.setToolTip("What each rule's refused signals would have earned, taken alone")
        self.price.clicked.connect(self.price_asked)
        self.progress = ProgressStrip(slim=True)
        self.progress.cancel_asked.connect(self.cancel_asked)
        for words in (self.adds, self.note):
            words.setWordWrap(True)
            words.hide()
        for part in (self.bars, self.adds, self.note, self.progress):
            self.column.addWidget(part)
        self.column.addWidget(self.price, alignment=Qt.AlignmentFlag.AlignLeft)

    def show_bot(self, bot: BotSnapshot) -> None:
        """Every signal of the strategy is either carried out or refused by one rule.

        Refused steps that would have added to a position were no signals: they stand apart.
        """
        self._bot = bot
        session = bot.session
        steps = refused_adds(session.log.rows) if bot.settings.trade.adds else Counter[int]()
        counts = [(code, count - steps[code]) for code, count in session.refusals]
        late = sum(count for code, count in counts if code >= _AFTER_SIGNAL)
        refused = sum(count for _, count in counts)
        signals = session.signals + refused - late
        lines, left = [Line("Signals", signals, 0, "accent")], signals
        for code, count in counts:
            if count:
                left -= count
                lines.append(Line(Refusal(code).code, count, left, "warn", self._gain(bot, code)))
        lines.append(Line("Carried out", left, 0, "accent"))
        self.bars.show_lines(tuple(lines))
        names = ", ".join(f"{refusal_words(code)} {count:,}" for code, count in steps.items())
        self.adds.setText(f"Steps that add, refused too: {names}")
        self.adds.setVisible(bool(steps))
        offered = self._prices is None and self.progress.isHidden() and bool(session.refusals)
        self.price.setVisible(offered)

    # ------------------------------------------------------------------ what they would have made

    def forget_prices(self) -> None:
        """Another session: nothing is known of it."""
        self._prices = None
        self.note.hide()
        self.progress.finish()

    def show_progress(self, progress: Progress | None) -> None:
        """Work has begun (None) or got on."""
        if progress is None:
            self.progress.start("Pricing the blocked signals")
            self.price.hide()
        else:
            self.progress.advance(progress.done, progress.total)

    def show_prices(self, prices: Sequence[BlockedPrice] | None) -> None:
        """The answer, or None when there is none."""
        self.progress.finish()
        self._prices = None if prices is None else {price.refusal: price for price in prices}
        if prices is not None:
            priced, count = sum(p.priced for p in prices), sum(p.count for p in prices)
            self.note.setText(
                f"Whole session: {priced:,} of {count:,} refused ones priced, each alone with the "
                "same exits. Runs of equal refusals count by their first."
            )
            self.note.show()
        if self._bot is not None:
            self.show_bot(self._bot)

    def _gain(self, bot: BotSnapshot, code: int) -> str:
        if self._prices is None:
            return ""
        price = self._prices.get(code)
        if price is None or not price.priced:
            return fmt.UNKNOWN
        return facts.pnl(bot, bot.money(price.pnl)).words
