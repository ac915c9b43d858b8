"""Times as text for a person."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_text(at: int) -> str:
    """UTC ms as ``2026-11-21 11:56:52 UTC``."""
    return datetime.fromtimestamp(at // 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
