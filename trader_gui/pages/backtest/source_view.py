"""The middle of the page: which candles there are, and below them a chart or what is done to
the archive."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.domain.archive import Coverage, Series
from engine.language import tr
from engine.messages.commands import DownloadCandles
from trader_gui.coverage.facts import doubt_words
from trader_gui.door.bridge import Bridge
from trader_gui.models.kept_candles import KeptCandles
from trader_gui.pages.backtest.chart_area import ChartArea
from trader_gui.pages.backtest.coverage_part import CoveragePart
from trader_gui.pages.backtest.download_form import DownloadForm
from trader_gui.pages.backtest.downloads import Downloads
from trader_gui.pages.backtest.import_panel import ImportPanel
from trader_gui.pages.backtest.kept_panel import KeptPanel
from trader_gui.pages.backtest.sweep.runner import SweepRunner
from trader_gui.panels.rows import Header
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import label, set_hint

_NARROW: Final = 640
"""Below this width the buttons show their icons alone."""
_BUTTONS: Final = (
    ("download", tr("Download"), "download-simple", tr("Download candles of an exchange")),
    ("import", tr("Import"), "file-plus", tr("Import files of candles or trades")),
    ("kept", tr("Kept"), "archive", tr("Everything that is kept: check, complete, delete")),
)


class SourceView(QWidget):
    """`tool_changed(name)`: ``download``, ``import``, ``kept``, or empty for the chart. Tools are
    made when they are first wanted. `imported(Imported)`, `used(Series)` of kept candles,
    `delete_asked(Coverage)`."""

    tool_changed = Signal(str)
    imported = Signal(object)
    used = Signal(object)
    delete_asked = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        kept: KeptCandles,
        runner: SweepRunner,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._kept = bridge, kept
        self.tool = ""
        self.about = ElidedLabel(tr("Nothing chosen"), "label")
        self.doubt = label("", "small", "warn")
        self.buttons: dict[str, TextButton] = {}
        self.coverage = CoveragePart()
        self.downloads = Downloads(bridge)
        self.charts = ChartArea(bridge, runner)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.charts)
        self._tools: dict[str, QWidget] = {}
        self._build()

    def _build(self) -> None:
        head = Header(tr("Data"))
        head.row.addWidget(self.about, 1)
        head.row.addWidget(self.doubt)
        for name, words, icon, tip in _BUTTONS:
            button = self.buttons[name] = TextButton(words, icon)
            button.setCheckable(True)
            set_hint(button, tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _=False, tool=name: self._toggle(tool))
            head.row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.coverage)
        column.addWidget(self.downloads)
        column.addWidget(self._stack, 1)

    @cached_property
    def download_form(self) -> DownloadForm:
        form = DownloadForm(self._bridge, self.downloads.runs)
        form.asked.connect(self._download)
        self.downloads.grown.connect(form.settle)
        self._add_tool("download", tr("Download candles"), tr("Close: download candles"), form)
        return form

    @cached_property
    def importing(self) -> ImportPanel:
        panel = ImportPanel(self._bridge)
        panel.imported.connect(self.imported)
        self._add_tool("import", tr("Import files"), tr("Close: import files"), panel)
        return panel

    @cached_property
    def keeping(self) -> KeptPanel:
        panel = KeptPanel(self._bridge, self._kept)
        panel.used.connect(self.used)
        panel.used.connect(self.close_tool)
        panel.download_asked.connect(self.open_download)
        panel.delete_asked.connect(self.delete_asked)
        self._add_tool("kept", tr("Kept candles"), tr("Close: kept candles"), panel)
        return panel

    def _add_tool(self, name: str, title: str, leave: str, panel: QWidget) -> None:
        head = Header(title)
        close = IconButton("x", leave)
        close.clicked.connect(self.close_tool)
        head.row.addWidget(panel.about if isinstance(panel, KeptPanel) else QWidget(), 1)
        head.row.addWidget(close)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(panel, 1)
        self._tools[name] = whole
        self._stack.addWidget(whole)

    # ------------------------------------------------------------------ what stands there

    def show_file(self, name: str) -> None:
        """The candles come from a file; empty for none yet."""
        self.about.setText(name or tr("Nothing chosen"))
        self.doubt.hide()
        self.coverage.hide()

    def show_series(
        self, series: Series | None, kept: Sequence[Coverage], source: Coverage | None
    ) -> None:
        """They come from the archive: everything of the market, and what is used of it."""
        named = f"{series.exchange} {series.symbol}" if series is not None else ""
        self.about.setText(named or tr("Nothing kept yet"))
        doubt = doubt_words(source) if source else ""
        self.doubt.setText(doubt)
        self.doubt.setVisible(bool(doubt))
        self.coverage.show_rows(kept, kept.index(source) if source is not None else 0)
        self._place_coverage()

    def _place_coverage(self) -> None:
        """The map gives its room to what is imported or sorted out."""
        wanted = bool(self.coverage.map.rows) and self.tool in ("", "download")
        self.coverage.setVisible(wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= theme().px(_NARROW)
        for name, words, _, _ in _BUTTONS:
            self.buttons[name].setText(words if wide else "")

    # ------------------------------------------------------------------ tools

    def open_download(self, about: Coverage | None = None, series: Series | None = None) -> None:
        self.download_form.open(about, series)
        self._open("download")

    def open_import(self, paths: Sequence[Path] = ()) -> None:
        panel = self.importing
        if paths:
            panel.open(paths)
        self._open("import")

    def open_kept(self) -> None:
        self.keeping.table.pick_something()
        self._open("kept")

    def close_tool(self) -> None:
        self._open("")

    def _toggle(self, tool: str) -> None:
        if tool == self.tool:
            self.close_tool()
        elif tool == "download":
            self.open_download()
        elif tool == "import":
            self.open_import()
        else:
            self.open_kept()

    def _open(self, tool: str) -> None:
        self.tool = tool
        for name, button in self.buttons.items():
            button.setChecked(name == tool)
        self._stack.setCurrentWidget(self._tools.get(tool, self.charts))
        self._place_coverage()
        self.tool_changed.emit(tool)

    def _download(self, wish: DownloadCandles) -> None:
        self.downloads.begin(wish)
        self.close_tool()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.tool:
            self.close_tool()
        else:
            super().keyPressEvent(event)
