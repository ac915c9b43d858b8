"""Nothing impossible gets past the reading: NaN, None, zero, old, repeated, forming."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from engine.markets.exchange.reading import candles_from, quote_from, trades_from

MINUTE = 60_000
AT = 28_000_000 * MINUTE


def line(minute: int, *prices: object, volume: object = 1.0) -> list[object]:
    return [AT + minute * MINUTE, *prices, volume]


def test_candles_come_out_closed_once_and_in_order() -> None:
    found = candles_from(
        [
            line(2, 3.0, 4.0, 2.0, 3.5),
            line(0, 1.0, 2.0, 0.5, 1.5),
            line(1, 2.0, 3.0, 1.5, 2.5),
            line(1, 2.0, 3.0, 1.5, 2.6),  # repeated: the last word counts
            line(-1, 1.0, 1.0, 1.0, 1.0),  # older than asked for
            line(3, 3.0, 3.0, 3.0, 3.0),  # still forming
        ],
        MINUTE,
        AT,
        AT + 3 * MINUTE + 59_999,
    )
    assert found.open_at.tolist() == [AT, AT + MINUTE, AT + 2 * MINUTE]
    assert found.close.tolist() == [1.5, 2.6, 3.5]


def test_impossible_candles_are_left_out() -> None:
    nan = math.nan
    found = candles_from(
        [
            line(0, nan, 2.0, 1.0, 1.5),
            line(1, None, 2.0, 1.0, 1.5),
            line(2, 0.0, 0.0, 0.0, 0.0),  # delisted
            line(3, 1.0, 0.9, 0.8, 1.0),  # high below open
            line(4, 1.0, 2.0, 1.1, 1.5),  # low above open
            line(5, 1.0, math.inf, 1.0, 1.5),
            line(6, 1.0, 2.0, 1.0),  # one value too few
            line(7, 1.0, 2.0, 0.5, 1.5, volume=None),
        ],
        MINUTE,
        AT,
        AT + 100 * MINUTE,
    )
    assert found.open_at.tolist() == [AT + 7 * MINUTE]
    assert found.volume.tolist() == [0.0]


junk = st.one_of(st.none(), st.floats(), st.integers(-5, 5), st.text(max_size=2))


@given(st.lists(st.lists(junk, max_size=7), max_size=20))
def test_whatever_comes_only_candles_get_through(lines: list[list[object]]) -> None:
    found = candles_from(lines, MINUTE, 0, 1 << 60)
    assert (found.low > 0).all()
    assert (found.low <= found.open).all()
    assert (found.high >= found.close).all()


def test_trades_without_a_price_or_a_time_are_left_out() -> None:
    found = trades_from(
        [
            {"timestamp": 2_000, "price": 10.0, "amount": 1.0},
            {"timestamp": 1_000, "price": 9.0, "amount": None},
            {"timestamp": None, "price": 9.0, "amount": 1.0},
            {"timestamp": 3_000, "price": math.nan, "amount": 1.0},
            {"timestamp": 3_000, "price": 0.0, "amount": 1.0},
            {"price": 7.0},
        ]
    )
    assert found.at.tolist() == [1_000, 2_000]
    assert found.price.tolist() == [9.0, 10.0]
    assert found.amount.tolist() == [0.0, 1.0]


def test_a_quote_tells_its_spread_only_when_both_sides_are_there() -> None:
    quote = quote_from({"timestamp": 5, "bid": 99.0, "ask": 101.0, "last": None}, 7)
    assert (quote.at, quote.last, quote.spread_ppm) == (5, 0.0, 20_000)
    assert quote_from({"bid": 99.0, "ask": None}, 7).spread_ppm is None
    assert quote_from({"bid": 101.0, "ask": 99.0}, 7).at == 7
    assert quote_from({"bid": 101.0, "ask": 99.0}, 7).spread_ppm is None
