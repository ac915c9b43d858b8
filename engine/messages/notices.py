"""What a person wants to be told of while looking elsewhere: notices, found between two snapshots.

Pure: what was there before the first snapshot is history and never told, backtests are in none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from engine.domain.bots import BotState
from engine.domain.reasons import ExitReason
from engine.domain.sub_states import SubState, feed_trouble
from engine.language import tr, trn
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.liveness import Lamp, tick_sign
from engine.messages.snapshot import AppSnapshot, BotSnapshot, EngineStatus, Pulse
from engine.messages.value_words import word
from engine.messages.wording import Wording


class NoticeKind(StrEnum):
    ORDER_FILLED = "order filled"
    STOP_HIT = "stop hit"
    BOT_IN_ERROR = "bot in error"
    FEED_STALLED = "feed stalled"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that happened to one bot."""

    kind: NoticeKind
    bot_id: int
    bot: str
    """Its name and mode: ``btc-scalp (paper)``."""
    words: str
    """A sentence."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told: one notice, or several of a kind as one."""

    kind: NoticeKind
    title: str
    text: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notices a person wants, and when."""

    kinds: frozenset[NoticeKind] = frozenset(NoticeKind)
    quiet: tuple[int, int] | None = None
    """Minutes since midnight, local time: from the first up to the second nothing is told."""
    errors_in_quiet: bool = True

    def lets(self, notice: Notice, minute: int) -> bool:
        """Whether `notice` is told at this minute of the day."""
        if notice.kind not in self.kinds:
            return False
        errors = self.errors_in_quiet and notice.kind is NoticeKind.BOT_IN_ERROR
        return errors or self.quiet is None or not is_between(minute, *self.quiet)


def is_between(minute: int, begin: int, end: int) -> bool:
    """Whether a minute of the day lies in ``begin <= minute < end``, also over midnight; equal ends
    hold no time at all."""
    if begin <= end:
        return begin <= minute < end
    return minute >= begin or minute < end


def happened(before: AppSnapshot, now: AppSnapshot) -> tuple[Notice, ...]:
    """Fills, stops and errors that are in `now` and were not in `before`."""
    known = {bot.bot_id: bot for bot in before.bots}
    found: list[Notice] = []
    for bot in now.bots:
        old = known.get(bot.bot_id)
        if old is not bot:
            found += _filled(old, bot)
            found += _failed(old, bot)
    return tuple(found)


def stalled(bots: Iterable[BotSnapshot], status: EngineStatus) -> frozenset[int]:
    """Those that run and hear no prices, by id: their feed says so, or none came for very long."""
    return frozenset(
        bot.bot_id
        for bot in bots
        if bot.state in (BotState.RUNNING, BotState.PENDING) and _is_stalled(bot, status)
    )


def stalls(before: Collection[int], now: Collection[int], app: AppSnapshot) -> tuple[Notice, ...]:
    """Of bots in `now` that were not in `before`."""
    return tuple(
        Notice(NoticeKind.FEED_STALLED, bot.bot_id, _named(bot), _stalled_words(bot))
        for bot in app.bots
        if bot.bot_id in now and bot.bot_id not in before
    )


def together(notices: Sequence[Notice]) -> Message:
    """Notices of one kind, at least one, as one message."""
    last, count = notices[-1], len(notices)
    if count == 1:
        return Message(last.kind, f"{_TITLES[last.kind]}: {last.bot}", last.words)
    by_bot = Counter(notice.bot for notice in notices).most_common()
    named = ", ".join(f"{bot} ×{many}" if many > 1 else bot for bot, many in by_bot[:_NAMED])
    if len(by_bot) > _NAMED:
        # Also of one it says "bots".
        named = trn(
            "{names} and {count} more bots",
            "{names} and {count} more bots",
            len(by_bot) - _NAMED,
            names=named,
        )
    text = tr("{names}. The last: {words}", names=named, words=last.words)
    return Message(last.kind, _many(last.kind, count), text, count)


def _many(kind: NoticeKind, count: int) -> str:
    match kind:
        case NoticeKind.ORDER_FILLED:
            return trn("{count} order filled", "{count} orders filled", count)
        case NoticeKind.STOP_HIT:
            return trn("{count} stop hit", "{count} stops hit", count)
        case NoticeKind.BOT_IN_ERROR:
            return trn("{count} bot error", "{count} bot errors", count)
        case NoticeKind.FEED_STALLED:
            return trn("Prices stalled {count} time", "Prices stalled {count} times", count)


_NAMED: Final = 5
"""So many bots are named in one message."""
_TITLES: Final = MappingProxyType(
    {
        NoticeKind.ORDER_FILLED: tr("Order filled"),
        NoticeKind.STOP_HIT: tr("Stop hit"),
        NoticeKind.BOT_IN_ERROR: tr("Bot in error"),
        NoticeKind.FEED_STALLED: tr("Prices stalled"),
    }
)
_STOPS: Final = frozenset(
    {
        ExitReason.STOP_LOSS,
        ExitReason.TRAILING_STOP,
        ExitReason.BREAK_EVEN,
        ExitReason.LIQUIDATION,
    }
)
_TOLD: Final = (EventKind.FILL, EventKind.TRADE_CLOSED)


def _named(bot: BotSnapshot) -> str:
    return f"{bot.settings.name} ({word(bot.settings.mode.value)})"


def _filled(old: BotSnapshot | None, bot: BotSnapshot) -> Iterator[Notice]:
    log = bot.session.log
    begin = len(old.session.log) if old is not None and old.session_id == bot.session_id else 0
    if begin >= len(log):
        return
    wording = Wording(bot.market)
    rows = log.rows[begin:]
    for place in np.flatnonzero(np.isin(rows[:, ev.KIND], _TOLD)).tolist():
        row = rows[place].tolist()
        line = wording.line(row, log.note(begin + place))
        if line is None:  # the last fill of a trade is told by its end
            continue
        stops = row[ev.KIND] == EventKind.TRADE_CLOSED and row[ev.CODE] in _STOPS
        kind = NoticeKind.STOP_HIT if stops else NoticeKind.ORDER_FILLED
        yield Notice(kind, bot.bot_id, _named(bot), f"{line.text}.")


def _failed(old: BotSnapshot | None, bot: BotSnapshot) -> Iterator[Notice]:
    error = bot.error
    if bot.state is not BotState.ERROR or error is None:
        return
    before = old.error if old is not None and old.state is BotState.ERROR else None
    if before is not None and (before.at, before.words) == (error.at, error.words):
        return
    said = [error.words]
    if bot.session.position:
        said.append(tr("Its position is open and nobody watches it."))
    if error.retry is not None:
        said.append(tr("It is tried again by itself."))
    yield Notice(NoticeKind.BOT_IN_ERROR, bot.bot_id, _named(bot), " ".join(said))


def _is_stalled(bot: BotSnapshot, status: EngineStatus) -> bool:
    if feed_trouble(bot.feed) is SubState.FEED_STALE:
        return True
    pulse = status.pulses.get(bot.bot_id, Pulse())
    return tick_sign(bot, pulse, status.now).lamp is Lamp.RED


def _stalled_words(bot: BotSnapshot) -> str:
    said = tr(
        "No prices of {symbol} come. Entries are refused meanwhile.", symbol=bot.settings.symbol
    )
    if bot.session.position:
        said += " " + tr("Its position is open: exits wait for prices.")
    return said
