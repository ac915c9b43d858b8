"""The backtest of a period: the session's own settings and beginning, candles from elsewhere."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np

from engine.core.layout import STATE_WIDTH, new_state
from engine.domain.columns import IntColumn
from engine.domain.market import Market
from engine.domain.reasons import EndReason
from engine.domain.rows import AT, CLOSE, OPEN, RowKind, rows_from_candles
from engine.domain.settings import FeeCoin
from engine.errors import Cancelled, IllegalStep
from engine.language import tr
from engine.messages import events as ev
from engine.messages.progress import Told
from engine.runtime.backtest.run import Outcome, Plan, run_backtest
from engine.runtime.history.archive import Archived, market_of
from engine.runtime.proof.case import Case
from engine.runtime.same_period.period import GoOn, Period, Places, Source, candles_of
from engine.runtime.sources.file_market import file_market, fits_step
from engine.runtime.sources.strategies import find_strategy, source_of, with_signals
from engine.store.records import Opening

_KEEPS_POSITION = (EndReason.STOPPED, EndReason.ERROR)


class Played:
    """A session, its period, and the backtest of it; `remarks` are sentences on what is not as it
    was."""

    def __init__(self, period: Period, source: Source, outcome: Outcome, remarks: list[str]):
        self.period, self.source, self.outcome = period, source, outcome
        self.remarks = tuple(remarks)

    @property
    def missing(self) -> int:
        """Candles that the session saw and the source has not."""
        seen = self.period.bars.table[:, AT]
        return int(np.count_nonzero(~np.isin(seen, self.source.candles.open_at)))

    @property
    def revised(self) -> int:
        """Candles that have other prices in the source than the session saw."""
        session = self.period.session
        scale, market = session.record.settings.scale, self.outcome.plan.market
        if scale.price_step != market.price_step:
            return 0
        found = rows_from_candles(self.source.candles, float(scale.price_step), RowKind.BAR).table
        seen = self.period.bars.table
        _, mine, other = np.intersect1d(seen[:, AT], found[:, AT], return_indices=True)
        prices = slice(OPEN, CLOSE + 1)
        return int(np.count_nonzero((seen[mine, prices] != found[other, prices]).any(axis=1)))


def play(
    session: Archived, opening: Opening | None, places: Places, told: Told, stop: threading.Event
) -> Played:
    """Run the backtest of a session's period in this thread. `opening` is what it began with, as
    far as that was kept. Cancelled after `stop`; AskPerson faults with the sentence why it cannot
    be."""
    period = Period.of(session)
    source = candles_of(period, places, _going_on(told, stop))
    state, remarks = _began_with(session, opening)
    plan, changed = _plan(period, source, state)
    outcome = run_backtest(plan, told, stop)
    return Played(period, source, outcome, remarks + changed)


def _plan(period: Period, source: Source, state: IntColumn | None) -> tuple[Plan, list[str]]:
    record, settings, remarks = period.session.record, period.settings, []
    strategy = find_strategy(settings.strategy)
    if source_of(strategy)[0] != record.strategy_hash:
        remarks.append(
            tr(
                "The text of the strategy {strategy} is another one than it was: the "
                "backtest asks the one of today.",
                strategy=settings.strategy,
            )
        )
    if period.session.followed:
        remarks.append(
            tr("Other markets that the strategy follows are those the session recorded.")
        )
    plan = Plan(
        candles=source.candles,
        market=replace(_market(period, source, state), source=source.name),
        strategy=with_signals(strategy, settings.signals_path, source.candles, within=True),
        params=settings.params,
        trade=settings.trade,
        from_at=period.from_at,
        to_at=period.to_at,
        signals_path=settings.signals_path,
        candles_path=source.path,
        fine=source.fine,
        fine_named=False,
        exchange=source.exchange,
        made_from_ms=source.made_from_ms,
        followed=period.session.followed,
        extra_files=settings.extra_files,
        began=state,
        ends=_end(record.end_reason),
    )
    return plan, remarks


def _market(period: Period, source: Source, state: IntColumn | None) -> Market:
    """The session's own steps; finer ones if these candles have finer prices."""
    market, settings = market_of(period.settings), period.settings
    every = [source.candles] if source.fine is None else [source.candles, source.fine]
    if fits_step(every, market.price_step):
        return market
    if state is not None:
        raise IllegalStep(
            tr(
                "These candles have finer prices than the session counted in, and what it "
                "had brought along is counted in those. It cannot be tested on them. "
                "Nothing was changed."
            )
        )
    return file_market(
        source.name,
        settings.symbol,
        source.candles,
        settings.trade.cash,
        amount_step=settings.order_step,
        fine=source.fine,
        min_amount=settings.min_amount,
        min_notional=settings.min_notional,
        fee_in_base=settings.trade.fee_coin is FeeCoin.BASE,
    )


def _began_with(session: Archived, opening: Opening | None) -> tuple[IntColumn | None, list[str]]:
    """The kernel's state to begin with (None: afresh), and what is to be said of it."""
    kept = None if opening is None else opening.kernel_state
    if opening is not None and kept is None:
        return None, []
    if opening is not None and kept is not None and len(kept) == STATE_WIDTH:
        return Case(session, opening).first_state, []
    first = session.log.table[0]
    if first[ev.POSITION]:
        raise IllegalStep(
            tr(
                "This session began with a position, and what it was made of was not kept "
                "in a form that this program reads. It cannot be tested. Nothing was "
                "changed."
            )
        )
    settings = session.record.settings
    cash = int(first[ev.CASH])
    if cash == settings.scale.money_count(settings.trade.cash):
        return None, []
    remark = tr(
        "What the session began with besides its money is not known any more: "
        "cooldown and the counts of the day begin anew in the backtest."
    )
    return new_state(cash), [remark]


def _end(reason: int | None) -> EndReason:
    """A session that kept its position, or that runs on, is held against one that keeps it."""
    if reason is None or reason in _KEEPS_POSITION:
        return EndReason.STOPPED
    return EndReason.END_OF_DATA


def _going_on(told: Told, stop: threading.Event) -> GoOn:
    def go_on(done: int, total: int) -> None:
        if stop.is_set():
            raise Cancelled(tr("The backtest was cancelled. Nothing of it was stored."))
        told(done, total)

    return go_on
