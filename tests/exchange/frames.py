"""What a socket says, frame by frame, without ccxt in between."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from tests.exchange.server import LoopbackExchange


async def _messages(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[Any]:
    async for message in socket:
        yield json.loads(message.data)


@contextlib.asynccontextmanager
async def heard(
    exchange: LoopbackExchange, path: str, *requests: dict[str, Any]
) -> AsyncIterator[AsyncIterator[Any]]:
    """Everything that comes on `path` after these were sent."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(exchange.url + path) as socket,
    ):
        for request in requests:
            await socket.send_json(request)
        yield _messages(socket)


@contextlib.asynccontextmanager
async def binance_frames(
    exchange: LoopbackExchange, streams: list[str]
) -> AsyncIterator[AsyncIterator[Any]]:
    """Events of Binance streams, from the moment when all of them are subscribed to."""
    request = {"method": "SUBSCRIBE", "params": streams, "id": 1}
    async with heard(exchange, "/ws", request) as frames:
        assert await anext(frames) == {"result": None, "id": 1}
        yield frames


async def first_of(frames: AsyncIterator[Any], **wanted: Any) -> Any:
    """The next message with these values."""
    async for message in frames:
        if all(message.get(name) == value for name, value in wanted.items()):
            return message
    raise AssertionError(f"The socket closed before {wanted} came.")
