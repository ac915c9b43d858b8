"""Why: what the strategy saw at the cursor, and the way of a decision through the rules."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.market import Market
from engine.domain.money import decimals
from engine.language import tr
from engine.messages.why import Chain, Saw, Why
from trader_gui import format as fmt
from trader_gui.pages.review.asked_when_seen import AskedWhenSeen
from trader_gui.pages.review.why_rows import WhyRows, rule_rows, saw_rows
from trader_gui.pages.scrolling import scrolling
from trader_gui.panels.rows import show_text
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, separator

_HEAD: Final = 26
"""Height of a part's title: all of one height, with a button in it or not."""
_NOTHING: Final = tr("It asked for nothing at this close.")


class WhyPanel(AskedWhenSeen):
    """`show_why` brings what is asked for. `jumped(at)` to the candle of the decision that is
    shown."""

    jumped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Why"), "", parent)
        self.last = TextButton(tr("Last decision"))
        self.last.setToolTip(tr("The last decision before the cursor, instead of the one chosen"))
        self.last.clicked.connect(lambda: self.choose(None))
        self.last.hide()
        self.head.row.addWidget(self.last)
        self.saw, self.way = SawPart(), WayPart()
        self.way.there.clicked.connect(self._jump)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.saw, 6)
        row.addWidget(separator(vertical=True))
        row.addWidget(self.way.rules_part, 7)
        row.addWidget(separator(vertical=True))
        row.addWidget(self.way, 7)
        self._stack.addWidget(body)
        self._why: Why | None = None
        self._event: int | None = None
        self._cursor = self._known = 0
        self._shown: tuple[int, int, int | None] | None = None

    def begin(self, market: Market) -> None:
        """Another session: nothing is known of it."""
        self._why, self._shown = None, None
        self.saw.price_decimals = decimals(market.price_step)
        self.choose(None)
        self._await(tr("Being asked again."), tr("The strategy and the rules, in a moment."))

    def show_why(self, why: Why) -> None:
        """What answers from now on."""
        self._why, self._shown = why, None
        self._show_content()
        self._show()

    def show_trouble(self, words: str) -> None:
        """Nothing can answer."""
        self._say(tr("This cannot be told."), words)

    def show_moment(self, cursor: int, known: int) -> None:
        """The cursor (UTC ms), and how many events are known by it."""
        self._cursor, self._known = cursor, known
        self._show()

    def choose(self, event: int | None) -> None:
        """Show the decision that an event of the log belongs to; None: the last before the
        cursor."""
        self._event = event
        self.last.setVisible(event is not None)
        self._show()

    @property
    def chain(self) -> Chain | None:
        """The decision that is shown."""
        return self.way.chain

    def _jump(self) -> None:
        if self.chain is not None:
            self.jumped.emit(self.chain.row_at)

    def _show(self) -> None:
        wish = self._cursor, self._known, self._event
        if self._why is None or not self.isVisible() or wish == self._shown:
            return
        self._shown = wish
        self.saw.show_saw(self._why.saw(self._cursor), self._why.trouble)
        event = self._event if self._event is not None and self._event < self._known else None
        self.way.show_chain(self._why.chain(event, self._known), fmt.clock(self._cursor)[:5])
        show_text(
            self.note, tr("The chosen decision") if event is not None else tr("The last decision")
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._shown = None


class SawPart(QWidget):
    """What the strategy saw at the last candle that had closed, and what it asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.price_decimals = 2
        self.when = label("", "small", "text3")
        self.rows = WhyRows(tr("Indicator"), tr("Before"), tr("Now"))
        self.asked = label("", "value")
        self.reason, self.trouble = label("", "hint"), label("", "hint", "warn")
        column = _column(self, tr("What the strategy saw"), self.when)
        for part in (self.rows, self.asked, self.reason, self.trouble):
            column.addWidget(part)
        for words in (self.asked, self.reason, self.trouble):
            words.setWordWrap(True)
        column.addStretch(1)

    def show_saw(self, saw: Saw | None, trouble: str) -> None:
        words = trouble or ("" if saw is not None else tr("No candle has closed yet."))
        show_text(self.trouble, words)
        self.trouble.setVisible(bool(words))
        for part in (self.rows, self.asked, self.reason):
            part.setVisible(saw is not None)
        if saw is None:
            show_text(self.when, "")
            return
        show_text(self.when, tr("close {time}", time=fmt.clock(saw.close_at)[:5]))
        self.rows.show_rows(saw_rows(saw.columns, self.price_decimals))
        names = tr(" and ").join(action.name for action in saw.asked)
        show_text(self.asked, tr("Asked for {actions}", actions=names) if names else _NOTHING)
        show_text(self.reason, saw.reason or (tr("It gave no reason.") if names else ""))
        self.reason.setVisible(bool(names))


class WayPart(QWidget):
    """A signal and what came of it; `rules_part` are the rules between the two, in the order in
    which they were asked."""

    def __init__(self) -> None:
        super().__init__()
        self.chain: Chain | None = None
        self.rules_part = QWidget()
        self.when = label("", "small", "text3")
        self.there = TextButton(tr("Go there"), look="ghost")
        self.there.setToolTip(tr("The candle at whose close it was decided"))
        self.signal, self.none = label("", "value"), label("", "hint")
        self.rules = WhyRows(tr("Rule"), tr("Limit"), tr("Found"))
        self.stopped, self.came = label("", "", "down"), label("")
        self.remark = label("", "hint")
        between = _column(self.rules_part, tr("Rules, as they were asked"))
        between.addWidget(self.rules)
        between.addWidget(self.remark)
        between.addStretch(1)
        column = _column(self, tr("Signal, and what came of it"), self.when, self.there)
        for part in (self.signal, self.stopped, self.came, self.none):
            column.addWidget(part)
        for words in (self.signal, self.stopped, self.came, self.remark, self.none):
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addStretch(1)

    def show_chain(self, chain: Chain | None, until: str) -> None:
        """None: there is no decision up to the moment `until`."""
        self.chain = chain
        show_text(self.none, tr("No signal was given up to {time}.", time=until))
        self.none.setVisible(chain is None)
        for part in (self.signal, self.rules, self.when, self.there):
            part.setVisible(chain is not None)
        stopped = (
            ""
            if chain is None or not chain.stopped
            else tr("Stopped: {reason}", reason=chain.stopped)
        )
        links = () if chain is None else chain.links
        for words, text in (
            (self.stopped, stopped),
            (self.came, "\n".join(f"{link.name}: {link.words}" for link in links)),
            (self.remark, "" if chain is None else chain.remark),
        ):
            show_text(words, text)
            words.setVisible(bool(text))
        if chain is not None:
            show_text(self.when, fmt.clock(chain.at)[:5])
            show_text(self.signal, chain.signal)
            self.rules.show_rows(rule_rows(chain.rules))
            self.rules.setVisible(bool(chain.rules))


def _column(part: QWidget, title: str, *corner: QWidget) -> QVBoxLayout:
    """A column under a title, with widgets at the right of it; scrolls where it is low."""
    body = frame("panel")
    column = QVBoxLayout(body)
    column.setContentsMargins(14, 10, 14, 10)
    column.setSpacing(5)
    head = QHBoxLayout()
    head.addStrut(theme().px(_HEAD))
    head.addWidget(label(title, "section"))
    head.addStretch(1)
    for widget in corner:
        head.addWidget(widget)
    column.addLayout(head)
    whole = QVBoxLayout(part)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.addWidget(scrolling(body, column))
    return column
