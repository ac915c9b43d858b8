"""The top bar: page, the account's figures, and the two ways to stop, always in the same place."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from engine.language import tr
from trader_gui import format as fmt
from trader_gui.frame.panic_keys import PanicKeys
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.hold_button import HoldButton
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import label, separator, set_hint, set_look, set_tone
from trader_gui.widgets.steady_label import SteadyLabel

Amount = Decimal | int | float | None


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """What the bar shows, in ``currency``; None is unknown. Percents are in percent."""

    currency: str = ""
    equity: Amount = None
    realised_today: Amount = None
    realised_today_pct: float | None = None
    open_pnl: Amount = None
    exposure: Amount = None
    exposure_pct: float | None = None
    stale: bool = False  # the price behind open PnL is older than its limit


class TopBar(QFrame):
    """Figures come in through ``show_figures``; the wishes to stop go out as signals."""

    stop_all_requested = Signal()
    panic_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "top-bar")
        self._title = label("", "page")
        self._equity = _Figure(
            tr("Equity"), tr("Cash of all bots, and open positions at the last price")
        )
        self._realised = _Figure(tr("Realised today"), tr("Since 00:00 UTC, fees included"))
        self._open_pnl = _Figure(tr("Open PnL"), tr("Of open positions, at the last price"))
        self._exposure = _Figure(tr("Exposure"), tr("Value of open positions"))
        self._more = self._make_more()
        self._stop_all = _HintButton(tr("Stop all"), "stop-fill", tr("Ctrl ."))
        self._stop_all.setToolTip(
            tr(
                "Every bot stops. Open positions stay, and nothing watches them. "
                "Ctrl+. does the same."
            )
        )
        self.panic = HoldButton(tr("Panic close"), "warning-circle-fill", parent=self)
        self.panic.setToolTip(
            tr(
                "Hold for 1 s: cancels orders and closes every position at market. "
                "Holding Ctrl+Shift+. does the same."
            )
        )
        self._stop_all.clicked.connect(self.stop_all_requested)
        self.panic.held.connect(self.panic_requested)
        self._keys = PanicKeys(self.panic)
        self._lay_out()
        self.show_figures(AccountFigures())
        theme().changed.connect(self._dress)

    def set_title(self, title: str) -> None:
        self._title.setText(title)

    def show_figures(self, figures: AccountFigures) -> None:
        money, signed = fmt.money, fmt.signed_money
        coin = figures.currency
        self._equity.show_value(money(figures.equity, coin), figures.currency)
        realised = signed(figures.realised_today, coin)
        self._realised.show_value(
            realised,
            _unless_unknown(fmt.signed_percent(figures.realised_today_pct)),
            fmt.tone(realised),
        )
        guess = "~" if figures.stale and figures.open_pnl is not None else ""
        open_pnl = signed(figures.open_pnl, coin)
        tone = "text3" if figures.stale else fmt.tone(open_pnl)
        self._open_pnl.show_value(guess + open_pnl, "", tone)
        self._exposure.show_value(
            money(figures.exposure, coin), _unless_unknown(fmt.percent(figures.exposure_pct, 0))
        )

    def fold(self, layout_class: str) -> None:
        """``wide`` shows all; below that Equity and Exposure go into the menu; ``narrow`` and
        ``tiny`` drop the title and the keyboard hints."""
        wide, small = layout_class == "wide", layout_class in ("narrow", "tiny")
        self._equity.setVisible(wide)
        self._exposure.setVisible(wide)
        self._more.setVisible(not wide)
        self._title.setVisible(not small)
        self._realised.show_line(not small)
        self._stop_all.show_hint(not small)
        self.panic.show_hint(not small)

    def _make_more(self) -> IconButton:
        more = IconButton("dots-three", tr("Equity and exposure"))
        menu = QMenu(more)
        self._equity_line, self._exposure_line = QAction(menu), QAction(menu)
        menu.addActions([self._equity_line, self._exposure_line])
        menu.aboutToShow.connect(self._say_more)
        more.setMenu(menu)
        more.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        return more

    def _say_more(self) -> None:
        self._equity_line.setText(tr("Equity  {amount}", amount=self._equity.words))
        self._exposure_line.setText(tr("Exposure  {amount}", amount=self._exposure.words))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 1)
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addSpacing(8)
        for figure in (self._equity, self._realised, self._open_pnl, self._exposure):
            row.addWidget(figure)
        row.addWidget(self._more)
        row.addStretch(1)
        row.addWidget(self._stop_all)
        row.addWidget(self.panic)
        self._dress()

    def _dress(self) -> None:
        # The words need two lines of text plus air; at 100 % that is 48 px.
        lines = QFontMetrics(theme().font(Role.SMALL)).height()
        lines += QFontMetrics(theme().font(Role.PANEL_TITLE)).height()
        self.setFixedHeight(max(theme().px(48), lines + theme().px(8)))


def _unless_unknown(text: str) -> str:
    return "" if text == fmt.UNKNOWN else text


class _Figure(QWidget):
    """A caption over a value and its detail, with a line at the left."""

    def __init__(self, caption: str, explanation: str = "") -> None:
        super().__init__()
        self._caption_text = caption
        self.words = fmt.UNKNOWN
        set_hint(self, explanation)
        self._value = SteadyLabel(fmt.UNKNOWN, "kpi")
        self._detail = SteadyLabel("", "small", "text3")
        for part in (self._value, self._detail):
            part.set_ground("panel")
        self._shown: tuple[str, ...] = ()
        values = QHBoxLayout()
        values.setSpacing(4)
        values.addWidget(self._value)
        values.addWidget(self._detail, alignment=Qt.AlignmentFlag.AlignBottom)
        values.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(label(caption, "caption"))
        column.addLayout(values)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 8, 8, 8)
        row.setSpacing(14)
        self._line = separator(vertical=True)
        row.addWidget(self._line)
        row.addLayout(column)

    def show_line(self, shown: bool) -> None:
        self._line.setVisible(shown)

    def show_value(self, value: str, detail: str = "", tone: str = "") -> None:
        if (value, detail, tone) == self._shown:
            return
        self._shown = value, detail, tone
        self._value.setText(value)
        set_tone(self._value, tone)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        set_tone(self._detail, tone or "text3")
        self.words = f"{value} {detail}".strip()
        self.setAccessibleName(f"{self._caption_text} {self.words}")
        # A figure may take more room, never give it back: its neighbours stay where they are.
        self.setMinimumWidth(max(self.minimumWidth(), self.sizeHint().width()))


class _HintButton(TextButton):
    """A button with its shortcut in a small frame at the right."""

    def __init__(self, text: str, icon_name: str, hint: str) -> None:
        super().__init__(text, icon_name, "hinted")
        self._hint = hint
        self._shows_hint = True

    def show_hint(self, shown: bool) -> None:
        self._shows_hint = shown
        set_look(self, "hinted" if shown else "")
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._shows_hint:
            return
        dressed = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(dressed.font(Role.PILL))
        width = painter.fontMetrics().horizontalAdvance(self._hint) + dressed.px(8)
        height = dressed.px(16)
        area = QRectF(
            self.width() - width - dressed.px(8), (self.height() - height) / 2, width, height
        )
        painter.setPen(QPen(dressed.color("line2"), 1))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(dressed.color("text3"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._hint)
