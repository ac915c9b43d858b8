"""One line of text that shortens with an ellipsis instead of pushing its neighbours."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from trader_gui.widgets.plain_tip import wrapped_tip
from trader_gui.widgets.steady_label import SteadyLabel


class ElidedLabel(SteadyLabel):
    """What does not fit is in the tooltip and for screen readers."""

    spare = 0

    def __init__(self, text: str = "", look: str = "", parent: QWidget | None = None) -> None:
        super().__init__("", look, parent=parent)
        self.mode = Qt.TextElideMode.ElideRight
        self._whole = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(" ".join(text.split()))
        self._explain()

    def set_whole(self, whole: bool) -> None:
        """A figure is drawn whole or not at all: the beginning of a price is another price."""
        if whole != self._whole:
            self._whole = whole
            self._explain()
            self.update()

    def shown(self) -> str:
        """The text as drawn at the present width."""
        text, width = self.text(), self.contentsRect().width()
        if self._wanted() <= width:
            return text
        fitting = self.fontMetrics().elidedText(text, self.mode, width)
        return "" if self._whole and fitting != text else fitting

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._explain()

    def _explain(self) -> None:
        whole = self.text()
        tip = "" if self.shown() == whole else wrapped_tip(whole)
        if self.toolTip() != tip:
            self.setToolTip(tip)
