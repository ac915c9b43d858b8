"""What Python hands to the kernel's entries and gets back, said once for both ways of compiling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal


@dataclass(frozen=True, slots=True)
class Array:
    """An array without gaps (C order). Only what is `written` may not be read-only."""

    kind: Literal["int64", "int32", "float64"]
    dimensions: Literal[1, 2]
    written: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """`takes` has arrays and, for `int`, whole numbers of 64 bits; None is returned by nothing."""

    returns: type[int] | type[bool] | None
    takes: tuple[Array | type[int], ...]


INTS: Final = Array("int64", 1, written=True)
MATRIX: Final = Array("int64", 2, written=True)
_READ_INTS: Final = Array("int64", 1, written=False)
_READ_MATRIX: Final = Array("int64", 2, written=False)
_SIGNALS: Final = Array("int32", 1, written=False)
_FLOATS: Final = Array("float64", 1, written=True)

ADVANCE: Final = Signature(int, (INTS, _READ_INTS, _READ_MATRIX, _SIGNALS, MATRIX))
BEGIN: Final = Signature(int, (INTS, _READ_INTS, int, MATRIX))
FINISH: Final = Signature(int, (INTS, _READ_INTS, MATRIX, int))
ASK_AT_CLOSE: Final = Signature(None, (INTS, _READ_INTS, _READ_MATRIX, int, int, int, MATRIX))
ASK_AT_PRICE: Final = Signature(int, (INTS, _READ_INTS, _READ_MATRIX, int, MATRIX, MATRIX))
PORTFOLIO_PLAY: Final = Signature(
    bool,
    (INTS, MATRIX, MATRIX, _READ_MATRIX, _READ_MATRIX, _SIGNALS, MATRIX, INTS, INTS, MATRIX),
)
SWEEP_PLAY: Final = Signature(
    int,
    (
        *(MATRIX, _READ_MATRIX, MATRIX, _READ_MATRIX, _READ_MATRIX, _READ_INTS, _SIGNALS),
        *(_READ_INTS, _READ_MATRIX, _READ_INTS, _READ_INTS, MATRIX, _FLOATS, MATRIX),
    ),
)


def symbol(function: Callable[..., Any]) -> str:
    """What an entry is called in machine code."""
    return f"{function.__module__.rpartition('.')[2]}_{function.__name__}"
