"""Candles of other markets for a backtest: out of the files that were named, or the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.domain.bots import ExtraFile, FeedChoice, FeedKind
from engine.domain.candles import Candles, timeframe_text
from engine.domain.extra_feeds import Extra, Followed, followed_in_time
from engine.domain.market import check_symbol
from engine.errors import InvalidSetting
from engine.language import tr

if TYPE_CHECKING:
    from engine.markets.archive.archive import Archive


@dataclass(frozen=True, slots=True)
class FollowedSources:
    """Where the candles of other markets may come from, beside those that are played."""

    feed: FeedChoice
    files: Callable[[Path, int | None], Candles]
    archive: Archive | None


def followed_markets(
    wanted: Iterable[Extra], sources: FollowedSources, played: Candles
) -> tuple[Followed, ...]:
    """What a strategy wants of other markets beside `played`, from its warm-up on.

    AskPerson faults with words for a market that is not given, and for a file nobody follows.
    """
    extras: dict[tuple[str, int], Extra] = {}
    for extra in wanted:
        longest = max(extra.warmup, extras.get(extra.market, extra).warmup)
        extras[extra.market] = replace(extra, warmup=longest)
    every = sources.feed.kind is not FeedKind.ARCHIVE
    files = extra_paths(sources.feed.extra_files, extras.values(), every=every)
    return tuple(
        followed_in_time(extra.symbol, _candles(extra, files.get(extra.market), sources, played))
        for extra in extras.values()
    )


def extra_paths(
    given: Sequence[ExtraFile], wanted: Iterable[Extra], *, every: bool = True
) -> dict[tuple[str, int], Path]:
    """The files by what is in them. InvalidSetting for one that was named twice or in vain, and,
    if `every` one is needed, for one that is missing."""
    labels = {extra.market: extra.label for extra in wanted}
    files: dict[tuple[str, int], Path] = {}
    for one in given:
        market = one.symbol, one.timeframe_ms
        label = f"{one.symbol} {timeframe_text(one.timeframe_ms)}"
        check_symbol(one.symbol)
        if market in files:
            raise InvalidSetting(
                tr("There are two files of {label} candles. Give one.", label=label), field="extra"
            )
        if market not in labels:
            follows = ", ".join(labels.values()) or tr("no other market")
            raise InvalidSetting(
                tr(
                    "The strategy does not follow {label}; it follows {follows}. Leave "
                    "the file out.",
                    label=label,
                    follows=follows,
                ),
                field="extra",
            )
        files[market] = Path(one.path)
    for (symbol, timeframe_ms), label in labels.items():
        if every and (symbol, timeframe_ms) not in files:
            raise InvalidSetting(
                tr(
                    "The strategy also follows {label}. Give a file of these candles "
                    "(in the console --extra {symbol}:{timeframe}=FILE).",
                    label=label,
                    symbol=symbol,
                    timeframe=timeframe_text(timeframe_ms),
                ),
                field="extra",
            )
    return files


def _candles(extra: Extra, file: Path | None, sources: FollowedSources, played: Candles) -> Candles:
    if file is not None:
        return sources.files(file, extra.timeframe_ms)
    assert sources.archive is not None, "what is not in a file is in the archive"
    from engine.runtime.sources.archived import Wanted, archived_candles

    wanted = Wanted(
        sources.feed.exchange,
        extra.symbol,
        extra.timeframe_ms,
        int(played.open_at[0]),
        int(played.open_at[-1]) + played.timeframe_ms,
        extra.warmup + 1,
    )
    return archived_candles(sources.archive, wanted, finer=False).candles
