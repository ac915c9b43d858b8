"""What the database driver raises, as the fault a person should read."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.errors import DatabaseDamaged, Fault, FileHeld, RecordDamaged, StoreUnavailable
from engine.language import tr

_SENTENCES: Final = {
    "SQLITE_FULL": tr(
        "The disk is full. What was about to be stored was not stored, and nothing of it "
        "is half written. Make room where the data folder lies, then try again."
    ),
    "SQLITE_BUSY": tr(
        "Another program holds the database file (a backup tool, a database browser). "
        "What was about to be stored was not stored. Close that program, or try again."
    ),
    "SQLITE_READONLY": tr(
        "The database file is read-only. What was about to be stored was not stored. "
        "Allow writing to the data folder, then try again."
    ),
    "SQLITE_CANTOPEN": tr(
        "The database file cannot be opened. Nothing was changed. Check that the data "
        "folder still exists and may be read and written, then try again."
    ),
    "SQLITE_IOERR": tr(
        "The disk reported an error. What was about to be stored was not stored. Check "
        "the disk of the data folder, then try again."
    ),
}
_SAME: Final = {
    "SQLITE_LOCKED": "SQLITE_BUSY",
    "SQLITE_PERM": "SQLITE_READONLY",
    "SQLITE_AUTH": "SQLITE_READONLY",
}
_DAMAGED: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


def explain(error: Exception) -> Exception:
    """The fault behind `error`; errors of the program itself come back as they are."""
    if isinstance(error, Fault):
        return error
    origin = error.driver_exception if isinstance(error, DBAPIError) else error
    # Extended names (SQLITE_IOERR_WRITE) begin with the plain one.
    name = getattr(origin, "sqlite_errorname", None) or ""
    plain = "_".join(name.split("_")[:2])
    sign = _SAME.get(plain, plain)
    fault: Fault
    if sign in _SENTENCES:
        kind = FileHeld if sign == "SQLITE_BUSY" else StoreUnavailable
        fault = kind(_SENTENCES[sign], details=f"{name}: {error}")
    elif plain in _DAMAGED or _is_unreadable(origin):
        fault = damaged(tr("The database file is damaged."), details=f"{name}: {error}")
    elif isinstance(error, PoolTimeout):
        fault = StoreUnavailable(
            tr("The store is too busy to answer. Nothing was changed; try again in a moment."),
            details=str(error),
        )
    elif isinstance(error, IntegrityError):
        fault = RecordDamaged(
            tr(
                "What was about to be stored does not fit to what is stored already; "
                "nothing of it was stored. Restart the program; if it happens again, "
                "report the details."
            ),
            details=f"{name}: {error}",
        )
    else:
        return error
    fault.__cause__ = error
    return fault


def explain_writing(error: Exception) -> Exception:
    """The same for what could not be written. A damaged file takes nothing more, but what happens
    can be kept beside it: that is no reason to leave a position without its exits."""
    fault = explain(error)
    if isinstance(fault, RecordDamaged) and not isinstance(error, Fault | IntegrityError):
        words = tr("{fault} What was about to be stored was not stored.", fault=fault.words)
        unavailable = StoreUnavailable(words, details=fault.details)
        unavailable.__cause__ = error
        return unavailable
    return fault


def damaged(what: str, *, details: str) -> DatabaseDamaged:
    """A fault for a file that cannot be trusted; nothing was written to it."""
    return DatabaseDamaged(
        tr(
            "{what} It was left as it is. Copies made before upgrades are in the folder "
            "'backups' inside the data folder: put one in its place, run `trader-engine "
            "rescue`, which sets the damaged file aside and keeps what can be read of "
            "it, or choose another folder.",
            what=what,
        ),
        details=details,
    )


def _is_unreadable(origin: BaseException | None) -> bool:
    """Damage that comes without a code: a foreign file, or text that is none."""
    signs = ("not a database", "Could not decode to UTF-8")
    return isinstance(origin, sqlite3.DatabaseError) and any(sign in str(origin) for sign in signs)
