"""The house keeps its own rules: planted violations are caught, and the tests' nets hold."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINT = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
FORBIDDEN_NAMES = {"utils", "helpers", "misc", "manager", "handler", "base", "data", "info"}
MOST_LINES = 400
ENDS_WITH_THE_DESKTOP = "ending.py"
"""The one that may hold a loop of its own: who returns there is killed (decision 0025)."""
ROOMS = ("engine", "trader_gui", "shipping")
SOURCES = sorted(
    path
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if "__pycache__" not in path.parts
)

# Contract id -> file to plant in, what to plant.
VIOLATIONS = [
    ("window-above-engine", "engine/domain/planted.py", "import trader_gui.format"),
    ("window-above-engine", "trader_gui/planted.py", "import shipping.contents"),
    ("engine-layers", "engine/domain/planted.py", "import engine.messages.events"),
    ("engine-layers", "engine/core/planted.py", "import engine.store"),
    ("engine-layers", "engine/store/planted.py", "import engine.strategies"),
    ("engine-layers", "engine/runtime/planted.py", "import engine.cli"),
    ("engine-layers", "engine/planted/__init__.py", "A_ROOM_WITHOUT_A_FLOOR = 1"),
    ("engine-without-window", "engine/runtime/planted.py", "from PySide6.QtCore import QTimer"),
    ("engine-without-window", "engine/store/planted.py", "import pyqtgraph"),
    ("deciding-is-pure", "engine/core/planted.py", "import asyncio"),
    ("deciding-is-pure", "engine/domain/planted.py", "from time import monotonic"),
    ("deciding-is-pure", "engine/strategies/planted.py", "import random"),
    ("deciding-is-pure", "engine/messages/planted.py", "import logging"),
    ("deciding-is-pure", "engine/messages/planted.py", "from pathlib import Path"),
    ("deciding-is-pure", "engine/core/planted.py", "def late():\n    import os"),
    ("window-doors", "trader_gui/planted.py", "from engine.core import planted"),
    ("window-doors", "trader_gui/widgets/planted.py", "import engine.store"),
    ("window-doors", "trader_gui/planted.py", "import sqlalchemy"),
    ("one-door-database", "engine/runtime/planted.py", "from sqlalchemy import select"),
    ("one-door-database", "engine/cli/planted.py", "import sqlite3"),
    ("one-door-exchanges", "engine/runtime/planted.py", "import ccxt.pro"),
    ("one-door-exchanges", "engine/markets/exchange/planted.py", "import aiohttp"),
    ("one-door-messages", "trader_gui/planted.py", "import apprise"),
    ("one-door-charts", "trader_gui/widgets/planted.py", "import pyqtgraph as pg"),
    ("no-cycles", "trader_gui/theme/planted.py", "import trader_gui.widgets.looks"),
]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources to plant violations in."""
    copy = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def broken_contracts(house: Path) -> str:
    """What the linter says of the house; empty when every contract is kept."""
    run = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"],
        cwd=house,
        capture_output=True,
        text=True,
        timeout=200,
    )
    return "" if run.returncode == 0 else run.stdout + run.stderr


def contract_names() -> dict[str, str]:
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {c["id"]: c["name"] for c in settings["tool"]["importlinter"]["contracts"]}


def test_the_house_as_it_stands_keeps_every_contract(house: Path) -> None:
    assert broken_contracts(house) == ""


def test_every_contract_has_a_planted_violation() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == set(contract_names())


@pytest.mark.parametrize(("contract", "file", "line"), VIOLATIONS)
def test_a_planted_violation_is_caught(house: Path, contract: str, file: str, line: str) -> None:
    planted = house / file
    existed = planted.parent.exists()
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f'"""Planted."""\n\n{line}\n', "utf-8")
    if "engine.core import planted" in line:
        (house / "engine/core/planted.py").write_text('"""Planted."""\n', "utf-8")
    try:
        said = broken_contracts(house)
    finally:
        planted.unlink()
        (house / "engine/core/planted.py").unlink(missing_ok=True)
        if not existed:
            shutil.rmtree(planted.parent)
    # A name may be wrapped over two lines in the report.
    assert f"{contract_names()[contract]} BROKEN" in " ".join(said.split()), said


@pytest.mark.parametrize(
    "line",
    [
        "import time\n\nNOW = time.time()",
        "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)",
        "from PySide6.QtWidgets import QMessageBox\n\nQMessageBox.question(None, '', '')",
        "from qasync import asyncSlot\n\nprint(asyncSlot)",
        "try:\n    pass\nexcept Exception:\n    pass",
        "LATER = 1  # TODO: all of it",
    ],
)
def test_what_the_linter_bans_is_caught(tmp_path: Path, line: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "engine").mkdir()
    planted = tmp_path / "engine" / "planted.py"
    planted.write_text(f'"""Planted."""\n\n{line}\n', "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", str(planted)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert run.returncode == 1, run.stdout
    assert re.search(r"TID251|BLE001|S110|FIX002", run.stdout), run.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_short_and_named_for_what_they_are(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= MOST_LINES
    assert not FORBIDDEN_NAMES & set(path.stem.split("_"))
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a file says what it is for"
    for node in ast.walk(tree):
        if path.name == ENDS_WITH_THE_DESKTOP:
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in ("exec", "exec_", "processEvents"), (
                f"line {node.lineno}: a nested Qt loop starves the tasks"
            )


@pytest.mark.parametrize(
    "name",
    [
        *("requirements.txt", "requirements-dev.txt", "requirements-bench.txt"),
        *("requirements-notices.txt", "requirements-build.txt", "pyproject.toml"),
    ],
)
def test_the_pins_name_no_place_to_download_from(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index|--find)", text, re.M)


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-build.txt"]
)
def test_only_packages_whose_bytes_are_known_are_installed(name: str) -> None:
    pins = re.split(r"\n(?=\S)", (ROOT / name).read_text("utf-8").strip())
    assert len(pins) > 10
    for pin in pins:
        assert re.match(r"[a-z0-9.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", pin, re.S | re.I)
    assert '"--require-hashes"' in (ROOT / "run.py").read_text("utf-8")


LISTENS = re.compile(
    r"\.(bind|create_server|create_unix_server|start_server|start_unix_server|sock_accept)\("
    r"|\b(QTcpServer|QLocalServer|QWebSocketServer|QUdpSocket|QHttpServer|socketserver)\b"
    r"|\b(http\.server|HTTPServer|TCPSite|xmlrpc|grpc|connection(\.| import .*\b)Listener)\b"
)


@pytest.mark.parametrize(
    "line",
    [
        "await asyncio.start_server(answer, '127.0.0.1', 7777)",
        "from PySide6.QtNetwork import QLocalServer",
        "from multiprocessing.connection import Listener",
    ],
)
def test_a_door_to_the_program_is_found(line: str) -> None:
    assert LISTENS.search(line)


def test_no_program_of_this_computer_can_talk_to_it() -> None:
    """What does not listen needs no password. The one that does hears a single word, of this user
    alone (decision 0036)."""
    found = [path.name for path in SOURCES if LISTENS.search(path.read_text("utf-8"))]
    assert found == ["first_window.py"]


CARELESS_TESTS = """
import asyncio, logging, threading
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

KEPT = []

def test_warning():
    logging.getLogger("engine").warning("a gap of 3 candles")

@pytest.mark.expects_warnings
def test_warning_on_purpose():
    logging.getLogger("engine").warning("a gap of 3 candles")

def test_warning_looked_at(expected_warnings):
    logging.getLogger("engine").warning("a gap of 3 candles")
    assert len(expected_warnings) == 1

async def test_task():
    KEPT.append(asyncio.create_task(asyncio.sleep(60), name="forgotten"))

@pytest.mark.qt_loop
async def test_task_on_the_qt_loop():
    KEPT.append(asyncio.create_task(asyncio.sleep(60), name="forgotten"))

def test_timer(qapp):
    KEPT.append(QTimer())
    KEPT[-1].start(1000)

def test_widget(qapp):
    KEPT[-1].stop()
    KEPT.append(QWidget())
    KEPT[-1].show()

def test_thread():
    KEPT[-1].close()
    KEPT.append(threading.Event())
    threading.Thread(target=KEPT[-1].wait, name="forgotten").start()

def test_nothing_wrong():
    KEPT[-1].set()
"""


def test_the_nets_of_the_tests_catch_what_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "test_careless.py").write_text(CARELESS_TESTS, "utf-8")
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_careless.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    blamed = {
        (outcome, name)
        for outcome, name in re.findall(
            r"^(FAILED|ERROR) test_careless\.py::(\w+)", run.stdout, re.M
        )
    }
    assert blamed == {
        ("ERROR", "test_warning"),
        ("ERROR", "test_task"),
        ("ERROR", "test_task_on_the_qt_loop"),
        ("ERROR", "test_timer"),
        ("ERROR", "test_widget"),
        ("ERROR", "test_thread"),
    }, run.stdout
