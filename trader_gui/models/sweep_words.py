"""A sweep in words and figures: what a cell says, how far it is, how far to trust a set."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import numpy as np

from engine.domain.candles import DAY_MS, HOUR_MS
from engine.domain.money import plain
from engine.domain.sweeps import Span, SweepRow, SweepValue
from engine.language import localised, tr, trn
from trader_gui import format as fmt
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.models.sweep_cells import Floats, Measure
from trader_gui.models.trust import TrustLine, count_line

TITLES: Final = {
    Measure.RETURN: tr("Return"),
    Measure.SHARPE: tr("Sharpe"),
    Measure.DRAWDOWN: tr("Drawdown"),
    Measure.TRADES: tr("Trades"),
}
_HALF: Final = 0.5
"""A neighbour, or the unseen part, that comes to less than this share has not agreed."""
_LONG_DAYS: Final = 3


def value_text(value: SweepValue) -> str:
    """``20``, ``0.5``, ``off``."""
    return tr("off") if value is None else localised(plain(Decimal(value)))


def set_text(values: Mapping[str, SweepValue], specs: Mapping[str, NumberSpec]) -> str:
    """``Fast EMA 20, Slow EMA 60``."""
    labels = {name: specs[name].label if name in specs else name for name in values}
    return ", ".join(f"{labels[name]} {value_text(value)}" for name, value in values.items())


def figure_text(measure: Measure, value: float | None) -> str:
    """As it stands in a cell: one digit after the point, no unit."""
    if value is None or np.isnan(value):
        return fmt.UNKNOWN
    if measure is Measure.TRADES:
        return fmt.count(round(value))
    if measure is Measure.DRAWDOWN:
        return fmt.number(-value, 1)
    return fmt.signed(value, 2 if measure is Measure.SHARPE else 1)


def length_text(length_ms: int) -> str:
    """``72 d``; hours where it is short."""
    if length_ms >= _LONG_DAYS * DAY_MS:
        return tr("{days:,} d", days=round(length_ms / DAY_MS))
    return tr("{hours:,} h", hours=max(1, round(length_ms / HOUR_MS)))


def part_words(span: Span, unseen: bool) -> str:
    """Which part of the period is meant: ``first 72 d``."""
    begin, split, end = span
    if split >= end:
        return tr("whole {length}", length=length_text(end - begin))
    if unseen:
        return tr("last {length}, unseen", length=length_text(end - split))
    return tr("first {length}", length=length_text(split - begin))


def trust_lines(row: SweepRow, around: Floats, span: Span) -> list[TrustLine]:
    """Neighbours, unseen data, number of trades."""
    return [_neighbour_line(row, around), _unseen_line(row, span), count_line(row.trades)]


def _neighbour_line(row: SweepRow, around: Floats) -> TrustLine:
    own = row.return_pct
    if own is None or not len(around):
        return TrustLine("wait", tr("Neighbours"), tr("None of the cells around it is done yet"))
    median = float(np.median(around))
    more = trn(
        "Median of the cell around it: {median}",
        "Median of the {count} cells around it: {median}",
        len(around),
        median=fmt.signed_percent(median, 1),
    )
    if own <= 0:
        return TrustLine("warn", tr("It gained nothing"), more)
    agrees = median >= _HALF * own
    return TrustLine(
        "ok" if agrees else "warn",
        tr("Neighbours agree") if agrees else tr("It stands alone"),
        more,
    )


def _unseen_line(row: SweepRow, span: Span) -> TrustLine:
    begin, split, end = span
    own, test = row.return_pct, row.unseen
    if test is None:
        words = tr("Hold back the last part of the period to see it on data that chose nothing")
        return TrustLine("warn", tr("Not tested on unseen data"), words)
    tested = test.return_pct
    more = tr(
        "Test {tested} in {test_length}, train {trained} in {train_length}",
        tested=fmt.signed_percent(tested),
        test_length=length_text(end - split),
        trained=fmt.signed_percent(own),
        train_length=length_text(split - begin),
    )
    if own is None or tested is None:
        return TrustLine("warn", tr("Nothing to compare"), more)
    a_day, tested_a_day = own / (split - begin), tested / (end - split)
    held = tested_a_day >= _HALF * a_day and tested > 0
    words = tr("Holds on unseen data") if held else tr("Weaker on unseen data")
    return TrustLine("ok" if held else "warn", words, more)
