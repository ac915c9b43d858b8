"""Highest and lowest open results, worked by hand bar by bar."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.metrics import report, trades_of
from engine.core.metrics.excursions import Excursions, excursions
from engine.domain.columns import IntMatrix
from engine.domain.reasons import ExitReason
from engine.domain.rows import HIGH, LOW, RowKind
from tests.core.measured import COMMON, SETTINGS, Played, walked
from tests.core.story import MINUTE, T0, Story, minutes

CASH = 10_000_000


def seen(story: Story, bars: IntMatrix) -> Excursions:
    return excursions(story.events, trades_of(story.events), bars)


QUIET = (1_000, 1_000, 1_000, 1_000)


def long_until(reason: ExitReason, price: int, last: tuple[int, int, int, int]) -> Excursions:
    """10 bought at the open of bar 1, closed in bar 3."""
    bars = minutes(
        [(1_000, 2_000, 1, 1_000), (1_000, 1_020, 990, 1_010), (1_010, 1_050, 970, 1_000), last]
    )
    story = Story(CASH)
    story.enter(T0 + MINUTE, 1, 10, 1_000)
    story.leave(T0 + 3 * MINUTE, 10, price, reason)
    return seen(story, bars)


@pytest.mark.parametrize(
    ("reason", "price", "last", "best", "worst"),
    [
        # A stop: the bar's low beyond it and its high were never seen.
        (ExitReason.STOP_LOSS, 960, (1_000, 1_090, 900, 950), 50, -40),
        # A target: the low before it was seen, the high beyond it was not.
        (ExitReason.TAKE_PROFIT, 1_060, (1_000, 1_090, 960, 1_080), 60, -40),
        # Beyond the target at the open: nothing of the bar was seen.
        (ExitReason.TAKE_PROFIT, 1_060, (1_070, 1_090, 900, 1_080), 60, -30),
        # A signal: closed at the open.
        (ExitReason.SIGNAL, 1_005, (1_005, 1_090, 900, 1_000), 50, -30),
        # The end of the data: the whole bar was seen.
        (ExitReason.END_OF_DATA, 1_000, (1_000, 1_090, 900, 1_000), 90, -100),
    ],
)
def test_of_the_last_bar_only_what_the_trade_saw_counts(
    reason: ExitReason, price: int, last: tuple[int, int, int, int], best: int, worst: int
) -> None:
    found = long_until(reason, price, last)
    assert (found.mfe.tolist(), found.mae.tolist()) == ([10 * best], [10 * worst])
    assert found.mfe_pct[0] == pytest.approx(best / 10)
    assert found.mae_pct[0] == pytest.approx(worst / 10)


def test_a_short_is_the_mirror() -> None:
    bars = minutes(
        [(1_000, 1_040, 970, 1_000), (1_000, 1_030, 930, 1_000), (1_000, 1_100, 940, 1_000)]
    )
    story = Story(CASH)
    story.enter(T0, -1, 10, 1_000)
    story.leave(T0 + 2 * MINUTE, 10, 1_050, ExitReason.STOP_LOSS)
    found = seen(story, bars)
    assert (found.mfe.tolist(), found.mae.tolist()) == ([700], [-500])


def test_a_trade_that_begins_and_ends_in_one_bar() -> None:
    for reason, price, best, worst in (
        (ExitReason.STOP_LOSS, 990, 0, -10),
        (ExitReason.TAKE_PROFIT, 1_020, 20, -50),
        (ExitReason.END_OF_DATA, 1_000, 60, -50),
    ):
        story = Story(CASH)
        story.enter(T0, 1, 1, 1_000)
        story.leave(T0, 1, price, reason)
        found = seen(story, minutes([(1_000, 1_060, 950, 1_000)]))
        assert (found.mfe.tolist(), found.mae.tolist()) == ([best], [worst])


def test_adds_and_partial_exits_are_counted_with_what_was_held() -> None:
    bars = minutes(
        [
            (1_000, 1_010, 995, 1_000),
            (1_000, 1_020, 940, 1_000),  # adds 10 at 960, then down to 940 and up to 1,020
            (1_000, 1_060, 990, 1_050),  # sells 10 at 1,040, then up to 1,060
            (1_050, 1_080, 1_000, 1_070),
        ]
    )
    story = Story(CASH)
    story.enter(T0, 1, 10, 1_000)
    story.enter(T0 + MINUTE, 1, 10, 960)
    story.leave(T0 + 2 * MINUTE, 10, 1_040, ExitReason.PARTIAL_TARGET)
    story.leave(T0 + 3 * MINUTE, 10, 1_000, ExitReason.STOP_LOSS, limit=1_005)
    found = seen(story, bars)
    # Worst at 940: 10 x -60 and 10 x -20. Best before the sale, at 1,040: 10 x 40 + 10 x 80; after
    # it 400 is realised and the lot of 960 stands 100 higher at 1,060, above that.
    assert found.mae.tolist() == [-800]
    assert found.mfe.tolist() == [400 + 1_000]
    assert found.mfe_pct[0] == pytest.approx(100 * 1_400 / (20 * 980))


def test_an_open_trade_saw_all_bars_since() -> None:
    story = Story(CASH)
    story.enter(T0 + MINUTE, 1, 1, 1_000)
    found = seen(story, minutes([QUIET, QUIET, (1_000, 1_200, 900, 1_000)]))
    assert (found.mfe.tolist(), found.mae.tolist()) == ([200], [-100])
    assert (found.average_mfe_pct, found.edge_ratio, found.mfe_correlation) == (None, None, None)


def test_ticks_are_their_own_highs_and_lows() -> None:
    ticks = np.array(
        [
            (RowKind.PRICE, T0 + n * 1_000, *(price,) * 4)
            for n, price in enumerate((1_000, 1_030, 980, 1_010, 1_500))
        ],
        np.int64,
    )
    ticks = np.insert(ticks, 2, (RowKind.INPUT, T0 + 1_500, 1, 0, 9_999, 0), axis=0)
    story = Story(CASH)
    story.enter(T0, 1, 1, 1_000)
    story.leave(T0 + 3_000, 1, 1_010, ExitReason.STOP_LOSS, limit=1_010)
    found = seen(story, ticks)
    assert (found.mfe.tolist(), found.mae.tolist()) == ([30], [-20])


def test_a_position_brought_along_counts_from_the_first_row() -> None:
    story = Story(CASH)
    story.enter(T0, 1, 10, 1_000)
    story.next_session(T0 + MINUTE, 1_040, T0)
    story.leave(T0 + 2 * MINUTE, 10, 1_010)
    found = seen(
        story, minutes([(1_040, 1_060, 1_020, 1_010), (1_010, 1_300, 1, 1_000)], start=T0 + MINUTE)
    )
    assert (found.mfe.tolist(), found.mae.tolist()) == ([600], [0])


def test_figures_over_all_trades() -> None:
    bars = minutes([(1_000, 1_100, 950, 1_000), QUIET, (1_000, 1_010, 800, 1_000), QUIET])
    story = Story(CASH)
    for start, price in ((0, 1_080), (2, 900)):
        story.enter(T0 + start * MINUTE, 1, 1, 1_000)
        story.leave(T0 + (start + 1) * MINUTE, 1, price, limit=1_000)
    found = seen(story, bars)
    assert (found.mfe.tolist(), found.mae.tolist()) == ([100, 10], [-50, -200])
    assert found.average_mfe_pct == pytest.approx(5.5)
    assert found.average_mae_pct == pytest.approx(-12.5)
    assert found.edge_ratio == pytest.approx(5.5 / 12.5)
    assert found.mfe_correlation == pytest.approx(1.0)
    assert found.mae_correlation == pytest.approx(1.0)


def test_prices_too_large_for_int64_are_held_at_the_limit() -> None:
    story = Story(CASH)
    story.enter(T0, 1, 1_000, 1_000)
    found = seen(story, minutes([(1_000, 1 << 60, 1, 1_000)]))
    assert (found.mfe.tolist(), found.mae.tolist()) == ([1 << 62], [-999_000])


@COMMON
@given(SETTINGS, st.integers(0, 10**6))
def test_a_trade_ends_between_its_extremes_and_never_saw_more_than_its_bars(
    trade: object, seed: int
) -> None:
    rows, signals = walked(seed)
    played = Played(trade, rows, signals)  # type: ignore[arg-type]
    found = report(played.events, rows, rows, MINUTE)
    trades, range_ = found.trades, found.excursions
    gross = trades.pnl + trades.fees
    assert (range_.mae <= np.minimum(gross, 0)).all()
    assert (range_.mfe >= np.maximum(gross, 0)).all()
    for number in range(len(trades)):
        first = int(trades.entry_at[number] - T0) // MINUTE
        last = int(trades.exit_at[number] - T0) // MINUTE
        highest = max(int(rows[first : last + 1, HIGH].max()), int(trades.exit_price[number]))
        lowest = min(int(rows[first : last + 1, LOW].min()), int(trades.exit_price[number]))
        amount, entry = int(trades.amount[number]), int(trades.entry_price[number])
        up, down = max(0, highest - entry), max(0, entry - lowest)
        best, worst = (up, down) if trades.side[number] > 0 else (down, up)
        assert range_.mfe[number] <= amount * best
        assert range_.mae[number] >= -amount * worst
