"""What the driver raises, in words: whether it may pass, or needs a person."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import DatabaseError, IntegrityError

from engine.errors import RecordDamaged, StoreUnavailable
from engine.store.explain import explain, explain_writing


def raised(kind: type[sqlite3.Error], name: str) -> sqlite3.Error:
    error = kind(name)
    error.sqlite_errorname = name
    return error


def test_a_damaged_page_is_no_reason_to_leave_a_position_alone() -> None:
    error = DatabaseError("INSERT", (), raised(sqlite3.DatabaseError, "SQLITE_CORRUPT"))
    assert isinstance(explain(error), RecordDamaged)
    written = explain_writing(error)
    assert isinstance(written, StoreUnavailable)
    assert "is damaged" in written.words
    assert "was not stored" in written.words


def test_what_does_not_fit_is_a_mistake_in_writing_too() -> None:
    origin = raised(sqlite3.IntegrityError, "SQLITE_CONSTRAINT_PRIMARYKEY")
    error = IntegrityError("INSERT", (), origin)
    assert isinstance(explain_writing(error), RecordDamaged)


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_BUSY", "SQLITE_READONLY", "SQLITE_IOERR"])
def test_what_may_pass_is_waited_for(name: str) -> None:
    error = DatabaseError("INSERT", (), raised(sqlite3.OperationalError, name))
    assert isinstance(explain_writing(error), StoreUnavailable)
