"""Made-up contents of an archive: several markets, with holes, quiet hours and damage."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.domain.archive import Coverage, MonthCover, Series
from engine.domain.candles import DAY_MS, HOUR_MS, MINUTE_MS
from engine.domain.import_preview import Choices, Holds, ImportPreview, PreviewColumn, TimeUnit

BTC_MINUTES = Series("binance", "BTC/USDT", MINUTE_MS)
BTC_HOURS = Series("binance", "BTC/USDT", HOUR_MS)
ETH_DAYS = Series("binance", "ETH/USDT", DAY_MS)
EUR_MINUTES = Series("kraken", "BTC/EUR", 5 * MINUTE_MS)


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def covered(
    series: Series,
    first: str,
    last: str,
    *,
    gaps: tuple[tuple[str, int], ...] = (),
    quiet: tuple[str, ...] = (),
    damaged: tuple[str, ...] = (),
) -> Coverage:
    """From the first moment to the last, both opens of candles. `gaps` are missing candles from a
    moment on, within a month; `quiet` names the months (2024-03) whose gaps are the exchange's
    own, `damaged` those that were set aside."""
    first_at, last_at = moment(first), moment(last)
    holes = [(moment(at), lost) for at, lost in gaps]
    months = []
    at = moment(f"{first[:7]}-01")
    while at <= last_at:
        when = datetime.fromtimestamp(at / 1000, UTC)
        after = datetime(when.year + when.month // 12, when.month % 12 + 1, 1, tzinfo=UTC)
        end = int(after.timestamp()) * 1000
        begin, until = max(at, first_at), min(end, last_at + series.timeframe_ms)
        expected = (until - begin) // series.timeframe_ms
        name = when.strftime("%Y-%m")
        lost = sum(count for hole, count in holes if at <= hole < end)
        if name in damaged:
            lost = expected
        asked = lost if name in quiet else 0
        months.append(MonthCover(at, expected - lost, expected, asked, name in damaged))
        at = end
    bars = sum(month.bars for month in months)
    longest = tuple(sorted(holes, key=lambda hole: -hole[1]))
    return Coverage(series, first_at, last_at, bars, 20 * bars, tuple(months), longest)


def only_damage(series: Series, *months: str) -> Coverage:
    """As the archive tells of a series of which damaged files are left and no candle."""
    starts = [moment(f"{name}-01") for name in months]
    last_at = starts[-1] + 28 * DAY_MS
    told = tuple(MonthCover(at, 0, 0, 0, damaged=True) for at in starts)
    return Coverage(series, starts[0], last_at, 0, 7_000, told, ())


COVERS = (
    covered(
        BTC_MINUTES,
        "2024-03-11 04:00",
        "2025-11-20 23:59",
        gaps=(("2024-08-05 10:00", 52), ("2025-01-08 00:00", 14_400), ("2025-03-02 00:00", 600)),
        quiet=("2024-08",),
        damaged=("2025-06",),
    ),
    covered(BTC_HOURS, "2023-01-01", "2025-11-20 23:00"),
    covered(ETH_DAYS, "2020-05-01", "2025-11-20"),
    covered(EUR_MINUTES, "2025-01-01", "2025-11-20 23:55", gaps=(("2025-02-03 10:00", 3),)),
)

_ROWS = (
    ("1704067200000", "42283.58", "42298.62", "42261.02", "42298.61", "35.92724"),
    ("1704067260000", "42298.62", "42320.00", "42298.61", "42320.00", "21.16779"),
    ("1704067320000", "42319.99", "42331.54", "42319.99", "42325.50", "21.60391"),
)
_UNDERSTOOD = (
    ("2024-01-01 00:00", "42283.58", "42298.62", "42261.02", "42298.61", "35.92724"),
    ("2024-01-01 00:01", "42298.62", "42320", "42298.61", "42320", "21.16779"),
    ("2024-01-01 00:02", "42319.99", "42331.54", "42319.99", "42325.5", "21.60391"),
)


def previewed(path: str, choices: Choices) -> ImportPreview:
    """A file of candles; with any separator but a comma it cannot be read."""
    roles = Holds.CANDLES.roles
    broken = choices.separator not in (None, ",")
    columns = {role: place for place, role in enumerate(roles)}
    return ImportPreview(
        path=path,
        dialect="CSV text with commas",
        holds=Holds.CANDLES,
        columns=tuple(PreviewColumn("", "" if broken else role) for role in roles),
        rows=_ROWS,
        understood=() if broken else _UNDERSTOOD,
        detected=Choices(
            separator=choices.separator or ",",
            decimal=".",
            skip=0,
            columns=None if broken else choices.columns or columns,
            unit=choices.unit or (None if broken else TimeUnit.MILLISECONDS),
            timeframe_ms=choices.timeframe_ms or (None if broken else MINUTE_MS),
        ),
        time_words="" if broken else "milliseconds",
        symbol="BTC/USDT",
        problem="This is neither a header nor a candle. Say which columns it has."
        if broken
        else "",
        warnings=() if broken else ("The name says 5m; the rows are 1m candles.",),
    )
