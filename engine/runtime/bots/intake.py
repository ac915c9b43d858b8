"""What a bot takes next: a person's command, or else the next rows of its feed."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Collection
from typing import Final

from engine.domain.reasons import Input
from engine.domain.rows import Rows
from engine.errors import Fault, FeedFailed
from engine.language import tr
from engine.ports import Feed, FeedNews
from engine.runtime.running.wishes import Wish

logger = logging.getLogger(__name__)

EARLY_NEWS: Final = 50
"""So many of what came before the first rows are kept: a network may be away for hours."""


class Look:
    """Look at what is held: no price has shown it for a while."""


class Intake:
    """One feed and the commands that come in between; read by one task."""

    def __init__(self, feed: Feed, first: Wish | None = None) -> None:
        self.feed = feed
        self._wishes: deque[Wish] = deque(() if first is None else (first,))
        self._coming: asyncio.Future[Rows | FeedNews | None] | None = None
        self._knocked: asyncio.Future[None] | None = None
        self._look = False
        self._early: deque[FeedNews] = deque(maxlen=EARLY_NEWS)
        self.shut = False
        """The program ends: nothing more is taken."""

    def put(self, wish: Wish) -> None:
        """A command, to be taken before the next rows."""
        self._wishes.append(wish)
        self._knock()

    def ask_to_look(self) -> None:
        """A `Look` before the next rows, one however often it is asked for."""
        self._look = True
        self._knock()

    async def shut_down(self) -> None:
        """`next` and `first_rows` return None from now on."""
        self.shut = True
        self._knock()
        await self.feed.close()

    async def next(self) -> Wish | Look | Rows | FeedNews | None:
        """A command, a look, rows, the feed's news, or None: the feed has ended, or all was shut
        down. Raises the feed's Fault, FeedFailed for what it did not expect itself."""
        while not self.shut:
            if self._wishes:
                return self._wishes.popleft()
            if self._look:
                self._look = False
                return Look()
            if self._rows_are_here():
                return self._take_rows()
            await self._either()
        return None

    async def first_rows(self, ends: Collection[Input]) -> Rows | None:
        """The first rows; commands wait for them, except those that make them needless. News that
        come before have no session to be written into yet: `early_news` has them."""
        while not self.gives_up(ends):
            if self._rows_are_here():
                came = self._take_rows()
                if not isinstance(came, FeedNews):
                    return came
                self._early.append(came)
            else:
                await self._either()
        return None

    def early_news(self) -> tuple[FeedNews, ...]:
        """What the feed told before its first rows, the latest of it; told once."""
        told = tuple(self._early)
        self._early.clear()
        return told

    def gives_up(self, ends: Collection[Input]) -> bool:
        """Whether nothing is to be begun any more."""
        return self.shut or any(wish.code in ends for wish in self._wishes)

    @property
    def unserved(self) -> tuple[Wish, ...]:
        """Commands that nobody has taken."""
        return tuple(self._wishes)

    async def close(self) -> None:
        """Let go of the feed."""
        await self.feed.close()
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.wait([self._coming])
            self._coming = None

    def _rows_are_here(self) -> bool:
        if self._coming is None:
            self._coming = asyncio.ensure_future(self.feed.next())
            self._coming.add_done_callback(self._knock)
        return self._coming.done()

    def _take_rows(self) -> Rows | FeedNews | None:
        assert self._coming is not None
        coming, self._coming = self._coming, None
        try:
            return coming.result()
        except Fault:
            raise
        except Exception as error:
            symbol = self.feed.market.symbol
            logger.exception("The feed of %s met a mistake of the program", symbol)
            raise FeedFailed(
                tr(
                    "The prices of {symbol} could not be read ({error}). Nothing was "
                    "taken from what came; the feed is opened anew.",
                    symbol=symbol,
                    error=type(error).__name__,
                ),
                details="".join(traceback.format_exception(error)),
            ) from error

    async def _either(self) -> None:
        """Wait for rows, or for somebody who knocks."""
        self._knocked = asyncio.get_running_loop().create_future()
        await self._knocked
        self._knocked = None

    def _knock(self, *_: object) -> None:
        if self._knocked is not None and not self._knocked.done():
            self._knocked.set_result(None)
