"""A backtest that has run, used again: its settings as a paper bot, over the same file or on the
live prices of the exchange whose past it was played on."""

from __future__ import annotations

from engine.domain.bots import BotSettings, FeedChoice, FeedKind
from engine.domain.sessions import SessionRecord
from engine.language import tr

_SPEED = 60.0
"""Recorded time per time: a minute's candle each second is slow enough to watch."""


def bot_from(record: SessionRecord) -> BotSettings:
    """A paper bot with the session's market, strategy, exits and rules, and its feed."""
    chosen = record.settings
    feed = FeedChoice(
        FeedKind.FILE, chosen.source_path, speed=_SPEED, extra_files=chosen.extra_files
    )
    if chosen.exchange:
        feed = FeedChoice(FeedKind.ARCHIVE, exchange=chosen.exchange)
    coin = chosen.symbol.partition("/")[0].lower()
    return BotSettings(
        name=f"{coin}-{chosen.strategy.replace('_', '-')}",
        symbol=chosen.symbol,
        timeframe_ms=chosen.timeframe_ms,
        strategy=chosen.strategy,
        params=chosen.params,
        feed=feed,
        trade=chosen.trade,
        signals_path=chosen.signals_path,
    )


def why_no_bot(record: SessionRecord) -> str:
    """Why these settings cannot go into a new bot; empty when they can."""
    if record.settings.source_path or record.settings.exchange:
        return ""
    return tr("This session does not say where its candle file lay. Run the backtest again.")
