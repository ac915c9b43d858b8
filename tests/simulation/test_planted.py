"""Mistakes planted into the program, each found by a simulated day: the invariants can fail."""

from __future__ import annotations

import pytest

from engine.core import layout as slot
from engine.domain.candles import MINUTE_MS
from engine.domain.columns import IntMatrix, SignalColumn
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.runtime.bots import bot
from engine.runtime.deciding import Decider
from engine.runtime.plugs import Step
from engine.runtime.running.recorder import Recorder
from engine.runtime.running.signs import Moment
from tests.simulation.day import play
from tests.simulation.ledger import BrokenError

pytestmark = [pytest.mark.expects_warnings, pytest.mark.timeout(240)]


def test_a_unit_of_money_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    advance = Decider.advance

    def generous(self: Decider, table: IntMatrix, signals: SignalColumn) -> IntMatrix:
        events = advance(self, table, signals)
        events[events[:, ev.KIND] == EventKind.FILL, ev.CASH] += 1
        return events

    monkeypatch.setattr(Decider, "advance", generous)
    with pytest.raises(BrokenError, match="no money appears or vanishes"):
        play(1, 6)


def test_what_is_shown_before_it_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hasty(self: Recorder, step: Step) -> None:
        self.waits_since = self.waits_since or Moment.now(self._clock)
        self._pending.append(step)

    monkeypatch.setattr(Recorder, "write", hasty)
    with pytest.raises(BrokenError, match="What was shown of session"):
        play(3, 6)


def test_a_stop_that_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    advance = Decider.advance

    def forgetful(self: Decider, table: IntMatrix, signals: SignalColumn) -> IntMatrix:
        if self.state[slot.MOMENT] // MINUTE_MS % 50 == 0:
            self.state[slot.STOP] = 0
        return advance(self, table, signals)

    monkeypatch.setattr(Decider, "advance", forgetful)
    with pytest.raises(BrokenError, match="a position has the stop it is promised"):
        play(1, 6)


def test_a_wish_that_is_answered_when_it_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hasty(*_: object) -> str:
        return ""

    monkeypatch.setattr(bot, "answered", hasty)
    with pytest.raises(BrokenError, match="were answered to be stopped go on"):
        play(2, 6)
