"""The Monitor: bots, chart, trigger log, inspector. It routes; the panels draw."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QElapsedTimer, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from engine.language import tr
from engine.messages.commands import SetSpeed
from engine.messages.snapshot import AppSnapshot, BotSnapshot, EngineStatus, Pulse
from trader_gui.door.bridge import Bridge
from trader_gui.models import facts
from trader_gui.models.bots_delegate import Density
from trader_gui.panels.bots_panel import BotsPanel
from trader_gui.panels.chart_panel import ChartPanel
from trader_gui.panels.inspector import InspectorPanel
from trader_gui.panels.log_panel import LogPanel
from trader_gui.panels.position_strip import PositionStrip
from trader_gui.panels.verbs import Verb, command_of
from trader_gui.settings.preferences import Preferences
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.shortcut import shortcut

_BOTS_WIDTH: Final = {"wide": 352, "medium": 300, "narrow": 232, "tiny": 232}
_DENSITY: Final = {"wide": Density.FULL, "medium": Density.PLAIN}
_INSPECTOR: Final = 300
LIST_MS: Final = 250
LASTS_AFTER_MS: Final = 300
"""A verb that is still carried out then is shown to be."""
_LOG_ROWS: Final = 10
_LOW_ROWS: Final = 5
_LOW: Final = 726
"""Page height (window less top bar and status bar) below which the log shows five rows."""


class MonitorPage(QWidget):
    """Draws the bridge's snapshots while it is visible; nothing is drawn behind other pages."""

    new_bot_asked = Signal()
    edit_bot_asked = Signal(int)
    delete_bot_asked = Signal(int)
    review_asked = Signal(int)
    """Session id."""

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._preferences = bridge, preferences
        self._class, self._low = "", False
        self._behind = True
        self._chosen: dict[str, list[int]] = {}
        self._listed: tuple[BotSnapshot, ...] = ()
        """As the list shows them."""
        self._looked_at = 0
        """The bot that is shown, by its id."""
        self._drawn: tuple[BotSnapshot | None, float] = (None, 0.0)
        """What is drawn of it, and at which speed."""
        self._asked: list[tuple[int, Verb]] = []
        self._lasts = QTimer(self, singleShot=True)
        self._lasts.timeout.connect(self._show_lasting)
        self._list_shown = QElapsedTimer()
        self._list_due = QTimer(self, singleShot=True)
        self._list_due.timeout.connect(self._show_list)
        self._lay_out()
        self.bots.set_titles(bridge.titles)
        self.setFocusProxy(self.bots.view)
        self._connect()
        self.fold("wide")
        self.show_snapshot(bridge.snapshot)

    # ------------------------------------------------------------------ build

    def _lay_out(self) -> None:
        # A splitter takes in what is made within it.
        self.columns = _splitter(Qt.Orientation.Horizontal, self)
        self.bots = BotsPanel(self.columns)
        self.centre = _splitter(Qt.Orientation.Vertical, self.columns)
        self.chart, self.log = ChartPanel(self.centre), LogPanel(self.centre)
        self.inspector = InspectorPanel(parent=self.columns)
        self.strip = PositionStrip(self.chart)
        self.details = TextButton(tr("Details"), "info")
        self.details.setToolTip(tr("Everything about this bot (I)"))
        self.details.setCheckable(True)
        self.chart.add_tool(self.details)
        self.chart.add_strip(self.strip)
        self.centre.setStretchFactor(0, 1)
        for panel, least in ((self.bots, 180), (self.centre, 360), (self.inspector, 260)):
            panel.setMinimumWidth(least)
        self.chart.setMinimumSize(240, 160)
        self.log.setMinimumSize(240, 88)
        self.columns.setStretchFactor(1, 1)
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.columns)
        self.drawer = QFrame(self)
        self.drawer.setProperty("look", "drawer")
        inner = QHBoxLayout(self.drawer)
        inner.setContentsMargins(1, 0, 0, 0)
        self.drawer.hide()

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.changed.connect(self._changed)
        bridge.pulse.connect(self._beat)
        self.bots.selected.connect(lambda _: self._show_selected())
        self.bots.new_asked.connect(self.new_bot_asked)
        self.bots.delete_asked.connect(self.delete_bot_asked)
        for panel in (self.bots, self.inspector):
            panel.edit_asked.connect(self.edit_bot_asked)
        for source in (self.bots, self.inspector, self.strip):
            source.asked.connect(self.ask)
        self.inspector.move_asked.connect(bridge.send)
        self.inspector.trades_asked.connect(self.review_asked)
        self.inspector.trade_chosen.connect(self.jump)
        self.log.jumped.connect(self.jump)
        self.chart.speed_asked.connect(lambda speed: bridge.send(SetSpeed(speed)))
        self.chart.maximise_asked.connect(self._maximise)
        self.details.toggled.connect(self._show_drawer)
        for panel_splitter in (self.columns, self.centre):
            panel_splitter.splitterMoved.connect(self._remember)
        for keys, words, act in (
            ("I", tr("Show or hide the inspector"), self.toggle_inspector),
            ("F", tr("Show the chart alone, or everything"), self.chart.maximise.toggle),
            ("Ctrl+J", tr("Show or hide the log"), self._toggle_log),
            ("Ctrl+F", tr("Search in the panel with the focus"), self._search),
            ("F6", tr("Go to the next panel"), lambda: self._next_panel(1)),
            ("Shift+F6", tr("Go to the panel before"), lambda: self._next_panel(-1)),
        ):
            shortcut(keys, words, self, act)

    # ------------------------------------------------------------------ what is shown

    @property
    def selected(self) -> BotSnapshot | None:
        bot_id = self.bots.selected_id
        return None if bot_id is None else self._bridge.snapshot.bot(bot_id)

    def show_snapshot(self, app: AppSnapshot) -> None:
        self._show_list()
        self.log.show_bots(app.bots)
        self._show_selected()

    def _changed(self, app: AppSnapshot) -> None:
        if not self.isVisible():
            self._behind = True
            return
        if not _stand_alike(self._listed, app.bots):
            self._show_list()
        elif not self._list_due.isActive():  # apart from the frame, which would take longer
            self._list_due.start(max(0, LIST_MS - int(self._list_shown.elapsed())))
        self.log.show_bots(app.bots)
        bot = self.selected
        if bot is self._drawn[0] and app.speed == self._drawn[1]:
            self.inspector.show_bot(bot, app.account)  # its ages grow with the beat
        else:
            self._show_selected()

    def _show_list(self) -> None:
        """Ticks change rows at most four times a second, a new state at once."""
        app = self._bridge.snapshot
        self._list_due.stop()
        self._list_shown.start()
        self._listed = app.bots
        self.bots.show_bots(app)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._behind:
            self._behind = False
            self.show_snapshot(self._bridge.snapshot)

    def _show_selected(self) -> None:
        app, bot = self._bridge.snapshot, self.selected
        self._drawn = bot, app.speed
        if bot is not None and bot.bot_id != self._looked_at:
            self._looked_at = bot.bot_id
            if not bot.chart.length:  # after a start recordings are read one by one
                self._bridge.look_at(bot.bot_id)
        self.chart.show_bot(bot, app.speed, stale=self._stale(bot, app.status))
        if self._folded:
            self.strip.show_bot(bot, bool(self._stale(bot, app.status)), app.status.now)
        self.inspector.show_bot(bot, app.account)
        self.inspector.show_status(app.status)
        self.details.setVisible(bot is not None and self._folded)

    def _beat(self, status: EngineStatus) -> None:
        if self._asked:
            self._show_lasting()
        if self.isVisible():
            self.bots.beat(status)
            self.inspector.show_status(status)
            stale = self._stale(self.selected, status)
            self.chart.show_price(stale)
            if self._folded:
                self.strip.show_bot(self.selected, bool(stale), status.now)

    def _stale(self, bot: BotSnapshot | None, status: EngineStatus) -> str:
        if bot is None:
            return ""
        pulse = status.pulses.get(bot.bot_id, Pulse())
        stale = facts.is_stale(bot, pulse, status.now)
        return facts.price_age(bot, pulse, status.now).words if stale else ""

    # ------------------------------------------------------------------ what a person does

    def ask(self, bot_id: int, verb: Verb) -> None:
        """Send a verb of a bot to the engine; if it lasts, its button says so."""
        wish = command_of(verb, bot_id)
        if self._bridge.send(wish, lambda _: self._lasts.start(0)) is not None:
            self._asked.append((bot_id, verb))
            self._lasts.start(LASTS_AFTER_MS)

    def _show_lasting(self) -> None:
        self._asked = [
            (bot_id, verb)
            for bot_id, verb in self._asked
            if self._bridge.carries_out(command_of(verb, bot_id))
        ]
        self.inspector.show_lasting(frozenset(self._asked))

    def jump(self, bot_id: int, at: int) -> None:
        """Show a bot's chart around a moment (UTC ms) and flash its candle."""
        self.bots.select(bot_id)
        if self.bots.selected_id == bot_id:
            self.chart.chart.center_on(at)

    def toggle_inspector(self) -> None:
        if self._folded:
            self.details.toggle()
        else:
            self.inspector.setVisible(self.inspector.isHidden())

    def _toggle_log(self) -> None:
        self.log.setVisible(self.log.isHidden())

    def _maximise(self, whole: bool) -> None:
        self.bots.setHidden(whole)
        self.log.setHidden(whole)
        if not self._folded:
            self.inspector.setHidden(whole)

    def _search(self) -> None:
        if self.log.isAncestorOf(QApplication.focusWidget() or self):
            self.log.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.bots.start_search()

    def _next_panel(self, by: int) -> None:
        stops: list[QWidget] = [self.bots.view, self.chart.chart, self.log.view, self.inspector]
        shown = [stop for stop in stops if stop.isVisible()]
        focus = QApplication.focusWidget()
        now = next((n for n, stop in enumerate(shown) if focus and _inside(stop, focus)), -by)
        target = shown[(now + by) % len(shown)]
        if target is self.inspector:
            target = next(b for b in self.inspector.verbs.values() if b.isVisible())
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # ------------------------------------------------------------------ folding

    @property
    def _folded(self) -> bool:
        return self._class in ("narrow", "tiny")

    def fold(self, layout_class: str) -> None:
        """Arrange the panels for wide, medium, narrow or tiny."""
        if layout_class == self._class:
            return
        self._class = layout_class
        folded = self._folded
        self.bots.set_density(_DENSITY.get(layout_class, Density.COMPACT))
        self.log.set_narrow(folded)
        self.strip.setVisible(folded)
        self.details.setVisible(folded and self.selected is not None)
        self.details.setChecked(False)
        if folded:
            self.drawer.layout().addWidget(self.inspector)  # type: ignore[union-attr]
        else:
            self.columns.addWidget(self.inspector)
        self.inspector.show()
        self.bots.show_bots(self._bridge.snapshot)
        self._show_selected()
        self._size()

    @property
    def _kept(self) -> str:
        """The name under which the sizes of this window class are remembered."""
        return f"monitor_{self._class}" + ("_low" if self._low else "")

    def _size(self) -> None:
        """The widths and the height a person chose for this class, else those of the design."""
        px, rows = theme().px, _LOW_ROWS if self._low or self._folded else _LOG_ROWS
        usual = [
            px(_BOTS_WIDTH[self._class]),
            px(_INSPECTOR),
            self.log.height_of(rows),
        ]
        kept = self._chosen.get(self._kept)
        if kept is None and self._preferences is not None:
            kept = self._preferences.layout(self._kept)
        bots, side, log = kept if kept and len(kept) == len(usual) else usual
        side = 0 if self._folded else side
        widths = [bots, max(1, self.width() - bots - side), side]
        self.columns.setSizes(widths if side else widths[:2])
        self.centre.setSizes([max(1, self.height() - log), log])

    def _remember(self) -> None:
        side = theme().px(_INSPECTOR) if self._folded else self.inspector.width()
        sizes = [self.bots.width(), side, self.log.height()]
        self._chosen[self._kept] = sizes
        if self._preferences is not None:
            self._preferences.set_layout(self._kept, sizes)

    def _show_drawer(self, shown: bool) -> None:
        self._place_drawer()
        self.drawer.setVisible(shown)
        self.drawer.raise_()

    def _place_drawer(self) -> None:
        wide, top = theme().px(_INSPECTOR), theme().px(40)
        self.drawer.setGeometry(QRect(self.width() - wide, top, wide, self.height() - top))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        low = self.height() < theme().px(_LOW)
        self._low = low
        self.inspector.set_short(low)
        self._size()
        self._place_drawer()


def _stand_alike(before: tuple[BotSnapshot, ...], now: tuple[BotSnapshot, ...]) -> bool:
    """Whether nothing changed that a person must see at once in the list: who is there, in which
    state."""
    return len(before) == len(now) and all(
        one is other or _standing(one) == _standing(other)
        for one, other in zip(before, now, strict=True)
    )


def _standing(bot: BotSnapshot) -> tuple[object, ...]:
    return bot.bot_id, bot.settings, bot.state, bot.unguarded, bot.session.paused


def _splitter(orientation: Qt.Orientation, parent: QWidget) -> QSplitter:
    made = QSplitter(orientation, parent)
    made.setHandleWidth(1)
    made.setChildrenCollapsible(False)
    return made


def _inside(ancestor: QWidget, widget: QWidget) -> bool:
    return ancestor is widget or ancestor.isAncestorOf(widget)
