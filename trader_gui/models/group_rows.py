"""A session's trades in groups as a table: what they share, and what they brought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import numpy as np

from engine.domain.columns import IntColumn
from engine.domain.money import plain
from engine.domain.reasons import ExitReason
from engine.language import tr
from engine.messages.figures import TradeGroup
from engine.messages.reason_words import reason_words as said_reason
from trader_gui import format as fmt
from trader_gui.models.facts import side_text
from trader_gui.models.reason_words import exit_said
from trader_gui.models.table_model import Column, Look, Values

KINDS: Final = (
    ("exit_reason", tr("Exit"), tr("by exit")),
    ("entry_reason", tr("Entry"), tr("by entry")),
    ("side", tr("Side"), tr("by side")),
    ("weekday", tr("Weekday"), tr("by weekday of entry, UTC")),
    ("hour", tr("Hour"), tr("by hour of entry, UTC")),
)
"""Kind, its short name for a choice, and what to say of it."""
_EXITS: Final = {reason.code: reason for reason in ExitReason}
_WEEKDAYS: Final = MappingProxyType(
    {
        "monday": tr("Monday"),
        "tuesday": tr("Tuesday"),
        "wednesday": tr("Wednesday"),
        "thursday": tr("Thursday"),
        "friday": tr("Friday"),
        "saturday": tr("Saturday"),
        "sunday": tr("Sunday"),
    }
)


@dataclass(frozen=True, eq=False)
class GroupRows:
    """The groups of one kind, in the order of what they share."""

    groups: tuple[TradeGroup, ...]
    coin: str

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def numbers(self) -> IntColumn:
        return np.arange(len(self.groups))


def groups_of(groups: Sequence[TradeGroup], kind: str, coin: str) -> GroupRows:
    """Those of `kind`; `coin` is what their money is counted in."""
    return GroupRows(tuple(group for group in groups if group.kind == kind), coin)


def group_words(group: TradeGroup) -> str:
    """What the trades of a group share, as a person says it."""
    match group.kind:
        case "exit_reason" if group.name in _EXITS:
            return exit_said(_EXITS[group.name]).word
        case "hour":
            return tr("{hour}:00 to {hour}:59", hour=group.name)
        case "weekday" if group.name in _WEEKDAYS:
            return _WEEKDAYS[group.name]
        case "side":
            return side_text(group.name == "long")
    words = said_reason(group.name) if group.kind == "entry_reason" else group.name
    return words[:1].upper() + words[1:]


def group_columns() -> tuple[Column[GroupRows], ...]:
    """The columns of the table of groups."""
    return (
        Column(
            "group",
            tr("Group"),
            lambda rows: rows.numbers,
            lambda rows, i: group_words(rows.groups[i]),
            tone=lambda rows, i: _side_tone(rows.groups[i]),
            look=Look.STRONG,
            plain=lambda rows, i: rows.groups[i].name,
            width=230,
            wide=True,
            hint=tr("What the trades of a row have in common, as chosen above."),
        ),
        Column(
            "trades",
            tr("Trades"),
            _numbers(lambda group: group.trades),
            lambda rows, i: fmt.count(rows.groups[i].trades),
            right=True,
            width=72,
            hint=tr("Closed trades of the group."),
        ),
        Column(
            "wins",
            tr("Wins"),
            _numbers(lambda group: group.wins),
            lambda rows, i: fmt.count(rows.groups[i].wins),
            tone=lambda rows, i: "text2",
            right=True,
            width=64,
            drops=2,
            hint=(
                tr(
                    "Trades with a net result above zero; one of exactly zero is "
                    "neither won nor lost."
                )
            ),
        ),
        Column(
            "win_rate",
            tr("Win rate"),
            _numbers(lambda group: group.win_rate_pct),
            lambda rows, i: fmt.percent(rows.groups[i].win_rate_pct, 1),
            right=True,
            width=80,
            hint=tr("Won trades in percent of the closed ones."),
        ),
        _money(
            "net_profit",
            tr("Net PnL"),
            lambda group: group.net_profit,
            tr("Net results of the group together, in the quote coin."),
            toned=True,
        ),
        _money(
            "average",
            tr("Average"),
            lambda group: group.average,
            tr("Mean net result of a trade of the group."),
            toned=True,
        ),
        Column(
            "profit_factor",
            tr("Profit factor"),
            _numbers(lambda group: group.profit_factor),
            lambda rows, i: fmt.ratio(rows.groups[i].profit_factor),
            tone=lambda rows, i: "text3" if rows.groups[i].profit_factor is None else "text1",
            right=True,
            width=96,
            hint=tr("Gains / losses; unknown where nothing was lost."),
        ),
        _money(
            "fees",
            tr("Fees"),
            lambda group: group.fees,
            tr("Fees of all fills of the group."),
            toned=False,
        ),
    )


def _numbers(
    of: Callable[[TradeGroup], float | Decimal | None],
) -> Callable[[GroupRows], Values]:
    """Values to sort by; floats are exact enough for an order."""

    def values(rows: GroupRows) -> Values:
        found = (of(group) for group in rows.groups)
        return np.array([np.nan if one is None else float(one) for one in found], np.float64)

    return values


def _money(
    key: str, title: str, of: Callable[[TradeGroup], Decimal], hint: str, *, toned: bool
) -> Column[GroupRows]:
    said = fmt.signed_money if toned else fmt.money

    def text(rows: GroupRows, row: int) -> str:
        return said(of(rows.groups[row]), rows.coin)

    def tone(rows: GroupRows, row: int) -> str:
        return fmt.tone(text(rows, row)) if toned else "text2"

    return Column(
        key,
        title,
        _numbers(of),
        text,
        look=Look.STRONG if key == "net_profit" else Look.TEXT,
        tone=tone,
        plain=lambda rows, i: plain(of(rows.groups[i])),
        right=True,
        width=96 if toned else 80,
        drops=0 if toned else 1,
        hint=hint,
    )


def _side_tone(group: TradeGroup) -> str:
    if group.kind != "side":
        return "text1"
    return "up" if group.name == "long" else "down"
