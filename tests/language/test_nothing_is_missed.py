"""Every word for a person goes through `tr`: seen in the source, and seen on the screen."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.language.marked import bare
from tests.language.missed import ROOT, files, missed

NOT_SHOWN = Path(__file__).with_name("not_shown.txt")
"""Texts that look like words and are none for a person: a line each, after the file's name."""


def test_the_source_says_nothing_past_tr() -> None:
    """A word for a person belongs into `tr`; what is none into ``not_shown.txt``, sorted."""
    found = {
        f"{path.relative_to(ROOT).as_posix()}: {text!r}"
        for path in files()
        for _, text in missed(path.read_text(encoding="utf-8"))
    }
    known = NOT_SHOWN.read_text(encoding="utf-8").splitlines()
    assert sorted(found - set(known)) == []
    assert sorted(set(known) - found) == []
    assert known == sorted(known)


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('label("Two words")', ["Two words"]),
        ('label("Settings")', ["Settings"]),
        ('label(f"{count} bots run")', [" bots run"]),
        ('raise InvalidSetting("Say what to do.")', ["Say what to do."]),
        ('def one():\n    """Said to who reads the code."""', []),
        ('label(tr("Two words"))', []),
        ('trn("{count} bot runs", "{count} bots run", 2)', []),
        ('logger.info("Two words")', []),
        ('raise ValueError("A mistake in the code")', []),
        ('x == "Two words"', []),
        ('icon("arrow-clockwise")', []),
        ('label("look-back")', []),
        ('class Kind(StrEnum):\n    ONE = "two words"', []),
    ],
)
def test_what_is_words_and_what_is_not(source: str, texts: list[str]) -> None:
    assert [text for _, text in missed(source)] == texts


def test_no_sentence_hides_inside_another() -> None:
    """What is said inside of an f-string would not be found when the catalogue is made."""
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files()
        for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(outer, ast.JoinedStr)
        for node in ast.walk(outer)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"tr", "trn", "trc"}
    ]
    assert hidden == []


def test_no_page_shows_a_word_that_is_not_translated() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.language.marked"],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("text", "is_bare"),
    [
        ("\u27e6All of it\u27e7", False),
        ("\u27e6said {of}\u27e7 BTC/USDT 5m", False),
        ("\u27e6outer \u27e6inner\u27e7 words\u27e7", False),
        ("btc-trend-1 12:05 UTC", False),
        ("left \u27e6said\u27e7", True),
        ("\u27e6said\u27e7 right", True),
        ("<span>left</span>", True),
    ],
)
def test_what_stands_outside_of_brackets_is_seen(text: str, is_bare: bool) -> None:
    assert bare(text) is is_bare
