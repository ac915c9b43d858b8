"""The program's icon in the formats that desktops want, drawn from resources/icon.svg.

python -m shipping.icons FOLDER      icon.ico, icon.icns and icon-16.png to icon-512.png
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import Final

SVG: Final = Path(__file__).resolve().parent.parent / "resources" / "icon.svg"
SIZES: Final = (16, 24, 32, 48, 64, 128, 256, 512)
_IN_ICO: Final = (16, 24, 32, 48, 64, 256)
_IN_ICNS: Final = {b"ic07": 128, b"ic08": 256, b"ic09": 512, b"ic11": 32, b"ic12": 64}


def make(folder: Path) -> None:
    """Draw them all. For a process of its own: Qt is told to need no display."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication([])
    drawing = QSvgRenderer(str(SVG))
    pictures: dict[int, bytes] = {}
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        drawing.render(painter)
        painter.end()
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]  # a device, not a name
        pictures[size] = bytes(content.data())
    application.quit()
    for size, picture in pictures.items():
        (folder / f"icon-{size}.png").write_bytes(picture)
    (folder / "icon.ico").write_bytes(ico({size: pictures[size] for size in _IN_ICO}))
    (folder / "icon.icns").write_bytes(
        icns({kind: pictures[size] for kind, size in _IN_ICNS.items()})
    )


def ico(pictures: dict[int, bytes]) -> bytes:
    """PNG pictures by their size as a Windows icon: a head, an entry each, the pictures."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    at, entries = len(head) + 16 * len(pictures), b""
    for size, picture in pictures.items():
        side = size % 256  # 256 is written as 0
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), at)
        at += len(picture)
    return head + entries + b"".join(pictures.values())


def icns(pictures: dict[bytes, bytes]) -> bytes:
    """PNG pictures by their kind as a macOS icon: each with its kind and length before it."""
    parts = [kind + struct.pack(">I", 8 + len(one)) + one for kind, one in pictures.items()]
    return b"icns" + struct.pack(">I", 8 + sum(map(len, parts))) + b"".join(parts)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
