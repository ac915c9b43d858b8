"""What was found in a candle file, before anything of it is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from engine.domain.candles import timeframe_text


@dataclass(frozen=True, slots=True)
class FileReport:
    """Counts and limits of one candle file; times are UTC ms of candle opens.

    `gaps` is how many candles are missing inside the period, `gap_list` the first few holes as
    (open time of the first missing candle, how many are missing). `duplicates`, `out_of_order`
    and `dropped` count rows of the file; rows that were dropped had no usable price.
    """

    path: str
    symbol: str
    """Guessed from the file's name; empty when it does not tell."""
    rows: int
    """Candles that can be used."""
    first_at: int
    last_at: int
    timeframe_ms: int
    gaps: int
    gap_list: tuple[tuple[int, int], ...]
    duplicates: int
    out_of_order: int
    dropped: int
    time_unit: str
    """How the file writes times: ``iso``, ``s``, ``ms`` or ``us``."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """The report for a person; the first sentence is the file in short."""
        period = f"{_moment(self.first_at)} to {_moment(self.last_at)} UTC"
        said = [f"{self.rows:,} candles of {timeframe_text(self.timeframe_ms)}, {period}."]
        if self.gaps:
            holes = "; ".join(f"{count:,} from {_moment(at)}" for at, count in self.gap_list)
            said.append(f"{_count(self.gaps, 'candle is', 'candles are')} missing ({holes}).")
        if self.duplicates:
            said.append(
                f"{_count(self.duplicates, 'row', 'rows')} with a time already seen left out."
            )
        if self.out_of_order:
            said.append(f"{_count(self.out_of_order, 'row', 'rows')} in the wrong order sorted.")
        if self.dropped:
            said.append(f"{_count(self.dropped, 'row', 'rows')} without usable prices left out.")
        return tuple(said)

    @property
    def sentence(self) -> str:
        return " ".join(self.sentences)


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M}"
