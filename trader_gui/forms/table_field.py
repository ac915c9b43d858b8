"""A labelled line for a short table, said in words below while it is typed."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.errors import InvalidSetting
from engine.language import tr
from trader_gui.forms.problem_words import refusal_of
from trader_gui.forms.table_spec import Rows, TableSpec
from trader_gui.widgets.field import LabelledField


class TableField(LabelledField):
    """Shows one `TableSpec`."""

    def __init__(self, spec: TableSpec, parent: QWidget | None = None) -> None:
        def wrong(text: str) -> str:
            return refusal_of(lambda: spec.read(text))

        tip = tr("{tip} For example {example}.", tip=spec.tip, example=spec.shown)
        super().__init__(spec.label, "", spec.hint, wrong, parent, tip=tip)
        self.spec = spec
        self.editor.setPlaceholderText(tr("off, or {example}", example=spec.shown))
        self.edited.connect(lambda text: self._say_rows())

    def value(self) -> Rows:
        """The rows that stand in the field; InvalidSetting if they cannot be read."""
        return self.spec.read(self.text)

    def set_value(self, rows: Rows) -> None:
        self.set_text(self.spec.text(rows))
        self._say_rows()

    def said(self, usual: object) -> str:
        """The field in a list of what is set; empty while it has no rows or unreadable ones."""
        try:
            rows = self.value()
        except InvalidSetting:
            return ""
        return self.spec.said(rows) if rows else ""

    def _say_rows(self) -> None:
        try:
            rows = self.value()
        except InvalidSetting:
            return  # what is wrong is said after the pause
        self.set_hint(self.spec.say(rows) if rows else self.spec.hint)
