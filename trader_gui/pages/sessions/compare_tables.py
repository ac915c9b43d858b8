"""Tables of a comparison: a column for each session, in its colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from engine.domain.columns import IntColumn
from engine.domain.sessions import session_label
from engine.language import copied, tr, unlocalised
from engine.messages.comparison import (
    Compared,
    MetricRow,
    SettingRow,
    TradeRow,
    metric_rows,
    setting_rows,
    trade_rows,
)
from engine.messages.value_words import word
from trader_gui import format as fmt
from trader_gui.models.table_model import Column

TITLE_WIDTH: Final = 104
ENTRY_WIDTH: Final = 172
"""Of a moment with its year, and a side."""
_WIDTH = 86


@dataclass(frozen=True)
class CompareRows:
    """Lines with a title and a text for each session; `strong` are the places of the best ones,
    `tones` name a colour where a text is not grey."""

    titles: tuple[str, ...] = ()
    texts: tuple[tuple[str, ...], ...] = ()
    strong: tuple[frozenset[int], ...] = ()
    toned: bool = False
    order: tuple[tuple[float, ...], ...] = ()
    """Values to sort by; empty where the texts are not sorted."""
    figures: bool = False
    """Whether the texts are numbers, written in the person's way."""

    def __len__(self) -> int:
        return len(self.titles)

    @property
    def ids(self) -> IntColumn:
        return np.arange(len(self), dtype=np.int64)


def columns_for(
    sessions: Sequence[Compared], first: str, slots: Mapping[int, int], width: int = TITLE_WIDTH
) -> tuple[Column[CompareRows], ...]:
    """The titles, and a column for each session under its label; `slots` are their colours, and
    `width` is that of the titles (ENTRY_WIDTH for trades)."""
    title = Column[CompareRows](
        "title",
        first,
        lambda rows: rows.ids,
        lambda rows, i: rows.titles[i],
        tone=lambda rows, i: "text2",
        width=width,
        wide=True,
        hint=tr("What is compared; a line is sorted as its figures are."),
    )
    return (
        title,
        *(_column(place, one, slots[one.record.id]) for place, one in enumerate(sessions)),
    )


def _column(place: int, one: Compared, slot: int) -> Column[CompareRows]:
    def values(rows: CompareRows) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        if not rows.order:
            return np.arange(len(rows), dtype=np.float64)
        return np.array([line[place] for line in rows.order], np.float64)

    return Column(
        f"s{one.record.id}",
        session_label(one.record.id),
        values,
        partial(_text, place),
        tone=partial(_tone, place),
        strong=partial(_strong, place),
        right=True,
        width=_WIDTH,
        slot=slot,
        hint=tr("A session, in the colour of its curve. The best of a line is bold."),
    )


def _text(place: int, rows: CompareRows, i: int) -> str:
    return rows.texts[i][place]


def _strong(place: int, rows: CompareRows, i: int) -> bool:
    return bool(rows.strong) and place in rows.strong[i]


def _tone(place: int, rows: CompareRows, i: int) -> str:
    text = rows.texts[i][place]
    if rows.toned and text != fmt.UNKNOWN:
        return fmt.tone(text)
    return "text1" if _strong(place, rows, i) else "text2"


def metrics_of(sessions: Sequence[Compared]) -> CompareRows:
    rows: tuple[MetricRow, ...] = metric_rows(sessions)
    return CompareRows(
        tuple(row.label for row in rows),
        tuple(row.texts for row in rows),
        tuple(row.best for row in rows),
        figures=True,
    )


def settings_of(sessions: Sequence[Compared], *, all_of_them: bool = False) -> CompareRows:
    """Settings that differ, or all; the differing ones strong."""
    rows: list[SettingRow] = [row for row in setting_rows(sessions) if all_of_them or row.differs]
    every = frozenset(range(len(sessions)))
    return CompareRows(
        tuple(row.name for row in rows),
        tuple(row.texts for row in rows),
        tuple(every if row.differs and all_of_them else frozenset() for row in rows),
    )


def trades_of(
    sessions: Sequence[Compared], rows: Sequence[TradeRow] | None = None, share: str = ""
) -> CompareRows:
    """Trades by the moment of their entry; `share` is ``all`` for those that all have, ``one`` for
    those that only one has."""
    taken = trade_rows(sessions) if rows is None else rows
    most = len(sessions)
    wanted = [
        row for row in taken if not share or len(row.taken_by) == (most if share == "all" else 1)
    ]
    coins = [one.coin for one in sessions]
    last = max((row.entry_at for row in wanted), default=0)  # of another year, it is written
    return CompareRows(
        tuple(
            f"{fmt.day_time(row.entry_at, last)} {word(row.side.name.lower())}" for row in wanted
        ),
        tuple(
            tuple(
                fmt.UNKNOWN if pnl is None else fmt.signed_money(pnl, coin)
                for pnl, coin in zip(row.pnl, coins, strict=True)
            )
            for row in wanted
        ),
        toned=True,
        figures=True,
        order=tuple(
            tuple(float("nan") if pnl is None else float(pnl) for pnl in row.pnl) for row in wanted
        ),
    )


def plain_table(columns: Sequence[Column[CompareRows]], rows: CompareRows) -> str:
    """For the clipboard: lines with tabs, as a spreadsheet takes them."""
    lines = [[column.title for column in columns]]
    carried = unlocalised if rows.figures else copied
    lines += [
        [title, *map(carried, texts)] for title, texts in zip(rows.titles, rows.texts, strict=True)
    ]
    return "\n".join("\t".join(line) for line in lines)
