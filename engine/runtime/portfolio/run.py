"""A portfolio backtest in a worker thread: opinions bot by bot, then one loop over all rows."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from engine.domain.columns import IntMatrix
from engine.domain.money import decimals
from engine.messages.progress import Told
from engine.runtime.backtest.run import Outcome, ReasonedLog
from engine.runtime.portfolio.planning import PortfolioPlan, naming
from engine.runtime.portfolio.player import Player, check, player_of


@dataclass(frozen=True, slots=True)
class PortfolioOutcome:
    """What a portfolio came to: its bots in their order, and the account's equity.

    `curve` int64 (n, 2): moment and equity in product units, first the start, then wherever
    candles closed, last the end with everything sold.
    """

    plan: PortfolioPlan
    bots: tuple[Outcome, ...]
    curve: IntMatrix


def run_portfolio(plan: PortfolioPlan, told: Told, stop: threading.Event) -> PortfolioOutcome:
    """Run it in this thread. Raises StrategyFailed, InvalidSetting, or Cancelled after `stop`."""
    players = []
    for name, each in zip(plan.names, plan.bots, strict=True):
        check(stop)
        with naming(name):
            players.append(player_of(each))
    from engine.runtime.portfolio.playing import play_all  # compiled, or read from its cache

    played = play_all(plan, players, told, stop)
    ended_at = max(player.ended_at for player in players)
    started_at = min(player.started_at for player in players)
    ends = np.array([[started_at, played.cash], [ended_at, played.cash_left]], np.int64)
    bots = [_outcome(player, played.of(number)) for number, player in enumerate(players)]
    return PortfolioOutcome(plan, tuple(bots), np.concatenate([ends[:1], played.curve, ends[1:]]))


def _outcome(player: Player, events: IntMatrix) -> Outcome:
    log = ReasonedLog(events, player.opinion, decimals(player.plan.market.price_step))
    recording = player.recording
    return Outcome(
        player.plan,
        recording.rows,
        log,
        started_at=player.started_at,
        ended_at=player.ended_at,
        fine=recording.fine,
    )
