"""A splitter that keeps the sizes a person gave it, per window class, over restarts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QWidget

from trader_gui.settings.preferences import Preferences

Usual = Callable[[int], tuple[str, list[int]]]
"""Pixels along the splitter -> (name of the layout, usual sizes); the part with 0 takes the rest.

The name is the key in the preferences, so a narrow window keeps sizes of its own.
"""


class KeptSplitter(QSplitter):
    """All parts but one have a fixed size; the one that is left takes what remains.

    A part is made within it, which takes it in: all that the part is made of has its place at once,
    and is not dressed again with each new parent.
    """

    def __init__(
        self,
        orientation: Qt.Orientation,
        usual: Usual,
        preferences: Preferences | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(orientation, parent)
        self._usual, self._preferences = usual, preferences
        self._chosen: dict[str, list[int]] = {}
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self.splitterMoved.connect(lambda place, handle: self._remember())

    @property
    def _parts(self) -> list[QWidget]:
        parts = (self.widget(place) for place in range(self.count()))
        return [part for part in parts if part is not None]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.lay_out()

    def showEvent(self, event: QShowEvent) -> None:
        self.take_in()
        super().showEvent(event)
        self.lay_out()

    def take_in(self) -> None:
        """From here on the parts are laid out, also before the splitter itself is seen."""
        for part in self._parts:
            if not part.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
                part.show()

    def lay_out(self) -> None:
        """Give every part the size that was chosen for this window class, else its usual one."""
        name, usual = self._usual(self._length)
        sizes = self._kept(name, len(usual)) or list(usual)
        rest = usual.index(0)
        sizes[rest] = 0
        sizes[rest] = max(1, self._length - sum(sizes) - self.count() + 1)
        if sizes != self.sizes():  # all in it would be laid out again
            self.setSizes(sizes)

    @property
    def _length(self) -> int:
        return self.width() if self.orientation() == Qt.Orientation.Horizontal else self.height()

    def _kept(self, name: str, count: int) -> list[int] | None:
        kept = self._chosen.get(name)
        if kept is None and self._preferences is not None:
            kept = self._preferences.layout(name)
        return list(kept) if kept and len(kept) == count else None

    def _remember(self) -> None:
        if any(part.isHidden() for part in self._parts):
            return  # a maximised chart says nothing about the others' sizes
        name, usual = self._usual(self._length)
        sizes = self.sizes()
        sizes[usual.index(0)] = 0
        self._chosen[name] = sizes
        if self._preferences is not None:
            self._preferences.set_layout(name, sizes)
