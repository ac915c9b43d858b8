"""The fold over what the kernel writes: it knows what the kernel knows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core import layout as slot
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.reasons import REFUSAL_SLOTS, Action, EndReason, ExitReason
from engine.messages import events as ev
from engine.messages import review as review_module
from engine.messages.events import EventColumns, EventKind
from engine.messages.fold import Fold, closed_trades, fold
from engine.messages.snapshot import SessionSnapshot
from engine.messages.wording import Wording
from engine.runtime.kernel_cache import prepare_kernel_cache
from tests.gui.stories import Story
from tests.messages.walks import MARKET, walk

prepare_kernel_cache()
SEEDS = range(15)
LEAVES = (Action.SELL, Action.COVER)
_OF_FILLS = (slot.TRADE_FEES, slot.TRADE_GROSS, slot.EXITED)


def of_kind(rows: IntMatrix, kind: EventKind) -> IntMatrix:
    return rows[rows[:, ev.KIND] == kind]


def known(seen: SessionSnapshot, state: IntColumn) -> list[tuple[str, int, int]]:
    """(what, by the fold, by the kernel) of everything both know."""
    pairs = {
        "cash": slot.CASH,
        "position": slot.POSITION,
        "entry": slot.ENTRY,
        "stop": slot.REPORTED_STOP,
        "target": slot.TARGET,
        "cost": slot.COST,
        "collateral": slot.COLLATERAL,
        "liquidation": slot.LIQUIDATION,
        "funding": slot.FUNDING,
        "trade": slot.TRADE,
        "opened_at": slot.ENTRY_AT,
        "paused": slot.PAUSED,
        "stale_ms": slot.STALE_MS,
    }
    return [(name, int(getattr(seen, name)), int(state[at])) for name, at in pairs.items()]


def of_fills(seen: SessionSnapshot) -> list[int]:
    """Fees, gross result and the amount that left again, of the open trade."""
    left = sum(fill.amount for fill in seen.fills if not fill.enters)
    return [sum(fill.fee for fill in seen.fills), sum(fill.pnl for fill in seen.fills), left]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_snapshot_is_what_the_kernel_has(seed: int) -> None:
    for rows in (200, 500, 900):
        done = walk(seed, rows=rows, end=None)
        seen = fold(EventColumns(done.events), len(done.events))
        assert [pair for pair in known(seen, done.state) if pair[1] != pair[2]] == []
        assert of_fills(seen) == done.state[list(_OF_FILLS)].tolist()
        refused = done.state[slot.REFUSALS : slot.REFUSALS + REFUSAL_SLOTS].copy()
        run = int(done.state[slot.RUN_COUNT])
        if run > 1:  # a run that goes on is told when it ends
            refused[done.state[slot.RUN_CODE]] -= run - 1
        assert dict(seen.refusals) == {c: n for c, n in enumerate(refused.tolist()) if n}


def equity(state: IntColumn, price: int) -> int:
    """Cash, what is set aside, and what each lot gained."""
    position, gained = int(state[slot.POSITION]), 0
    for lot in range(int(state[slot.LOT_COUNT])):
        amount, paid = int(state[slot.LOT_AMOUNT + lot]), int(state[slot.LOT_PRICE + lot])
        gained += amount * (price - paid) * (1 if position > 0 else -1)
    return int(state[slot.CASH]) + max(0, int(state[slot.COLLATERAL]) + gained)


@pytest.mark.parametrize("seed", SEEDS)
def test_equity_at_any_price_is_that_of_the_kernel(seed: int) -> None:
    for rows in (150, 420, 690):
        done = walk(seed, rows=rows, end=None)
        seen = fold(EventColumns(done.events), len(done.events))
        close = int(done.state[slot.LAST_CLOSE])
        for price in (1, close // 2, close - 70_000, close, close + 70_000, 3 * close):
            assert seen.equity_at(price) == equity(done.state, price)


@pytest.mark.parametrize("seed", SEEDS)
def test_money_adds_up_from_the_first_event_to_the_last(seed: int) -> None:
    """Equity at the end is the equity at the start and all that was won, paid and lost."""
    walks = (walk(seed, rows=rows, end=None) for rows in range(300, 900, 11))
    done = next(done for done in walks if done.state[slot.POSITION])
    log = EventColumns(done.events)
    first, last = fold(log, 1), fold(log, len(log))
    price = int(done.state[slot.LAST_CLOSE])
    open_result = last.open_pnl_at(price) + sum(f.pnl for f in last.fills) + last.funding
    open_result -= sum(fill.fee for fill in last.fills)
    assert equity(done.state, price) == first.cash + last.realised + open_result
    closed = of_kind(done.events, EventKind.TRADE_CLOSED)
    assert last.realised == sum(closed[:, ev.PNL].tolist())
    assert last.fees == sum(of_kind(done.events, EventKind.FILL)[:, ev.FEE].tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_position_handed_on_is_known_to_the_next_session(seed: int) -> None:
    walks = (walk(seed, rows=rows, end=EndReason.STOPPED) for rows in range(100, 900, 7))
    first = next(done for done in walks if done.state[slot.POSITION])
    second = walk(seed, rows=60, state=first.state, end=None)
    log = EventColumns(second.events)
    begun = fold(log, 1)
    assert (begun.position, begun.cost) == (first.state[slot.POSITION], first.state[slot.COST])
    assert (begun.fills, begun.funding) == ((), first.state[slot.FUNDING])
    seen = fold(log, len(log))
    assert [pair for pair in known(seen, second.state) if pair[1] != pair[2]] == []


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_every_moment_is_the_same_live_and_from_the_stored_events(seed: int) -> None:
    table = walk(seed, rows=250).events
    log, live = EventColumns(table), Fold()
    for index in range(len(table)):
        live.feed(table[index : index + 1])
        seen, stored = live.snapshot(), fold(log, index + 1)
        assert replace(seen, trades=stored.trades, log=stored.log) == stored
        assert np.array_equal(seen.trades.rows, stored.trades.rows)


@pytest.mark.parametrize("seed", SEEDS)
def test_many_events_at_once_are_the_same_as_one_after_the_other(seed: int) -> None:
    """Of whole sessions, and of those that go on with a position."""
    first = walk(seed, rows=400, end=None)
    days = first.events.copy()  # the same on many days
    days[:, [ev.AT, ev.ROW_AT]] += np.arange(len(days))[:, None] // 20 * 24 * 3_600_000
    for table in (first.events, days, walk(seed, rows=400, state=first.state).events):
        plain = Fold()
        for count in range(len(table) + 1):
            expected, in_parts = plain.snapshot(), Fold.after(table[: count // 2])
            in_parts.pass_at_once(table[count // 2 : count], count // 2)
            for seen in (Fold.after(table[:count]).snapshot(), in_parts.snapshot()):
                assert replace(seen, trades=expected.trades, log=expected.log) == expected
            assert np.array_equal(closed_trades(table[:count]), expected.trades.rows)
            plain.pass_over(table[count : count + 1], count)


@pytest.mark.parametrize("stride", [1, 11])
@pytest.mark.parametrize("seed", SEEDS[:5])
def test_a_review_knows_every_moment(
    monkeypatch: pytest.MonkeyPatch, seed: int, stride: int
) -> None:
    monkeypatch.setattr(review_module, "STRIDE", stride)
    table = walk(seed, rows=250).events
    log = EventColumns(table)
    review = replace(Story(1, "walk").review(), log=log)
    known_at = np.maximum.accumulate(table[:, ev.AT])
    for moment in np.unique(known_at).tolist():
        known = int(np.searchsorted(known_at, moment, side="right"))
        seen, plain = review.at(moment).session, fold(log, known)
        assert np.array_equal(seen.trades.rows, plain.trades.rows)
        assert replace(seen, trades=plain.trades, log=plain.log) == plain


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.sampled_from(SEEDS),
    stride=st.sampled_from([1, 3, 16, 128]),
    shares=st.lists(st.floats(0, 1), min_size=1, max_size=30),
)
def test_jumps_in_any_order_meet_what_the_engine_had_live(
    seed: int, stride: int, shares: list[float]
) -> None:
    """On, back and far away, from marks that earlier jumps left."""
    table = walk(seed, rows=250).events
    live, had = Fold(), []
    for index in range(len(table)):
        live.feed(table[index : index + 1])
        had.append(live.snapshot())
    review = replace(Story(1, "walk").review(), log=EventColumns(table))
    known_at = np.maximum.accumulate(table[:, ev.AT])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(review_module, "STRIDE", stride)
        for share in shares:
            moment = int(known_at[0] + share * (known_at[-1] - known_at[0]))
            known = int(np.searchsorted(known_at, moment, side="right"))
            seen, then = review.at(moment).session, had[known - 1]
            assert replace(seen, trades=then.trades, log=then.log) == then
            assert np.array_equal(seen.trades.rows, then.trades.rows)
            assert np.array_equal(seen.log.rows, then.log.rows)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_event_has_words_or_is_told_by_another(seed: int) -> None:
    done = walk(seed)
    wording = Wording(MARKET, done.trade)
    silent = {EventKind.INTENT, EventKind.TRADE_OPENED, EventKind.POSITION_ADDED}
    for row in done.events.tolist():
        line = wording.line(row, "")
        last_fill = row[ev.ACTION] in LEAVES and not row[ev.POSITION]
        told = row[ev.KIND] in silent or (row[ev.KIND] == EventKind.FILL and last_fill)
        assert (line is None) == told
        if line is not None:
            assert "nan" not in line.text
            assert "none \u2192 none" not in line.text


@pytest.mark.parametrize("seed", SEEDS)
def test_only_trades_of_several_fills_are_told_with_averages(seed: int) -> None:
    done = walk(seed)
    wording = Wording(MARKET)
    fills = of_kind(done.events, EventKind.FILL)
    for row in of_kind(done.events, EventKind.TRADE_CLOSED).tolist():
        line = wording.line(row, "")
        assert line is not None
        several = np.count_nonzero(fills[:, ev.TRADE] == row[ev.TRADE]) > 2
        if not several and row[ev.AMOUNT] % 10_000 == 0:  # no dust was written off
            assert "on average" not in line.text


def test_the_walks_meet_what_they_are_there_for() -> None:
    rows = np.concatenate([walk(seed).events for seed in SEEDS])
    kinds = {EventKind(kind) for kind in rows[:, ev.KIND].tolist()}
    assert kinds == {kind for kind in EventKind if kind < ev.OBSERVATIONS}
    fills = of_kind(rows, EventKind.FILL)
    leaves = np.isin(fills[:, ev.ACTION], LEAVES)
    shares = leaves & (fills[:, ev.POSITION] != 0)
    assert np.count_nonzero(shares) > 100
    assert len(of_kind(rows, EventKind.POSITION_ADDED)) > 60
    reasons = {ExitReason(code) for code in fills[leaves, ev.CODE].tolist()}
    assert reasons >= {
        ExitReason.STOP_LOSS,
        ExitReason.TAKE_PROFIT,
        ExitReason.TRAILING_STOP,
        ExitReason.LIQUIDATION,
        ExitReason.TIME_LIMIT,
        ExitReason.BREAK_EVEN,
        ExitReason.PARTIAL_TARGET,
        ExitReason.TARGET_STEP,
    }
