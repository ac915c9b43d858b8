"""Strategies: one file each, and the table of those that come with the program."""

from __future__ import annotations

from typing import Final

from engine.domain.strategy import Strategy
from engine.strategies.ema_cross import EmaCross
from engine.strategies.ema_cross_trend import EmaCrossTrend
from engine.strategies.grid import Grid
from engine.strategies.rsi_reversion import RsiReversion
from engine.strategies.signals_file import SignalsFile

STRATEGIES: Final[dict[str, Strategy]] = {
    strategy.name: strategy
    for strategy in (Grid(), EmaCross(), EmaCrossTrend(), RsiReversion(), SignalsFile())
}
"""Name -> strategy. `signals_file` here has no opinions: a run makes its own from the file."""

BUILT_IN: Final = frozenset(STRATEGIES)
"""Names of those that come with the program. What joins later is a person's own."""
