"""The loop of a portfolio against a slow, plain telling of it, and by hand where it matters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core import layout as slot
from engine.core import portfolio as loop
from engine.core import portfolio_layout as desk
from engine.core import settings_vector as setting
from engine.core.metrics import summary
from engine.core.metrics.equity import equity_at_closes, money_states
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.reasons import Action, EndReason, Refusal
from engine.domain.rows import CLOSE, RowKind
from engine.messages import events as ev
from engine.messages.events import EVENT_WIDTH, EventKind
from engine.messages.own_cash import own_cash_at
from tests.core.play import play as alone
from tests.core.play import vector as scenario_vector
from tests.core.scenarios import (
    DEEP,
    PATIENT,
    USUAL,
    Scenario,
    World,
    long_scenario,
    walk,
)
from tests.core.shared_cash import BUY, SELL, SHORT, Account, Bar, Rules, Trader

MINUTE = 60_000
NOTHING = np.empty(0, np.int64)
T0 = 1_640_995_200_000 + 12 * 3_600_000


def vector(rules: Rules) -> IntColumn:
    found = np.zeros(setting.SETTINGS_WIDTH, np.int64)
    found[setting.FEE_PPM] = found[setting.MAKER_FEE_PPM] = rules.fee
    found[setting.POSITION_PPM] = rules.size
    found[setting.CEILING_PPM] = found[setting.MAX_SPREAD_PPM] = setting.OFF
    found[setting.ACTIVATION_PPM] = setting.OFF
    found[setting.STOP_LOSS_PPM], found[setting.TAKE_PROFIT_PPM] = rules.stop, rules.target
    found[setting.ORDER_STEP] = 1
    found[setting.TIMEFRAME_MS] = rules.timeframe
    return found


@dataclass
class Played:
    account: IntColumn
    states: IntMatrix
    events: IntMatrix
    owners: IntColumn
    rooms: IntColumn
    curve: IntMatrix

    def fills(self, bot: int) -> list[tuple[int, ...]]:
        own = self.events[(self.owners == bot) & (self.events[:, ev.KIND] == EventKind.FILL)]
        wanted = [ev.ROW_AT, ev.ACTION, ev.PRICE, ev.AMOUNT, ev.FEE, ev.CASH]
        return [tuple(row) for row in own[:, wanted].tolist()]

    def refused(self, bot: int) -> dict[str, int]:
        counts = self.states[bot, slot.REFUSALS : slot.REFUSALS + 32].tolist()
        return {Refusal(code).code: count for code, count in enumerate(counts) if count}


def table_of(bars: list[Bar]) -> IntMatrix:
    rows = [(RowKind.BAR, at, o, h, low, c) for at, o, h, low, c, _ in bars]
    return np.array(rows, np.int64).reshape(-1, 6)


def play(
    traders: list[tuple[Rules, list[Bar]]],
    cash: int,
    most_open: int | None = None,
    exposure: int | None = None,
    *,
    room: int = 4_000,
    points: int = 512,
) -> Played:
    rows = np.concatenate([table_of(bars) for _, bars in traders])
    signals = np.array([bar[5] for _, bars in traders for bar in bars], np.int32)
    lengths = [len(bars) for _, bars in traders]
    vectors = [vector(rules) for rules, _ in traders]
    share = setting.OFF if exposure is None else exposure
    return play_tables(
        vectors, rows, signals, cash, lengths, most_open or 0, share, room=room, points=points
    )


def play_tables(
    vectors: list[IntColumn],
    rows: IntMatrix,
    signals: SignalColumn,
    cash: int,
    lengths: list[int] | None = None,
    most_open: int = 0,
    exposure: int = setting.OFF,
    *,
    room: int = 4_000,
    points: int = 512,
) -> Played:
    account = desk.new_account(cash, most_open, exposure)
    seats = desk.new_seats(lengths or [len(rows)])
    states = np.stack([slot.new_state(cash) for _ in vectors])
    settings = np.stack(vectors)
    room += desk.events_needed(len(vectors))
    events, owners = np.empty((room, EVENT_WIDTH), np.int64), np.empty(room, np.int64)
    rooms, curve = np.empty(room, np.int64), np.empty((points, 2), np.int64)
    happened, by, left, line, over = [], [], [], [], False
    while not over:
        over = loop.play(
            account, seats, states, settings, rows, signals, events, owners, rooms, curve
        )
        happened.append(events[: account[desk.EVENTS]].copy())
        by.append(owners[: account[desk.EVENTS]].copy())
        left.append(rooms[: account[desk.EVENTS]].copy())
        line.append(curve[: account[desk.POINTS]].copy())
    told = (np.concatenate(parts) for parts in (happened, by, left, line))
    return Played(account, states, *told)


SIGNALS = st.sampled_from((0, 0, 0, 1, 1, 2, 4, 4, 8, 6, 9, 3, 5, 15))
MOVES = st.tuples(
    st.integers(-6, 6), st.integers(-9, 9), st.integers(0, 6), st.integers(0, 6), SIGNALS
)
RULES = st.builds(
    Rules,
    size=st.sampled_from((100_000, 250_000, 600_000, 1_000_000)),
    fee=st.sampled_from((0, 1_000, 20_000)),
    stop=st.sampled_from((0, 10_000, 40_000)),
    target=st.sampled_from((0, 15_000, 50_000)),
    timeframe=st.sampled_from((MINUTE, MINUTE, 3 * MINUTE)),
)


@st.composite
def bots(draw: st.DrawFn) -> tuple[Rules, list[Bar]]:
    rules, price = draw(RULES), 200
    at = T0 + rules.timeframe * draw(st.integers(0, 2))
    bars: list[Bar] = []
    for gap, body, up, down, signal in draw(st.lists(MOVES, min_size=1, max_size=9)):
        open_ = max(price + gap, 120)
        close = min(max(open_ + body, 120), 300)
        bars.append((at, open_, max(open_, close) + up, min(open_, close) - down, close, signal))
        price = close
        at += rules.timeframe * (1 + (gap == 6))
    return rules, bars


@settings(max_examples=400, deadline=None)
@given(
    st.lists(bots(), min_size=1, max_size=4),
    st.sampled_from((250, 1_000, 5_003)),
    st.sampled_from((None, None, 1, 2)),
    st.sampled_from((None, None, 200_000, 700_000)),
    st.integers(1, 60),
)
def test_shared_cash_is_as_the_plain_telling_has_it(
    traders: list[tuple[Rules, list[Bar]]],
    cash: int,
    most_open: int | None,
    exposure: int | None,
    room: int,
) -> None:
    plain = Account(cash, [Trader(*one) for one in traders], most_open, exposure)
    plain.play()
    played = play(traders, cash, most_open, exposure, room=room, points=room)
    for bot, trader in enumerate(plain.traders):
        assert played.fills(bot) == trader.fills
        assert played.refused(bot) == trader.refused
    assert [tuple(point) for point in played.curve.tolist()] == plain.curve
    assert played.account[desk.CASH] == plain.cash
    assert played.account[desk.HELD] == played.account[desk.WORTH] == 0


def flat(at: int, price: int, signal: int = 0) -> Bar:
    return at, price, price, price, price, signal


def at_minute(number: int) -> int:
    return T0 + number * MINUTE


ALL = Rules(size=1_000_000, fee=0)


def test_what_an_exit_at_the_open_frees_pays_for_an_entry_at_that_open() -> None:
    leaving = [flat(at_minute(0), 100, BUY), flat(at_minute(1), 100, SELL), flat(at_minute(2), 100)]
    entering = [flat(at_minute(0), 50), flat(at_minute(1), 50, BUY), flat(at_minute(2), 50)]
    for order in ([leaving, entering], [entering, leaving]):
        played = play([(ALL, bars) for bars in order], 1_000)
        buyer = order.index(entering)
        assert played.fills(buyer)[0] == (at_minute(2), 1, 50, 20, 0, 0)


def test_what_is_freed_inside_a_bar_waits_for_its_end() -> None:
    """A target hit somewhere in three minutes frees the money for the fourth."""
    slow = Rules(size=1_000_000, fee=0, target=100_000, timeframe=3 * MINUTE)
    rising = (at_minute(3), 100, 120, 100, 100, 0)
    holder = [(at_minute(0), 100, 100, 100, 100, BUY), rising]
    buyer = [flat(at_minute(number), 50, BUY if number > 2 else 0) for number in range(9)]
    played = play([(slow, holder), (ALL, buyer)], 1_000)
    assert played.fills(0)[1][:3] == (at_minute(3), 2, 110)
    assert played.fills(1)[0] == (at_minute(6), 1, 50, 22, 0, 0)
    assert played.refused(1)["insufficient_cash"] == 2


def test_the_bot_that_waited_longest_comes_first() -> None:
    """One slot, two bots that ask at every other close and sell at the next one."""
    bars = [flat(at_minute(number), 100, (BUY, SELL)[number % 2]) for number in range(12)]
    half = Rules(size=500_000, fee=0)
    played = play([(half, bars), (half, bars)], 1_000, most_open=1)
    entered = [[fill[0] for fill in played.fills(bot) if fill[1] == 1] for bot in (0, 1)]
    assert entered[0] == [at_minute(1), at_minute(5), at_minute(9)]
    assert entered[1] == [at_minute(3), at_minute(7), at_minute(11)]
    assert played.refused(0)["max_open_positions"] == played.refused(1)["max_open_positions"] == 3


def test_a_flip_needs_no_second_slot() -> None:
    bars = [flat(at_minute(0), 100, BUY), flat(at_minute(1), 100, SELL | SHORT)]
    bars.append(flat(at_minute(2), 100))
    played = play([(ALL, bars)], 1_000, most_open=1)
    assert [fill[1] for fill in played.fills(0)] == [1, 2, 3, 4]


def test_exposure_is_what_positions_set_aside() -> None:
    bars = [flat(at_minute(0), 100, BUY), flat(at_minute(1), 100), flat(at_minute(2), 100)]
    third = Rules(size=300_000, fee=0)
    played = play([(third, bars)] * 3, 1_000, exposure=600_000)
    assert [len(played.fills(bot)) for bot in range(3)] == [2, 2, 0]
    assert played.refused(2) == {"max_exposure": 1}
    (refusal,) = played.events[played.events[:, ev.KIND] == EventKind.REFUSAL].tolist()
    assert (refusal[ev.LIMIT], refusal[ev.ACTUAL]) == (0, 300)
    kinds = played.events[:, ev.KIND]
    asked = np.isin(kinds, (EventKind.INTENT, EventKind.REFUSAL))
    asked &= played.events[:, ev.ACTION] == Action.BUY
    assert (played.rooms[asked] - 1).tolist() == [600, 300, 0]
    assert not np.any(played.rooms[kinds == EventKind.SIGNAL])


def test_the_accounts_drawdown_stops_every_bot() -> None:
    """One bot loses a tenth of the account; the other, which lost nothing, may not enter."""
    falls = [flat(at_minute(0), 100, BUY), flat(at_minute(1), 100), flat(at_minute(2), 80, SELL)]
    falls += [flat(at_minute(3), 80)]
    waits = [flat(at_minute(number), 50, BUY if number == 3 else 0) for number in range(5)]
    half = Rules(size=500_000, fee=0)
    account = play([(half, falls), (half, waits)], 1_000)
    assert len(account.fills(1)) == 2
    vectors = {1: 50_000}
    limited = play_limited([(half, falls), (half, waits)], 1_000, vectors)
    assert limited.fills(1) == []
    assert limited.refused(1) == {"max_drawdown": 1}


def play_limited(
    traders: list[tuple[Rules, list[Bar]]], cash: int, drawdown: dict[int, int]
) -> Played:
    """The same with a drawdown limit (ppm) for some bots."""
    original = globals()["vector"]
    numbers = iter(range(len(traders)))

    def limited(rules: Rules) -> IntColumn:
        found: IntColumn = original(rules)
        found[setting.MAX_DRAWDOWN_PPM] = drawdown.get(next(numbers), 0)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "vector", limited)
        return play(traders, cash)


@pytest.mark.parametrize("world", [USUAL, PATIENT, DEEP])
def test_one_bot_is_played_as_it_would_be_alone(world: World) -> None:
    """Every exit, cost and rule, futures and finer rows too: event for event the same."""
    filled = 0
    for seed in range(60):
        scenario = walk(world, seed, 300)
        rows, signals = without_commands(scenario)
        begin_at = int(rows[0, 1])
        plain = alone(scenario.terms, scenario.cash, rows, signals, begin_at=begin_at).events
        played = play_tables([scenario_vector(scenario.terms)], rows, signals, scenario.cash)
        assert np.array_equal(played.events, plain)
        filled += int((plain[:, ev.KIND] == EventKind.FILL).sum())
    assert filled > 500


def without_commands(scenario: Scenario) -> tuple[IntMatrix, SignalColumn]:
    """Nobody gives commands to a portfolio, and its rows do not overlap."""
    kind = scenario.rows[:, 0]
    kept = (kind != RowKind.INPUT) & (kind != RowKind.HISTORY)
    rows = scenario.rows[kept].copy()
    rows[:, 1] = T0 + np.arange(len(rows)) * MINUTE
    return rows, scenario.signals[kept]


def test_funding_that_is_due_at_a_close_is_paid_after_it() -> None:
    """The account's equity at closes is that of the session, figure by figure."""
    paid_at_closes = 0
    for seed in range(40):
        scenario = walk(DEEP, seed, 300)
        rows, signals = without_commands(scenario)
        bars, funding = rows[:, 0] == RowKind.BAR, rows[:, 0] == RowKind.FUNDING
        rows, signals = rows[bars | funding], signals[bars | funding]
        bars = rows[:, 0] == RowKind.BAR
        places = np.cumsum(bars)
        rows[:, 1] = T0 + places * MINUTE  # funding: at the close of the bar before
        rows[bars, 1] -= MINUTE
        terms = replace(scenario.terms, timeframe_ms=MINUTE)
        played = play_tables([scenario_vector(terms)], rows, signals, scenario.cash)
        close_at, closes = rows[bars, 1] + MINUTE, rows[bars, CLOSE]
        expected = equity_at_closes(played.events, close_at, closes)
        count = len(played.curve) - 1  # the session's last close counts what is sold at the end
        assert np.array_equal(played.curve[:count, 0], close_at[:count])
        assert np.array_equal(played.curve[:count, 1], expected[:count])
        paid_at_closes += int((played.events[:, ev.KIND] == EventKind.FUNDING_PAID).sum())
    assert paid_at_closes > 50


def test_funding_inside_a_bar_is_in_the_equity_at_its_close() -> None:
    future = vector(Rules(400_000, 0))
    future[setting.LEVERAGE] = 2
    bars = table_of([flat(at_minute(number), 1_000, BUY * (number == 0)) for number in range(4)])
    paid = np.array([[RowKind.FUNDING, at_minute(2) + 30_000, 10_000_000, 0, 0, 0]], np.int64)
    rows = np.concatenate((bars[:3], paid, bars[3:]))
    signals = np.array([BUY, 0, 0, 0, 0], np.int32)
    played = play_tables([future], rows, signals, 100_000)
    # 80 at 1,000; a tenth of it is due half a minute before the third close.
    assert played.curve[:, 1].tolist() == [100_000, 100_000, 92_000, 92_000]


@pytest.mark.parametrize("world", [USUAL, PATIENT, DEEP])
@pytest.mark.parametrize("most_open", [0, 2])
def test_what_must_hold_for_any_bots_on_one_account(world: World, most_open: int) -> None:
    """Cash is never below zero and all of it comes from trades; slots are kept; how calls are cut
    changes nothing."""
    entered = 0
    for seed in range(0, 60, 3):
        scenarios = [walk(world, number, 300) for number in range(seed, seed + 3)]
        parts = [without_commands(one) for one in scenarios]
        vectors = [scenario_vector(one.terms) for one in scenarios]
        rows, signals = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        lengths, cash = [len(part[0]) for part in parts], scenarios[0].cash
        played, cut = (
            play_tables(vectors, rows, signals, cash, lengths, most_open, room=room, points=room)
            for room in (4_000, 1)
        )
        assert np.array_equal(played.events, cut.events)
        assert np.array_equal(played.curve, cut.curve)
        assert np.array_equal(played.account[: desk.EVENTS], cut.account[: desk.EVENTS])
        events = played.events
        assert events[:, ev.CASH].min() >= 0
        if (
            EndReason.MONEY_OVERFLOW
            in events[events[:, ev.KIND] == EventKind.SESSION_ENDED, ev.CODE]
        ):
            continue
        closed = events[events[:, ev.KIND] == EventKind.TRADE_CLOSED]
        assert played.account[desk.CASH] == cash + closed[:, ev.PNL].sum()
        change = np.zeros(len(events), np.int64)
        change[events[:, ev.KIND] == EventKind.TRADE_OPENED] = 1
        change[events[:, ev.KIND] == EventKind.TRADE_CLOSED] = -1
        assert np.cumsum(change).max() <= (most_open or 3)
        entered += len(closed)
    assert entered > 100


@pytest.mark.parametrize("seed", range(12))
def test_the_money_of_a_sessions_own_fills_is_its_cash(seed: int) -> None:
    """Figures of a bot in a portfolio count its own fills; alone, that is the cash of events."""
    scenario = long_scenario(seed)
    events = alone(scenario.terms, scenario.cash, scenario.rows, scenario.signals).events
    closed = np.flatnonzero(events[:, ev.KIND] == EventKind.TRADE_CLOSED)
    assert np.array_equal(own_cash_at(events, closed), events[closed, ev.CASH])
    states = money_states(events)
    assert np.array_equal(states, events[np.isin(events[:, ev.KIND], states[:, ev.KIND])])


def test_what_others_do_is_not_in_a_bots_figures() -> None:
    wins = [flat(at_minute(0), 100, BUY), flat(at_minute(1), 100, SELL), flat(at_minute(2), 200)]
    loses = [flat(at_minute(0), 100, BUY), flat(at_minute(1), 100, SELL), flat(at_minute(2), 50)]
    played = play([(Rules(400_000, 0), wins), (Rules(400_000, 0), loses)], 1_000)
    results = []
    for bot in (0, 1):
        figures = summary(played.events[played.owners == bot], NOTHING, NOTHING)
        results.append((figures.equity_first, figures.equity_last, figures.net_profit))
    assert results == [(1_000, 1_400, 400), (1_000, 800, -200)]
    assert played.account[desk.CASH] == 1_200
