"""Finer candles decide what came first inside a bar, and the session says how often they did."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.candle_builder import CandleBuilder
from engine.core.metrics import trades_of
from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.candles import Candles
from engine.domain.funding import Funding
from engine.domain.market import Market
from engine.domain.reasons import Action, ExitReason
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, RowKind, Rows
from engine.domain.sessions import FineShare
from engine.domain.settings import TradeSettings
from engine.errors import FileRefused, InvalidSetting
from engine.markets.funding_csv import load_funding
from engine.messages.commands import RunBacktest
from engine.runtime.backtest.planning import Sources, plan_backtest
from engine.runtime.backtest.record import backtest_record
from engine.runtime.backtest.recording import check_fine, record_bars, with_funding
from engine.runtime.backtest.run import Outcome, Plan, run_backtest
from engine.runtime.history.archive import Archived, closes_in
from engine.runtime.history.recorded import bars_in
from engine.runtime.history.reviewing import build_review
from engine.strategies.signals_file import SignalsFile

MINUTE = 60_000
FIVE = 5 * MINUTE
BEGINS_AT = 1_700_000_100_000
assert BEGINS_AT % FIVE == 0
UNIT = Decimal("0.00000001")
MARKET = Market("BTC/USDT", Decimal(1), UNIT, UNIT)
COSTLESS = TradeSettings(fee_pct=Decimal(0))


def minutes(*prices: tuple[int, int, int, int], begins_at: int = BEGINS_AT) -> Candles:
    o, h, low, c = np.array(prices, np.float64).T
    count = len(prices)
    at = begins_at + MINUTE * np.arange(count, dtype=np.int64)
    return Candles(at, o, h, low, c, np.arange(1.0, count + 1) / 3, MINUTE)


def fives(fine: Candles) -> Candles:
    """Each five of them as one; their number is a multiple of five."""
    o, h, low, c, v = (
        column.reshape(-1, 5)
        for column in (fine.open, fine.high, fine.low, fine.close, fine.volume)
    )
    return Candles(fine.open_at[::5], o[:, 0], h.max(1), low.min(1), c[:, -1], v.sum(1), FIVE)


def walk(count: int, seed: int = 3, *, begins_at: int = BEGINS_AT) -> Candles:
    rng = np.random.default_rng(seed)
    close = 50_000 + np.cumsum(rng.integers(-40, 41, count))
    opens = np.concatenate((close[:1], close[:-1]))
    high = np.maximum(opens, close) + rng.integers(0, 30, count)
    low = np.minimum(opens, close) - rng.integers(0, 30, count)
    return minutes(*zip(opens, high, low, close, strict=True), begins_at=begins_at)


def without(candles: Candles, *places: int) -> Candles:
    kept = np.delete(np.arange(len(candles)), places)
    columns = (candles.open_at, candles.open, candles.high, candles.low, candles.close)
    cut = [column[kept] for column in (*columns, candles.volume)]
    return Candles(*cut, candles.timeframe_ms)  # type: ignore[arg-type]


def moved(candles: Candles, place: int, **steps: int) -> Candles:
    """One candle's prices moved by so many steps."""
    changed = {}
    for name, step in steps.items():
        changed[name] = getattr(candles, name).copy()
        changed[name][place] += step
    return replace(candles, **changed)


def bar_rows(candles: Candles) -> Rows:
    table = np.empty((len(candles), 6), np.int64)
    table[:, KIND], table[:, AT] = RowKind.BAR, candles.open_at
    prices = candles.open, candles.high, candles.low, candles.close
    for column, values in zip((OPEN, HIGH, LOW, CLOSE), prices, strict=True):
        table[:, column] = values
    return Rows(table, candles.volume)


def buying_at(candles: Candles, *places: int, leaving: tuple[int, ...] = ()) -> SignalsFile:
    bits = dict.fromkeys(places, 1 << (Action.BUY - 1))
    bits |= dict.fromkeys(leaving, 1 << (Action.SELL - 1))
    chosen = sorted(bits)
    return SignalsFile(
        candles.open_at[chosen], np.array([bits[place] for place in chosen], np.int64)
    )


def play(
    candles: Candles, signals: SignalsFile, trade: TradeSettings, fine: Candles | None = None
) -> Outcome:
    plan = Plan(candles, MARKET, signals, {}, trade, fine=fine, fine_path="fine.csv")
    return run_backtest(plan, lambda done, total: None, threading.Event())


STILL = [(100, 100, 100, 100)] * 5
UP_THEN_DOWN = [(100, 100, 100, 100), (100, 106, 100, 104), (104, 104, 98, 98), (98, 98, 90, 92),
                (92, 95, 92, 95)]  # fmt: skip
DOWN_THEN_UP = [(100, 100, 100, 100), (100, 100, 92, 94), (94, 99, 94, 98), (98, 107, 98, 107),
                (107, 107, 95, 95)]  # fmt: skip
BOTH = replace(COSTLESS, stop_loss_pct=Decimal(5), take_profit_pct=Decimal(5))


@pytest.mark.parametrize(
    ("inside", "reason", "price", "minute"),
    [
        (UP_THEN_DOWN, ExitReason.TAKE_PROFIT, 105, 6),
        (DOWN_THEN_UP, ExitReason.STOP_LOSS, 95, 6),
    ],
)
def test_what_came_first_counts(
    inside: list[tuple[int, int, int, int]], reason: ExitReason, price: int, minute: int
) -> None:
    # Bought at 100 with the second bar's open; that bar holds the stop (95) and the target (105).
    fine = minutes(*STILL, *inside, *STILL)
    coarse = fives(fine)
    signals = buying_at(coarse, 0)
    blind = trades_of(play(coarse, signals, BOTH).log.table)
    assert (blind.exit_reason.tolist(), blind.exit_price.tolist()) == ([ExitReason.STOP_LOSS], [95])
    outcome = play(coarse, signals, BOTH, fine)
    seen = trades_of(outcome.log.table)
    assert (seen.exit_reason.tolist(), seen.exit_price.tolist()) == ([reason], [price])
    assert seen.exit_at.tolist() == [BEGINS_AT + minute * MINUTE]
    assert seen.entry_at.tolist() == blind.entry_at.tolist() == [BEGINS_AT + FIVE]
    assert outcome.fine == FineShare(MINUTE, bars=3, decided=3, missing=0, disagreeing=0)


def test_where_no_way_matters_it_is_the_same_run_as_on_the_finer_candles() -> None:
    fine = walk(300)
    coarse = fives(fine)
    entries, leaves = (3, 20, 41), (9, 33, 50)
    costs = TradeSettings(slippage_pct=Decimal("0.02"))
    outcome = play(coarse, buying_at(coarse, *entries, leaving=leaves), costs, fine)
    last_minutes = [5 * place + 4 for place in entries], [5 * place + 4 for place in leaves]
    minute_signals = buying_at(fine, *last_minutes[0], leaving=tuple(last_minutes[1]))
    by_minutes = play(fine, minute_signals, costs)
    ours, theirs = (trades_of(one.log.table) for one in (outcome, by_minutes))
    assert len(ours) == 3
    for name in "side amount entry_at entry_price exit_at exit_price exit_reason fees pnl".split():
        assert getattr(ours, name).tolist() == getattr(theirs, name).tolist(), name


def test_what_is_missing_or_disagrees_stays_a_bar_and_is_counted() -> None:
    fine = walk(100)
    coarse = fives(fine)
    fine = without(moved(moved(fine, 12, high=500), 31, low=-1), 2, 57, 58, 99)
    outcome = play(coarse, buying_at(coarse, 1), BOTH, fine)
    # Bar 0 lacks minute 2, bar 11 lacks 57 and 58, bar 19 lacks 99; bar 2 reaches higher by 500
    # steps, and bar 6 lower by one, which another rounding explains.
    assert outcome.fine == FineShare(MINUTE, bars=20, decided=16, missing=3, disagreeing=1)
    assert outcome.fine.share_pct == 80
    kinds = outcome.rows.table[:, KIND]
    closed = outcome.rows.table[kinds == RowKind.CLOSED, AT] - FIVE
    bars = outcome.rows.table[kinds == RowKind.BAR, AT]
    assert bars.tolist() == coarse.open_at[[0, 2, 11, 19]].tolist()
    assert sorted([*closed.tolist(), *bars.tolist()]) == coarse.open_at.tolist()


def test_a_session_tells_the_same_from_the_store_as_from_memory() -> None:
    fine = without(walk(200), 77)
    coarse = fives(walk(200))
    outcome = play(coarse, buying_at(coarse, 1, 12, 20), BOTH, fine)
    record = backtest_record(outcome, 1, 0)
    share = record.settings.fine
    assert share is not None
    assert share.decided == np.count_nonzero(outcome.rows.table[:, KIND] == RowKind.CLOSED) == 39
    assert record.result.bars == 40
    review = build_review(Archived(record, outcome.log, outcome.rows))
    shown = review.candles.candles(len(review.candles))
    for name in ("open_at", "open", "high", "low", "close", "volume"):
        assert getattr(shown, name).tolist() == getattr(coarse, name).tolist(), name
    assert review.equity.table[:, 0].tolist() == (coarse.open_at + FIVE).tolist()
    assert record.result.equity_last == int(review.equity.table[-1, 1])
    # A finer candle's close is known when it closes, and not before.
    price = review.at(BEGINS_AT + 7 * MINUTE + MINUTE // 2).price
    assert price is not None
    assert (price.at, price.price) == (BEGINS_AT + 7 * MINUTE, int(fine.close[6]))
    assert (np.diff(review.price_at) >= 0).all()


@given(st.data())
def test_the_recording_holds_exactly_the_coarse_candles(data: st.DataObject) -> None:
    offset = data.draw(st.sampled_from([0, MINUTE, 3 * MINUTE]), "offset of the bars")
    fine = walk(60, data.draw(st.integers(0, 50)), begins_at=BEGINS_AT + offset)
    coarse = fives(fine)
    for _ in range(data.draw(st.integers(0, 6), "changes")):
        place = data.draw(st.integers(0, 59))
        fine = moved(fine, place, **_wider(data.draw(st.integers(0, 3))))
    gone = data.draw(st.sets(st.integers(0, 59), max_size=4), "missing")
    fine = without(fine, *gone)
    warm = data.draw(st.integers(0, 3), "warm-up")
    recording = record_bars(bar_rows(coarse), warm, FIVE, 1.0, fine)
    read = bars_in(recording.rows, CandleBuilder(FIVE))
    wanted = bar_rows(coarse)
    assert np.array_equal(read.table[:, AT:], wanted.table[:, AT:])
    assert np.array_equal(read.volume, wanted.volume)
    table = recording.rows.table
    assert (table[:, LOW] <= table[:, OPEN : CLOSE + 1].min(1)).all()
    assert (table[:, HIGH] >= table[:, OPEN : CLOSE + 1].max(1)).all()
    share = recording.fine
    assert share is not None
    assert share.decided + share.missing + share.disagreeing == share.bars == len(coarse) - warm
    assert share.decided == np.count_nonzero(table[:, KIND] == RowKind.CLOSED)


def _wider(way: int) -> dict[str, int]:
    """A candle that another source rounds differently, or saw quite differently."""
    return [{"high": 1}, {"low": -1}, {"high": 1, "low": -1}, {"high": 90}][way]


def test_bars_beside_the_grid_of_the_others_stay_bars() -> None:
    first, second = walk(50), walk(50, seed=4, begins_at=BEGINS_AT + 52 * MINUTE)
    coarse, fine = _after(fives(first), fives(second)), _after(first, second)
    recording = record_bars(bar_rows(coarse), 0, FIVE, 1.0, fine)
    assert recording.fine == FineShare(MINUTE, bars=20, decided=10, missing=10, disagreeing=0)
    read = bars_in(recording.rows, CandleBuilder(FIVE))
    assert np.array_equal(read.table[:, AT], coarse.open_at)


def _after(one: Candles, other: Candles) -> Candles:
    names = ("open_at", "open", "high", "low", "close", "volume")
    columns = [np.concatenate((getattr(one, name), getattr(other, name))) for name in names]
    return Candles(*columns, one.timeframe_ms)


def test_candles_that_do_not_divide_are_refused() -> None:
    fine = walk(60)
    with pytest.raises(InvalidSetting, match=r"5m candles cannot tell .* inside 1m candles"):
        check_fine(fine, fives(fine))
    with pytest.raises(InvalidSetting, match="1m candles cannot tell"):
        check_fine(fine, fine)
    with pytest.raises(InvalidSetting, match="that divides it"):
        check_fine(fives(fine), replace(fine, timeframe_ms=2 * MINUTE))


def test_candles_that_tell_of_no_bar_are_refused() -> None:
    """Of another market, of another time, or beside the grid: surely the wrong file."""
    fine = walk(60)
    prices = {name: getattr(fine, name) + 500.0 for name in ("open", "high", "low", "close")}
    other = replace(fine, **prices)
    for wrong, words in (
        (replace(fine, open_at=fine.open_at + 60 * MINUTE), "12 are not in them, 0 have other"),
        (replace(fine, open_at=fine.open_at + MINUTE // 2), "12 are not in them, 0 have other"),
        (other, "0 are not in them, 12 have other"),
    ):
        with pytest.raises(InvalidSetting, match=f"none of the 12 bars: {words}") as refused:
            play(fives(fine), buying_at(fives(fine), 2), COSTLESS, wrong)
        assert refused.value.field == "fine"


def test_funding_stands_where_its_moment_is() -> None:
    fine = walk(40)
    coarse = fives(fine)
    recording = record_bars(bar_rows(coarse), 2, FIVE, 1.0, without(fine, 26))
    first = BEGINS_AT + 2 * FIVE
    moments = [first - 1, first, first + 2 * MINUTE, first + FIVE, BEGINS_AT + 27 * MINUTE,
               BEGINS_AT + 30 * MINUTE, BEGINS_AT + 40 * MINUTE]  # fmt: skip
    funding = Funding(np.array(moments, np.int64), np.arange(1, 8, dtype=np.int64))
    rows = with_funding(recording, funding, FIVE).rows
    order = [(RowKind(kind), at) for kind, at in rows.table[:, : AT + 1].tolist()]
    places = [place for place, (kind, _) in enumerate(order) if kind is RowKind.FUNDING]
    # Before the session and at its end nobody holds anything.
    assert rows.table[places, OPEN].tolist() == [2, 3, 4, 5, 6]
    around = [(order[place - 1], order[place + 1]) for place in places]
    price, closed, bar, paid = RowKind.PRICE, RowKind.CLOSED, RowKind.BAR, RowKind.FUNDING
    fifth = BEGINS_AT + 5 * FIVE
    assert around == [
        ((RowKind.HISTORY, first - FIVE), (price, first)),
        ((price, first + MINUTE), (price, first + 2 * MINUTE)),
        ((closed, first + FIVE), (price, first + FIVE)),
        ((bar, fifth), (paid, fifth + FIVE)),
        ((paid, BEGINS_AT + 27 * MINUTE), (price, fifth + FIVE)),
    ]
    without_it = closes_in(recording.rows, FIVE)
    assert all(map(np.array_equal, closes_in(rows, FIVE), without_it))


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("time,rate\n2023-01-01T08:00,0.0001\n2023-01-01,-0.00025\n", [-25_000, 10_000]),
        ("1672531200000,0.0001\n", [10_000]),
        ("time,rate_pct\n2023-01-01,0.01\n", [10_000]),
        (
            "calc_time,interval,last_funding_rate\n1672531200003,8,1e-8\n1672531200003,8,1e-8\n",
            [1],
        ),
    ],
)
def test_funding_files_as_they_come(tmp_path: Path, text: str, rates: list[int]) -> None:
    path = tmp_path / "funding.csv"
    path.write_text(text)
    funding = load_funding(path)
    assert funding.rate.tolist() == rates
    assert (np.diff(funding.at) > 0).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,rate\n2023-01-01,2\n", "line 2 pays 200 % at once"),
        ("time,rate\n2023-01-01,\n", "line 2 has no rate"),
        ("time,price\n2023-01-01,2\n", "has the columns time and rate"),
        ("time,rate\nsoon,0.1\n", "line 2: 'soon' is not a time"),
        ("time,rate\n2023-01-01,0.1\n2023-01-01,0.01\n", "lines 2 and 3: two rates"),
        ("time,rate\n", "no rates|no rows"),
        ("time,rate\n2023-01-01,much\n", "line 2: 'much' in column rate is not a number"),
    ],
)
def test_funding_files_that_cannot_be_meant(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "funding.csv"
    path.write_text(text)
    with pytest.raises(FileRefused, match=words):
        load_funding(path)


def test_only_futures_pay_funding(tmp_path: Path) -> None:
    wish = RunBacktest(
        FeedChoice(FeedKind.FILE, str(tmp_path / "candles.csv")),
        "BTC/USDT",
        MINUTE,
        "ema_cross",
        funding_path=str(tmp_path / "funding.csv"),
    )
    with pytest.raises(InvalidSetting, match="Only futures pay funding"):
        plan_backtest(wish, Sources(lambda path, wanted: walk(30)))
