"""Icons, licences, the bill of materials and the packages' texts, without building anything."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from importlib.metadata import distribution
from pathlib import Path

import pytest

from engine import __version__
from shipping import deb, licences, sbom, versions
from shipping.icons import icns, ico
from shipping.needed import newest_glibc

ROOT = Path(__file__).resolve().parents[2]
INSTALLER = ROOT / "resources" / "installer"


def test_the_icon_is_drawn_in_every_format(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "shipping.icons", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=200)
    for side in (16, 48, 512):
        picture = (tmp_path / f"icon-{side}.png").read_bytes()
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", picture[16:24]) == (side, side)
    windows = (tmp_path / "icon.ico").read_bytes()
    _, kind, count = struct.unpack("<HHH", windows[:6])
    assert (kind, count) == (1, 6)
    *_, length, at = struct.unpack("<BBBBHHII", windows[6 + 5 * 16 : 6 + 6 * 16])
    assert at + length == len(windows)
    assert windows[at : at + 4] == b"\x89PNG"
    macos = (tmp_path / "icon.icns").read_bytes()
    assert macos[:4] == b"icns"
    assert struct.unpack(">I", macos[4:8]) == (len(macos),)


def test_icons_say_where_each_picture_lies() -> None:
    assert ico({256: b"ab", 16: b"c"})[6 + 32 :] == b"abc"
    assert ico({256: b"ab"})[6:8] == b"\0\0"  # 256 does not fit into a byte
    assert icns({b"ic07": b"xyz"}) == b"icns\0\0\0\x13ic07\0\0\0\x0bxyz"


def test_every_installer_has_the_version_of_the_program() -> None:
    windows = (INSTALLER / "windows.iss").read_text("utf-8")
    assert re.findall(r'#define AppVersion "(.*)"', windows) == [__version__]
    macos = (INSTALLER / "macos.sh").read_text("utf-8")
    assert re.findall(r'^VERSION="(.*)"', macos, re.M) == [__version__]
    releases = ElementTree.parse(INSTALLER / deb.METAINFO).getroot().find("releases")
    assert releases is not None
    assert releases[0].attrib["version"] == __version__
    assert versions.macos_note(__version__)["CFBundleVersion"] == __version__
    numbers = ", ".join([*__version__.split("."), "0"])
    assert f"filevers=({numbers})" in versions.windows_note("trader-gui", __version__)


def test_the_windows_note_is_what_the_freezer_reads() -> None:
    """It evaluates the text with names of its own; here they only remember."""
    names = ("VSVersionInfo FixedFileInfo StringFileInfo StringTable StringStruct VarFileInfo "
             "VarStruct").split()  # fmt: skip
    said: list[tuple[object, ...]] = []

    def remember(*given: object, **named: object) -> object:
        said.append(given)
        return said

    note = versions.windows_note("trader-engine", __version__)
    eval(note, dict.fromkeys(names, remember))
    assert ("OriginalFilename", "trader-engine.exe") in said


def test_what_the_installers_take_is_there() -> None:
    windows = (INSTALLER / "windows.iss").read_text("utf-8")
    assert (ROOT / "LICENSE").is_file()
    assert r"LicenseFile={#Root}\LICENSE" in windows
    made = {r"{#Root}\dist\work\icon.ico", r"{#Built}\*"}  # by shipping/freeze.py
    assert set(re.findall(r"(?:SetupIconFile=|Source: \")([^\"\n]+)", windows)) == made
    assert "[UninstallDelete]" not in windows  # what a person has made stays
    macos = (INSTALLER / "macos.sh").read_text("utf-8")
    (entitlements,) = re.findall(r'^ENTITLEMENTS="(.*)"', macos, re.M)
    assert plistlib.loads((ROOT / entitlements).read_bytes())
    assert subprocess.run(["sh", "-n", str(INSTALLER / "macos.sh")], check=False).returncode == 0


def test_the_menu_entry_is_one() -> None:
    lines = (INSTALLER / deb.DESKTOP).read_text("utf-8").splitlines()
    assert lines[0] == "[Desktop Entry]"
    entry = dict(line.split("=", 1) for line in lines[1:])
    assert entry["Type"] == "Application"
    assert entry["Exec"] == "trader-gui"
    assert entry["Icon"] == "trader-gui"
    assert entry["Terminal"] == "false"
    for several in ("Categories", "Keywords"):
        assert entry[several].endswith(";")
    about = ElementTree.parse(INSTALLER / deb.METAINFO).getroot()
    assert about.findtext("launchable") == deb.DESKTOP
    assert about.findtext("id") == deb.METAINFO.removesuffix(".metainfo.xml")
    for wanted in ("name", "summary", "metadata_license", "project_license", "description"):
        assert about.find(wanted) is not None, wanted


def test_the_package_removes_nothing_by_a_script_of_its_own(tmp_path: Path) -> None:
    built, icons = tmp_path / "trader-gui", tmp_path
    built.mkdir()
    (built / "trader-gui").write_bytes(b"program")
    (built / "trader-engine").hardlink_to(built / "trader-gui")
    for side in deb.SIZES:
        (icons / f"icon-{side}.png").write_bytes(b"picture")
    deb.lay_out(built, icons, tmp_path / "tree")
    tree = tmp_path / "tree"
    assert not (tree / "DEBIAN").exists()
    for name in ("trader-gui", "trader-engine"):
        assert (tree / "usr/bin" / name).read_bytes() == b"program"
    assert (tree / "usr/share/icons/hicolor/48x48/apps/trader-gui.png").is_file()
    one, other = (tree / deb.PROGRAM / name for name in ("trader-gui", "trader-engine"))
    assert one.stat().st_ino == other.stat().st_ino


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs the Debian tools")
def test_the_package_does_not_tell_the_umask_of_its_builder(tmp_path: Path) -> None:
    made = [package_under(umask, tmp_path / f"{umask:o}") for umask in (0o022, 0o077)]
    listed = subprocess.run(
        ["dpkg-deb", "--contents", str(made[1])], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    modes = {line.split()[5]: line.split()[0] for line in listed}
    assert modes["./usr/lib/trader-gui/"] == "drwxr-xr-x"
    assert modes["./usr/lib/trader-gui/trader-gui"] == "-rwxr-xr-x"
    assert modes["./usr/share/doc/trader-gui/copyright"] == "-rw-r--r--"
    assert made[0].read_bytes() == made[1].read_bytes()


def package_under(umask: int, into: Path) -> Path:
    before = os.umask(umask)
    try:
        built = into / "trader-gui"
        built.mkdir(parents=True)
        (built / "trader-gui").write_bytes(b"program")
        (built / "trader-gui").chmod(0o777 & ~umask)
        for side in deb.SIZES:
            (into / f"icon-{side}.png").write_bytes(b"picture")
        return deb.make_deb(built, into, into, 1_700_000_000, lightly=True)
    finally:
        os.umask(before)


def test_no_library_comes_without_its_licence(tmp_path: Path) -> None:
    inside = [distribution(name) for name in ("PySide6-Essentials", "numpy", "ccxt")]
    licences.write_licences(tmp_path, inside, [])
    page = (tmp_path / "licences" / "README.txt").read_text("utf-8")
    for one in inside:
        texts = list((tmp_path / "licences" / f"{one.name.lower()}-{one.version}").iterdir())
        assert texts
        assert f"{one.name} {one.version}: " in page
    qt = tmp_path / "licences" / f"pyside6_essentials-{inside[0].version}"
    assert "LESSER GENERAL PUBLIC" in (qt / "LGPL-3.0.txt").read_text("utf-8")


def test_a_lock_says_which_versions_it_allows() -> None:
    lock = (ROOT / "requirements-build.txt").read_text("utf-8")
    found = sbom.pins(lock)
    assert len(found["numpy"]) == 2  # one for the oldest Python, one for the others
    assert sbom.normal("PySide6_Essentials") == "pyside6-essentials"
    assert found["pyside6-essentials"] == {distribution("PySide6-Essentials").version}


def test_what_is_packaged_is_what_was_tested() -> None:
    tested = sbom.pins((ROOT / "requirements.txt").read_text("utf-8"))
    packaged = sbom.pins((ROOT / "requirements-build.txt").read_text("utf-8"))
    assert {name: packaged[name] for name in tested} == tested


@pytest.mark.parametrize(
    ("words", "newest"),
    [("GLIBC_2.9\nGLIBC_2.34 GLIBC_PRIVATE", (2, 34)), ("", (2, 0))],
)
def test_the_newest_c_library_is_compared_as_numbers(words: str, newest: tuple[int, int]) -> None:
    assert newest_glibc(words) == newest
