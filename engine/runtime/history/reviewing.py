"""A stored session made ready to be looked at, at any moment of it."""

from __future__ import annotations

import numpy as np

from engine.core.candle_builder import CandleBuilder
from engine.domain.candles import Candles
from engine.domain.rows import KIND, RowKind
from engine.errors import Fault
from engine.language import tr
from engine.messages.histories import CandleColumns, IntTable
from engine.messages.review import Review
from engine.runtime.history.archive import Archived, Course, course_of, market_of
from engine.runtime.history.recorded import PriceFloats, bars_in, prices_in
from engine.runtime.opinions import Opinion, form_opinion
from engine.runtime.sources.strategies import find_strategy, source_of


def build_review(
    session: Archived,
    opinion: Opinion | None = None,
    course: Course | None = None,
    gone: str = "",
) -> Review:
    """Candles from its own recording, indicators from its strategy, equity from its events.

    `opinion` is the strategy's on those candles and `course` how the session went, where a run
    has just come to them; `gone` are words about what it was made from and is no more. Takes a
    while: call it in a worker.
    """
    settings, rows = session.record.settings, session.rows
    market, timeframe_ms = market_of(settings), settings.timeframe_ms
    missing = ""
    if opinion is None:
        bars = bars_in(rows, CandleBuilder(timeframe_ms))
        candles = PriceFloats(market.price_step).candles(bars, timeframe_ms)
        opinion, missing = _opinion(session, candles)
    else:
        candles = opinion.candles
    course = course or course_of(session.log.table, rows, timeframe_ms)
    price_at, price = course.at, course.price
    if (rows.table[:, KIND] == RowKind.PRICE).any():
        fine_ms = 0 if settings.fine is None else settings.fine.timeframe_ms
        price_at, price = prices_in(rows, timeframe_ms, fine_ms)
    return Review(
        record=session.record,
        market=market,
        log=session.log,
        candles=CandleColumns(candles, {} if opinion is None else opinion.signals.indicators),
        first_bar=int(np.count_nonzero(rows.table[:, KIND] == RowKind.HISTORY)),
        equity=IntTable.of(np.stack((course.at, course.equity)).T),  # each column in one piece
        price_at=price_at,
        price=price,
        off_price=frozenset() if opinion is None else opinion.off_price,
        missing=" ".join(words for words in (session.let_go_words, gone, missing) if words),
    )


def _opinion(session: Archived, candles: Candles) -> tuple[Opinion | None, str]:
    """The strategy asked again for its indicators, and why they cannot be shown, or may not be
    what they were."""
    settings = session.record.settings
    if not len(candles):
        return None, ""
    try:
        strategy = find_strategy(settings.strategy)
        opinion = form_opinion(
            strategy, settings.params, settings.trade.direction, candles, session.followed
        )
    except Fault as fault:
        return None, tr("Indicators cannot be shown. {words}", words=fault.words)
    then = session.record.strategy_hash
    if then and source_of(strategy)[0] != then:
        return opinion, (
            tr(
                "The text of the strategy {strategy} is another one than it was in this "
                "session: the indicators drawn are those it has now.",
                strategy=settings.strategy,
            )
        )
    return opinion, ""
