"""Pictures in few colours, so that those of the documentation are small files."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def with_few_colours(picture: QImage) -> QImage:
    """The same picture in 256 of its colours, a third of the bytes: the shades that are left out
    are the edges of letters, where nobody sees the difference."""
    wide = picture.convertToFormat(QImage.Format.Format_RGB32)
    size = wide.height(), wide.width()
    pixels = np.frombuffer(wide.constBits(), np.uint32).reshape(size) & 0xFFFFFF
    colours, place, often = np.unique(pixels, return_inverse=True, return_counts=True)
    kept, nearest = few_of(np.stack([colours >> shift & 0xFF for shift in (16, 8, 0)], 1), often)
    rows = np.ascontiguousarray(nearest.astype(np.uint8)[place].reshape(size))
    few = QImage(rows.tobytes(), size[1], size[0], size[1], QImage.Format.Format_Indexed8)
    few.setColorTable([0xFF000000 | int(colour) for colour in colours[kept]])
    return few.copy()  # its own bytes, not those of the array


def few_of(
    colours: NDArray[np.uint32], often: NDArray[np.intp], most: int = 256
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which rows of `colours` (n, 3) to keep, and for each row the place of its stand-in among
    them. The next one kept is always the one that is missed most: how often it is there, times
    the square of its distance to what stands for it. So a thin line keeps its colour."""
    parts = colours.astype(np.int64)
    kept = [int(often.argmax())]
    nearest = np.zeros(len(parts), np.intp)
    away = ((parts - parts[kept[0]]) ** 2).sum(1)
    while len(kept) < most and away.any():
        chosen = int((away * often).argmax())
        apart = ((parts - parts[chosen]) ** 2).sum(1)
        closer = apart < away
        nearest[closer], away[closer] = len(kept), apart[closer]
        kept.append(chosen)
    return np.array(kept, np.intp), nearest
