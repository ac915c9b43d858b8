"""Axis tags: boxes at the price axis that move apart where they would cover each other."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor


@dataclass(frozen=True, slots=True)
class Tag:
    """A box at an axis. `centre` is where it wants to be, in pixels along the axis."""

    centre: float
    lines: tuple[str, ...]
    color: QColor
    filled: bool
    text: QColor
    fixed: bool = False


def spread(
    centres: list[float], heights: list[float], low: float, high: float, fixed: int | None = None
) -> list[float]:
    """Centres at which no two boxes overlap, each as near its wish as its neighbours let it be.

    The order of the wishes is kept. The box `fixed` stays where it is (inside low..high); the
    others go up or down from it. When there is too little room the boxes nearest the edge give
    way last: they stay inside, and overlap is left at the fixed box.
    """
    placed = [min(max(c, low + h / 2), high - h / 2) for c, h in zip(centres, heights, strict=True)]
    order = sorted(range(len(placed)), key=lambda i: (centres[i], i))
    if fixed is None:
        _push_down(order, placed, heights, low)
        _push_up(order[::-1], placed, heights, high)
        return placed
    place = order.index(fixed)
    above, below = order[:place], order[place + 1 :]
    top, bottom = placed[fixed] - heights[fixed] / 2, placed[fixed] + heights[fixed] / 2
    _push_up(above[::-1], placed, heights, top)
    _push_down(above, placed, heights, low)
    _push_down(below, placed, heights, bottom)
    _push_up(below[::-1], placed, heights, high)
    return placed


def _push_down(order: list[int], placed: list[float], heights: list[float], edge: float) -> None:
    for i in order:
        placed[i] = max(placed[i], edge + heights[i] / 2)
        edge = placed[i] + heights[i] / 2


def _push_up(order: list[int], placed: list[float], heights: list[float], edge: float) -> None:
    for i in order:
        placed[i] = min(placed[i], edge - heights[i] / 2)
        edge = placed[i] - heights[i] / 2
