"""A curve over time as SVG: drawn once, readable on paper, no script."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from itertools import pairwise
from typing import Final

import numpy as np

from engine.domain.columns import FloatColumn, IntColumn
from engine.language import localised, tr

WIDTH: Final = 960
HEIGHT: Final = 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 76, 12, 26
_MOST_CELLS: Final = 600
_TICKS: Final = 5
_NICE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_MONTHS: Final = tr("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()


def curve_svg(
    title: str, at: IntColumn, values: FloatColumn, suffix: str, *, kind: str = "line"
) -> str:
    """`values` (float64) at `at` (int64, UTC ms, increasing) of one length; `kind` is the class of
    the curve in the style sheet. Less than two values are no curve: "" then."""
    if len(at) < 2:
        return ""
    times, shown = thinned(at, values)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    room = 0.06 * ((high - low) or 1.0)
    low, high = low - room, high + room
    span = max(1, int(at[-1] - at[0]))
    x = _LEFT + (WIDTH - _LEFT - _RIGHT) * (times - at[0]) / span
    y = _TOP + (HEIGHT - _TOP - _BOTTOM) * (high - shown) / (high - low)
    zero = _TOP + (HEIGHT - _TOP - _BOTTOM) * high / (high - low)
    points = " ".join(f"{one:.1f},{other:.1f}" for one, other in zip(x, y, strict=True))
    end = f"{x[-1]:.1f},{zero:.1f}"
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
        *_levels(low, high, suffix),
        *_moments(int(at[0]), int(at[-1])),
        f'<polygon class="{kind}-area" points="{x[0]:.1f},{zero:.1f} {points} {end}"/>',
        f'<polyline class="{kind}" points="{points}"/>',
        "</svg>",
    ]
    return "\n".join(parts)


def thinned(at: IntColumn, values: FloatColumn) -> tuple[IntColumn, FloatColumn]:
    """All of them, or of each of many cells the lowest and the highest, in their order."""
    if len(values) <= 2 * _MOST_CELLS:
        return at, values
    kept: set[int] = {0, len(values) - 1}
    edges = np.linspace(0, len(values), _MOST_CELLS + 1).astype(np.int64)
    for first, stop in pairwise(edges.tolist()):
        part = values[first:stop]
        kept |= {first + int(part.argmin()), first + int(part.argmax())}
    places = np.array(sorted(kept), np.int64)
    return at[places], values[places]


def _levels(low: float, high: float, suffix: str) -> list[str]:
    step = _nice((high - low) / _TICKS)
    digits = max(0, min(8, -int(np.floor(np.log10(step)))))
    lines = []
    for number in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1):
        value = number * step
        y = _TOP + (HEIGHT - _TOP - _BOTTOM) * (high - value) / (high - low)
        sign = "\u2212" if value < 0 else "+" if value > 0 else ""
        text = localised(f"{sign}{abs(value):,.{digits}f}") + suffix
        right = WIDTH - _RIGHT
        name = "zero" if number == 0 else "grid"
        lines.append(f'<line class="{name}" x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{right + 6}" y="{y + 4:.1f}">{escape(text)}</text>')
    return lines


def _moments(start: int, end: int) -> list[str]:
    lines = []
    days = end - start > 3 * 86_400_000
    for number in range(_TICKS):
        at = start + (end - start) * number // (_TICKS - 1)
        x = _LEFT + (WIDTH - _LEFT - _RIGHT) * number / (_TICKS - 1)
        side = "start" if number == 0 else "end" if number == _TICKS - 1 else "middle"
        text = escape(_moment(datetime.fromtimestamp(at / 1000, UTC), days=days))
        lines.append(f'<text class="{side}" x="{x:.1f}" y="{HEIGHT - 8}">{text}</text>')
    return lines


def _moment(at: datetime, *, days: bool) -> str:
    return f"{at:%Y-%m-%d}" if days else f"{at:%d} {_MONTHS[at.month - 1]} {at:%H:%M}"


def _nice(rough: float) -> float:
    """The next round step above `rough`."""
    if rough <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(rough))
    return float(next(power * nice for nice in _NICE if power * nice >= rough * 0.999))
