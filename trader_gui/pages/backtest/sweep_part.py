"""The sweep's part of the page: what the form wishes, the map shows and the result panel says."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import Cancelled, Fault, InvalidSetting
from engine.language import tr
from engine.messages.doubt import Doubt
from engine.messages.review import Review
from engine.messages.sweeping import WalkForward, why_unplayable
from trader_gui.door.bridge import Bridge
from trader_gui.models.chance_words import walk_curve, walk_figures, walk_lengths, walk_words
from trader_gui.models.session_reuse import bot_from, why_no_bot
from trader_gui.models.sweep_cells import Measure
from trader_gui.models.sweep_words import trust_lines
from trader_gui.models.trust import doubt_line
from trader_gui.pages.backtest.form import BacktestForm
from trader_gui.pages.backtest.result import ResultPanel
from trader_gui.pages.backtest.source_view import SourceView
from trader_gui.pages.backtest.sweep.opening import SweepOpening
from trader_gui.pages.backtest.sweep.runner import SweepRunner

_DRAWN_AFTER_MS: Final = 250
"""After a set was chosen, until it is played over the whole period to be drawn."""


class SweepPart(QObject):
    """`review_asked(id)` of a set that was promoted, `bot_asked(BotSettings)`, `led()` when the
    result panel is the sweep's, `failed(Fault)`."""

    review_asked = Signal(object)
    bot_asked = Signal(object)
    led = Signal()
    failed = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        runner: SweepRunner,
        form: BacktestForm,
        middle: SourceView,
        result: ResultPanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self.runner, self._form, self._result = bridge, runner, form, result
        self._charts, self.area, self._middle = middle.charts, middle.charts.sweep, middle
        self.number = 0
        """The set of the result panel; 0 while it shows something else."""
        self.leads = False
        """The panel is the sweep's, and follows the best; else it shows a session."""
        self._review: Review | None = None
        self._question = ""
        self._walking = ""
        self._made = False
        self._doubts: dict[int, Doubt] = {}
        """Of sets that were promoted: only a session with its events can be judged."""
        self.opening = SweepOpening(bridge, runner, self.area, self)
        self.opening.failed.connect(self.failed)
        self.opening.again.connect(self._show_again)
        self._soon = QTimer(self, singleShot=True, interval=_DRAWN_AFTER_MS)
        self._soon.timeout.connect(self._play)
        runner.failed.connect(self.failed)
        runner.outlook_changed.connect(self._show_outlook)
        runner.begun.connect(self._begun)
        runner.told.connect(self._told)
        runner.ended.connect(self._told)
        runner.promoted.connect(self._promoted)
        form.settled.connect(self._look)
        form.sweep_asked.connect(self.run)
        strip = middle.charts.strip
        strip.pause_asked.connect(runner.pause)
        strip.cancel_asked.connect(runner.end)
        self.area.chosen.connect(self.show_set)
        self.area.followed.connect(self._follow)
        self.area.opened.connect(self._open)

    # ------------------------------------------------------------------ running

    def run(self) -> None:
        """Run the sweep that stands in the form, once it is known what it would play."""
        form = self._form
        changed = not form.from_archive and not form.source.still_the_same()
        if form.problems() or changed:
            form.settle()
            return
        self._look()
        self.area.set_specs(form.swept_specs())
        self.runner.begin()

    def _look(self) -> None:
        form = self._form
        try:
            wish = form.sweep_command() if form.sweeps and not form.problems() else None
        except InvalidSetting:
            wish = None
        self.runner.look_at(wish)

    def _show_outlook(self) -> None:
        self._form.show_outlook(self.runner.outlook, self.runner.refused)

    def _begun(self) -> None:
        self._doubts = {}
        self.forget()
        self.lead()
        self._bridge.cancel(self._walking)
        if self._made:
            self._result.of_set.walk.forget()
        self._middle.close_tool()
        self._form.set_sweeping(self.runner.running)
        self._charts.set_sweep(self._title())

    def _title(self) -> str:
        earlier = self.runner.earlier
        if earlier is None:
            title, symbol = self._form.strategy.card.title, self._form.market_symbol
            return tr("{title} on {symbol}", title=title, symbol=symbol)
        settings = earlier.record.settings
        return tr(
            "{title} on {symbol}, sweep {number}",
            title=self._bridge.titles.get(settings.strategy, settings.strategy),
            symbol=settings.symbol,
            number=earlier.record.id,
        )

    def _told(self) -> None:
        runner = self.runner
        self._form.set_sweeping(runner.running)
        # Of an earlier one the form may show another market.
        self._middle.coverage.show_parts((0, 0, 0) if runner.earlier else runner.span)
        self._show_place()

    # ------------------------------------------------------------------ one set

    def show_set(self, number: int) -> None:
        """Show the result of a set; it is drawn a moment later."""
        if number == self.number:
            return
        self._prepare()
        self.leads = True
        self.number, self._review = number, None
        self._bridge.cancel(self._question)
        self._result.of_set.forget_review()
        self._show_figures()
        self._soon.start()
        self.led.emit()

    def lead(self) -> None:
        """The map is looked at: the panel shows its chosen set, or nothing before there is one."""
        self.leads = True
        if self.area.map.number:
            self.show_set(self.area.map.number)
        else:
            self._result.clear()
            self.led.emit()

    def _follow(self, number: int) -> None:
        """The best so far is another one: that changes no session that is looked at."""
        if self.leads:
            self.show_set(number)

    def _show_again(self) -> None:
        """The map, and its chosen set where the panel showed something else."""
        self._charts.show_view("sweep")
        self.lead()

    def forget(self) -> None:
        """The panel shows something else."""
        self.leads = False
        self.number, self._review = 0, None
        self._soon.stop()
        self._bridge.cancel(self._question)

    def _prepare(self) -> None:
        if not self._made:
            self._made = True
            panel = self._result.of_set
            panel.review_asked.connect(lambda: self._open(self.number))
            panel.bot_asked.connect(self._use_in_bot)
            panel.walk.asked.connect(self._walk)
            panel.walk.cancel_asked.connect(lambda: self._bridge.cancel(self._walking))

    def _show_figures(self) -> None:
        cells = self.runner.cells
        if cells is not None and self.number in cells.rows:
            self._result.of_set.show_set(cells.rows[self.number], self.runner.span)
            self._show_place()

    def _show_place(self) -> None:
        """How it stands among the others, of which more and more are done."""
        cells = self.runner.cells
        if cells is None or self.number not in cells.rows:
            return
        around = cells.neighbours(self.number, Measure.RETURN)
        lines = trust_lines(cells.rows[self.number], around, self.runner.span)
        if self.number in self._doubts:
            lines.append(doubt_line(self._doubts[self.number]))
        self._result.of_set.show_trust(lines)
        best = self.number == cells.best(self.area.measure)
        self._result.show_set(self.area.title_of(self.number), best)

    def _play(self) -> None:
        number, sweep_id = self.number, self.runner.sweep_id

        def take(review: Review) -> None:
            if (number, sweep_id) == (self.number, self.runner.sweep_id):
                self._review = review
                why = why_no_bot(review.record)
                self._result.of_set.show_review(review, self.runner.span, why)

        def refuse(fault: Fault) -> None:
            if number == self.number and not isinstance(fault, Cancelled):
                self._result.of_set.show_refusal(fault.words)
                if self.runner.earlier is None:  # its map says it already
                    self.failed.emit(fault)

        if number:
            self._question = self._bridge.ask(
                "set", lambda engine: engine.sweeps.review(sweep_id, number), take, refuse
            )

    def _walk(self) -> None:
        """Walk forward over the sweep's sets and period."""
        wish, block = self.runner.wish, self._result.of_set.walk
        begin, _, end = self.runner.span
        if wish is None:
            block.show_trouble(why_unplayable())
            return
        if not end:
            return
        lengths = walk_lengths(begin, end)

        def take(made: WalkForward) -> None:
            if wish is self.runner.wish:
                curves = [walk_curve(made)]
                block.show_answer(walk_words(made), walk_figures(made), curves, tr("Tests"))

        def refuse(fault: Fault) -> None:
            block.show_trouble(fault.words)

        block.begin()
        self._walking = self._bridge.ask(
            "walk forward",
            lambda engine: engine.sweeps.walk_forward(wish, *lengths, block.show_progress),
            take,
            refuse,
        )

    def _open(self, number: int) -> None:
        if number:
            self.runner.promote(number)

    def _promoted(self, sweep_id: int, number: int, session_id: int) -> None:
        self.review_asked.emit(session_id)

        def take(doubt: Doubt) -> None:
            if self.runner.sweep_id == sweep_id:
                self._doubts[number] = doubt
                self._show_place()

        self._bridge.ask_doubt(session_id, take, self.failed.emit)

    def _use_in_bot(self) -> None:
        if self._review is not None:
            self.bot_asked.emit(bot_from(self._review.record))
