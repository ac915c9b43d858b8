"""What was found in a candle file, for a person to judge before trading on it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.candles import moment_text, timeframe_text
from engine.language import tr


@dataclass(frozen=True, slots=True)
class FileReport:
    """Counts and limits of one candle file; times are UTC ms of candle opens.

    `gaps` is how many candles are missing inside the period, `gap_list` the first few holes as
    (open time of the first missing candle, how many are missing), `holes` how many holes there
    are. `duplicates`, `out_of_order` and `dropped` count rows of the file; rows that were dropped
    had empty cells.
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
    """How the file writes times, in words."""
    holes: int = 0
    has_volume: bool = True
    notes: tuple[str, ...] = ()
    """What else a person should know, in sentences."""

    @property
    def clean(self) -> bool:
        """Nothing was missing, dropped or moved."""
        return not (self.gaps or self.duplicates or self.out_of_order or self.dropped)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The report for a person; the first sentence is the file in short."""
        period = tr(
            "{moment} to {moment2} UTC",
            moment=moment_text(self.first_at),
            moment2=moment_text(self.last_at),
        )
        said = [
            tr(
                "{rows:,} candles of {timeframe}, {period}.",
                rows=self.rows,
                timeframe=timeframe_text(self.timeframe_ms),
                period=period,
            )
        ]
        if self.gaps:
            holes = "; ".join(f"{count:,} from {moment_text(at)}" for at, count in self.gap_list)
            more = "; ..." if self.holes > len(self.gap_list) else ""
            said.append(
                tr(
                    "{count} missing ({holes}{more}); gaps stay gaps.",
                    count=_count(self.gaps, "candle is", "candles are"),
                    holes=holes,
                    more=more,
                )
            )
        if self.duplicates:
            said.append(
                tr(
                    "{count} with a time already seen left out.",
                    count=_count(self.duplicates, "row", "rows"),
                )
            )
        if self.out_of_order:
            said.append(
                tr(
                    "{count} in the wrong order sorted.",
                    count=_count(self.out_of_order, "row", "rows"),
                )
            )
        if self.dropped:
            said.append(
                tr("{count} with empty cells left out.", count=_count(self.dropped, "row", "rows"))
            )
        if not self.has_volume:
            said.append(tr("No volume column: volume is 0."))
        return (*said, *self.notes)

    @property
    def sentence(self) -> str:
        return " ".join(self.sentences)


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
