"""A person's own strategies for the length of one verb."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from engine.cli.opened_store import opened_store
from engine.domain.strategy_files import Allowed
from engine.runtime.sources.own_strategies import OwnStrategies
from engine.strategies import STRATEGIES


async def allowed_in(folder: Path) -> dict[str, Allowed]:
    """What a person allowed there; nothing where nothing was stored yet."""
    from engine.store.opening import FILE_NAME
    from engine.store.repositories import preferences

    if not (folder / FILE_NAME).exists():
        return {}
    async with opened_store(folder, read_only=True) as store:
        return await preferences.allowed_strategies(store)


@asynccontextmanager
async def own_strategies(folder: Path) -> AsyncIterator[OwnStrategies]:
    """Those of the data folder, joined; taken out again afterwards."""
    own = OwnStrategies(folder, await allowed_in(folder))
    await own.join()
    try:
        yield own
    finally:
        own.leave()


def join_own(folder: Path, names: Iterable[str]) -> None:
    """Let the allowed ones of the folder join if any of `names` is not one of the program: they
    stay until this program ends. What may not run is then refused by name."""
    if all(name in STRATEGIES for name in names):
        return
    import asyncio  # a backtest of a built-in strategy needs no loop, and takes none along

    async def joined() -> None:
        await OwnStrategies(folder, await allowed_in(folder)).join()

    asyncio.run(joined())
