"""Column types of this store: exact money as text, integer UTC milliseconds, 64-bit integers.

SQLAlchemy's own Numeric turns Decimal into a float on SQLite, and its DateTime drops the zone.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

INT64: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite's INTEGER holds 64 bits; other databases need BIGINT for the same."""


class ExactDecimal(TypeDecorator[Decimal]):
    """A Decimal of any length as its own text: what goes in comes out, digit by digit."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError(f"Exact money must be a finite Decimal, not {value!r}.")
        return str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class UtcMs(TypeDecorator[int]):
    """UTC milliseconds as an integer; floats (seconds) and datetimes are refused."""

    impl = INT64
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"A time is an int of UTC milliseconds, not {value!r}.")
        return value
