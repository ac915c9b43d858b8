"""The route of one candle: read this file first, from top to bottom.

Paper bots and backtests take the same route with other plugs: who hands over rows (a feed's
batches, or arrays of many bars), who is asked (`Mind`), where events go (`Sink`).
"""

from __future__ import annotations

from collections.abc import Callable

from engine.domain.columns import IntMatrix
from engine.domain.reasons import EndReason
from engine.domain.rows import Rows
from engine.messages.events import EMPTY_HASH, chain
from engine.messages.fold import Fold
from engine.runtime.deciding import Decider
from engine.runtime.opinions import Opinion, signals_for
from engine.runtime.plugs import NO_ROWS, Chart, Mind, Sink, Step


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
    ) -> None:
        self.decider, self.chart, self.mind, self.sink = decider, chart, mind, sink
        self._published, self._price_decimals = published, price_decimals
        self.fold, self.event_hash = Fold(), EMPTY_HASH

    async def begin(self, at: int, history: Rows) -> None:
        """Open the session at market time `at`; `history` are the candles before it."""
        await self._put_down(history, self.decider.begin(at), None)

    async def take(self, rows: Rows) -> None:
        """One batch of rows: prices, the close of a candle, or a person's command."""
        closed = self.chart.take(rows)
        opinion = await self.mind.ask(self.chart.known) if closed else None
        events = self.decider.advance(rows.table, signals_for(rows, opinion))
        self.chart.weigh(self.decider.state, closed, self.decider.ended)
        await self._put_down(rows, events, opinion)

    async def note(self, observed: IntMatrix, words: str) -> None:
        """Something seen, not decided: stored and shown, not hashed."""
        await self._put_down(NO_ROWS, observed, None, [words])

    async def end(self, reason: EndReason) -> None:
        """End the session unless it has ended by itself."""
        events = self.decider.finish(reason)
        self.chart.weigh(self.decider.state, False, True)
        await self._put_down(NO_ROWS, events, None)

    async def _put_down(
        self,
        rows: Rows,
        events: IntMatrix,
        opinion: Opinion | None,
        notes: list[str] | None = None,
    ) -> None:
        if notes is None and opinion is not None:
            notes = opinion.notes(events, self._price_decimals)
        self.event_hash = chain(self.event_hash, events)
        await self.sink.write(
            Step(rows, events, notes or [], self.decider.state.copy(), self.event_hash)
        )
        self.fold.feed(events, notes)
        self.chart.show(opinion)
        self._published()
