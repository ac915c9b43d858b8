"""How far the trades of a stored session were ahead and behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.domain.rows import AT, HIGH, LOW
from engine.messages import histories as hs
from engine.runtime.engine import Engine
from engine.runtime.history.figures import trade_ranges_of
from engine.runtime.history.loading import load_session
from tests.runtime.support import StillClock, backtest_of, file_bot, write_candles


async def test_they_are_told_by_the_trades_number_and_lie_within_what_the_market_did(
    tmp_path: Path,
) -> None:
    path = write_candles(tmp_path / "candles.csv", 900)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        session_id = await engine.execute(backtest_of(file_bot(path)))
        assert isinstance(session_id, int)
        ranges = await engine.trade_ranges(session_id)
        trades = (await engine.review(session_id)).end().session.trades.rows
        session = await load_session(engine._store, session_id)
    finally:
        await engine.close()
    assert len(trades) > 5
    assert ranges.number.tolist() == trades[:, hs.T_NO].tolist()
    rows = session.rows.table
    for trade, worst, best in zip(trades, ranges.worst_pct, ranges.best_pct, strict=True):
        seen = rows[(rows[:, AT] >= trade[hs.T_ENTRY_AT]) & (rows[:, AT] <= trade[hs.T_EXIT_AT])]
        entry, side = float(trade[hs.T_ENTRY_PRICE]), float(trade[hs.T_SIDE])
        prices = seen[:, HIGH].max(), seen[:, LOW].min(), trade[hs.T_EXIT_PRICE]  # it slips
        ends = sorted(100 * side * (float(price) / entry - 1) for price in prices)
        assert min(ends[0], 0) - 1e-6 <= worst <= 0 <= best <= max(ends[-1], 0) + 1e-6
    assert (ranges.worst_pct <= ranges.result_pct).all()
    assert (ranges.result_pct <= ranges.best_pct).all()
    net = 100 * trades[:, hs.T_PNL] / (trades[:, hs.T_AMOUNT] * trades[:, hs.T_ENTRY_PRICE])
    assert (net < ranges.result_pct).all()  # fees come off it
    # Where the recording breaks off, later trades are not told of.
    half = trades[len(trades) // 2, hs.T_EXIT_AT]
    left = rows[:, AT] <= half
    cut = replace(session, rows=replace(session.rows, table=rows[left]))
    told = trade_ranges_of(cut)
    assert told.number.tolist() == trades[trades[:, hs.T_EXIT_AT] <= half, hs.T_NO].tolist()
    assert np.array_equal(told.worst_pct, ranges.worst_pct[: len(told.number)])
