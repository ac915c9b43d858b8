"""A labelled choice out of a few, all visible."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from trader_gui.forms.choice_spec import ChoiceSpec
from trader_gui.widgets.field import CaptionedField
from trader_gui.widgets.segmented import SegmentedControl


class ChoiceField(CaptionedField):
    """Shows one `ChoiceSpec`; the hint tells what the chosen one means."""

    def __init__(self, spec: ChoiceSpec, parent: QWidget | None = None) -> None:
        control = SegmentedControl(spec.label, [(key, name) for key, name, _ in spec.options])
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(control)
        row.addStretch(1)
        super().__init__(spec.label, line, spec.hint(control.value), parent, tip=spec.tip)
        self.spec, self.control = spec, control
        self.control.chosen.connect(self._choose)

    def value(self) -> str:
        return self.control.value

    def set_value(self, key: str) -> None:
        self.control.set_value(key)
        self.set_problem("")
        self.set_hint(self.spec.hint(key))

    def said(self, usual: object) -> str:
        """The field in a list of what is set; empty while the usual one is chosen."""
        return "" if self.value() == usual else self.spec.said(self.value())

    def _choose(self, key: str) -> None:
        self.set_value(key)
        self.edited.emit(key)
