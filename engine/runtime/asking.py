"""Questions about a stored session that take a while: answered off the loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from engine.errors import FileRefused
from engine.language import tr
from engine.markets.archive.archive import Archive
from engine.messages.comparison import Compared
from engine.messages.doubt import BlockedPrice, Doubt
from engine.messages.figures import Statistics
from engine.messages.monte_carlo import MonteCarlo
from engine.messages.progress import Report, Told
from engine.messages.proof import Proof
from engine.messages.review import Review
from engine.messages.same_period import SamePeriod
from engine.messages.trade_ranges import TradeRanges
from engine.messages.why import Why
from engine.runtime.backtest.planning import Sources
from engine.runtime.backtest.storing import told_from_worker
from engine.runtime.history.archive import Archived
from engine.runtime.history.kept_prices import KeptPrices
from engine.runtime.sources.candle_files import CandleFiles
from engine.runtime.workers import in_thread
from engine.store.database import Store

if TYPE_CHECKING:
    from engine.runtime.documents.comparing import Comparing

logger = logging.getLogger(__name__)

_REHEARSED: Final = 1_000
"""Candles."""
_KEPT: Final = 16
"""Sessions whose priced refusals are kept in memory."""


class Beside:
    """Sessions compared. What judges is loaded when it is asked for: it waits for the kernel."""

    def __init__(self, load: Callable[[int], Awaitable[Archived]]) -> None:
        """`load` gives a session by its number, whole."""
        self._load = load
        self._comparing: Comparing | None = None

    async def compare(self, session_ids: tuple[int, ...]) -> tuple[Compared, ...]:
        """Two to six, in their order; InvalidSetting for fewer or more."""
        if self._comparing is None:
            from engine.runtime.documents.comparing import Comparing

            self._comparing = Comparing(self._load)
        return await self._comparing.compare(session_ids)


async def reviewed(session: Archived, archive: Archive) -> tuple[Review, bool]:
    """A session ready to be looked at, and whether nothing of it is missing; `archive` is where its
    candles may have come from."""
    from engine.runtime.history.offline import (
        broken_off_words,
        changed_words,
        gone_words,
    )
    from engine.runtime.history.reviewing import build_review

    def work() -> tuple[Review, bool]:
        gone = gone_words(session.record.settings, archive)
        found = broken_off_words(session) or changed_words(session), gone
        made = build_review(session, gone=" ".join(words for words in found if words))
        return made, made.missing == gone

    return await in_thread("build-review", work)


async def export(session: Archived, kind: str, path: Path) -> None:
    """A session as ``html``, ``json`` or ``csv``; AskPerson where the file cannot be written."""
    from engine.runtime.documents.exporting import ExportKind, export_to

    await in_thread("export", partial(export_to, session, ExportKind(kind), path))


async def doubt_about(session: Archived) -> Doubt:
    """The ambiguity band of a session."""
    # What judges is loaded when it is asked for: it waits for the kernel.
    from engine.runtime.history.trust import asked_in, doubt_in

    return await in_thread("doubt", lambda: doubt_in(session, asked_in(session)))


class PricedBlocked:
    """What refused entries would have earned, each session worked out once: the answer is `kept`
    for one that has ended, and of the others the last few, as long as nothing is added to them."""

    def __init__(self, kept: KeptPrices, load: Callable[[int], Awaitable[Archived]]) -> None:
        """`load` gives a session by its number, whole."""
        self._kept, self._load = kept, load
        self._known: dict[tuple[int, int], tuple[BlockedPrice, ...]] = {}
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def price(self, session_id: int, report: Report | None) -> tuple[BlockedPrice, ...]:
        """Cancelling the caller ends the work soon. Raises FileRefused when what the strategy asked
        for is not known any more."""
        async with self._turn(session_id):
            return await self._price(session_id, report)

    async def _price(self, session_id: int, report: Report | None) -> tuple[BlockedPrice, ...]:
        stamp = await self._kept.stamp(session_id)
        found = await self._kept.find(session_id, stamp)
        if found is not None:
            return found
        from engine.runtime.history.trust import asked_in, blocked_in, text_is_its_own

        session = await self._load(session_id)
        about = session_id, len(session.log)
        if about in self._known:
            return self._known[about]

        def work(told: Told, stop: threading.Event) -> tuple[BlockedPrice, ...]:
            return blocked_in(session, asked_in(session), told, stop)

        prices = await told_from_worker("price-blocked", work, report)
        while len(self._known) >= _KEPT:
            self._known.pop(next(iter(self._known)))
        self._known[about] = prices
        if stamp and text_is_its_own(session.record):
            await self._kept.keep(session_id, stamp, prices)
        return prices

    def _turn(self, session_id: int) -> asyncio.Lock:
        """Who asks for the same session waits for the answer that is on its way."""
        return self._turns.setdefault(session_id, asyncio.Lock())


async def monte_carlo_of(session: Archived, report: Report | None) -> MonteCarlo:
    """Its trades in orders that chance could have given; cancelling the caller ends it soon."""
    from engine.runtime.history.chance import monte_carlo

    def work(told: Told, stop: threading.Event) -> MonteCarlo:
        return monte_carlo(session, told, stop)

    return await told_from_worker("monte-carlo", work, report, _runs)


async def rehearse_on(files: CandleFiles, path: Path) -> None:
    """Strategies are asked about the beginning of a file, before anybody waits for them."""
    from engine.runtime.sources.strategies import rehearse

    def work() -> None:
        rehearse(files.candles(path, None).part(0, _REHEARSED))

    try:
        await in_thread("rehearse", work)
    except FileRefused:  # changed since it was read: who runs it will hear of it
        logger.info("%s could not be read for a rehearsal", path)


def _runs(done: int, total: int) -> str:
    return tr("{done:,} of {total:,} runs", done=done, total=total)


async def all_statistics(session: Archived) -> Statistics:
    """Every figure of a session, and its trades in groups."""
    from engine.runtime.history.figures import statistics_of

    return await in_thread("statistics", partial(statistics_of, session))


async def trade_ranges(session: Archived) -> TradeRanges:
    """How far each of its trades was ahead and behind."""
    from engine.runtime.history.figures import trade_ranges_of

    return await in_thread("trade-ranges", partial(trade_ranges_of, session))


async def prove(store: Store, session_id: int, report: Report | None) -> Proof:
    """A finished session run again."""
    from engine.runtime.proof.desk import prove_session

    return await prove_session(store, session_id, report)


async def compare_period(
    store: Store, session: Archived, sources: Sources, report: Report | None
) -> SamePeriod:
    """A bot's session beside a backtest of its period."""
    from engine.runtime.same_period import desk

    return await desk.compare_period(store, session, sources, report)


async def why_of(store: Store, session: Archived) -> Why:
    """Why a session decided as it did."""
    from engine.runtime.why import building

    return await building.why_of(store, session)
