"""A session's trades shuffled and drawn in blocks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from engine.domain.bots import FeedChoice, FeedKind
from engine.errors import InvalidSetting
from engine.messages import events as ev
from engine.messages.commands import RunBacktest
from engine.messages.events import EventColumns, EventKind
from engine.messages.progress import Progress, nobody_told
from engine.runtime.engine import Engine
from engine.runtime.history.chance import monte_carlo
from tests.runtime.support import BUSY, StillClock, write_candles


async def test_bands_around_a_session(tmp_path: Path) -> None:
    path = write_candles(tmp_path / "btc-usdt.csv", 900)
    feed = FeedChoice(FeedKind.FILE, str(path), speed=0)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    told: list[Progress] = []
    try:
        params = {"fast": 4, "slow": 12}
        wish = RunBacktest(feed, "BTC/USDT", None, "ema_cross", params, BUSY)
        long = await engine.execute(wish)
        quiet = await engine.execute(replace(wish, params={"fast": 199, "slow": 399}))
        assert isinstance(quiet, int)
        with pytest.raises(InvalidSetting, match="too few"):
            await engine.monte_carlo(quiet)
        assert isinstance(long, int)
        made = await engine.monte_carlo(long, told.append)
        again = await engine.monte_carlo(long)
        review = await engine.review(long)
    finally:
        await engine.close()
    result = review.record.result
    assert made.trades == result.trades > 5
    assert (made.steps[0], made.steps[-1], made.real_pct[0]) == (0, made.trades, 0)
    assert made.real_pct[-1] == pytest.approx(100 * result.net_pnl / result.equity_first)
    # Another order comes to the same end, on another way.
    assert made.shuffled.final_pct == pytest.approx(np.full(5, made.real_pct[-1]))
    assert made.shuffled.drawdown_pct[0] < made.shuffled.drawdown_pct[-1]
    drawn = made.bootstrapped
    assert (np.diff(drawn.return_pct, axis=0) >= 0).all()
    assert drawn.final_pct[0] < made.real_pct[-1] < drawn.final_pct[-1]
    assert 0 <= drawn.losing_share <= 1
    assert (told[-1].done, told[-1].total) == (4_000, 4_000)
    assert (made.bootstrapped.return_pct == again.bootstrapped.return_pct).all()


async def test_a_position_that_was_brought_along_is_part_of_what_it_began_with(
    tmp_path: Path,
) -> None:
    path = write_candles(tmp_path / "btc-usdt.csv", 900)
    feed = FeedChoice(FeedKind.FILE, str(path), speed=0)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        params = {"fast": 4, "slow": 12}
        wish = RunBacktest(feed, "BTC/USDT", None, "ema_cross", params, BUSY)
        number = await engine.execute(wish)
        assert isinstance(number, int)
        whole = await engine._archived(number)
    finally:
        await engine.close()
    # The rest of it, as a session that went on from its second entry would have told it.
    log = whole.log.table
    opened = int(np.flatnonzero(log[:, ev.KIND] == EventKind.TRADE_OPENED)[1])
    rest = log[opened:].copy()
    rest[0, ev.KIND], rest[0, ev.LIMIT] = EventKind.SESSION_STARTED, rest[0, ev.ROW_AT]
    started, events = rest[0], EventColumns()
    events.extend(rest, None)
    made = monte_carlo(replace(whole, log=events), nobody_told, Event(), 10)
    closed = int(np.flatnonzero(rest[:, ev.KIND] == EventKind.TRADE_CLOSED)[0])
    short = EventColumns()
    short.extend(rest[: closed + 1], None)
    with pytest.raises(InvalidSetting, match=r"^1 closed trade is too few"):
        monte_carlo(replace(whole, log=short), nobody_told, Event(), 10)
    held = int(started[ev.CASH] + started[ev.COLLATERAL])
    assert started[ev.COLLATERAL] > 0
    earned = int(rest[rest[:, ev.KIND] == EventKind.TRADE_CLOSED, ev.PNL].sum())
    assert made.real_pct[-1] == pytest.approx(100 * earned / held)
