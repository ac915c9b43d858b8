"""Signs of life of all bots, each worked out when somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.messages.snapshot import EngineStatus, Pulse
from engine.runtime.bots.bot import Bot


class Pulses(Mapping[int, Pulse]):
    """By bot id, at wall time `now_ms`. A frame shows a dozen of hundreds: what a bot's is was
    worked out for nobody otherwise. Once looked at it stays as it was."""

    def __init__(self, bots: Sequence[Bot], now_ms: int) -> None:
        self._bots = {bot.record.id: bot for bot in bots}
        self._now_ms = now_ms
        self._seen: dict[int, Pulse] = {}

    def __getitem__(self, bot_id: int) -> Pulse:
        if bot_id not in self._seen:
            self._seen[bot_id] = self._bots[bot_id].view.pulse(self._now_ms)
        return self._seen[bot_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._bots)

    def __len__(self) -> int:
        return len(self._bots)


def engine_status(bots: Sequence[Bot], now_ms: int, lag_ms: float) -> EngineStatus:
    """How the engine is at wall time `now_ms`, its loop `lag_ms` late."""
    troubles = [bot.view.trouble for bot in bots if bot.view.trouble]
    return EngineStatus(
        now_ms,
        lag_ms,
        troubles[0] if troubles else "ok",
        sum(bot.live.recorder.waiting for bot in bots if bot.live is not None),
        Pulses(bots, now_ms),
    )
