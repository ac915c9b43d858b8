"""One door to a person's own strategies: looked at, allowed, forbidden, checked, and stored."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from engine.domain.strategy_files import Standing, StrategyChecked, StrategyFile, StrategySource
from engine.errors import FileRefused, IllegalStep
from engine.language import tr
from engine.runtime.sources.own_strategies import OwnStrategies
from engine.runtime.sources.strategies import find_strategy
from engine.runtime.sources.strategy_check import check_causality, check_words
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.repositories import preferences

logger = logging.getLogger(__name__)


class StrategyDesk:
    """The strategies folder of one open data folder. Methods are called on the loop."""

    def __init__(self, store: Store, own: OwnStrategies) -> None:
        self._store, self._own = store, own

    @classmethod
    async def open(cls, store: Store, data_dir: Path, *, load: bool = True) -> StrategyDesk:
        """Load what was allowed, or nothing; the folder is made, so that a person finds it."""
        own = OwnStrategies(data_dir, await preferences.allowed_strategies(store))
        try:
            own.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            logger.info("The strategies folder cannot be made: %s", error)
        await own.join(load=load)
        return cls(store, own)

    def close(self) -> None:
        """Nothing of them is offered any more."""
        self._own.leave()

    async def files(self) -> tuple[StrategyFile, ...]:
        """Every file and how it stands. None is run to find out."""
        return await in_thread("read-strategies", self._own.files)

    async def source(self, file: str) -> StrategySource:
        """Its text, to be read before it is allowed; UnknownName or FileRefused."""
        return await in_thread("read-strategy", partial(self._own.source, file))

    async def allow(self, file: str, sha256: str) -> StrategyFile:
        """From now on these bytes may run; FileRefused if they changed or are no strategy."""
        allowed = await self._own.allow(file, sha256)
        try:
            await self._keep()
        except BaseException:
            self._own.forbid(file)
            raise
        return allowed

    async def forbid(self, file: str, running: Callable[[str], Collection[str]]) -> None:
        """It is asked for again before it may run; IllegalStep while bots run it. `running` gives
        the names of the bots that run a strategy."""
        known = self._own.allowed.get(file)
        if known is None:
            raise FileRefused(tr("{file} was not allowed. There is nothing to forbid.", file=file))
        bots = running(known.name)
        if bots:
            raise IllegalStep(
                tr(
                    "{file} is run by {names}, so it stays allowed. Stop first, then forbid it.",
                    file=file,
                    names=", ".join(bots),
                )
            )
        self._own.forbid(file)
        await self._keep()

    async def check(self, file: str) -> StrategyChecked:
        """What asking it on ever longer pasts found. FileRefused unless allowed, StrategyFailed if
        it fails."""
        now = self._own.file(file)
        if now.standing is not Standing.ALLOWED:
            raise FileRefused(now.words)
        strategy = find_strategy(now.name)
        finding = await in_thread("check-strategy", partial(check_causality, strategy))
        clean = finding.same_again and finding.look_ahead is None
        return StrategyChecked(check_words(file, finding), clean)

    async def _keep(self) -> None:
        async with self._store.action("allow_strategies") as db:
            preferences.set_allowed_strategies(db, self._own.allowed)
