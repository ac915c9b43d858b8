"""Equity and drawdown of a session as the curve chart's columns."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from engine.domain.columns import IntColumn
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.curve_chart import Curve, CurveChart
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.theme.theme import theme


def equity_curve(name: str, at: IntColumn, equity: IntColumn, first: int) -> Curve:
    """Return since `first` and distance from the peak so far, both in percent.

    `at` (UTC ms) and `equity` (product units) are int64 of one length.
    """
    worth = equity.astype(np.float64)
    start = float(first or (worth[0] if len(worth) else 1.0)) or 1.0
    peaks = np.maximum.accumulate(np.maximum(worth, start)) if len(worth) else worth
    return Curve(
        name=name,
        times=at.copy(),
        values=100 * (worth / start - 1),
        drawdown=100 * (worth - peaks) / np.maximum(peaks, 1.0),
    )


def review_curve(name: str, figures: ReviewFigures) -> Curve:
    """The same of a review whose columns are made already."""
    return Curve(name, figures.at_closes, figures.return_pct, drawdown=figures.drawdown_pct)


class ThemedCurveChart(CurveChart):
    """A curve chart that follows the theme."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(ChartColors.from_tokens(theme().tokens), title, parent)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.set_colors(ChartColors.from_tokens(theme().tokens))
        self.set_text_scale(theme().scale)
