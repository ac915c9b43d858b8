"""What tables export is the same whatever language the window speaks: other programs read it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from engine.language import ENGLISH, MARKED

ROOT = Path(__file__).resolve().parents[2]
EXPORTS = """
from tests.gui.fake_history import history_of
from engine.language import tr
from tests.gui.stories import Story
from trader_gui.models.session_columns import session_columns
from trader_gui.models.session_rows import SessionRows
from trader_gui.models.table_model import TableModel
from trader_gui.models.trade_rows import trade_columns, trade_rows

traded = Story().enter().go(3).leave().go(2).enter().go(2)
trades = TableModel(trade_columns(), trade_rows(traded.snapshot()), lambda rows: rows.numbers)
records = [traded.record(), Story(2).end().record()]
titles = {record.settings.strategy: tr("EMA cross") for record in records}
rows = SessionRows(history_of(records), titles)
sessions = TableModel(session_columns(), rows, lambda rows: rows.ids)
print(*trades.table(), *sessions.table(), sep="\\n")
"""


def exported(language: str) -> list[str]:
    """Lines of both tables, made by a program that speaks `language`."""
    run = subprocess.run(
        [sys.executable, "-c", EXPORTS],
        cwd=ROOT,
        env={**os.environ, "TRADER_GUI_LANGUAGE": language},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_exports_are_of_no_language() -> None:
    english = exported(ENGLISH)
    assert len(english) == 6
    assert "'Net PnL'" in english[0]
    assert "'Duration (ms)'" in english[3]
    assert exported(MARKED) == english
