"""Candles asked for page by page: the past of a session, and what was not heard whole."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.domain.candles import Candles, moment_text, no_candles
from engine.domain.market import Market
from engine.domain.rows import AT, CLOSE, OPEN, RowKind, Rows, rows_from_candles
from engine.errors import RateLimited, WaitAndRetry
from engine.language import localised, tr, trc
from engine.ports import Exchange

_PAGE: Final = 1_000
_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 60.0
HOLD_S: Final = 3.0
"""Prices wait for fetched candles no longer than this."""
_AGAIN_S: Final = 0.5
_NOT_THERE_MS: Final = 60_000
"""What an exchange does not have so long after its end it will never have."""

_NAMES: Final = (
    trc("price", "open"),
    trc("price", "high"),
    trc("price", "low"),
    trc("price", "close"),
)

Sleep = Callable[[float], Awaitable[object]]
Delayed = Callable[[WaitAndRetry], None]
"""Told why it takes longer."""


async def candles_between(
    exchange: Exchange,
    market: Market,
    timeframe_ms: int,
    from_at: int,
    until_at: int,
    *,
    sleep: Sleep,
    delayed: Delayed,
) -> Candles:
    """Those that open from `from_at` on and close by `until_at`. Waits while the exchange cannot
    be reached; raises its AskPerson faults."""
    parts: list[Candles] = []
    wait_s = _FIRST_WAIT_S
    while from_at < until_at:
        count = min(_PAGE, (until_at - from_at) // timeframe_ms)
        try:
            page = await exchange.candles(market.symbol, timeframe_ms, from_at, max(count, 1))
        except WaitAndRetry as fault:
            delayed(fault)
            asked_s = fault.wait_s if isinstance(fault, RateLimited) else 0.0
            await sleep(max(asked_s, wait_s))
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            continue
        if not len(page):
            break
        parts.append(page)
        from_at = int(page.open_at[-1]) + timeframe_ms
    candles = _joined(parts, timeframe_ms)
    return candles.part(0, int(np.searchsorted(candles.open_at, until_at)))


@dataclass(frozen=True, slots=True)
class Fetched:
    """Candles of a span as far as they came; `fault_words` is why no more came, "" if they did."""

    candles: Candles
    missing_from: int | None
    """Open of the first that may still come: the exchange was not reached, or has it not yet."""
    fault_words: str = ""


async def fetch_soon(
    exchange: Exchange,
    market: Market,
    timeframe_ms: int,
    span: tuple[int, int],
    *,
    traded: bool,
    sleep: Sleep,
) -> Fetched:
    """Those that open from `span[0]` on and close by `span[1]`, in `HOLD_S` or not at all. With
    `traded` the last of them must be there, and is asked for until it is. Raises AskPerson
    faults."""
    from_at, until_at = span
    parts: list[Candles] = []
    words = tr("The exchange did not answer.")
    try:
        async with asyncio.timeout(HOLD_S):
            while from_at < until_at:
                count = min((until_at - from_at) // timeframe_ms + 1, _PAGE)
                page = await exchange.candles(market.symbol, timeframe_ms, from_at, count)
                words = ""
                if len(page):
                    parts.append(page)
                    from_at = int(page.open_at[-1]) + timeframe_ms
                elif traded:
                    await sleep(_AGAIN_S)
                else:
                    break
    except TimeoutError:
        pass
    except WaitAndRetry as fault:
        words = fault.words
    else:
        words = ""
    candles = _joined(parts, timeframe_ms)
    if from_at >= until_at:
        return Fetched(candles, None)
    if not words:
        from_at = max(from_at, not_there_before(until_at, timeframe_ms))
    return Fetched(candles, from_at, words)


def not_there_before(until_at: int, timeframe_ms: int) -> int:
    """Candles that open before this and were not there when asked for are not there at all:
    nothing was traded in them."""
    wait_ms = max(timeframe_ms, _NOT_THERE_MS)
    return (until_at - wait_ms) // timeframe_ms * timeframe_ms


def difference(closing: Rows, theirs: Candles, market: Market) -> str:
    """How a candle as it was heard, a CLOSED row, differs from the exchange's own of that time;
    "" if it does not, or if the exchange has none."""
    open_at = int(closing.table[0, AT]) - theirs.timeframe_ms
    if not len(theirs) or int(theirs.open_at[0]) != open_at:
        return ""
    rows = rows_from_candles(theirs.part(0, 1), float(market.price_step), RowKind.BAR)
    heard, wanted = (one.table[0, OPEN : CLOSE + 1].tolist() for one in (closing, rows))
    said = [
        tr(
            "{name} {price} (the exchange has {theirs})",
            name=name,
            price=localised(str(market.scale.price(mine))),
            theirs=localised(str(market.scale.price(their))),
        )
        for name, mine, their in zip(_NAMES, heard, wanted, strict=True)
        if mine != their
    ]
    if not said:
        return ""
    return tr(
        "The candle of {moment} was heard otherwise than the exchange has it: "
        "{prices}. The bot decided on what was heard.",
        moment=moment_text(open_at),
        prices=", ".join(said),
    )


def _joined(parts: list[Candles], timeframe_ms: int) -> Candles:
    if not parts:
        return no_candles(timeframe_ms)
    return Candles(
        np.concatenate([part.open_at for part in parts]),
        np.concatenate([part.open for part in parts]),
        np.concatenate([part.high for part in parts]),
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.close for part in parts]),
        np.concatenate([part.volume for part in parts]),
        timeframe_ms,
    )
