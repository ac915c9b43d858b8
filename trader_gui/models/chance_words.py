"""Monte Carlo and walk-forward as figures and curves. Pure functions."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.language import tr, trn
from engine.messages.monte_carlo import LEVELS, MonteCarlo
from engine.messages.sweeping import WalkForward
from trader_gui import format as fmt
from trader_gui.charts.curve_chart import Curve
from trader_gui.models.sweep_words import length_text
from trader_gui.widgets.figure_rows import Figure

_LOW, _MIDDLE, _HIGH = LEVELS.index(5), LEVELS.index(50), LEVELS.index(95)
_SHARE: Final = (3, 8)
"""A window trains over 3 eighths of the period and is tested over 1: five windows."""


_TEST_TIP: Final = tr("The set that was best in the training part, over the part after it.")


def chance_words(made: MonteCarlo) -> str:
    """What was drawn."""
    return tr(
        "{trades:,} trades, {runs:,} times in another order, and {runs:,} times "
        "drawn anew in blocks of {block}. Curves: 5, 50 and 95 of 100 drawn runs "
        "end below.",
        trades=made.trades,
        runs=made.runs,
        block=made.block,
    )


def chance_figures(made: MonteCarlo) -> list[Figure]:
    drawn, shuffled = made.bootstrapped, made.shuffled
    ends = [fmt.signed_percent(drawn.final_pct[at]) for at in (_LOW, _MIDDLE, _HIGH)]
    return [
        Figure(
            tr("Return, 5 of 100 below"),
            ends[0],
            fmt.tone(ends[0]),
            tip=tr("Drawn anew, five of a hundred runs end below this."),
        ),
        Figure(
            tr("Return, half below"), ends[1], fmt.tone(ends[1]), tip=tr("Half of them end below.")
        ),
        Figure(
            tr("Return, 95 of 100 below"),
            ends[2],
            fmt.tone(ends[2]),
            tip=tr("Only five of a hundred drawn runs end above this."),
        ),
        Figure(
            tr("Ends with a loss"),
            fmt.percent(100 * drawn.losing_share, 1),
            tip=tr("Share of the drawn runs that end below where they began."),
        ),
        Figure(
            tr("Drawdown as it was"),
            fmt.percent(made.real_drawdown_pct),
            tip=tr("Of the closed trades in the order in which they came."),
        ),
        Figure(
            tr("Drawdown, other order"),
            _range(shuffled.drawdown_pct[[_MIDDLE, _HIGH]]),
            tip=tr("The same trades shuffled: half of the orders, and 95 of 100, fall no deeper."),
        ),
        Figure(
            tr("Drawdown, drawn anew"),
            _range(drawn.drawdown_pct[[_MIDDLE, _HIGH]]),
            tip=tr("Of the drawn runs half, and 95 of 100, fall no deeper."),
        ),
    ]


def _range(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    """Half and 95 of 100 are not deeper."""
    return tr("{half} to {most}", half=fmt.percent(values[0]), most=fmt.percent(values[1]))


def chance_curves(made: MonteCarlo, start_at: int, end_at: int) -> list[Curve]:
    """Over the number of trades, laid over the session's time."""
    share = made.steps / max(1, made.trades)
    times = (start_at + share * (end_at - start_at)).astype(np.int64)
    names = (tr("5 of 100"), tr("Half"), tr("95 of 100"))
    bands = made.bootstrapped.return_pct[[_LOW, _MIDDLE, _HIGH]]
    curves = [
        Curve(name, times, np.ascontiguousarray(band))
        for name, band in zip(names, bands, strict=True)
    ]
    return [*curves, Curve(tr("As it was"), times, made.real_pct, baseline=True)]


def walk_lengths(begin: int, end: int) -> tuple[int, int]:
    """(train_ms, test_ms) of the windows over a period."""
    part = (end - begin) // _SHARE[1]
    return _SHARE[0] * part, part


def walk_words(made: WalkForward) -> str:
    step = made.steps[0]
    trained, tested = step.test_at - step.train_at, step.end_at - step.test_at
    return tr(
        "{windows} windows: the best of {trained} is played over the {tested} after "
        "them, each with the money that was left.",
        windows=len(made.steps),
        trained=length_text(trained),
        tested=length_text(tested),
    )


def walk_figures(made: WalkForward) -> list[Figure]:
    whole = fmt.signed_percent(made.return_pct)
    rows = [
        Figure(
            tr("All tests together"),
            whole,
            fmt.tone(whole),
            tip=tr("The test parts behind each other, each with the money that was left."),
        ),
        Figure(
            tr("Efficiency"),
            fmt.ratio(made.efficiency),
            after=tr("test growth / train growth"),
            tip=tr("1 is as good as the trainings were; 0 or less: the past said nothing."),
        ),
    ]
    for place, step in enumerate(made.steps, 1):
        tested = fmt.signed_percent(step.test.return_pct)
        after = trn(
            "{count:,} trade, train {trained}",
            "{count:,} trades, train {trained}",
            step.test.trades,
            trained=fmt.signed_percent(step.chosen.return_pct),
        )
        rows.append(
            Figure(tr("Test {number}", number=place), tested, fmt.tone(tested), after, _TEST_TIP)
        )
    return rows


def walk_curve(made: WalkForward) -> Curve:
    """The test parts behind each other."""
    values = 100 * (made.equity / made.equity_first - 1)
    return Curve(tr("Tests behind each other"), made.at, np.ascontiguousarray(values))
