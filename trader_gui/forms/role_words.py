"""What the columns of a candle file are called where a person reads it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from engine.language import trc

_WORDS: Final = MappingProxyType(
    {
        "time": trc("column", "time"),
        "open": trc("column", "open"),
        "high": trc("column", "high"),
        "low": trc("column", "low"),
        "close": trc("column", "close"),
        "volume": trc("column", "volume"),
        "price": trc("column", "price"),
        "amount": trc("column", "amount"),
        "id": trc("column", "id"),
    }
)
_CAPTIONS: Final = MappingProxyType(
    {
        "time": trc("column", "Time"),
        "open": trc("column", "Open"),
        "high": trc("column", "High"),
        "low": trc("column", "Low"),
        "close": trc("column", "Close"),
        "volume": trc("column", "Volume"),
        "price": trc("column", "Price"),
        "amount": trc("column", "Amount"),
        "id": trc("column", "Id"),
    }
)


def role_word(role: str) -> str:
    """Inside of a line."""
    return _WORDS.get(role, role)


def role_caption(role: str) -> str:
    """Above a field."""
    return _CAPTIONS.get(role, role)
