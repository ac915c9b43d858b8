"""A data folder is closed to other users, also one that was open before."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine.runtime.private_files import narrow
from engine.runtime.secret_file import FILE_NAME

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


def modes(folder: Path) -> dict[str, int]:
    every = {path.name: path.stat().st_mode & 0o777 for path in folder.rglob("*")}
    return every | {".": folder.stat().st_mode & 0o777}


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "backups").mkdir(parents=True)
    for name in (
        *("trader.db", "trader.db-wal", "preferences.toml", "backups/trader-0001-x.db"),
        f"{FILE_NAME}.new",  # the draft of a program that was ended while it wrote
    ):
        (folder / name).write_text("")
        (folder / name).chmod(0o644)
    (folder / "backups").chmod(0o755)
    folder.chmod(0o777)
    return folder


def test_what_was_left_open_is_closed(open_folder: Path) -> None:
    narrow(open_folder)
    assert modes(open_folder) == {
        "trader.db": 0o600,
        "trader.db-wal": 0o600,
        "preferences.toml": 0o600,
        "secrets.json.new": 0o600,
        "trader-0001-x.db": 0o600,
        "backups": 0o700,
        ".": 0o700,
    }


def test_a_folder_with_other_things_keeps_them_as_they_are(open_folder: Path) -> None:
    (open_folder / "holiday.jpg").write_text("")
    (open_folder / "holiday.jpg").chmod(0o644)
    narrow(open_folder)
    now = modes(open_folder)
    assert now["."] == 0o777
    assert now["holiday.jpg"] == 0o644
    assert now["trader.db"] == 0o600


def test_links_are_not_followed(open_folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    elsewhere.chmod(0o755)
    (open_folder / "archive").symlink_to(elsewhere)
    (open_folder / "backups" / "link").symlink_to(elsewhere)
    narrow(open_folder)
    assert elsewhere.stat().st_mode & 0o777 == 0o755
