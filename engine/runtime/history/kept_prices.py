"""What refused signals would have earned, kept across starts of the program.

As with kept reviews, it is a copy that can be thrown away at any time, and is taken only where the
store says of the session what it said when the copy was made. Other than a review it is small: all
of it is read, and held against its checksum, before any of it is shown.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from engine.domain.sessions import session_label
from engine.messages.doubt import BlockedPrice
from engine.runtime.history import column_file
from engine.runtime.history.copies import PRICES, copy_of, made_from, prune
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.repositories import sessions
from engine.store.repositories.stamps import stamp_of

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 1 << 26
"""Of all of them together: sixteen bytes a priced signal. Those asked longest ago go first."""
_MAGIC: Final = b"trader-gui prices 1\n"

Prices = tuple[BlockedPrice, ...]


class KeptPrices:
    """Copies in one folder, which need not be there."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self._folder = store, folder

    async def stamp(self, session_id: int) -> str:
        """What the store says of a session, to be asked before it is read; "" where its prices are
        not kept: it can go on, or its ticks were let go."""
        stamp = await stamp_of(self._store, session_id)
        if not stamp:
            return ""
        record = await sessions.get(self._store, session_id)
        # The first time in a start it looks at every source file.
        return await in_thread("made-from", partial(made_from, f"{stamp} {record.strategy_hash}"))

    async def find(self, session_id: int, stamp: str) -> Prices | None:
        """What was kept of a session that is what `stamp` says; None where there is no such copy,
        or no good one."""
        path = self._path(session_id)
        if not stamp or not path.exists():
            return None
        found = await in_thread("open-prices", partial(_read, path, stamp))
        if found is None:
            logger.info(
                "The kept prices of %s were not taken: they are damaged, or were made from "
                "something else. They are worked out again.",
                session_label(session_id),
            )
        return found

    async def keep(self, session_id: int, stamp: str, prices: Prices) -> None:
        """For the next time; where that cannot be, they are worked out again then."""
        try:
            await in_thread("keep-prices", partial(self._write, session_id, stamp, prices))
        except OSError as fault:
            logger.info("No prices of %s were kept: %s", session_label(session_id), fault)

    def _write(self, session_id: int, stamp: str, prices: Prices) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        column_file.write(self._path(session_id), _MAGIC, stamp, _columns(prices))
        prune(self._folder, PRICES, MOST_BYTES)

    def _path(self, session_id: int) -> Path:
        return copy_of(self._folder, session_id, PRICES)


def _columns(prices: Prices) -> dict[str, column_file.Column]:
    rules = [(one.refusal, one.count, one.priced) for one in prices]
    none = [np.empty(0, np.int64)]
    return {
        "rules": np.array(rules, np.int64).reshape(-1, 3),
        "at": np.concatenate(none + [one.at for one in prices]),
        "each": np.concatenate(none + [one.each for one in prices]),
    }


def _read(path: Path, stamp: str) -> Prices | None:
    kept = column_file.read(path, _MAGIC, stamp)
    if kept is None or not kept.is_whole():
        return None
    with suppress(OSError):
        os.utime(path)  # asked now
    # Copied: Windows does not replace what is mapped.
    at, each = kept.columns["at"].copy(), kept.columns["each"].copy()
    prices, first = [], 0
    for refusal, count, priced in kept.columns["rules"].tolist():
        mine = slice(first, first + priced)
        first += priced
        pnl = sum(each[mine].tolist())
        prices.append(BlockedPrice(refusal, count, priced, pnl, at[mine], each[mine]))
    return tuple(prices)
