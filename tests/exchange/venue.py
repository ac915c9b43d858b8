"""What both exchanges have in common: markets, one desk, and how a request reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from tests.exchange.accounts import Account
from tests.exchange.clock import ExchangeClock
from tests.exchange.faults import Answer
from tests.exchange.market import Market
from tests.exchange.matching import Desk
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
