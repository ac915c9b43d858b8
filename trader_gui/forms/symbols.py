"""Symbols as a person writes them: two coins with a slash between."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from engine.language import tr

_LONGEST: Final = 20
_BESIDE_LETTERS: Final = "._:-"

SYMBOL_TIP: Final = tr(
    "What these candles are of, as BTC/USDT: the coin, and the coin prices are in."
)


def wrong_symbol(text: str) -> str:
    """What is wrong with `text` as a symbol; empty when nothing is."""
    base, slash, quote = text.partition("/")
    return "" if slash and _is_coin(base) and _is_coin(quote) else tr("Write it as BTC/USDT")


@lru_cache(maxsize=1024)
def quote_of(symbol: str) -> str:
    """The coin prices are in; empty while `symbol` is none. What stands behind a colon says in
    which coin a future settles."""
    return "" if wrong_symbol(symbol) else symbol.partition("/")[2].partition(":")[0]


def _is_coin(name: str) -> bool:
    fits = all(letter.isalnum() or letter in _BESIDE_LETTERS for letter in name)
    return bool(name) and len(name) <= _LONGEST and fits
