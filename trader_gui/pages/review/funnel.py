"""The decision funnel: what became of the signals, up to the cursor or in the whole session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.language import tr
from engine.messages.doubt import BlockedPrice
from engine.messages.progress import Progress
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.models.funnel import Step, funnel_of
from trader_gui.models.reason_words import refusal_words
from trader_gui.pages.review.funnel_bars import CountBars, ExitsBar
from trader_gui.panels.rows import Section, show_text
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_hint, set_tip
from trader_gui.widgets.progress_strip import ProgressStrip
from trader_gui.widgets.segmented import SegmentedControl

_TITLES: Final = (tr("Decision funnel"), tr("Funnel"))
_NARROW: Final = 300
"""Below this width (pixels at 100 % text) the switch leaves room for one word."""


class FunnelBlock(Section):
    """Signals, one step down per rule that refused some, what was executed, and how it ended.

    `chosen(Step or None)`: a step was clicked, or clicked again. `price_asked()` and
    `cancel_asked()`: what the refused ones would have earned is worked out on demand.
    """

    chosen = Signal(object)
    price_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, *, beside_lists: bool = True, parent: QWidget | None = None) -> None:
        """Without lists beside it there is no cursor, and nothing to choose."""
        super().__init__(_TITLES[False], parent)
        self._bot: BotSnapshot | None = None
        self._end: BotSnapshot | None = None
        self._prices: dict[int, BlockedPrice] | None = None
        self.span = SegmentedControl(
            tr("Funnel"), (("cursor", tr("To here")), ("whole", tr("Whole")))
        )
        set_tip(self.span, tr("Count what happened up to the cursor, or in the whole session."))
        self.span.chosen.connect(lambda _: self._show())
        self.span.set_ground("panel")
        self.corner.hide()
        self.head_row.addWidget(self.span)
        self.span.setVisible(beside_lists)
        self.bars, self.exits = CountBars(beside_lists), ExitsBar(beside_lists)
        for part in (self.bars, self.exits):
            part.picked.connect(self._pick)
        self.adds, self.note = label(look="hint"), label(look="hint")
        self.ended = label(tr("Exits by reason"), "small", "text3")
        self.price = TextButton(tr("Price the blocked signals"))
        self.price.setToolTip(tr("What each rule's refused signals would have earned, taken alone"))
        self.price.clicked.connect(self.price_asked)
        self.progress = ProgressStrip(slim=True)
        self.progress.cancel_asked.connect(self.cancel_asked)
        for words in (self.adds, self.note):
            words.setWordWrap(True)
            words.hide()
        for widget in (self.bars, self.adds, self.ended, self.exits, self.note, self.progress):
            self.column.addWidget(widget)
        self.column.addWidget(self.price, alignment=Qt.AlignmentFlag.AlignLeft)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The long title must not keep it so wide that there is room for it.
        short = self.title.fontMetrics().horizontalAdvance(_TITLES[True])
        self.title.setMinimumWidth(short + 2)
        show_text(self.title, _TITLES[not self.span.isHidden() and self._is_narrow()])

    def _is_narrow(self) -> bool:
        long = self.title.fontMetrics().horizontalAdvance(_TITLES[False])
        around = self.column.contentsMargins()
        beside = self.span.sizeHint().width() + 2 * self.head_row.spacing()
        wanted = around.left() + long + beside + around.right()
        return self.width() < max(theme().px(_NARROW), wanted)

    def begin(self, end: BotSnapshot) -> None:
        """Another session, and its snapshot at the end: nothing is known of its refusals' worth."""
        self._end, self._bot = end, None
        self.span.set_value("cursor")
        self.show_chosen(None)
        self.forget_prices()

    def show_bot(self, bot: BotSnapshot) -> None:
        """The session at the cursor."""
        before, self._bot = self._bot, bot
        self.span.rename("cursor", tr("To {time}", time=fmt.clock(bot.now_at)[:5]))
        # Only what the refused would have earned by now changes without an event.
        if before is None or before.session is not bot.session or self._prices is not None:
            self._show()

    def show_chosen(self, step: Step | None) -> None:
        """Which step trades and log are filtered by."""
        for part in (self.bars, self.exits):
            part.show_chosen(step)

    def _pick(self, step: Step) -> None:
        self.chosen.emit(None if step == self.bars.chosen else step)

    def _show(self) -> None:
        bot = self._end if self.span.value == "whole" and self._end is not None else self._bot
        if bot is None:
            return
        funnel = funnel_of(bot, self._prices)
        self.bars.show_lines(funnel.lines)
        adds = ", ".join(
            f"{refusal_words(code)} {fmt.count(count)}" for code, count in funnel.adds.items()
        )
        show_text(self.adds, tr("Steps that add, refused too: {rules}", rules=adds))
        self.adds.setVisible(bool(adds))
        self.exits.show_exits(funnel.exits)
        self.exits.setVisible(bool(funnel.exits))
        self.ended.setVisible(bool(funnel.exits))
        offered = self._prices is None and self.progress.isHidden() and bool(bot.session.refusals)
        self.price.setVisible(offered)

    # ------------------------------------------------------------------ what they would have made

    def forget_prices(self) -> None:
        """Another session: nothing is known of it."""
        self._prices = None
        self.note.hide()
        self.progress.finish()

    def show_progress(self, progress: Progress | None) -> None:
        """Work has begun (None) or got on."""
        if progress is None:
            self.progress.start(tr("Pricing the blocked signals"))
            self.price.hide()
        else:
            self.progress.advance(progress.done, progress.total)

    def show_prices(self, prices: Sequence[BlockedPrice] | None) -> None:
        """The answer, or None when there is none."""
        self.progress.finish()
        self._prices = None if prices is None else {price.refusal: price for price in prices}
        if prices is not None:
            priced, count = sum(p.priced for p in prices), sum(p.count for p in prices)
            show_text(
                self.note,
                tr(
                    "{priced:,} of {count:,} refused ones priced, each alone",
                    priced=priced,
                    count=count,
                ),
            )
            set_hint(
                self.note,
                tr(
                    "Each is taken alone with the session's own exits, which may lie "
                    "after the cursor. Of a run of equal refusals the first counts."
                ),
            )
            self.note.show()
        self._show()
