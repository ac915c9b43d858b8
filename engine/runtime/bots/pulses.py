"""Signs of life of all bots, each worked out when somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial

from engine.messages.snapshot import EngineStatus, Pulse, Vitals
from engine.runtime.bots.bot import Bot
from engine.runtime.running.signs import Moment


class Pulses(Mapping[int, Pulse]):
    """By bot id, as they were `now`. A frame shows a dozen of hundreds: what a bot's is was
    worked out for nobody otherwise. Once looked at it stays as it was."""

    def __init__(self, bots: Mapping[int, Bot], now: Moment) -> None:
        self._bots, self._now = bots, now
        self._seen: dict[int, Pulse] = {}

    def __getitem__(self, bot_id: int) -> Pulse:
        if bot_id not in self._seen:
            self._seen[bot_id] = self._bots[bot_id].view.pulse(self._now)
        return self._seen[bot_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._bots)

    def __len__(self) -> int:
        return len(self._bots)


def engine_status(bots: Mapping[int, Bot], now: Moment, lag_ms: float) -> EngineStatus:
    """How the engine of these bots, by id, is `now`, its loop `lag_ms` late."""
    vitals = cache(partial(_vitals, bots, now))
    return EngineStatus(now.wall_at, lag_ms, Pulses(bots, now), vitals)


def _vitals(bots: Mapping[int, Bot], now: Moment) -> Vitals:
    trouble, waiting, unkept, newest = "", 0, 0, Moment(0, 0.0)
    for bot in bots.values():
        trouble = trouble or bot.view.trouble
        live = bot.live
        if live is not None:
            waiting += live.recorder.waiting
            unkept += live.recorder.unkept
            for sign in (live.signs.ticked, live.recorder.written):
                if sign is not None and sign.steady_s > newest.steady_s:
                    newest = sign
    newest_at = newest.seen(now) if newest.wall_at else 0
    return Vitals(trouble or "ok", waiting, unkept, newest_at)
