"""Candles from ticks: the same for any pieces, and equal to a plain count."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.core.candle_builder import CandleBuilder
from engine.domain.rows import NO_ROWS, RowKind, Rows

FRAME = 60_000
TICKS = st.lists(
    st.tuples(
        st.integers(-20_000, 90_000), st.integers(0, 500), st.floats(0, 1e6, allow_nan=False)
    ),
    max_size=40,
)


def ticks(moves: list[tuple[int, int, float]]) -> Rows:
    """Ticks from (time since the last one, price, volume); a price of 0 is no price."""
    at = 10 * FRAME + np.cumsum([move[0] for move in moves], dtype=np.int64)
    table = np.array(
        [(RowKind.PRICE, when, p, p, p, p) for when, (_, p, _) in zip(at, moves, strict=True)],
        np.int64,
    ).reshape(-1, 6)
    return Rows(table, np.array([move[2] for move in moves], np.float64))


def counted(rows: Rows) -> list[tuple[list[int], float]]:
    """One tick after another, without numpy."""
    made: list[tuple[list[int], float]] = []
    for (_, at, price, *_), volume in zip(rows.table.tolist(), rows.volume.tolist(), strict=True):
        if price == 0:
            continue
        opens = at // FRAME * FRAME
        if made and opens <= made[-1][0][1]:
            (kind, at, first, high, low, _), total = made[-1]
            row = [kind, at, first, max(high, price), min(low, price), price]
            made[-1] = (row, total + volume)
        else:
            made.append(([RowKind.BAR, opens, price, price, price, price], volume))
    return made


def joined(parts: list[Rows]) -> list[tuple[list[int], float]]:
    return [
        (row, volume)
        for part in parts
        for row, volume in zip(part.table.tolist(), part.volume.tolist(), strict=True)
    ]


@given(TICKS, st.lists(st.integers(0, 40), max_size=6))
def test_any_pieces_give_the_candles_of_a_plain_count(
    moves: list[tuple[int, int, float]], cuts: list[int]
) -> None:
    rows = ticks(moves)
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    builder = CandleBuilder(FRAME)
    parts = [
        builder.add(Rows(rows.table[start:stop], rows.volume[start:stop]))
        for start, stop in zip(edges, edges[1:], strict=False)  # noqa: RUF007
    ]
    assert joined([*parts, builder.forming]) == counted(rows)


def test_a_candle_closes_when_told_the_time_and_late_ticks_go_to_the_next() -> None:
    builder = CandleBuilder(FRAME)
    assert len(builder.add(ticks([(5_000, 100, 1.0), (10_000, 120, 2.0)]))) == 0
    assert len(builder.close_until(11 * FRAME - 1)) == 0
    closed = builder.close_until(11 * FRAME)
    assert closed.table.tolist() == [[RowKind.BAR, 10 * FRAME, 100, 120, 100, 120]]
    assert closed.volume.tolist() == [3.0]
    assert len(builder.close_until(11 * FRAME)) == 0
    builder.add(ticks([(59_999, 90, 1.0)]))
    assert builder.forming.table.tolist() == [[RowKind.BAR, 11 * FRAME, 90, 90, 90, 90]]


def test_rows_without_prices_are_passed_by() -> None:
    builder = CandleBuilder(FRAME)
    rows = ticks([(0, 100, 1.0), (0, 100, 1.0)])
    rows.table[:, 0] = (RowKind.INPUT, RowKind.CLOSED)
    assert len(builder.add(rows)) == len(builder.add(NO_ROWS)) == len(builder.forming) == 0


def closing(at: int, prices: tuple[int, int, int, int], volume: float) -> Rows:
    return Rows(np.array([[RowKind.CLOSED, at, *prices]], np.int64), np.array([volume]))


def test_a_closed_row_with_prices_is_the_candle_whatever_the_ticks_were() -> None:
    builder = CandleBuilder(FRAME)
    builder.add(ticks([(5_000, 100, 1.0), (10_000, 120, 2.0)]))
    made = builder.close_as(closing(11 * FRAME, (99, 125, 98, 121), 7.5))
    assert joined([made]) == [([RowKind.BAR, 10 * FRAME, 99, 125, 98, 121], 7.5)]
    assert len(builder.forming) == 0


def test_a_closed_row_without_volume_takes_that_of_the_ticks() -> None:
    builder = CandleBuilder(FRAME)
    builder.add(ticks([(5_000, 100, 1.0), (10_000, 120, 2.0)]))
    made = builder.close_as(closing(11 * FRAME, (100, 120, 100, 120), 0.0))
    assert joined([made]) == [([RowKind.BAR, 10 * FRAME, 100, 120, 100, 120], 3.0)]


def test_a_candle_without_any_tick_exists_when_its_closed_row_says_so() -> None:
    builder = CandleBuilder(FRAME)
    made = builder.close_as(closing(11 * FRAME, (99, 99, 99, 99), 0.0))
    assert joined([made]) == [([RowKind.BAR, 10 * FRAME, 99, 99, 99, 99], 0.0)]


def test_a_candle_cut_short_before_the_one_that_closes_stands_before_it() -> None:
    builder = CandleBuilder(FRAME)
    builder.add(ticks([(5_000, 100, 1.0)]))
    made = builder.close_as(closing(13 * FRAME, (7, 8, 6, 7), 2.0))
    assert joined([made]) == [
        ([RowKind.BAR, 10 * FRAME, 100, 100, 100, 100], 1.0),
        ([RowKind.BAR, 12 * FRAME, 7, 8, 6, 7], 2.0),
    ]


def test_what_formed_is_dropped_for_a_candle_that_came_from_elsewhere() -> None:
    builder = CandleBuilder(FRAME)
    builder.add(ticks([(5_000, 100, 1.0)]))
    assert len(builder.pass_over(10 * FRAME, 11 * FRAME)) == 0
    assert len(builder.forming) == 0
    builder.add(ticks([(65_000, 90, 1.0)]))
    assert builder.forming.table.tolist() == [[RowKind.BAR, 11 * FRAME, 90, 90, 90, 90]]
