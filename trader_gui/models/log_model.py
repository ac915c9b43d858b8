"""The trigger log: event rows of many bots in one ring, filtered in NumPy, worded when shown.

A row is (time, group, source, event index, 1 when it is left out among all events); the sentence
is made by `Wording` when the row is painted or searched, and kept. A source is one session's
event columns, so a new session of a bot is a new source. A source that got shorter (a review's
cursor went back) loses its last rows.

A bot's position is checked every minute of market time. Among all events only the first check of
each quarter of an hour is shown, lest they bury what happened; the group of the checks, and a
search for words or tags, finds every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.domain.columns import BoolColumn, IntColumn, IntMatrix
from engine.domain.reasons import Action
from engine.language import tr
from engine.messages import events as ev
from engine.messages.events import EventColumns, EventKind
from engine.messages.snapshot import BotSnapshot
from engine.messages.wording import LogGroup, LogLine, Wording
from trader_gui.format import log_time
from trader_gui.models.log_filter import LogFilter
from trader_gui.widgets.plain_tip import plain_tip

RING: Final = 50_000
CHECK_EVERY_MS: Final = 15 * 60_000
SPARE: Final = 2_000
"""How many rows leave at once when the ring is full, so that it does not happen per row."""
COLUMNS: Final = (tr("Time (UTC)"), tr("Event"), tr("Bot"), tr("Symbol"), tr("Message"))
_HINTS: Final = (
    tr("Market time of the event."),
    tr("What kind of event it is; the guide has a list of them all."),
    tr("Whose event it is."),
    tr("The market that the bot trades."),
    tr("What happened, with its numbers; the tooltip of a line has all of it."),
)
TIME, EVENT, BOT, SYMBOL, MESSAGE = range(5)
GROUPS: Final = tuple(LogGroup)
_SILENT: Final = -1
_NOWHERE: Final = QModelIndex()
Index = QModelIndex | QPersistentModelIndex
_Ints = NDArray[np.int64]
Accepts = Callable[[IntMatrix], BoolColumn]
"""Which of a session's events (n, EVENT_WIDTH) are meant."""

_GROUP_OF: Final = {
    EventKind.SESSION_STARTED: LogGroup.NOTES,
    EventKind.SIGNAL: LogGroup.SIGNALS,
    EventKind.REFUSAL: LogGroup.BLOCKED,
    EventKind.REFUSALS_COUNTED: LogGroup.BLOCKED,
    EventKind.FILL: LogGroup.EXECUTIONS,
    EventKind.LEVEL_TOUCHED: LogGroup.STOPS,
    EventKind.TRADE_CLOSED: LogGroup.EXECUTIONS,
    EventKind.LEVEL_MOVED: LogGroup.STOPS,
    EventKind.TARGET_MOVED: LogGroup.STOPS,
    EventKind.FUNDING_PAID: LogGroup.NOTES,
    EventKind.EXPIRED: LogGroup.NOTES,
    EventKind.COMMANDED: LogGroup.NOTES,
    EventKind.SESSION_ENDED: LogGroup.NOTES,
    EventKind.POSITION_CHECK: LogGroup.CHECKS,
    EventKind.NOTE: LogGroup.NOTES,
    EventKind.ERROR: LogGroup.ERRORS,
    EventKind.INTERRUPTED: LogGroup.NOTES,
    EventKind.RESUMED: LogGroup.NOTES,
}
_CHECKS: Final = GROUPS.index(LogGroup.CHECKS)
_WIDTH: Final = 5
_GROUP_CODES: Final = np.full(max(EventKind) + 1, _SILENT, np.int64)
for _kind, _group in _GROUP_OF.items():
    _GROUP_CODES[_kind] = GROUPS.index(_group)


class LogRole(IntEnum):
    LINE = int(Qt.ItemDataRole.UserRole) + 1
    """The row's `LogLine`."""
    ENTRY = int(Qt.ItemDataRole.UserRole) + 2
    """The row's `LogEntry`."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One row as a value: which bot, which moment, which event of its session's log."""

    bot_id: int
    bot: str
    symbol: str
    event: int
    """Index in the session's log."""
    row_at: int
    """Time of the candle or tick in which it happened."""
    line: LogLine

    @property
    def copied(self) -> str:
        """``14:31:20.455 [ERROR] btc-scalp-3 BTC/USDT Feed stalled...``"""
        return (
            f"{log_time(self.line.at)} [{self.line.tag}] {self.bot} {self.symbol} {self.line.text}"
        )


@dataclass(slots=True)
class _Source:
    columns: EventColumns
    bot_id: int
    bot: str
    symbol: str
    wording: Wording
    seen: int = 0
    last_at: int = 0
    last_check: int = -1
    """Quarter of an hour of the newest check."""
    left: bool = False
    """Some of its rows are not in the ring any more."""
    lines: dict[int, LogLine] = field(default_factory=dict)

    def line(self, index: int) -> LogLine:
        line = self.lines.get(index)
        if line is None:
            row = self.columns.table[index].tolist()
            spoken = self.wording.line(row, self.columns.note(index))
            line = spoken or LogLine(row[ev.AT], "NOTE", LogGroup.NOTES, "")
            self.lines[index] = line
        return line


class LogModel(QAbstractTableModel):
    """`take` the bots of each new snapshot; only what is new in them is read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sources: list[_Source] = []
        self._by_columns: dict[int, int] = {}
        self._taken: dict[int, BotSnapshot] = {}
        """What was read last: what is the same object has nothing new."""
        self._rows: _Ints = np.empty((0, _WIDTH), np.int64)
        self._shown: NDArray[np.intp] = np.empty(0, np.intp)
        self._filter = LogFilter()
        self._accepts: Accepts | None = None

    # ------------------------------------------------------------------ what comes in

    def take(self, bots: Iterable[BotSnapshot]) -> int:
        """Read what is new in the logs of `bots`; returns how many rows became visible."""
        fresh: list[_Ints] = []
        before, self._taken = self._taken, {}
        for bot in bots:
            self._taken[bot.bot_id] = bot
            if before.get(bot.bot_id) is bot:
                continue
            number = self._source_of(bot)
            source = self._sources[number]
            if bot.session.log.length < source.seen:
                self._cut(number, bot.session.log.length)
            if bot.session.log.length > source.seen:
                fresh.append(self._read(number, bot.session.log.length))
        rows = np.concatenate(fresh) if fresh else np.empty((0, _WIDTH), np.int64)
        if not len(rows):
            return 0
        return self._append(rows[np.argsort(rows[:, 0], kind="stable")])

    def clear(self) -> None:
        self.beginResetModel()
        self._sources.clear()
        self._by_columns.clear()
        self._taken.clear()
        self._rows = np.empty((0, _WIDTH), np.int64)
        self._shown = np.empty(0, np.intp)
        self.endResetModel()

    def _source_of(self, bot: BotSnapshot) -> int:
        columns = bot.session.log.columns
        number = self._by_columns.get(id(columns))
        if number is None:
            number = len(self._sources)
            symbol, name = bot.settings.symbol, bot.settings.name
            wording = Wording(bot.market, bot.settings.trade)
            self._sources.append(_Source(columns, bot.bot_id, name, symbol, wording))
            self._by_columns[id(columns)] = number
        return number

    def _read(self, number: int, length: int) -> _Ints:
        """Rows of the source's events `seen` up to `length`."""
        source = self._sources[number]
        first = max(source.seen, length - RING)
        source.left |= first > source.seen
        table = source.columns.table[first:length]
        groups = _GROUP_CODES[table[:, ev.KIND]]
        # The fill after which nothing is held is told by the trade that it closes.
        leaves = ~np.isin(table[:, ev.ACTION], (Action.BUY, Action.SHORT))
        last = (table[:, ev.KIND] == EventKind.FILL) & leaves & (table[:, ev.POSITION] == 0)
        groups = np.where(last, _SILENT, groups)
        # A late word about an earlier moment keeps its place in the log.
        order = np.maximum(np.maximum.accumulate(table[:, ev.AT]), source.last_at)
        source.seen, source.last_at = length, int(order[-1])
        told = np.flatnonzero(groups != _SILENT)
        rows = np.empty((len(told), _WIDTH), np.int64)
        rows[:, 0], rows[:, 1] = order[told], groups[told]
        rows[:, 2], rows[:, 3], rows[:, 4] = number, first + told, 0
        checks = np.flatnonzero(rows[:, 1] == _CHECKS)
        if len(checks):
            quarters = rows[checks, 0] // CHECK_EVERY_MS
            rows[checks, 4] = quarters == np.append(source.last_check, quarters[:-1])
            source.last_check = int(quarters[-1])
        return rows

    def _append(self, rows: _Ints) -> int:
        over = len(self._rows) + len(rows) - RING
        if over > 0:
            self._drop(min(over + SPARE, len(self._rows)))
            rows = rows[-RING:]
        base = len(self._rows)
        shown = base + np.flatnonzero(self._accepted(rows))
        if len(shown):
            first = len(self._shown)
            self.beginInsertRows(_NOWHERE, first, first + len(shown) - 1)
        self._rows = np.concatenate([self._rows, rows])
        if len(shown):
            self._shown = np.concatenate([self._shown, shown])
            self.endInsertRows()
        return len(shown)

    def _drop(self, count: int) -> None:
        """The oldest `count` rows leave the ring."""
        gone = int(np.searchsorted(self._shown, count, side="left"))
        if gone:
            self.beginRemoveRows(_NOWHERE, 0, gone - 1)
        left = self._rows[:count]
        for number, source in enumerate(self._sources):
            gone_events = left[left[:, 2] == number, 3].tolist()
            source.left |= bool(gone_events)
            for event in gone_events:
                source.lines.pop(event, None)
        self._rows = self._rows[count:]
        self._shown = self._shown[gone:] - count
        if gone:
            self.endRemoveRows()

    def _cut(self, number: int, length: int) -> None:
        source, rows = self._sources[number], self._rows
        staying = (rows[:, 2] == number) & (rows[:, 3] < length)
        if source.left and np.count_nonzero(staying) < RING // 2:
            length, source.left = 0, False  # what left the ring before is read again
        source.seen = length
        source.last_at = int(source.columns.table[:length, ev.AT].max()) if length else 0
        checks = source.columns.table[:length]
        checks = checks[checks[:, ev.KIND] == EventKind.POSITION_CHECK]
        source.last_check = int(checks[-1, ev.AT]) // CHECK_EVERY_MS if len(checks) else -1
        self.beginResetModel()
        self._rows = rows[(rows[:, 2] != number) | (rows[:, 3] < length)]
        self._refilter()
        self.endResetModel()

    # ------------------------------------------------------------------ filter

    def set_filter(self, wanted: LogFilter) -> None:
        if wanted == self._filter:
            return
        self.beginResetModel()
        self._filter = wanted
        self._refilter()
        self.endResetModel()

    def set_choice(self, accepts: Accepts | None) -> None:
        """Show only events that `accepts`, besides what is typed; None for all."""
        if accepts is self._accepts:
            return
        self.beginResetModel()
        self._accepts = accepts
        self._refilter()
        self.endResetModel()

    def _refilter(self) -> None:
        self._shown = np.flatnonzero(self._accepted(self._rows))

    def _accepted(self, rows: _Ints) -> NDArray[np.bool_]:
        wanted = self._filter
        accepted = np.ones(len(rows), np.bool_)
        if wanted.groups:
            codes = [GROUPS.index(group) for group in wanted.groups]
            accepted &= np.isin(rows[:, 1], codes)
        elif not (wanted.words or wanted.tags):
            accepted &= rows[:, 4] == 0
        if self._accepts is not None:
            for number, source in enumerate(self._sources):
                mine = np.flatnonzero(accepted & (rows[:, 2] == number))
                accepted[mine] = self._accepts(source.columns.table[rows[mine, 3]])
        if wanted.bots or wanted.symbols:
            fits = [
                number
                for number, source in enumerate(self._sources)
                if wanted.takes_source(source.bot, source.symbol)
            ]
            accepted &= np.isin(rows[:, 2], fits)
        if wanted.words or wanted.tags:
            for row in np.flatnonzero(accepted).tolist():
                source = self._sources[rows[row, 2]]
                line = source.line(int(rows[row, 3]))
                accepted[row] = wanted.takes_line(line, source.bot, source.symbol)
        return accepted

    def counts(self) -> dict[LogGroup, int]:
        """Rows in the ring by group, whatever is shown."""
        found = np.bincount(self._rows[:, 1], minlength=len(GROUPS))
        return {group: int(found[code]) for code, group in enumerate(GROUPS)}

    def __len__(self) -> int:
        return len(self._rows)

    # ------------------------------------------------------------------ Qt's questions

    def entry(self, row: int) -> LogEntry:
        _, _, number, event, _ = self._rows[self._shown[row]].tolist()
        source = self._sources[number]
        row_at = int(source.columns.table[event, ev.ROW_AT])
        return LogEntry(source.bot_id, source.bot, source.symbol, event, row_at, source.line(event))

    def rows_of(self, events: IntColumn) -> list[int]:
        """The shown rows of these events, of whatever source."""
        return [int(row) for row in np.flatnonzero(np.isin(self._rows[self._shown, 3], events))]

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == LogRole.ENTRY:
            return self.entry(index.row())
        if role == LogRole.LINE:
            return self.entry(index.row()).line
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(self.entry(index.row()), index.column())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == MESSAGE:
            return plain_tip(self.entry(index.row()).line.text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.entry(index.row()).copied
        return None

    def _text(self, entry: LogEntry, column: int) -> str:
        line = entry.line
        return (log_time(line.at), line.tag, entry.bot, entry.symbol, line.text)[column]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return _HINTS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None
