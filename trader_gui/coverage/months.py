"""Calendar months (UTC) as numbers that count up by one."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.language import tr
from trader_gui.format import MONTHS


def month_of(at: int) -> int:
    """The month that a moment (UTC ms) lies in."""
    when = datetime.fromtimestamp(at / 1000, UTC)
    return when.year * 12 + when.month - 1


def month_start(month: int) -> int:
    """Its first moment, UTC ms."""
    year, place = divmod(month, 12)
    return int(datetime(year, place + 1, 1, tzinfo=UTC).timestamp()) * 1000


def month_name(month: int) -> str:
    """``Mar 2024``"""
    year, place = divmod(month, 12)
    return tr("{month} {year}", month=MONTHS[place], year=year)


class MonthLine:
    """Months as equal steps between two places on a line."""

    def __init__(self, first: int, last: int, left: float, right: float) -> None:
        """Of the months `first` to `last`, both included."""
        self.first, self.last = first, last
        self._left = left
        self.step = max(right - left, 1.0) / (last - first + 1)

    def x(self, at: int) -> float:
        """Where a moment lies; outside the months as well."""
        month = month_of(at)
        begin = month_start(month)
        share = (at - begin) / (month_start(month + 1) - begin)
        return self._left + (month - self.first + share) * self.step

    def month_at(self, x: float) -> int:
        """The nearest month to a place."""
        found = self.first + int((x - self._left) // self.step)
        return min(max(found, self.first), self.last)

    def ticks(self, room: float) -> list[tuple[int, str]]:
        """Months to be named, and how, with at least `room` between two names: every month, every
        third, or Januaries alone."""
        every = range(self.first, self.last + 1)
        near = next((each for each in (1, 2, 3, 6) if each * self.step >= room), 12)
        years = 1
        while near == 12 and 12 * years * self.step < room:
            years += 1
        named = []
        for month in every:
            year, place = divmod(month, 12)
            if place % near == 0 and (near < 12 or year % years == 0):
                named.append((month, str(year) if place == 0 else MONTHS[place]))
        if named and not any(month % 12 == 0 for month, _ in named):
            month = named[0][0]
            named[0] = month, month_name(month)
        return named or [(self.first, month_name(self.first))]
