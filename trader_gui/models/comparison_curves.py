"""Curves of compared sessions: aligned by date or from their starts."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np

from engine.domain.columns import FloatColumn
from engine.messages.comparison import Compared
from trader_gui.charts.curve_chart import Curve


class Shown(StrEnum):
    """What the curves say."""

    RETURN = "return"
    MONEY = "money"
    DRAWDOWN = "drawdown"


_NOTHING: Final = np.zeros(0, np.int64)


def compared_curves(
    sessions: Sequence[Compared], ids: Sequence[int], shown: Shown, *, from_start: bool
) -> list[Curve]:
    """One curve each, in the order of `ids`, without points for one that is not there: percent,
    money gained, or percent below the highest so far. With `from_start` times are lengths since
    the start of each, ms."""
    found = {one.record.id: _curve(one, shown, from_start=from_start) for one in sessions}
    return [found.get(key) or Curve("", _NOTHING, _NOTHING.astype(np.float64)) for key in ids]


def _curve(one: Compared, shown: Shown, *, from_start: bool) -> Curve:
    at = one.at - one.start_at if from_start else one.at
    return Curve(one.record.settings.strategy, at, _values(one, shown))


def _values(one: Compared, shown: Shown) -> FloatColumn:
    worth, first = one.equity.astype(np.float64), float(one.first) or 1.0
    if shown is Shown.MONEY:
        return (worth - one.first) * float(one.record.settings.scale.product_unit)
    if shown is Shown.RETURN:
        return 100 * (worth / first - 1)
    peaks = np.maximum.accumulate(np.maximum(worth, first)) if len(worth) else worth
    return 100 * (worth - peaks) / np.maximum(peaks, 1.0)
