"""What a bot's next run begins with: a wish that no session has taken yet.

One is kept. Closing outlasts everything; of Pause and Resume the last word counts, which is all
that taking each of them would come to.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.domain.reasons import Input
from engine.runtime.running.wishes import ENTRIES, Wish


def first_of(before: Input | None, waiting: Iterable[Wish]) -> Input | None:
    """Out of what it was to begin with, and what waits, oldest first. A word about entries that
    does not wait any more was taken. A wish with words is the program's own, which pauses while
    nothing can be stored, and ends with it."""
    asked = tuple(wish.code for wish in waiting if not wish.words)
    if Input.CLOSE_AND_STOP in (before, *asked):
        return Input.CLOSE_AND_STOP
    return next((code for code in reversed(asked) if code in ENTRIES), None)
