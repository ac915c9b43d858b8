"""Whether two snapshots look alike."""

from __future__ import annotations

from engine.messages.snapshot import AppSnapshot


def same(one: AppSnapshot, other: AppSnapshot) -> bool:
    """Whether a redraw would show the same; parts are compared as objects, never by content."""
    return (
        len(one.bots) == len(other.bots)
        and all(a is b for a, b in zip(one.bots, other.bots, strict=True))
        and one.account == other.account
        and one.speed == other.speed
        and one.sessions_version == other.sessions_version
        and one.restart == other.restart
    )
