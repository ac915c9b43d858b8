"""The blocks of the inspector. Each takes a snapshot and draws what it needs of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.candles import DAY_MS
from engine.domain.money import decimals
from engine.language import tr, trn
from engine.messages import histories as hs
from engine.messages.liveness import Lamp, Liveness, lag_lamp
from engine.messages.snapshot import AccountSnapshot, BotError, BotSnapshot, Pulse
from engine.messages.value_words import word
from trader_gui import format as fmt
from trader_gui.models import facts
from trader_gui.models.feed_facts import condition_word, line_words, skew_words, trouble, way_words
from trader_gui.models.figure_tips import figure_tip
from trader_gui.models.reason_words import exit_said, refusal_words
from trader_gui.panels.rows import KeyRow, Section, SegmentBar, show_text
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import label, set_hint

RECENT = 3
_PLACES = 2
"""Decimals of an indicator that has a scale of its own."""


class IndicatorsBlock(Section):
    """What the strategy's indicators were at the last closed candle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Indicators"), parent)
        self.rows: dict[str, KeyRow] = {}

    def show_bot(self, bot: BotSnapshot) -> bool:
        """Whether there are any."""
        lines, price = bot.chart.indicators, decimals(bot.market.price_step)
        for name, row in self.rows.items():
            row.setVisible(name in lines)
        for name, values in lines.items():
            if name not in self.rows:
                tip = tr(
                    "{name} at the close of the last candle, as the strategy works it out",
                    name=name,
                )
                self.rows[name] = self.row(name, tip)
            value = float(values[-1]) if len(values) else float("nan")
            places = _PLACES if name in bot.chart.off_price else price
            self.rows[name].show_value(fmt.number(value, places))
        return bool(lines)


class TodayBlock(Section):
    """The UTC day: realised PnL, entries of those allowed, refused signals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Today"), parent)
        self.setToolTip(tr("Since 00:00 UTC of the market's time"))
        self.realised = self.row(
            tr("Realised PnL"), tr("Of what was closed since 00:00 UTC, after fees.")
        )
        self.trades = self.row(tr("Trades"), tr("Entries since 00:00 UTC; additions do not count."))
        self.bar = SegmentBar(tr("Trades today"))
        self.column.addWidget(self.bar)
        self.refused = self.row(
            tr("Refused in this session"), tr("Signals that a rule refused, every one counted.")
        )

    def show_bot(self, bot: BotSnapshot) -> None:
        realised = bot.realised_today
        gain = facts.pnl(bot, realised)
        share = facts.percent(realised, facts.start_equity(bot))
        self.realised.show_value(gain.words, gain.tone, f"({share.words})" if realised else "")
        used, most = bot.session.entries_on(bot.now_at), bot.settings.trade.max_trades_per_day
        self.trades.show_value(
            fmt.count(used), second=tr("of {count}", count=fmt.count(most)) if most else ""
        )
        self.bar.setVisible(bool(most))
        self.bar.show_share(used, most or 0)
        refusals = bot.session.refusals
        total = sum(count for _, count in refusals)
        self.refused.show_value(fmt.count(total))
        lines = [f"{refusal_words(code)}: {fmt.count(count)}" for code, count in refusals]
        set_hint(self.refused, "\n".join(lines))


class AccountBlock(Section):
    """Cash of the bot, what is free, win rate, when it ran and when it runs next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Account"), parent)
        self.cash = self.row("", "")
        self.name_cash(shared=False)
        self.free = self.row(
            tr("Free in the account"), tr("Money of the account that no bot holds.")
        )
        self.wins = self.row(tr("Win rate"), figure_tip("win_rate_pct"))
        self.last = self.row(
            tr("Last run"), tr("When it last worked, by the clock of this computer.")
        )
        self.next = self.row(tr("Next candle"), tr("Market time until the candle closes."))
        self.last.hide()  # a review has no pulse

    def show_bot(self, bot: BotSnapshot, account: AccountSnapshot | None) -> None:
        coin = bot.market.quote_coin
        self.cash.show_value(f"{facts.money(bot, bot.money(bot.session.cash))} {coin}")
        self.free.setVisible(account is not None)
        if account is not None:
            free = fmt.money(account.free, account.currency)
            self.free.show_value(f"{free} {account.currency}")
        rate, count = facts.win_rate(bot)
        self.wins.show_value(rate, second=count)
        self.next.setVisible(bot.next_close_at is not None)
        if bot.next_close_at is not None:
            self.next.show_value(fmt.countdown(bot.next_close_at - bot.now_at))

    def name_cash(self, *, shared: bool) -> None:
        """Whether it is that of a portfolio's account, as its events have it."""
        if shared:
            tip = tr("Money that is in no position. All bots of the portfolio share it.")
            self.cash.rename(tr("Cash of the account"), tip)
        else:
            self.cash.rename(tr("Cash of this bot"), tr("Money that is in no position."))

    def show_pulse(self, pulse: Pulse | None, now: int) -> None:
        """When its cycle ran last, in wall time, and how long ago."""
        self.last.setVisible(pulse is not None)
        if pulse is None:
            return
        if not pulse.run_at:
            self.last.show_value(fmt.UNKNOWN)
            return
        ago = tr("{age} ago", age=fmt.age(pulse.run_at, now))
        today = pulse.run_at // DAY_MS == now // DAY_MS
        when = fmt.clock(pulse.run_at) if today else fmt.moment(pulse.run_at, now)
        self.last.show_value(when, second=ago)


class SignsBlock(Section):
    """How long ago a bot that runs gave its signs of life, each with its lamp's colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Signs of life"), parent)
        self.price = self.row(tr("Price"), tr("When its last price came."))
        self.candle = self.row(tr("Candle closed"), tr("When its last candle closed."))
        self.decision = self.row(tr("Decision"), tr("When its strategy was last asked."))
        self.write = self.row(tr("Written"), tr("When something of it was last stored."))
        self.lag = self.row(tr("Loop lag"), tr("How late the program's own timers run."))

    def show_signs(self, signs: Liveness, lag_ms: float) -> None:
        """At one moment; `lag_ms` is the engine's."""
        rows = (self.price, self.candle, self.decision, self.write)
        for row, sign in zip(rows, signs.signs, strict=True):
            known = sign.age_ms is not None
            words = tr("{age} ago", age=facts.age_text(sign.age_ms)) if known else fmt.UNKNOWN
            row.show_value(words, _value_tone(sign.lamp))
            set_hint(row, sign.words)
        self.lag.show_value(tr("{lag_ms:.0f} ms", lag_ms=lag_ms), _value_tone(lag_lamp(lag_ms)))


def _value_tone(lamp: Lamp) -> str:
    return facts.lamp_tone(lamp) if lamp > Lamp.OK else "text1"


class FeedBlock(Section):
    """How live prices come in, and what keeps them away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Live prices"), parent)
        self.exchange = self.row(tr("Exchange"), tr("Whose prices they are."))
        self.way = self.row(
            tr("They come as"), tr("Trades or candles, told by a stream or asked for.")
        )
        self.clock = self.row(
            tr("Exchange clock"), tr("How far it is ahead of this computer's; candles close by it.")
        )
        self.again = self.row(
            tr("Connected again"), tr("How often the line was lost and came back.")
        )
        self.words = label("", "label", "warn")
        self.words.setWordWrap(True)
        self.column.addWidget(self.words)

    def show_bot(self, bot: BotSnapshot) -> None:
        feed, wrong = bot.feed, trouble(bot)
        if feed is None:
            return
        show_text(self.corner, condition_word(bot), "warn" if wrong else "text3")
        self.exchange.show_value(feed.exchange)
        self.way.show_value(way_words(bot))
        self.clock.show_value(skew_words(feed.skew_ms))
        often = trn("once", "{count:,} times", feed.reconnects)
        self.again.show_value(often if feed.reconnects else tr("never"), second=tr("in this run"))
        said = line_words(bot)
        show_text(self.words, said, "warn" if wrong else "text2")
        self.words.setVisible(bool(said))


class TradesBlock(Section):
    """The last trades; a click goes to their candle."""

    all_asked = Signal()
    chosen = Signal(object)
    """Time of the exit, UTC ms."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Recent trades"), parent)
        self.corner.hide()
        self.all = TextButton("", look="link")
        self.all.clicked.connect(self.all_asked)
        self.head_row.addWidget(self.all)
        self.lines = [_TradeLine(self) for _ in range(RECENT)]
        for line in self.lines:
            line.chosen.connect(self.chosen)
            self.column.addWidget(line)
        self._shown: tuple[object, int] | None = None

    def show_bot(self, bot: BotSnapshot) -> None:
        trades = bot.session.trades
        key = (trades.columns, len(trades))
        if key == self._shown:
            return
        self._shown = key
        self.all.setText(tr("All {count:,}", count=len(trades)))
        rows = trades.rows[-RECENT:][::-1].tolist()
        for line, row in zip(self.lines, [*rows, *[None] * RECENT], strict=False):
            line.setVisible(row is not None)
            if row is not None:
                line.show_trade(bot, row)


class _TradeLine(QWidget):
    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._at = 0
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.time, self.reason = label("", "label"), label("", "label", "text3")
        self.pnl = label("", "value")
        self.pnl.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.pnl.setMinimumWidth(70)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.time)
        row.addStretch(1)
        row.addWidget(self.reason)
        row.addWidget(self.pnl)

    def show_trade(self, bot: BotSnapshot, row: list[int]) -> None:
        self._at = row[hs.T_EXIT_AT]
        show_text(self.time, fmt.moment(self._at, bot.now_at))
        show_text(self.reason, exit_said(row[hs.T_REASON]).word)
        gain = facts.pnl(bot, bot.money(row[hs.T_PNL]))
        show_text(self.pnl, gain.words, gain.tone)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._at)


class ErrorCard(QWidget):
    """Why the bot stands in error, with a button that copies the raw text too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._error: BotError | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        self.when = label("", "small", "text3")
        line = QHBoxLayout()
        self.title = label(tr("Last error"), "section")
        line.addWidget(self.title)
        line.addStretch(1)
        line.addWidget(self.when)
        column.addLayout(line)
        card = QFrame(self)
        card.setProperty("look", "card")
        inner = QHBoxLayout(card)
        inner.setContentsMargins(10, 8, 6, 8)
        self.words = label("", "label")
        self.words.setWordWrap(True)
        self.copy = IconButton("copy", tr("Copy the error with its details"))
        self.copy.clicked.connect(self._copy)
        inner.addWidget(self.words, 1)
        inner.addWidget(self.copy, alignment=Qt.AlignmentFlag.AlignTop)
        column.addWidget(card)

    def show_error(self, error: BotError | None, now_at: int) -> None:
        self._error = error
        if error is not None:
            show_text(self.title, tr("Last error: {kind}", kind=word(error.kind.value)))
            show_text(self.words, error.words)
            show_text(self.when, fmt.moment(error.at, now_at))

    def _copy(self) -> None:
        error = self._error
        if error is not None:
            raw = f"{error.words}\n\n{error.details}".strip()
            QGuiApplication.clipboard().setText(f"{fmt.iso(error.at)} {error.kind.value}: {raw}")
