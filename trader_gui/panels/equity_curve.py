"""Equity and drawdown of a session as the curve chart's columns."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.messages.equity_course import EquityCourse
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.curve_chart import Curve, CurveChart
from trader_gui.theme.theme import theme


def equity_curve(name: str, course: EquityCourse) -> Curve:
    """Return since the begin and distance from the peak so far."""
    return Curve(name, course.at, course.return_pct, drawdown=course.drawdown_pct)


class ThemedCurveChart(CurveChart):
    """A curve chart that follows the theme."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(ChartColors.from_tokens(theme().tokens), title, parent)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.set_colors(ChartColors.from_tokens(theme().tokens))
        self.set_text_scale(theme().scale)
