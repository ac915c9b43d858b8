"""Everything that decides a backtest, as one form at the left of the page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.candles import MINUTE_MS
from engine.domain.sessions import SessionRecord
from engine.errors import InvalidSetting
from engine.messages.commands import RunBacktest
from trader_gui import format as fmt
from trader_gui.bridge import Bridge
from trader_gui.forms.candle_source import CandleSource
from trader_gui.forms.finer_files import FinerFiles
from trader_gui.forms.moments import read_moment, wrong_moment
from trader_gui.forms.problem_words import problem_line
from trader_gui.forms.strategy_form import StrategyForm
from trader_gui.forms.symbols import quote_of, wrong_symbol
from trader_gui.forms.trade_fields import WINDOW_DEFAULTS
from trader_gui.forms.trade_form import TradeForm
from trader_gui.forms.trade_sections import COSTS
from trader_gui.pages.scrolling import scrolling
from trader_gui.theme.theme import theme
from trader_gui.widgets.field import LabelledField
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, separator

_GUESSED_SYMBOL = "BTC/USDT"


class BacktestForm(QWidget):
    """`run_asked()` by the button. `command()` is what stands in the fields."""

    run_asked = Signal()
    source_changed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._running = self._symbol_stays = False
        self.source = CandleSource(bridge)
        self.source.changed.connect(self._source_changed)
        self.source.line.chosen.connect(lambda path: self._forget_symbol())
        self.finer = FinerFiles()
        self.finer.changed.connect(self.settle)
        self.symbol = LabelledField("Symbol", check=wrong_symbol)
        self.strategy = StrategyForm(bridge.strategies, 2)
        self.trade = TradeForm(2, WINDOW_DEFAULTS, self)
        self.from_at = LabelledField("From (UTC)", check=wrong_moment)
        self.to_at = LabelledField("Up to (UTC)", hint="Not included", check=wrong_moment)
        self.symbol.set_text(_GUESSED_SYMBOL)
        for field, words in ((self.from_at, "start of file"), (self.to_at, "end of file")):
            field.editor.setPlaceholderText(words)
        self._build()
        for field in (self.symbol, self.from_at, self.to_at):
            field.edited.connect(lambda text: self.settle())
        self.strategy.changed.connect(self.settle)
        self.trade.changed.connect(self.settle)
        self.settle()

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        body = frame("panel")
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(14, 12, 14, 12)
        self._column.setSpacing(10)
        self._section("Data", self.source, self.symbol, self.finer)
        self._section("", self.strategy)
        self._section("Range", self._range())
        for form in self.trade.sections.values():
            last = form.section is COSTS
            self._section(form.section.title, form, last=last)
        note = label(
            "Slippage starts at 0.02 % here, because market orders are not free. The command "
            "line starts at 0.",
            "hint",
        )
        note.setWordWrap(True)
        self._column.addWidget(note)
        self._column.addStretch(1)
        scroll = scrolling(body, self._column)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scroll, 1)
        column.addWidget(self._foot())
        self.setMinimumWidth(theme().px(280))

    def _section(self, title: str, *parts: QWidget, last: bool = False) -> None:
        if title:
            self._column.addWidget(label(title, "strong", "text2"))
        for part in parts:
            self._column.addWidget(part)
        if not last:
            self._column.addSpacing(2)
            self._column.addWidget(separator())
            self._column.addSpacing(2)

    def _range(self) -> QWidget:
        both = QWidget()
        grid = QGridLayout(both)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        top = Qt.AlignmentFlag.AlignTop
        for place, field in enumerate((self.from_at, self.to_at)):
            grid.addWidget(field, 0, place, alignment=top)
            grid.setColumnStretch(place, 1)
        return both

    def _foot(self) -> QWidget:
        foot = frame("raised")
        column = QVBoxLayout(foot)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(6)
        self.run = TextButton("Run backtest", "play-fill", "primary")
        self.run.setMinimumHeight(theme().px(32))
        self.run.clicked.connect(self.run_asked)
        self.why = label(look="hint")
        self.why.setWordWrap(True)
        column.addWidget(self.run)
        column.addWidget(self.why)
        return foot

    # ------------------------------------------------------------------ what it says

    def open_file(self, path: Path) -> None:
        self.source.open(path)

    def set_running(self, running: bool) -> None:
        self._running = running
        self.settle()

    def problems(self) -> list[str]:
        """Everything that must be mended before a run, as sentences."""
        found = [self.source.problem] if self.source.problem else []
        fields = self.strategy.problems()
        for problems in self.trade.problems().values():
            fields |= problems
        for field in (self.symbol, self.from_at, self.to_at):
            wrong = wrong_symbol(field.text) if field is self.symbol else wrong_moment(field.text)
            if wrong:
                fields[field.editor.accessibleName()] = wrong
        found += [problem_line(name, words) for name, words in fields.items()]
        return found

    def settle(self) -> None:
        """Say at the button whether a run can start."""
        self.trade.set_coin(quote_of(self.symbol.text))
        problems = self.problems()
        self.run.setEnabled(not problems and not self._running)
        if self._running:
            words = "A backtest is running; the next one starts after it."
        elif problems:
            more = f" {len(problems) - 1} more." if len(problems) > 1 else ""
            words = f"{problems[0]}.{more}"
        else:
            words = "Ctrl+Enter runs it."
        self.why.setText(words)
        self.run.setToolTip("" if self.run.isEnabled() else words)

    def _forget_symbol(self) -> None:
        self._symbol_stays = False

    def _source_changed(self) -> None:
        report = self.source.report
        if report is not None:
            if report.symbol and not self._symbol_stays:
                self.symbol.set_text(report.symbol)
            day = f"{datetime.fromtimestamp(report.first_at / 1000, UTC):%Y-%m-%d %H:%M}"
            self.from_at.editor.setPlaceholderText(day)
            end = report.last_at + report.timeframe_ms
            day = f"{datetime.fromtimestamp(end / 1000, UTC):%Y-%m-%d %H:%M}"
            self.to_at.editor.setPlaceholderText(day)
        self.settle()
        self.source_changed.emit()

    # ------------------------------------------------------------------ what it means

    def command(self) -> RunBacktest:
        """The backtest as it stands; raises InvalidSetting with its field."""
        path = self.source.path
        if path is None:
            raise InvalidSetting("Choose a candle file.", field="path")
        report = self.source.report
        return RunBacktest(
            feed=FeedChoice(FeedKind.FILE, str(path)),
            symbol=self.symbol.text,
            timeframe_ms=report.timeframe_ms if report else None,
            strategy=self.strategy.card.name,
            params=self.strategy.values(),
            trade=self.trade.settings(self.strategy.chosen_direction),
            signals_path=str(self.strategy.signals_path or ""),
            from_at=read_moment(self.from_at.text, "from"),
            to_at=read_moment(self.to_at.text, "to"),
            fine_path=self.finer.fine_path,
            funding_path=self.finer.funding_path,
        )

    def set_session(self, record: SessionRecord) -> None:
        """Everything that decided a backtest of the history, to run it again or otherwise."""
        chosen = record.settings
        self._symbol_stays = True  # another than the file's name says may have been meant
        self.source.open(Path(chosen.source_path))
        self.symbol.set_text(chosen.symbol)
        self.finer.set_paths(chosen.fine_path, chosen.funding_path)
        signals = Path(chosen.signals_path) if chosen.signals_path else None
        direction = chosen.trade.direction
        self.strategy.set_strategy(chosen.strategy, chosen.params, direction, signals)
        self.trade.set_settings(chosen.trade)
        for field, at in ((self.from_at, record.started_at), (self.to_at, record.ended_at)):
            whole = at is None or at % MINUTE_MS == 0
            field.set_text("" if at is None else fmt.date_time(at) if whole else fmt.iso(at))
        self.settle()

    def show_refusal(self, refused: InvalidSetting) -> bool:
        """Show what the engine refused at its field; False if no field here is meant."""
        param = self.strategy.params.fields.get(refused.field)
        if param is not None:
            param.set_problem(refused.words)
            return True
        return self.trade.show_problem(refused)
