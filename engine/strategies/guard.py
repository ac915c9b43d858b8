"""The one door to a strategy's code: its mistakes become sentences and stay in its own bot."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from typing import cast

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import BoolColumn, FloatColumn, IntColumn
from engine.domain.extra_feeds import (
    NOBODY,
    Extra,
    Followed,
    WantsExtras,
    extras_of,
    with_extras,
)
from engine.domain.strategy import Params, Signals, Strategy
from engine.errors import StrategyFailed
from engine.language import tr
from engine.strategies.reason_text import reason_names

_ACTIONS = ("buy", "sell", "short", "cover")


def ask(
    strategy: Strategy, candles: Candles, params: Params, followed: Iterable[Followed] = NOBODY
) -> Signals:
    """`strategy.signals`, checked. Every mode calls this and nothing else.

    The extra feeds it wants are aligned here: longer candles made out of `candles`, those of other
    markets taken from `followed`, as far as they were known at the close of the last candle.
    All it is handed is read-only, so that one strategy cannot change another's prices. Raises
    StrategyFailed (`details` is the traceback), and InvalidSetting for extras there cannot be.
    """
    wanted = wanted_extras(strategy, params)
    given = _sealed(with_extras(candles, wanted, followed) if wanted else candles)
    try:
        with np.errstate(all="ignore"):
            signals = strategy.signals(given, params)
    except (Exception, SystemExit) as error:  # who leaves, leaves alone
        raise StrategyFailed(_raised(strategy.name, error), details=_trace(error)) from error
    return checked(signals, len(candles), strategy.name)


def wanted_extras(strategy: Strategy, params: Params) -> tuple[Extra, ...]:
    """The extra feeds a strategy wants under these parameters; raises StrategyFailed."""
    if not hasattr(strategy, "extras"):  # `isinstance` of a protocol takes as long as a strategy
        return ()
    try:
        wanted = tuple(cast(WantsExtras, strategy).extras(params))
    except (Exception, SystemExit) as error:
        raise StrategyFailed(_raised(strategy.name, error), details=_trace(error)) from error
    for extra in wanted:
        if not _is_extra(extra):
            raise _broken(
                strategy.name, tr("wants {extra!r} as an extra feed, which is none", extra=extra)
            )
    return wanted


def _is_extra(wanted: object) -> bool:
    return isinstance(wanted, Extra) and wanted.timeframe_ms > 0 and wanted.warmup >= 0


def checked(signals: object, count: int, name: str = tr("The strategy")) -> Signals:
    """`signals` with columns of the promised types and of length `count`.

    Boolean pandas columns are taken as numpy; an infinite indicator value becomes NaN (not
    drawn). Raises StrategyFailed with a sentence for everything else that is not as promised.
    """
    if not isinstance(signals, Signals):
        raise _broken(name, tr("returned {type} instead of Signals", type=type(signals).__name__))
    actions = {action: _booleans(name, action, signals, count) for action in _ACTIONS}
    asked = actions["buy"] | actions["sell"] | actions["short"] | actions["cover"]
    indicators = _indicators(name, signals.indicators, count)
    return Signals(
        **actions,
        reason=_reason(name, signals, asked, count),
        reasons=_reasons(name, signals.reasons, indicators),
        indicators=indicators,
        styles=signals.styles,
    )


def _booleans(name: str, action: str, signals: Signals, count: int) -> BoolColumn:
    what = tr("column {action!r}", action=action)
    given = getattr(signals, action)
    column = _column(name, what, given, count)
    if column.dtype == object and all(isinstance(value, bool | np.bool_) for value in column):
        column = column.astype(np.bool_)
    if column.dtype != np.bool_:
        said = tr(
            "returned {type} in {what} where true or false is expected",
            type=column.dtype,
            what=what,
        )
        if empty := _empty_count(column):
            said = tr(
                "{broken}, {empty} of {count} values being NaN",
                broken=said,
                empty=empty,
                count=count,
            )
        raise _broken(name, said)
    return np.ascontiguousarray(column)


def _reason(name: str, signals: Signals, asked: BoolColumn, count: int) -> IntColumn:
    column = _column(name, tr("column 'reason'"), signals.reason, count)
    if not np.issubdtype(column.dtype, np.integer):
        raise _broken(
            name,
            tr("returned {type} in column 'reason' where integers belong", type=column.dtype),
        )
    used = column[asked]
    if len(used) and (used.min() < 0 or used.max() >= len(signals.reasons)):
        raise _broken(
            name,
            tr(
                "gave reason number {number} but has {count} reason texts",
                number=int(used.min() if used.min() < 0 else used.max()),
                count=len(signals.reasons),
            ),
        )
    return np.where(asked, column, 0).astype(np.int64)


def _reasons(name: str, reasons: object, indicators: Mapping[str, FloatColumn]) -> tuple[str, ...]:
    if not isinstance(reasons, tuple | list) or not all(isinstance(text, str) for text in reasons):
        raise _broken(name, tr("returned 'reasons' that are not a tuple of texts"))
    for text in reasons:
        for wanted in reason_names(text):
            if wanted not in indicators:
                raise _broken(
                    name,
                    tr("names {{{line}}} in a reason but publishes no such line", line=wanted),
                )
    return tuple(reasons)


def _indicators(name: str, given: Mapping[str, FloatColumn], count: int) -> dict[str, FloatColumn]:
    indicators = {}
    for title, values in given.items():
        column = _column(name, tr("indicator {title!r}", title=title), values, count)
        try:
            numbers = column.astype(np.float64)
        except (TypeError, ValueError):
            raise _broken(
                name, tr("returned {type} in indicator {title!r}", type=column.dtype, title=title)
            ) from None
        indicators[title] = np.where(np.isfinite(numbers), numbers, np.nan)
    return indicators


def _column(name: str, what: str, given: object, count: int) -> np.ndarray:
    try:
        column = np.asarray(given)
    except (TypeError, ValueError):
        raise _broken(
            name, tr("returned {type} in {what}", type=type(given).__name__, what=what)
        ) from None
    if column.ndim != 1:
        raise _broken(
            name,
            tr(
                "returned {what} that is not a column (shape {shape})",
                what=what,
                shape=column.shape,
            ),
        )
    if len(column) != count:
        raise _broken(
            name,
            tr(
                "returned {count} values in {what} for {candles} candles",
                count=len(column),
                what=what,
                candles=count,
            ),
        )
    return column


def _empty_count(column: np.ndarray) -> int:
    """How many values are NaN or None; only such a value differs from itself or is None."""
    return sum(1 for value in column.tolist() if value is None or value != value)


def _sealed(candles: Candles) -> Candles:
    """The same candles, and extras, through views that cannot be written to."""
    views = candles.part(0, len(candles))
    extras = extras_of(views)
    for one in (views, *(extra.candles for extra in extras)):
        for column in (one.open_at, one.open, one.high, one.low, one.close, one.volume):
            column.flags.writeable = False
    for extra in extras:
        extra.last.flags.writeable = False
    return views


def _broken(name: str, what: str) -> StrategyFailed:
    return StrategyFailed(
        tr(
            "{name} {what}. The bot that runs it was halted and took no decision. "
            "Correct the strategy, then start the bot again.",
            name=name,
            what=what,
        )
    )


def _raised(name: str, error: BaseException) -> str:
    """What went wrong at the deepest line of the strategy's own file, as a sentence."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    own = [frame for frame in frames if frame.filename == frames[0].filename]
    said = f"{type(error).__name__}: {error}"
    if not own:
        return tr(
            "{name} failed: {error}. The bot that runs it was halted and took no "
            "decision. Correct the strategy, then start the bot again.",
            name=name,
            error=said,
        )
    return tr(
        "{name} failed in {file}, line {line}: {error}. The bot that runs it was halted "
        "and took no decision. Correct the strategy, then start the bot again.",
        name=name,
        file=own[-1].filename.replace("\\", "/").rpartition("/")[2],
        line=own[-1].lineno,
        error=said,
    )


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
