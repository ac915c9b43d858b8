"""How fast the kernel plays a year of minutes, beside what a user would write or pick instead.

    python -m bench.kernel [BARS]

Signals are given (SMA 10/50 crossings), 25 % of the cash per trade, fee 0.1 %, slippage 0.02 %,
take profit 2 %, stop loss 1 %. "everything" has trailing with activation and a distance before,
break-even, time limit, target steps, a partial target, an add, and all rules: cooldown, trades per
day, daily loss, drawdown, stop guard, spread. "both sides" also leaves on the opposite crossing and
goes short.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.runtime.kernel_cache import prepare_kernel_cache

prepare_kernel_cache()

import numpy as np  # noqa: E402

from engine.core import kernel  # noqa: E402
from engine.core import layout as slot  # noqa: E402
from engine.core.settings_vector import kernel_settings  # noqa: E402
from engine.domain.market import Market  # noqa: E402
from engine.domain.reasons import Action  # noqa: E402
from engine.domain.rows import RowKind  # noqa: E402
from engine.domain.settings import (  # noqa: E402
    AddStep,
    PartialTarget,
    StopGuard,
    TargetStep,
    TradeSettings,
)
from engine.messages.events import EVENT_WIDTH  # noqa: E402

MINUTE = 60_000
STEP = Decimal("0.01")
UNIT = Decimal("0.00000001")
MARKET = Market("BTC/USDT", STEP, UNIT, UNIT)
PLAIN = TradeSettings(
    slippage_pct=Decimal("0.02"), stop_loss_pct=Decimal(1), take_profit_pct=Decimal(2)
)
TRAILING = replace(
    PLAIN,
    trailing_pct=Decimal("0.8"),
    trailing_activate_pct=Decimal("0.5"),
    cooldown_min=15,
    max_trades_per_day=20,
)
EVERY_RULE = replace(
    TRAILING,
    daily_loss_pct=Decimal(5),
    max_drawdown_pct=Decimal(90),
    stop_guard=StopGuard(4, 120),
    max_spread_pct=Decimal(1),
)
EVERYTHING = replace(
    EVERY_RULE,
    trailing_before_pct=Decimal("1.5"),
    break_even_pct=Decimal("0.9"),
    time_limit_min=2_880,
    target_steps=(TargetStep(240, Decimal("1.8")), TargetStep(1_440, Decimal(1))),
    partial_targets=(PartialTarget(Decimal("1.2"), Decimal(50)),),
    adds=(AddStep(Decimal("0.6"), Decimal("0.5")),),
    position_pct=Decimal(15),
)


def walk(count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """BAR rows of a random walk near 47,000 with the volatility of real minutes."""
    chance = np.random.default_rng(1)
    close = np.rint(4_700_000 * np.exp(np.cumsum(chance.normal(0, 6e-4, count))))
    rows = np.empty((count, 6), np.int64)
    rows[:, 0] = RowKind.BAR
    rows[:, 1] = np.arange(count) * MINUTE
    rows[:, 2] = np.concatenate((close[:1], close[:-1]))
    rows[:, 5] = close
    rows[:, 3] = np.maximum(rows[:, 2], close) * (1 + np.abs(chance.normal(0, 2e-4, count)))
    rows[:, 4] = np.minimum(rows[:, 2], close) * (1 - np.abs(chance.normal(0, 2e-4, count)))
    return rows


def crossings(close: np.ndarray[Any, Any], both: bool) -> np.ndarray[Any, np.dtype[np.int32]]:
    def average(length: int) -> np.ndarray[Any, Any]:
        sums = np.cumsum(close, dtype=np.float64)
        made = np.full(len(close), np.nan)
        made[length:] = (sums[length:] - sums[:-length]) / length
        return made

    above = average(10) > average(50)
    signals = np.zeros(len(close), np.int32)
    bit = {action: 1 << (action - 1) for action in Action}
    signals[1:][above[1:] & ~above[:-1]] = bit[Action.BUY] | (bit[Action.COVER] if both else 0)
    if both:
        signals[1:][~above[1:] & above[:-1]] = bit[Action.SELL] | bit[Action.SHORT]
    return signals


def times(call: Callable[[], object], runs: int) -> list[float]:
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return taken


def told(name: str, bars: int, taken: list[float], note: str = "") -> float:
    best, median = bars / min(taken) / 1e6, bars / statistics.median(taken) / 1e6
    print(f"{name:44} best {best:8.2f}  median {median:8.2f}  M bars/s  {note}", flush=True)
    return statistics.median(taken)


def ours(rows: Any, signals: Any, trade: TradeSettings, chunk: int) -> Callable[[], str]:
    settings = kernel_settings(trade, MARKET, MINUTE)
    events = np.empty((600_000, EVENT_WIDTH), np.int64)
    events[:] = 0  # the pages exist before the clock runs
    cash = MARKET.scale.money_count(trade.cash)

    def play() -> str:
        state = slot.new_state(cash)
        kernel.begin(state, settings, 0, events)
        written = 0
        for start in range(0, len(rows), chunk):
            stop = start + chunk
            kernel.advance(state, settings, rows[start:stop], signals[start:stop], events)
            written += int(state[slot.EVENTS_WRITTEN])
        return f"{written} events"

    return play


def plain_python(rows: Any, signals: Any) -> Callable[[], int]:
    """The loop a user writes first: floats, long only, stop and target, no rules, no record."""
    columns = [[float(price) / 100 for price in rows[:, place]] for place in (2, 3, 4)]
    asked = signals.tolist()

    def play() -> int:
        cash, amount, stop, target, trades, pending = 10_000.0, 0.0, 0.0, 0.0, 0, False
        for open_, high, low, signal in zip(*columns, asked, strict=True):
            if pending:
                pending = False
                price = open_ * 1.0002
                amount = cash * 0.25 / price
                cash -= amount * price * 1.001
                stop, target = price * 0.99, price * 1.02
            if amount:
                out = 0.0
                if low <= stop:
                    out = min(open_, stop) * 0.9998
                elif high >= target:
                    out = target
                if out:
                    cash += amount * out * 0.999
                    amount = 0.0
                    trades += 1
            elif signal:
                pending = True
        return trades

    return play


class PlainMachine:
    """The same as a machine that is stepped with one bar at a time, as a live bot would be."""

    def __init__(self) -> None:
        self.cash, self.amount, self.entry, self.stop, self.target = 10_000.0, 0.0, 0.0, 0.0, 0.0
        self.pending = False
        self.trades: list[tuple[int, float, float]] = []

    def on_bar(self, at: int, open_: float, high: float, low: float, signal: int) -> None:
        if self.pending:
            self.pending = False
            self.enter(open_ * 1.0002)
        if self.amount:
            if low <= self.stop:
                self.leave(at, min(open_, self.stop) * 0.9998)
            elif high >= self.target:
                self.leave(at, self.target)
        elif signal:
            self.pending = True

    def enter(self, price: float) -> None:
        self.amount = self.cash * 0.25 / price
        self.cash -= self.amount * price * 1.001
        self.entry, self.stop, self.target = price, price * 0.99, price * 1.02

    def leave(self, at: int, price: float) -> None:
        self.cash += self.amount * price * 0.999
        self.amount = 0.0
        self.trades.append((at, self.entry, price))


def plain_machine(rows: Any, signals: Any) -> Callable[[], int]:
    columns = [[float(price) / 100 for price in rows[:, place]] for place in (2, 3, 4)]
    at, asked = rows[:, 1].tolist(), signals.tolist()

    def play() -> int:
        machine = PlainMachine()
        for bar in zip(at, *columns, asked, strict=True):
            machine.on_bar(*bar)
        return len(machine.trades)

    return play


def backtesting_py(rows: Any, signals: Any) -> Callable[[], object]:
    import pandas as pd
    from backtesting import Backtest, Strategy

    frame = pd.DataFrame(
        rows[:, 2:6] / 100.0,
        columns=["Open", "High", "Low", "Close"],
        index=pd.to_datetime(rows[:, 1], unit="ms"),
    )
    frame["Volume"] = 1.0

    class Crossings(Strategy):  # type: ignore[misc]
        def init(self) -> None:
            self.asked = signals

        def next(self) -> None:
            if self.asked[len(self.data) - 1] and not self.position:
                price = self.data.Close[-1]
                self.buy(size=0.25, sl=price * 0.99, tp=price * 1.02)

    return Backtest(frame, Crossings, cash=10_000_000, commission=0.001).run


def vectorbt(rows: Any, signals: Any) -> Callable[[], object]:
    import vectorbt as vbt

    open_, high, low, close = (rows[:, place] / 100.0 for place in (2, 3, 4, 5))
    entries = np.roll(signals != 0, 1)

    def play() -> object:
        return vbt.Portfolio.from_signals(
            close, entries, np.zeros_like(entries), open=open_, high=high, low=low, price=open_,
            size=0.25, size_type="percent", fees=0.001, slippage=0.0002, sl_stop=0.01,
            tp_stop=0.02, freq="1min",
        ).final_value()  # fmt: skip

    play()
    return play


def compile_times() -> None:
    """Importing the kernel in fresh processes: nothing cached, then cached."""
    code = (
        "import time; a = time.perf_counter(); import numba; b = time.perf_counter();"
        "from engine.core import kernel; print(b - a, time.perf_counter() - b)"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in ("compiled", "from the cache"):
            done = subprocess.run(
                [sys.executable, "-c", code],
                env=os.environ | {"NUMBA_CACHE_DIR": folder},
                capture_output=True,
                text=True,
                check=True,
            )
            numba_s, kernel_s = map(float, done.stdout.split())
            print(f"kernel {name:38} {kernel_s:6.2f} s  (importing numba itself {numba_s:.2f} s)")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 525_600
    rows = walk(count)
    buys, both = crossings(rows[:, 5], both=False), crossings(rows[:, 5], both=True)
    print(f"{count:,} one-minute bars, {np.count_nonzero(buys):,} crossings up\n")
    cases = (
        ("kernel, stop and target", buys, PLAIN, count),
        ("kernel, trailing, cooldown, trades per day", buys, TRAILING, count),
        ("kernel, trailing and every rule", buys, EVERY_RULE, count),
        ("kernel, everything", buys, EVERYTHING, count),
        ("kernel, everything, both sides", both, EVERYTHING, count),
        ("kernel, everything, calls of 1,000", buys, EVERYTHING, 1_000),
    )
    for name, signals, trade, chunk in cases:
        play = ours(rows, signals, trade, chunk)
        note = play()
        taken = told(name, count, times(play, 15), note)
        if trade is PLAIN:
            reference = taken
    one = ours(rows[:20_000], buys[:20_000], EVERYTHING, 1)
    told("kernel, one row per call (20,000 rows)", 20_000, times(one, 3))
    print()
    peers: list[tuple[str, Callable[[Any, Any], Callable[[], object]], int]] = [
        ("plain Python, one tight loop", plain_python, 3),
        ("plain Python, a machine stepped bar by bar", plain_machine, 3),
    ]
    peers += [
        (module, play, 1)
        for module, play in (("vectorbt", vectorbt), ("backtesting", backtesting_py))
        if importlib.util.find_spec(module)
    ]
    for name, make, runs in peers:
        peer = make(rows, buys)
        taken = told(name, count, times(peer, runs))
        print(f"{'':44} the kernel is {taken / reference:,.0f} times as fast")
    print()
    compile_times()


if __name__ == "__main__":
    main()
