"""What the console says while a person waits."""

from __future__ import annotations

import sys
from typing import Final

from engine.runtime.kernel_warmth import Loop, load_kept_kernel, load_kernel, load_loop
from engine.runtime.lean_imports import hidden

_TA_LIB_ON_ARRAYS: Final = {"ema_cross"}
"""Strategies of this program that hand arrays to TA-Lib."""


def load_kernel_telling() -> None:
    """Bring the kernel in before what needs it is imported; if it must be compiled, say so."""
    load_kernel(_say)


def load_kept_kernel_telling() -> None:
    """The same for a process of its own that needs no other loop: half a second sooner."""
    load_kept_kernel(_say)


def load_loop_telling(loop: Loop) -> None:
    """The same for the loop of portfolios or sweeps, compiled in a process beside this one."""
    load_loop(loop, _say, beside=True)


def _say(words: str) -> None:
    print(f"trader-engine: {words}", file=sys.stderr, flush=True)


def load_for(strategy: str) -> None:
    """Import TA-Lib alone where that will do. It takes pandas along for those who hand it Series,
    and that takes longer than to test a year; a console asks one strategy and ends."""
    if strategy in _TA_LIB_ON_ARRAYS:
        with hidden("pandas", "polars"):
            import talib  # noqa: F401
