"""The Debian package: the folder below /usr/lib, two commands, a menu entry and icons.

It has no script that runs on removal, so what a person has made in his own folder stays.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from engine import __version__
from shipping.folder import settle, size
from shipping.icons import SIZES
from shipping.needed import depends
from shipping.versions import TITLES

ROOT: Final = Path(__file__).resolve().parent.parent
INSTALLER: Final = ROOT / "resources" / "installer"
PROGRAM: Final = "usr/lib/trader-gui"
DESKTOP: Final = "trader-gui.desktop"
METAINFO: Final = "org.trader-gui.trader-gui.metainfo.xml"

_CONTROL: Final = """\
Package: trader-gui
Version: {version}
Section: misc
Priority: optional
Architecture: {architecture}
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: fonts-inter
Maintainer: The trader-gui authors <authors@trader-gui.invalid>
Description: run, watch and review trading bots for crypto markets
 A desktop program in which an individual trader lets bots trade on simulated,
 recorded and live-priced markets with play money, and can ask at any moment,
 and for any past moment, what each bot does, why, and why not.
 .
 The command trader-engine does the same without a window.
"""


def make_deb(folder: Path, icons: Path, into: Path, epoch_s: int, *, lightly: bool = False) -> Path:
    """The package of the built `folder`; `icons` has the pictures. Packed `lightly` to be tried."""
    architecture = asked("dpkg", "--print-architecture")
    tree = into / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    lay_out(folder, icons, tree)
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text(
        _CONTROL.format(
            version=__version__,
            architecture=architecture,
            kilobytes=size(tree) // 1024,
            depends=depends(folder),
        ),
        "utf-8",
    )
    settle(tree, epoch_s)
    package = into / f"trader-gui_{__version__}_{architecture}.deb"
    tightly = ["-Zxz", "-z1"] if lightly else ["-Zxz", "-z6"]
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", *tightly, "--build", str(tree), str(package)],
        env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch_s)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    shutil.rmtree(tree)
    return package


def lay_out(folder: Path, icons: Path, tree: Path) -> None:
    """What is installed, below `tree`. Files are linked, not copied, where that is possible."""
    shutil.copytree(folder, tree / PROGRAM, symlinks=True, copy_function=_link)
    commands = tree / "usr/bin"
    commands.mkdir(parents=True)
    for name in TITLES:
        (commands / name).symlink_to(f"../lib/trader-gui/{name}")
    share = tree / "usr/share"
    _put(INSTALLER / DESKTOP, share / "applications")
    _put(INSTALLER / METAINFO, share / "metainfo")
    _put(ROOT / "resources/icon.svg", share / "icons/hicolor/scalable/apps", "trader-gui.svg")
    for side in SIZES:
        place = share / f"icons/hicolor/{side}x{side}/apps"
        _put(icons / f"icon-{side}.png", place, "trader-gui.png")
    papers = share / "doc/trader-gui"
    _put(ROOT / "LICENSE", papers, "copyright")
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    (papers / "changelog.gz").write_bytes(gzip.compress(changes, 9, mtime=0))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system
        shutil.copy2(source, target, follow_symlinks=False)


def _put(source: Path, place: Path, name: str = "") -> None:
    place.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place / (name or source.name))


def asked(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
