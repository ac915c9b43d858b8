"""A session and the backtest of its period, held against each other. Pure."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.money import decimals
from engine.domain.sessions import session_label
from engine.language import tr
from engine.messages.same_period import Kind, SamePeriod, TradeSeen, Twins
from engine.runtime.backtest.record import course_of_outcome
from engine.runtime.history.archive import course_of, market_of
from engine.runtime.same_period.matching import Grid, compared, paired
from engine.runtime.same_period.playing import Played
from engine.runtime.same_period.side import (
    OneSide,
    common_unit,
    entries_decided,
    in_units,
    trades_seen,
)
from engine.runtime.same_period.telling import Telling, why_apart


def same_period(played: Played) -> SamePeriod:
    """The account of the two. Takes a moment: call it in a worker."""
    period, source = played.period, played.source
    here, there = _sides(played)
    unit = common_unit(here.market.scale, there.market.scale)
    step = period.settings.timeframe_ms
    grid = Grid(step, period.from_at % step)
    missing = played.missing
    return SamePeriod(
        session_id=period.session.record.id,
        from_at=period.from_at,
        to_at=period.to_at,
        source=source.words,
        timeframe_ms=step,
        candles=len(there.closes),
        seen=len(period.bars),
        missing=missing,
        revised=played.revised,
        price_places=price_places(here, there),
        coin=here.market.quote_coin,
        unit=unit,
        net_here=in_units(here.net, here.market.scale, unit),
        net_there=in_units(there.net, there.market.scale, unit),
        pairs=_pairs(here, there, unit, grid, session_label(period.session.record.id)),
        remarks=played.remarks,
        lacking=period.lacking if missing else None,
    )


def price_places(*sides: OneSide) -> int:
    """Decimals that prices of any of them can have."""
    return max(decimals(side.market.price_step) for side in sides)


def _sides(played: Played) -> tuple[OneSide, OneSide]:
    session, outcome = played.period.session, played.outcome
    settings = session.record.settings
    course = course_of(session.log.table, session.rows, settings.timeframe_ms)
    market, trade = market_of(settings), settings.trade
    again = course_of_outcome(outcome)
    return (
        OneSide(session.log.table, market, trade, course, course.at),
        OneSide(outcome.log.table, outcome.plan.market, trade, again, again.at),
    )


def _pairs(
    here: OneSide, there: OneSide, unit: Decimal, grid: Grid, label: str
) -> tuple[Twins, ...]:
    mine, other = trades_seen(here, unit), trades_seen(there, unit)
    told_here = Telling(label, here, mine, grid)
    told_there = Telling(tr("The backtest"), there, other, grid)
    places = price_places(here, there)
    decided_here, decided_there = entries_decided(here), entries_decided(there)

    def twins(place: int | None, twin: int | None) -> Twins:
        one: TradeSeen | None = None if place is None else mine[place]
        two: TradeSeen | None = None if twin is None else other[twin]

        def why(kind: Kind) -> str:
            if one is not None and two is not None:
                return why_apart(one, two, kind, grid, places)
            if one is not None and place is not None:
                return told_there.why_alone(one, decided_here[place])
            assert two is not None, "a pair has a side"
            assert twin is not None, "a pair has a side"
            return told_here.why_alone(two, decided_there[twin])

        return compared(one, two, grid, why)

    return tuple(twins(*pair) for pair in paired(mine, other, grid))
