"""The history as rows of a table: columns of values over it, searched and filtered in NumPy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from engine.domain.bots import BotState
from engine.domain.candles import timeframe_text
from engine.domain.columns import BoolColumn, FloatColumn, IntColumn
from engine.domain.sessions import SessionRecord, SessionStatus, session_label
from engine.language import tr
from engine.messages.history import NONE, History, SessionLine, Texts
from engine.messages.snapshot import BotSnapshot
from trader_gui.models import facts, reason_words

STATUS_WORDS: Final[dict[str, str]] = {
    SessionStatus.RUNNING: tr("Running"),
    SessionStatus.INTERRUPTED: tr("Interrupted"),
    SessionStatus.FINISHED: tr("Finished"),
    SessionStatus.FAILED: tr("Failed"),
}
_SEARCHED: Final = ("params", "symbol", "bot_name", "mode", "source", "title", "note", "tags")
_OF_A_LABEL: Final = re.compile(r"s?-?[0-9]*")
NO_HISTORY: Final = History.of(())
_LINES_KEPT: Final = 4_096


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions are wanted; what is empty, zero or None leaves all of them."""

    words: tuple[str, ...] = ()
    """In lower case; each of them must be found somewhere."""
    mode: str = ""
    strategies: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    """All of these."""
    since: int | None = None
    """Wall time from which on they were started, UTC ms."""
    least_trades: int = 0

    @property
    def wants_all(self) -> bool:
        return self == SessionFilter()


@dataclass(frozen=True)
class SessionRows:
    """The history, newest first; `titles` of strategies by name; `now` (wall time) decides how
    dates are written; `live` are sessions that run, as they stand, and their market time now."""

    history: History = NO_HISTORY
    titles: Mapping[str, str] = field(default_factory=dict)
    now: int = 0
    live: Mapping[int, tuple[SessionLine, int]] = field(default_factory=dict)
    _lines: dict[int, SessionLine] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.history)

    @property
    def ids(self) -> IntColumn:
        return self.history.ids

    def again(self, now: int, live: Mapping[int, tuple[SessionLine, int]]) -> SessionRows:
        """The same history a moment later."""
        return replace(self, now=now, live=live)

    def line(self, row: int) -> SessionLine:
        """One session, with what it has come to if it runs."""
        if self.live:
            found = self.live.get(int(self.history.ids[row]))
            if found is not None:
                return found[0]
        if row not in self._lines:
            if len(self._lines) >= _LINES_KEPT:
                self._lines.clear()
            self._lines[row] = self.history.line(row)
        return self._lines[row]

    def line_of(self, session_id: int) -> SessionLine | None:
        found = np.flatnonzero(self.history.ids == session_id)
        return self.line(int(found[0])) if len(found) else None

    def strategy_title(self, line: SessionLine) -> str:
        return self.titles.get(line.strategy, line.strategy)

    def duration_ms(self, row: int) -> int:
        """Market time from its first row to its last, or to now while it runs."""
        line = self.line(row)
        end = line.ended_at
        if end is None:
            end = self.live[line.id][1] if line.id in self.live else line.started_at
        return max(0, end - line.started_at)

    # ------------------------------------------------------------------ columns of values

    @cached_property
    def _live_places(self) -> tuple[IntColumn, list[SessionLine]]:
        """Where the sessions that run stand."""
        lines = [line for line, _ in self.live.values()]
        found = [np.flatnonzero(self.history.ids == line.id) for line in lines]
        known = [(int(at[0]), line) for at, line in zip(found, lines, strict=True) if len(at)]
        return np.array([at for at, _ in known], np.int64), [line for _, line in known]

    def integers(self, name: str) -> IntColumn:
        """A column of integers, of running sessions as they stand."""
        column = self.history.integers[name]
        places, lines = self._live_places
        if not len(places):
            return column
        column = column.copy()
        column[places] = [NONE if (one := getattr(line, name)) is None else one for line in lines]
        return column

    def ranks(self, name: str, words: Mapping[str, str] | None = None) -> FloatColumn:
        """Where each text stands in the order of all; NaN for none. `words` are shown instead of
        the texts."""
        texts = self.history.texts[name]
        shown = [(words or {}).get(one, one).casefold() for one in texts.names]
        places = {text: place for place, text in enumerate(sorted(set(shown)))}
        ranks = np.array([places[text] if text else np.nan for text in shown], np.float64)
        return ranks[texts.codes] if len(texts.names) else np.zeros(0)

    def money(self, name: str) -> FloatColumn:
        """A column of counts as money."""
        units = self.history.texts["money_unit"]
        worth = np.array([float(one) for one in units.names], np.float64)
        counts = self.integers(name)
        return counts * worth[units.codes] if len(counts) else np.zeros(0)

    @property
    def return_pct(self) -> FloatColumn:
        first = self.integers("equity_first").astype(np.float64)
        first[first == 0] = np.nan
        return 100 * self.integers("net_pnl") / first

    @property
    def drawdown_pct(self) -> FloatColumn:
        return -np.abs(self.floats("max_drawdown_pct"))

    def floats(self, name: str) -> FloatColumn:
        """A column of fractions, NaN where undefined; of running sessions as they stand."""
        column = self.history.floats[name].copy()
        for place, line in zip(*self._live_places, strict=True):
            value = getattr(line, name)
            column[place] = np.nan if value is None else value
        return column

    @property
    def win_rate_pct(self) -> FloatColumn:
        trades = self.integers("trades").astype(np.float64)
        trades[trades == 0] = np.nan
        return 100 * self.integers("wins") / trades

    @property
    def durations(self) -> IntColumn:
        started, ended = self.integers("started_at"), self.integers("ended_at").copy()
        ended[ended == NONE] = started[ended == NONE]
        for place, line in zip(*self._live_places, strict=True):
            ended[place] = self.live[line.id][1]
        lengths: IntColumn = np.maximum(0, ended - started)
        return lengths

    # ------------------------------------------------------------------ what is looked for

    def matching(self, wanted: SessionFilter) -> BoolColumn:
        """Which rows are wanted."""
        texts, integers = self.history.texts, self.history.integers
        mask = np.ones(len(self), np.bool_)
        if wanted.mode:
            mask &= _any_of(texts["mode"], frozenset((wanted.mode,)))
        if wanted.strategies:
            mask &= _any_of(texts["strategy"], wanted.strategies)
        if wanted.symbols:
            mask &= _any_of(texts["symbol"], wanted.symbols)
        if wanted.tags:
            names = [wanted.tags <= set(one.split("\n")) for one in texts["tags"].names]
            mask &= np.array(names, np.bool_)[texts["tags"].codes]
        if wanted.since is not None:
            mask &= integers["created_at"] >= wanted.since
        if wanted.least_trades:
            mask &= self.integers("trades") >= wanted.least_trades
        for word in wanted.words:
            mask &= self._holding(word)
        return mask

    def _holding(self, word: str) -> BoolColumn:
        """Rows in which a word is found."""
        found = np.zeros(len(self), np.bool_)
        if not len(self):
            return found
        for name in _SEARCHED:
            found |= _with(self.history.texts[name], word)
        found |= _with(self.history.texts["strategy"], word, self.titles)
        found |= _with(self.history.texts["status"], word, STATUS_WORDS)
        steps = np.unique(self.history.integers["timeframe_ms"])
        fitting = [step for step in steps.tolist() if word in timeframe_text(step)]
        if fitting:
            found |= np.isin(self.history.integers["timeframe_ms"], fitting)
        if _OF_A_LABEL.fullmatch(word):
            found |= np.char.find(self._labels, word) >= 0
        return found

    @cached_property
    def _labels(self) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
        return np.array([session_label(one).casefold() for one in self.history.ids.tolist()])


def _any_of(texts: Texts, wanted: frozenset[str]) -> BoolColumn:
    names = np.array([name in wanted for name in texts.names], np.bool_)
    found: BoolColumn = names[texts.codes] if len(names) else np.zeros(0, np.bool_)
    return found


def _with(texts: Texts, word: str, words: Mapping[str, str] | None = None) -> BoolColumn:
    """Rows whose text, or what is shown for it, holds `word`."""
    shown = (words or {}).get
    names = [word in name.casefold() or word in shown(name, "").casefold() for name in texts.names]
    found: BoolColumn = np.array(names, np.bool_)[texts.codes]
    return found


def part_of(history: History, rows: IntColumn) -> History:
    """These rows of a history alone, in their order."""
    return History(
        {name: column[rows] for name, column in history.integers.items()},
        {name: column[rows] for name, column in history.floats.items()},
        {name: texts.ordered(rows) for name, texts in history.texts.items()},
    )


def params_text(record: SessionRecord) -> str:
    """``9/21``: the parameters in their order."""
    return facts.params_text(record.settings.params.values())


def return_pct(line: SessionLine) -> float:
    """Net PnL in percent of the first equity; NaN while there is none."""
    return 100 * line.net_pnl / line.equity_first if line.equity_first else float("nan")


def drawdown_pct(line: SessionLine) -> float:
    """Zero or below; NaN while undefined."""
    return float("nan") if line.max_drawdown_pct is None else -abs(line.max_drawdown_pct)


def win_rate_pct(line: SessionLine) -> float:
    return 100 * line.wins / line.trades if line.trades else float("nan")


def end_words(session: SessionRecord | SessionLine) -> str:
    """Why it ended, for a person: ``Finished, end of data``."""
    words = STATUS_WORDS[session.status]
    if session.end_reason is None:
        return words
    return f"{words}, {reason_words.end_words(session.end_reason)}"


def live_line(line: SessionLine, bot: BotSnapshot) -> SessionLine:
    """A running session with the figures its bot has right now, counted as they will be when it
    has ended: the open position included, the drawdown at candle closes."""
    if bot.state is not BotState.RUNNING or bot.session_id != line.id:
        return line
    session, price, first = bot.session, bot.price, line.equity_first
    last = session.equity_at(price.price) if price else line.equity_last
    deepest = line.max_drawdown_pct
    if first > 0:
        worth = np.concatenate(([first], bot.equity.equity))
        peaks = np.maximum.accumulate(worth)
        deepest = 100 * float(((peaks - worth) / peaks).max())
    return replace(
        line,
        bars=len(bot.equity.equity),
        trades=len(session.trades),
        wins=session.wins,
        net_pnl=last - first if first else session.realised,
        fees=session.fees,
        equity_last=last,
        max_drawdown_pct=deepest,
    )
