"""How a widget tells the style sheet what it is, and labels that show text as it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from trader_gui.widgets.plain_tip import plain_tip, wrapped_tip
from trader_gui.widgets.steady_label import SteadyLabel


def set_look(widget: QWidget, look: str) -> None:
    """Give ``widget`` one of the looks listed at the head of ``style.qss``."""
    _set(widget, "look", look)


def set_tone(widget: QWidget, tone: str) -> None:
    """Colour of a label beyond its look: up, down, warn, text1 to text3, accent, or empty."""
    if isinstance(widget, SteadyLabel):
        widget.set_tone(tone)
    else:
        _set(widget, "tone", tone)


def set_hint(widget: QWidget, text: str) -> None:
    """The tooltip, shown as it is, set only where it differs: Qt tells of it each time."""
    tip = plain_tip(text)
    if widget.toolTip() != tip:
        widget.setToolTip(tip)


def set_tip(widget: QWidget, text: str) -> None:
    """A tooltip of a sentence or two, in lines that can be read; it holds for all inside, too."""
    tip = wrapped_tip(text)
    if widget.toolTip() != tip:
        widget.setToolTip(tip)


def _set(widget: QWidget, name: str, value: str) -> None:
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def show_if(child: QWidget, wanted: bool) -> None:
    """Hide a child, or undo that. One that was never hidden is left alone: it appears with its
    parent, and showing it before would dress it, and all in it, once more than needed."""
    if not wanted:
        child.hide()
    elif child.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
        child.show()


def label(text: str = "", look: str = "", tone: str = "") -> QLabel:
    """A label that never reads its text as markup, whoever wrote it."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    if look:
        made.setProperty("look", look)
    if tone:
        made.setProperty("tone", tone)
    return made


def frame(look: str, parent: QWidget | None = None) -> QFrame:
    """A frame with a look and no border of its own."""
    made = QFrame(parent)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setProperty("look", look)
    return made


def separator(vertical: bool = False) -> QFrame:
    """A line of 1 px."""
    made = frame("line")
    if vertical:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made
