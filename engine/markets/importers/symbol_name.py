"""What the name of a candle file tells: its symbol and its timeframe."""

from __future__ import annotations

import re
from typing import Final

from engine.domain.candles import timeframe_ms, timeframe_text
from engine.language import tr

_QUOTES: Final = (
    "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USD", "EUR", "GBP", "TRY", "BRL", "JPY", "DAI",
    "BTC", "ETH", "BNB",
)  # fmt: skip
_BASES: Final = (
    "BTC", "ETH", "SOL", "BNB", "XRP", "ADA", "DOGE", "LTC", "DOT", "AVAX", "LINK", "BCH", "TRX",
    "XBT", "XDG", "XLM", "UNI", "ATOM", "ETC", "NEAR", "SHIB", "PEPE", "TON", "ALGO", "FIL",
)  # fmt: skip
_OTHER_NAMES: Final = {"XBT": "BTC", "XDG": "DOGE"}
"""Kraken's own."""
_PAIR: Final = re.compile(
    rf"([A-Z0-9]{{2,12}})[_/]({'|'.join(_QUOTES)})(?:[_:]({'|'.join(_QUOTES)}))?(?=[-.,_ ]|$)"
)
_TIMEFRAME: Final = re.compile(r"(?<=[-_ ,])(\d{1,3})([smhdw])(?=[-_. ,]|$)")


def guess_symbol(name: str) -> str:
    """``ADABTC-1m.csv`` -> ``ADA/BTC``; empty when the name does not tell."""
    upper = name.upper()
    if found := _PAIR.match(upper):
        settle = f":{found[3]}" if found[3] else ""
        return f"{_named(found[1])}/{found[2]}{settle}"
    words = "".join(letter if letter.isalnum() else " " for letter in upper).split()
    for word in words:
        for quote in _QUOTES:
            base = word.removesuffix(quote)
            if base != word and base != quote and (base in _BASES or _is_base(base, words)):
                return f"{_named(base)}/{quote}"
    for place, word in enumerate(words):
        if word in _BASES:
            after = words[place + 1] if place + 1 < len(words) else ""
            return f"{_named(word)}/{after if after in _QUOTES else 'USDT'}"
    return ""


def guess_timeframe(name: str) -> int | None:
    """``UNITTEST_BTC-8m.json.gz`` -> 480,000 ms; None when the name does not tell."""
    found = _TIMEFRAME.search(name)
    return timeframe_ms(found[0]) if found and int(found[1]) else None


def symbol_of(told: str, name: str) -> str:
    """From what a column says, else from the file's name; empty when neither tells."""
    return guess_symbol(told) or guess_symbol(name)


def name_note(name: str, timeframe_ms: int) -> str:
    """A sentence where the name of a file tells another timeframe than its rows; else empty."""
    told = guess_timeframe(name)
    if told is None or told == timeframe_ms:
        return ""
    return tr(
        "The name {name} says {timeframe}, its rows are {distance} apart: they are what counts.",
        name=name,
        timeframe=timeframe_text(told),
        distance=timeframe_text(timeframe_ms),
    )


def _named(base: str) -> str:
    return _OTHER_NAMES.get(base, base)


def _is_base(word: str, words: list[str]) -> bool:
    """A word that is not in the list is a coin only where it stands first in the name."""
    return 2 <= len(word) <= 10 and words[0].startswith(word)
