"""Paints the rows of the bots list, and finds out which part of a row was clicked."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.domain.bots import BotState, Mode
from engine.language import tr
from engine.messages.liveness import Lamp, liveness
from engine.messages.snapshot import BotSnapshot
from trader_gui.format import UNKNOWN
from trader_gui.models import facts
from trader_gui.models.bots_model import BotRole, BotRow, GroupRow
from trader_gui.models.sparkline import draw_sparkline
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.kept_pictures import KeptPictures
from trader_gui.widgets.painting import draw_figure, draw_icon, draw_text, text_width
from trader_gui.widgets.pills import badge_size, paint_mode_badge
from trader_gui.widgets.state_glyph import paint_lamp, paint_state_glyph

Index = QModelIndex | QPersistentModelIndex
Look = tuple[bool, bool]
"""Selected, and under the mouse."""
Runs = tuple[tuple[str, str, Role, int], ...]
"""Words, tone, role, and the pixels behind them."""
_NAMES = {Mode.REPLAY: tr("Replay"), Mode.BACKTEST: tr("Backtest")}


class Density(Enum):
    """How much a row shows: everything, no sparkline, or two lines."""

    FULL = 66
    PLAIN = 67
    COMPACT = 44


class BotsDelegate(QStyledItemDelegate):
    """`pressed(bot_id)` is the start/stop button of a row, `toggled(Mode)` a group header."""

    pressed = Signal(int)
    toggled = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.density = Density.FULL
        self.pictures = KeptPictures()
        self._heights: dict[tuple[int, float], int] = {}
        """By height and text scale."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        high = 44 if self.density is Density.COMPACT else 66
        if index.data(BotRole.BOT_ID) is None:
            high = 26
        key = (high, theme().scale)
        if key not in self._heights:  # asked for with every row that is painted
            self._heights[key] = theme().row_height(high)
        return QSize(10, self._heights[key])

    def button_area(self, rect: QRectF) -> QRectF:
        """Where the start/stop button of a row lies; at least 24 x 24."""
        side = theme().px(24)
        if self.density is Density.COMPACT:
            return QRectF(rect.right() - side - 6, rect.center().y() - side / 2, side, side)
        return QRectF(rect.right() - side - 11, rect.center().y() - side / 2, side, side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(BotRole.ROW)
        painter.save()
        rect = QRectF(option.rect)
        painter.setClipRect(rect)
        if isinstance(row, GroupRow):
            self._group(painter, rect, row)
        else:
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            hot = bool(option.state & QStyle.StateFlag.State_MouseOver)
            if self.density is Density.COMPACT:
                self._compact(painter, rect, row, (chosen, hot))
            else:
                self._full(painter, rect, row, (chosen, hot))
        painter.restore()

    def _ground(self, painter: QPainter, rect: QRectF, chosen: bool, hot: bool) -> None:
        dressed = theme()
        painter.fillRect(rect, dressed.color("sel" if chosen else "hover" if hot else "panel"))
        if chosen:
            painter.fillRect(
                QRectF(rect.left(), rect.top(), 3, rect.height()), dressed.color("accent")
            )
        painter.setPen(QPen(dressed.color("line"), 1))
        painter.drawLine(rect.bottomLeft() - QPointF(0, 0.5), rect.bottomRight() - QPointF(0, 0.5))

    def _group(self, painter: QPainter, rect: QRectF, row: GroupRow) -> None:
        dressed = theme()
        painter.fillRect(rect, dressed.color("app"))
        painter.setPen(QPen(dressed.color("line"), 1))
        painter.drawLine(rect.bottomLeft() - QPointF(0, 0.5), rect.bottomRight() - QPointF(0, 0.5))
        px = dressed.px
        arrow = QRectF(rect.left() + px(13), rect.top(), px(11), rect.height())
        draw_icon(painter, arrow, "caret-down" if row.open else "caret-right", "text3")
        end = rect.right() - (px(12) if self.density is Density.COMPACT else px(44))
        gain = text_width(row.gain.words, Role.SMALL_VALUE)
        area = QRectF(rect)
        area.setRight(end)
        draw_text(painter, area, row.gain.words, row.gain.tone, Role.SMALL_VALUE, right=True)
        area = rect.adjusted(px(32), 0, 0, 0)
        name = _NAMES.get(row.mode, row.mode.value.upper())
        width = draw_text(painter, area, name, "text2", Role.PILL)
        area.setLeft(area.left() + width + px(9))
        area.setRight(end - gain - px(8))
        if self.density is not Density.COMPACT:
            draw_text(painter, area, row.words, "text3", Role.SMALL)

    # ------------------------------------------------------------------ a bot

    def _full(self, painter: QPainter, rect: QRectF, row: BotRow, look: Look) -> None:
        bot, px = row.bot, theme().px
        beat = facts.heartbeat(bot, row.pulse, row.now)
        wide = text_width(beat.words, Role.SMALL)
        said, table = _standing(bot, row.now), bot.equity.table
        heart = "" if beat.words == UNKNOWN else beat.tone
        shows = (
            *(bot.settings, bot.state, row.strategy, said, look, wide, heart, self.density),
            *(table.columns, table.length),
        )

        def still(inner: QPainter, area: QRectF) -> None:
            self._ground(inner, area, *look)
            self._words(inner, area, row, said, wide)
            if heart:
                line = _lines(area, (51,))[0]
                left = area.right() - px(60) - wide
                draw_icon(
                    inner, QRectF(left, line.top(), px(12), line.height()), "heartbeat", heart
                )

        self.pictures.draw(painter, rect, bot.bot_id, shows, still)
        gain = facts.day_gain(bot)
        figures = (
            (facts.pnl(bot, gain), Role.PANEL_TITLE),
            (facts.percent(gain, facts.start_equity(bot)), Role.SMALL),
            (beat, Role.SMALL),
        )
        for line, (figure, role) in zip(_lines(rect, (17, 34, 51)), figures, strict=True):
            line.setRight(rect.right() - px(44))
            draw_figure(painter, line, figure.words, figure.tone, role)

    def _words(self, painter: QPainter, rect: QRectF, row: BotRow, said: Runs, wide: float) -> None:
        """All of a row but its figures; `wide` is the width of its age."""
        bot, px = row.bot, theme().px
        first, second, third = _lines(rect, (17, 34, 51))
        glyph = QRectF(rect.left() + px(13), first.center().y() - px(7), px(14), px(14))
        paint_state_glyph(painter, glyph, facts.glyph_state(bot))
        numbers = rect.right() - px(44)
        end = numbers - px(62)
        if self.density is Density.FULL:
            left = rect.right() - px(154)
            draw_sparkline(painter, QRectF(left, rect.top() + px(10), px(46), px(28)), bot)
            end = left - px(6)
        left = rect.left() + px(35)
        self._name(painter, first, left, end, row)
        area = QRectF(left, second.top(), end - left, second.height())
        draw_text(painter, area, f"{bot.settings.symbol} · {row.strategy}", "text2")
        end = numbers - max(px(52), wide + px(22))
        _write(painter, QRectF(left, third.top(), end - left, third.height()), said)
        self._button(painter, rect, row)

    def _name(self, painter: QPainter, line: QRectF, left: float, end: float, row: BotRow) -> None:
        px, mode = theme().px, row.bot.settings.mode.value
        size = badge_size(mode)
        area = QRectF(left, line.top(), max(0.0, end - left - size.width() - px(6)), line.height())
        dim = row.bot.state is BotState.STOPPED
        width = draw_text(
            painter, area, row.bot.settings.name, "text2" if dim else "text1", Role.PANEL_TITLE
        )
        badge = QRectF(left + width + px(6), line.center().y() - size.height() / 2, *size.toTuple())
        paint_mode_badge(painter, badge, mode)

    def _compact(self, painter: QPainter, rect: QRectF, row: BotRow, look: Look) -> None:
        bot, px = row.bot, theme().px
        active = any(look)
        end = self.button_area(rect).left() - px(6) if active else rect.right() - px(12)
        gain, said = facts.pnl(bot, facts.day_gain(bot)), facts.short_words(bot)
        wide = text_width(gain.words, Role.VALUE)
        shows = (bot.settings, bot.state, said, look, wide, self.density)

        def still(inner: QPainter, area: QRectF) -> None:
            self._ground(inner, area, *look)
            self._short(inner, area, row, said, wide, active)

        self.pictures.draw(painter, rect, bot.bot_id, shows, still)
        line, second = _lines(rect, (14, 31))
        line.setRight(end)
        draw_figure(painter, line, gain.words, gain.tone, Role.VALUE)
        lamp = liveness(bot, row.pulse, row.now).lamp
        if lamp > Lamp.OK:
            center = QPointF(rect.left() + px(19), second.center().y())
            paint_lamp(painter, center, facts.LEVELS[lamp])

    def _short(
        self,
        painter: QPainter,
        rect: QRectF,
        row: BotRow,
        said: facts.Said,
        wide: float,
        active: bool,
    ) -> None:
        """All of a compact row but its figure, which is `wide`."""
        bot, px = row.bot, theme().px
        first, second = _lines(rect, (14, 31))
        glyph = QRectF(rect.left() + px(12), first.center().y() - px(7), px(14), px(14))
        paint_state_glyph(painter, glyph, facts.glyph_state(bot))
        end = self.button_area(rect).left() - px(6) if active else rect.right() - px(12)
        left = rect.left() + px(34)
        area = QRectF(left, first.top(), end - wide - px(6) - left, first.height())
        dim = bot.state is BotState.STOPPED
        draw_text(painter, area, bot.settings.name, "text2" if dim else "text1", Role.STRONG)
        wide = _number(painter, second, end, said, Role.SMALL)
        area = QRectF(left, second.top(), end - wide - px(6) - left, second.height())
        draw_text(painter, area, bot.settings.symbol, "text2", Role.SMALL)
        if active:
            self._button(painter, rect, row)

    def _button(self, painter: QPainter, rect: QRectF, row: BotRow) -> None:
        dressed, area = theme(), self.button_area(rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(dressed.color("line2"), 1))
        painter.setBrush(dressed.color("control"))
        painter.drawRoundedRect(area, 5, 5)
        inner = area.adjusted(dressed.px(6), dressed.px(6), -dressed.px(6), -dressed.px(6))
        painter.setPen(Qt.PenStyle.NoPen)
        if row.stops:
            painter.setBrush(dressed.color("text1"))
            painter.drawRoundedRect(inner.adjusted(1.5, 1.5, -1.5, -1.5), 1, 1)
        else:
            painter.setBrush(dressed.color("up"))
            painter.drawPolygon(
                [
                    inner.topLeft() + QPointF(1.5, 0),
                    QPointF(inner.right(), inner.center().y()),
                    inner.bottomLeft() + QPointF(1.5, 0),
                ]
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # ------------------------------------------------------------------ clicks

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        if not isinstance(event, QMouseEvent) or event.button() != Qt.MouseButton.LeftButton:
            return False
        row = index.data(BotRole.ROW)
        released = event.type() == QEvent.Type.MouseButtonRelease
        if isinstance(row, GroupRow):
            if released:
                self.toggled.emit(row.mode)
            return True
        if isinstance(row, BotRow) and self.button_area(QRectF(option.rect)).contains(
            event.position()
        ):
            if released:
                self.pressed.emit(row.bot.bot_id)
            return True
        return False


def _standing(bot: BotSnapshot, now: int) -> Runs:
    """The third line: what the bot holds, or why it holds nothing."""
    if bot.unguarded:
        amount = facts.amount_text(bot, bot.session.position)
        words = (
            tr("UNGUARDED LONG {amount}", amount=amount)
            if bot.session.position > 0
            else tr("UNGUARDED SHORT {amount}", amount=amount)
        )
        return ((words, "warn", Role.VALUE, 0),)
    if not bot.session.position or bot.state is BotState.ERROR:
        said = facts.row_words(bot, now)
        return ((said.words, said.tone, Role.BODY, 0),)
    side, amount = facts.side_said(bot), facts.amount_text(bot, bot.session.position)
    entry = f"@ {facts.price_text(bot, bot.session.entry)}"
    return (
        (side.words, side.tone, Role.STRONG, 6),
        (amount, "text1", Role.VALUE, 4),
        (entry, "text2", Role.BODY, 0),
    )


def _write(painter: QPainter, area: QRectF, runs: Runs) -> None:
    """One run after the other; of several the last is left out where it does not fit whole: cut
    short it would be another price."""
    for number, (words, tone, role, gap) in enumerate(runs):
        if 0 < number == len(runs) - 1 and text_width(words, role) > area.width():
            return
        wide = draw_text(painter, area, words, tone, role)
        area.setLeft(area.left() + wide + theme().px(gap))


def _lines(rect: QRectF, middles: tuple[int, ...]) -> list[QRectF]:
    """Bands of one text line, centred on `middles` (pixels at 100 % from the row's top)."""
    high = theme().px(16)
    return [
        QRectF(rect.left(), rect.top() + theme().px(middle) - high / 2, rect.width(), high)
        for middle in middles
    ]


def _number(painter: QPainter, line: QRectF, right: float, said: facts.Said, role: Role) -> float:
    area = QRectF(line.left(), line.top(), right - line.left(), line.height())
    return draw_text(painter, area, said.words, said.tone, role, right=True)
