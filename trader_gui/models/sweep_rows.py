"""Stored sweeps as a table: one row for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.domain.candles import timeframe_text
from engine.domain.columns import IntColumn
from engine.domain.strategy import StrategyCard
from engine.domain.sweeps import SweepRecord, SweepStatus
from engine.language import tr
from trader_gui import format as fmt
from trader_gui.forms.number_spec import NumberSpec, parameter_spec
from trader_gui.forms.trade_fields import TRADE_SPECS
from trader_gui.models.table_model import Column, Look, Values


@dataclass(frozen=True)
class SweepRows:
    """Newest first; `cards` of strategies by name; `now` (wall time) decides how dates are
    written."""

    records: tuple[SweepRecord, ...] = ()
    cards: Mapping[str, StrategyCard] = field(default_factory=dict)
    now: int = 0

    def __len__(self) -> int:
        return len(self.records)

    @property
    def ids(self) -> IntColumn:
        return np.array([record.id for record in self.records], np.int64)

    def title(self, record: SweepRecord) -> str:
        """What its strategy is called."""
        name = record.settings.strategy
        return self.cards[name].title if name in self.cards else name

    def swept(self, record: SweepRecord) -> str:
        """``Fast EMA, Slow EMA``."""
        specs = specs_of(self.cards.get(record.settings.strategy))
        return ", ".join(specs[n].label if n in specs else n for n in record.grid)


def specs_of(card: StrategyCard | None) -> dict[str, NumberSpec]:
    """How numbers that can be swept are called, by name; of a strategy that is not known, those
    of the trade."""
    own = () if card is None else card.parameters
    return {**TRADE_SPECS, **{one.name: parameter_spec(one) for one in own}}


def sweep_columns() -> tuple[Column[SweepRows], ...]:
    """What was swept, how far it came, and the best of it."""
    return (*_names(), *_results())


def _names() -> tuple[Column[SweepRows], ...]:
    return (
        Column(
            "id",
            tr("No."),
            lambda rows: rows.ids,
            lambda rows, i: fmt.count(rows.records[i].id),
            tone=lambda rows, i: "text3",
            width=44,
            drops=2,
            hint=tr("Number of the sweep; sessions that were promoted from it carry it."),
        ),
        Column(
            "strategy",
            tr("Strategy"),
            _texts(lambda rows, one: rows.title(one)),
            lambda rows, i: rows.title(rows.records[i]),
            look=Look.STRONG,
            second=lambda rows, i: rows.swept(rows.records[i]),
            width=200,
            wide=True,
            hint=tr("What was played, and which of its numbers were swept."),
        ),
        Column(
            "symbol",
            tr("Symbol"),
            _texts(lambda rows, one: one.settings.symbol),
            lambda rows, i: rows.records[i].settings.symbol,
            tone=lambda rows, i: "text2",
            second=lambda rows, i: timeframe_text(rows.records[i].settings.timeframe_ms),
            width=118,
            hint=tr("The market, and the length of its candles."),
        ),
        Column(
            "period",
            tr("Period (UTC)"),
            _texts(lambda rows, one: _period(one)),
            lambda rows, i: _period(rows.records[i]),
            tone=lambda rows, i: "text2",
            width=168,
            drops=3,
            hint=tr("First and last day, what was held back included."),
        ),
    )


def _results() -> tuple[Column[SweepRows], ...]:
    return (
        Column(
            "sets",
            tr("Sets"),
            lambda rows: np.array([one.done for one in rows.records], np.int64),
            lambda rows, i: fmt.count(rows.records[i].done),
            second=lambda rows, i: _unplayed(rows.records[i]),
            right=True,
            width=80,
            drops=1,
            hint=tr("How many were played, and of how many where it was ended early."),
        ),
        Column(
            "best",
            tr("Best return"),
            lambda rows: np.array(
                [np.nan if one.best_pct is None else one.best_pct for one in rows.records]
            ),
            lambda rows, i: fmt.signed_percent(rows.records[i].best_pct),
            tone=lambda rows, i: fmt.tone(fmt.signed_percent(rows.records[i].best_pct)),
            right=True,
            width=96,
            hint=tr("Return of the best set over the part that chose it."),
        ),
        Column(
            "when",
            tr("Ran (UTC)"),
            lambda rows: np.array([one.created_at for one in rows.records], np.int64),
            lambda rows, i: fmt.day_time(rows.records[i].created_at, rows.now),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: fmt.iso(rows.records[i].created_at),
            width=112,
            drops=4,
            hint=tr("When it ended, by the clock of this computer"),
        ),
    )


def _period(record: SweepRecord) -> str:
    if record.span is None:
        return fmt.UNKNOWN
    begin, _, end = record.span
    return tr("{begin} to {end}", begin=fmt.date(begin), end=fmt.date(end - 1))


def _unplayed(record: SweepRecord) -> str:
    if record.status is SweepStatus.FINISHED:
        return ""
    return tr("of {total:,}", total=record.total - record.skipped)


def _texts(read: Callable[[SweepRows, SweepRecord], str]) -> Callable[[SweepRows], Values]:
    return lambda rows: np.array([read(rows, one) for one in rows.records], np.str_)
