"""Keeps a price chart in step with snapshots: only what is new in them is handed over.

Candles, indicators and trades come from one session's growing columns; the chart gets appends
while it follows one bot, and everything anew when the bot, or the session's columns, change.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.domain.money import decimals
from engine.domain.reasons import ExitReason, Side
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.events import EventColumns, EventKind
from engine.messages.histories import CandleColumns as EngineColumns
from engine.messages.histories import ChartView, FormingCandle
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as write
from trader_gui.charts.candles import CandleColumns
from trader_gui.charts.marks import Future, LevelPath, PositionMark, Tone, TradeMark
from trader_gui.charts.price_chart import Indicator, PriceChart
from trader_gui.models import facts

MANY: Final = 200
"""More new candles than this at once are loaded anew instead of appended one by one."""
_PATH_KINDS: Final = (EventKind.TRADE_OPENED, EventKind.LEVEL_MOVED, EventKind.TRADE_CLOSED)
_EXIT_TONES: Final[dict[int, Tone]] = {
    ExitReason.STOP_LOSS: "down",
    ExitReason.TAKE_PROFIT: "cyan",
    ExitReason.TRAILING_STOP: "warn",
    ExitReason.LIQUIDATION: "down",
}


class ChartFeed:
    """Feeds `chart`; `show` may be called with every snapshot."""

    def __init__(self, chart: PriceChart) -> None:
        self._chart = chart
        self._forget()

    def _forget(self) -> None:
        self._columns: EngineColumns | None = None
        self._closed = 0
        self._forming: FormingCandle | None = None
        self._log: EventColumns | None = None
        self._events = 0
        self._marks: list[TradeMark] = []
        self._shown_trades = -1
        self._position: object = None
        self._cursor: tuple[int | None, Future] = (None, "dimmed")

    def clear(self) -> None:
        """An empty chart."""
        self._forget()
        self._chart.set_candles(CandleColumns.empty())
        self._chart.set_position(None)
        self._chart.set_last_price(None, "", False)

    def show(
        self,
        bot: BotSnapshot,
        *,
        whole: ChartView | None = None,
        cursor: int | None = None,
        future: Future = "dimmed",
    ) -> None:
        """Draw `bot`. A review gives the `whole` session's candles and the cursor's time."""
        self._candles(bot, whole or bot.chart)
        self._trades(bot, gone_by=whole is not None)
        self._open_position(bot)
        if (cursor, future) != self._cursor:
            self._cursor = (cursor, future)
            self._chart.set_cursor(cursor, future)

    # ------------------------------------------------------------------ candles

    def _candles(self, bot: BotSnapshot, view: ChartView) -> None:
        more = view.length - self._closed
        known = view.columns is self._columns and more >= 0
        if not known or (more > MANY and self._chart.camera.live):
            self._load(bot, view)
        elif more:
            self._append(view)
        self._form(view.forming)

    def _load(self, bot: BotSnapshot, view: ChartView) -> None:
        chart, candles, market = self._chart, view.candles, bot.market
        chart.set_market(
            market.symbol,
            bot.settings.timeframe_ms,
            decimals(market.price_step),
            facts.source_word(bot),
        )
        chart.set_candles(
            CandleColumns(
                candles.open_at,
                candles.open,
                candles.high,
                candles.low,
                candles.close,
                candles.volume,
            )
        )
        lines: dict[str, Indicator] = {}
        for slot, (name, values) in enumerate(view.indicators.items()):
            lines[name] = (values, slot, "own" if name in view.off_price else "price")
        chart.set_indicators(lines)
        self._columns, self._closed, self._forming = view.columns, view.length, None
        self._log, self._shown_trades, self._position = None, -1, None

    def _append(self, view: ChartView) -> None:
        chart, candles = self._chart, view.candles
        indicators = view.indicators
        for index in range(self._closed, view.length):
            values = {name: float(column[index]) for name, column in indicators.items()}
            at = int(candles.open_at[index])
            figures = (
                float(candles.open[index]),
                float(candles.high[index]),
                float(candles.low[index]),
                float(candles.close[index]),
                float(candles.volume[index]),
            )
            if self._forming is not None and self._forming.open_at == at:
                chart.replace_last(*figures)
                chart.replace_last_indicators(values)
            elif self._forming is None or self._forming.open_at < at:
                chart.append_candle(at, *figures)
                chart.append_indicators(values)
            self._forming = None
        self._closed = view.length

    def _form(self, forming: FormingCandle | None) -> None:
        if forming is None or forming is self._forming:
            return
        chart, before = self._chart, self._forming
        figures = (forming.open, forming.high, forming.low, forming.close, forming.volume)
        if before is not None and before.open_at == forming.open_at:
            chart.replace_last(*figures)
        elif not len(chart.model.candles) or forming.open_at > chart.model.candles.time[-1]:
            chart.append_candle(forming.open_at, *figures)
            chart.append_indicators({})
        self._forming = forming

    # ------------------------------------------------------------------ trades and levels

    def _trades(self, bot: BotSnapshot, *, gone_by: bool) -> None:
        log, count = bot.session.log, len(bot.session.trades)
        if log.columns is not self._log:
            self._log, self._marks, self._shown_trades, self._events = log.columns, [], -1, -1
        for row in bot.session.trades.rows[len(self._marks) :].tolist():
            self._marks.append(closed_mark(bot, row))
        key = count if not bot.session.position else -2 - bot.session.trade
        if key != self._shown_trades:
            self._shown_trades = key
            self._chart.set_trades([*self._marks[:count], *open_mark(bot)])
        if log.length != self._events:
            self._events = log.length
            self._chart.set_level_paths(level_paths(bot, gone_by=gone_by))

    def _open_position(self, bot: BotSnapshot) -> None:
        session = bot.session
        key = (session.trade, session.position, session.entry, session.stop, session.target)
        if key != self._position:
            self._position = key
            self._chart.set_position(position_mark(bot))


def _price(bot: BotSnapshot, count: int) -> float:
    return float(bot.market.scale.price(count))


def closed_mark(bot: BotSnapshot, row: list[int]) -> TradeMark:
    """One closed trade (columns T_*), labelled with its reason and net result in percent."""
    cost = max(1, row[hs.T_AMOUNT] * row[hs.T_ENTRY_PRICE])
    share = write.signed_percent(100 * row[hs.T_PNL] / cost)
    result = facts.pnl(bot, bot.money(row[hs.T_PNL])).words
    return TradeMark(
        number=row[hs.T_NO],
        side="long" if row[hs.T_SIDE] == Side.LONG else "short",
        entry_at=row[hs.T_ENTRY_AT],
        entry=_price(bot, row[hs.T_ENTRY_PRICE]),
        exit_at=row[hs.T_EXIT_AT],
        exit=_price(bot, row[hs.T_EXIT_PRICE]),
        label=f"{facts.exit_word(row[hs.T_REASON])} {share}",
        tone=_EXIT_TONES.get(row[hs.T_REASON], "text2"),
        hint=(
            f"{facts.amount_text(bot, row[hs.T_AMOUNT])} from "
            f"{facts.price_text(bot, row[hs.T_ENTRY_PRICE])} to "
            f"{facts.price_text(bot, row[hs.T_EXIT_PRICE])}, net {result} {bot.market.quote_coin}"
        ),
    )


def open_mark(bot: BotSnapshot) -> list[TradeMark]:
    """The trade that is open, as a list of one or none."""
    session = bot.session
    if not session.position:
        return []
    long = session.position > 0
    return [
        TradeMark(
            number=session.trade,
            side="long" if long else "short",
            entry_at=session.opened_at,
            entry=_price(bot, session.entry),
            entry_label="Buy" if long else "Short",
            hint=f"{facts.amount_text(bot, session.position)} @ "
            f"{facts.price_text(bot, session.entry)}",
        )
    ]


def position_mark(bot: BotSnapshot) -> PositionMark | None:
    """Entry, stop and target of the open position with what each would bring."""
    session = bot.session
    if not session.position:
        return None
    side = "LONG" if session.position > 0 else "SHORT"

    def label(name: str, level: int) -> str:
        sign = 1 if session.position > 0 else -1
        move = write.signed_percent(sign * 100 * (level - session.entry) / max(1, session.entry))
        result = facts.pnl(bot, bot.money(session.open_pnl_at(level))).words
        return f"{name} {move} {result}"

    return PositionMark(
        side="long" if session.position > 0 else "short",
        entry_at=session.opened_at,
        entry=_price(bot, session.entry),
        stop=_price(bot, session.stop) if session.stop else None,
        target=_price(bot, session.target) if session.target else None,
        trailing=session.trailing,
        entry_label=f"Entry {side} {facts.amount_text(bot, session.position)}",
        stop_label=label("Trail" if session.trailing else "SL", session.stop),
        target_label=label("TP", session.target),
    )


def level_paths(bot: BotSnapshot, *, gone_by: bool) -> list[LevelPath]:
    """The path of stops that trail; with `gone_by` also the fixed stops and the targets of
    closed trades. The open position's fixed levels are left to its level lines."""
    rows = bot.session.log.rows
    rows = rows[np.isin(rows[:, ev.KIND], _PATH_KINDS)]
    step, at = float(bot.market.price_step), rows[:, ev.ROW_AT]
    over = rows[:, ev.KIND] == EventKind.TRADE_CLOSED
    is_open = (rows[:, ev.TRADE] == bot.session.trade) & (bot.session.position != 0)
    trails = rows[:, ev.STOP_BY] != 0

    def path(tone: Tone, column: int, shown: NDArray[np.bool_]) -> LevelPath:
        counts = rows[:, column]
        return LevelPath(tone, at, np.where(shown & ~over & (counts != 0), counts * step, np.nan))

    trailing = path("warn", ev.STOP, trails)
    if not gone_by:
        return [trailing]
    fixed = path("down", ev.STOP, ~trails & ~is_open)
    return [path("up", ev.TARGET, ~is_open), fixed, trailing]
