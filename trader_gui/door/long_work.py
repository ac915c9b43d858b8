"""Work that a person waits for, and that the end of the program would break off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from engine.language import tr
from engine.messages.progress import Progress, Report

_NOTHING: Final = tr("nothing of it is kept.")
_CAME: Final = tr("what came is kept.")
_DONE: Final = tr("what is done is kept, the rest is not run.")

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "RunBacktest": (tr("Backtest"), _NOTHING),
    "RunSweep": (tr("Sweep"), _DONE),
    "DownloadCandles": (tr("Download"), _CAME),
    "ImportCandles": (tr("Import"), _NOTHING),
    "RunReplay": (tr("Session run again, to be kept"), _NOTHING),
    "KeepSamePeriod": (tr("Backtest of the same period, to be kept"), _NOTHING),
    "walk forward": (tr("Walk forward"), _NOTHING),
    "monte carlo": (tr("Monte Carlo"), _NOTHING),
    "blocked": (tr("Price of blocked entries"), _NOTHING),
    "proof": (tr("Session run again"), _NOTHING),
    "same period": (tr("Backtest of the same period"), _NOTHING),
}
"""What the tasks of such work are named by, what a person calls it, and what becomes of it."""


def kind_of(name: str) -> str:
    """The kind of long work that the task of this name does, "" for none."""
    return next((kind for kind in KINDS if f"{name} ".startswith(f"{kind} ")), "")


@dataclass
class _Underway:
    name: str
    kind: str
    end: Callable[[], object]
    progress: Progress | None = None

    @property
    def line(self) -> str:
        called, fate = KINDS[self.kind]
        how_far = self.progress.words.rstrip(".") if self.progress is not None else ""
        return f"{called} ({how_far}): {fate}" if how_far else f"{called}: {fate}"


class LongWork(QObject):
    """All of it that goes on now, in the order of its beginning; `ended()` with the last one."""

    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._underway: list[_Underway] = []

    def begin(self, name: str, end: Callable[[], object]) -> None:
        """The task of this name has begun, which may be no long work; `end` ends it."""
        if kind := kind_of(name):
            self._underway.append(_Underway(name, kind, end))

    def told(self, name: str, report: Report | None) -> Report:
        """`report` that is heard here, too."""

        def tell(progress: Progress) -> None:
            for one in self._underway:
                if one.name == name:
                    one.progress = progress
            if report is not None:
                report(progress)

        return tell

    def over(self, name: str) -> None:
        """The task of this name has ended."""
        left = [one for one in self._underway if one.name != name]
        was, self._underway = self._underway, left
        if was and not left:
            self.ended.emit()

    @property
    def lines(self) -> tuple[str, ...]:
        """What goes on, how far it is, and what would become of it."""
        return tuple(one.line for one in self._underway)

    def end(self) -> None:
        """What can be kept is kept; `ended` follows."""
        for one in list(self._underway):
            one.end()
