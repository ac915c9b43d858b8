"""Monte Carlo and walk-forward as figures and curves. Pure functions."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.messages.monte_carlo import LEVELS, MonteCarlo
from engine.messages.sweeping import WalkForward
from trader_gui import format as fmt
from trader_gui.charts.curve_chart import Curve
from trader_gui.models.sweep_words import length_text
from trader_gui.widgets.figure_rows import Figure

_LOW, _MIDDLE, _HIGH = LEVELS.index(5), LEVELS.index(50), LEVELS.index(95)
_SHARE: Final = (3, 8)
"""A window trains over 3 eighths of the period and is tested over 1: five windows."""


_TEST_TIP: Final = "The set that was best in the training part, over the part after it."


def chance_words(made: MonteCarlo) -> str:
    """What was drawn."""
    return (
        f"{made.trades:,} trades, {made.runs:,} times in another order, and {made.runs:,} times "
        f"drawn anew in blocks of {made.block}. Curves: 5, 50 and 95 of 100 drawn runs end below."
    )


def chance_figures(made: MonteCarlo) -> list[Figure]:
    drawn, shuffled = made.bootstrapped, made.shuffled
    ends = [fmt.signed_percent(drawn.final_pct[at]) for at in (_LOW, _MIDDLE, _HIGH)]
    return [
        Figure(
            "Return, 5 of 100 below",
            ends[0],
            fmt.tone(ends[0]),
            tip="Drawn anew, five of a hundred runs end below this.",
        ),
        Figure("Return, half below", ends[1], fmt.tone(ends[1]), tip="Half of them end below."),
        Figure(
            "Return, 95 of 100 below",
            ends[2],
            fmt.tone(ends[2]),
            tip="Only five of a hundred drawn runs end above this.",
        ),
        Figure(
            "Ends with a loss",
            fmt.percent(100 * drawn.losing_share, 1),
            tip="Share of the drawn runs that end below where they began.",
        ),
        Figure(
            "Drawdown as it was",
            fmt.percent(made.real_drawdown_pct),
            tip="Of the closed trades in the order in which they came.",
        ),
        Figure(
            "Drawdown, other order",
            _range(shuffled.drawdown_pct[[_MIDDLE, _HIGH]]),
            tip="The same trades shuffled: half of the orders, and 95 of 100, fall no deeper.",
        ),
        Figure(
            "Drawdown, drawn anew",
            _range(drawn.drawdown_pct[[_MIDDLE, _HIGH]]),
            tip="Of the drawn runs half, and 95 of 100, fall no deeper.",
        ),
    ]


def _range(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    """Half and 95 of 100 are not deeper."""
    return f"{fmt.percent(values[0])} to {fmt.percent(values[1])}"


def chance_curves(made: MonteCarlo, start_at: int, end_at: int) -> list[Curve]:
    """Over the number of trades, laid over the session's time."""
    share = made.steps / max(1, made.trades)
    times = (start_at + share * (end_at - start_at)).astype(np.int64)
    names = ("5 of 100", "Half", "95 of 100")
    bands = made.bootstrapped.return_pct[[_LOW, _MIDDLE, _HIGH]]
    curves = [
        Curve(name, times, np.ascontiguousarray(band))
        for name, band in zip(names, bands, strict=True)
    ]
    return [*curves, Curve("As it was", times, made.real_pct, baseline=True)]


def walk_lengths(begin: int, end: int) -> tuple[int, int]:
    """(train_ms, test_ms) of the windows over a period."""
    part = (end - begin) // _SHARE[1]
    return _SHARE[0] * part, part


def walk_words(made: WalkForward) -> str:
    step = made.steps[0]
    trained, tested = step.test_at - step.train_at, step.end_at - step.test_at
    return (
        f"{len(made.steps)} windows: the best of {length_text(trained)} is played over the "
        f"{length_text(tested)} after them, each with the money that was left."
    )


def walk_figures(made: WalkForward) -> list[Figure]:
    whole = fmt.signed_percent(made.return_pct)
    rows = [
        Figure(
            "All tests together",
            whole,
            fmt.tone(whole),
            tip="The test parts behind each other, each with the money that was left.",
        ),
        Figure(
            "Efficiency",
            fmt.ratio(made.efficiency),
            after="test growth / train growth",
            tip="1 is as good as the trainings were; 0 or less: the past said nothing.",
        ),
    ]
    for place, step in enumerate(made.steps, 1):
        tested = fmt.signed_percent(step.test.return_pct)
        trades = "1 trade" if step.test.trades == 1 else f"{step.test.trades:,} trades"
        after = f"{trades}, train {fmt.signed_percent(step.chosen.return_pct)}"
        rows.append(Figure(f"Test {place}", tested, fmt.tone(tested), after, _TEST_TIP))
    return rows


def walk_curve(made: WalkForward) -> Curve:
    """The test parts behind each other."""
    values = 100 * (made.equity / made.equity_first - 1)
    return Curve("Tests behind each other", made.at, np.ascontiguousarray(values))
