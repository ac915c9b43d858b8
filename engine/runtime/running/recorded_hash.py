"""The hash of what a running session records, kept up with it."""

from __future__ import annotations

from engine.domain.rows import Rows
from engine.domain.rows_hash import RowsHash


class RecordedHash:
    """It costs microseconds with each action, and so nothing at the end, whatever the session's
    length. After a restart it begins with what is read of the recording then; rows that are stored
    before that wait."""

    def __init__(self, *, afresh: bool) -> None:
        """`afresh`: nothing is recorded yet."""
        self._so_far = RowsHash() if afresh else None
        self._waiting: list[Rows] = []

    def stored(self, rows: Rows) -> None:
        """These rows are on disk."""
        if self._so_far is None:
            self._waiting.append(rows)
        else:
            self._so_far.add(rows)

    def begin_with(self, before: RowsHash) -> None:
        """What is recorded from before the restart."""
        if self._so_far is None:
            self._so_far, waiting, self._waiting = before.copy(), self._waiting, []
            for rows in waiting:
                self._so_far.add(rows)

    def after(self, rows: Rows) -> RowsHash | None:
        """As it will be once `rows` are stored, too; None where what is recorded from before a
        restart could not be read."""
        if self._so_far is None:
            return None
        total = self._so_far.copy()
        total.add(rows)
        return total
