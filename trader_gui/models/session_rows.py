"""The history as a table: the rows of `SessionRecord` and the columns that show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np

from engine.domain.bots import BotState
from engine.domain.candles import timeframe_text
from engine.domain.columns import IntColumn
from engine.domain.money import plain
from engine.domain.reasons import EndReason
from engine.domain.sessions import SessionRecord, SessionStatus, session_label
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.forms.symbols import quote_of
from trader_gui.models import facts
from trader_gui.models.table_model import Column, Look, Mask, Values

STATUS_WORDS = {
    SessionStatus.RUNNING: "Running",
    SessionStatus.INTERRUPTED: "Interrupted",
    SessionStatus.FINISHED: "Finished",
    SessionStatus.FAILED: "Failed",
}
_GLYPHS = {
    SessionStatus.RUNNING: "running",
    SessionStatus.INTERRUPTED: "pending",
    SessionStatus.FINISHED: "finished",
    SessionStatus.FAILED: "error",
}


@dataclass(frozen=True)
class SessionRows:
    """Records newest first; `titles` of strategies by name; `now` (wall time) decides how dates
    are written; `moments` is the market time now of sessions that run, by id."""

    records: tuple[SessionRecord, ...] = ()
    titles: Mapping[str, str] | None = None
    now: int = 0
    moments: Mapping[int, int] | None = None

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def ids(self) -> IntColumn:
        return np.array([record.id for record in self.records], np.int64)

    @cached_property
    def words(self) -> list[str]:
        """What a search looks through, lower case, one text per record."""
        return [self._words(record) for record in self.records]

    def title(self, record: SessionRecord) -> str:
        return (self.titles or {}).get(record.settings.strategy, record.settings.strategy)

    def duration_ms(self, row: int) -> int:
        """Market time from its first row to its last, or to now while it runs."""
        record = self.records[row]
        end = record.ended_at
        if end is None:
            end = (self.moments or {}).get(record.id, record.started_at)
        return max(0, end - record.started_at)

    def _words(self, record: SessionRecord) -> str:
        chosen = record.settings
        parts = (
            session_label(record.id),
            self.title(record),
            chosen.strategy,
            params_text(record),
            chosen.symbol,
            timeframe_text(chosen.timeframe_ms),
            record.bot_name,
            record.mode.value,
            STATUS_WORDS[record.status],
            chosen.source,
        )
        return " ".join(parts).casefold()

    def matching(self, search: str, mode: str) -> Mask:
        """Which rows carry every word of `search` and, unless it is empty, the mode `mode`."""
        wanted = search.casefold().split()
        return np.array(
            [
                (not mode or record.mode.value == mode) and all(word in words for word in wanted)
                for record, words in zip(self.records, self.words, strict=True)
            ],
            np.bool_,
        )


def params_text(record: SessionRecord) -> str:
    """``9/21``: the parameters in their order."""
    return facts.params_text(record.settings.params.values())


def net_pnl(record: SessionRecord) -> Decimal:
    return record.settings.scale.money(record.result.net_pnl)


def return_pct(record: SessionRecord) -> float:
    """Net PnL in percent of the first equity; NaN while there is none."""
    first = record.result.equity_first
    return 100 * record.result.net_pnl / first if first else float("nan")


def drawdown_pct(record: SessionRecord) -> float:
    """Zero or below; NaN while undefined."""
    deepest = record.result.max_drawdown_pct
    return -abs(deepest) if deepest is not None else float("nan")


def win_rate_pct(record: SessionRecord) -> float:
    trades = record.result.trades
    return 100 * record.result.wins / trades if trades else float("nan")


def end_words(record: SessionRecord) -> str:
    """Why it ended, for a person: ``Finished, end of data``."""
    words = STATUS_WORDS[record.status]
    if record.end_reason is None:
        return words
    return f"{words}, {EndReason(record.end_reason).code.replace('_', ' ')}"


def with_live_result(record: SessionRecord, bot: BotSnapshot) -> SessionRecord:
    """A running session's record with the figures its bot has right now, counted as they will be
    when it has ended: the open position included, the drawdown at candle closes."""
    if bot.state is not BotState.RUNNING or bot.session_id != record.id:
        return record
    session, price, first = bot.session, bot.price, record.result.equity_first
    last = session.equity_at(price.price) if price else record.result.equity_last
    result = replace(
        record.result,
        bars=len(bot.equity.equity),
        trades=len(session.trades),
        wins=session.wins,
        net_pnl=last - first if first else session.realised,
        fees=session.fees,
        equity_last=last,
    )
    if first > 0:
        worth = np.concatenate(([first], bot.equity.equity))
        peaks = np.maximum.accumulate(worth)
        falls = peaks - worth
        deepest = 100 * float((falls / peaks).max())
        result = replace(result, max_drawdown=int(falls.max()), max_drawdown_pct=deepest)
    return replace(record, result=result) if result != record.result else record


def _floats(rows: SessionRows, of: Callable[[SessionRecord], Decimal | float]) -> Values:
    return np.array([float(of(record)) for record in rows.records], np.float64)


def _texts(texts: list[str]) -> Values:
    return np.array(texts, dtype=object)


def _ints(numbers: list[int]) -> Values:
    return np.array(numbers, np.int64)


def session_columns() -> tuple[Column[SessionRows], ...]:
    """The columns of the Sessions page, in their first order."""
    return (
        Column(
            "id",
            "ID",
            lambda rows: rows.ids,
            lambda rows, i: session_label(rows.records[i].id),
            tone=lambda rows, i: "text3",
            width=66,
        ),
        Column(
            "mode",
            "Mode",
            lambda rows: _texts([record.mode.value for record in rows.records]),
            lambda rows, i: rows.records[i].mode.value.upper(),
            look=Look.BADGE,
            width=92,
        ),
        Column(
            "strategy",
            "Strategy",
            lambda rows: _texts([rows.title(record) for record in rows.records]),
            lambda rows, i: rows.title(rows.records[i]),
            look=Look.STRONG,
            second=lambda rows, i: params_text(rows.records[i]),
            width=178,
            wide=True,
        ),
        Column(
            "symbol",
            "Symbol",
            lambda rows: _texts([record.settings.symbol for record in rows.records]),
            lambda rows, i: rows.records[i].settings.symbol,
            tone=lambda rows, i: "text2",
            second=lambda rows, i: timeframe_text(rows.records[i].settings.timeframe_ms),
            width=118,
        ),
        Column(
            "started",
            "Started (UTC)",
            lambda rows: _ints([record.created_at for record in rows.records]),
            lambda rows, i: fmt.day_time(rows.records[i].created_at, rows.now),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: fmt.iso(rows.records[i].created_at),
            width=112,
            hint="When it was started, by the clock of this computer",
        ),
        Column(
            "from",
            "Market from (UTC)",
            lambda rows: _ints([record.started_at for record in rows.records]),
            lambda rows, i: fmt.day_time(rows.records[i].started_at, rows.now),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: fmt.iso(rows.records[i].started_at),
            width=134,
            hint="Market time of its first candle",
            drops=4,
        ),
        Column(
            "duration",
            "Duration",
            lambda rows: _ints([rows.duration_ms(i) for i in range(len(rows))]),
            lambda rows, i: fmt.bar_time(rows.duration_ms(i)),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: str(rows.duration_ms(i)),
            plain_title="Duration (ms)",
            width=80,
            hint="Market time from the first row to the last",
            drops=3,
        ),
        *_result_columns(),
    )


def _result_columns() -> tuple[Column[SessionRows], ...]:
    return (
        Column(
            "trades",
            "Trades",
            lambda rows: _ints([record.result.trades for record in rows.records]),
            lambda rows, i: fmt.count(rows.records[i].result.trades),
            plain=lambda rows, i: str(rows.records[i].result.trades),
            right=True,
            width=56,
        ),
        Column(
            "net_pnl",
            "Net PnL",
            lambda rows: _floats(rows, net_pnl),
            lambda rows, i: _pnl_text(rows.records[i]),
            look=Look.STRONG,
            tone=lambda rows, i: fmt.tone(_pnl_text(rows.records[i])),
            plain=lambda rows, i: plain(net_pnl(rows.records[i])),
            right=True,
            width=88,
            hint="After fees, in the quote currency of the symbol",
        ),
        Column(
            "return",
            "Return",
            lambda rows: _floats(rows, return_pct),
            lambda rows, i: _return_text(rows.records[i]),
            tone=lambda rows, i: fmt.tone(_return_text(rows.records[i])),
            plain=lambda rows, i: _plain_float(return_pct(rows.records[i])),
            right=True,
            width=76,
        ),
        Column(
            "max_drawdown",
            "Max DD",
            lambda rows: _floats(rows, drawdown_pct),
            lambda rows, i: fmt.percent(drawdown_pct(rows.records[i])),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: _plain_float(drawdown_pct(rows.records[i])),
            right=True,
            width=78,
            drops=1,
        ),
        Column(
            "win_rate",
            "Win rate",
            lambda rows: _floats(rows, win_rate_pct),
            lambda rows, i: fmt.percent(win_rate_pct(rows.records[i]), 1),
            plain=lambda rows, i: _plain_float(win_rate_pct(rows.records[i])),
            right=True,
            width=70,
            drops=2,
        ),
        Column(
            "status",
            "Status",
            lambda rows: _texts([STATUS_WORDS[record.status] for record in rows.records]),
            lambda rows, i: STATUS_WORDS[rows.records[i].status],
            look=Look.GLYPH,
            tone=lambda rows, i: _GLYPHS[rows.records[i].status],
            width=104,
        ),
    )


def _return_text(record: SessionRecord) -> str:
    return fmt.signed_percent(return_pct(record))


def _pnl_text(record: SessionRecord) -> str:
    return fmt.signed_money(net_pnl(record), quote_of(record.settings.symbol))


def _plain_float(value: float) -> str:
    return "" if value != value else f"{value:.4f}"
