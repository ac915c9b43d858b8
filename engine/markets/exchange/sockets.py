"""The sockets of one ccxt object: which follow what, since when, and how they are closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary


class Sockets:
    """`made` gives the ccxt object, None while there is none; `broken` makes the error that who
    waits for a message is told."""

    def __init__(
        self,
        name: str,
        made: Callable[[], Any],
        monotonic: Callable[[], float],
        broken: Callable[[str], Exception],
    ) -> None:
        self._name, self._made, self._monotonic = name, made, monotonic
        self._broken = broken
        self._opened: WeakKeyDictionary[Any, float] = WeakKeyDictionary()
        """When each was first asked for."""
        self._dropping: set[asyncio.Task[None]] = set()

    @property
    def all(self) -> list[Any]:
        made = self._made()
        return [] if made is None else list(made.clients.values())

    def noting(self, client: Callable[[str], Any]) -> Callable[[str], Any]:
        """ccxt's way to a socket, with a note of when it was first gone."""

        def noted(url: str) -> Any:
            found = client(url)
            self._opened.setdefault(found, self._monotonic())
            return found

        return noted

    def follow(self, symbol: str) -> bool:
        """Whether some socket does, as far as its subscriptions can be read."""
        return any(self._follows(client, symbol) for client in self.all)

    async def disconnect(self, symbol: str, since_s: float) -> None:
        """Close those that `symbol` is followed on, if they were opened by `since_s` (of the
        seconds that never jump): those who share one all notice its silence, and must not close
        what the first of them opened anew."""
        old = [client for client in self.all if self._opened.get(client, 0.0) <= since_s]
        named = [client for client in old if self._follows(client, symbol)]
        await self._end(named or old)

    async def end_idle(self) -> None:
        """Close those of which nothing is wanted any more."""
        await self._end(client for client in self.all if not client.subscriptions)

    async def end_all(self) -> None:
        await self._end(self.all)

    def lost(self) -> None:
        """Some socket receives no more, and nobody knows which: all are opened anew."""
        task = asyncio.get_running_loop().create_task(self.end_all(), name=f"lost-{self._name}")
        self._dropping.add(task)
        task.add_done_callback(self._dropping.discard)

    async def _end(self, clients: Iterable[Any]) -> None:
        """Whoever waits for a message is told, and opens a socket anew."""
        ended = list(clients)
        for client in ended:  # before any wait, in which somebody could begin to follow on it
            self._made().clients.pop(client.url, None)
            client.reject(self._broken("The connection was closed to be opened anew."))
        for client in ended:
            await client.close()

    def _follows(self, client: Any, symbol: str) -> bool:
        market = (self._made().markets or {}).get(symbol) or {}
        names = [symbol, str(market.get("lowercaseId") or symbol)]
        every = [*client.subscriptions, *client.futures]
        return any(name in str(hashed) for name in names for hashed in every)
