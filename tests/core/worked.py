"""Cases small enough to be worked by hand. Cash is 1,000,000; at a price of 1,000 a quarter of it
buys 250. Percents: 10,000 parts per million are 1 percent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain.reasons import Action, ExitReason, Input
from engine.domain.rows import RowKind
from engine.messages.events import EventKind
from tests.core.play import MINUTE, T0, Played, at_closes, bars, play
from tests.core.reference import Terms

CASH = 1_000_000
FLAT = (1000, 1000, 1000, 1000)
PERCENT = 10_000


@dataclass(frozen=True)
class Told:
    """An input in the place of a bar."""

    code: Input
    values: tuple[int, ...] = ()


@dataclass(frozen=True)
class Funded:
    """Funding in the place of a bar; the rate in 1e-8."""

    rate: int
    mark: int = 0


Row = tuple[int, int, int, int] | Told | Funded


def through(
    terms: Terms,
    rows: list[Row],
    asked: dict[int, list[Action]],
    *,
    start: int = T0,
    cash: int = CASH,
    **how: object,
) -> Played:
    """A session of minute bars, some rows of which are inputs or funding."""
    table = bars([row if isinstance(row, tuple) else FLAT for row in rows], start=start)
    for number, row in enumerate(rows):
        if isinstance(row, Told):
            values = (*row.values, 0, 0, 0)[:3]
            table[number] = (RowKind.INPUT, start + number * MINUTE, row.code, *values)
        elif isinstance(row, Funded):
            at = start + number * MINUTE
            table[number] = (RowKind.FUNDING, at, row.rate, 0, 0, row.mark)
    signals = at_closes(len(rows), asked)
    return play(terms, cash, table, np.ascontiguousarray(signals), **how)  # type: ignore[arg-type]


def trade(terms: Terms, *rows: Row, action: Action = Action.BUY, **how: object) -> Played:
    """Enter on the close of a quiet first bar, then live through `rows`."""
    return through(terms, [FLAT, *rows], {0: [action]}, **how)  # type: ignore[arg-type]


def only_exit(played: Played) -> tuple[ExitReason, int, int]:
    """(reason, price, number of the bar)"""
    [closed] = played.of(EventKind.TRADE_CLOSED)
    return ExitReason(closed["code"]), closed["price"], (closed["row_at"] - T0) // MINUTE


def fills(played: Played) -> list[tuple[Action, int, int]]:
    """(action, amount, price)"""
    return [
        (Action(event["action"]), event["amount"], event["price"])
        for event in played.of(EventKind.FILL)
    ]


def refusals(played: Played) -> list[tuple[int, int, int]]:
    """(code, limit, actual)"""
    return [
        (event["code"], event["limit"], event["actual"]) for event in played.of(EventKind.REFUSAL)
    ]
