"""A stopwatch that a test moves, in place of Qt's."""

from __future__ import annotations


class Stopwatch:
    """At a standstill until `ms` is set."""

    ms = 0

    def start(self) -> None:
        self.ms = 0

    restart = start

    def elapsed(self) -> int:
        return self.ms
