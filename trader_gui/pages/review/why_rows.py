"""Rows of the Why tab: an indicator with its value and the one before, a rule with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.language import trc
from engine.messages.value_words import word
from engine.messages.why import RuleAnswer, SawColumn, Verdict
from trader_gui import format as fmt
from trader_gui.models.reason_words import refusal_words
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.painting import draw_icon, draw_text, text_width

_OWN_DECIMALS: Final = 2
"""Digits of an indicator that does not share the price's scale."""
_MARKS: Final = {
    Verdict.PASSED: ("check-circle-fill", "up"),
    Verdict.REFUSED: ("x-circle-fill", "down"),
    Verdict.NOT_ASKED: ("circle-dashed", "text3"),
}
_LEAST_NAME: Final = 0.28
"""Of the width, what names keep however long the numbers are."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is painted: an icon with its tone or none, a name, two numbers, their tones."""

    name: str
    first: str
    second: str
    mark: tuple[str, str] | None = None
    tone: str = "text1"


def saw_rows(columns: Sequence[SawColumn], price_decimals: int) -> tuple[Row, ...]:
    """Indicators: the value before, and the one at the candle."""

    def shown(value: float | None, decimals: int) -> str:
        return fmt.UNKNOWN if value is None else fmt.number(value, decimals)

    rows = []
    for one in columns:
        decimals = price_decimals if one.on_price else _OWN_DECIMALS
        moved = None if one.value is None or one.before is None else one.value - one.before
        mark = None
        if moved:
            mark = ("arrow-up", "up") if moved > 0 else ("arrow-down", "down")
        rows.append(Row(one.name, shown(one.before, decimals), shown(one.value, decimals), mark))
    return tuple(rows)


def rule_rows(rules: Sequence[RuleAnswer]) -> tuple[Row, ...]:
    """Rules: their limit, and what was found."""
    rows = []
    for rule in rules:
        asked = rule.verdict is not Verdict.NOT_ASKED
        tone = {Verdict.PASSED: "text1", Verdict.REFUSED: "down"}.get(rule.verdict, "text3")
        found = rule.found or (word(rule.verdict.value) if rule.verdict is Verdict.PASSED else "")
        if rule.verdict is Verdict.REFUSED:
            found = rule.found or trc("rule", "no")
        rows.append(
            Row(
                refusal_words(rule.rule),
                rule.limit if asked else "",
                found if asked else word(rule.verdict.value),
                _MARKS[rule.verdict],
                tone,
            )
        )
    return tuple(rows)


class WhyRows(QWidget):
    """A small table that is read, not used: its titles, then its rows."""

    def __init__(self, name: str, first: str, second: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._titles = name, Row(name, first, second, tone="text3")
        self.rows: tuple[Row, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        if rows == self.rows:
            return
        taller = len(rows) != len(self.rows)
        self.rows = rows
        said = (f"{row.name} {row.first} {row.second}".strip() for row in rows)
        self.setAccessibleName(f"{self._name}: {'; '.join(said)}")
        if taller:
            self.updateGeometry()
        self.update()

    def _row(self) -> int:
        return theme().row_height(22)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(240), (len(self.rows) + 1) * self._row())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(180), self.sizeHint().height())

    def _ends(self) -> tuple[float, float]:
        """Where the names end, and the first numbers: numbers are whole, names get the rest."""
        wide = [
            max(
                text_width(getattr(self._titles, which), Role.SMALL),
                max((text_width(getattr(row, which), Role.VALUE) for row in self.rows), default=0),
            )
            + theme().px(10)
            for which in ("first", "second")
        ]
        second = self.width() - wide[1]
        first = second - wide[0]
        least = self.width() * _LEAST_NAME
        return max(first, least), max(second, least)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, height = QPainter(self), self._row()
        left = theme().px(20)
        ends = self._ends()
        for place, row in enumerate((self._titles, *self.rows)):
            area = QRectF(0, place * height, self.width(), height)
            head = place == 0
            if row.mark is not None:
                spot = QRectF(0, area.top(), theme().px(16), height)
                draw_icon(painter, spot, *row.mark)
            role = Role.SMALL if head else Role.BODY
            upto = ends[0] if row.first else ends[1] if row.second else self.width()
            name = QRectF(left, area.top(), upto - left - theme().px(4), height)
            quiet = row.tone if row.tone in ("text3", "down") else "text2"
            draw_text(painter, name, row.name, quiet, role)
            gap = theme().px(6)
            first = QRectF(ends[0], area.top(), max(0.0, ends[1] - ends[0] - gap), height)
            second = QRectF(ends[1], area.top(), self.width() - ends[1], height)
            value = Role.SMALL if head else Role.VALUE
            draw_text(painter, first, row.first, "text3" if head else "text2", value, right=True)
            draw_text(painter, second, row.second, row.tone, value, right=True)
        painter.setPen(Qt.PenStyle.NoPen)
