"""Strategy files of a person's own, as tests put them into a data folder."""

from __future__ import annotations

from pathlib import Path

from engine.runtime.sources.own_strategies import FOLDER

BREAKOUT = """
import numpy as np
from engine.domain.strategy import Parameter, Signals

RAN = __import__("pathlib").Path({ran!r}).write_text("it ran") if {ran!r} else None


class Breakout:
    name = {name!r}
    title = "Breakout"
    summary = "Buys above the last closes, sells below them."
    parameters = (Parameter("look", "Look back", 20, 2, 400, 1, "bars"),)

    def warmup(self, params):
        return params["look"]

    def check(self, params):
        pass

    def signals(self, candles, params):
        count, look = len(candles), int(params["look"])
        high, low = np.full(count, np.nan), np.full(count, np.nan)
        if count > look:
            past = np.lib.stride_tricks.sliding_window_view(candles.close, look)[:-1]
            high[look:], low[look:] = past.max(1), past.min(1)
        now = {now}
        none = np.zeros(count, bool)
        reason = np.zeros(count, np.int64)
        lines = {{"high": high, "low": low}}
        return Signals(now > high, now < low, none, none, reason, ("beyond {{high}}",), lines)
"""


def put(data_dir: Path, file: str, text: str) -> Path:
    """A file of the strategies folder with that text."""
    place = data_dir / FOLDER / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, "utf-8")
    return place


def breakout(name: str = "breakout", ran: Path | None = None, now: str = "candles.close") -> str:
    """A strategy that works. `ran` is written when the file is run, `now` is what it looks at."""
    return BREAKOUT.format(name=name, ran=str(ran or ""), now=now)


PEEKING = "np.append(candles.close[1:], candles.close[-1:])"
"""The next candle's close."""
