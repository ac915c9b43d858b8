"""The trades of a session up to the cursor."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.market import Market
from engine.language import tr, trn
from engine.messages import histories as hs
from engine.messages.doubt import Doubt
from engine.messages.events import EVENT_WIDTH
from engine.messages.snapshot import BotSnapshot
from engine.messages.trade_ranges import TradeRanges
from engine.runtime.documents.whole_files import write_whole
from trader_gui import format as fmt
from trader_gui.models.table_model import TableModel
from trader_gui.models.table_view import TableView
from trader_gui.models.trade_ranges import RangeScale
from trader_gui.models.trade_rows import TradeRows, trade_columns, trade_rows
from trader_gui.pages.review.choice_chip import ChoiceChip
from trader_gui.panels.rows import Header
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.looks import set_tip
from trader_gui.widgets.segmented import SegmentedControl
from trader_gui.widgets.steady_label import SteadyLabel

_ONE: Final = Decimal(1)
_NO_TRADES: Final = TradeRows(
    np.empty((0, hs.TRADE_WIDTH), np.int64), Market("", _ONE, _ONE, _ONE), 0
)


class TradesPanel(QWidget):
    """`jumped(at)` with a moment of the row that was clicked, `opened(place)` of one in the model's
    rows on double click or Enter, `chosen(T_NO)` of the one that was clicked."""

    jumped = Signal(object)
    opened = Signal(int)
    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = TableModel(
            trade_columns(), _NO_TRADES, lambda rows: rows.numbers, self, TradeRows.alike
        )
        self.table = TableView(self.model, tr("Trades"))
        self.table.sort_by("number", descending=True)
        self.table.clicked.connect(lambda index: self._tell(index.row()))
        self.table.opened.connect(lambda number: self.opened.emit(number - 1))
        self.head = Header(tr("Trades"))
        self._count = SteadyLabel("", "label", "text3")
        self._count.set_ground("panel")
        self.which = SegmentedControl(
            tr("Which trades"),
            (
                ("all", tr("All")),
                ("wins", tr("Wins")),
                ("losses", tr("Losses")),
                ("doubt", tr("In doubt")),
            ),
        )
        set_tip(
            self.which, tr("In doubt: another way of the price inside a bar changes the result.")
        )
        self.which.chosen.connect(lambda _: self._filter())
        self.chip = ChoiceChip()
        self._only: IntColumn | None = None
        self._doubtful: IntColumn = _NO_TRADES.doubtful
        self._still_open = 0
        """T_NO of the trade that is open at the cursor and ends later, 0 for none."""
        self._log: IntMatrix = np.empty((0, EVENT_WIDTH), np.int64)
        """The events up to the cursor."""
        self.head.row.addSpacing(6)
        self.head.row.addWidget(self._count)
        self.head.row.addWidget(self.chip, alignment=Qt.AlignmentFlag.AlignVCenter)
        self.head.row.addStretch(1)
        self.head.row.addWidget(self.which, alignment=Qt.AlignmentFlag.AlignVCenter)
        self._none = EmptyState(
            tr("No trades yet."), tr("Move the cursor on to see the first one.")
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._none)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self._stack, 1)
        self.begin()

    def begin(self) -> None:
        """Another session: no trade of the one before stays, nor what was chosen of them."""
        self.which.set_value("all")
        self.which.refuse("doubt", tr("What is in doubt is being worked out"))
        self.model.set_rows(_NO_TRADES)
        self._doubtful, self._still_open = _NO_TRADES.doubtful, 0
        self._only = None
        self.chip.show_choice("")
        self.model.set_filter(None)

    def show_bot(self, bot: BotSnapshot, total: int, is_total_told: bool = True) -> None:
        """The trades known at this snapshot; `total` closed ones in the whole session, of which
        nothing is said where the future is hidden."""
        self._log = bot.session.log.rows
        closed = len(bot.session.trades)
        self._still_open = bot.session.trade if closed < total else 0
        ranges = self.model.rows.ranges
        self.model.set_rows(replace(trade_rows(bot), doubtful=self._in_doubt, ranges=ranges))
        time = fmt.clock(bot.now_at)[:5]
        self._count.setText(
            tr("{closed:,} of {total:,}, up to {time}", closed=closed, total=total, time=time)
            if is_total_told
            else tr("{closed:,} up to {time}", closed=closed, time=time)
        )
        self._settle()

    def show_doubt(self, doubt: Doubt) -> None:
        """Mark the trades whose exit another path inside a bar would change."""
        self.which.refuse(
            "doubt", "" if doubt.trades else tr("No exit depends on the path in a bar")
        )
        self._doubtful = doubt.doubtful
        self.model.set_rows(replace(self.model.rows, doubtful=self._in_doubt))
        self._settle()

    @property
    def _in_doubt(self) -> IntColumn:
        """Trades whose exit is known at the cursor, or that are open to the end."""
        known: IntColumn = self._doubtful[self._doubtful != self._still_open]
        return known

    def show_ranges(self, ranges: TradeRanges) -> None:
        """How far each trade was ahead and behind."""
        self.model.set_rows(replace(self.model.rows, ranges=RangeScale(ranges)))

    def select(self, number: int) -> None:
        """Mark the trade with this T_NO."""
        found = np.flatnonzero(self.model.rows.table[:, hs.T_NO] == number)
        if len(found):
            self.table.pick(int(found[0]) + 1)

    def export_to(self, path: Path) -> int:
        """Write the shown trades as CSV, in their order; returns how many. Raises a Fault with
        words."""
        # It brings the figures along, which a window that is opening does not wait for.
        from engine.runtime.documents.trades_csv import csv_of_log

        places = [
            key - 1 for row in range(self.model.rowCount()) if (key := self.model.key_at(row))
        ]
        numbers = self.model.rows.table[places, hs.T_NO].tolist() if places else []
        scale = self.model.rows.market.scale
        write_whole(path, csv_of_log(self._log, scale, numbers))
        return len(numbers)

    def set_choice(self, words: str, numbers: IntColumn | None) -> None:
        """Only trades with these T_NO, besides what is chosen at the right; None for all. `words`
        say it."""
        self._only = numbers
        self.chip.show_choice(words)
        self._filter()

    def _filter(self) -> None:
        which, only = self.which.value, self._only
        if only is None:
            self.model.set_filter(None if which == "all" else lambda rows: rows.matching(which))
        else:
            self.model.set_filter(
                lambda rows: rows.matching(which) & np.isin(rows.table[:, hs.T_NO], only)
            )
        self._settle()

    def _settle(self) -> None:
        if len(self.model.rows):
            self._none.say(tr("No trade fits."), tr("The filter above leaves none of them."))
        else:
            self._none.say(tr("No trades yet."), tr("Move the cursor on to see the first one."))
        self._stack.setCurrentIndex(0 if self.model.rowCount() else 1)

    def _tell(self, row: int) -> None:
        number = self.model.key_at(row)
        if number is not None:
            self.jumped.emit(self._moment(number - 1))
            self.chosen.emit(int(self.model.rows.table[number - 1, hs.T_NO]))

    def _moment(self, source: int) -> int:
        table = self.model.rows.table
        return int(table[source, hs.T_EXIT_AT]) or int(table[source, hs.T_ENTRY_AT])


def written_words(count: int, path: Path) -> str:
    """What an export came to."""
    return trn(
        "{count:,} trade written to {file}.",
        "{count:,} trades written to {file}.",
        count,
        file=path.name,
    )
