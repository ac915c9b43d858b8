"""What the console prints of doubt and of blocked signals."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from engine.domain.columns import IntColumn
from engine.domain.money import Scale, plain
from engine.domain.reasons import Refusal
from engine.errors import FileRefused
from engine.messages.doubt import BlockedPrice, Doubt
from engine.messages.progress import nobody_told
from engine.runtime.documents.settings_document import Document
from engine.runtime.history.archive import Archived
from engine.runtime.history.trust import (
    Asked,
    asked_in,
    blocked_counts,
    blocked_in,
    doubt_in,
    prices_lost,
)
from engine.runtime.opinions import Opinion, signals_for


@dataclass(frozen=True, slots=True)
class Trust:
    """The ambiguity band and the price of what was blocked; `unpriced` says why there is none."""

    doubt: Doubt | None
    """None where the ticks that decided were let go."""
    blocked: tuple[BlockedPrice, ...]
    unpriced: str | None = None


def trusted(session: Archived, opinion: Opinion | None) -> Trust:
    """How far to trust a session; `opinion` is the strategy's on the session's candles, where it
    was just asked."""
    if lost := prices_lost(session):
        return Trust(None, (), lost)
    asked = asked_in(session) if opinion is None else Asked(signals_for(session.rows, opinion))
    doubt = doubt_in(session, asked)
    try:
        return Trust(doubt, blocked_in(session, asked, nobody_told, threading.Event()))
    except FileRefused as fault:
        return Trust(doubt, blocked_counts(session, asked), fault.words)


def ambiguity_document(doubt: Doubt | None, scale: Scale) -> Document | None:
    if doubt is None:
        return None
    return {
        "trades": doubt.trades,
        "pnl_worst": plain(scale.money(doubt.pnl_worst)),
        "pnl": plain(scale.money(doubt.pnl)),
        "pnl_best": plain(scale.money(doubt.pnl_best)),
        "exact": doubt.exact,
        "judged": doubt.judged,
    }


def ambiguous_trades(doubt: Doubt | None, numbers: IntColumn) -> list[bool] | list[None]:
    """For each trade, by its number, whether another path would change its exit; None: unknown."""
    if doubt is None:
        return [None] * len(numbers)
    ambiguous: list[bool] = np.isin(numbers, doubt.doubtful).tolist()
    return ambiguous


def blocked_document(prices: tuple[BlockedPrice, ...], scale: Scale) -> Document:
    """By code; a rule of which nothing was priced has no PnL."""
    return {
        Refusal(price.refusal).code: {
            "count": price.count,
            "priced": price.priced,
            "pnl": plain(scale.money(price.pnl)) if price.priced else None,
        }
        for price in prices
    }
