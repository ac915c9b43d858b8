"""Trades, the open position and its levels as the marks a chart draws. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.reasons import ExitReason, Side
from engine.language import localised, tr
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.events import EventKind
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.charts.marks import (
    STILL_OPEN,
    LevelMark,
    LevelPath,
    PositionMark,
    StepMark,
    Tone,
    TradeColumns,
    TradeMark,
)
from trader_gui.models import facts
from trader_gui.models.position_plan import liquidation_level, next_add, partial_targets
from trader_gui.models.reason_words import exit_said, stop_said

_PATH_KINDS: Final = (
    EventKind.TRADE_OPENED,
    EventKind.POSITION_ADDED,
    EventKind.LEVEL_MOVED,
    EventKind.TARGET_MOVED,
    EventKind.COMMANDED,
    EventKind.TRADE_CLOSED,
)
_PATH_COLUMNS: Final = [ev.ROW_AT, ev.TRADE, ev.POSITION, ev.STOP, ev.TARGET, ev.STOP_BY]
_POSITION: Final = _PATH_COLUMNS.index(ev.POSITION)
Steps = dict[int, list[tuple[int, StepMark]]]
"""NO of a trade to its steps, each with the index of its event in the session's log."""


def _price(bot: BotSnapshot, count: int) -> float:
    return float(bot.market.scale.price(count))


def step_marks(bot: BotSnapshot, rows: IntMatrix, first: int) -> Steps:
    """Fills that added to a trade or closed a part of it, among event `rows` that begin with
    index `first`."""
    added = rows[:, ev.KIND] == EventKind.POSITION_ADDED
    part = (rows[:, ev.KIND] == EventKind.FILL) & (rows[:, ev.POSITION] != 0)
    part &= rows[:, ev.CODE] == ExitReason.PARTIAL_TARGET
    found: Steps = {}
    for index in np.flatnonzero(added | part).tolist():
        row = rows[index].tolist()
        entering = row[ev.KIND] == EventKind.POSITION_ADDED
        long = row[ev.POSITION] > 0
        mark = StepMark(
            row[ev.ROW_AT],
            _price(bot, row[ev.PRICE]),
            buys=entering == long,
            tone=("up" if long else "down") if entering else "cyan",
            label=_step_words(facts.amount_text(bot, row[ev.AMOUNT]), entering=entering),
        )
        found.setdefault(row[ev.TRADE], []).append((first + index, mark))
    return found


def _step_words(amount: str, *, entering: bool) -> str:
    return tr("Add {amount}", amount=amount) if entering else tr("Part {amount}", amount=amount)


def closed_mark(bot: BotSnapshot, row: list[int], steps: Steps) -> TradeMark:
    """One closed trade (columns T_*), labelled with its reason and net result in percent."""
    cost = max(1, row[hs.T_AMOUNT] * row[hs.T_ENTRY_PRICE])
    share = fmt.signed_percent(100 * row[hs.T_PNL] / cost)
    result = facts.pnl(bot, bot.money(row[hs.T_PNL])).words
    reason = exit_said(row[hs.T_REASON])
    return TradeMark(
        number=row[hs.T_NO],
        side="long" if row[hs.T_SIDE] == Side.LONG else "short",
        entry_at=row[hs.T_ENTRY_AT],
        entry=_price(bot, row[hs.T_ENTRY_PRICE]),
        exit_at=row[hs.T_EXIT_AT],
        exit=_price(bot, row[hs.T_EXIT_PRICE]),
        label=f"{reason.word} {share}",
        tone=cast(Tone, reason.tone),
        hint=(
            tr(
                "{amount} from {entry} to {exit}, net {result} {coin}",
                amount=facts.amount_text(bot, row[hs.T_AMOUNT]),
                entry=facts.price_text(bot, row[hs.T_ENTRY_PRICE]),
                exit=facts.price_text(bot, row[hs.T_EXIT_PRICE]),
                result=result,
                coin=bot.market.quote_coin,
            )
        ),
        steps=tuple(mark for _, mark in steps.get(row[hs.T_NO], ())),
    )


def trade_columns(bot: BotSnapshot, steps: Steps, made: dict[int, TradeMark]) -> TradeColumns:
    """All trades of a session, oldest first. A closed one becomes a mark when it comes into
    view, and is kept in `made` by its place."""
    table, still_open = bot.session.trades.rows, open_mark(bot, steps)
    last = [(mark.number, mark.entry_at, STILL_OPEN) for mark in still_open]
    columns = table[:, [hs.T_NO, hs.T_ENTRY_AT, hs.T_EXIT_AT]]
    whole = np.concatenate([columns, np.array(last, np.int64).reshape(-1, 3)])

    def mark(place: int) -> TradeMark:
        if place >= len(table):
            return still_open[place - len(table)]
        known = made.get(place)
        if known is None:
            known = made[place] = closed_mark(bot, table[place].tolist(), steps)
        return known

    return TradeColumns(whole[:, 0], whole[:, 1], whole[:, 2], mark)


def open_mark(bot: BotSnapshot, steps: Steps) -> list[TradeMark]:
    """The open trade's entry and what was added or closed since; nothing while flat."""
    session = bot.session
    if not session.position:
        return []
    long = session.position > 0
    known = [mark for event, mark in steps.get(session.trade, ()) if event < session.log.length]
    return [
        TradeMark(
            number=session.trade,
            side="long" if long else "short",
            entry_at=session.opened_at,
            entry=_price(bot, session.entry),
            entry_label=tr("Buy") if long else tr("Short"),
            hint=f"{facts.amount_text(bot, session.position)} @ "
            f"{facts.price_text(bot, session.entry)}",
            steps=tuple(known),
        )
    ]


def position_mark(bot: BotSnapshot) -> PositionMark | None:
    """The levels of the open position with what each would bring."""
    session = bot.session
    if not session.position:
        return None
    side = "LONG" if session.position > 0 else "SHORT"
    stop = stop_said(session.stop_by)
    return PositionMark(
        side="long" if session.position > 0 else "short",
        entry_at=session.opened_at,
        entry=_price(bot, session.entry),
        stop=_price(bot, session.stop) if session.stop else None,
        target=_price(bot, session.target) if session.target else None,
        trailing=bool(session.stop_by),
        entry_label=tr(
            "Entry {side} {amount}", side=side, amount=facts.amount_text(bot, session.position)
        ),
        stop_label=_label(bot, stop.name, session.stop),
        target_label=_label(bot, "TP", session.target),
        further=tuple(_further(bot)),
    )


def _label(bot: BotSnapshot, name: str, level: int) -> str:
    session = bot.session
    sign = 1 if session.position > 0 else -1
    move = fmt.signed_percent(sign * 100 * (level - session.entry) / max(1, session.entry))
    result = facts.pnl(bot, bot.money(session.open_pnl_at(level))).words
    return f"{name} {move} {result}"


def _further(bot: BotSnapshot) -> Iterable[LevelMark]:
    """Partial targets, the next step that adds, the price of liquidation."""
    for part in partial_targets(bot):
        words = tr("Close {share} %", share=localised(fmt.plain(part.share)))
        yield LevelMark(_price(bot, part.level), words, "cyan")
    add = next_add(bot)
    if add is not None:
        words = tr("Add {times} ×", times=localised(fmt.plain(add.share)))
        yield LevelMark(_price(bot, add.level), words, "accent")
    liquidation = liquidation_level(bot)
    if liquidation:
        yield LevelMark(_price(bot, liquidation), tr("Liquidation"), "down")


class LevelRows:
    """The events of a session that tell of stops and targets, in columns of their own."""

    def __init__(self) -> None:
        self._rows: IntMatrix = np.empty((0, len(_PATH_COLUMNS) + 1), np.int64)

    def extend(self, rows: IntMatrix, first: int) -> None:
        """Take event `rows` that begin with index `first` in the session's log."""
        told = np.flatnonzero(np.isin(rows[:, ev.KIND], _PATH_KINDS))
        columns = rows[told][:, _PATH_COLUMNS]
        columns[:, _POSITION] *= rows[told, ev.KIND] != EventKind.TRADE_CLOSED
        more = np.concatenate([columns, first + told[:, None]], axis=1)
        self._rows = np.asfortranarray(np.concatenate([self._rows, more]))

    def paths(self, bot: BotSnapshot, *, gone_by: bool) -> list[LevelPath]:
        """Up to a snapshot: the path of stops that were moved; with `gone_by` also the fixed stops
        and the targets of closed trades. The open position's fixed levels are left to its level
        lines."""
        session = bot.session
        count = int(np.searchsorted(self._rows[:, -1], session.log.length))
        at, trade, position, stop, target, stop_by = self._rows[:count, :-1].T
        step, held = float(bot.market.price_step), position != 0
        is_open = (trade == session.trade) & (session.position != 0)
        # One that was moved is drawn from its entry on, at the stop as first set too.
        moved = (stop_by != 0) | (is_open & (session.stop_by != 0))

        def path(tone: Tone, counts: IntColumn, shown: NDArray[np.bool_]) -> list[LevelPath]:
            known = shown & held & (counts != 0)
            if not known.any():
                return []
            return [LevelPath(tone, at, np.where(known, counts * step, np.nan))]

        trailing = path("warn", stop, moved)
        if not gone_by:
            return trailing
        fixed = ~is_open
        return [*path("up", target, fixed), *path("down", stop, ~moved & fixed), *trailing]
