"""A number field that can be swept: a button puts From, To and Step in the number's place."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.errors import InvalidSetting
from engine.language import tr
from trader_gui.forms.number_field import NumberField
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.forms.problem_words import refusal_of
from trader_gui.forms.swept_steps import SweptSteps, steps_around
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import IconButton
from trader_gui.widgets.looks import label, set_hint


class SweepField(NumberField):
    """`sweep_toggled()` by the person. While it is swept, `value` is the first of its values."""

    sweep_toggled = Signal()

    def __init__(self, spec: NumberSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self.names = label(tr("From, to and step"), "caption")
        self.button = IconButton("grid-four", "", look="tiny")
        self.button.setCheckable(True)
        self.button.clicked.connect(self._toggle)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        column.removeWidget(self._caption)
        head.addWidget(self._caption, 1)
        head.addWidget(self.names)
        head.addWidget(self.button)
        column.insertLayout(0, head)
        self.names.hide()
        self._name_button()
        self._restyle()
        theme().changed.connect(self._restyle)

    @cached_property
    def steps(self) -> SweptSteps:
        """Made when it is first wanted: most fields are never swept."""
        steps = SweptSteps(self.spec)
        steps.typed.connect(self._steps_typed)
        steps.left.connect(self.check_now)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(2, steps)
        return steps

    @property
    def swept(self) -> bool:
        return self.button.isChecked()

    def swept_values(self) -> tuple[Decimal, ...]:
        """What it takes in a sweep; InvalidSetting if that cannot be read."""
        return self.steps.values()

    def value(self) -> Decimal | None:
        return self.steps.values()[0] if self.swept else super().value()

    def said(self, usual: object) -> str:
        return tr("{label} swept", label=self.spec.label) if self.swept else super().said(usual)

    def set_value(self, value: Decimal | int | None) -> None:
        """One number: it is swept no longer."""
        super().set_value(value)
        if self.swept:
            self.button.setChecked(False)
            self._show_swept()
            self.sweep_toggled.emit()

    def set_swept(self, first: Decimal, last: Decimal, step: Decimal) -> None:
        """Sweep it, from the program."""
        self.button.setChecked(True)
        one, other, each = (self.spec.text(number) for number in (first, last, step))
        self.steps.set_texts((one, other, each))
        self._show_swept()
        self.sweep_toggled.emit()

    def check_now(self) -> bool:
        if not self.swept:
            return super().check_now()
        self._pause.stop()
        self._show(refusal_of(self.steps.values) or self._found)
        return not self._problem

    def _toggle(self) -> None:
        if self.swept:
            try:
                value = super().value()
            except InvalidSetting:
                value = None
            self.steps.set_texts(steps_around(self.spec, value))
        self._show_swept()
        self.sweep_toggled.emit()
        self.edited.emit(self.text)

    def _steps_typed(self, text: str) -> None:
        self._found = ""
        self._pause.start()
        self.edited.emit(text)

    def _show_swept(self) -> None:
        self.editor.setVisible(not self.swept)
        for part in (self.steps, self.names):
            part.setVisible(self.swept)
        self._name_button()
        self.check_now()

    def _name_button(self) -> None:
        words = (
            tr("One value of {label}", label=self.spec.label)
            if self.swept
            else tr("Sweep {label}", label=self.spec.label)
        )
        set_hint(self.button, words)
        self.button.setAccessibleName(words)

    def _restyle(self) -> None:
        side = theme().px(18)
        self.button.setFixedSize(QSize(side + 4, side))
        self.button.setIconSize(QSize(side - 5, side - 5))
