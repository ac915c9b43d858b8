"""The bots as rows: a header per mode with its sum, then one row per bot."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.domain.bots import BotState, Mode
from engine.language import tr
from engine.messages.snapshot import BotSnapshot, EngineStatus, Pulse
from engine.messages.value_words import word
from trader_gui import format as fmt
from trader_gui.models.facts import Said, day_gain_count, is_wanted, row_hint, sentence, toned
from trader_gui.widgets.plain_tip import plain_tip

Index = QModelIndex | QPersistentModelIndex
_NOWHERE: Final = QModelIndex()
_ORDER: Final = (Mode.LIVE, Mode.PAPER, Mode.REPLAY, Mode.BACKTEST)


class BotRole(IntEnum):
    ROW = int(Qt.ItemDataRole.UserRole) + 1
    """`GroupRow` or `BotRow`."""
    BOT_ID = int(Qt.ItemDataRole.UserRole) + 2
    """None on a header."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The header of one mode; amounts of different currencies are never added."""

    mode: Mode
    words: str
    gain: Said
    open: bool


@dataclass(frozen=True, slots=True)
class BotRow:
    bot: BotSnapshot
    strategy: str
    """The strategy's title."""
    pulse: Pulse
    now: int
    """Wall time of the pulse, UTC ms."""

    @property
    def stops(self) -> bool:
        """Whether the row's button stops the bot; else it starts it."""
        return is_wanted(self.bot)


class BotsModel(QAbstractListModel):
    """`show` takes each new snapshot; rows of bots that did not change are left alone."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bots: dict[Mode, list[BotSnapshot]] = {}
        self._status = EngineStatus(0)
        self._titles: Mapping[str, str] = {}
        self._words: tuple[str, ...] = ()
        self._closed: set[Mode] = set()
        self._rows: list[Mode | BotSnapshot] = []
        self._looks: list[object] = []
        self._groups: dict[Mode, GroupRow] = {}
        self._in_view = range(sys.maxsize)

    def set_titles(self, titles: Mapping[str, str]) -> None:
        """Strategy key to the name a person reads."""
        self._titles = titles

    def show(self, bots: tuple[BotSnapshot, ...], status: EngineStatus) -> None:
        before, self._bots, self._status = self._bots, {}, status
        for bot in bots:
            self._bots.setdefault(bot.settings.mode, []).append(bot)
        if not _stand_alike(before, self._bots):
            self._groups.clear()
        self._rebuild()

    def set_in_view(self, rows: range) -> None:
        """Of others it is not told that they changed: they are painted once they come into view."""
        self._in_view = rows

    def beat(self, status: EngineStatus) -> None:
        """Ages changed, so every row may look different; whoever shows them paints them. Sums of
        the headers follow prices from beat to beat: of hundreds they took a third of a frame."""
        self._status = status
        self._groups.clear()

    def set_search(self, text: str) -> None:
        """Show only bots whose name, symbol or strategy contains every word."""
        self._words = tuple(text.lower().split())
        self._rebuild()

    def toggle(self, mode: Mode) -> None:
        """Open or close a group."""
        self._closed ^= {mode}
        self._groups.clear()
        self._rebuild()

    def row_of(self, bot_id: int) -> int | None:
        for number, row in enumerate(self._rows):
            if isinstance(row, BotSnapshot) and row.bot_id == bot_id:
                return number
        return None

    def bot_at(self, row: int) -> BotSnapshot | None:
        if not 0 <= row < len(self._rows):
            return None
        found = self._rows[row]
        return found if isinstance(found, BotSnapshot) else None

    # ------------------------------------------------------------------ rows

    def _fits(self, bot: BotSnapshot) -> bool:
        if not self._words:
            return True
        chosen = bot.settings
        state = f"{bot.state.value} {word(bot.state.value)}"
        text = f"{chosen.name} {chosen.symbol} {self._title(bot)} {state}".lower()
        return all(wanted in text for wanted in self._words)

    def _title(self, bot: BotSnapshot) -> str:
        return self._titles.get(bot.settings.strategy, bot.settings.strategy)

    def _wanted(self) -> list[Mode | BotSnapshot]:
        rows: list[Mode | BotSnapshot] = []
        for mode in _ORDER:
            bots = [bot for bot in self._bots.get(mode, ()) if self._fits(bot)]
            if bots:
                rows.append(mode)
                rows.extend(() if mode in self._closed else bots)
        return rows

    def _rebuild(self) -> None:
        wanted = self._wanted()
        if not _same_rows(self._rows, wanted):
            self.beginResetModel()
            self._rows, self._looks = wanted, [self._look(row) for row in wanted]
            self.endResetModel()
            return
        pairs = enumerate(zip(self._rows, wanted, strict=True))
        self._rows = wanted
        for place in [place for place, (old, new) in pairs if self._changes(place, old, new)]:
            self.dataChanged.emit(self.index(place), self.index(place))

    def _changes(self, place: int, old: Mode | BotSnapshot, new: Mode | BotSnapshot) -> bool:
        """Whether the row at `place` is to be painted; a bot that is the same object is not even
        looked at."""
        if old is new and not isinstance(new, Mode):
            return False
        if place not in self._in_view:
            self._looks[place] = None
            return False
        look = self._look(new)
        if look == self._looks[place]:
            return False
        self._looks[place] = look
        return True

    def _look(self, row: Mode | BotSnapshot) -> object:
        """What a row says, its age apart: two that are equal are painted alike."""
        if isinstance(row, Mode):
            return self._group(row)
        session, table = row.session, row.equity.table
        return (
            *(row.settings, row.state, row.sub_words, row.interrupted, row.unguarded),
            *(row.error, row.feed, session.position, session.entry, session.paused),
            *(day_gain_count(row), table.columns, table.length),
        )

    def _group(self, mode: Mode) -> GroupRow:
        if mode not in self._groups:
            bots = self._bots.get(mode, [])
            self._groups[mode] = GroupRow(
                mode, group_words(bots), group_gain(bots), mode not in self._closed
            )
        return self._groups[mode]

    # ------------------------------------------------------------------ Qt's questions

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self._rows[index.row()], Mode):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if isinstance(row, Mode):
            return self._group_data(row, role)
        if role == BotRole.ROW:
            pulse = self._status.pulses.get(row.bot_id, Pulse())
            return BotRow(row, self._title(row), pulse, self._status.now)
        if role == BotRole.BOT_ID:
            return row.bot_id
        if role == Qt.ItemDataRole.DisplayRole:
            return row.settings.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return sentence(row, self._title(row))
        if role == Qt.ItemDataRole.ToolTipRole:
            pulse = self._status.pulses.get(row.bot_id, Pulse())
            return plain_tip(row_hint(row, pulse, self._status.now)) or None
        return None

    def _group_data(self, mode: Mode, role: int) -> Any:
        if role == BotRole.ROW:
            return self._group(mode)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{mode.value.upper()} {self._group(mode).words}"
        return None


def _same_rows(before: list[Mode | BotSnapshot], now: list[Mode | BotSnapshot]) -> bool:
    """Whether they are of the same headers and bots."""
    return len(before) == len(now) and all(
        one is other or _key(one) == _key(other) for one, other in zip(before, now, strict=True)
    )


def _stand_alike(
    before: Mapping[Mode, Sequence[BotSnapshot]], now: Mapping[Mode, Sequence[BotSnapshot]]
) -> bool:
    """Whether there are as many bots of each mode, in the same states."""
    return before.keys() == now.keys() and all(
        len(before[mode]) == len(bots)
        and all(
            one is other or one.state is other.state
            for one, other in zip(before[mode], bots, strict=True)
        )
        for mode, bots in now.items()
    )


def _key(row: Mode | BotSnapshot) -> object:
    return row if isinstance(row, Mode) else row.bot_id


def group_words(bots: list[BotSnapshot]) -> str:
    """``3 running · 1 pending · 1 error``; only what there is."""
    counts = Counter(bot.state for bot in bots)
    running, pending, broken = (
        counts[state] for state in (BotState.RUNNING, BotState.PENDING, BotState.ERROR)
    )
    said = (
        tr("{count} running", count=running) if running else "",
        tr("{count} pending", count=pending) if pending else "",
        tr("{count} error", count=broken) if broken else "",
    )
    return " · ".join(filter(None, said)) or tr("{count} stopped", count=len(bots))


def group_gain(bots: list[BotSnapshot]) -> Said:
    """The sum of today's figures; nothing when their currencies differ."""
    markets = {id(bot.market): bot.market for bot in bots}  # bots of one symbol share it
    coins = {market.quote_coin for market in markets.values()}
    if len(coins) != 1:
        return Said("")
    counts: Counter[int] = Counter()
    for bot in bots:
        counts[id(bot.market)] += day_gain_count(bot)
    gains = (market.scale.money(counts[key]) for key, market in markets.items())
    return toned(fmt.signed_money(sum(gains, Decimal(0)), coins.pop()))
