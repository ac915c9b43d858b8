"""A UTC day begins once, and what is stored tells its counters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.core import layout as slot
from engine.domain.bots import BotState
from engine.domain.reasons import Action, Refusal
from engine.domain.rows import Rows
from engine.domain.settings import TradeSettings
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.runtime.engine import Engine
from engine.runtime.running.day_counts import DayCounts, counts_from, counts_in, set_right
from engine.strategies import STRATEGIES
from tests.core.play import MINUTE, T0, Played, at_closes, bars, play
from tests.core.reference import DAY, Terms
from tests.core.scenarios import PATIENT, USUAL, walk
from tests.runtime.flipping import Flipping
from tests.runtime.support import StillClock, file_bot, until, write_candles

BUY, SELL = Action.BUY, Action.SELL
FLAT = (1000, 1000, 1000, 1000)
CASH = 1_000_000


def rows_of(table: np.ndarray) -> Rows:
    return Rows(table, np.zeros(len(table)))


def told(played: Played, table: np.ndarray, day: int) -> DayCounts:
    return counts_from(played.events, rows_of(table), day)


@pytest.mark.parametrize("world", [USUAL, PATIENT], ids=["usual", "patient"])
def test_events_tell_what_the_kernel_has_counted(world: object) -> None:
    compared = entries = equities = 0
    for seed in range(60):
        one = walk(world, seed, 200)  # type: ignore[arg-type]
        played = play(one.terms, one.cash, one.rows, one.signals, end=None)
        if played.state[slot.ENDED]:
            continue
        day = int(played.state[slot.MOMENT]) // DAY
        kept, found = counts_in(played.state, day), told(played, one.rows, day)
        assert found[:2] == kept[:2], seed
        if found.first_equity is not None:
            assert found.first_equity == kept.first_equity, seed
            equities += 1
        before = played.state.copy()
        assert set_right(played.state, played.events, rows_of(one.rows)) == ""
        assert np.array_equal(before, played.state)
        compared, entries = compared + 1, entries + kept.entries
    assert compared > 20
    assert entries > 5
    assert equities > 10


def test_a_day_begins_once_however_long_nothing_came_and_with_a_position() -> None:
    """Held from before midnight, through a day without any price, into the third one."""
    late = bars([FLAT] * 3, start=T0 + DAY - 3 * MINUTE)
    dropped = (900, 900, 900, 900)
    after = bars([dropped, *[FLAT] * 4], start=T0 + 3 * DAY - MINUTE)
    table = np.concatenate([late, after])
    asked = at_closes(8, {0: [BUY], 4: [SELL], 5: [BUY], 6: [SELL]})
    terms = Terms(max_trades=1, daily_loss=500_000)
    whole = play(terms, CASH, table, asked, end=None)
    assert [event["row_at"] // DAY for event in whole.of(EventKind.TRADE_OPENED)] == [
        0 + T0 // DAY,
        T0 // DAY + 3,
    ]
    day = T0 // DAY + 3
    kept = counts_in(whole.state, day)
    assert kept == told(whole, table, day)
    assert kept.entries == 1
    for cut in range(1, 8):  # a restart before each row
        pieces = play(terms, CASH, table, asked, cuts=[cut], end=None)
        assert np.array_equal(pieces.events, whole.events)
        assert counts_in(pieces.state, day) == kept


def test_counters_that_do_not_fit_are_put_right_from_the_events() -> None:
    table = bars([FLAT] * 4, start=T0 + DAY)
    asked = at_closes(4, {0: [BUY], 1: [SELL]})
    played = play(Terms(fee=1_000), CASH, table, asked, end=None)
    right = played.state.copy()
    played.state[slot.DAY_ENTRIES] = 7
    played.state[slot.DAY_PNL] += 5
    words = set_right(played.state, played.events, rows_of(table))
    assert "7 trades instead of 1" in words
    assert np.array_equal(played.state, right)


async def test_the_day_of_a_bot_begins_once_over_a_restart_with_the_clock_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Candles over a midnight, one entry a day allowed; the program is started four times,
    each time with a clock that says another day."""
    monkeypatch.setitem(STRATEGIES, "flipping", Flipping())
    path = write_candles(tmp_path / "c.csv", 240)
    trade = TradeSettings(max_trades_per_day=1)
    settings = file_bot(path, strategy="flipping", trade=trade)
    clocks = [0, 3 * 86_400, -9 * 86_400, 40 * 86_400]
    for number, set_s in enumerate(clocks):
        clock = StillClock()
        clock.seconds += set_s
        engine = await Engine.open(tmp_path / "data", clock=clock)
        if number == 0:
            await engine.execute(cm.CreateBot(settings, start=True))
        else:
            await engine.execute(cm.StartBot(1))
        enough = 60 * (number + 1)
        now = await until(
            engine,
            lambda now, enough=enough: (  # type: ignore[misc]
                now.bots[0].chart.length >= enough or now.bots[0].session.ended is not None
            ),
        )
        if number == 3:
            now = await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        await engine.close()
    log = now.bots[0].session.log.rows
    opened = log[log[:, ev.KIND] == EventKind.TRADE_OPENED, ev.AT] // DAY
    assert np.array_equal(opened, np.unique(opened))
    first, last = int(log[0, ev.AT]) // DAY, int(log[-1, ev.AT]) // DAY
    assert opened.tolist() == list(range(first, last + 1))
    refused = log[log[:, ev.KIND] == EventKind.REFUSAL]
    assert Refusal.MAX_TRADES_PER_DAY in refused[:, ev.CODE]
    kinds = log[:, ev.KIND].tolist()
    assert kinds.count(EventKind.RESUMED) == 3
    assert EventKind.ERROR not in kinds
