"""What a stored session can no longer be looked up in: the archive it was played on."""

from __future__ import annotations

from engine.domain.archive import Series
from engine.domain.sessions import SessionSettings
from engine.markets.archive.archive import Archive


def gone_words(settings: SessionSettings, archive: Archive) -> str:
    """A sentence where the archive no longer has the candles a session was played on; "" where it
    has them, or was not asked. Reads a folder's names: call it in a worker.

    The session's own recording has every candle it saw, so all of it is still shown and proved.
    """
    if not settings.exchange:
        return ""
    step = settings.made_from_ms or settings.timeframe_ms
    series = Series(settings.exchange, settings.symbol, step)
    if series in archive.of_market(settings.exchange, settings.symbol):
        return ""
    return (
        f"The candles {series.label} that this session was played on were deleted from the "
        "archive. Everything here is from its own recording; only a new backtest with other "
        "settings needs them again."
    )
