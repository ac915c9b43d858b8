"""The symbol that the name of a candle file tells."""

from __future__ import annotations

from typing import Final

_BASES: Final = ("BTC", "ETH", "SOL", "BNB", "XRP", "ADA", "DOGE", "LTC", "DOT", "AVAX", "LINK")
_QUOTES: Final = ("USDT", "USDC", "USD", "EUR", "BTC", "ETH")


def guess_symbol(file_name: str) -> str:
    """``btc-perp-2021.csv`` -> ``BTC/USDT``; empty when the name does not tell."""
    name = "".join(letter if letter.isalnum() else " " for letter in file_name.upper())
    words = name.split()
    for word in words:
        for base in _BASES:
            for quote in _QUOTES:
                if word == base + quote and base != quote:
                    return f"{base}/{quote}"
    for place, word in enumerate(words):
        if word in _BASES:
            after = words[place + 1] if place + 1 < len(words) else ""
            return f"{word}/{after if after in _QUOTES else 'USDT'}"
    return ""
