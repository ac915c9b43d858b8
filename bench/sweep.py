"""A thousand sets over a year of minutes, beside what a user would write or pick instead.

    python -m bench.sweep [BARS]

40 pairs of averages x 25 pairs of stop and target, 25 % of the equity, fee 0.1 %, slippage 0.02 %:
long only with averages of hours; with averages of minutes, which trade four times as often; and
these on both sides with a trailing stop. Then fast=5:40:5 against slow=20:120:10 on both sides with
one stop and one target, the kernel's time stretched to a thousand sets. The peers get the same
signals and are timed on a few sets. Seconds are processor time, because neighbours on the machine
take turns with it.
"""

from __future__ import annotations

import importlib.util
import resource
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from time import perf_counter, process_time
from typing import Any

from engine.runtime.kernel_cache import prepare_kernel_cache

prepare_kernel_cache()

import numpy as np  # noqa: E402

from bench.kernel import MINUTE, plain_python, walk  # noqa: E402
from engine.domain.bots import FeedChoice, FeedKind  # noqa: E402
from engine.domain.candles import Candles  # noqa: E402
from engine.domain.settings import Direction, TradeSettings  # noqa: E402
from engine.messages.commands import RunBacktest, RunSweep  # noqa: E402
from engine.runtime.backtest.planning import Sources  # noqa: E402
from engine.runtime.sweep.grid import read_values  # noqa: E402
from engine.runtime.sweep.planning import SweepPlan, plan_sweep  # noqa: E402
from engine.runtime.sweep.run import SweepEnd, run_sweep  # noqa: E402
from engine.runtime.sweep.tape import Tape  # noqa: E402

TARGET_S, TARGET_MB, SETS = 1.0, 500, 1_000
EXITS = {"stop_loss_pct": "0.5:2.5:0.5", "take_profit_pct": "1:5:1"}
HOURS = {"fast": "20:160:20", "slow": "240:560:80"} | EXITS
MINUTES = {"fast": "5:40:5", "slow": "60:140:20"} | EXITS
PAIRS = {"fast": "5:40:5", "slow": "20:120:10"}
LONG = TradeSettings(slippage_pct=Decimal("0.02"), direction=Direction.LONG)
BOTH = replace(LONG, direction=Direction.BOTH, trailing_pct=Decimal("0.8"))
GUARDED = replace(BOTH, trailing_pct=None, stop_loss_pct=Decimal(1), take_profit_pct=Decimal(2))


def candles_of(rows: Any) -> Candles:
    prices = (np.ascontiguousarray(rows[:, place] / 100.0) for place in (2, 3, 4, 5))
    return Candles(rows[:, 1].copy(), *prices, np.ones(len(rows)), MINUTE)


def planned(candles: Candles, trade: TradeSettings, grid: dict[str, str]) -> SweepPlan:
    wish = RunBacktest(
        FeedChoice(FeedKind.FILE, "generated.csv", speed=0), "BTC/USDT", None, "ema_cross",
        trade=trade, price_step=Decimal("0.01"),
    )  # fmt: skip
    values = {name: read_values(name, text) for name, text in grid.items()}
    return plan_sweep(RunSweep(wish, values), Sources(lambda path, timeframe_ms: candles))


def ours(
    name: str, candles: Candles, trade: TradeSettings, grid: dict[str, str]
) -> tuple[SweepPlan, SweepEnd]:
    began = perf_counter()
    plan = planned(candles, trade, grid)
    rows: list[Any] = []
    planned_s = perf_counter() - began
    end = run_sweep(plan, lambda new, progress: rows.extend(new), threading.Event())
    whole_s = perf_counter() - began
    kernel_s = end.kernel_s / end.workers / end.done * SETS
    verdict = "reached" if kernel_s <= TARGET_S else "MISSED"
    print(
        f"{name}: {end.done:,} sets, {sum(row.trades for row in rows) // end.done:,} trades each, "
        f"{end.workers} threads\n"
        f"    indicators {end.indicators_s / end.workers:6.2f} s a thread, "
        f"planning {planned_s:.2f} s, all of it {whole_s:.2f} s on the clock\n"
        f"    kernel     {kernel_s:6.2f} s a thread for {SETS:,} sets, "
        f"{SETS * end.bars / kernel_s / 1e6:,.0f} M bars/s; target {TARGET_S:g} s: {verdict}",
        flush=True,
    )
    return plan, end


def vectorbt(rows: Any, signals: Any) -> Callable[[], object]:
    """Ten sets at once, as it is meant to be used; one signal column, ten stops."""
    import pandas as pd
    import vectorbt as vbt

    columns = range(PEER_SETS)
    open_, high, low, close = (
        pd.DataFrame(np.repeat(rows[:, place, None] / 100.0, PEER_SETS, axis=1), columns=columns)
        for place in (2, 3, 4, 5)
    )
    entries = pd.DataFrame(np.repeat(np.roll(signals != 0, 1)[:, None], PEER_SETS, axis=1))
    stops = np.linspace(0.005, 0.025, PEER_SETS)[None]

    def play() -> object:
        return vbt.Portfolio.from_signals(
            close, entries, entries & False, open=open_, high=high, low=low, price=open_,
            size=0.25, size_type="percent", fees=0.001, slippage=0.0002, sl_stop=stops,
            tp_stop=0.02, freq="1min",
        ).total_return()  # fmt: skip

    play()
    return play


PEER_SETS = 10


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 525_600
    rows = walk(count)
    candles = candles_of(rows)
    print(f"{count:,} one-minute bars\n")
    plan, end = ours("averages of hours", candles, LONG, HOURS)
    ours("averages of minutes", candles, LONG, MINUTES)
    ours("both sides, trailing", candles, BOTH, MINUTES)
    ours("fast 5:40:5, slow 20:120:10", candles, GUARDED, PAIRS)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    verdict = "reached" if peak_mb <= TARGET_MB else "MISSED"
    print(f"peak memory of the process {peak_mb:,.0f} MB; target {TARGET_MB} MB: {verdict}\n")
    per_set = end.kernel_s / end.workers / end.done
    signal_at, given = Tape(plan).opinion(plan.sets[0].params)
    signals = np.zeros(len(rows), np.int32)  # the peers read one for each row
    signals[signal_at] = given
    peers: list[tuple[str, Callable[[Any, Any], Callable[[], object]], int]] = [
        ("plain Python loop, one core", plain_python, 1)
    ]
    if importlib.util.find_spec("vectorbt"):
        peers.append(("vectorbt", vectorbt, PEER_SETS))
    for name, make, sets in peers:
        play = make(rows, signals)
        began = process_time()
        play()
        each = (process_time() - began) / sets
        print(
            f"{name:28} {SETS * each:8.1f} s for {SETS:,} sets (from {sets}): "
            f"the sweep is {each / per_set:,.0f} times as fast"
        )


if __name__ == "__main__":
    main()
