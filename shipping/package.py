"""Packages of the built folder, into dist. Called by `run.py package`.

    python -m shipping.package [--from FOLDER] [--quick]

On Linux a .tar.xz, and a .deb where the Debian tools are; for Windows and macOS see
resources/installer and docs/RELEASING.md.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Final

from shipping.deb import make_deb
from shipping.freeze import ROOT, epoch_of_commit
from shipping.tarball import make_tarball

MOST_BYTES: Final = 120_000_000


def main() -> int:
    parser = argparse.ArgumentParser("run.py package", description=__doc__.partition("\n")[0])
    parser.add_argument("--from", dest="into", type=Path, default=ROOT / "dist", metavar="FOLDER")
    parser.add_argument("--quick", action="store_true", help="a .deb alone, packed lightly")
    chosen = parser.parse_args()
    into, folder = chosen.into.absolute(), chosen.into.absolute() / "trader-gui"
    if not folder.is_dir():
        print(f"There is no {folder}: run `python3 run.py build` first.")
        return 1
    if sys.platform != "linux":
        print("The installer is made as docs/RELEASING.md says, from resources/installer.")
        return 0
    epoch_s = epoch_of_commit()
    packages = [] if chosen.quick else [make_tarball(folder, into, epoch_s)]
    if shutil.which("dpkg-deb"):
        packages.append(make_deb(folder, into / "work", into, epoch_s, lightly=chosen.quick))
    else:
        print("No .deb: the Debian tools (dpkg-deb) are not on this system.")
    for package in packages:
        print(f"{package}: {package.stat().st_size / 1e6:.0f} MB")
    large = [one for one in packages if one.stat().st_size > MOST_BYTES]
    if large and not chosen.quick:
        print(f"Larger than {MOST_BYTES / 1e6:.0f} MB: {', '.join(one.name for one in large)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
