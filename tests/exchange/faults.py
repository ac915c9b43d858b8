"""How an exchange misbehaves when it is asked: a script of what goes wrong next.

A fault stands around the answer: it may let the exchange do what was asked or not, and it may let
the answer through or not.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from tests.exchange.socket_faults import SocketFault, altered


@dataclass(frozen=True)
class Answer:
    """What goes back over HTTP. `promised` is the length in the header, where it is a lie."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None


Ask = Callable[[], Answer]
"""Lets the exchange do what was asked."""


class RequestFault(Protocol):
    def meet(self, ask: Ask) -> Awaitable[Answer | None]:
        """None cuts the connection."""
        ...


@dataclass(frozen=True)
class Status:
    """Any status with any body; `accepted`: the exchange did what was asked all the same."""

    status: int
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    accepted: bool = False

    async def meet(self, ask: Ask) -> Answer:
        if self.accepted:
            ask()
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return Answer(self.status, text, self.headers)


@dataclass(frozen=True)
class Drop:
    """The connection is cut: after the exchange did what was asked, or before."""

    accepted: bool = True

    async def meet(self, ask: Ask) -> None:
        if self.accepted:
            ask()


@dataclass(frozen=True)
class CutBody:
    """The answer ends after `keep` characters: as if that were all, or in the middle of what its
    header promises. `keep` 0 is an empty 200."""

    keep: int = 0
    as_if_whole: bool = True

    async def meet(self, ask: Ask) -> Answer:
        answer = ask()
        promised = None if self.as_if_whole else len(answer.text)
        return replace(answer, text=answer.text[: self.keep], promised=promised)


@dataclass(frozen=True)
class Delay:
    """The exchange does what was asked, and answers so much later."""

    seconds: float

    async def meet(self, ask: Ask) -> Answer:
        answer = ask()
        await asyncio.sleep(self.seconds)
        return answer


@dataclass(frozen=True)
class Hold:
    """The answer waits until `release`; lets a test do something in between."""

    accepted: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def meet(self, ask: Ask) -> Answer:
        answer = ask()
        self.accepted.set()
        await self.released.wait()
        return answer

    def release(self) -> None:
        self.released.set()


@dataclass(frozen=True)
class Twice:
    """Something on the way sends the request again: it is done twice."""

    async def meet(self, ask: Ask) -> Answer:
        ask()
        return ask()


@dataclass(frozen=True)
class Altered:
    """The answer's JSON, changed by a function (in place or returned)."""

    change: Callable[[Any], Any]

    async def meet(self, ask: Ask) -> Answer:
        answer = ask()
        return replace(answer, text=altered(self.change, answer.text))


# ---------------------------------------------------------------- what exchanges really say


def too_many(retry_after_s: int, weight: int = 6_001) -> Status:
    """Binance: slow down."""
    body = {"code": -1003, "msg": "Too much request weight used; current limit is 6000."}
    headers = {"Retry-After": str(retry_after_s), "X-MBX-USED-WEIGHT-1M": str(weight)}
    return Status(429, body, headers)


def banned(until_at: int, retry_after_s: int) -> Status:
    """Binance: went on after 429."""
    msg = f"Way too much request weight used; IP banned until {until_at}."
    return Status(418, {"code": -1003, "msg": msg}, {"Retry-After": str(retry_after_s)})


def forbidden_country() -> Status:
    msg = "Service unavailable from a restricted location."
    return Status(451, {"code": 0, "msg": msg})


def unknown_outcome(*, accepted: bool = True) -> Status:
    """Binance: its own inside did not answer it in time."""
    msg = "Timeout waiting for response from backend server. Send status unknown."
    return Status(504, {"code": -1007, "msg": msg}, accepted=accepted)


def maintenance() -> Status:
    """A page of the load balancer in front."""
    return Status(503, "<html><body>Service Temporarily Unavailable</body></html>")


def kraken_error(text: str) -> Status:
    """Kraken tells errors with status 200, as ``EService:Unavailable``."""
    return Status(200, {"error": [text]})


# ---------------------------------------------------------------- which and when


class Faults:
    """What goes wrong next. Routes are told as ``GET /api/v3/klines``, sockets as ``WS /ws``; a
    route that ends with ``*`` stands for all that begin so."""

    def __init__(self) -> None:
        self._next: list[tuple[str, RequestFault]] = []
        self._lasting: dict[str, RequestFault] = {}
        self.coming: list[SocketFault] = []
        self._sockets: Callable[[], list[list[SocketFault]]] = list

    def next(self, route: str, *faults: RequestFault) -> None:
        """One per request of that route, in this order, then all is well again."""
        self._next += [(route, fault) for fault in faults]

    def always(self, route: str, fault: RequestFault) -> None:
        """Every request of that route until `cease`."""
        self._lasting[route] = fault

    def cease(self) -> None:
        """Everything that was to come is forgotten; open sockets are healthy again."""
        self._next.clear()
        self._lasting.clear()
        self.coming.clear()
        for faults in self._sockets():
            faults.clear()

    def socket(self, fault: SocketFault) -> None:
        """For the sockets that are open now; where none is, for the next one that opens."""
        open_now = self._sockets()
        for faults in open_now:
            faults.append(fault if len(open_now) == 1 else copy.deepcopy(fault))
        if not open_now:
            self.coming.append(fault)

    def watch(self, sockets: Callable[[], list[list[SocketFault]]]) -> None:
        self._sockets = sockets

    def take(self, route: str) -> RequestFault | None:
        for index, (wanted, fault) in enumerate(self._next):
            if _fits(wanted, route):
                del self._next[index]
                return fault
        for wanted, fault in self._lasting.items():
            if _fits(wanted, route):
                return fault
        return None


def _fits(wanted: str, route: str) -> bool:
    return route.startswith(wanted[:-1]) if wanted.endswith("*") else route == wanted
