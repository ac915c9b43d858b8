"""The columns of the history's table."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.domain.candles import timeframe_text
from engine.domain.money import plain
from engine.domain.sessions import SessionStatus, session_label
from engine.language import tr
from engine.messages.history import SessionLine
from engine.messages.source_words import source_word
from trader_gui import format as fmt
from trader_gui.forms.symbols import quote_of
from trader_gui.models.session_rows import (
    STATUS_WORDS,
    SessionRows,
    drawdown_pct,
    return_pct,
    win_rate_pct,
)
from trader_gui.models.table_model import Column, Look

_GLYPHS = {
    SessionStatus.RUNNING: "running",
    SessionStatus.INTERRUPTED: "pending",
    SessionStatus.FINISHED: "finished",
    SessionStatus.FAILED: "error",
}
Columns = tuple[Column[SessionRows], ...]


def session_columns() -> Columns:
    """Those of the Sessions page, in their first order; some are shown only where chosen."""
    return (*_names(), *_times(), *_results(), *_written(), _status())


def _names() -> Columns:
    return (
        Column(
            "id",
            "ID",
            lambda rows: rows.ids,
            lambda rows, i: session_label(rows.line(i).id),
            tone=lambda rows, i: "text3",
            width=66,
            hint=tr("Number of the session; none is given twice."),
        ),
        Column(
            "mode",
            tr("Mode"),
            lambda rows: rows.ranks("mode"),
            lambda rows, i: rows.line(i).mode.value.upper(),
            look=Look.BADGE,
            plain_title="Mode",
            width=92,
            hint=tr("BACKTEST, PAPER, or REPLAY: how it came about."),
        ),
        Column(
            "strategy",
            tr("Strategy"),
            lambda rows: rows.ranks("strategy", rows.titles),
            lambda rows, i: rows.strategy_title(rows.line(i)),
            look=Look.STRONG,
            second=lambda rows, i: _strategy_second(rows.line(i)),
            plain=lambda rows, i: (
                f"{rows.line(i).strategy} {_strategy_second(rows.line(i))}".strip()
            ),
            plain_title="Strategy",
            width=178,
            wide=True,
            hint=(
                tr(
                    "What asked for the trades, with its parameters and the name that you "
                    "gave the session."
                )
            ),
        ),
        Column(
            "symbol",
            tr("Symbol"),
            lambda rows: rows.ranks("symbol"),
            lambda rows, i: rows.line(i).symbol,
            tone=lambda rows, i: "text2",
            second=lambda rows, i: timeframe_text(rows.line(i).timeframe_ms),
            plain_title="Symbol",
            width=118,
            hint=tr("The market, and the length of its candles."),
        ),
    )


def _times() -> Columns:
    return (
        Column(
            "started",
            tr("Started (UTC)"),
            lambda rows: rows.integers("created_at"),
            lambda rows, i: fmt.day_time(rows.line(i).created_at, rows.now),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: fmt.iso(rows.line(i).created_at),
            plain_title="Started (UTC)",
            width=112,
            hint=tr("When it was started, by the clock of this computer"),
        ),
        Column(
            "from",
            tr("Market from (UTC)"),
            lambda rows: rows.integers("started_at"),
            lambda rows, i: fmt.day_time(rows.line(i).started_at, rows.now),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: fmt.iso(rows.line(i).started_at),
            plain_title="Market from (UTC)",
            width=134,
            hint=tr("Market time of its first candle"),
            drops=4,
        ),
        Column(
            "duration",
            tr("Duration"),
            lambda rows: rows.durations,
            lambda rows, i: fmt.bar_time(rows.duration_ms(i)),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: str(rows.duration_ms(i)),
            plain_title="Duration (ms)",
            width=80,
            hint=tr("Market time from the first row to the last"),
            drops=3,
        ),
    )


def _results() -> Columns:
    return (
        Column(
            "trades",
            tr("Trades"),
            lambda rows: rows.integers("trades"),
            lambda rows, i: fmt.count(rows.line(i).trades),
            plain=lambda rows, i: str(rows.line(i).trades),
            plain_title="Trades",
            right=True,
            width=56,
            hint=tr("Closed trades."),
        ),
        Column(
            "net_pnl",
            tr("Net PnL"),
            lambda rows: rows.money("net_pnl"),
            lambda rows, i: pnl_text(rows.line(i)),
            look=Look.STRONG,
            tone=lambda rows, i: fmt.tone(pnl_text(rows.line(i))),
            plain=lambda rows, i: plain(_net(rows.line(i))),
            plain_title="Net PnL",
            right=True,
            width=88,
            hint=tr("After fees, in the quote currency of the symbol"),
        ),
        Column(
            "return",
            tr("Return"),
            lambda rows: rows.return_pct,
            lambda rows, i: return_text(rows.line(i)),
            tone=lambda rows, i: fmt.tone(return_text(rows.line(i))),
            plain=lambda rows, i: _plain_float(return_pct(rows.line(i))),
            plain_title="Return",
            right=True,
            width=84,
            hint=tr("Net result in percent of the equity at the start."),
        ),
        Column(
            "max_drawdown",
            tr("Max DD"),
            lambda rows: rows.drawdown_pct,
            lambda rows, i: fmt.percent(drawdown_pct(rows.line(i))),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: _plain_float(drawdown_pct(rows.line(i))),
            plain_title="Max DD",
            right=True,
            width=78,
            drops=1,
            hint=(
                tr(
                    "Deepest fall of the equity at candle closes, in percent of its "
                    "highest value before."
                )
            ),
        ),
        Column(
            "sharpe",
            tr("Sharpe"),
            lambda rows: rows.floats("sharpe"),
            lambda rows, i: fmt.ratio(rows.line(i).sharpe),
            plain=lambda rows, i: _plain_float(_or_nan(rows.line(i).sharpe)),
            plain_title="Sharpe",
            right=True,
            width=62,
            hint=tr(
                "Mean daily return in its standard deviations, for a year of 365 days; "
                "from two days on"
            ),
            drops=2,
        ),
        Column(
            "win_rate",
            tr("Win rate"),
            lambda rows: rows.win_rate_pct,
            lambda rows, i: fmt.percent(win_rate_pct(rows.line(i)), 1),
            plain=lambda rows, i: _plain_float(win_rate_pct(rows.line(i))),
            plain_title="Win rate",
            right=True,
            width=70,
            drops=2,
            hint=tr("Closed trades with a net result above zero, in percent of all closed ones."),
        ),
        _money_column("fees", (tr("Fees"), "Fees"), "fees", tr("Of all fills, in the quote coin.")),
        _money_column(
            "equity",
            (tr("Equity"), "Equity"),
            "equity_last",
            tr("At its last moment, in the quote coin."),
        ),
    )


def _written() -> Columns:
    return (
        _text_column("bot", (tr("Bot"), "Bot"), "bot_name", tr("The bot whose run it was.")),
        _text_column(
            "source",
            (tr("Prices from"), "Prices from"),
            "source",
            tr("Market, exchange or file of its prices."),
            source_word,
        ),
        Column(
            "tags",
            tr("Tags"),
            lambda rows: rows.ranks("tags"),
            lambda rows, i: ", ".join(rows.line(i).tags),
            tone=lambda rows, i: "text2",
            plain_title="Tags",
            width=110,
            optional=True,
            hint=tr("Words that you gave it, to find it again."),
        ),
        Column(
            "note",
            tr("Note"),
            lambda rows: rows.ranks("note"),
            lambda rows, i: " ".join(rows.line(i).note.split()),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: rows.line(i).note,
            plain_title="Note",
            width=160,
            optional=True,
            hint=tr("What you wrote about it."),
        ),
    )


def _status() -> Column[SessionRows]:
    return Column(
        "status",
        tr("Status"),
        lambda rows: rows.ranks("status", STATUS_WORDS),
        lambda rows, i: STATUS_WORDS[rows.line(i).status],
        look=Look.GLYPH,
        tone=lambda rows, i: _GLYPHS[rows.line(i).status],
        plain=lambda rows, i: rows.line(i).status.capitalize(),
        plain_title="Status",
        width=104,
        hint=tr("Running, interrupted (it goes on when its bot starts), finished, or failed."),
    )


def _text_column(
    key: str,
    titles: tuple[str, str],
    name: str,
    hint: str,
    shown: Callable[[str], str] = str,
) -> Column[SessionRows]:
    """`titles` are the one that is shown and the one in exports, where texts are as stored."""

    def stored(rows: SessionRows, i: int) -> str:
        return str(getattr(rows.line(i), name))

    return Column(
        key,
        titles[0],
        lambda rows: rows.ranks(name),
        lambda rows, i: shown(stored(rows, i)),
        plain=stored,
        tone=lambda rows, i: "text2",
        plain_title=titles[1],
        width=110,
        optional=True,
        hint=hint,
    )


def _money_column(key: str, titles: tuple[str, str], name: str, hint: str) -> Column[SessionRows]:
    """`titles` are the one that is shown and the one in exports."""

    def worth(rows: SessionRows, i: int) -> Decimal:
        line = rows.line(i)
        return line.money(int(getattr(line, name)))

    def text(rows: SessionRows, i: int) -> str:
        return fmt.money(worth(rows, i), quote_of(rows.line(i).symbol))

    return Column(
        key,
        titles[0],
        lambda rows: rows.money(name),
        text,
        tone=lambda rows, i: "text2",
        plain=lambda rows, i: plain(worth(rows, i)),
        plain_title=titles[1],
        right=True,
        width=88,
        optional=True,
        hint=hint,
    )


def _strategy_second(line: SessionLine) -> str:
    """The parameters, and what a person called it."""
    return f"{line.params}  {line.title}".strip() if line.title else line.params


def return_text(line: SessionLine) -> str:
    return fmt.signed_percent(return_pct(line))


def pnl_text(line: SessionLine) -> str:
    return fmt.signed_money(_net(line), quote_of(line.symbol))


def _net(line: SessionLine) -> Decimal:
    return line.money(line.net_pnl)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _plain_float(value: float) -> str:
    return "" if value != value else f"{value:.4f}"
