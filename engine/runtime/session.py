"""The route of one candle: read this file first, from top to bottom.

Paper bots and backtests take the same route with other plugs: who hands over rows (a feed's
batches, or arrays of many bars), who is asked (`Mind`), where events go (`Sink`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engine.domain.columns import IntMatrix
from engine.domain.reasons import EndReason
from engine.domain.rows import NO_ROWS, Rows
from engine.messages.events import EMPTY_HASH, chain
from engine.messages.fold import Fold
from engine.runtime.deciding import Decider
from engine.runtime.opinions import Opinion, signals_for
from engine.runtime.plugs import Chart, Look, Mind, Sink, Step, see_nothing

Hashed = Callable[[bytes, IntMatrix], bytes]
"""The hash of a session before events -> the hash after them."""


class Session:
    """Decides, writes down, and only then shows."""

    def __init__(
        self,
        decider: Decider,
        chart: Chart,
        mind: Mind,
        sink: Sink,
        published: Callable[[], None],
        price_decimals: int,
        hashed: Hashed = chain,
    ) -> None:
        self.decider, self.chart, self.mind, self.sink = decider, chart, mind, sink
        self._published, self._price_decimals, self._hashed = published, price_decimals, hashed
        self.fold, self.event_hash = Fold(), EMPTY_HASH

    async def begin(self, at: int, history: Rows) -> None:
        """Open the session at market time `at`; `history` are the candles before it."""
        await self._put_down(history, self.decider.begin(at))

    async def take(self, rows: Rows, look: Look = see_nothing) -> None:
        """One batch of rows: prices, the close of a candle, or a person's command. What `look`
        sees in the state after them is stored in the same step."""
        closed = self.chart.take(rows)
        opinion = await self.mind.ask(self.chart.known) if closed else None
        events = self.decider.advance(rows.table, signals_for(rows, opinion))
        self.chart.weigh(self.decider.state, closed, self.decider.ended)
        notes = [] if opinion is None else opinion.notes(events, self._price_decimals)
        seen = look(self.decider.state)
        if seen is not None:
            notes = [*(notes or [""] * len(events)), seen.words]
            events = np.concatenate([events, seen.event])
        await self._put_down(rows, events, notes, opinion)

    async def note(self, observed: IntMatrix, *words: str) -> None:
        """Something seen, not decided, each with its words: stored and shown, not hashed."""
        await self._put_down(NO_ROWS, observed, words)

    async def end(self, reason: EndReason) -> None:
        """End the session unless it has ended by itself."""
        events = self.decider.finish(reason)
        self.chart.end(self.decider.state)
        await self._put_down(NO_ROWS, events)

    async def _put_down(
        self,
        rows: Rows,
        events: IntMatrix,
        notes: Sequence[str] = (),
        opinion: Opinion | None = None,
    ) -> None:
        if len(events):
            self.event_hash = self._hashed(self.event_hash, events)
        step = Step(rows, events, list(notes), self.decider.state.copy(), self.event_hash)
        await self.sink.write(step)
        self.fold.feed(events, step.notes)
        self.chart.show(opinion)
        self._published()
