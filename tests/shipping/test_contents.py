"""What is packaged and what is not, without building anything."""

from __future__ import annotations

import ast
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from engine.core.ahead_of_time import FILE
from shipping import contents, folder, kernel, tarball
from shipping.contents import NEVER, belongs, library_of_python

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/translations/qt_de.qm",
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "pyarrow/include/arrow/api.h",
        "pyarrow/libarrow_flight.so.2600",
        "pyarrow\\_flight.pyd",
        "numpy/_core/tests/data/astype_copy.pkl",
        "talib/_ta_lib.c",
        "llvmlite/binding/libllvmlite.so",
        "libstdc++.so.6",
        "libX11.so.6",
        "libglib-2.0.so.0",
        "libxcb-shm.so.0",
        "libxkbcommon-x11.so.0",
        "ccxt-4.5.90.dist-info/RECORD",
    ],
)
def test_what_stays_out(place: str) -> None:
    assert not belongs(place)


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/iconengines/libqsvgicon.so",
        "PySide6/Qt/lib/libQt6Widgets.so.6",
        "libxcb-cursor.so.0",
        "libxcb-render-util.so.0",
        "libssl.so.3",
        "libsqlite3.so.0",
        "pyarrow/libarrow.so.2600",
        "pyarrow/libarrow_python.so.2600",
        "qtawesome/fonts/phosphor-1.3.0.ttf",
        "numba-0.68.1.dist-info/METADATA",
    ],
)
def test_what_goes_in(place: str) -> None:
    assert belongs(place)


def test_a_strategy_may_import_the_library_of_python() -> None:
    names = set(library_of_python())
    assert {"statistics", "decimal", "itertools", "json", "dataclasses", "sqlite3"} <= names
    assert not names & {"tkinter", "test", "idlelib", "_ctypes", "antigravity"}


def test_the_window_gets_what_it_imports_of_qt() -> None:
    asked = {
        match
        for path in (ROOT / "trader_gui").rglob("*.py")
        for match in re.findall(r"from (PySide6\.\w+) import", path.read_text("utf-8"))
    }
    assert "PySide6.QtNetwork" in asked
    assert not asked & set(NEVER)
    for module in asked:
        assert belongs(
            f"PySide6/Qt/lib/lib{module.removeprefix('PySide6.').replace('Qt', 'Qt6')}.so.6"
        )


def test_the_plan_names_files_that_are_there() -> None:
    plan = ast.parse((ROOT / "build.spec").read_text("utf-8"))
    words = [node.value for node in ast.walk(plan) if isinstance(node, ast.Constant)]
    named = {word for word in words if isinstance(word, str) and "/" in word and " " not in word}
    files = {word for word in named if "." in Path(word).name}
    assert len(files) >= 5
    for word in files:
        assert list(ROOT.glob(word)), word
    if not (ROOT / ".git").exists():
        pytest.skip("what lies beside the sources is asked of git, and this is no checkout")
    tracked = subprocess.run(
        ["git", "ls-files", *contents.SOURCES, "docs/guide", "resources"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for_packages = ("resources/installer/", "resources/licences/")
    made_from = (".py", ".po")  # catalogues are read as they are made from these
    beside = {name for name in tracked if not name.endswith(made_from)}
    beside -= {name for name in beside if name.startswith(for_packages)}
    shipped = {str(found.relative_to(ROOT)) for word in files for found in ROOT.glob(word)}
    assert beside <= shipped, "a file that lies beside the sources is not packaged"


def test_every_module_with_an_entry_is_compiled_ahead() -> None:
    found = {
        path.stem
        for path in (ROOT / "engine/core").glob("*.py")
        if "\n@entry(" in path.read_text("utf-8")
    }
    assert found == set(kernel.MODULES)


def test_nothing_imports_the_compiler_but_what_is_left_out() -> None:
    left_out = {name.replace(".", "/") + ".py" for name in NEVER if name.startswith("engine.")}
    asking = set()
    for room in contents.SOURCES:
        for path in (ROOT / room).rglob("*.py"):
            lines = path.read_text("utf-8").splitlines()
            if any(line.startswith(("import numba", "from numba")) for line in lines):
                asking.add(path.relative_to(ROOT).as_posix())
    assert asking == left_out


def test_a_finished_folder_tells_what_should_not_be_there(tmp_path: Path) -> None:
    inside = tmp_path / folder.INSIDE
    for place in ("numba/core.so", "engine/tests/a.py", "numpy/tests/b.py", "numpy/c.so"):
        (inside / place).parent.mkdir(parents=True, exist_ok=True)
        (inside / place).write_bytes(b"x" * 10)
    (tmp_path / "trader-gui").write_bytes(b"yy")
    (tmp_path / "trader-engine").hardlink_to(tmp_path / "trader-gui")
    assert folder.unwanted(tmp_path) == ["numba/core.so", "numpy/tests/b.py"]
    assert folder.size(tmp_path) == 42  # a second name takes no room
    assert folder.largest(tmp_path, 1) == [("numpy", 20)]


def test_byte_code_does_not_tell_where_and_when_it_was_made(tmp_path: Path) -> None:
    listings = []
    for name in ("here", "elsewhere/deeper"):
        made = tmp_path / name
        for room in contents.SOURCES:
            (made / folder.INSIDE / room).mkdir(parents=True)
            (made / folder.INSIDE / room / "a.py").write_text("def f(): return __file__\n")
        folder.compile_sources(made / folder.INSIDE)
        folder.settle(made, 1_700_000_000)
        listings.append(folder.listing(made))
    assert ".pyc" in listings[0]
    assert listings[0] == listings[1]


def test_an_order_that_differs_is_no_difference(tmp_path: Path) -> None:
    made = []
    for names in ("ab", "ba"):
        place = tmp_path / f"{names}.zip"
        with zipfile.ZipFile(place, "w") as archive:
            for name in names:
                archive.writestr(zipfile.ZipInfo(name), name * 3)
        folder.sort_library(place)
        made.append(place.read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "ab.zip") as archive:
        assert archive.read("b") == b"bbb"


def test_a_tarball_is_the_same_each_time(tmp_path: Path) -> None:
    built = tmp_path / "trader-gui"
    built.mkdir()
    (built / "trader-gui").write_bytes(b"program")
    (built / "trader-gui").chmod(0o700)
    (built / "trader-engine").hardlink_to(built / "trader-gui")
    first = tarball.make_tarball(built, tmp_path, 1_700_000_000).read_bytes()
    (built / "trader-gui").touch()
    assert tarball.make_tarball(built, tmp_path, 1_700_000_000).read_bytes() == first


def test_the_kernel_is_no_module() -> None:
    """A file named like a module would be imported in its place."""
    assert not (ROOT / "engine/core" / f"{FILE.split('.')[0]}.py").exists()
