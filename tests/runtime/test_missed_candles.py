"""Candles that were fetched after an outage: seen by the strategy, the same in a review."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from engine.core import layout as slot
from engine.core.candle_builder import CandleBuilder
from engine.domain.market import Market
from engine.domain.rows import NO_ROWS, RowKind, Rows
from engine.runtime.history.archive import own_bars
from engine.runtime.history.recorded import bars_in, joined
from engine.runtime.running.charting import Charting

FRAME = 60_000
MARKET = Market("BTC/USDT", Decimal("0.01"), Decimal("0.001"), Decimal("0.00001"))


def rows(*lines: tuple[int, int, int, int, int, int, float]) -> Rows:
    table = np.array([line[:6] for line in lines], np.int64)
    return Rows(table, np.array([line[6] for line in lines], np.float64))


def tick(at: int, price: int, volume: float = 1.0) -> tuple[int, int, int, int, int, int, float]:
    return (RowKind.PRICE, at, price, price, price, price, volume)


BATCHES = [
    rows(tick(10 * FRAME, 100), tick(10 * FRAME + 5, 110)),
    rows((RowKind.CLOSED, 11 * FRAME, 100, 115, 95, 110, 9.0)),
    rows(tick(11 * FRAME + 1_000, 120)),
    # The socket was silent; what it missed is fetched, the candle that was forming among it.
    rows(
        (RowKind.HISTORY, 11 * FRAME, 110, 130, 105, 125, 4.0),
        (RowKind.HISTORY, 12 * FRAME, 125, 126, 124, 126, 3.0),
    ),
    rows(tick(13 * FRAME + 2_000, 127)),
    rows((RowKind.CLOSED, 14 * FRAME, 127, 128, 126, 127, 2.0)),
    rows(tick(14 * FRAME + 1, 128)),
]


def test_the_strategy_sees_them_in_place_of_what_was_forming_and_no_decision_is_made() -> None:
    chart = Charting(MARKET, NO_ROWS, CandleBuilder(FRAME))
    decided = [chart.take(batch) for batch in BATCHES]
    assert decided == [False, True, False, False, False, True, False]
    assert chart.known.open_at.tolist() == [10 * FRAME, 11 * FRAME, 12 * FRAME, 13 * FRAME]
    assert chart.known.high.tolist() == [1.15, 1.30, 1.26, 1.28]
    assert chart.known.volume.tolist() == [9.0, 4.0, 3.0, 2.0]


def test_a_review_of_the_recording_has_the_same_candles() -> None:
    chart = Charting(MARKET, NO_ROWS, CandleBuilder(FRAME))
    for batch in BATCHES:
        chart.take(batch)
    builder = CandleBuilder(FRAME)
    bars = bars_in(joined(BATCHES), builder)
    assert bars.table[:, 1].tolist() == chart.known.open_at.tolist()
    assert (bars.table[:, 3] / 100).tolist() == chart.known.high.tolist()
    assert bars.volume.tolist() == chart.known.volume.tolist()
    assert builder.forming.table[:, 1].tolist() == [14 * FRAME]


def test_its_own_candles_are_those_it_could_decide_at() -> None:
    chart = Charting(MARKET, NO_ROWS, CandleBuilder(FRAME))
    for batch in BATCHES:
        chart.take(batch)
    own = own_bars(joined(BATCHES), FRAME)
    assert own.table[:, 1].tolist() == [10 * FRAME, 13 * FRAME]
    assert (own.table[:, 1] + FRAME).tolist() == chart.closes[0].tolist()


def test_a_close_at_which_the_strategy_failed_was_not_lived_through() -> None:
    chart, state = (
        Charting(MARKET, NO_ROWS, CandleBuilder(FRAME)),
        np.zeros(slot.STATE_WIDTH, np.int64),
    )
    for batch in BATCHES[:5]:
        chart.weigh(state, chart.take(batch), False)
    chart.take(BATCHES[5])  # it fails here: nothing of this is stored
    chart.end(state)
    assert chart.lived[0].tolist() == [11 * FRAME]
    chart.weigh(state, True, False)
    assert chart.lived[0].tolist() == [11 * FRAME, 14 * FRAME] == chart.closes[0].tolist()


CUT = [
    rows(tick(10 * FRAME, 100)),
    rows((RowKind.CLOSED, 11 * FRAME, 100, 100, 100, 100, 1.0)),
    rows(tick(11 * FRAME, 101)),
    # Its end was not heard, and the exchange could not be asked before the next one began.
    rows(tick(12 * FRAME, 102)),
    rows((RowKind.HISTORY, 11 * FRAME, 101, 140, 90, 102, 5.0)),
    rows((RowKind.CLOSED, 13 * FRAME, 102, 103, 101, 103, 2.0)),
]


def test_a_candle_fetched_after_the_next_one_began_takes_the_place_of_what_was_heard_of_it() -> (
    None
):
    chart = Charting(MARKET, NO_ROWS, CandleBuilder(FRAME))
    for batch in CUT:
        chart.take(batch)
    assert chart.known.open_at.tolist() == [10 * FRAME, 11 * FRAME, 12 * FRAME]
    assert chart.known.high.tolist() == [1.00, 1.40, 1.03]
    bars = bars_in(joined(CUT), CandleBuilder(FRAME))
    assert bars.table[:, 1].tolist() == chart.known.open_at.tolist()
    assert (own_bars(joined(CUT), FRAME).table[:, 1] + FRAME).tolist() == chart.closes[0].tolist()


def test_a_candle_whose_end_was_not_heard_and_that_nobody_has_stays_as_it_was_heard() -> None:
    batches = [*CUT[:4], CUT[5]]
    chart = Charting(MARKET, NO_ROWS, CandleBuilder(FRAME))
    for batch in batches:
        chart.take(batch)
    assert chart.known.high.tolist() == [1.00, 1.01, 1.03]
    bars = bars_in(joined(batches), CandleBuilder(FRAME))
    assert bars.table[:, 1].tolist() == chart.known.open_at.tolist()
    assert (own_bars(joined(batches), FRAME).table[:, 1] + FRAME).tolist() == chart.closes[
        0
    ].tolist()
