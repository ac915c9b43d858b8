"""The first start: three ways to begin, none of which needs an account, and the look of the
window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QIcon, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.domain.candle_report import FileReport
from engine.errors import Fault
from engine.language import tr
from trader_gui.door.bridge import Bridge
from trader_gui.forms.listing_words import KNOWN_EXCHANGES, exchange_options
from trader_gui.pages.first_run_art import HeatArt, MarketArt, PriceArt
from trader_gui.resources import ICON_FILE
from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_tone
from trader_gui.widgets.search_choice import SearchChoice
from trader_gui.widgets.segmented import SegmentedControl

_CARD = 340
_LEAST_CARD = 280
_BETWEEN = 20
_WAYS = 3
_FIRST = 100
"""The cards get their width before the margins get any."""
_LOOKS = (("dark", tr("Dark")), ("light", tr("Light")), ("system", tr("System")))


class FirstRunPage(QScrollArea):
    """Shown while there is no bot and no session."""

    simulation_asked = Signal()
    open_backtest = Signal(object)
    """Path of a candle file that was read and can be used."""
    live_asked = Signal(str)
    """Name of the exchange whose prices a bot is to trade."""
    own_bot_asked = Signal()
    look_chosen = Signal(str)

    def __init__(self, bridge: Bridge, look: str = "dark", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("look", "first-run")
        self.setProperty("help", "first-steps")
        self.dialog: QFileDialog | None = None
        self._build(look)
        theme().changed.connect(self._follow_look)

    def _build(self, look: str) -> None:
        self.simulate = ChoiceCard(
            MarketArt(),
            "cube",
            tr("Simulated market"),
            tr(
                "A generated market with trends, ranges and shocks. "
                "Sample bots start trading at once."
            ),
            (
                tr("Works offline"),
                tr("Same seed gives the same market"),
                tr("Run it up to 600 times faster"),
            ),
            TextButton(tr("Start the simulation"), look="primary"),
        )
        self.simulate.chosen.connect(self._start)
        self.exchange = SearchChoice(tr("Exchange"))
        self.exchange.setAccessibleName(tr("Exchange"))
        self.exchange.setProperty("extent", "large")
        self.exchange.set_options(exchange_options(KNOWN_EXCHANGES))
        self.exchange.set_value(KNOWN_EXCHANGES[0])
        self.live = ChoiceCard(
            PriceArt(),
            "broadcast",
            tr("Paper trade live prices"),
            tr(
                "Real prices from an exchange, simulated orders and balance. Nothing is "
                "bought or sold."
            ),
            (
                tr("Public prices only, no keys"),
                tr("Fees and steps of the real market"),
                tr("Slippage counts"),
            ),
            TextButton(tr("Connect prices")),
            self.exchange,
        )
        self.live.chosen.connect(lambda: self.live_asked.emit(self.exchange.value))
        self.file = ChoiceCard(
            HeatArt(),
            "flask",
            tr("Data file"),
            tr("Open candles from a CSV file, see what is in it, and test a strategy on them."),
            (
                tr("Works offline"),
                tr("Gaps and bad rows are reported"),
                tr("Step through every session again"),
            ),
            TextButton(tr("Open file..."), "folder-open"),
        )
        self.file.chosen.connect(self.choose_file)
        self.words = label("", "label")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.hide()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(0)
        column.addStretch(3)
        self._heading(column)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(self._middle(look), _FIRST)
        across.addStretch(1)
        column.addLayout(across)
        self._footing(column)
        column.addStretch(4)
        self.setWidget(body)

    @property
    def _cards(self) -> tuple[ChoiceCard, ...]:
        return self.simulate, self.live, self.file

    def _heading(self, column: QVBoxLayout) -> None:
        self._logo = QLabel()
        self._logo.setPixmap(QIcon(str(ICON_FILE)).pixmap(theme().px(44), theme().px(44)))
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(self._logo, alignment=middle)
        column.addSpacing(20)
        column.addWidget(label(tr("How do you want to start?"), "hero"), alignment=middle)
        column.addSpacing(8)
        words = label(tr("No account and no exchange keys are needed."), "choice-body")
        column.addWidget(words, alignment=middle)
        column.addSpacing(30)

    def _middle(self, look: str) -> QWidget:
        """The cards, what is said of them, and the look: as wide as three cards may be."""
        middle = QWidget()
        least, most = (_WAYS * theme().px(w) + 2 * _BETWEEN for w in (_LEAST_CARD, _CARD))
        middle.setMinimumWidth(least)
        middle.setMaximumWidth(most)
        cards = QHBoxLayout()
        cards.setSpacing(_BETWEEN)
        for card in self._cards:
            cards.addWidget(card, 1)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(26)
        column.addLayout(cards)
        column.addWidget(self.words)
        column.addWidget(self._look_row(look))
        return middle

    def _look_row(self, look: str) -> QFrame:
        frame = QFrame()
        frame.setProperty("look", "outline")
        row = QHBoxLayout(frame)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(12)
        row.addWidget(label(tr("Look"), "label"))
        self.look = SegmentedControl(tr("Look"), _LOOKS)
        self.look.set_value(look)
        self.look.chosen.connect(self.look_chosen)
        row.addWidget(self.look)
        row.addStretch(1)
        own = TextButton(tr("Set up a bot myself"), look="link")
        own.clicked.connect(self.own_bot_asked)
        row.addWidget(own)
        return frame

    def _footing(self, column: QVBoxLayout) -> None:
        column.addSpacing(20)
        words = label(
            tr("Everything stays on this computer: sessions in a local database."), "label"
        )
        column.addWidget(words, alignment=Qt.AlignmentFlag.AlignHCenter)

    # ------------------------------------------------------------------ simulated market

    def _start(self) -> None:
        self._busy(tr("Starting the simulated market..."))
        self.simulation_asked.emit()

    def _busy(self, words: str) -> None:
        for each in self._cards:
            each.setEnabled(False)
        self._say(words, "text2")

    def show_failure(self, fault: Fault) -> None:
        for each in self._cards:
            each.setEnabled(True)
        self._say(fault.words, "down")

    def _say(self, words: str, tone: str) -> None:
        self.words.setText(words)
        set_tone(self.words, tone)
        self.words.show()

    # ------------------------------------------------------------------ data file

    def choose_file(self) -> None:
        """Ask for a file without a nested loop; the answer comes later."""
        dialog = QFileDialog(self, tr("Open a candle file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Candles (*.csv *.txt)"), tr("All files (*)")])
        dialog.fileSelected.connect(self.read_file)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    def read_file(self, path: str) -> None:
        """Read the file, say what is in it, and go on to the Backtest page."""
        self._busy(tr("Reading {name}...", name=Path(path).name))
        self._bridge.ask_candle_file(Path(path), self._read, self.show_failure)

    def _read(self, report: FileReport) -> None:
        for each in self._cards:
            each.setEnabled(True)
        self._say(report.sentence, "text2")
        self.open_backtest.emit(Path(report.path))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.simulate.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow_look(self) -> None:
        self.look.set_value(theme().appearance.value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.simulate.button.click()
        else:
            super().keyPressEvent(event)


class ChoiceCard(QFrame):
    """A picture, what it is, what it offers, and one button (with a choice `beside` it); a click
    anywhere presses it."""

    chosen = Signal()

    def __init__(
        self,
        art: QWidget,
        icon_name: str,
        title: str,
        words: str,
        points: Sequence[str],
        button: TextButton,
        beside: QWidget | None = None,
    ) -> None:
        super().__init__()
        self.button = button
        self._icons: list[tuple[QLabel, str, str]] = []
        self.setProperty("look", "choice")
        self.setMaximumWidth(theme().px(_CARD))
        art.setFixedHeight(theme().px(148))
        text = QVBoxLayout()
        text.setContentsMargins(20, 18, 20, 20)
        text.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._picture(icon_name, "accent"))
        head.addWidget(label(title, "choice-title"), 1)
        text.addLayout(head)
        body = label(words, "choice-body")
        body.setWordWrap(True)
        text.addWidget(body)
        text.addSpacing(8)
        for point in points:
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addWidget(self._picture("check", "text3"))
            offered = label(point, "choice-body")
            offered.setWordWrap(True)
            line.addWidget(offered, 1)
            text.addLayout(line)
        text.addStretch(1)
        text.addSpacing(12)
        button.setProperty("extent", "large")
        button.clicked.connect(self.chosen)
        button.installEventFilter(self)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        if beside is not None:
            foot.addWidget(beside, 1)
        foot.addWidget(button, 1)
        text.addLayout(foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(art)
        column.addLayout(text)
        theme().changed.connect(self._dress)
        self._dress()

    def _picture(self, name: str, tone: str) -> QLabel:
        made = QLabel()
        made.setFixedWidth(theme().px(18))
        self._icons.append((made, name, tone))
        return made

    def _dress(self) -> None:
        side = theme().px(16)
        for where, name, tone in self._icons:
            where.setPixmap(icon(name, tone, tone).pixmap(side, side))

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._mark(event.type() == QEvent.Type.FocusIn)
        return False

    def _mark(self, focused: bool) -> None:
        self.setProperty("state", "focus" if focused else "")
        self.style().unpolish(self)
        self.style().polish(self)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self.isEnabled():
            self.button.setFocus(Qt.FocusReason.MouseFocusReason)
            self.button.click()
