"""What a person is told of a market's live prices: in which way they come, what keeps them away,
and what is done about it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from engine.domain.candles import moment_text, timeframe_text
from engine.domain.listings import Way
from engine.language import tr
from engine.markets.exchange.way_choice import ATTEMPTS

NO_QUOTES: Final = tr("This exchange tells no bid and ask of this market: its spread is unknown.")
SLEPT: Final = tr("The computer slept or its clock was set, so the connection is opened anew.")
DAILY: Final = tr("The daily reconnect.")

WAY_WORDS: Final = MappingProxyType(
    {
        Way.TRADES: tr("Trades by websocket"),
        Way.QUOTES: tr("Quotes by websocket"),
        Way.CANDLES: tr("Candles by websocket"),
        Way.POLLED_TRADES: tr("Trades, asked for"),
        Way.POLLED_CANDLES: tr("Candles, asked for"),
    }
)


_WITHIN: Final = MappingProxyType(
    {
        Way.TRADES: tr("trades by websocket"),
        Way.QUOTES: tr("quotes by websocket"),
        Way.CANDLES: tr("candles by websocket"),
        Way.POLLED_TRADES: tr("trades, asked for"),
        Way.POLLED_CANDLES: tr("candles, asked for"),
    }
)
"""The same inside a sentence."""


def open_words(way: Way, left: Way | None) -> str:
    """That prices come; `left` is a better way that was left for this one."""
    if left is None:
        return WAY_WORDS[way]
    return tr("{way} ({other} gave nothing)", way=WAY_WORDS[way], other=_WITHIN[left])


def left_words(way: Way, *, tried_again: bool) -> str:
    """Why a way is left, and what happens now."""
    if tried_again:
        return tr("{way}: still no prices, so they are had as before.", way=WAY_WORDS[way])
    return tr(
        "{way}: no prices came in {attempts} attempts, though the exchange answers, "
        "so they are had in another way. This one is tried again later.",
        way=WAY_WORDS[way],
        attempts=ATTEMPTS,
    )


def filled_words(way: Way, by: Way) -> str:
    """That `way` says nothing, and `by` which its prices are had meanwhile."""
    return tr("{way}, while {other} say nothing", way=WAY_WORDS[by], other=_WITHIN[way])


def quiet_words(way: Way, traded_at: int | None) -> str:
    """What is waited for; `traded_at` is the time of the last trade, 0 where there never was one,
    None where nobody tells."""
    if traded_at is None:
        return tr("{way}: waiting for the next trade", way=WAY_WORDS[way])
    if not traded_at:
        return tr("{way}: waiting for the first trade of this market", way=WAY_WORDS[way])
    second = moment_text(traded_at // 1_000 * 1_000)
    return tr(
        "{way}: waiting for the next trade, the last was at {second} UTC",
        way=WAY_WORDS[way],
        second=second,
    )


def better_words(way: Way) -> str:
    """A better way than the one taken is tried once more."""
    return tr("{way} may work again and is tried.", way=WAY_WORDS[way])


def attempt_words(fault: str, attempt: int, wait_s: float) -> str:
    """What broke, and when it is tried again."""
    return tr(
        "{fault} Attempt {attempt} in {seconds:.0f} s.",
        fault=fault,
        attempt=attempt,
        seconds=wait_s,
    )


def halted_words(symbol: str) -> str:
    """A market that is no longer traded."""
    return tr("The exchange has halted or delisted {symbol}: it has no prices.", symbol=symbol)


def silent_words(silent_s: float) -> str:
    """A connection on which nothing came though something was traded."""
    return tr(
        "The connection was silent for {seconds:.0f} s while the market went on, so it is "
        "opened anew.",
        seconds=silent_s,
    )


def connected_words(words: str, *, again: bool) -> str:
    """``Connected: trades by websocket``; `words` say how prices come."""
    way = words
    for one in Way:
        way = way.replace(WAY_WORDS[one], _WITHIN[one])
    return tr("Connected again: {way}", way=way) if again else tr("Connected: {way}", way=way)


def stalled_words(name: str, age_ms: int, limit_ms: int) -> str:
    """Nothing came from the exchange `name` for too long."""
    return tr(
        "Feed stalled: nothing from {name} for {age} s (limit {limit} s). Entries are "
        "refused until prices come again.",
        name=name,
        age=age_ms // 1000,
        limit=limit_ms // 1000,
    )


def not_fetched_words(timeframe_ms: int, open_at: int, fault: str) -> str:
    """Why a candle came too late to decide at it."""
    return tr(
        "The {timeframe} candle of {moment} could not be fetched, so nothing was decided "
        "at its close. {fault}",
        timeframe=timeframe_text(timeframe_ms),
        moment=moment_text(open_at),
        fault=fault,
    )
