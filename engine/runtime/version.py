"""The version that is written beside every session."""

from __future__ import annotations

from typing import Final

PROGRAM_VERSION: Final = "0.1.0"
