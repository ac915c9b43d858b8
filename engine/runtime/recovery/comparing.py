"""Stored rows beside those that the events give, in words a person can compare. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from engine.domain.candles import moment_text
from engine.domain.money import Scale, plain
from engine.domain.sessions import session_label
from engine.language import localised, tr
from engine.store.projecting import Values
from engine.store.rebuilding import COLUMNS, Tables, given_up

SHOWN: Final = 3
"""Rows of one table that are spelled out; the others are counted."""

_Say = Callable[[Scale, int], str]


def _price(scale: Scale, count: int) -> str:
    return localised(plain(scale.price(count)))


def _amount(scale: Scale, count: int) -> str:
    return localised(plain(scale.amount(count)))


def _money(scale: Scale, count: int) -> str:
    return localised(plain(scale.money(count)))


def _moment(_: Scale, at: int) -> str:
    return moment_text(at)


_SAID: Final[Mapping[str, _Say]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("price", "price_unslipped", "entry_price", "exit_price", "stop", "target"), _price
        ),
        **dict.fromkeys(("amount", "exited", "position"), _amount),
        **dict.fromkeys(("fee", "pnl", "cash", "fees", "funding"), _money),
        **dict.fromkeys(("row_at", "at", "last_at", "opened_at", "closed_at", "ended_at"), _moment),
    }
)


def differences(stored: Tables, rebuilt: Tables, scale: Scale, session_id: int) -> dict[str, str]:
    """Name of each table that differs -> a sentence with rows and both sides."""
    found = {}
    for table, wanted in rebuilt.items():
        lines = _table(table, stored[table], wanted, scale)
        if lines:
            more = tr("; and {count} more", count=len(lines) - SHOWN) if len(lines) > SHOWN else ""
            found[table] = tr(
                "{label}, table {table}: {differences}{more}.",
                label=session_label(session_id),
                table=table,
                differences="; ".join(lines[:SHOWN]),
                more=more,
            )
    return found


def _table(
    table: str, stored: tuple[Values, ...], wanted: tuple[Values, ...], scale: Scale
) -> list[str]:
    if stored == wanted:
        return []
    number = COLUMNS[table].index("no")
    have, want = ({row[number]: row for row in rows} for rows in (stored, wanted))
    lines = []
    for no in sorted({*have, *want}, key=lambda one: int(str(one))):
        if no not in want:
            lines.append(tr("row {no} is there, and no event tells of it", no=no))
        elif no not in have:
            lines.append(tr("row {no} is missing, though the events tell of it", no=no))
        elif have[no] != want[no] and not given_up(want[no], have[no]):
            lines.append(
                tr(
                    "row {no} has {columns}",
                    no=no,
                    columns=_columns(table, have[no], want[no], scale),
                )
            )
    return lines


def _columns(table: str, have: Values, want: Values, scale: Scale) -> str:
    return ", ".join(
        tr(
            "{name} {stored} where the events say {right}",
            name=name,
            stored=_said(name, mine, scale),
            right=_said(name, theirs, scale),
        )
        for name, mine, theirs in zip(COLUMNS[table], have, want, strict=True)
        if mine != theirs
    )


def _said(column: str, value: object, scale: Scale) -> str:
    if value is None:
        return tr("nothing")
    say = _SAID.get(column)
    return say(scale, value) if say is not None and isinstance(value, int) else f"{value}"
