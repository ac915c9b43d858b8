"""Trades as a table: closed round trips of a session and, last, the open one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from engine.domain.columns import FloatColumn, IntColumn, IntMatrix
from engine.domain.market import Market
from engine.domain.money import decimals, plain
from engine.domain.reasons import Side
from engine.language import tr
from engine.messages import histories as hs
from engine.messages.histories import TableView
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.models.facts import side_text
from trader_gui.models.range_bar import Span
from trader_gui.models.reason_words import exit_said
from trader_gui.models.table_model import Column, Look, Mask
from trader_gui.models.trade_ranges import RangeScale

OPEN_TAG = "OPEN"
IN_DOUBT = tr("Another path inside a bar would change its exit")


def _none() -> IntColumn:
    return np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class TradeRows:
    """`table` is int64 (n, TRADE_WIDTH), oldest first; an open trade is last, with T_EXIT_AT 0,
    the price now as its exit and its unrealised PnL."""

    table: IntMatrix
    market: Market
    now: int
    closed: TableView | None = None
    """Where those come from that are over: what is said of them stays."""
    doubtful: IntColumn = field(default_factory=_none)
    """T_NO of the trades whose exit hangs on the path inside a bar."""
    ranges: RangeScale | None = None
    """How far they were ahead and behind, once that is known."""

    def __len__(self) -> int:
        return len(self.table)

    @property
    def numbers(self) -> IntColumn:
        """1, 2, 3... in the order of their exits: what a person calls a trade."""
        return np.arange(1, len(self.table) + 1)

    def alike(self, now: TradeRows) -> int:
        """How many trades, from the first one on, say the same `now`."""
        here, there = self.closed, now.closed
        if here is None or there is None or here.columns is not there.columns:
            return 0
        same = self.market == now.market and fmt.same_year(self.now, now.now)
        same = same and np.array_equal(self.doubtful, now.doubtful) and self.ranges is now.ranges
        return min(len(here), len(there)) if same else 0

    def matching(self, which: str) -> Mask:
        """All, ``wins`` (net above zero), ``losses`` (the rest) or those in ``doubt``."""
        if which == "doubt":
            return np.asarray(np.isin(self.table[:, hs.T_NO], self.doubtful))
        won = self.table[:, hs.T_PNL] > 0
        if which == "wins":
            return np.asarray(won)
        return np.asarray(~won) if which == "losses" else np.ones(len(self.table), np.bool_)

    @property
    def invested(self) -> IntColumn:
        cost = self.table[:, hs.T_AMOUNT] * self.table[:, hs.T_ENTRY_PRICE]
        return np.asarray(np.maximum(cost, 1), np.int64)

    @property
    def held_ms(self) -> IntColumn:
        exits = self.table[:, hs.T_EXIT_AT]
        held = np.where(exits > 0, exits, self.now) - self.table[:, hs.T_ENTRY_AT]
        return np.asarray(held, np.int64)

    def only(self, row: int) -> TradeRows:
        """One of them by itself: a cell is not written from a column of all."""
        return replace(self, table=self.table[row : row + 1])

    def doubt_words(self, row: int) -> str:
        """Why a trade is marked; empty where nothing is in doubt."""
        return IN_DOUBT if self.table[row, hs.T_NO] in self.doubtful else ""

    def return_pct(self, row: int) -> float:
        return 100 * float(self.table[row, hs.T_PNL]) / float(self.only(row).invested[0])

    def range_pct(self, row: int) -> tuple[float, float, float] | None:
        """Worst, best and result of a closed trade, before fees; None where they are not known."""
        if self.ranges is None or not self.table[row, hs.T_EXIT_AT]:
            return None
        return self.ranges.of(int(self.table[row, hs.T_NO]))

    @property
    def worst_pct(self) -> FloatColumn:
        if self.ranges is None:
            return np.full(len(self), np.nan)
        closed = self.table[:, hs.T_EXIT_AT] > 0
        return np.where(closed, self.ranges.worst(self.table[:, hs.T_NO]), np.nan)

    def pnl_text(self, row: int) -> str:
        money = self.market.scale.money(int(self.table[row, hs.T_PNL]))
        return fmt.signed_money(money, self.market.quote_coin)


def _range_span(rows: TradeRows, row: int) -> Span | None:
    found = rows.range_pct(row)
    return None if found is None or rows.ranges is None else rows.ranges.span(*found)


def _range_text(rows: TradeRows, row: int) -> str:
    found = rows.range_pct(row)
    return fmt.UNKNOWN if found is None else " / ".join(map(fmt.signed_percent, found))


def _range_plain(rows: TradeRows, row: int) -> str:
    return " ".join(f"{value:.4f}" for value in rows.range_pct(row) or ())


def trade_rows(bot: BotSnapshot) -> TradeRows:
    """The trades of a snapshot, the open one included."""
    session = bot.session
    table = session.trades.rows
    if session.position:
        now = bot.price.price if bot.price else session.entry
        amount = abs(session.position)
        side = Side.LONG if session.position > 0 else Side.SHORT
        live = np.zeros((1, hs.TRADE_WIDTH), np.int64)
        live[0, hs.T_NO], live[0, hs.T_SIDE], live[0, hs.T_AMOUNT] = session.trade, side, amount
        live[0, hs.T_ENTRY_AT], live[0, hs.T_ENTRY_PRICE] = session.opened_at, session.entry
        live[0, hs.T_EXIT_PRICE] = now
        live[0, hs.T_PNL] = session.open_pnl_at(now)
        live[0, hs.T_OPEN_EVENT] = live[0, hs.T_CLOSE_EVENT] = -1
        table = np.concatenate([table, live])
    return TradeRows(table, bot.market, bot.now_at, session.trades)


def exit_tag(rows: TradeRows, row: int) -> str:
    """How a trade ended."""
    if not rows.table[row, hs.T_EXIT_AT]:
        return OPEN_TAG
    return exit_said(int(rows.table[row, hs.T_REASON])).tag


def trade_columns() -> tuple[Column[TradeRows], ...]:
    """The columns of a trades table."""
    return (
        Column(
            "number",
            "#",
            lambda rows: rows.numbers,
            lambda rows, i: str(i + 1),
            tone=lambda rows, i: "text3",
            mark=lambda rows, i: rows.doubt_words(i),
            width=64,
            hint=tr("Number of the trade in its session, in order of entry."),
        ),
        Column(
            "side",
            tr("Side"),
            lambda rows: rows.table[:, hs.T_SIDE],
            lambda rows, i: side_text(rows.table[i, hs.T_SIDE] > 0),
            look=Look.STRONG,
            tone=lambda rows, i: "up" if rows.table[i, hs.T_SIDE] > 0 else "down",
            plain=lambda rows, i: "long" if rows.table[i, hs.T_SIDE] > 0 else "short",
            plain_title="Side",
            width=82,
            hint=tr("Long gains when the price rises, short when it falls."),
        ),
        _time_column(
            "entry_at",
            (tr("Entry time"), "Entry time"),
            hs.T_ENTRY_AT,
            tr("When the first entry was filled, UTC."),
        ),
        _price_column(
            "entry",
            (tr("Entry"), "Entry"),
            hs.T_ENTRY_PRICE,
            tr("Average price of all entries, slippage included."),
        ),
        _time_column(
            "exit_at",
            (tr("Exit time"), "Exit time"),
            hs.T_EXIT_AT,
            tr("When the last of it was closed, UTC."),
        ),
        _price_column(
            "exit",
            (tr("Exit"), "Exit"),
            hs.T_EXIT_PRICE,
            tr("Average price of all exits, slippage included; of an open trade the last price."),
        ),
        Column(
            "size",
            tr("Size"),
            lambda rows: rows.table[:, hs.T_AMOUNT],
            lambda rows, i: fmt.number(
                rows.market.scale.amount(int(rows.table[i, hs.T_AMOUNT])),
                decimals(rows.market.order_step),
            ),
            plain=lambda rows, i: plain(rows.market.scale.amount(rows.table[i, hs.T_AMOUNT])),
            plain_title="Size",
            right=True,
            width=96,
            drops=2,
            hint=tr("Coins of all entries of the trade together."),
        ),
        *_result_columns(),
    )


def _result_columns() -> tuple[Column[TradeRows], ...]:
    return (
        Column(
            "net_pnl",
            tr("Net PnL"),
            lambda rows: rows.table[:, hs.T_PNL],
            lambda rows, i: rows.pnl_text(i),
            look=Look.STRONG,
            tone=lambda rows, i: fmt.tone(rows.pnl_text(i)),
            plain=lambda rows, i: plain(rows.market.scale.money(int(rows.table[i, hs.T_PNL]))),
            plain_title="Net PnL",
            right=True,
            width=88,
            hint=(
                tr(
                    "Result after all fees and funding, in the quote coin; of an open "
                    "trade at the last price."
                )
            ),
        ),
        Column(
            "return",
            tr("Return"),
            lambda rows: rows.table[:, hs.T_PNL] / rows.invested,
            lambda rows, i: fmt.signed_percent(rows.return_pct(i)),
            tone=lambda rows, i: fmt.tone(fmt.signed_percent(rows.return_pct(i))),
            plain=lambda rows, i: f"{rows.return_pct(i):.4f}",
            plain_title="Return",
            right=True,
            width=80,
            drops=3,
            hint=tr("Net result in percent of what the entries cost."),
        ),
        Column(
            "held",
            tr("Held"),
            lambda rows: rows.held_ms,
            lambda rows, i: fmt.bar_time(int(rows.only(i).held_ms[0])),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: str(int(rows.only(i).held_ms[0])),
            plain_title="Held (ms)",
            right=True,
            width=80,
            drops=1,
            hint=tr("Market time from the entry to the exit, or until now."),
        ),
        Column(
            "exit_reason",
            tr("Exit by"),
            lambda rows: rows.table[:, hs.T_REASON],
            exit_tag,
            look=Look.TAG,
            plain_title="Exit by",
            width=104,
            hint=(
                tr(
                    "What closed it. OPEN: nothing has yet. A mark: another way of the "
                    "price inside a bar would change the result."
                )
            ),
        ),
        Column(
            "range",
            tr("Worst / best / result"),
            lambda rows: rows.worst_pct,
            _range_text,
            look=Look.RANGE,
            tone=lambda rows, i: "text3",
            plain=_range_plain,
            plain_title="Worst, best, result (%)",
            span=_range_span,
            width=142,
            drops=4,
            hint=tr(
                "How far a closed trade was behind and ahead while it was open, and the dot where "
                "it ended, in percent of what its entries cost, before fees and funding. All bars "
                "have one scale. Sorted by the worst."
            ),
        ),
    )


def _time_column(key: str, titles: tuple[str, str], slot: int, hint: str) -> Column[TradeRows]:
    """`titles` are the one that is shown and the one in exports."""

    def text(rows: TradeRows, row: int) -> str:
        at = int(rows.table[row, slot])
        return fmt.day_time(at, rows.now) if at else fmt.UNKNOWN

    def exact(rows: TradeRows, row: int) -> str:
        at = int(rows.table[row, slot])
        return fmt.iso(at) if at else ""

    return Column(
        key,
        titles[0],
        lambda rows: rows.table[:, slot],
        text,
        tone=lambda rows, i: "text2",
        plain=exact,
        plain_title=titles[1],
        width=102,
        hint=hint,
    )


def _price_column(key: str, titles: tuple[str, str], slot: int, hint: str) -> Column[TradeRows]:
    """`titles` are the one that is shown and the one in exports."""

    def text(rows: TradeRows, row: int) -> str:
        price = rows.market.scale.price(int(rows.table[row, slot]))
        return fmt.price(price, decimals(rows.market.price_step))

    def tone(rows: TradeRows, row: int) -> str:
        still_open = slot == hs.T_EXIT_PRICE and not rows.table[row, hs.T_EXIT_AT]
        return "text3" if still_open else "text1"

    return Column(
        key,
        titles[0],
        lambda rows: rows.table[:, slot],
        text,
        tone=tone,
        plain=lambda rows, i: plain(rows.market.scale.price(int(rows.table[i, slot]))),
        plain_title=titles[1],
        right=True,
        width=86,
        hint=hint,
    )
