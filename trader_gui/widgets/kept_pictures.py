"""What is painted often and changes seldom, as pictures."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Set

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from trader_gui.theme.theme import theme


class KeptPictures:
    """One picture per key, painted anew when what it shows, its size or the theme changes."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[tuple[object, ...], QPixmap]] = {}

    def draw(
        self,
        painter: QPainter,
        area: QRectF,
        key: Hashable,
        shows: tuple[object, ...],
        paint: Callable[[QPainter, QRectF], None],
    ) -> None:
        """The picture of `key` at `area`; `paint` is called with an area of that size at 0, 0
        where `shows` differs from what the kept one does."""
        ratio, dressed = painter.device().devicePixelRatioF(), theme()
        wanted = (shows, dressed.tokens, dressed.scale, ratio, area.width(), area.height())
        kept = self._kept.get(key)
        if kept is None or kept[0] != wanted:
            kept = self._kept[key] = wanted, _picture(area, ratio, paint)
        painter.drawPixmap(area.topLeft(), kept[1])

    def keep_only(self, keys: Set[Hashable]) -> None:
        """Let go of the others: what they show is gone."""
        for key in self._kept.keys() - keys:
            del self._kept[key]

    def __len__(self) -> int:
        return len(self._kept)


def _picture(area: QRectF, ratio: float, paint: Callable[[QPainter, QRectF], None]) -> QPixmap:
    image = QPixmap((area.size() * ratio).toSize())
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint(painter, QRectF(0, 0, area.width(), area.height()))
    painter.end()
    return image
