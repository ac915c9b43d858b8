"""Where the kernel's functions get their machine code from: compiled here by numba, or, in the
packaged program, taken from a library that was compiled when that was made (decision 0035)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.ahead_of_time import PACKAGED

if TYPE_CHECKING or not PACKAGED:
    from engine.core.just_in_time import entry, hot_part, part
else:
    from engine.core.ahead_of_time import entry, hot_part, part

__all__ = ["entry", "hot_part", "part"]
