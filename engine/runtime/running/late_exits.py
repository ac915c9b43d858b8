"""Exits that come late: a level was met while no prices were heard, and the first price after that
fills. The kernel knows nothing of it; the log says it beside the money."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core import layout as slot
from engine.domain.candles import moment_text
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.rows import AT, KIND, OPEN, RowKind, with_prices
from engine.language import tr, trc, trn
from engine.messages.events import EventKind, observation
from engine.messages.numbers import duration
from engine.messages.wording import Wording
from engine.runtime.plugs import Seen
from engine.runtime.running.missed import Guarded, Heard, Met, first_met, unheard


@dataclass(slots=True)
class _Silence:
    """No prices were heard from a moment on, while something was held."""

    since_at: int
    met: Met | None = None
    """The first level met, as far as candles fetched later tell."""


class LateExits:
    """Follows one session: `before` a step looks at its rows, `look` at what came of them."""

    def __init__(self, wording: Wording, timeframe_ms: int) -> None:
        self._wording, self._timeframe_ms = wording, timeframe_ms
        self._silence: _Silence | None = None
        self._held = 0
        self._words_if_closed = self._words = ""

    def away_since(self, at: int, state: IntColumn) -> None:
        """The program was away since market time `at`."""
        if state[slot.POSITION]:
            self._silence = _Silence(at)

    def before(self, rows: IntMatrix, state: IntColumn, heard: Heard | None) -> None:
        """`rows`, int64 (n, 6), are about to be taken; `heard` is the candle that forms."""
        self._words_if_closed = self._words = ""
        guarded = Guarded.of(state)
        self._held = guarded.position
        missed = unheard(rows[rows[:, KIND] == RowKind.HISTORY], state, self._timeframe_ms)
        if len(missed):
            self._note_missed(missed, guarded, heard)
        priced = rows[with_prices(rows)]
        if self._silence is not None and len(priced):
            self._first_price(self._silence, priced[0], guarded)
            self._silence = None

    def nothing_held(self) -> None:
        """Rows are about to be taken, and no exit can come of them late."""
        self._words_if_closed = self._words = ""
        self._held, self._silence = 0, None

    def look(self, state: IntColumn) -> Seen | None:
        """What is to be said of the step that led to `state`."""
        closed = abs(int(state[slot.POSITION])) < abs(self._held) or (
            int(state[slot.POSITION]) * self._held < 0
        )
        words = self._words_if_closed if closed and self._words_if_closed else self._words
        if not words:
            return None
        return Seen(observation(EventKind.NOTE, int(state[slot.MOMENT])), words)

    def _note_missed(self, missed: IntMatrix, guarded: Guarded, heard: Heard | None) -> None:
        first_at, last_at = int(missed[0, AT]), int(missed[-1, AT]) + self._timeframe_ms
        met = first_met(missed, guarded, heard)
        silence = self._silence or _Silence(first_at)
        silence.met = silence.met or met
        self._silence = silence
        what = tr("Neither stop nor target was met in them") if met is None else self._met(met)
        self._words = trn(
            "{count:,} candle was missed, from {begin} to {end} UTC. {what}. Nothing trades "
            "on what was missed: the first price decides",
            "{count:,} candles were missed, from {begin} to {end} UTC. {what}. Nothing trades "
            "on what was missed: the first price decides",
            len(missed),
            begin=moment_text(first_at),
            end=moment_text(last_at),
            what=what,
        )

    def _first_price(self, silence: _Silence, row: IntColumn, guarded: Guarded) -> None:
        at, price = int(row[AT]), int(row[OPEN])
        first = self._wording.price(price)
        name = guarded.beyond(price, price)
        met = silence.met
        if name and met is not None:
            self._words_if_closed = self._late_in_candle(met, at, first)
        elif name:
            self._words_if_closed = self._late_in_between(
                name,
                level=self._wording.price(guarded.level(name)),
                begin=moment_text(silence.since_at),
                end=moment_text(at),
                first=first,
            )
        elif met is not None:
            self._words = tr(
                "{met} while no prices were heard, and the first price after that, "
                "{first}, is back between the levels: the position goes on",
                met=self._met(met),
                first=first,
            )

    def _met(self, met: Met) -> str:
        said = self._said(met)
        if met.name == "stop":
            return tr(
                "Stop {level} was met in the candle of {moment} UTC ({extreme} {reached})", **said
            )
        return tr(
            "Target {level} was met in the candle of {moment} UTC ({extreme} {reached})", **said
        )

    def _late_in_candle(self, met: Met, at: int, first: str) -> str:
        said = {**self._said(met), "ago": duration(at - met.at), "first": first}
        if met.name == "stop":
            return tr(
                "This exit is late: stop {level} was met in the candle of {moment} UTC "
                "({extreme} {reached}), {ago} before, while no prices were heard. The "
                "first price after that was {first}",
                **said,
            )
        return tr(
            "This exit is late: target {level} was met in the candle of {moment} UTC "
            "({extreme} {reached}), {ago} before, while no prices were heard. The "
            "first price after that was {first}",
            **said,
        )

    @staticmethod
    def _late_in_between(name: str, **said: str) -> str:
        if name == "stop":
            return tr(
                "This exit is late: stop {level} was met between {begin} and {end} UTC, while no "
                "prices were heard. The first price after that was {first}",
                **said,
            )
        return tr(
            "This exit is late: target {level} was met between {begin} and {end} UTC, while no "
            "prices were heard. The first price after that was {first}",
            **said,
        )

    def _said(self, met: Met) -> dict[str, str]:
        return {
            "level": self._wording.price(met.level),
            "moment": moment_text(met.at),
            "extreme": trc("candle", "low") if met.extreme == "low" else trc("candle", "high"),
            "reached": self._wording.price(met.reached),
        }
