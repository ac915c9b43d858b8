"""Kraken's own names of coins and pairs."""

from __future__ import annotations

from tests.exchange.pair import Pair

SHORT = {"BTC": "XBT", "DOGE": "XDG"}
LEGACY = {"XBT": "XXBT", "XDG": "XXDG", "ETH": "XETH", "USD": "ZUSD", "EUR": "ZEUR"}


def short(coin: str) -> str:
    """``BTC`` is ``XBT``"""
    return SHORT.get(coin, coin)


def asset(coin: str) -> str:
    """Among the oldest coins ``XBT`` is ``XXBT`` and ``USD`` is ``ZUSD``."""
    return LEGACY.get(short(coin), short(coin))


def altname(pair: Pair) -> str:
    return short(pair.base) + short(pair.quote)


def pair_id(pair: Pair) -> str:
    """Both coins by their long names if both have one."""
    if short(pair.base) in LEGACY and short(pair.quote) in LEGACY:
        return asset(pair.base) + asset(pair.quote)
    return altname(pair)
