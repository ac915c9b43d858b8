"""The progress of a sweep: how far, how long still, how fast, pause and cancel."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from engine.language import tr, trn
from trader_gui import format as fmt
from trader_gui.pages.backtest.sweep.runner import SweepRunner
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_hint

_EACH_MS = 500


class SweepStrip(QFrame):
    """Hidden while no sweep runs. `pause_asked(bool)`, `cancel_asked()`."""

    pause_asked = Signal(bool)
    cancel_asked = Signal()

    def __init__(self, runner: SweepRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("look", "raised")
        self.title = label(tr("Sweep running"), "panel-title")
        self.count = label("", "label")
        self.left = label("", "strong")
        self.speed = ElidedLabel("", "label")
        self.pause = TextButton(tr("Pause"), "pause-fill")
        self.pause.clicked.connect(lambda: self.pause_asked.emit(not runner.paused))
        self.cancel = TextButton(tr("Cancel"), "x")
        set_hint(self.cancel, tr("Esc. Runs that are done are kept."))
        self.cancel.clicked.connect(self.cancel_asked)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.title)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.left)
        row.addWidget(self.speed)
        row.addWidget(self.pause)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 8)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.bar)
        # What is left and how fast it goes change without any result.
        self._again = QTimer(self, interval=_EACH_MS)
        self._again.timeout.connect(self.show_state)
        self.hide()
        for news in (runner.begun, runner.told, runner.ended):
            news.connect(self.show_state)

    def show_state(self) -> None:
        """As the runner says."""
        runner = self._runner
        self.setVisible(runner.running)
        if not runner.running:
            self._again.stop()
            return
        if not self._again.isActive():
            self._again.start()
        total = runner.cells.outlook.runs if runner.cells is not None else 0
        done = 0 if runner.progress is None else runner.progress.done
        words = (
            tr("Sweep ending")
            if runner.ending
            else tr("Sweep paused")
            if runner.paused
            else tr("Sweep running")
        )
        self.title.setText(words)
        self.count.setText(tr("{done:,} of {total:,} runs", done=done, total=total))
        self.bar.setRange(0, total if runner.progress is not None else 0)
        self.bar.setValue(done)
        self.bar.setAccessibleName(f"{words}, {self.count.text()}")
        left = None if runner.paused else runner.left_ms
        self.left.setText(
            "" if left is None else tr("{duration} left", duration=fmt.duration(max(1000, left)))
        )
        self.speed.setText(self._speed())
        self.pause.setText(tr("Go on") if runner.paused else tr("Pause"))
        self.pause.set_icon("play-fill" if runner.paused else "pause-fill")
        self.pause.setEnabled(runner.progress is not None and not runner.ending)
        self.cancel.setEnabled(not runner.ending)

    def _speed(self) -> str:
        speed, progress = self._runner.per_second, self._runner.progress
        if progress is None:
            return tr("Candles are being read")
        workers = trn("{count} worker", "{count} workers", progress.workers)
        if speed is None:
            return workers
        digits = 2 if speed < 1 else 1 if speed < 10 else 0
        return tr("{speed} runs/s, {workers}", speed=fmt.number(speed, digits), workers=workers)
