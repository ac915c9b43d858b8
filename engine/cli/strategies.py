"""`trader-engine strategies`: what there is, and which files of a person's own may run."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from functools import partial
from pathlib import Path
from typing import Any

from engine.cli.candle_arguments import params_given
from engine.cli.opened_store import opened_store
from engine.cli.own_strategies import allowed_in, own_strategies
from engine.cli.tables import aligned
from engine.domain.candles import Candles
from engine.domain.strategy_files import Standing, StrategyFile
from engine.errors import FileRefused, UnknownName
from engine.runtime.clock import WallClock
from engine.runtime.folders import default_data_dir
from engine.runtime.sources.own_strategies import OwnStrategies
from engine.runtime.sources.strategies import find_strategy
from engine.runtime.sources.strategy_check import check_causality, check_words
from engine.runtime.strategy_desk import StrategyDesk
from engine.store.repositories import preferences
from engine.strategies import BUILT_IN, STRATEGIES

Document = dict[str, Any]


def strategies(arguments: argparse.Namespace) -> str:
    """What `list`, `allow`, `forbid` or `check` prints."""
    folder = arguments.data_dir or default_data_dir()
    if arguments.what == "list":
        return asyncio.run(_list(folder, as_json=arguments.json))
    file = _file_in(folder, arguments.file)
    if arguments.what == "check":
        words = asyncio.run(_check(folder, file, arguments))
    else:
        words = asyncio.run(_choose(folder, file, allow=arguments.what == "allow"))
    return json.dumps({"file": file, "words": words}) if arguments.json else words


def _file_in(folder: Path, given: str) -> str:
    """The file's name, where it lies in the strategies folder."""
    place = OwnStrategies(folder, {}).folder
    if os.path.dirname(given) and Path(given).resolve().parent != place.resolve():
        raise UnknownName(f"{given} does not lie in {place}. Put it there first.")
    return os.path.basename(given)


async def _list(folder: Path, *, as_json: bool) -> str:
    own = OwnStrategies(folder, await allowed_in(folder))  # nothing is run to list them
    files = own.files()
    program = [StrategyFile("", "", Standing.ALLOWED, name) for name in sorted(BUILT_IN)]
    documents = [_document(file) for file in (*program, *files)]
    if as_json:
        return json.dumps(documents)
    head = ("strategy", "from", "standing", "sha256", "title")
    rows = [
        (
            one["strategy"] or "",
            one["file"] or "the program",
            one["standing"],
            (one["sha256"] or "")[:12],
            one["title"] or "",
        )
        for one in documents
    ]
    lines = [aligned([head, *rows], set()), *(one["words"] for one in documents if one["words"])]
    if not files:
        lines.append(f"Files of your own go into {own.folder}.")
    return "\n".join(lines)


def _document(file: StrategyFile) -> Document:
    """A strategy of the program has no file."""
    return {
        "strategy": file.name or None,
        "title": (file.title if file.file else STRATEGIES[file.name].title) or None,
        "built_in": not file.file,
        "file": file.file or None,
        "standing": file.standing.value,
        "sha256": file.sha256 or None,
        "words": file.words or None,
    }


async def _choose(folder: Path, file: str, *, allow: bool) -> str:
    async with opened_store(folder, now_ms=WallClock().now_ms()) as store:
        own = OwnStrategies(folder, await preferences.allowed_strategies(store))
        desk = StrategyDesk(store, own)
        if not allow:
            await desk.forbid(file, lambda strategy: ())
            return f"{file} may no longer run."
        source = await desk.source(file)
        now = await desk.allow(file, source.sha256)
        desk.close()
    return (
        f"{file} may run as the strategy {now.name}, as long as its SHA-256 is {now.sha256}. It "
        "has all rights of this program."
    )


async def _check(folder: Path, file: str, arguments: argparse.Namespace) -> str:
    async with own_strategies(folder) as own:
        now = own.file(file)
        if now.standing is not Standing.ALLOWED:
            raise FileRefused(now.words)
        work = partial(
            check_causality,
            find_strategy(now.name),
            params_given(arguments),
            _candles(arguments.candles),
        )
        return check_words(file, await asyncio.to_thread(work))


def _candles(path: Path | None) -> Candles | None:
    if path is None:
        return None
    from engine.runtime.sources.candle_cache import read_candles

    return read_candles(path, None).candles.part(0, 5_000)
