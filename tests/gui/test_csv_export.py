"""A table as CSV: what a spreadsheet would take for a formula is text, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from trader_gui.models.csv_export import write_csv


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("", ""),
        ("-1.5", "-1.5"),
        ("+2", "+2"),
        ("plain", "plain"),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd", "'-cmd"),
    ],
)
def test_only_formulas_are_held_back(tmp_path: Path, cell: str, written: str) -> None:
    write_csv(tmp_path / "t.csv", [[cell, "end"]])
    assert (tmp_path / "t.csv").read_text("utf-8").rstrip("\r\n") == f"{written},end"
