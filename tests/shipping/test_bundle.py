"""What Trader.app is made of, planned here on any system from a folder as macOS would make it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from shipping import bundle, folder, freeze, versions
from shipping.licences import FOLDER as LICENCES
from shipping.sbom import FILE as SBOM

CODE = b"\xcf\xfa\xed\xfe code"
KERNEL = "engine/core/libkernel.dylib"


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    built = tmp_path / "trader-gui"
    inside = built / folder.INSIDE
    for place, content in {
        built / "trader-gui": CODE,
        built / LICENCES / "README.txt": b"whose",
        built / SBOM: b"{}",
        inside / KERNEL: CODE,
        inside / "engine/core/loop.py": b"pass",
        inside / "engine/core/__pycache__/loop.cpython-311.pyc": b"byte code",
        inside / "numpy/universal.so": b"\xca\xfe\xba\xbe code",
    }.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (built / "trader-engine").hardlink_to(built / "trader-gui")
    (inside / "QtCore").symlink_to("PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore")
    (built / folder.LISTING).write_text(folder.listing(built), "utf-8")
    return built


def test_the_bundle_has_what_is_added_after_freezing(finished: Path) -> None:
    kinds = {place: kind for place, _, kind in bundle.plan(finished)}
    assert kinds == {
        "trader-gui": "EXECUTABLE",
        "trader-engine": "EXECUTABLE",
        KERNEL: "BINARY",
        "numpy/universal.so": "BINARY",
        "engine/core/loop.py": "DATA",
        "engine/core/__pycache__/loop.cpython-311.pyc": "DATA",
        f"{LICENCES}/README.txt": "DATA",
        SBOM: "DATA",
        "QtCore": "SYMLINK",
    }


def test_each_place_says_where_its_file_lies(finished: Path) -> None:
    files = {place: file for place, file, _ in bundle.plan(finished)}
    assert files.pop("QtCore") == "PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore"
    for place, file in files.items():
        assert Path(file).is_file(), place
        assert file.endswith(place)


def test_the_window_is_what_opens() -> None:
    """PyInstaller would take the first program by name, and hide it from the Dock."""
    note = versions.macos_note("1.2.3")
    assert note["CFBundleExecutable"] == "trader-gui"
    assert note["LSBackgroundOnly"] is False


def test_the_bundle_is_planned_from_the_folder_alone() -> None:
    bundled, frozen = (
        {
            node.func.id
            for node in ast.walk(ast.parse((freeze.ROOT / name).read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        for name in ("bundle.spec", "build.spec")
    )
    assert "plan" in bundled
    assert "Analysis" not in bundled
    assert "BUNDLE" not in frozen
