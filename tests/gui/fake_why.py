"""Why the sessions of the stories decided as they did: as far as their events tell."""

from __future__ import annotations

import numpy as np

from engine.domain.reasons import Action, Refusal
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.review import Review
from engine.messages.why import Chain, Link, RuleAnswer, Saw, SawColumn, Verdict
from tests.gui.story_markets import MINUTE


class FakeWhy:
    """Answers of a strategy whose indicators are the review's."""

    trouble = ""

    def __init__(self, review: Review) -> None:
        self._review = review
        kind = review.log.table[:, ev.KIND]
        self._decided = np.flatnonzero(np.isin(kind, (EventKind.SIGNAL, EventKind.REFUSAL)))

    def saw(self, cursor: int) -> Saw | None:
        columns = self._review.candles
        candles = columns.candles(len(columns))
        bar = int(np.searchsorted(candles.open_at, cursor - MINUTE, side="right")) - 1
        if bar < 1:
            return None
        shown = columns.indicators(len(columns))
        return Saw(
            int(candles.open_at[bar]) + MINUTE,
            tuple(
                SawColumn(name, float(values[bar]), float(values[bar - 1]), True)
                for name, values in shown.items()
            ),
            (),
            "",
        )

    def chain(self, event: int | None, known: int) -> Chain | None:
        upto = known if event is None else min(known, event + 1)
        place = int(np.searchsorted(self._decided, upto))
        if not place:
            return None
        index = int(self._decided[place - 1])
        row = self._review.log.table[index]
        refused = row[ev.KIND] == EventKind.REFUSAL
        verdict = Verdict.REFUSED if refused else Verdict.PASSED
        action = Action(int(row[ev.ACTION]))
        return Chain(
            index,
            int(row[ev.AT]),
            int(row[ev.ROW_AT]),
            action,
            f"{action.name} signal",
            (
                RuleAnswer(Refusal.POSITION_ALREADY_OPEN, Verdict.PASSED),
                RuleAnswer(int(row[ev.CODE]) or Refusal.COOLDOWN, verdict, "30 m", "12 m"),
                RuleAnswer(Refusal.MAX_POSITION, Verdict.NOT_ASKED if refused else Verdict.PASSED),
            ),
            "12 of 30 min since the last exit." if refused else "",
            () if refused else (Link("Fill", "0.0250 bought", int(row[ev.AT])),),
        )
