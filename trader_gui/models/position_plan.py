"""What is still to come for an open position by its bot's settings. Pure functions.

The levels are those the kernel will compute, to the count: targets are rounded away from the
entry, steps that add like stops.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.candles import MINUTE_MS
from engine.domain.columns import IntMatrix
from engine.domain.money import PPM
from engine.domain.reasons import ExitReason
from engine.domain.settings import ppm
from engine.messages import events as ev
from engine.messages.events import EventKind, of_adds, refusal_counts
from engine.messages.snapshot import BotSnapshot, SessionSnapshot


@dataclass(frozen=True, slots=True)
class Planned:
    """A level that will do something: `level` in counts of the price step."""

    level: int
    share: Decimal
    """Partial target: percent of all that was entered. Step that adds: times the first order."""


def partial_targets(bot: BotSnapshot) -> list[Planned]:
    """The partial targets not reached yet, nearest first."""
    session, parts = bot.session, bot.settings.trade.partial_targets
    if not session.position or not parts:
        return []
    closed = [fill for fill in session.fills if not fill.enters]
    done = sum(fill.reason == ExitReason.PARTIAL_TARGET for fill in closed)
    rows = _of_trade(session)
    tried = (rows[:, ev.KIND] == EventKind.EXPIRED) & (
        rows[:, ev.CODE] == ExitReason.PARTIAL_TARGET
    )
    done += int(tried.sum())
    return [
        Planned(_away(session, session.entry, ppm(part.pct), gains=True), part.share_pct)
        for part in parts[done:]
    ]


def next_add(bot: BotSnapshot) -> Planned | None:
    """The next step that adds; None without one, or for a trade of an earlier session, whose
    first price is not known here."""
    session, steps = bot.session, bot.settings.trade.adds
    if not steps or not session.position or not session.fills or not session.fills[0].enters:
        return None
    refused = refused_adds(_of_trade(session)).total()
    done = sum(fill.enters for fill in session.fills) - 1 + refused
    if done >= len(steps):
        return None
    first, step = session.fills[0].price, steps[done]
    return Planned(_away(session, first, ppm(step.pct), gains=False), step.times)


def refused_adds(rows: IntMatrix) -> Counter[int]:
    """Refusal -> how often it met a step that adds, and no signal, among event `rows`."""
    counts = enumerate(refusal_counts(rows[of_adds(rows)]).tolist())
    return Counter({code: count for code, count in counts if count})


def liquidation_level(bot: BotSnapshot) -> int:
    """Where a future is liquidated, in counts; 0 for none. A spot short's is at twice its entry,
    which says nothing to anybody."""
    return bot.session.liquidation if bot.settings.trade.leverage is not None else 0


def time_left_ms(bot: BotSnapshot) -> int | None:
    """Market time until the time limit closes the position; None without a limit."""
    limit = bot.settings.trade.time_limit_min
    if limit is None or not bot.session.position:
        return None
    return max(0, bot.session.opened_at + limit * MINUTE_MS - bot.now_at)


def _of_trade(session: SessionSnapshot) -> IntMatrix:
    """The session's events since the open trade's first fill."""
    rows = session.log.rows
    return rows[session.fills[0].event :] if session.fills else rows[:0]


def _away(session: SessionSnapshot, price: int, rate: int, *, gains: bool) -> int:
    """`price` moved by `rate` ppm to the gaining or the losing side, rounded outwards."""
    up = (session.position > 0) == gains
    return -(-price * (PPM + rate) // PPM) if up else price * (PPM - rate) // PPM
