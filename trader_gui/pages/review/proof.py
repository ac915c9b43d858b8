"""The proof beside a review: the session run again, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.candles import moment_text
from engine.language import tr
from engine.messages.progress import Progress
from engine.messages.proof import Difference, Proof
from trader_gui.models.proof_lines import (
    cause_words,
    field_words,
    hashes,
    proof_line,
    side_words,
)
from trader_gui.models.trust import TrustLine
from trader_gui.panels.rows import Section, show_text
from trader_gui.widgets.check_mark import CheckMark
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_hint
from trader_gui.widgets.progress_strip import ProgressStrip


class ProofBlock(Section):
    """Hidden until it is asked for. `cancel_asked()`, `keep_asked()`, and `jumped(at)` to the
    moment of the first event that differs."""

    cancel_asked = Signal()
    keep_asked = Signal()
    jumped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Proof"), parent)
        self.proof: Proof | None = None
        self.mark = CheckMark()
        self.words, self.more = label(look="value"), label(look="hint")
        self.progress = ProgressStrip(slim=True)
        self.progress.cancel_asked.connect(self.cancel_asked)
        self.difference = _DifferenceView()
        self.difference.there.clicked.connect(self._jump)
        self.remarks = label(look="hint")
        self.remarks.setWordWrap(True)
        self.keep = TextButton(tr("Keep the replay"))
        self.keep.setToolTip(tr("Store what it came to as a session of its own, of mode replay"))
        self.keep.clicked.connect(self.keep_asked)
        self.column.addLayout(self._head())
        for part in (self.progress, self.difference, self.remarks):
            self.column.addWidget(part)
        self.column.addWidget(self.keep, alignment=Qt.AlignmentFlag.AlignLeft)
        self.forget()

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.mark, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(1)
        for text in (self.words, self.more):
            text.setWordWrap(True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(text)
        row.addLayout(column, 1)
        return row

    def forget(self) -> None:
        """Another session: nothing was asked about it."""
        self.proof = None
        self.progress.finish()
        self.hide()

    def show_progress(self, progress: Progress | None) -> None:
        """Work has begun (None) or got on."""
        if progress is not None:
            self.progress.advance(progress.done, progress.total)
            return
        self._show(TrustLine("wait", tr("Being run again from its recording"), ""))
        self.progress.start(tr("Running the session again"))

    def show_proof(self, proof: Proof) -> None:
        """The answer."""
        self.proof = proof
        self._show(proof_line(proof))
        set_hint(self.more, hashes(proof))
        self.difference.show_difference(proof.difference)
        show_text(self.remarks, " ".join(proof.remarks))
        self.remarks.setVisible(bool(proof.remarks))
        self.keep.show()

    def show_trouble(self, words: str) -> None:
        """It could not be run again; "" when nothing is to be said."""
        if words:
            self._show(TrustLine("warn", tr("It cannot be proven"), words))
        else:
            self.forget()

    def _show(self, line: TrustLine) -> None:
        self.progress.finish()
        self.mark.set_level(line.level)
        show_text(self.words, line.words)
        show_text(self.more, line.more)
        self.more.setVisible(bool(line.more))
        set_hint(self.more, "")
        for part in (self.difference, self.remarks, self.keep):
            part.hide()
        self.show()

    def _jump(self) -> None:
        if self.proof is not None and self.proof.difference is not None:
            self.jumped.emit(self.proof.difference.at)


class _DifferenceView(QWidget):
    """The first event that differs: when, why, both sides with what they came from."""

    def __init__(self) -> None:
        super().__init__()
        self.when, self.cause = label(look="label"), label(look="value")
        self.there = TextButton(tr("Go there"))
        self.recorded, self.now, self.fields = (label(look="hint") for _ in range(3))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(self.when, 1)
        row.addWidget(self.there)
        column.addLayout(row)
        for name, text in (
            ("", self.cause),
            (tr("Recorded"), self.recorded),
            (tr("Now"), self.now),
            ("", self.fields),
        ):
            if name:
                column.addWidget(label(name, "label"))
            text.setWordWrap(True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(text)

    def show_difference(self, difference: Difference | None) -> None:
        self.setVisible(difference is not None)
        if difference is None:
            return
        show_text(self.when, moment_text(difference.at))
        show_text(self.cause, cause_words(difference))
        show_text(self.recorded, side_words(difference.recorded))
        show_text(self.now, side_words(difference.replayed))
        show_text(self.fields, field_words(difference))
        self.fields.setVisible(bool(difference.fields))
