"""The map of a sweep without a window: cells, the best, neighbours, steps, pace, words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from engine.domain.candles import DAY_MS
from engine.domain.sweeps import SweepRow
from engine.errors import InvalidSetting
from engine.messages.sweeping import SweepOutlook
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.forms.swept_steps import read_steps, steps_around
from trader_gui.models.pace import Pace
from trader_gui.models.sweep_cells import Measure, State, SweepCells
from trader_gui.models.sweep_words import length_text, part_words, trust_lines
from trader_gui.pages.backtest.sweep.heat_colors import STEPS, limits, shades_of

GRID = {"fast": (5, 10), "slow": (10, 20, 30), "stop": (Decimal(1), Decimal(2))}


def row(no: int, net: int, trades: int = 7, drawdown: float = 1.0) -> SweepRow:
    """`net` of 1,000 that it began with."""
    return SweepRow(no, {}, trades, 0, net, 0, 1_000 + net, 0, drawdown, None)


def cells_of(refused: tuple[int, ...] = (6, 7)) -> SweepCells:
    """12 places; those of (10, 10) are refused, so that (10, 20) has numbers 7 and 8."""
    return SweepCells(SweepOutlook(GRID, 12, dict.fromkeys(refused, "too slow")))


def test_sets_are_numbered_over_what_is_refused() -> None:
    cells = cells_of()
    assert cells.values_of(1) == {"fast": 5, "slow": 10, "stop": 1}
    assert cells.values_of(7) == {"fast": 10, "slow": 20, "stop": 1}
    front = cells.front(Measure.RETURN)
    assert front.number.tolist() == [[1, 3, 5], [0, 7, 9]]
    assert front.state[1, 0] == State.REFUSED
    assert cells.refusal(1, 0) == "too slow"
    assert np.isnan(front.value).all()


def test_sets_of_a_stored_sweep_stand_where_it_says() -> None:
    drawn = SweepOutlook({"fast": (5, 10, 15)}, 3, {1: "not drawn"}, places=(2, 0))
    cells = SweepCells(drawn)
    cells.take([row(1, 10), row(2, 20)])
    assert cells.front(Measure.RETURN).number.tolist() == [[2, 0, 1]]
    assert cells.values_of(1) == {"fast": 15}
    some = SweepCells(SweepOutlook({"fast": (5, 10, 15)}, 3, {0: "", 2: ""}, places=(-1, -1, 1)))
    some.take([row(3, 10)])
    assert some.front(Measure.RETURN).number.tolist() == [[0, 3, 0]]
    assert some.best(Measure.RETURN) == 3


def test_a_cell_shows_the_best_over_the_others_or_one_of_them() -> None:
    cells = cells_of()
    cells.take([row(1, 20, drawdown=5.0), row(2, 30, drawdown=9.0), row(3, -10)])
    assert cells.front(Measure.RETURN).value[0].tolist()[:2] == [3.0, -1.0]
    assert cells.front(Measure.DRAWDOWN).value[0, 0] == 5.0  # the least is the best
    assert cells.front(Measure.TRADES).number[0, 0] == 2  # by return
    assert (cells.best(Measure.RETURN), cells.best(Measure.DRAWDOWN)) == (2, 3)
    cells.fixed["stop"] = 0
    assert cells.front(Measure.RETURN).value[0, 0] == 2.0
    cells.show_axes("stop", "fast")
    assert cells.fixed == {"slow": -1}
    assert cells.front(Measure.RETURN).value[:, 0].tolist() == [2.0, 3.0]
    assert cells.front(Measure.RETURN).number.shape == (2, 2)


def test_the_best_is_never_found_by_the_unseen_part() -> None:
    cells = cells_of()
    cells.take([replace(row(1, 20), unseen=row(1, -50)), replace(row(2, 10), unseen=row(2, 90))])
    assert cells.best(Measure.RETURN) == 1
    assert cells.front(Measure.RETURN, unseen=True).value[0, 0] == -5.0


def test_running_cells_until_they_are_done() -> None:
    cells = cells_of()
    cells.show_running({3: 0.5, 4: 0.25})
    front = cells.front(Measure.RETURN)
    assert (front.state[0, 1], front.share[0, 1]) == (State.RUNNING, 0.5)
    cells.take([row(4, 5)])
    cells.show_running({3: 0.75, 4: 0.75})
    assert cells.front(Measure.RETURN).state[0, 1] == State.DONE
    cells.show_running({})
    assert (cells.front(Measure.RETURN).state == State.RUNNING).sum() == 0


def test_neighbours_are_the_cells_around_with_the_others_unchanged() -> None:
    cells = cells_of()
    cells.take([row(no, 10 * no) for no in range(1, 11)])
    around = cells.neighbours(3, Measure.RETURN)  # (5, 20, 1): left, right, below, below right
    assert sorted(around.tolist()) == [1.0, 5.0, 7.0, 9.0]
    one = SweepCells(SweepOutlook({"fast": (1, 2, 3)}, 3, {}))
    one.take([row(1, 10), row(2, 20), row(3, 30)])
    assert sorted(one.neighbours(2, Measure.RETURN).tolist()) == [1.0, 3.0]
    assert one.front(Measure.RETURN).number.tolist() == [[1, 2, 3]]


def test_trust_is_in_the_neighbours_the_unseen_and_the_number_of_trades() -> None:
    span = (0, 80 * DAY_MS, 100 * DAY_MS)
    held = replace(row(1, 80, trades=120), unseen=row(1, 10))
    lines = trust_lines(held, np.array([3.0, 4.0, 9.0]), span)
    assert [line.level for line in lines] == ["ok", "ok", "ok"]  # 8 % in 80 d, 1 % in 20 d
    assert lines[0].more == "Median of the 3 cells around it: +4.0 %"
    weak = replace(held, unseen=row(1, 9), trades=99)
    lines = trust_lines(weak, np.array([3.9]), span)
    assert [line.level for line in lines] == ["warn", "warn", "warn"]
    assert lines[1].words == "Weaker on unseen data"
    assert trust_lines(row(1, 5), np.array([]), span)[1].words == "Not tested on unseen data"
    assert part_words(span, unseen=True) == "last 20 d, unseen"
    assert length_text(DAY_MS) == "24 h"


def test_the_scale_is_even_where_a_sign_means_gain() -> None:
    values = np.array([-2.0, 0.0, 4.0, np.nan])
    assert limits(Measure.RETURN, values) == (-4.0, 4.0)
    assert shades_of(Measure.RETURN, values).tolist() == [STEPS // 2, STEPS, 2 * STEPS, STEPS]
    assert shades_of(Measure.DRAWDOWN, np.array([0.0, 9.0])).tolist() == [STEPS, 0]
    assert limits(Measure.TRADES, np.array([np.nan])) == (0.0, 1.0)


def test_steps_are_read_and_begin_around_a_value() -> None:
    spec = NumberSpec("fast", "Fast", low=Decimal(2), high=Decimal(50), whole=True)
    assert read_steps(spec, ("5", "12", "3")) == (5, 8, 11)
    for texts, words in (
        (("5", "5", "1"), "Two values"),
        (("5", "60", "1"), "To: Must be"),
        (("5", "9", "0.5"), "Step: "),
        (("", "9", "1"), "From: "),
    ):
        with pytest.raises(InvalidSetting) as refused:
            read_steps(spec, texts)
        assert refused.value.words.startswith(words)
    assert steps_around(spec, Decimal(21)) == ("17", "25", "2")
    assert read_steps(spec, steps_around(spec, Decimal(50)))[-1] <= 50
    assert read_steps(spec, steps_around(spec, None))


def test_pace_leaves_out_what_was_paused() -> None:
    pace = Pace(1_000)
    assert pace.per_second(1_400) is None
    pace.take(10)
    assert pace.per_second(2_000) == 10
    pace.pause(True, 2_000)
    assert pace.left_ms(30, 60_000) == 2_000
    pace.pause(False, 60_000)
    pace.take(20)
    assert (pace.per_second(61_000), pace.left_ms(30, 61_000)) == (10, 1_000)
