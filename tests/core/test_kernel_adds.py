"""Hand-worked cases for adding to a position. The first order is 100 at 1,000."""

from __future__ import annotations

from engine.core import layout as slot
from engine.domain.reasons import Action, ExitReason, Input, Refusal, StopSource
from engine.messages.events import EventKind
from tests.core.play import MINUTE
from tests.core.reference import Terms
from tests.core.worked import CASH, FLAT, PERCENT, Told, fills, only_exit, refusals, trade

BUY, SELL, SHORT, COVER = Action
TENTH = 100_000
ONCE = 1_000_000
STEPS = ((2 * PERCENT, ONCE), (4 * PERCENT, 2 * ONCE))


def test_each_step_adds_at_its_level_and_moves_the_average_and_the_levels() -> None:
    terms = Terms(position=TENTH, adds=STEPS, take_profit=5 * PERCENT, stop_loss=10 * PERCENT)
    played = trade(terms, FLAT, (1000, 1000, 980, 990), (990, 990, 955, 960))
    assert fills(played)[:3] == [(BUY, 100, 1000), (BUY, 100, 980), (BUY, 200, 960)]
    first, second = played.of(EventKind.POSITION_ADDED)
    # (100 x 1,000 + 100 x 980) / 200 = 990; then 390,000 / 400 = 975.
    assert (first["entry"], first["stop"], first["target"]) == (990, 891, 1040)
    assert (first["price"], first["amount"], first["limit"]) == (980, 100, 980)
    assert (second["entry"], second["position"], second["cost"]) == (975, 400, 390_000)
    assert played.state[slot.DAY_ENTRIES] == 1
    [closed] = played.of(EventKind.TRADE_CLOSED)
    assert (closed["pnl"], closed["amount"]) == (400 * 960 - 390_000, 400)


def test_an_add_before_the_stop_moves_the_stop_away_in_the_same_bar() -> None:
    terms = Terms(position=TENTH, adds=STEPS[:1], stop_loss=3 * PERCENT)
    # 980 comes before 970. Then the average of 990 puts the stop at 960.3: 960, met too.
    played = trade(terms, FLAT, (1000, 1000, 955, 960))
    assert fills(played)[1:] == [(BUY, 100, 980), (SELL, 200, 960)]
    held = trade(terms, FLAT, (1000, 1000, 961, 965))
    assert only_exit(held)[0] == ExitReason.END_OF_DATA


def test_a_stop_as_near_as_the_step_is_met_first() -> None:
    terms = Terms(position=TENTH, adds=STEPS[:1], stop_loss=2 * PERCENT)
    played = trade(terms, FLAT, (1000, 1000, 955, 960))
    assert fills(played)[1:] == [(SELL, 100, 980)]


def test_a_short_adds_above() -> None:
    terms = Terms(position=TENTH, adds=STEPS[:1], take_profit=PERCENT)
    played = trade(terms, FLAT, (1000, 1020, 1000, 1010), action=SHORT)
    [added] = played.of(EventKind.POSITION_ADDED)
    # 1,010 is the average; 1 % below it 999.9: 999.
    assert (added["price"], added["entry"], added["target"]) == (1020, 1010, 999)
    assert (added["position"], added["liquidation"]) == (-200, 2020)


def test_a_row_that_opens_beyond_adds_at_the_levels() -> None:
    played = trade(Terms(position=TENTH, adds=STEPS), FLAT, (950, 955, 950, 955))
    assert fills(played)[1:3] == [(BUY, 100, 980), (BUY, 200, 960)]
    assert [event["price"] for event in played.of(EventKind.LEVEL_TOUCHED)] == [950, 950]


def test_lots_close_oldest_first() -> None:
    terms = Terms(position=TENTH, adds=STEPS[:1], partials=((2 * PERCENT, 750_000),))
    played = trade(terms, FLAT, (1000, 1000, 980, 990), (990, 1010, 990, 1000))
    part = played.of(EventKind.FILL)[2]
    # 2 % above 990 is 1,009.8: 1,010. 150 of 200: 100 that cost 1,000 and 50 that cost 980.
    assert (part["amount"], part["price"], part["pnl"]) == (150, 1010, 1_000 + 1_500)
    assert (part["cost"], part["entry"]) == (50 * 980, 990)


def test_a_stop_by_trailing_stays_where_it_is() -> None:
    terms = Terms(position=TENTH, adds=STEPS[:1], trailing=3 * PERCENT)
    played = trade(terms, FLAT, (1000, 1000, 975, 980))
    [added] = played.of(EventKind.POSITION_ADDED)
    assert (added["stop"], added["stop_by"]) == (970, StopSource.TRAILING)


def test_what_refuses_an_add() -> None:
    fall = (1000, 1000, 980, 990)
    paused = trade(Terms(position=TENTH, adds=STEPS), FLAT, Told(Input.PAUSE_ENTRIES), fall)
    assert refusals(paused) == [(Refusal.PAUSED, 0, 0)]
    stale = trade(Terms(position=TENTH, adds=STEPS), FLAT, Told(Input.FEED_STALE, (70,)), fall)
    assert refusals(stale) == [(Refusal.STALE_FEED, 0, 70)]
    # 100,000 are set aside and 98,000 more asked for; the equity at 980 is 998,000.
    over = trade(Terms(position=TENTH, ceiling=150_000, adds=STEPS), FLAT, fall)
    assert refusals(over) == [(Refusal.MAX_POSITION, 149_700, 198_000)]
    # 100 x 20 are lost at the level: a fifth of a percent of 1,000,000.
    day = trade(Terms(position=TENTH, daily_loss=2_000, adds=STEPS), FLAT, fall)
    assert refusals(day) == [(Refusal.DAILY_LOSS, 2_000, 2_000)]
    sunk = trade(Terms(position=TENTH, max_drawdown=2_000, adds=STEPS), FLAT, fall)
    assert refusals(sunk) == [(Refusal.MAX_DRAWDOWN, 2_000, 2_000)]
    [refused] = sunk.of(EventKind.REFUSAL)
    assert (refused["action"], refused["price"]) == (BUY, 980)


def test_a_refused_step_is_gone_and_the_next_one_counts() -> None:
    rows = (FLAT, Told(Input.PAUSE_ENTRIES), (1000, 1000, 980, 990), Told(Input.RESUME_ENTRIES))
    played = trade(Terms(position=TENTH, adds=STEPS), *rows, (990, 990, 955, 960))
    assert fills(played)[1] == (BUY, 200, 960)


def test_cash_bounds_an_add() -> None:
    terms = Terms(position=900_000, adds=((2 * PERCENT, ONCE),))
    played = trade(terms, FLAT, (1000, 1000, 980, 990))
    # 900 are held and 100,000 left: 102 at 980.
    assert fills(played)[1] == (BUY, 102, 980)


def test_leaving_comes_before_adding() -> None:
    terms = Terms(position=TENTH, adds=STEPS, time_limit_ms=MINUTE)
    played = trade(terms, FLAT, (950, 950, 950, 950))
    assert only_exit(played) == (ExitReason.TIME_LIMIT, 950, 2)
    assert played.of(EventKind.POSITION_ADDED) == []
    assert played.state[slot.CASH] == CASH - 5_000
