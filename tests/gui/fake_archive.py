"""The archive's and the candle files' part of the engine that lives in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.domain.archive import Coverage, Series
from engine.domain.candle_report import FileReport
from engine.domain.candles import Candles
from engine.domain.import_preview import DETECTED, Choices, ImportPreview
from engine.errors import Fault
from tests.gui.kept import covered, previewed
from tests.gui.story_markets import MINUTE, START_AT


class FakeArchive:
    """What is kept, what a preview shows, what a file holds."""

    def __init__(self) -> None:
        self.fail_with: Fault | None = None
        self.covers: tuple[Coverage, ...] = ()
        """What the archive keeps."""
        self.spans: list[tuple[Series, int | None, int | None]] = []
        """Candles of the archive that were asked for."""
        self.damage: tuple[str, ...] = ()
        """What a check finds."""
        self.previews: list[tuple[Path, Choices]] = []
        self.refusal: Fault | None = None
        """What every preview answers with, while it is set."""

    def _may_fail(self) -> None:
        """Raise what the test wants, once."""
        if self.fail_with is not None:
            fault, self.fail_with = self.fail_with, None
            raise fault

    def _keep(self, series: Series) -> None:
        """As of now the archive has these candles."""
        if all(each.series != series for each in self.covers):
            self.covers += (covered(series, "2024-01-01", "2024-01-31 23:59"),)

    async def archive(self) -> tuple[Coverage, ...]:
        return self.covers

    async def archive_candles(
        self,
        exchange: str,
        symbol: str,
        timeframe_ms: int,
        from_at: int | None = None,
        to_at: int | None = None,
    ) -> Candles:
        self.spans.append((Series(exchange, symbol, timeframe_ms), from_at, to_at))
        candles = await self.file_candles(Path())
        step = timeframe_ms * np.arange(len(candles))
        return replace(candles, open_at=START_AT + step, timeframe_ms=timeframe_ms)

    async def check_candles(self, series: Series) -> tuple[str, ...]:
        return self.damage

    async def preview_import(self, path: Path, choices: Choices = DETECTED) -> ImportPreview:
        self.previews.append((path, choices))
        if self.refusal is not None:
            raise self.refusal
        return previewed(str(path), choices)

    async def read_candle_file(self, path: Path) -> Any:
        return self._report(path)

    def _report(self, path: Path) -> FileReport:
        at = START_AT
        return FileReport(
            rows=200,
            first_at=at,
            last_at=at + 199 * MINUTE,
            timeframe_ms=MINUTE,
            gaps=0,
            gap_list=(),
            duplicates=0,
            out_of_order=0,
            dropped=0,
            time_unit="ms",
            path=str(path),
            symbol="BTC/USDT",
        )

    async def file_candles(self, path: Path) -> Candles:
        """As many candles as the report counts."""
        self._may_fail()
        at = START_AT + MINUTE * np.arange(200)
        close = 100 + np.sin(np.arange(200) / 9)
        return Candles(at, close, close + 0.5, close - 0.5, close, np.ones(200), MINUTE)
