"""What the window's frame shows of a snapshot: top bar, status bar, the rail's red dot."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from engine.domain.bots import BotState, FeedKind
from engine.language import tr
from engine.messages.liveness import Lamp, lag_lamp
from engine.messages.snapshot import AppSnapshot, BotSnapshot, EngineStatus, Pulse
from engine.messages.value_words import word
from trader_gui import format as fmt
from trader_gui.frame.main_window import MainWindow
from trader_gui.frame.top_bar import AccountFigures
from trader_gui.models import facts
from trader_gui.models.feed_facts import condition_word, feed_hint, trouble

QUEUE_WARN: Final = 500


class FrameValues:
    """`selected` gives the bot whose feed and candle the status bar tells of."""

    def __init__(self, window: MainWindow, selected: Callable[[], BotSnapshot | None]) -> None:
        self._window, self._selected = window, selected
        self._app: AppSnapshot | None = None
        self._stale = False
        """The account's figures rest on a price that is too old."""

    def show_snapshot(self, app: AppSnapshot) -> None:
        self._app = app
        self._window.top_bar.show_figures(figures(app, stale=self._stale))
        failed = [bot.settings.name for bot in app.bots if bot.state is BotState.ERROR]
        words = tr("In error: {names}", names=", ".join(failed)) if failed else ""
        self._window.rail.set_attention("bots", words)
        self._show_candle()

    def show_status(self, status: EngineStatus) -> None:
        """Once a second: ages, lag, the store, the clock."""
        bar = self._window.status_bar
        if self._app is not None:
            self._stale = any_stale(self._app, status)
            self._window.top_bar.show_figures(figures(self._app, stale=self._stale))
        words, level = heartbeat(status)
        bar.set_cell(
            "engine", tr("Engine"), words, level, tr("The newest sign of life of any bot"), 90
        )
        lag = status.loop_lag_ms
        lamp = lag_lamp(lag)
        level = facts.LEVELS[lamp] if lamp > Lamp.OK else ""
        bar.set_cell(
            "lag",
            tr("Loop lag"),
            f"{lag:.0f} ms",
            level,
            tr("How late the loop's timers are"),
        )
        self._show_feed(status)
        vitals = status.vitals()
        well = vitals.store_words == "ok"
        store = (
            tr("ok · queue {count}", count=vitals.store_queue)
            if well
            else tr("{count:,} not stored", count=vitals.store_queue)
        )
        level = "" if well and vitals.store_queue <= QUEUE_WARN else "warn"
        bar.set_cell(
            "store", tr("DB"), store, level, tr("Database: {state}", state=vitals.store_words), 5
        )
        self._show_candle()
        bar.set_utc(status.now)

    def _show_feed(self, status: EngineStatus) -> None:
        bot, bar = self._selected(), self._window.status_bar
        if bot is None:
            bar.set_cell("feed", tr("Feed"), fmt.UNKNOWN, "", tr("No bot is selected"), 20)
            return
        words, level, hint = feed_cell(bot, status)
        bar.set_cell("feed", tr("Feed"), words, level, hint, 20)

    def _show_candle(self) -> None:
        bot, bar = self._selected(), self._window.status_bar
        if bot is None or bot.next_close_at is None:
            bar.remove_cell("candle")
            return
        left = fmt.countdown(bot.next_close_at - bot.now_at)
        caption = tr("{timeframe} closes in", timeframe=facts.timeframe(bot))
        bar.set_cell("candle", caption, left, "", tr("Market time until the candle closes"), 8)


def any_stale(app: AppSnapshot, status: EngineStatus) -> bool:
    """Whether the price of anything that is held is too old."""
    return any(
        facts.is_stale(bot, status.pulses.get(bot.bot_id, Pulse()), status.now)
        for bot in app.bots
        if bot.session.position
    )


def figures(app: AppSnapshot, *, stale: bool = False) -> AccountFigures:
    """The paper account for the top bar."""
    account = app.account
    before = account.equity - account.realised_today
    return AccountFigures(
        currency=account.currency,
        equity=account.equity,
        realised_today=account.realised_today,
        realised_today_pct=_percent(account.realised_today, before),
        open_pnl=account.open_pnl,
        exposure=account.exposure,
        exposure_pct=_percent(account.exposure, account.equity),
        stale=stale,
    )


def feed_cell(bot: BotSnapshot, status: EngineStatus) -> tuple[str, str, str]:
    """``binance 0.8 s``, its level and its tooltip."""
    simulated = bot.settings.feed.kind is FeedKind.SIMULATED
    source = tr("simulated") if simulated else facts.source_word(bot)
    beat = facts.price_age(bot, status.pulses.get(bot.bot_id, Pulse()), status.now)
    level = beat.tone if beat.tone in ("warn", "down") else ""
    hint = feed_hint(bot) or tr("Age of the selected bot's last price")
    if beat.words != fmt.UNKNOWN:
        return f"{source} {beat.words}", level, hint
    level = "warn" if trouble(bot) else ""
    return f"{source} {condition_word(bot) or word('stopped')}", level, hint


def heartbeat(status: EngineStatus) -> tuple[str, str]:
    """``heartbeat 0.8 s`` and its level; ``ready`` while no bot has lived yet."""
    newest_at = status.vitals().newest_at
    if not newest_at:
        return tr("ready"), "ok"
    return tr("heartbeat {age}", age=fmt.age(newest_at, status.now)), "ok"


def _percent(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole * 100) if whole else None
