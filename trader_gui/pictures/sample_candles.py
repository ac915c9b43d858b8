"""Generated candles for pictures: nothing of the user's, and nothing of an exchange's."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Final

import numpy as np

START_AT: Final = 1_709_251_200_000
"""2024-03-01"""


def write_candles(
    path: Path, count: int = 20_000, step_ms: int = 60_000, left_out: Container[int] = ()
) -> None:
    """A seeded walk of candles as CSV, with the columns that exchanges export, without those
    whose numbers are `left_out`."""
    chance = np.random.default_rng(11)
    trend = 0.00025 * np.sin(np.arange(count) / 700)
    close = 62_000 * np.exp(np.cumsum(trend + chance.normal(0, 0.0008, count)))
    opened = np.concatenate([[62_000.0], close[:-1]])
    away = 62_000 * np.abs(chance.normal(0, 0.0004, (2, count)))
    high, low = np.maximum(opened, close) + away[0], np.minimum(opened, close) - away[1]
    volume = chance.gamma(2, 6, count)
    lines = ["time,open,high,low,close,volume"]
    for index in (each for each in range(count) if each not in left_out):
        figures = (opened[index], high[index], low[index], close[index])
        prices = ",".join(f"{figure:.1f}" for figure in figures)
        lines.append(f"{START_AT + step_ms * index},{prices},{volume[index]:.3f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
