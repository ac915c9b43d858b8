"""Where a session's candles came from: as it is stored, and as a person reads it."""

from __future__ import annotations

from typing import Final

from engine.domain.candles import timeframe_text
from engine.domain.sessions import SessionSettings
from engine.language import tr

SIMULATED: Final = "SIMULATED"
"""Of the simulated market, as it is stored."""


def archive_source(exchange: str, made_from_ms: int, timeframe_ms: int) -> str:
    """As it is stored and hashed, always in English: ``binance, archive, made from 1m``."""
    if made_from_ms == timeframe_ms:
        return f"{exchange}, archive"
    return f"{exchange}, archive, made from {timeframe_text(made_from_ms)}"


def source_word(stored: str) -> str:
    """The name of where prices come from, for a person: those of exchanges and files stay."""
    return tr("SIMULATED") if stored == SIMULATED else stored


def source_words(settings: SessionSettings) -> str:
    """The same for a person; names of exchanges and files stay as they are."""
    exchange, made_from_ms = settings.exchange, settings.made_from_ms
    known = archive_source(exchange, made_from_ms, settings.timeframe_ms) if made_from_ms else ""
    if not exchange or settings.source != known:
        return source_word(settings.source)
    if made_from_ms == settings.timeframe_ms:
        return tr("{exchange}, archive", exchange=exchange)
    return tr(
        "{exchange}, archive, made from {timeframe}",
        exchange=exchange,
        timeframe=timeframe_text(made_from_ms),
    )
