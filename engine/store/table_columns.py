"""What every table is made of: the names of its constraints, and its usual columns.

Integers named price, amount, cash, fee, pnl are counts in the session's own scale.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, MetaData, Text, text

from engine.store.column_types import INT64, UtcMs

# Constraints need names, or a later migration cannot drop them.
METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_of(name: str = "id") -> Column[int]:
    """An id chosen by the program (Store.next_id), so it is known before anything is sent."""
    return Column(name, INT64, primary_key=True, autoincrement=False)


def session_key() -> Column[int]:
    return Column(
        "session_id", INT64, ForeignKey("sessions.id"), primary_key=True, autoincrement=False
    )


def number(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, INT64, nullable=null)


def words(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def moment(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, UtcMs, nullable=null)


def written(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text("''"))
