"""The strip of key figures: each value at the cursor, and muted what it is at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from engine.language import tr
from trader_gui import format as fmt
from trader_gui.models.review_figures import Figures
from trader_gui.models.trust import Trusted
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import frame, label, separator, set_hint, set_tone
from trader_gui.widgets.steady_label import SteadyLabel

_Shown = Callable[[Figures, str], tuple[str, str]]


def _toned(shown: str) -> tuple[str, str]:
    return shown, fmt.tone(shown)


def _net(figures: Figures, coin: str) -> tuple[str, str]:
    return _toned(fmt.signed_money(figures.net_pnl, coin))


def _return(figures: Figures, coin: str) -> tuple[str, str]:
    return _toned(fmt.signed_percent(figures.return_pct))


def _drawdown(figures: Figures, coin: str) -> tuple[str, str]:
    return fmt.percent(figures.max_drawdown_pct), "text1"


def _factor(figures: Figures, coin: str) -> tuple[str, str]:
    return fmt.ratio(figures.profit_factor), "text1"


def _win_rate(figures: Figures, coin: str) -> tuple[str, str]:
    return fmt.percent(figures.win_rate_pct, 1), "text1"


def _fees(figures: Figures, coin: str) -> tuple[str, str]:
    return fmt.money(figures.fees, coin), "text1"


_CELLS: Final[tuple[tuple[str, str, _Shown], ...]] = (
    (tr("Net PnL"), tr("After fees, the open position at the price under the cursor"), _net),
    (tr("Return"), tr("Net PnL in percent of the equity at the start"), _return),
    (
        tr("Max drawdown"),
        tr("Deepest fall of the equity at candle closes below its peak"),
        _drawdown,
    ),
    (
        tr("Profit factor"),
        tr("What winning trades made, divided by what losing trades lost"),
        _factor,
    ),
    (tr("Win rate"), tr("Closed trades with a net result above zero"), _win_rate),
    (tr("Fees"), tr("Both sides of all trades"), _fees),
)
_ROOM_FOR_ALL: Final = 1060
_ROOM_FOR_HISTORY: Final = 1400
_ROOM_FOR_ENDS: Final = 1290
"""Below this width (pixels at 100 % text) the end values are in the tooltips only."""


class KpiValue(SteadyLabel):
    """It goes through all sizes while one drags the cursor through a session: giving room back and
    asking for it again would lay the whole strip out, and move what stands beside it."""

    spare = 120


class KpiCell(QWidget):
    """A caption over a value and a muted word after it."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__()
        self._name, self._hint = name, hint
        self._shown: tuple[str, str, str, str, bool] | None = None
        self.value = KpiValue("", "kpi")
        self.after = SteadyLabel("", "label", "text3")
        for words in (self.value, self.after):
            words.set_ground("panel")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        grid.addWidget(label(name, "small"), 0, 0, 1, 2)
        grid.addWidget(self.value, 1, 0)
        grid.addWidget(self.after, 1, 1)
        grid.setColumnStretch(1, 1)

    def show_value(
        self, text: str, tone: str, after: str = "", tip: str = "", *, ends: bool = False
    ) -> None:
        """`tip` says the word after the value as its tooltip does."""
        shown = text, tone, after, tip, ends
        if shown == self._shown:
            return
        self._shown = shown
        self.value.setText(text)
        set_tone(self.value, tone)
        self.after.setText(after)
        self.after.setVisible(ends)
        set_hint(self, f"{self._hint}. {tip}" if tip else self._hint)
        self.setAccessibleName(", ".join(filter(None, (f"{self._name} {text}", after))))


class KpiStrip(QWidget):
    """`show_figures` for the moment under the cursor; `set_end` once per review."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._end: Figures | None = None
        self._ends: list[str] = []
        self._coin = "USDT"
        self._last: tuple[Figures, int, int, bool] | None = None
        self._moment = KpiCell(tr("State at"), tr("The moment under the cursor, UTC"))
        self._cells = [KpiCell(name, hint) for name, hint, _ in _CELLS]
        self._trades = KpiCell(tr("Trades"), tr("Closed trades up to the cursor"))
        self._trust = KpiCell(
            tr("Ambiguity"), tr("What other paths inside the bars could have come to")
        )
        self._trusted = Trusted("", "", "", "")
        strip = frame("header")
        row = QHBoxLayout(strip)
        row.setContentsMargins(14, 6, 14, 6)
        row.setSpacing(14)
        self._lines: dict[KpiCell, QWidget] = {}
        for cell in (self._moment, *self._cells, self._trades, self._trust):
            if cell is not self._moment:
                self._lines[cell] = separator(vertical=True)
                row.addWidget(self._lines[cell])
            row.addWidget(cell, 2)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(strip)

    def set_end(self, end: Figures, coin: str) -> None:
        self._end, self._coin = end, coin
        self._ends = [shown(end, coin)[0] for _, _, shown in _CELLS]

    def show_figures(self, figures: Figures, at: int, now: int, is_end_told: bool = True) -> None:
        """Show the moment `at`; `now` (UTC ms) decides whether its year is written. Where the
        future is hidden, what the end came to is not told."""
        end = self._end
        if end is None:
            return
        self._last = (figures, at, now, is_end_told)
        ends = self.width() >= theme().px(_ROOM_FOR_ENDS)
        self._moment.show_value(fmt.day_time(at, now), "text1")
        for cell, (_, _, shown), last in zip(self._cells, _CELLS, self._ends, strict=True):
            text, tone = shown(figures, self._coin)
            told = tr("end {figure}", figure=last), tr("End {figure}", figure=last)
            cell.show_value(text, tone, *(told if is_end_told else ("", "")), ends=ends)
        count, of = fmt.count(figures.trades), fmt.count(end.trades)
        told = tr("of {count}", count=of), tr("Of {count}", count=of)
        self._trades.show_value(count, "text1", *(told if is_end_told else ("", "")), ends=True)

    def show_trust(self, trusted: Trusted) -> None:
        """How far to trust the result, always beside it."""
        self._trusted = trusted
        ends = self.width() >= theme().px(_ROOM_FOR_HISTORY)
        self._trust.show_value(trusted.band, trusted.tone, trusted.history, ends=ends)
        set_hint(self._trust, trusted.words)

    def texts(self) -> list[str]:
        """The values from left to right, the moment first."""
        cells = [self._moment, *self._cells, self._trades]
        return [cell.value.text() for cell in cells]

    def minimumSizeHint(self) -> QSize:
        # The end values make room by themselves: they must not keep the window wide.
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        fees = self._cells[-1]  # they are among the statistics, too
        for part in (fees, self._lines[fees]):
            part.setVisible(self.width() >= theme().px(_ROOM_FOR_ALL))
        if self._last is not None:
            self.show_figures(*self._last)
            self.show_trust(self._trusted)
