"""One engine action on its way to the file: the statements that belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, Table

from engine.errors import Fault

Row = Mapping[str, Any]
Tuples = Callable[[], Iterable[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of an action; `refusal` is what its failure means to a person."""

    statement: Executable
    rows: Row | Sequence[Row] | None
    refusal: Fault | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Many rows for one table; `tuples` is called in the writer's thread."""

    table: Table
    columns: tuple[str, ...]
    tuples: Tuples


class Action:
    """Collects statements while its body runs; nothing touches the file before the body ends."""

    __slots__ = ("_collecting", "_suspended", "name", "steps")

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[Step | Batch] = []
        self._collecting = True
        self._suspended = False

    def run(
        self,
        statement: Executable,
        rows: Row | Sequence[Row] | None = None,
        *,
        refusal: Fault | None = None,
    ) -> None:
        """Add a statement, for one row or for many (an empty sequence adds nothing).

        With a `refusal`, a broken constraint or a statement that finds no row to change fails
        the whole action with that fault.
        """
        self._check()
        if rows is None or len(rows):
            self.steps.append(Step(statement, rows, refusal))

    def insert_many(self, table: Table, columns: tuple[str, ...], tuples: Tuples) -> None:
        """Add rows by the ten thousand: values in the order of `columns`, as the driver takes
        them (int, str, bytes, float, None). `tuples` runs later in another thread, so what it
        reads must not change."""
        self._check()
        self.steps.append(Batch(table, columns, tuples))

    def mark_suspended(self) -> None:
        """The event loop ran something else while the body was not finished."""
        self._suspended = True

    def seal(self) -> None:
        """The body is over. RuntimeError if it awaited: another task's view of the world may
        have come between its statements, and they would no longer belong together."""
        self._collecting = False
        if self._suspended:
            raise RuntimeError(
                f"The body of store.action({self.name!r}) awaited something. Gather what is "
                "needed before it; inside, only collect statements."
            )

    def _check(self) -> None:
        if not self._collecting:
            raise RuntimeError(f"store.action({self.name!r}) is over; it takes no statements.")
