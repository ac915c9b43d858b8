"""A stored session of a bot made ready to be shown, and to be gone on with."""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.core.candle_builder import CandleBuilder
from engine.core.metrics import equity_at_closes
from engine.domain.columns import IntMatrix
from engine.domain.market import Market
from engine.domain.rows import Rows
from engine.errors import RecordDamaged
from engine.language import tr
from engine.messages.events import EventColumns
from engine.messages.fold import Fold
from engine.messages.snapshot import PriceRow
from engine.runtime.history.archive import Archived, closes_in
from engine.runtime.history.loading import LastSession, load_session
from engine.runtime.history.recorded import bars_in, prices_in, sure_of
from engine.runtime.running.charting import Charting
from engine.runtime.running.preparing import Tools
from engine.runtime.workers import in_thread
from engine.store.records import BotStanding


def folded(log: EventColumns) -> Fold:
    """What the events of a stored session come to."""
    fold = Fold()
    fold.feed(log.table, [log.note(index) for index in range(len(log))])
    return fold


def charted(log: IntMatrix, rows: Rows, market: Market, timeframe_ms: int) -> Charting:
    """Candles, equity and price of a stored session. Takes a while: call it in a worker."""
    builder = CandleBuilder(timeframe_ms)
    bars = bars_in(rows, builder)
    sure = sure_of(bars, rows, timeframe_ms)
    chart = Charting(market, bars.part(0, sure), builder)
    closes = np.column_stack(closes_in(rows, timeframe_ms))
    closes = closes[closes[:, 0] <= chart.closed_at]
    equity = equity_at_closes(log, closes[:, 0], closes[:, 1])
    at, price = prices_in(rows, timeframe_ms)
    last = PriceRow(int(at[-1]), int(price[-1])) if len(at) else None
    chart.restore(closes, np.column_stack([closes[:, 0], equity]), last, bars.part(sure))
    return chart


async def load_checked(tools: Tools, standing: BotStanding) -> Archived:
    """The stored session of a bot; RecordDamaged if state, events and recording disagree."""
    assert standing.session_id is not None
    archived = await load_session(tools.store, standing.session_id)
    check_last(await in_thread("check-hash", partial(LastSession.of, archived)), standing)
    return archived


def check_last(last: LastSession, standing: BotStanding) -> None:
    """RecordDamaged unless a bot's state, events and recording belong together."""
    counted = (standing.event_count, standing.row_count)
    found, hashed = (len(last.log), last.rows), last.event_hash
    if counted != found or hashed != standing.event_hash:
        raise RecordDamaged(
            tr(
                "What is stored of this bot's session does not fit together, so it cannot "
                "go on. Nothing was changed. Its trades can still be looked at; start a "
                "new bot, or restore the database from the folder 'backups'."
            ),
            details=f"counted {counted}, found {found}, hash {hashed}, {standing.event_hash}",
        )
