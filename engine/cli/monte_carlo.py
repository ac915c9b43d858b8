"""`trader-engine monte-carlo`: a session's trades in other orders, as percentiles."""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
from pathlib import Path
from typing import Any

from engine.cli.opened_store import opened_store
from engine.cli.sessions import session_id_of
from engine.messages.monte_carlo import LEVELS, Bands, MonteCarlo
from engine.messages.progress import nobody_told
from engine.runtime.clock import WallClock
from engine.runtime.folders import default_data_dir
from engine.runtime.history.archive import Archived
from engine.runtime.history.chance import RUNS, monte_carlo
from engine.runtime.history.loading import load_session


def monte_carlo_words(arguments: argparse.Namespace) -> str:
    """Percentiles of the end and of the deepest fall; as JSON with all bands."""
    folder = arguments.data_dir or default_data_dir()
    session = asyncio.run(_session(folder, session_id_of(arguments.id)))
    runs = RUNS if arguments.runs is None else arguments.runs
    seed = 1 if arguments.seed is None else arguments.seed
    made = monte_carlo(session, nobody_told, threading.Event(), runs, seed)
    return json.dumps(_document(made)) if arguments.json else _text(made)


async def _session(folder: Path, session_id: int) -> Archived:
    async with opened_store(folder, now_ms=WallClock().now_ms(), read_only=True) as store:
        return await load_session(store, session_id)


def _document(made: MonteCarlo) -> dict[str, Any]:
    def bands(of: Bands) -> dict[str, Any]:
        return {
            "final_pct": of.final_pct.tolist(),
            "drawdown_pct": of.drawdown_pct.tolist(),
            "losing_share": of.losing_share,
            "return_pct": of.return_pct.tolist(),
        }

    return {
        "trades": made.trades,
        "runs": made.runs,
        "block": made.block,
        "seed": made.seed,
        "levels": list(LEVELS),
        "steps": made.steps.tolist(),
        "real_pct": made.real_pct.tolist(),
        "real_drawdown_pct": made.real_drawdown_pct,
        "shuffled": bands(made.shuffled),
        "bootstrapped": bands(made.bootstrapped),
    }


def _text(made: MonteCarlo) -> str:
    lines = [
        f"{made.trades:,} trades, {made.runs:,} runs of each kind, seed {made.seed}",
        f"as it was: return {made.real_pct[-1]:.2f} %, drawdown {made.real_drawdown_pct:.2f} %",
        "percentile                  " + "".join(f"{level:>9}" for level in LEVELS),
    ]
    for name, values in (
        ("shuffled: drawdown %", made.shuffled.drawdown_pct),
        (f"blocks of {made.block}: return %", made.bootstrapped.final_pct),
        (f"blocks of {made.block}: drawdown %", made.bootstrapped.drawdown_pct),
    ):
        lines.append(f"{name:<28}" + "".join(f"{value:>9.2f}" for value in values.tolist()))
    lines.append(f"{100 * made.bootstrapped.losing_share:.1f} % of the drawn runs end with a loss")
    return "\n".join(lines)
