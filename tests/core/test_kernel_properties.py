"""What no sequence of rows, signals and inputs may ever bring about. The kernel alone is asked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Context, Decimal, localcontext

from hypothesis import HealthCheck, given, settings

from engine.core import layout as slot
from engine.core.fifo import FifoLedger, Fill, Result
from engine.domain.reasons import Action, ExitReason, Input, Refusal
from engine.domain.settings import FeeCoin
from engine.messages.events import EventKind
from tests.core.comparison import run
from tests.core.reference import Terms
from tests.core.scenarios import Scenario, scenarios

MILLION = 1_000_000
MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
ANY = scenarios()
ENTERS = (Action.BUY, Action.SHORT)
AT_A_CLOSE = (
    Refusal.POSITION_ALREADY_OPEN,
    Refusal.CONFLICTING_SIGNAL,
    Refusal.COOLDOWN,
    Refusal.MAX_TRADES_PER_DAY,
    Refusal.STOP_GUARD,
)
LOSING_STOPS = (
    ExitReason.STOP_LOSS,
    ExitReason.TRAILING_STOP,
    ExitReason.BREAK_EVEN,
    ExitReason.LIQUIDATION,
)
Event = dict[str, int]


def orders(events: list[Event]) -> Iterator[tuple[Event, Event]]:
    """(INTENT, FILL): the state before and after each."""
    for before, after in itertools.pairwise(events):
        if after["kind"] == EventKind.FILL:
            assert before["kind"] == EventKind.INTENT
            same = ("action", "amount", "price", "limit", "code", "row_at", "at")
            assert [before[name] for name in same] == [after[name] for name in same]
            yield before, after


@MANY
@given(ANY)
def test_cash_is_never_negative_and_each_trade_accounts_for_all_of_it(scenario: Scenario) -> None:
    played = run(scenario)
    cash = scenario.cash
    for event in played.all():
        assert event["cash"] >= 0
        if event["kind"] == EventKind.TRADE_CLOSED:
            cash += event["pnl"]
            assert event["position"] == event["collateral"] == event["cost"] == 0
            assert event["cash"] == cash
    if played.state[slot.POSITION] == 0:
        assert played.state[slot.CASH] == cash


@MANY
@given(ANY)
def test_no_fill_takes_more_than_the_ceiling_or_leaves_with_more_than_is_held(
    scenario: Scenario,
) -> None:
    terms = scenario.terms
    for before, after in orders(run(scenario).all()):
        held = abs(before["position"])
        if after["action"] not in ENTERS:
            assert 0 < after["amount"] <= held
            dust = abs(after["position"]) - (held - after["amount"])
            # Less than one order step may be written off with the last of a position.
            assert dust == 0 or (after["position"] == 0 and 0 < -dust < terms.order_step)
            continue
        assert abs(after["position"]) > held
        if terms.ceiling is not None:
            price = before["price"] if held else 0
            moved = before["side"] * (held * price - before["cost"])
            worth = max(0, before["collateral"] + moved)
            equity = min(2**62, before["cash"] + scenario.outside + worth)
            assert after["collateral"] * MILLION <= equity * terms.ceiling


@MANY
@given(ANY)
def test_an_independent_ledger_finds_the_same_profit_in_every_fill(scenario: Scenario) -> None:
    ledger, realised = FifoLedger(spot=True), Decimal(0)
    for number, event in enumerate(run(scenario).all()):
        if event["kind"] == EventKind.FILL:
            result = ledger.take(as_fill(scenario.terms, event, number))
            assert result is not None
            lost = ledger.write_off() if event["position"] == 0 else Result()
            assert result.gross + lost.gross == event["pnl"]
            with localcontext(Context(prec=100)):
                realised += result.net + lost.net
            assert ledger.amount == event["position"]
        if event["kind"] == EventKind.TRADE_CLOSED:
            assert realised + event["funding"] == event["pnl"]
            realised = Decimal(0)


def as_fill(terms: Terms, event: Event, number: int) -> Fill:
    action, fee, coin = Action(event["action"]), event["fee"], FeeCoin.QUOTE
    if terms.fee_in_base and action == Action.BUY and not terms.leverage:
        fee, coin = fee // event["price"], FeeCoin.BASE
    amount, price = Decimal(event["amount"]), Decimal(event["price"])
    return Fill(str(number), action, amount, price, Decimal(fee), coin)


@MANY
@given(ANY)
def test_nothing_is_entered_or_added_after_a_rule_said_no(scenario: Scenario) -> None:
    granted: Event | None = None
    first_price = 0
    refused: set[tuple[int, int]] = set()
    for event in run(scenario).all():
        kind = event["kind"]
        enters = event["action"] in ENTERS
        if kind == EventKind.SESSION_STARTED or (kind == EventKind.EXPIRED and enters):
            granted = None
        elif kind == EventKind.SIGNAL and enters:
            assert granted is None
            granted = event
        elif kind == EventKind.REFUSAL and enters and event["code"] not in AT_A_CLOSE:
            refused.add((event["row_at"], event["price"]))
            if event["position"] == 0 and event["code"] >= Refusal.MAX_POSITION:
                granted = None
        elif kind == EventKind.TRADE_OPENED:
            assert granted is not None
            assert event["action"] == granted["action"]
            assert event["row_at"] >= granted["at"]
            granted, first_price = None, event["price"]
        elif kind == EventKind.POSITION_ADDED and only_one_add_at(event, first_price, scenario):
            assert (event["row_at"], event["limit"]) not in refused


def only_one_add_at(event: Event, first_price: int, scenario: Scenario) -> bool:
    """Coarse prices round several steps to one level; then a later one may do what one before
    was refused."""
    side = event["side"]
    away = [first_price * (MILLION - side * ppm) for ppm, _ in scenario.terms.adds]
    levels = [side * (side * price // MILLION) for price in away]
    return levels.count(event["limit"]) == 1


@MANY
@given(ANY)
def test_rules_hold_when_they_are_worked_out_again_from_the_events(scenario: Scenario) -> None:
    terms = scenario.terms
    paused = stale = False
    left_at: int | None = None
    losing: list[int] = []
    for event in run(scenario).all():
        kind, code = event["kind"], event["code"]
        if kind == EventKind.SESSION_STARTED:
            paused = stale = False
        if kind == EventKind.COMMANDED:
            paused = (paused or code == Input.PAUSE_ENTRIES) and code != Input.RESUME_ENTRIES
            stale = (stale or code == Input.FEED_STALE) and code != Input.FEED_FRESH
        if kind == EventKind.TRADE_CLOSED:
            left_at = event["row_at"]
            if code in LOSING_STOPS and event["pnl"] < 0:
                losing.append(left_at)
        asked = kind == EventKind.SIGNAL and event["action"] in ENTERS
        if asked or kind == EventKind.POSITION_ADDED:
            assert not paused
            assert not stale
        if asked:
            assert left_at is None or event["at"] - left_at >= terms.cooldown_ms
            inside = [at for at in losing[-10:] if event["at"] - at < terms.guard_ms]
            assert terms.guard_stops == 0 or len(inside) < terms.guard_stops


@MANY
@given(ANY)
def test_events_are_numbered_without_gaps_and_rows_write_no_more_than_promised(
    scenario: Scenario,
) -> None:
    played = run(scenario)
    expected = 0
    for event in played.all():
        expected = 1 if event["kind"] == EventKind.SESSION_STARTED else expected + 1
        assert event["no"] == expected
    count = len(scenario.rows)
    single = run(scenario, cuts=range(1, count), room=slot.MAX_EVENTS_PER_ROW)
    assert len(single.events) == len(played.events)
