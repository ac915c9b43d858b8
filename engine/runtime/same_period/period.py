"""The period a bot's session lived through, and the candles of it from where they are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.domain.archive import Series
from engine.domain.bots import RUN_BY_BOTS
from engine.domain.candles import Candles, moment_text, timeframe_text
from engine.domain.rows import AT, KIND, RowKind, Rows
from engine.domain.sessions import SessionSettings, session_label
from engine.errors import CandlesMissing, FileRefused, IllegalStep, InvalidSetting, UnknownName
from engine.language import tr
from engine.markets.archive.archive import Archive
from engine.messages.same_period import Lacking
from engine.messages.source_words import archive_source
from engine.messages.value_words import word
from engine.runtime.history.archive import Archived, own_bars
from engine.runtime.sources.archived import Wanted, archived_candles

GoOn = Callable[[int, int], None]
"""Told (steps done, steps in all); raises Cancelled when nobody waits any more."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where candles may come from. `simulated` is where the simulated market stands, None if it
    was never stored."""

    files: Callable[[Path, int | None], Candles]
    archive: Archive
    simulated: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The candles that open in [from_at, to_at), and `before` of them from before. `bars` are those
    that the session itself saw in that time."""

    session: Archived
    from_at: int
    to_at: int
    before: int
    bars: Rows

    @property
    def settings(self) -> SessionSettings:
        return self.session.record.settings

    @classmethod
    def of(cls, session: Archived) -> Period:
        """IllegalStep with the sentence why a session has none."""
        record, label = session.record, session_label(session.record.id)
        if record.mode not in RUN_BY_BOTS:
            raise IllegalStep(
                tr(
                    "{label} is a {mode}, which ran on recorded candles already. "
                    "Choose a session that a bot ran on paper or live.",
                    label=label,
                    mode=word(record.mode.value),
                )
            )
        step = record.settings.timeframe_ms
        bars = own_bars(session.rows, step)
        if not len(bars):
            raise IllegalStep(
                tr(
                    "{label} saw no candle close, so there is no period to test. Let "
                    "the bot run for longer than a candle.",
                    label=label,
                )
            )
        first, last = int(bars.table[0, AT]), int(bars.table[-1, AT]) + step
        ended_at = record.ended_at
        if ended_at is not None and ended_at > last:
            # What was decided at the last close was filled in the candle that never closed here.
            last += -(-(ended_at - last) // step) * step
        played = np.flatnonzero(session.rows.table[:, KIND] != RowKind.HISTORY)
        return cls(session, first, last, int(played[0]), bars)

    @property
    def exchange(self) -> str:
        """Whose prices the bot ran on; "" for a file and the simulated market."""
        record = self.session.record
        aside = record.seed is not None or record.settings.source_path
        return "" if aside else record.settings.source

    @property
    def lacking(self) -> Lacking | None:
        """What can be downloaded of it; None where nothing can."""
        if not self.exchange:
            return None
        settings = self.settings
        begin = self.from_at - self.before * settings.timeframe_ms
        series = Series(self.exchange, settings.symbol, settings.timeframe_ms)
        return Lacking(series, begin, self.to_at)


@dataclass(frozen=True, slots=True)
class Source:
    """Candles of a period and of what comes before it, and where they are from. As in a `Plan`;
    `words` are for a person."""

    candles: Candles
    words: str
    name: str
    fine: Candles | None = None
    path: str = ""
    exchange: str = ""
    made_from_ms: int = 0


def candles_of(period: Period, places: Places, go_on: GoOn) -> Source:
    """Its candles from where the bot had its own. CandlesMissing where they can be downloaded,
    FileRefused or IllegalStep where they cannot. Takes a while: call it in a worker."""
    if period.session.record.seed is not None:
        found = _simulated(period, places.simulated, go_on)
    elif period.settings.source_path:
        found = _file(period, places)
    else:
        found = _archived(period, places.archive)
    open_at = found.candles.open_at
    first, end = np.searchsorted(open_at, [period.from_at, period.to_at]).tolist()
    if first == end:
        raise _nothing(period, found.words)
    # A strategy's averages hang on where they begin, so it sees as much of the past as it did.
    begin = max(0, first - period.before)
    return Source(
        found.candles.part(begin, end),
        found.words,
        found.name,
        found.fine,
        found.path,
        found.exchange,
        found.made_from_ms,
    )


def _simulated(period: Period, state: Mapping[str, Any] | None, go_on: GoOn) -> Source:
    from engine.markets.simulated_past import past_candles

    settings, step = period.settings, period.settings.timeframe_ms
    if state is None:
        raise IllegalStep(
            tr(
                "Where the simulated market of this session stood was never stored, so "
                "its candles cannot be made again."
            )
        )
    begin = period.from_at - 2 * period.before * step  # minutes without trades have no candle
    past = past_candles(state, settings.symbol, step, (begin, period.to_at), go_on)
    words = tr("the simulated market, seed {seed}", seed=period.session.record.seed)
    return Source(past.candles, words, settings.source, past.fine)


def _file(period: Period, places: Places) -> Source:
    path = Path(period.settings.source_path)
    try:
        candles = places.files(path, period.settings.timeframe_ms)
    except FileRefused as fault:
        raise FileRefused(
            tr(
                "The candles of this session come from the file {name}, and that cannot "
                "be read any more. {words}",
                name=path.name,
                words=fault.words,
            ),
            details=fault.details,
        ) from fault
    return Source(candles, tr("the file {name}", name=path.name), path.name, path=str(path))


def _archived(period: Period, archive: Archive) -> Source:
    settings, exchange = period.settings, period.exchange
    span = period.from_at, period.to_at
    wanted = Wanted(exchange, settings.symbol, settings.timeframe_ms, *span, period.before)
    try:
        found = archived_candles(archive, wanted, finer=True)
    except (UnknownName, InvalidSetting) as fault:
        raise _nothing(
            period,
            tr("the archive ({exchange} {symbol})", exchange=exchange, symbol=settings.symbol),
        ) from fault
    where = {
        "exchange": exchange,
        "symbol": settings.symbol,
        "timeframe": timeframe_text(settings.timeframe_ms),
    }
    if found.made_from_ms == settings.timeframe_ms:
        words = tr("the archive: {exchange} {symbol} {timeframe}", **where)
    else:
        words = tr(
            "the archive: {exchange} {symbol} {timeframe}, made from {finer}",
            finer=timeframe_text(found.made_from_ms),
            **where,
        )
    return Source(
        found.candles,
        words,
        archive_source(exchange, found.made_from_ms, settings.timeframe_ms),
        found.fine,
        exchange=exchange,
        made_from_ms=found.made_from_ms,
    )


def _nothing(period: Period, where: str) -> CandlesMissing | IllegalStep:
    words = tr(
        "There are no candles of {begin} to {end} UTC in {where}, so nothing was tested.",
        begin=moment_text(period.from_at),
        end=moment_text(period.to_at),
        where=where,
    )
    lacking = period.lacking
    if lacking is None:
        return IllegalStep(tr("{words} Nothing was changed.", words=words))
    series = lacking.series
    return CandlesMissing(
        tr(
            "{words} Download {label} for that time, then ask again.",
            words=words,
            label=series.label,
        ),
        market=(series.exchange, series.symbol, series.timeframe_ms),
        span=(lacking.from_at, lacking.to_at),
    )
