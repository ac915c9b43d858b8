"""`trader-engine sweep`: many settings over recorded candles, told as rows, best first."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from engine.cli.backtest import sources_of, wish_of
from engine.cli.candle_arguments import params_given, store_in
from engine.cli.opened_store import opened_store
from engine.cli.sweep_document import sweep_document, sweep_text
from engine.cli.trade_arguments import trade_given
from engine.domain.sweeps import SweepRecord, SweepRow
from engine.errors import InvalidSetting
from engine.messages.commands import RunSweep
from engine.messages.progress import Progress
from engine.messages.sweeping import SweepOrigin
from engine.runtime.clock import WallClock
from engine.runtime.sweep.grid import read_values
from engine.runtime.sweep.origin import origin_of
from engine.runtime.sweep.planning import SweepPlan, plan_sweep
from engine.runtime.sweep.ranking import RANKINGS, best_first
from engine.runtime.sweep.record import sweep_record
from engine.runtime.sweep.run import MOST_WORKERS, run_sweep

_ROWS_PRINTED: Final = 20


def sweep(arguments: argparse.Namespace) -> str:
    """Run it, store it if a data folder is given, and say what came out.

    Ctrl+C ends it early: what is done by then is printed, stored as cancelled, and the program's
    status says that it was interrupted.
    """
    _check(arguments)
    wish = _wish(arguments)
    plan = plan_sweep(wish, sources_of(arguments, wish.backtest))
    rows: list[SweepRow] = []
    with _stopped_by_ctrl_c() as stop:
        end = run_sweep(plan, partial(_take, rows), stop, arguments.workers or 0)
    ranked = best_first(rows, arguments.sort)
    record = sweep_record(plan, end.fine, rows, 0, WallClock().now_ms())
    if store_in(arguments) is not None:
        origin = origin_of(wish, plan)
        record, ranked = asyncio.run(_stored(arguments, plan, record, ranked, origin))
    document = sweep_document(record, end, ranked, arguments.sort)
    top = arguments.top if arguments.top is not None or arguments.json else _ROWS_PRINTED
    document["rows"] = document["rows"][:top]
    said = json.dumps(document) if arguments.json else sweep_text(document)
    if end.cancelled:
        print(said, flush=True)
        raise KeyboardInterrupt
    return said


def _check(arguments: argparse.Namespace) -> None:
    if arguments.sort not in RANKINGS:
        raise InvalidSetting(
            f"{arguments.sort!r} is no figure of a sweep. Choose one of: {', '.join(RANKINGS)}.",
            field="sort",
        )
    if arguments.workers is not None and not 1 <= arguments.workers <= MOST_WORKERS:
        raise InvalidSetting(
            f"{arguments.workers} workers are not possible. Choose 1 to {MOST_WORKERS}.",
            field="workers",
        )
    if arguments.seed is not None and arguments.random is None:
        raise InvalidSetting("--seed goes with --random N only. Add it.", field="seed")
    for name in ("top", "promote"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise InvalidSetting(f"--{name} must be at least 1, not {value}.", field=name)
    if arguments.promote is not None and store_in(arguments) is None:
        raise InvalidSetting(
            "--promote stores sessions. Add --data-dir D, the folder to store them in.",
            field="promote",
        )


def _wish(arguments: argparse.Namespace) -> RunSweep:
    given = params_given(arguments)
    return RunSweep(
        wish_of(arguments, {}, trade_given(arguments)),
        {name: read_values(name, text) for name, text in given.items()},
        arguments.random,
        1 if arguments.seed is None else arguments.seed,
    )


def _take(rows: list[SweepRow], new: Sequence[SweepRow], progress: Progress) -> None:
    rows += new
    if sys.stderr.isatty():
        end = "\n" if progress.done == progress.total else ""
        print(f"\r{progress.words}", end=end, file=sys.stderr, flush=True)


@contextmanager
def _stopped_by_ctrl_c() -> Iterator[threading.Event]:
    """An event that Ctrl+C sets; where Ctrl+C is ignored it stays so."""
    stop = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    if (
        before in (signal.SIG_IGN, None)
        or threading.current_thread() is not threading.main_thread()
    ):
        yield stop
        return
    signal.signal(signal.SIGINT, lambda number, frame: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


async def _stored(
    arguments: argparse.Namespace,
    plan: SweepPlan,
    record: SweepRecord,
    ranked: list[SweepRow],
    origin: SweepOrigin,
) -> tuple[SweepRecord, list[SweepRow]]:
    from engine.runtime.sweep.earlier import Swept
    from engine.runtime.sweep.storing import promote, store_sweep

    now = record.created_at
    async with opened_store(arguments.data_dir, now_ms=now) as store:
        record = replace(record, id=store.next_id("sweeps"))
        await store_sweep(store, record, ranked, origin)
        swept = Swept(record.id, plan, stored={row.no for row in ranked})
        best = 0 if record.done < len(plan.sets) else arguments.promote or 0
        for place, row in enumerate(ranked[:best]):
            ranked[place] = await promote(store, swept, row, now)
    return record, ranked
