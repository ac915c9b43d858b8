"""What was found in a candle file, for a person to judge before trading on it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.candles import moment_text, timeframe_text
from engine.language import tr, trn


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
            "{first} to {last} UTC",
            first=moment_text(self.first_at),
            last=moment_text(self.last_at),
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
            holes = "; ".join(
                tr("{count:,} from {moment}", count=count, moment=moment_text(at))
                for at, count in self.gap_list
            )
            more = "; ..." if self.holes > len(self.gap_list) else ""
            said.append(
                trn(
                    "{count:,} candle is missing ({holes}); gaps stay gaps.",
                    "{count:,} candles are missing ({holes}); gaps stay gaps.",
                    self.gaps,
                    holes=holes + more,
                )
            )
        if self.duplicates:
            said.append(
                trn(
                    "{count:,} row with a time already seen left out.",
                    "{count:,} rows with a time already seen left out.",
                    self.duplicates,
                )
            )
        if self.out_of_order:
            said.append(
                trn(
                    "{count:,} row in the wrong order sorted.",
                    "{count:,} rows in the wrong order sorted.",
                    self.out_of_order,
                )
            )
        if self.dropped:
            said.append(
                trn(
                    "{count:,} row with empty cells left out.",
                    "{count:,} rows with empty cells left out.",
                    self.dropped,
                )
            )
        if not self.has_volume:
            said.append(tr("No volume column: volume is 0."))
        return (*said, *self.notes)

    @property
    def sentence(self) -> str:
        return " ".join(self.sentences)
