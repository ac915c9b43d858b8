"""Where the kernel's functions get their machine code from: compiled here by numba, or taken as it
was compiled before (decision 0035)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.ahead_of_time import in_use

if TYPE_CHECKING or not in_use():
    from engine.core.just_in_time import entry, hot_part, part
else:
    from engine.core.ahead_of_time import entry, hot_part, part

__all__ = ["entry", "hot_part", "part"]
