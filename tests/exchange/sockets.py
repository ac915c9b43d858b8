"""Open websockets: who has subscribed to what, and frames on their way out."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

from aiohttp import web

from tests.exchange.socket_faults import SocketFault


class Connection:
    """One socket. Frames are posted without waiting and sent in order by a task of its own."""

    def __init__(
        self,
        http: web.BaseRequest,
        socket: web.WebSocketResponse,
        path: str,
        faults: list[SocketFault],
    ) -> None:
        self.path = path
        self._http = http
        self.faults = faults
        self.topics: set[tuple[str, str]] = set()
        self.state: dict[str, Any] = {}
        """What an exchange remembers of this socket."""
        self.sent = 0
        self._socket = socket
        self._waiting: deque[str | int] = deque()
        self._more = asyncio.Event()

    def post(self, stream: str, text: str) -> None:
        """`stream` is "" for what is not part of a subscription."""
        frames = [text]
        for fault in self.faults:
            if fault.stream in stream:
                passed = [fault.pass_on(frame) for frame in frames]
                if None in passed:
                    self.end()
                    return
                frames = [frame for some in passed if some is not None for frame in some]
        for frame in frames:
            self.send(frame)

    def tell(self, message: dict[str, Any], stream: str = "") -> None:
        self.post(stream, json.dumps(message, separators=(",", ":")))

    def send(self, text: str) -> None:
        """Exactly this, whatever the faults."""
        self._waiting.append(text)
        self._more.set()

    def end(self, code: int = 1001) -> None:
        """Close it, after what was sent before."""
        self._waiting.append(code)
        self._more.set()

    def cut(self) -> None:
        """The line breaks without a word."""
        transport = self._http.transport
        if transport is not None:
            transport.abort()

    async def pump(self) -> None:
        """Send what waits until the socket closes."""
        while True:
            while self._waiting:
                frame = self._waiting.popleft()
                if isinstance(frame, int):
                    await self._socket.close(code=frame)
                    return
                try:
                    await self._socket.send_str(frame)
                except ConnectionError:
                    return
                self.sent += 1
            self._more.clear()
            await self._more.wait()


class Hub:
    """The sockets of one exchange. A topic is (market's name, kind of stream)."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self.topics: dict[str, dict[str, list[Connection]]] = {}

    def subscribe(self, connection: Connection, market: str, kind: str) -> bool:
        """False where it was subscribed already."""
        if (market, kind) in connection.topics:
            return False
        connection.topics.add((market, kind))
        self.topics.setdefault(market, {}).setdefault(kind, []).append(connection)
        return True

    def unsubscribe(self, connection: Connection, market: str, kind: str) -> None:
        if (market, kind) not in connection.topics:
            return
        connection.topics.remove((market, kind))
        kinds = self.topics[market]
        kinds[kind].remove(connection)
        if not kinds[kind]:
            del kinds[kind]

    def add(self, connection: Connection) -> None:
        self.connections.append(connection)

    def drop(self, connection: Connection) -> None:
        for market, kind in tuple(connection.topics):
            self.unsubscribe(connection, market, kind)
        self.connections.remove(connection)

    def kinds(self, market: str) -> tuple[str, ...]:
        """Of the streams of a market that somebody listens to."""
        return tuple(self.topics.get(market, ()))

    def listeners(self, market: str, kind: str) -> tuple[Connection, ...]:
        return tuple(self.topics.get(market, {}).get(kind, ()))

    def send(self, market: str, kind: str, text: str) -> None:
        stream = f"{market}@{kind}"
        for connection in self.listeners(market, kind):
            connection.post(stream, text)
