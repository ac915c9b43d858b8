"""What a session knows, and the events it writes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.domain.reasons import Action, EndReason, ExitReason
from engine.messages.events import EventKind
from tests.core.reference.holding import Held
from tests.core.reference.terms import COLUMNS, LIMIT, Terms


@dataclass
class Record:
    terms: Terms
    cash: int
    outside: int = 0
    held: Held | None = None
    leave: ExitReason | None = None
    enter: int = 0
    paused: bool = False
    closing_down: bool = False
    ended: bool = False
    stale_ms: int = 0
    quoted_spread: int | None = None
    room: int | None = None
    last_exit: int | None = None
    entries: dict[int, int] = field(default_factory=dict)
    """Entries by UTC day; likewise the next."""
    day_pnl: dict[int, int] = field(default_factory=dict)
    day: int = -1
    day_equity: int = 0
    peak: int = 0
    losing_stops: list[int] = field(default_factory=list)
    events: list[dict[str, int]] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)
    run: list[tuple[int, Action, int, int]] = field(default_factory=list)
    last_close: int = 0
    last_price_at: int = 0
    moment: int = 0

    def __post_init__(self) -> None:
        self.peak = self.cash

    def equity(self, price: int) -> int:
        worth = 0 if self.held is None else self.held.worth(self.terms, price)
        return min(LIMIT, self.cash + self.outside + worth)

    def write(self, kind: EventKind, row_at: int, at: int, **columns: int) -> dict[str, int]:
        if kind != EventKind.REFUSALS_COUNTED:
            self.end_run()
        held = self.held
        event = dict.fromkeys(COLUMNS, 0)
        event |= {"kind": kind, "no": len(self.events) + 1, "row_at": row_at, "at": at}
        event["cash"] = self.cash
        if held is not None:
            event |= {
                "position": held.side * held.amount,
                "entry": held.entry,
                "stop": held.stop,
                "target": held.target,
                "trade": held.trade,
                "stop_by": held.stop_by,
                "cost": held.cost,
                "collateral": held.collateral(self.terms),
                "liquidation": held.liquidation(self.terms),
                "funding": held.funding,
            }
        event |= columns
        if event["action"]:
            event["side"] = int(Action(event["action"]).side)
        self.events.append(event)
        return event

    def end_run(self) -> None:
        run, self.run = self.run, []
        if len(run) > 1:
            code, action, row_at, at = run[-1]
            self.write(
                EventKind.REFUSALS_COUNTED, row_at, at, code=code, action=action, actual=len(run)
            )

    def refuse(
        self,
        code: int,
        action: Action,
        row_at: int,
        at: int,
        price: int,
        limit: int = 0,
        actual: int = 0,
    ) -> None:
        self.refused[code] = self.refused.get(code, 0) + 1
        if not (self.run and self.run[0][:2] == (code, action)):
            found = {"price": price, "limit": limit, "actual": actual}
            self.write(EventKind.REFUSAL, row_at, at, code=code, action=action, **found)
        self.run.append((code, action, row_at, at))

    def expire_leave(self, row_at: int, at: int) -> None:
        if self.leave is not None:
            assert self.held is not None
            code, self.leave = self.leave, None
            self.write(EventKind.EXPIRED, row_at, at, code=code, action=self.held.leaves)

    def expire_enter(self, row_at: int, at: int) -> None:
        if self.enter:
            action = Action.BUY if self.enter == 1 else Action.SHORT
            self.enter, self.room = 0, None
            self.write(EventKind.EXPIRED, row_at, at, action=action)

    def end(self, row_at: int, at: int, reason: EndReason) -> None:
        self.expire_leave(row_at, at)
        self.expire_enter(row_at, at)
        self.write(EventKind.SESSION_ENDED, row_at, at, code=reason)
        self.ended = True

    def matrix(self) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        rows = [[event[name] for name in COLUMNS] for event in self.events]
        return np.array(rows, np.int64).reshape(-1, len(COLUMNS))
