"""A portfolio played again, whole: what one bot could buy hung on the others' money."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from engine.domain.money import decimals
from engine.errors import IllegalStep
from engine.language import tr
from engine.messages.progress import Told
from engine.runtime.backtest.recording import Recording
from engine.runtime.backtest.run import Plan, ReasonedLog
from engine.runtime.history.archive import market_of
from engine.runtime.portfolio.planning import PortfolioPlan
from engine.runtime.portfolio.player import Player
from engine.runtime.proof.case import Case
from engine.runtime.proof.replaying import (
    Replayed,
    answers_of,
    opinion_on,
    strategy_of,
    warm_up,
)
from engine.runtime.sources.strategies import source_of


def replay_portfolio(
    cases: Sequence[Case], told: Told, stop: threading.Event
) -> tuple[Replayed, ...]:
    """All bots of a portfolio in their order; Cancelled after `stop`, IllegalStep if a bot is
    missing."""
    players = [_player(case) for case in cases]
    first = cases[0]
    trade, opening = first.session.record.settings.trade, first.opening
    plan = PortfolioPlan(
        tuple(case.session.record.bot_name for case in cases),
        tuple(player.plan for player in players),
        trade.cash,
        opening.max_open_positions,
        opening.max_exposure_pct,
    )
    from engine.runtime.portfolio.playing import play_all  # compiled, or read from its cache

    played = play_all(plan, players, told, stop)
    return tuple(
        Replayed(
            ReasonedLog(played.of(number), player.opinion, decimals(player.plan.market.price_step)),
            answers_of(player.opinion),
            *source_of(player.plan.strategy),
        )
        for number, player in enumerate(players)
    )


def _player(case: Case) -> Player:
    case.check()
    session, settings = case.session, case.session.record.settings
    strategy, candles = strategy_of(case)
    begins = warm_up(session.rows)
    plan = Plan(candles, market_of(settings), strategy, settings.params, settings.trade)
    if not len(candles):
        raise IllegalStep(
            tr("{label} has no recording any more, so it cannot be run again.", label=case.label)
        )
    opinion = opinion_on(session, strategy, candles)
    recording = Recording(session.rows, begins, session.rows, begins, settings.fine)
    return Player(plan, recording, opinion)
