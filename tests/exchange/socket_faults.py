"""How an exchange's sockets misbehave: each fault stands in front of the frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol


class SocketFault(Protocol):
    stream: str
    """Concerns frames of streams whose name contains this."""

    def pass_on(self, frame: str) -> list[str] | None:
        """What is sent instead; None closes the socket."""
        ...


@dataclass
class Silent:
    """The socket stays open and answers pings, and nothing else comes after `after` frames.
    With a `stream` it is a subscription that has stopped."""

    after: int = 0
    stream: str = ""

    def pass_on(self, frame: str) -> list[str]:
        self.after -= 1
        return [frame] if self.after >= 0 else []


@dataclass
class Lose:
    """The next frames are lost: a gap in the sequence."""

    count: int = 1
    stream: str = ""

    def pass_on(self, frame: str) -> list[str]:
        self.count -= 1
        return [] if self.count >= 0 else [frame]


@dataclass
class Repeat:
    """The next frames come twice."""

    count: int = 1
    stream: str = ""

    def pass_on(self, frame: str) -> list[str]:
        self.count -= 1
        return [frame, frame] if self.count >= 0 else [frame]


@dataclass
class Swap:
    """The next frame comes after the one that follows it."""

    stream: str = ""
    _held: list[str] = field(default_factory=list)
    _done: bool = False

    def pass_on(self, frame: str) -> list[str]:
        if self._done:
            return [frame]
        if self._held:
            self._done = True
            return [frame, *self._held]
        self._held.append(frame)
        return []


@dataclass
class Change:
    """The next frames' JSON, changed by a function (in place or returned)."""

    change: Callable[[Any], Any]
    count: int = 1
    stream: str = ""

    def pass_on(self, frame: str) -> list[str]:
        self.count -= 1
        return [altered(self.change, frame) if self.count >= 0 else frame]


@dataclass
class Poison:
    """Instead of the next frame, something that is not what the exchange sends."""

    text: str = '{"e": "trade", "E": '
    stream: str = ""
    _done: bool = False

    def pass_on(self, frame: str) -> list[str]:
        if self._done:
            return [frame]
        self._done = True
        return [self.text]


@dataclass
class Close:
    """The exchange ends the connection at the next frame."""

    stream: str = ""

    def pass_on(self, frame: str) -> None:
        return None


def altered(change: Callable[[Any], Any], text: str) -> str:
    payload = json.loads(text)
    changed = change(payload)
    return json.dumps(payload if changed is None else changed, separators=(",", ":"))
