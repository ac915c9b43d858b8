"""How far a result can be trusted, in lines a person reads. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.domain.candles import timeframe_text
from engine.domain.sessions import FineShare
from engine.language import tr, trc, trn
from engine.messages.doubt import Doubt
from engine.messages.review import Review
from trader_gui import format as fmt

ENOUGH_TRADES: Final = 100
"""Fewer say little about the next ones."""
_ALMOST_ALL: Final = 99.9
_FINE_ENOUGH: Final = 95.0


@dataclass(frozen=True, slots=True)
class TrustLine:
    """`level` is ok, warn or wait; `words` say it in short, `more` with its numbers."""

    level: str
    words: str
    more: str


@dataclass(frozen=True, slots=True)
class Band:
    """What other paths inside the bars could have come to; money as text, and as floats to draw."""

    worst: float
    assumed: float
    best: float
    texts: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Trusted:
    """How far to trust a result: how much worse and better it could have been, how much of the
    history is there, and both in sentences. `tone` is a token."""

    band: str
    history: str
    tone: str
    words: str


def trusted(doubt: Doubt | None, review: Review, trouble: str = "") -> Trusted:
    """The ambiguity band and the quality of the history; without a `doubt` the first is not known
    yet, or for the reason of `trouble`."""
    history = _history_line(review)
    said = doubt_line(doubt)
    share = fmt.percent(_there_pct(review), 1)
    tone = "warn" if "warn" in (said.level, history.level) else "text1"
    band = "..."
    if doubt is not None:
        band = trc("doubt", "none")
    elif trouble:
        band = tr("not known")
    about = trouble or f"{said.words}. {said.more}."
    tone = "warn" if trouble else tone
    if doubt is not None and doubt.trades:
        money, coin = review.market.scale.money, review.market.quote_coin
        away = (doubt.pnl_worst - doubt.pnl, doubt.pnl_best - doubt.pnl)
        band = " / ".join(fmt.signed_money(money(count), coin) for count in away)
    words = f"{about} {history.words}: {history.more}."
    return Trusted(band, tr("history {share}", share=share), tone, words)


def band_of(doubt: Doubt, review: Review) -> Band:
    """The ambiguity band in the session's money."""
    money, coin = review.market.scale.money, review.market.quote_coin
    counts = (doubt.pnl_worst, doubt.pnl, doubt.pnl_best)
    worst, assumed, best = (fmt.signed_money(money(count), coin) for count in counts)
    return Band(
        float(doubt.pnl_worst), float(doubt.pnl), float(doubt.pnl_best), (worst, assumed, best)
    )


def doubt_line(doubt: Doubt | None) -> TrustLine:
    """Whether trades hang on a path that nobody saw; None while it is being worked out."""
    if doubt is None:
        return TrustLine("wait", tr("Paths inside the bars"), tr("Being worked out"))
    if not doubt.trades:
        return TrustLine(
            "ok",
            tr("No exit depends on the path inside a bar"),
            tr("{trades} looked at", trades=_trades(doubt.judged)),
        )
    kind = (
        tr("The band is exact")
        if doubt.exact
        else tr("The band is a bound: later trades would differ")
    )
    words = trn(
        "{count:,} of {trades} hangs on the path inside a bar",
        "{count:,} of {trades} hang on the path inside a bar",
        doubt.trades,
        trades=_trades(doubt.judged),
    )
    return TrustLine("warn", words, kind)


def standing_lines(review: Review) -> list[TrustLine]:
    """What is known without any work: finer candles, the history's gaps, the number of trades."""
    return [
        _fine_line(review.record.settings.fine),
        _history_line(review),
        count_line(review.record.result.trades),
    ]


def _fine_line(fine: FineShare | None) -> TrustLine:
    if fine is None or fine.share_pct is None:
        return TrustLine(
            "warn", tr("No finer candles decided"), tr("What came first inside a bar is assumed")
        )
    share = fmt.percent(fine.share_pct, 1)
    words = tr(
        "{share} of bars decided by {timeframe} candles",
        share=share,
        timeframe=timeframe_text(fine.timeframe_ms),
    )
    parts = []
    if fine.missing:
        parts.append(trn("{count:,} not there", "{count:,} not there", fine.missing))
    if fine.disagreeing:
        parts.append(
            trn(
                "{count:,} came to another bar",
                "{count:,} came to another bar",
                fine.disagreeing,
            )
        )
    why = ", ".join(parts)
    level = "ok" if fine.share_pct >= _FINE_ENOUGH else "warn"
    return TrustLine(level, words, why or tr("All of them were there"))


def _history_line(review: Review) -> TrustLine:
    candles = review.candles.candles(len(review.candles))
    at, frame = candles.open_at[review.first_bar :], candles.timeframe_ms
    there = _there_pct(review)
    if there is None:
        few = trn("{count} candles", "{count} candles", len(at))
        return TrustLine("warn", tr("No history yet"), few)
    gaps = int((np.diff(at) > frame).sum())
    words = tr("{share} of the candles are there", share=fmt.percent(there))
    more = (
        trn("{count:,} gap", "{count:,} gaps", gaps)
        if gaps
        else tr("{candles:,}, no gap", candles=len(at))
    )
    return TrustLine("ok" if there >= _ALMOST_ALL else "warn", words, more)


def _there_pct(review: Review) -> float | None:
    """Share of the session's candles that are there, in percent."""
    candles = review.candles.candles(len(review.candles))
    at, frame = candles.open_at[review.first_bar :], candles.timeframe_ms
    if len(at) < 2:
        return None
    return 100 * len(at) / (int(at[-1] - at[0]) // frame + 1)


def count_line(trades: int) -> TrustLine:
    """Whether there are enough trades."""
    enough = trades >= ENOUGH_TRADES
    words = tr("Enough trades") if enough else tr("Few trades")
    more = tr("{trades}, at least {least} wanted", trades=_trades(trades), least=ENOUGH_TRADES)
    return TrustLine("ok" if enough else "warn", words, more)


def _trades(count: int) -> str:
    return trn("{count:,} trade", "{count:,} trades", count)
