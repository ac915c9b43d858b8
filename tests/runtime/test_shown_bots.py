"""Bots are looked at only when they changed, and most of many before a frame asks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from engine.runtime.bots.shown import ShownBots


class Looked:
    """Stands like a bot, and counts how often it was looked at."""

    def __init__(self, bot_id: int) -> None:
        self.bot_id, self.looks, self.holds_share = bot_id, 0, False
        self.view = SimpleNamespace(snapshot=self._snapshot)

    def _snapshot(self) -> tuple[int, int]:
        self.looks += 1
        return self.bot_id, self.looks


def shown(count: int) -> tuple[dict[int, Any], set[int], ShownBots]:
    bots: dict[int, Any] = {number: Looked(number) for number in range(count)}
    stale = set(bots)
    return bots, stale, ShownBots(bots, stale)


def test_a_look_ahead_leaves_few_to_the_frame_and_changes_nothing_of_what_it_shows() -> None:
    bots, stale, ahead = shown(100)
    ahead.look_ahead()
    assert 0 < len(stale) < 20
    assert sum(bot.looks for bot in bots.values()) == 100 - len(stale)
    assert ahead.every() == tuple((number, 1) for number in range(100))
    assert not stale
    assert ahead.every() is ahead.every()


def test_what_was_looked_at_ahead_and_changed_again_is_looked_at_again() -> None:
    bots, stale, ahead = shown(100)
    before = ahead.every()
    stale.update(range(100))
    ahead.look_ahead()
    looked_at = next(number for number, bot in bots.items() if bot.looks == 2)
    stale.add(looked_at)
    assert ahead.every()[looked_at] == (looked_at, 3)
    assert before[looked_at] == (looked_at, 1)


def test_few_bots_wait_for_the_frame() -> None:
    bots, _, ahead = shown(5)
    ahead.look_ahead()
    assert not any(bot.looks for bot in bots.values())


def test_a_bot_that_is_gone_is_shown_no_more() -> None:
    bots, stale, ahead = shown(100)
    ahead.every()
    del bots[7]
    stale.add(7)
    assert [one[0] for one in ahead.every()] == [number for number in range(100) if number != 7]  # type: ignore[index]
