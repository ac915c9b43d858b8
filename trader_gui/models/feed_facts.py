"""How a bot's live prices come in, in words. Pure functions."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from engine.domain.listings import FeedCondition, Way
from engine.domain.sub_states import SubState, feed_trouble
from engine.language import tr, trn
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt

_CONDITIONS: Final = MappingProxyType(
    {
        FeedCondition.FRESH: tr("fresh"),
        FeedCondition.CONNECTING: tr("connecting"),
        FeedCondition.STALE: tr("stalled"),
        FeedCondition.WAITING: tr("waiting"),
    }
)
_WAYS: Final = MappingProxyType(
    {
        Way.TRADES: tr("Trades by websocket"),
        Way.QUOTES: tr("Quotes by websocket"),
        Way.CANDLES: tr("Candles by websocket"),
        Way.POLLED_TRADES: tr("Trades, asked for"),
        Way.POLLED_CANDLES: tr("Candles, asked for"),
    }
)


def condition_word(bot: BotSnapshot) -> str:
    """``fresh``, ``connecting``, ``stalled`` or ``waiting``; empty where prices cannot fail."""
    return "" if bot.feed is None else _CONDITIONS[bot.feed.condition]


def trouble(bot: BotSnapshot) -> str:
    """What keeps live prices away, in a few words; empty while they come, or come for the first
    time."""
    feed = bot.feed
    return "" if feed is None else feed_trouble(feed).words(exchange=feed.exchange)


def way_words(bot: BotSnapshot) -> str:
    """``Trades by websocket``; an en dash before the first connection."""
    if bot.feed is None or bot.feed.way is None:
        return fmt.UNKNOWN
    return _WAYS[bot.feed.way]


def line_words(bot: BotSnapshot) -> str:
    """What there is to say of the line beside its way: what it waits for, why it is no better one,
    why nothing comes. Empty where the way says it all."""
    feed = bot.feed
    return "" if feed is None or feed.words == way_words(bot) else feed.words


def first_price_words(bot: BotSnapshot) -> tuple[str, str] | None:
    """What a bot on live prices waits for while nothing of its market can be shown yet, and how
    that stands; None otherwise."""
    if bot.feed is None or bot.price is not None or bot.chart.length:
        return None
    return bot.sub_words or SubState.FIRST_PRICE.words(), line_words(bot)


def skew_words(skew_ms: int | None) -> str:
    """``+120 ms``: how far the exchange's clock is ahead of ours."""
    return fmt.UNKNOWN if skew_ms is None else f"{fmt.signed(skew_ms, 0)} ms"


def feed_hint(bot: BotSnapshot) -> str:
    """All of it as sentences, for a tooltip; empty where prices cannot fail."""
    feed = bot.feed
    if feed is None:
        return ""
    known = [feed.words.rstrip(".")] if feed.words else []
    if feed.condition is FeedCondition.STALE:
        known.insert(0, SubState.FEED_STALE.hint.rstrip("."))
    if feed.skew_ms is not None:
        known.append(tr("Exchange clock {skew}", skew=skew_words(feed.skew_ms)))
    if feed.reconnects:
        known.append(
            trn(
                "Connected again once in this run",
                "Connected again {count:,} times in this run",
                feed.reconnects,
            )
        )
    return "".join(f"{part}. " for part in known).strip()
