"""What both exchanges have in common: markets, one desk, and how a request reaches them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol
from urllib.parse import parse_qsl

from tests.exchange.accounts import Account
from tests.exchange.clock import ExchangeClock
from tests.exchange.faults import Answer
from tests.exchange.market import Market
from tests.exchange.matching import Desk, Refused, Why
from tests.exchange.sockets import Connection, Hub


@dataclass
class Floor:
    """The trading floor on which all exchanges of one server stand."""

    clock: ExchangeClock
    markets: Mapping[str, Market]
    """By symbol, as ``BTC/USDT``."""
    accounts: Mapping[str, Account]
    """By key."""
    desk: Desk
    every_ms: int = 0
    """How often streams that are sums (candles, tickers, books) tell the news; 0: each time."""


class Pace:
    """Streams that are sums tell the news at most every so often, and the last of it for sure."""

    def __init__(self, every_ms: int) -> None:
        self._every_ms = every_ms
        self._told_at: dict[tuple[str, str], int] = {}
        self._late: set[tuple[str, str]] = set()

    def due(self, topic: tuple[str, str], at: int) -> bool:
        """May it tell now? Else it is late."""
        told_at = self._told_at.get(topic)
        if told_at is not None and at - told_at < self._every_ms:
            self._late.add(topic)
            return False
        self._late.discard(topic)
        self._told_at[topic] = at
        return True

    @property
    def late(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._late)


@dataclass(frozen=True)
class Request:
    """As it came in. `signed` is the text that a signature is made over."""

    method: str
    path: str
    query: str
    body: str
    headers: Mapping[str, str]
    params: dict[str, str] = field(default_factory=dict)

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def signed(self) -> str:
        return self.body or self.query


def request_of(
    method: str, path: str, query: str, body: str, headers: Mapping[str, str]
) -> Request:
    params = dict(parse_qsl(query, keep_blank_values=True))
    params.update(parse_qsl(body, keep_blank_values=True))
    return Request(method, path, query, body, headers, params)


class Venue(Protocol):
    """One exchange as the server sees it."""

    hub: Hub

    def owns(self, path: str) -> bool: ...

    def answer(self, request: Request) -> Answer: ...

    def welcome(self, connection: Connection) -> None:
        """A socket has opened."""
        ...

    def hear(self, connection: Connection, message: Any) -> None:
        """A socket's client has said something."""
        ...

    def tick(self) -> None:
        """Time has gone on."""
        ...


def number(params: Mapping[str, str], name: str, otherwise: int) -> int:
    return int(params[name]) if name in params else otherwise


def maybe_number(params: Mapping[str, str], name: str) -> int | None:
    return int(params[name]) if name in params else None


def steps(count: Callable[[Decimal], int], text: str | None, why: Why) -> int | None:
    """A price or an amount as an order has it; Refused where it does not fit the steps."""
    if text is None:
        return None
    try:
        return count(Decimal(text))
    except (ValueError, InvalidOperation) as error:
        raise Refused(why) from error
