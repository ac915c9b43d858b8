"""The runtime's small parts, each by itself."""

from __future__ import annotations

import asyncio
import threading
from decimal import Decimal
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engine import __version__
from engine.core import layout as slot
from engine.core.candle_builder import CandleBuilder
from engine.core.layout import new_state
from engine.domain.candles import Candles
from engine.domain.market import Market
from engine.domain.rows import RowKind, Rows
from engine.domain.settings import Direction
from engine.markets.importers.symbol_name import guess_symbol
from engine.messages import events as ev
from engine.messages.events import EventKind, observation
from engine.runtime.bots.samples import sample_bots
from engine.runtime.history.recorded import PriceFloats, bars_in, prices_in
from engine.runtime.kernel_cache import source_hash
from engine.runtime.opinions import form_opinion, signals_for
from engine.runtime.publishing import Publisher
from engine.runtime.running.charting import Charting
from engine.runtime.running.preparing import begin_earlier
from engine.runtime.workers import Late, Places, Worker, in_thread
from engine.strategies.ema_cross import EmaCross
from tests.runtime.support import BEGINS_AT, MINUTE

MARKET = Market("BTC/USDT", Decimal("0.1"), Decimal("0.001"), Decimal("0.001"))


def rows(*lines: tuple[int, int, int, int, int, int]) -> Rows:
    return Rows(np.array(lines, np.int64).reshape(-1, 6), np.ones(len(lines)))


def ticks(count: int, seed: int = 3) -> Rows:
    """Prices every 7 s, and a CLOSED row at each full minute."""
    rng = np.random.default_rng(seed)
    lines, at, price = [], BEGINS_AT // MINUTE * MINUTE, 5_000
    for _ in range(count):
        then, price = at + 7_000, price + int(rng.integers(-20, 21))
        if then // MINUTE > at // MINUTE:
            closing = then // MINUTE * MINUTE
            lines.append((RowKind.CLOSED, closing, price, price, price, price))
        lines.append((RowKind.PRICE, then, price, price, price, price))
        at = then
    return rows(*lines)


def test_a_chart_grown_in_batches_equals_the_recording_read_back() -> None:
    recording = ticks(400)
    nothing = Rows(recording.table[:0], np.empty(0))
    live = Charting(MARKET, nothing, CandleBuilder(MINUTE))
    closing = np.flatnonzero(recording.table[:, 0] == RowKind.CLOSED) + 1
    start = 0
    for stop in [*closing.tolist(), len(recording)]:
        for cut in (start, (start + stop) // 2):
            end = (start + stop) // 2 if cut == start else stop
            live.take(Rows(recording.table[cut:end], recording.volume[cut:end]))
        start = stop
    builder = CandleBuilder(MINUTE)
    again = PriceFloats(MARKET.price_step).candles(bars_in(recording, builder), MINUTE)
    for name in ("open_at", "open", "high", "low", "close", "volume"):
        assert np.array_equal(getattr(live.known, name), getattr(again, name)), name
    assert len(again) == len(closing)
    live.show(None)
    assert live.chart.forming is not None
    assert live.chart.forming.close == recording.table[-1, 5] / 10
    assert len(builder.forming) == 1


def test_a_candle_that_a_restart_cut_short_is_known_but_decides_nothing() -> None:
    at = BEGINS_AT // MINUTE * MINUTE
    before = rows((RowKind.PRICE, at + 50_000, 5, 5, 5, 5))
    after = rows((RowKind.PRICE, at + 3 * MINUTE + 1_000, 6, 6, 6, 6))
    end = rows((RowKind.CLOSED, at + 4 * MINUTE, 6, 6, 6, 6))
    chart = Charting(MARKET, rows(), CandleBuilder(MINUTE))
    assert [chart.take(batch) for batch in (before, after, end)] == [False, False, True]
    assert chart.known.close.tolist() == [0.5, 0.6]


def test_nothing_is_seen_before_it_is_shown() -> None:
    recording = ticks(60)
    chart = Charting(MARKET, Rows(recording.table[:0], np.empty(0)), CandleBuilder(MINUTE))
    chart.take(recording)
    close_at = (int(recording.table[-1, 1]) // MINUTE + 1) * MINUTE
    chart.take(rows((RowKind.CLOSED, close_at, 5, 5, 5, 5)))
    assert chart.chart.length == 0
    assert chart.price is None
    chart.show(None)
    assert chart.chart.length == len(chart.known) > 0
    assert chart.price is not None


@pytest.mark.parametrize("step", ["0.1", "0.01", "0.0001", "0.05", "2.5", "1"])
def test_prices_read_as_the_text_in_the_file(step: str) -> None:
    counts = np.arange(1, 50_000, 7)
    floats = PriceFloats(Decimal(step)).of(counts)
    texts = [float(str(Decimal(step) * count)) for count in counts.tolist()]
    assert floats.tolist() == texts


def test_the_price_of_a_bar_is_known_at_its_close() -> None:
    recording = rows(
        (RowKind.HISTORY, 0, 1, 1, 1, 1),
        (RowKind.BAR, MINUTE, 2, 2, 2, 2),
        (RowKind.INPUT, 2 * MINUTE, 1, 0, 0, 0),
        (RowKind.PRICE, 2 * MINUTE + 5, 3, 3, 3, 3),
    )
    at, price = prices_in(recording, MINUTE)
    assert at.tolist() == [2 * MINUTE, 2 * MINUTE + 5]
    assert price.tolist() == [2, 3]


def candles(count: int = 120) -> Candles:
    rng = np.random.default_rng(1)
    close = 100 + np.cumsum(rng.normal(0, 1, count))
    at = BEGINS_AT + MINUTE * np.arange(count)
    return Candles(at, close, close + 1, close - 1, close, np.ones(count), MINUTE)


def test_what_the_direction_forbids_is_never_asked() -> None:
    strategy, params = EmaCross(), {"fast": 5, "slow": 12}
    both = form_opinion(strategy, params, Direction.BOTH, candles()).packed
    long = form_opinion(strategy, params, Direction.LONG, candles()).packed
    short = form_opinion(strategy, params, Direction.SHORT, candles()).packed
    assert np.any(both & 0b1100)
    assert np.array_equal(long & 0b1111, both & 0b0011)
    assert np.array_equal(short & 0b1111, both & 0b1100)


def test_signals_stand_at_the_rows_that_close_a_candle() -> None:
    opinion = form_opinion(EmaCross(), {"fast": 5, "slow": 12}, Direction.BOTH, candles())
    last = int(np.flatnonzero(opinion.packed)[-1])
    known = form_opinion(
        EmaCross(), {"fast": 5, "slow": 12}, Direction.BOTH, candles().part(0, last + 1)
    )
    batch = rows((RowKind.PRICE, 1, 1, 1, 1, 1), (RowKind.CLOSED, 2, 1, 1, 1, 1))
    assert signals_for(batch, known).tolist() == [0, opinion.packed[last]]
    assert signals_for(batch, None).tolist() == [0, 0]


def test_the_note_of_a_signal_has_its_numbers() -> None:
    opinion = form_opinion(EmaCross(), {"fast": 5, "slow": 12}, Direction.BOTH, candles())
    bar = int(np.flatnonzero(opinion.packed)[0])
    event = observation(EventKind.SIGNAL, int(opinion.candles.open_at[bar]) + MINUTE)
    event[0, ev.ROW_AT] -= MINUTE
    (note,) = opinion.notes(event, 2)
    assert f"{opinion.signals.indicators['EMA 5'][bar]:,.2f}" in note
    assert "{" not in note


async def test_late_work_is_given_up_and_the_next_is_done() -> None:
    worker, gate = Worker("test"), threading.Event()
    with pytest.raises(Late):
        await worker.call(lambda: gate.wait(30), 0.01)
    assert await worker.call(lambda: 7, 5) == 7
    gate.set()
    worker.close()


async def test_the_time_in_which_the_machine_slept_is_not_the_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, slept_s = asyncio.get_running_loop(), [0]
    time, waits, gate, worker = loop.time, threading.Event(), threading.Event(), Worker("test")
    monkeypatch.setattr(loop, "time", lambda: time() + slept_s[0])

    def work() -> int:
        waits.wait(30)
        slept_s[0] = 60
        # What is due by then happens before.
        loop.call_soon_threadsafe(partial(loop.call_later, 0.01, gate.set))
        gate.wait(30)
        return 7

    loop.call_soon(waits.set)
    assert await worker.call(work, 10) == 7
    worker.close()


async def test_a_worker_raises_what_the_work_raised() -> None:
    def fail() -> None:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        await in_thread("test", fail)


async def test_places_are_taken_in_turn_and_given_up_by_who_never_comes_back() -> None:
    places, order, never = Places(1, 0.02), list[str](), asyncio.Event()

    async def come(name: str, leave: asyncio.Event | None = None) -> None:
        async with places.taken():
            order.append(name)
            if leave is not None:
                await leave.wait()
            else:
                await asyncio.sleep(0)
            order.append(f"{name} left")

    stuck = asyncio.ensure_future(come("stuck", never))
    await asyncio.gather(come("first"), come("second"))
    assert order == ["stuck", "first", "first left", "second", "second left"]
    never.set()
    await stuck
    await asyncio.gather(come("third"), come("fourth"))
    assert order[-4:] == ["third", "third left", "fourth", "fourth left"]


async def test_many_changes_are_told_once() -> None:
    publisher, told = Publisher(), []
    end = publisher.subscribe(lambda: told.append(1))
    for _ in range(5):
        publisher.changed()
    await asyncio.sleep(0)
    assert told == [1]
    end()
    end()
    publisher.changed()
    await asyncio.sleep(0)
    assert told == [1]


def test_an_edit_in_what_the_kernel_is_made_of_changes_its_cache(tmp_path: Path) -> None:
    sources = {
        "core/kernel.py": "from engine.core.compiled import entry\n"
        "from engine.core import (\n    codes,\n    layout as slot,\n)\n",
        "core/compiled.py": "A = 1\n",
        "core/codes.py": "from engine.domain.reasons import Side\n",
        "core/layout.py": "A = 1\n",
        "domain/reasons.py": "from engine.messages import events as ev, other\n",
        "messages/events.py": "A = 1\n",
    }
    beside = ("core/doubt.py", "messages/snapshot.py", "domain/archive.py")
    for name in (*sources, *beside):
        path = tmp_path / "engine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sources.get(name, ""))
    hashes = {source_hash(tmp_path)}
    for name in sources:
        with (tmp_path / "engine" / name).open("a") as file:
            file.write("B = 2\n")
        hashes.add(source_hash(tmp_path))
    assert len(hashes) == 1 + len(sources)
    for name in beside:
        (tmp_path / "engine" / name).write_text("B = 2\n")
    assert source_hash(tmp_path) in hashes


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("btc-perp-20211231_1m.csv", "BTC/USDT"),
        ("ADABTC-1m-2021-11-27.csv", "ADA/BTC"),
        ("eth_usd.csv", "ETH/USD"),
        ("candles.csv", ""),
    ],
)
def test_symbols_guessed_from_file_names(name: str, symbol: str) -> None:
    assert guess_symbol(name) == symbol


def test_the_samples_differ() -> None:
    bots = sample_bots(12, 7, Decimal(100))
    assert len({bot.name for bot in bots}) == 12
    assert len({bot.strategy for bot in bots}) == 3
    for bot in bots:
        bot.trade.check()


def test_the_version_is_that_of_the_package() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert f'version = "{__version__}"' in project.read_text()


def test_a_recording_played_again_begins_without_what_has_not_come_yet() -> None:
    """Stops, the last exit and the day's counts lie after its first moment."""
    state = new_state(1_000)
    state[slot.MOMENT], state[slot.STOP_COUNT], state[slot.HAS_EXITED] = 5 * MINUTE, 2, 1
    state[slot.STOP_TIMES] = state[slot.LAST_EXIT_AT] = 4 * MINUTE
    for days in (slot.DAY, slot.PNL_DAY, slot.EQUITY_DAY):
        state[days] = 0
    goes_on = state.copy()
    begin_earlier(goes_on, 5 * MINUTE)
    assert (goes_on == state).all()
    begin_earlier(state, 0)
    assert state[[slot.STOP_COUNT, slot.HAS_EXITED, slot.LAST_EXIT_AT]].tolist() == [0, 0, 0]
    assert state[[slot.DAY, slot.PNL_DAY, slot.EQUITY_DAY]].tolist() == [-1, -1, -1]
