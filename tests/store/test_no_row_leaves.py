"""What a repository gives out is a frozen value: no row, no session, no cursor of the database."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from sqlalchemy import update

from engine.domain.presets import Preset
from engine.domain.sessions import SessionStatus
from engine.domain.strategy_files import Allowed
from engine.errors import Fault
from engine.messages.events import EventColumns
from engine.store import repositories
from engine.store.action import Action
from engine.store.chunks import RUNNING_CHUNKS
from engine.store.database import Store
from engine.store.records import AccountRecord, BotStanding, MarketState
from engine.store.repositories import (
    accounts,
    bot_states,
    events,
    extra_recordings,
    markets,
    openings,
    preferences,
    presets,
    projections,
    recordings,
    session_notes,
    sweep_origins,
    sweeps,
)
from engine.store.tables import SESSIONS
from tests.store.samples import (
    OPENED,
    TRADE,
    add_bot,
    add_session,
    events_of,
    session_record,
    some_followed,
    some_rows,
    sweep,
    sweep_origin,
)
from tests.store.test_projections import CLOSING, OPENING

PLAIN = (int, float, str, bytes, Decimal, Enum, NoneType, np.ndarray)
ARGUMENTS = {
    "name": "BTC/USDT",
    "source": "SIMULATED",
    "symbol": "BTC/USDT",
    "until_at": 2_000_000_000_000,
    "before_id": 9,
    "session_ids": (1,),
    "others": (1,),
    "portfolio_id": 6,
}

MODULES = [
    importlib.import_module(f"{repositories.__name__}.{found.name}")
    for found in pkgutil.iter_modules(repositories.__path__)
]
FUNCTIONS = [
    function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_")
]
READS = [function for function in FUNCTIONS if inspect.iscoroutinefunction(function)]


def title(function: Callable[..., object]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def allowed(kind: Any) -> bool:
    """Whether an annotation promises a frozen value, all the way down."""
    origin = get_origin(kind)
    if origin is UnionType or origin in (tuple, dict, Mapping):
        return all(part is Ellipsis or allowed(part) for part in get_args(kind))
    if is_dataclass(kind) and isinstance(kind, type):
        return kind.__module__.startswith("engine.") and bool(
            kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
        )
    return kind is EventColumns or (isinstance(kind, type) and issubclass(kind, (*PLAIN, Fault)))


def foreign(value: object) -> object | None:
    """The first thing inside `value` that is not a plain or frozen value, or None."""
    if isinstance(value, (EventColumns, Fault, *PLAIN)):
        return None
    if type(value) is tuple:
        return next((found for item in value if (found := foreign(item))), None)
    if isinstance(value, Mapping):
        return foreign((*value.keys(), *value.values()))
    if is_dataclass(value) and type(value).__module__.startswith("engine."):
        return foreign(tuple(getattr(value, field.name) for field in fields(value)))
    if isinstance(value, list) and all(isinstance(item, PLAIN) for item in value):
        return None
    return value


def test_there_are_reads_to_look_at() -> None:
    assert len(READS) >= 18


@pytest.mark.parametrize("function", READS, ids=title)
def test_reads_promise_frozen_values(function: Callable[..., object]) -> None:
    assert allowed(get_type_hints(function)["return"])


@pytest.mark.parametrize(
    "function", [function for function in FUNCTIONS if function not in READS], ids=title
)
def test_writes_collect_and_return_no_row(function: Callable[..., object]) -> None:
    hints = get_type_hints(function)
    if next(iter(hints.values())) is Action:
        assert hints["return"] is NoneType
    else:  # prepares values for a write, away from the database
        assert hints["return"] is recordings.PackedRows


async def fill(store: Store) -> None:
    rows = events_of(*OPENING, *CLOSING, *OPENING[1:4])
    rows[-3:, 1] += 10
    projection = projections.fold(1, rows)
    async with store.action("fill") as db:
        add_session(db, 1)
        openings.add(db, session_record(1), OPENED)
        add_bot(db, 1)
        bot_states.claim(db, 1, 1)
        for first_row in range(0, 3 * RUNNING_CHUNKS, 3):
            recordings.append(db, 1, first_row, some_rows(3))
        db.run(update(SESSIONS).values(let_go_at=7))
        extra_recordings.append(db, 1, [some_followed()])
        preferences.set_keep_days(db, 30)
        preferences.set_allowed_strategies(db, {"own.py": Allowed("00", "own", "Own")})
        events.append(db, 1, 0, rows)
        projections.write(db, projection)
        accounts.save(db, AccountRecord("BTC/USDT", "USDT", Decimal(1), Decimal(0), 0))
        markets.save_state(db, MarketState("BTC/USDT", 1, {"price": 1.5}, 0))
        sweeps.add(db, *sweep())
        sweep_origins.add(db, 1, sweep_origin())
        sweeps.add(db, *sweep(2))
        sweeps.set_deleted(db, 2, 1)
        presets.save(db, Preset("Quick", "ema_cross", {"fast": 9}, TRADE))
    async with store.action("close later") as db:
        add_session(db, 2, bot_id=1)
        projections.write(db, projections.fold(2, events_of(*CLOSING), None, 1))
    again = events_of(*OPENING[1:4])
    again[:, 1] += 40
    async with store.action("open again") as db:
        projections.write(db, projections.fold(1, again))

    async with store.action("finish") as db:
        add_session(db, 9, status=SessionStatus.FINISHED)
        add_session(db, 10, status=SessionStatus.FINISHED)
        session_notes.mark_deleted(db, 10, 5)
        preferences.keep_numbers(db, store.numbers_given)
        bot_states.save(db, BotStanding(1, session_id=1))


async def test_what_reads_give_is_what_they_promise(store: Store) -> None:
    await fill(store)
    for function in READS:
        asked: Callable[..., Awaitable[object]] = function
        needed = [
            name
            for name, parameter in inspect.signature(function).parameters.items()
            if parameter.default is inspect.Parameter.empty and name != "store"
        ]
        value = await asked(store, *(ARGUMENTS.get(name, 1) for name in needed))
        assert value not in (None, (), {}, 0), f"{title(function)} found nothing to look at"
        assert foreign(value) is None, title(function)
