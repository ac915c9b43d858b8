"""Bots with their rows and opinions, played on one account by the compiled loop."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from engine.core import layout as slot
from engine.core import portfolio_layout as desk
from engine.core import settings_vector as setting
from engine.core.portfolio import play
from engine.core.settings_vector import kernel_settings
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.settings import ppm
from engine.messages.events import EVENT_WIDTH
from engine.messages.progress import Told
from engine.runtime.portfolio.planning import PortfolioPlan
from engine.runtime.portfolio.player import Player, check

_EVENTS_AT_ONCE: Final = 1 << 14
_POINTS_AT_ONCE: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class Played:
    """All events in the order in which they happened, the bot of each, of what came of an entry the
    room that the limit of exposure left for it plus 1 (else 0), and the account: its cash at the
    start and the end, and moment and equity wherever a candle closed."""

    events: IntMatrix
    owners: IntColumn
    rooms: IntColumn
    curve: IntMatrix
    cash: int
    cash_left: int

    def of(self, bot: int) -> IntMatrix:
        """The events of one bot."""
        own: IntMatrix = self.events[self.owners == bot]
        return own


@dataclass(frozen=True, slots=True)
class Limits:
    """The account that bots share: its cash in product units, and its limits, None for none."""

    cash: int
    max_open_positions: int | None
    max_exposure_pct: Decimal | None


@dataclass(frozen=True, slots=True)
class Part:
    """One bot as the loop takes it: its settings, its rows after the warm-up, and what is asked for
    at each of them."""

    settings: IntColumn
    table: IntMatrix
    signals: SignalColumn


def play_all(
    plan: PortfolioPlan, players: Sequence[Player], told: Told, stop: threading.Event
) -> Played:
    """All bots to the end of their data; Cancelled after `stop`."""
    cash = plan.bots[0].market.scale.money_count(plan.cash)
    limits = Limits(cash, plan.max_open_positions, plan.max_exposure_pct)
    parts = [
        Part(
            kernel_settings(one.plan.trade, one.plan.market, one.plan.candles.timeframe_ms),
            one.played.table,
            one.signals,
        )
        for one in players
    ]
    return play_parts(limits, parts, told, stop)


def play_parts(limits: Limits, parts: Sequence[Part], told: Told, stop: threading.Event) -> Played:
    """The same of what is known without plans."""
    cash, share = limits.cash, limits.max_exposure_pct
    exposure = setting.OFF if share is None else ppm(share)
    account = desk.new_account(cash, limits.max_open_positions or 0, exposure)
    seats = desk.new_seats([len(one.table) for one in parts])
    table = np.concatenate([one.table for one in parts])
    settings = np.stack([one.settings for one in parts])
    states = np.stack([slot.new_state(cash) for _ in parts])
    signals = np.concatenate([one.signals for one in parts])
    room = desk.events_needed(len(parts)) + _EVENTS_AT_ONCE
    events, owners = np.empty((room, EVENT_WIDTH), np.int64), np.empty(room, np.int64)
    rooms = np.empty(room, np.int64)
    curve = np.empty((_POINTS_AT_ONCE, 2), np.int64)
    happened, by, left, points, over = [], [], [], [], False
    while not over:
        check(stop)
        over = play(account, seats, states, settings, table, signals, events, owners, rooms, curve)
        happened.append(events[: account[desk.EVENTS]].copy())
        by.append(owners[: account[desk.EVENTS]].copy())
        left.append(rooms[: account[desk.EVENTS]].copy())
        points.append(curve[: account[desk.POINTS]].copy())
        told(len(table) - int((seats[:, desk.END] - seats[:, desk.NEXT]).sum()), len(table))
    return Played(
        np.concatenate(happened),
        np.concatenate(by),
        np.concatenate(left),
        np.concatenate(points),
        cash,
        int(account[desk.CASH]),
    )
