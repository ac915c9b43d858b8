"""Puts the program together: opens the engine, builds the pages, connects everything."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from engine.domain.bots import BotSettings
from engine.domain.connection import Connection
from engine.domain.sessions import SessionRecord
from engine.errors import Fault
from engine.language import tr
from engine.messages.commands import StartSimulation
from engine.messages.redaction import hide_address
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from trader_gui.asking.allowing import ask_to_allow
from trader_gui.asking.closing import Closing
from trader_gui.asking.deleting import ask_to_delete_bot, ask_to_delete_candles
from trader_gui.asking.stopping import Stopping
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import EngineFace
from trader_gui.event_loop.garbage import GarbageCollector
from trader_gui.event_loop.tasks import Tasks
from trader_gui.frame.frame_values import FrameValues
from trader_gui.frame.main_window import MainWindow
from trader_gui.frame.navigation import Page, first_pages
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.options import Options
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.bots.page import BotsPage
from trader_gui.pages.first_run import FirstRunPage
from trader_gui.pages.monitor import MonitorPage
from trader_gui.pages.restart.page import RestartPage
from trader_gui.pages.sessions.page import SessionsPage
from trader_gui.pages.settings.page import SettingsPage
from trader_gui.settings.preferences import FILE_NAME, PAGES, OnClose, Preferences, ThemeChoice
from trader_gui.start.safe_mode import show_safe_mode
from trader_gui.telling.background import Background
from trader_gui.telling.fault_toasts import toast_fault, toast_unexpected
from trader_gui.telling.restart_news import RestartNews
from trader_gui.theme.theme import theme

if TYPE_CHECKING:
    from engine.runtime.sources.exchanges import Exchanges

log = logging.getLogger(__name__)

_SOON_MS: Final = 300
"""Until what a person just asked for is painted."""
_LAST_WISHES_S: Final = 2.0
"""So long the end waits for what a person asked for last: a note is typed until the window is
closed, and only then sent. Less than a desktop that logs out leaves (`LOGOUT_MS`)."""


async def build(
    window: MainWindow,
    options: Options,
    exchanges: Exchanges | None = None,
) -> Program:
    """Open the data folder and fill the window. `exchanges` other than those of the preferences
    are for tests and pictures, which contact nobody.

    Raises:
        Fault: the folder or its database cannot be used; its words say why.
    """
    from engine.runtime.clock import WallClock
    from engine.runtime.engine import Engine
    from engine.runtime.sources.exchanges import Exchanges, far_lines

    clock, data_dir = WallClock(), options.data_dir
    preferences = Preferences(data_dir / FILE_NAME, usual_layout=options.safe)
    if options.reset_layout:
        preferences.forget_layout()
    hide_address(preferences.connection.proxy)
    if exchanges is None:
        reached, offline = preferences.connection, options.offline
        exchanges = Exchanges(clock, reached, lines=far_lines, offline=offline)
    engine = await Engine.open(
        data_dir, clock=clock, exchanges=exchanges, own_strategies=not options.safe
    )
    program = Program(window, engine, preferences, options)
    program.begin(first=not engine.snapshot().bots and not await engine.sessions(limit=1))
    return program


class Program(QObject):
    """Everything behind the window; `close` ends it in order."""

    def __init__(
        self,
        window: MainWindow,
        engine: EngineFace,
        preferences: Preferences,
        options: Options | None = None,
    ) -> None:
        super().__init__(window)
        self.window, self.engine, self.preferences = window, engine, preferences
        self._options = options or Options(engine.data_dir)
        self.tasks = Tasks(self._unexpected)
        self.bridge = Bridge(engine, self.tasks, self.show_fault, self)
        self.stopping = Stopping(window, self.bridge)
        self.closing = Closing(window, self.bridge, preferences, self.save_preferences)
        self.background = Background(
            window, self.bridge, preferences, self.tasks, self.closing.tray, self._options.offline
        )
        self.restart_news = RestartNews(window, self.bridge)
        self.frame = FrameValues(window, self._selected)
        self.garbage = GarbageCollector(self)
        self._first = False
        self._checking = False
        """The restart check stands where the Monitor will."""
        self._reviews_soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._reviews_soon.timeout.connect(self._prepare_reviews)
        window.layout_class_changed.connect(self._fold)
        window.page_requested.connect(self._page_shown)
        self.bridge.changed.connect(self._changed)
        self.bridge.not_written.connect(window.toasts.show)
        self.bridge.pulse.connect(self.frame.show_status)

    def begin(self, *, first: bool) -> None:
        """Fill the window: the first page when there is nothing yet, else the last one open."""
        self._first = first
        last = self.preferences.last_page  # before showing the first page changes it
        self._register("monitor", self._first_run if first else self._monitor)
        if not first and self.bridge.snapshot.restart.worth_showing:
            self._checking, last = True, "monitor"
            self._register("monitor", self._restart)
        for name, factory in (
            ("sessions", self._sessions),
            ("backtest", self._backtest),
            ("bots", self._bots),
            ("settings", self._settings),
        ):
            self._register(name, factory)
        self.window.show_page("monitor" if first or self._options.safe else last)
        self.frame.show_snapshot(self.bridge.snapshot)
        self.frame.show_status(self.bridge.snapshot.status)
        if self._options.safe:
            show_safe_mode(self.window)
        if words := self.preferences.problem_words:
            self.window.toasts.show(words, "error")  # it stays until it was seen
        self.garbage.begin()
        self.bridge.redraws.due.connect(self.garbage.frame_drawn)

    async def close(self) -> str:
        """Stop redrawing, carry out the last wishes, end all other tasks, keep preferences, close
        the engine. What that could not store, "" if everything was."""
        self._reviews_soon.stop()
        self.background.fall_silent()
        self.bridge.close()
        self.closing.tray.close()
        await self.tasks.cancel_all(_LAST_WISHES_S)
        await self.background.close()
        self.save_preferences()
        unstored = await self.engine.close()
        self.garbage.end()
        return unstored

    # ------------------------------------------------------------------ pages

    def _register(self, name: str, factory: Callable[[], QWidget]) -> None:
        known = next(page for page in first_pages() if page.name == name)
        page = Page(name, known.title, known.icon, factory, known.at_bottom, known.keys)
        self.window.register(page)

    def _monitor(self) -> MonitorPage:
        page = MonitorPage(self.bridge, self.preferences, self.window.place)
        page.fold(self.window.layout_class)
        page.new_bot_asked.connect(lambda: self.new_bot())
        page.edit_bot_asked.connect(self.edit_bot)
        page.delete_bot_asked.connect(partial(ask_to_delete_bot, self.window, self.bridge))
        page.review_asked.connect(self.open_review)
        page.bots.selected.connect(self._other_bot)
        return page

    def _restart(self) -> RestartPage:
        page = RestartPage(self.bridge, self.window.place, by_itself=not self._options.safe)
        page.left.connect(lambda: self.leave_first_pages("monitor"))
        page.said.connect(self.window.toasts.show)
        page.failed.connect(self.show_fault)
        return page

    def _sessions(self) -> SessionsPage:
        page = SessionsPage(self.bridge, self.preferences, self.window.place)
        page.backtest_asked.connect(lambda: self.window.show_page("backtest"))
        page.bot_asked.connect(self.new_bot)
        page.rerun_asked.connect(self.run_again)
        page.said.connect(self.window.toasts.show)
        page.offered.connect(lambda text, offers: self.window.toasts.show(text, offers=offers))
        page.failed.connect(self.show_fault)
        return page

    def _backtest(self) -> BacktestPage:
        page = BacktestPage(self.bridge, self.preferences, self.window.place)
        page.result_asked.connect(self.show_review)
        page.review_asked.connect(self.open_review)
        page.candles_chosen.connect(self._reviews_soon.start)
        page.delete_asked.connect(
            partial(ask_to_delete_candles, self.window, self.bridge, page.kept.refresh)
        )
        page.said.connect(self.window.toasts.show)
        listed = page.recent.sweeps
        listed.said.connect(self.window.toasts.show)
        listed.offered.connect(lambda text, offers: self.window.toasts.show(text, offers=offers))
        listed.failed.connect(self.show_fault)
        page.withdrawn.connect(self._withdraw)
        page.sessions_asked.connect(lambda: self.window.show_page("sessions"))
        page.bot_asked.connect(self.new_bot)
        page.failed.connect(self.show_fault)
        return page

    def _bots(self) -> BotsPage:
        page = BotsPage(self.bridge, self.preferences, self.window.place)
        page.started.connect(self.watch_bot)
        page.delete_asked.connect(partial(ask_to_delete_bot, self.window, self.bridge))
        page.said.connect(self.window.toasts.show)
        page.failed.connect(self.show_fault)
        return page

    def _settings(self) -> SettingsPage:
        tray = self.closing.tray.available
        page = SettingsPage(
            self.bridge,
            self.preferences,
            self.background.messengers,
            tray=tray,
            parent=self.window.place,
        )
        page.edited.connect(self.save_preferences)
        page.edited.connect(self.background.settle)
        page.look_chosen.connect(self.choose_look)
        page.connection_chosen.connect(self.choose_connection)
        page.strategies.allow_asked.connect(
            partial(ask_to_allow, self.window, self.bridge, page.strategies)
        )
        page.close_chosen.connect(self.choose_close)
        page.said.connect(self.window.toasts.show)
        return page

    def _first_run(self) -> FirstRunPage:
        page = FirstRunPage(self.bridge, str(self.preferences.theme), self.window.place)
        page.simulation_asked.connect(self.start_simulation)
        page.open_backtest.connect(self.open_backtest)
        page.live_asked.connect(lambda exchange: self.new_bot(exchange=exchange))
        page.own_bot_asked.connect(lambda: self.new_bot())
        page.look_chosen.connect(self.choose_look)
        return page

    def start_simulation(self) -> None:
        """Make the sample bots; the first page makes room as soon as there is one."""
        self.bridge.send(StartSimulation(), failed=self._not_started)

    def _not_started(self, fault: Fault) -> None:
        page = self.window.page("monitor")
        if isinstance(page, FirstRunPage):
            page.show_failure(fault)
        else:
            self.show_fault(fault)

    def leave_first_pages(self, name: str) -> None:
        """From now on the Monitor stands where the first page stood, or the restart check once
        somebody goes to the Monitor."""
        if self._first or (self._checking and name == "monitor"):
            self._first = self._checking = False
            self._register("monitor", self._monitor)
        self.window.show_page(name)

    def open_backtest(self, path: Path) -> None:
        """Go to the Backtest page with a candle file."""
        self.leave_first_pages("backtest")
        page = self.window.page("backtest")
        assert isinstance(page, BacktestPage)
        page.open_file(path)

    def run_again(self, record: SessionRecord) -> None:
        """Go to the Backtest page with what decided a backtest of the history."""
        self.window.show_page("backtest")
        page = self.window.page("backtest")
        assert isinstance(page, BacktestPage)
        page.take_session(record)

    def open_review(self, session_id: int) -> None:
        """Go to the review of one session."""
        self.window.show_page("sessions")
        page = self.window.page("sessions")
        assert isinstance(page, SessionsPage)
        page.open_review(session_id)

    def show_review(self, figures: ReviewFigures) -> None:
        """Go to a review that is there already."""
        page = self.window.page("sessions")
        assert isinstance(page, SessionsPage)
        page.show_review(figures)  # filled before it is seen: it is laid out and painted once
        self.window.show_page("sessions")

    def _prepare_reviews(self) -> None:
        page = self.window.page("sessions")
        assert isinstance(page, SessionsPage)
        page.review.prepare()

    def _withdraw(self, session_id: int) -> None:
        page = self.window.page("sessions")
        assert isinstance(page, SessionsPage)
        page.withdraw(session_id)

    def new_bot(self, settings: BotSettings | None = None, exchange: str = "") -> None:
        """Open the editor for a new bot, from `settings` where there are some, or on the live
        prices of `exchange`."""
        self._bots_page().new_bot(settings, exchange)

    def edit_bot(self, bot_id: int) -> None:
        """Open the editor for a bot that is there."""
        self._bots_page().edit_bot(bot_id)

    def watch_bot(self, bot_id: int) -> None:
        """Show a bot on the Monitor."""
        self.leave_first_pages("monitor")
        page = self.window.page("monitor")
        assert isinstance(page, MonitorPage)
        page.bots.select(bot_id)

    def _bots_page(self) -> BotsPage:
        self.leave_first_pages("bots")
        page = self.window.page("bots")
        assert isinstance(page, BotsPage)
        return page

    def choose_look(self, look: str) -> None:
        """Dress the window dark, light, or as the system is, and remember it."""
        self.preferences.theme = ThemeChoice(look)
        theme().apply(look)
        self.save_preferences()

    def choose_close(self, choice: str) -> None:
        """Remember what closing the window means while bots run."""
        self.preferences.on_close = OnClose(choice)
        self.save_preferences()

    def choose_connection(self, connection: Connection) -> None:
        """Remember how the network is to be reached from the next start on."""
        hide_address(connection.proxy)
        self.preferences.connection = connection
        self.save_preferences()

    def save_preferences(self) -> None:
        try:
            self.preferences.save()
        except OSError as error:
            self.window.toasts.show(
                tr(
                    "Preferences could not be saved ({reason}). They hold until the "
                    "program ends. Check the data folder.",
                    reason=error.strerror,
                ),
                "error",
            )

    # ------------------------------------------------------------------ frame

    def _selected(self) -> BotSnapshot | None:
        page = None if self._first else self.window.page("monitor")
        if isinstance(page, MonitorPage) and page.selected is not None:
            return page.selected
        return next(iter(self.bridge.snapshot.bots), None)

    def _other_bot(self) -> None:
        self.frame.show_status(self.bridge.snapshot.status)

    def _changed(self, app: AppSnapshot) -> None:
        if self._first and app.bots:
            self.leave_first_pages("monitor")
        self.frame.show_snapshot(app)

    def _fold(self, layout_class: str) -> None:
        page = None if self._first else self.window.page("monitor")
        if isinstance(page, MonitorPage):
            page.fold(layout_class)

    def _page_shown(self, name: str) -> None:
        """The first page stands alone in the window; all others have the frame around them."""
        bare = self._first and name == "monitor"
        for part in (self.window.rail, self.window.top_bar, self.window.status_bar):
            part.setHidden(bare)
        if not bare and name in PAGES:  # the program does not begin with Help
            self.preferences.last_page = name

    # ------------------------------------------------------------------ errors

    def show_fault(self, fault: Fault) -> None:
        """A toast with the fault's words, and what is behind them to copy."""
        toast_fault(self.window, fault)

    def _unexpected(self, name: str, error: BaseException) -> None:
        toast_unexpected(self.window, self.bridge.data_dir, name, error)
