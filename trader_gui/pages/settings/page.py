"""The Settings page: everything a person can choose, in sections, and what runs here."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from engine.language import tr
from engine.runtime.messengers import Messengers
from trader_gui.door.bridge import Bridge
from trader_gui.pages.scrolling import scrolling
from trader_gui.pages.settings.account_limits import AccountLimits
from trader_gui.pages.settings.languages import LanguageForm
from trader_gui.pages.settings.messengers import MessengersForm
from trader_gui.pages.settings.network import NetworkForm
from trader_gui.pages.settings.notices import NoticesForm
from trader_gui.pages.settings.recordings import RecordingsForm
from trader_gui.pages.settings.restarts import RestartForm
from trader_gui.pages.settings.strategies import StrategiesForm
from trader_gui.pages.settings.versions import versions
from trader_gui.settings.preferences import OnClose, Preferences
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.figure_rows import Figure, FigureRows
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, separator, set_tip, show_if
from trader_gui.widgets.sections import SectionList
from trader_gui.widgets.segmented import SegmentedControl

_LOOKS: Final = (("dark", tr("Dark")), ("light", tr("Light")), ("system", tr("System")))
_WAYS_TO_CLOSE: Final = (
    (OnClose.ASK.value, tr("Ask")),
    (OnClose.KEEP.value, tr("Keep watching")),
    (OnClose.STOP.value, tr("Stop, keep positions")),
    (OnClose.CLOSE.value, tr("Close positions and stop")),
)
SECTIONS: Final = (
    ("look", tr("Theme"), "sun"),
    ("language", tr("Language"), "translate"),
    ("close", tr("Closing the window"), "sign-out"),
    ("awake", tr("While bots run"), "coffee"),
    ("notices", tr("Notices"), "bell"),
    ("messages", tr("Messages"), "paper-plane-tilt"),
    ("limits", tr("Account limits"), "shield-check"),
    ("restarts", tr("After a restart"), "arrow-clockwise"),
    ("network", tr("Network"), "globe"),
    ("strategies", tr("Own strategies"), "code"),
    ("recordings", tr("Recordings"), "archive"),
    ("folder", tr("Data folder"), "folder-open"),
    ("versions", tr("Versions"), "info"),
)
"""Key, title and icon, in their order."""
_TITLES: Final = {key: title for key, title, _ in SECTIONS}
_WIDTH, _NARROW, _ABOVE = 640, 820, 20


class SettingsPage(QWidget):
    """`look_chosen(str)` dark, light or system; `connection_chosen(Connection)`;
    `close_chosen(str)` a value of OnClose; `edited()` after anything else of the preferences was
    changed in them; `said(text)` for a toast."""

    look_chosen = Signal(str)
    connection_chosen = Signal(object)
    close_chosen = Signal(str)
    edited = Signal()
    said = Signal(str)

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences,
        messengers: Messengers,
        *,
        tray: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`tray`: the desktop shows an icon of the program, and its notices."""
        super().__init__(parent)
        self._folder = bridge.data_dir
        self._titles: dict[str, QWidget] = {}
        self.sections = SectionList(SECTIONS, self)
        body = frame("panel")
        inner = QWidget(body)
        inner.setMaximumWidth(theme().px(_WIDTH))
        around = QHBoxLayout(body)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(inner, 1)
        around.addStretch(0)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(24, 20, 24, 24)
        self._column.setSpacing(16)
        self._scroll = scrolling(body, self._column, self)
        self._build_look(preferences)
        self._build_language(preferences)
        self._build_close(preferences)
        self._build_awake(preferences)
        self._build_notices(preferences, tray)
        self._build_messages(bridge, messengers)
        self._build_limits(bridge)
        self._build_restarts(bridge)
        self._build_network(preferences)
        self._build_strategies(bridge)
        self._build_recordings(bridge)
        self._build_folder(preferences)
        self._build_versions()
        self._column.addStretch(1)
        self._scroll.verticalScrollBar().valueChanged.connect(self._follow_scroll)
        self.sections.chosen.connect(self.show_section)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sections)
        row.addWidget(separator(vertical=True))
        row.addWidget(self._scroll, 1)

    def show_section(self, key: str) -> None:
        """Scroll to it; the last ones share the bottom of the page."""
        self._scroll.verticalScrollBar().setValue(self._titles[key].y() - _ABOVE)
        self.sections.set_current(key)

    def _follow_scroll(self, value: int) -> None:
        at_end = value == self._scroll.verticalScrollBar().maximum()
        passed = [
            key for key, title in self._titles.items() if title.y() - _ABOVE <= value or at_end
        ]
        if passed:
            self.sections.set_current(passed[-1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        show_if(self.sections, self.width() >= theme().px(_NARROW))

    def _section(self, key: str, hint: str) -> None:
        if self._titles:
            self._column.addWidget(separator())
        self._titles[key] = label(_TITLES[key], "panel-title")
        self._column.addWidget(self._titles[key])
        if hint:
            words = label(hint, "label")
            words.setWordWrap(True)
            self._column.addWidget(words)

    def _build_look(self, preferences: Preferences) -> None:
        self._section("look", tr("System follows the light or dark setting of your desktop."))
        self.look = SegmentedControl(tr("Theme"), _LOOKS)
        set_tip(self.look, tr("Colours of the window."))
        self.look.set_value(preferences.theme.value)
        self.look.chosen.connect(self.look_chosen)
        theme().changed.connect(self._follow_look)
        self._column.addWidget(self.look, alignment=Qt.AlignmentFlag.AlignLeft)

    def _follow_look(self) -> None:
        self.look.set_value(theme().appearance.value)

    def _build_language(self, preferences: Preferences) -> None:
        self._section("language", tr("Of the window and its numbers, from the next start on."))
        self.languages = LanguageForm(preferences)
        self.languages.changed.connect(self.edited)
        self.languages.said.connect(self.said)
        self._column.addWidget(self.languages)

    def _build_close(self, preferences: Preferences) -> None:
        self._section("close", tr("What becomes of bots that run."))
        self._preferences = preferences
        self.on_close = SegmentedControl(tr("Closing the window"), _WAYS_TO_CLOSE)
        set_tip(self.on_close, tr("What bots do that run when the window is closed."))
        self.on_close.chosen.connect(self.close_chosen)
        self._column.addWidget(self.on_close, alignment=Qt.AlignmentFlag.AlignLeft)

    def _build_awake(self, preferences: Preferences) -> None:
        self._section(
            "awake",
            tr("A computer that sleeps watches no stops. Closing a lid does what the system says."),
        )
        self.awake = QCheckBox(tr("Keep this computer awake while bots run"))
        set_tip(self.awake, tr("The system is asked not to sleep. The screen may still turn off."))
        self.awake.setChecked(preferences.keep_awake)
        self.awake.toggled.connect(self._choose_awake)
        self._column.addWidget(self.awake)

    def _choose_awake(self, wanted: bool) -> None:
        self._preferences.keep_awake = wanted
        self.edited.emit()

    def _build_notices(self, preferences: Preferences, tray: bool) -> None:
        self._section("notices", tr("What you are told while you look elsewhere, as it happens."))
        self.notices = NoticesForm(preferences, tray=tray)
        self.notices.changed.connect(self.edited)
        self._column.addWidget(self.notices)

    def _build_messages(self, bridge: Bridge, messengers: Messengers) -> None:
        self._section(
            "messages",
            tr(
                "The same notices by Telegram, Discord, e-mail or to an address of your "
                "own. They name bots, prices and results: whoever runs the service can "
                "read them."
            ),
        )
        self.messengers = MessengersForm(bridge, messengers)
        self._column.addWidget(self.messengers)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.on_close.set_value(self._preferences.on_close.value)  # it may be chosen elsewhere

    def _build_limits(self, bridge: Bridge) -> None:
        self._section(
            "limits",
            tr(
                "For all bots together. An entry that would break one is refused; exits always run."
            ),
        )
        self.limits = AccountLimits(bridge)
        self.limits.said.connect(self.said)
        self._column.addWidget(self.limits)

    def _build_restarts(self, bridge: Bridge) -> None:
        self._section(
            "restarts",
            tr(
                "What becomes of bots that ran when the program ended, whether it was "
                "closed or not. Bots that you stopped stay stopped."
            ),
        )
        self.restarts = RestartForm(bridge)
        self.restarts.said.connect(self.said)
        self._column.addWidget(self.restarts)

    def _build_network(self, preferences: Preferences) -> None:
        self._section(
            "network",
            tr(
                "Only exchanges are contacted, by bots and downloads that you set up, and "
                "where you have messages sent."
            ),
        )
        self.network = NetworkForm(preferences.connection)
        self.network.chosen.connect(self.connection_chosen)
        self._column.addWidget(self.network)

    def _build_recordings(self, bridge: Bridge) -> None:
        self._section(
            "recordings",
            tr(
                "A paper session can let go of its ticks some days after its end. "
                "Candles, trades and figures stay, but it can no longer be replayed tick "
                "by tick."
            ),
        )
        self.recordings = RecordingsForm(bridge)
        self.recordings.said.connect(self.said)
        self._column.addWidget(self.recordings)

    def _build_strategies(self, bridge: Bridge) -> None:
        self._section(
            "strategies",
            tr(
                "A file of the strategies folder is run only after you allowed it, and "
                "asked for again when it has changed. It has all rights of this program."
            ),
        )
        self.strategies = StrategiesForm(bridge)
        self.strategies.said.connect(self.said)
        self._column.addWidget(self.strategies)

    def _build_folder(self, preferences: Preferences) -> None:
        self._section(
            "folder",
            tr(
                "Bots, sessions with their recordings, and preferences lie here. Copy "
                "this folder while the program is closed to keep a backup. Start with "
                "--data-dir to use another."
            ),
        )
        self.path = ElidedLabel(str(self._folder), "value")
        self.path.mode = Qt.TextElideMode.ElideMiddle
        self.copy = TextButton(tr("Copy path"), "copy")
        self.copy.clicked.connect(self._copy_path)
        self.open = TextButton(tr("Open folder"), "folder-open")
        self.open.clicked.connect(self._open_folder)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.path, 1)
        row.addWidget(self.copy)
        row.addWidget(self.open)
        self._column.addLayout(row)
        for problem in preferences.problems:
            words = label(problem, "label", "warn")
            words.setWordWrap(True)
            self._column.addWidget(words)

    def _build_versions(self) -> None:
        self._section("versions", "")
        self.versions = FigureRows(wordy=True)
        self.versions.show_figures(
            [Figure(name, text, "text2", tip=tr("What runs here.")) for name, text in versions()]
        )
        self.copy_versions = TextButton(tr("Copy versions"), "copy")
        self.copy_versions.clicked.connect(self._copy_versions)
        self._column.addWidget(self.versions)
        self._column.addWidget(self.copy_versions, alignment=Qt.AlignmentFlag.AlignLeft)

    def _copy_path(self) -> None:
        QGuiApplication.clipboard().setText(str(self._folder))
        self.said.emit(tr("The path of the data folder was copied."))

    def _copy_versions(self) -> None:
        lines = [f"{name} {text}" for name, text in versions()]
        QGuiApplication.clipboard().setText("\n".join(lines))
        self.said.emit(tr("The versions were copied."))

    def _open_folder(self) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))):
            self.said.emit(
                tr("No file manager answered. The folder is {folder}.", folder=self._folder)
            )
