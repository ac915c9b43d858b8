"""The strategies folder: which of its files may run, and those that do beside the built-in ones.

A file joins `STRATEGIES` only when its bytes are those a person allowed; before that it is read as
text and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from engine.domain.strategy_files import Allowed, Standing, StrategyFile, StrategySource
from engine.errors import FileRefused, UnknownName
from engine.language import tr
from engine.runtime.sources.strategy_file import Loaded, hash_of, load, read_source
from engine.strategies import BUILT_IN, STRATEGIES

logger = logging.getLogger(__name__)

FOLDER: Final = "strategies"
_LOADING_S: Final = 10.0
"""A file that takes longer to import is given up; its thread cannot hold up the program."""


class OwnStrategies:
    """Those of one data folder. Nothing here is stored: who allows a file stores `allowed`."""

    def __init__(self, data_dir: Path, allowed: Mapping[str, Allowed]) -> None:
        """`allowed` by the file's name."""
        self.folder = data_dir / FOLDER
        self.allowed = dict(allowed)
        self._loaded: dict[str, Loaded] = {}
        """By the name of the strategy."""
        self._broken: dict[str, FileRefused] = {}
        """By the name of the file."""

    async def join(self, *, load: bool = True) -> None:
        """Load what is allowed and has not changed; what cannot be used is told by `files`. Those
        of another data folder leave. In safe mode (not `load`) nothing is run."""
        while _in_force:
            _in_force[0].leave()
        _in_force.append(self)
        for file, allowed in sorted(self.allowed.items()):
            if hash_of(self.folder / file) != allowed.sha256:
                continue
            if not load:
                self._broken[file] = FileRefused(_not_loaded(file))
                continue
            try:
                self._put(await _within_deadline(file, partial(_again, self.folder / file)))
            except FileRefused as fault:
                self._broken[file] = fault
                logger.info("An allowed strategy cannot be used: %s", fault.words)

    def leave(self) -> None:
        """Take them all out again."""
        if self in _in_force:
            _in_force.remove(self)
        for name in tuple(self._loaded):
            self._take_out(name)

    def files(self) -> tuple[StrategyFile, ...]:
        """Every file of the folder, and those that were allowed and are gone, by name. Reads
        them all; runs none."""
        there = {path.name for path in self.folder.glob("*.py") if path.is_file()}
        return tuple(self.file(name) for name in sorted(there | set(self.allowed)))

    def file(self, name: str) -> StrategyFile:
        """How one of them stands; UnknownName if it was never there."""
        self._place(name)
        sha256, allowed = hash_of(self.folder / name), self.allowed.get(name)
        if allowed is None:
            words = tr(
                "{name} is not allowed, so nothing of it was run. Read it, then allow it "
                "on the Settings page, or with `trader-engine strategies allow {name}`.",
                name=name,
            )
            return StrategyFile(name, sha256, Standing.NEW, words=words)
        standing, words = self._standing(name, sha256, allowed)
        return StrategyFile(name, sha256, standing, allowed.name, allowed.title, words)

    def _standing(self, name: str, sha256: str, allowed: Allowed) -> tuple[Standing, str]:
        if not sha256:
            return Standing.GONE, (
                tr(
                    "{name} was allowed and is gone from {folder}. Put it back, or forbid it.",
                    name=name,
                    folder=self.folder,
                )
            )
        if sha256 != allowed.sha256:
            return Standing.CHANGED, (
                tr(
                    "{name} has changed since it was allowed, so it is not run. Read it "
                    "and allow it again on the Settings page, or with "
                    "`trader-engine strategies allow {name}`.",
                    name=name,
                )
            )
        if name in self._broken:
            return Standing.BROKEN, self._broken[name].words
        return Standing.ALLOWED, ""

    def source(self, name: str) -> StrategySource:
        """Its text and hash, for a person to read; UnknownName or FileRefused."""
        return read_source(self._place(name))

    async def allow(self, name: str, sha256: str) -> StrategyFile:
        """Run the file and let its strategy join, if its bytes still have the hash that the person
        saw; FileRefused with words if not, or if it cannot be used. It is then as it was."""
        source = self.source(name)
        if source.sha256 != sha256:
            raise FileRefused(
                tr(
                    "{name} changed while it was looked at, so it was not allowed. Read it again.",
                    name=name,
                )
            )
        loaded = await _within_deadline(name, partial(load, source))
        strategy = loaded.strategy.name
        other = next(
            (file for file, one in self.allowed.items() if one.name == strategy and file != name),
            None,
        )
        if other is not None:
            raise FileRefused(
                tr(
                    "{name} calls its strategy {strategy}, as {other} does, so it was "
                    "not allowed. Give it another name.",
                    name=name,
                    strategy=strategy,
                    other=other,
                )
            )
        self.forbid(name)
        self.allowed[name] = Allowed(sha256, strategy, loaded.strategy.title)
        self._put(loaded)
        return self.file(name)

    def forbid(self, name: str) -> None:
        """Forget that it was allowed; its strategy is offered no more."""
        allowed = self.allowed.pop(name, None)
        self._broken.pop(name, None)
        if allowed is not None:
            self._take_out(allowed.name)

    def why_not(self, name: str) -> str:
        """Why the strategy of that name must not run now; "" if it may, or is none of these."""
        if name in BUILT_IN:
            return ""
        file = next((file for file, one in self.allowed.items() if one.name == name), f"{name}.py")
        there = file in self.allowed or (self.folder / file).is_file()
        return self.file(file).words if there else ""

    def _place(self, name: str) -> Path:
        place = self.folder / name
        known = name in self.allowed or place.is_file()
        if place.parent != self.folder or not name.endswith(".py") or not known:
            raise UnknownName(
                tr(
                    "{name!r} is no file of the strategies folder. Put a .py file into {folder}.",
                    name=name,
                    folder=self.folder,
                )
            )
        return place

    def _put(self, loaded: Loaded) -> None:
        self._loaded[loaded.strategy.name] = loaded
        STRATEGIES[loaded.strategy.name] = loaded.strategy

    def _take_out(self, name: str) -> None:
        loaded = self._loaded.pop(name, None)
        if loaded is not None and STRATEGIES.get(name) is loaded.strategy:
            del STRATEGIES[name]


_in_force: Final[list[OwnStrategies]] = []
"""The one that joined last and has not left."""


def why_not(name: str) -> str:
    """Why a strategy from a file must not run now; "" for every other name."""
    return next(filter(None, (own.why_not(name) for own in _in_force)), "")


def _not_loaded(file: str) -> str:
    return tr(
        "{file} is allowed, but the program was started in safe mode, so it was not "
        "loaded. Start the program again without safe mode to use it.",
        file=file,
    )


def _again(path: Path) -> Loaded:
    return load(read_source(path))


async def _within_deadline(name: str, work: Callable[[], Loaded]) -> Loaded:
    # Who only asks for built-in strategies does without threads and loops.
    from engine.runtime.workers import Late, in_thread

    try:
        return await in_thread(f"load-{name}", work, _LOADING_S)
    except Late:
        raise FileRefused(
            tr(
                "{name} was not imported within {loading_s:g} s, so it was given up and "
                "is not offered. Take out what it waits for, then allow it again.",
                name=name,
                loading_s=_LOADING_S,
            )
        ) from None
