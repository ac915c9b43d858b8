"""How a library's function is called: what numba's code expects, and nothing that does not fit."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest

from engine.core.ahead_of_time import native, part
from engine.core.compiled import entry
from engine.core.kernel import advance
from engine.core.signatures import ADVANCE, INTS, MATRIX, Array, Signature, symbol

FLOATS = Array("float64", 1, written=True)


class Library:
    """Stands for a function of the library: keeps what it was handed, and answers."""

    def __init__(self, answer: int, status: int = 0) -> None:
        self.answer, self.status, self.words = answer, status, []
        self.restype: Any = None
        self.argtypes: list[Any] = []

    def __call__(self, answer: int, raised: int, *words: int) -> int:
        assert len(self.argtypes) == 2 + len(words)
        assert raised
        ctypes.c_int64.from_address(answer).value = self.answer
        self.words = list(words)
        return self.status


def test_arrays_cross_as_numba_takes_them_apart() -> None:
    library = Library(7)
    column, matrix = np.arange(3), np.zeros((4, 24), np.int64)
    call = native(library, Signature(int, (INTS, int, MATRIX)))
    assert call(column, np.int64(-5), matrix) == 7
    assert library.words == [
        *(0, 0, 3, 8, column.ctypes.data, 3, 8),
        -5,
        *(0, 0, 96, 8, matrix.ctypes.data, 4, 24, 192, 8),
    ]


@pytest.mark.parametrize(
    ("returns", "status", "said"), [(bool, 0, True), (int, 0, 1), (None, -2, None)]
)
def test_the_answer_has_the_type_that_was_said(returns: Any, status: int, said: object) -> None:
    call = native(Library(1, status), Signature(returns, ()))
    assert call() is said or call() == said
    assert type(call()) is type(said)


def test_what_the_kernel_raises_is_not_taken_for_an_answer() -> None:
    with pytest.raises(RuntimeError, match="status 1"):
        native(Library(0, 1), Signature(int, ()))()


@pytest.mark.parametrize(
    "given",
    [
        np.zeros(4, np.int32),
        np.zeros((4, 1), np.int64),
        np.zeros(8, np.int64)[::2],
        np.frombuffer(bytes(32), np.int64),  # may not be written
    ],
)
def test_memory_that_does_not_fit_never_reaches_the_kernel(given: Any) -> None:
    library = Library(0)
    with pytest.raises(TypeError, match="The kernel takes"):
        native(library, Signature(int, (INTS,)))(given)
    assert library.words == []


def test_what_is_only_read_may_be_read_only() -> None:
    reading = Signature(int, (Array("int64", 1, written=False),))
    assert native(Library(2), reading)(np.frombuffer(bytes(32), np.int64)) == 2


def test_numba_takes_the_same_types() -> None:
    """One signature serves both; a numba that took other types would be found here."""

    @entry(Signature(int, (INTS, FLOATS)))
    def first(column: Any, floats: Any) -> Any:
        floats[0] = 0.5
        return column[0]

    floats = np.zeros(1)
    assert first(np.array([3, 4]), floats) == 3
    assert floats[0] == 0.5
    with pytest.raises(TypeError):
        first(np.zeros(1, np.int32), floats)


def test_a_name_in_the_library_says_where_it_is_from() -> None:
    def inner() -> None: ...

    assert symbol(inner) == "test_ahead_of_time_inner"
    assert symbol(advance) == "kernel_advance"
    assert part(inner) is inner
    assert len(ADVANCE.takes) == 5
