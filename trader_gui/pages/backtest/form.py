"""Everything that decides a backtest, as one form at the left of the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.archive import Series
from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.candles import timeframe_text
from engine.domain.sessions import SessionRecord
from engine.errors import InvalidSetting
from engine.language import tr
from engine.messages.commands import RunBacktest, RunSweep
from engine.messages.sweeping import SweepOutlook
from trader_gui import format as fmt
from trader_gui.coverage.facts import Covers, end_of
from trader_gui.door.bridge import Bridge
from trader_gui.forms.archive_choice import ArchiveChoice
from trader_gui.forms.candle_source import CandleSource
from trader_gui.forms.extra_files import ExtraFiles
from trader_gui.forms.finer_files import FinerFiles
from trader_gui.forms.moments import read_moment, wrong_moment
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.forms.problem_words import problem_line, refusal_of
from trader_gui.forms.strategy_form import StrategyForm
from trader_gui.forms.sweep_field import SweepField
from trader_gui.forms.symbols import SYMBOL_TIP, quote_of, wrong_symbol
from trader_gui.forms.trade_fields import WINDOW_DEFAULTS
from trader_gui.forms.trade_form import TradeForm
from trader_gui.forms.trade_sections import COSTS
from trader_gui.pages.backtest.period_fields import PeriodFields, Span
from trader_gui.pages.backtest.presets import PresetBar
from trader_gui.pages.backtest.run_foot import RunFoot
from trader_gui.pages.scrolling import scrolling
from trader_gui.theme.theme import theme
from trader_gui.widgets.field import LabelledField
from trader_gui.widgets.looks import frame, label, separator, set_tip, show_if
from trader_gui.widgets.segmented import SegmentedControl

_EDGE: Final = 14
_LEAST: Final = 280
_GUESSED_SYMBOL: Final = "BTC/USDT"
_KINDS: Final = (("archive", tr("Archive")), ("file", tr("File")))


class BacktestForm(QWidget):
    """`run_asked()` and `sweep_asked()` by the buttons, `source_changed()` with other candles,
    `span_changed()` with another period, `settled()` after every change. `command()` and
    `sweep_command()` are what stands in the fields."""

    run_asked = Signal()
    sweep_asked = Signal()
    settled = Signal()
    source_changed = Signal()
    span_changed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._running = self._sweeping = self._symbol_stays = self._kind_stays = False
        self._outlook: SweepOutlook | None = None
        self._sweep_refused = ""
        self.kind = SegmentedControl(tr("Candles from"), _KINDS)
        set_tip(self.kind, tr("Candles that are kept in the archive, or those of a file."))
        self.kind.chosen.connect(self._choose_kind)
        self.archive = ArchiveChoice()
        self.archive.changed.connect(self._archive_changed)
        self.source = CandleSource(bridge)
        self.source.changed.connect(self._source_changed)
        self.source.line.chosen.connect(lambda path: self._forget_symbol())
        self.extras = ExtraFiles()
        self.extras.changed.connect(self.settle)
        self.finer = FinerFiles()
        self.finer.changed.connect(self.settle)
        self.symbol = LabelledField(tr("Symbol"), check=wrong_symbol, tip=SYMBOL_TIP)
        self.strategy = StrategyForm(bridge, 2, sweepable=True)
        self.trade = TradeForm(2, WINDOW_DEFAULTS, self, sweepable=True)
        self.presets = PresetBar(bridge, self.strategy, self.trade)
        period = self._period = PeriodFields()
        self.from_at, self.to_at, self.hold_back = period.from_at, period.to_at, period.hold_back
        self.symbol.set_text(_GUESSED_SYMBOL)
        self._build()
        self.symbol.edited.connect(lambda text: self.settle())
        period.edited.connect(self._span_edited)
        self.strategy.changed.connect(self.settle)
        self.trade.changed.connect(self.settle)
        self.hold_back.edited.connect(lambda text: self.settle())
        self._show_kind("file")
        self.settle()

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        body = self._body = frame("panel")
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(_EDGE, 12, _EDGE, 12)
        self._column.setSpacing(10)
        scroll = scrolling(body, self._column, self)
        row = QHBoxLayout()
        row.addWidget(label(tr("Data"), "strong", "text2"), 1)
        row.addWidget(self.kind)
        self._column.addLayout(row)
        self._section("", self.archive, self.source, self.symbol, self.extras, self.finer)
        self._section("", self.presets, self.strategy)
        self._section(tr("Range"), self._period)
        for form in self.trade.sections.values():
            last = form.section is COSTS
            self._section(form.section.title, form, last=last)
        note = label(
            tr(
                "Slippage starts at 0.02 % here, because market orders are not free. The "
                "command line starts at 0."
            ),
            "hint",
        )
        note.setWordWrap(True)
        self._column.addWidget(note)
        self._column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scroll, 1)
        column.addWidget(self._foot())

    def minimumSizeHint(self) -> QSize:
        """As wide as its widest line in this language: what is scrolled asks for nothing itself."""
        taken = _EDGE - self._column.contentsMargins().right()  # by the scroll bar
        body = self._body.minimumSizeHint().width() + taken
        return QSize(max(theme().px(_LEAST), body), super().minimumSizeHint().height())

    def _section(self, title: str, *parts: QWidget, last: bool = False) -> None:
        if title:
            self._column.addWidget(label(title, "strong", "text2"))
        for part in parts:
            self._column.addWidget(part)
        if not last:
            self._column.addSpacing(2)
            self._column.addWidget(separator())
            self._column.addSpacing(2)

    def _foot(self) -> QWidget:
        self.foot = RunFoot()
        self.foot.run_asked.connect(self.run_asked)
        self.foot.sweep_asked.connect(self.sweep_asked)
        self.run, self.why = self.foot.run, self.foot.why
        return self.foot

    # ------------------------------------------------------------------ where candles come from

    @property
    def from_archive(self) -> bool:
        return self.kind.value == "archive"

    @property
    def market_symbol(self) -> str:
        series = self.archive.series
        return (series.symbol if series else "") if self.from_archive else self.symbol.text

    def set_covers(self, covers: Covers) -> None:
        """What the archive keeps now. Where nothing was chosen yet, its candles are."""
        if covers and not self._kind_stays and self.source.path is None:
            self._kind_stays = True
            self._show_kind("archive")
        self.archive.set_covers(covers)
        self._show_limits()
        self.settle()

    def open_file(self, path: Path) -> None:
        self._kind_stays = True
        self._show_kind("file")
        self.source.open(path)

    def open_series(self, series: Series) -> None:
        """Take candles of the archive, over all of their time."""
        self._kind_stays = True
        self._show_kind("archive")
        self.archive.choose(series)
        self.set_span((None, None))
        self._source_changed()

    def _choose_kind(self, kind: str) -> None:
        self._kind_stays = True
        self._show_kind(kind)
        self._source_changed()

    def _show_kind(self, kind: str) -> None:
        self.kind.set_value(kind)
        for part in (self.source, self.symbol):
            show_if(part, kind == "file")
        show_if(self.archive, kind == "archive")
        self._show_limits()

    def _archive_changed(self) -> None:
        if self.from_archive:
            self._source_changed()

    @property
    def span(self) -> Span:
        """The period as it stands there; None where there is no limit, or none that can be read."""
        return self._period.span

    def set_span(self, span: Span) -> None:
        """Fill in a period."""
        self._period.set_span(span)
        self._span_edited()

    def _span_edited(self) -> None:
        self.settle()
        self.span_changed.emit()

    # ------------------------------------------------------------------ what it says

    def set_running(self, running: bool) -> None:
        self._running = running
        self.settle()

    def set_sweeping(self, sweeping: bool) -> None:
        if sweeping != self._sweeping:
            self._sweeping = sweeping
            self._say()

    def show_outlook(self, outlook: SweepOutlook | None, refused: str = "") -> None:
        """What a sweep would play; None while that is not known, or `refused`."""
        self._outlook, self._sweep_refused = outlook, refused
        self._say()

    def problems(self) -> list[str]:
        """Everything that must be mended before a run, as sentences."""
        source = self.archive.problem if self.from_archive else self.source.problem
        found = [source] if source else []
        fields = self.strategy.problems()
        for problems in self.trade.problems().values():
            fields |= problems
        checks = [(self.from_at, wrong_moment), (self.to_at, wrong_moment)]
        if not self.from_archive:
            checks.insert(0, (self.symbol, wrong_symbol))
        for field, check in checks:
            wrong = check(field.text)
            if wrong:
                fields[field.editor.accessibleName()] = wrong
        if self.sweeps and (wrong := refusal_of(self.hold_back.value)):
            fields[self.hold_back.spec.label] = wrong
        found += [problem_line(name, words) for name, words in fields.items()]
        return found

    def settle(self) -> None:
        """Say at the button whether a run can start."""
        self.trade.set_coin(quote_of(self.market_symbol))
        self.extras.show_strategy(self.strategy.card.name)
        self.hold_back.setVisible(self.sweeps)
        self._say()
        self.updateGeometry()
        self.settled.emit()

    def _say(self) -> None:
        if self.sweeps:
            found = self._outlook, self._sweep_refused
            self.foot.show_sweep(self.problems(), self._running, self._sweeping, *found)
        else:
            self.foot.show_once(self.problems(), self._running)

    def _forget_symbol(self) -> None:
        self._symbol_stays = False

    def _source_changed(self) -> None:
        report = self.source.report
        if report is not None and report.symbol and not self._symbol_stays:
            self.symbol.set_text(report.symbol)
        self._show_limits()
        self.settle()
        self.source_changed.emit()

    def _show_limits(self) -> None:
        """Where the period begins and ends if nothing is written."""
        report, kept = self.source.report, self.archive.source
        limits = (tr("start of file"), tr("end of file"))
        if self.from_archive:
            limits = (tr("first candle"), tr("last candle"))
            if kept is not None:
                limits = (fmt.date_time(kept.first_at), fmt.date_time(end_of(kept)))
        elif report is not None:
            end_at = report.last_at + report.timeframe_ms
            limits = (fmt.date_time(report.first_at), fmt.date_time(end_at))
        self._period.show_limits(limits)
        finer = self.archive.finer if self.from_archive else None
        frame = "" if finer is None else timeframe_text(finer.series.timeframe_ms)
        self.finer.show_usual(tr("{frame} candles of the archive", frame=frame) if frame else "")

    # ------------------------------------------------------------------ what it means

    def command(self) -> RunBacktest:
        """The backtest as it stands; raises InvalidSetting with its field."""
        feed, symbol, timeframe_ms = self._market()
        from_at, to_at = self.from_at.text, self.to_at.text
        return RunBacktest(
            feed=replace(feed, extra_files=self.extras.files),
            symbol=symbol,
            timeframe_ms=timeframe_ms,
            strategy=self.strategy.card.name,
            params=self.strategy.values(),
            trade=self.trade.settings(self.strategy.chosen_direction),
            signals_path=str(self.strategy.signals_path or ""),
            from_at=read_moment(from_at, "from"),
            to_at=read_moment(to_at, "to"),
            fine_path=self.finer.fine_path,
            funding_path=self.finer.funding_path,
        )

    @property
    def sweeps(self) -> bool:
        """Whether any number is swept."""
        grids = [self.strategy.params, *(g for f in self.trade.sections.values() for g in f.grids)]
        fields = (field for grid in grids for field in grid.shown.values())
        return any(isinstance(field, SweepField) and field.swept for field in fields)

    def sweep_command(self) -> RunSweep:
        """The sweep as it stands; raises InvalidSetting with its field."""
        values = self.strategy.params.swept() | self.trade.swept()
        return RunSweep(self.command(), values, hold_back_pct=self.hold_back.value())

    def swept_specs(self) -> dict[str, NumberSpec]:
        """Names and units of the numbers that can be swept, by key."""
        fields = self.strategy.params.fields | self.trade.fields()
        return {key: f.spec for key, f in fields.items() if isinstance(f, SweepField)}

    def _market(self) -> tuple[FeedChoice, str, int | None]:
        series, path, report = self.archive.series, self.source.path, self.source.report
        if self.from_archive:
            if series is None:
                raise InvalidSetting(tr("Choose candles of the archive."), field="feed")
            feed = FeedChoice(FeedKind.ARCHIVE, exchange=series.exchange)
            return feed, series.symbol, series.timeframe_ms
        if path is None:
            raise InvalidSetting(tr("Choose a candle file."), field="path")
        feed = FeedChoice(FeedKind.FILE, str(path))
        return feed, self.symbol.text, report.timeframe_ms if report else None

    def set_session(self, record: SessionRecord) -> None:
        """Everything that decided a backtest of the history, to run it again or otherwise."""
        chosen = record.settings
        if chosen.exchange:
            self.open_series(Series(chosen.exchange, chosen.symbol, chosen.timeframe_ms))
        else:
            self._symbol_stays = True  # another than the file's name says may have been meant
            self.open_file(Path(chosen.source_path))
            self.symbol.set_text(chosen.symbol)
        self.extras.set_files(chosen.extra_files, chosen.strategy)
        self.finer.set_paths(chosen.fine_path, chosen.funding_path)
        signals = Path(chosen.signals_path) if chosen.signals_path else None
        direction = chosen.trade.direction
        self.strategy.set_strategy(chosen.strategy, chosen.params, direction, signals)
        self.trade.set_settings(chosen.trade)
        self.set_span((record.started_at, record.ended_at))

    def show_refusal(self, refused: InvalidSetting) -> bool:
        """Show what the engine refused at its field; False if no field here is meant."""
        param = self.strategy.params.fields.get(refused.field)
        if param is not None:
            param.set_problem(refused.words)
            return True
        return self.trade.show_problem(refused)
