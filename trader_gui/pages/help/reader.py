"""A chapter as it is read: themed text, pictures of the guide's folder, links within the guide."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import (
    QImage,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from engine.language import tr
from trader_gui.pages.help.chapters import Chapter
from trader_gui.pages.help.dressing import CODE_PADDING, MARGIN, blocks_of, code_of, dress
from trader_gui.theme.theme import theme

COLUMN: Final = 840
"""Width of the text at 100 %, margins included: longer lines are hard to read."""
_ABOVE: Final = 12


class Reader(QTextBrowser):
    """`asked(key, place)` when a link to another part of the guide is followed."""

    asked = Signal(str, str)

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder, self._chapter = folder.resolve(), Chapter("", "", "", ())
        self._wide = 0
        self.seen = False
        """Whether what is open was painted: only then is there a place to come back to."""
        self._code: list[tuple[QTextBlock, QTextBlock]] = []
        self.document().setUndoRedoEnabled(False)
        self.setProperty("look", "reading")
        self.setAccessibleName(tr("Guide"))
        self.setOpenLinks(False)
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        # A bar that comes and goes would change the width while the chapter is being laid out.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.anchorClicked.connect(self._follow)
        theme().changed.connect(self._dress)

    @property
    def chapter(self) -> Chapter:
        return self._chapter

    def show_chapter(self, chapter: Chapter, place: str = "", words: str = "") -> None:
        """From `place` on, or from its beginning; `words` are marked wherever they stand."""
        before = self._chapter.key, self.verticalScrollBar().value()
        if chapter is not self._chapter:
            self._chapter = chapter
            self._read()
        self._mark(words)
        self._go_to(self._block_of(place) if place else self.document().begin())
        self.seen &= before == (chapter.key, self.verticalScrollBar().value())

    def _go_to(self, block: QTextBlock) -> None:
        """Put it at the top."""
        top = self.document().documentLayout().blockBoundingRect(block).top()
        at = 0 if block == self.document().begin() else max(0, int(top) - theme().px(_ABOVE))
        self.verticalScrollBar().setValue(at)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: N802
        """A picture of the guide, no wider than the text; nothing else is ever fetched."""
        path = (self._chapter.folder / QUrl(name).path()).resolve()
        if kind != QTextDocument.ResourceType.ImageResource.value or not path.is_relative_to(
            self._folder
        ):
            return None
        picture, ratio = QImage(str(path)), self.devicePixelRatioF()
        most = round((self._wide - 2 * theme().px(MARGIN)) * ratio)
        if picture.width() > most > 0:
            smooth = Qt.TransformationMode.SmoothTransformation
            picture = picture.scaledToWidth(most, smooth)
        picture = _framed(picture)
        picture.setDevicePixelRatio(ratio if picture.width() == most else 1)
        return picture

    def resizeEvent(self, event: QResizeEvent) -> None:
        top = self._top()
        super().resizeEvent(event)
        wide = min(theme().px(COLUMN), self.viewport().width())
        if wide != self._wide:
            self._wide = wide
            self.setLineWrapColumnOrWidth(wide)
            self._read(top)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.seen = True
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().color("line"))
        painter.setBrush(theme().color("raised"))
        layout, side = self.document().documentLayout(), theme().px(MARGIN)
        for first, last in self._code:
            area = layout.blockBoundingRect(first).united(layout.blockBoundingRect(last))
            area.setLeft(side)
            area.setRight(self._wide - side)
            area.translate(0, -self.verticalScrollBar().value())
            pad = theme().px(CODE_PADDING - 3)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5 - pad, -0.5, pad - 0.5), 6, 6)
        painter.end()
        super().paintEvent(event)

    def _top(self) -> int:
        """Number of the block at the top."""
        return self.cursorForPosition(QPoint(0, theme().px(_ABOVE))).block().blockNumber()

    def _dress(self) -> None:
        self._read(self._top())

    def _read(self, top: int = 0) -> None:
        """Lay the chapter out anew, with block number `top` at the top."""
        if not self._wide or not self._chapter.key:
            return
        self.document().clear()
        self.document().setMarkdown(self._chapter.text)
        dress(self.document())
        self._code = code_of(self.document())
        self._go_to(self.document().findBlockByNumber(top))

    def _block_of(self, place: str) -> QTextBlock:
        """The heading of the section that is called so; the beginning if there is none."""
        headings = (one for one in blocks_of(self.document()) if one.blockFormat().headingLevel())
        sections, begin = self._chapter.sections, self.document().begin()
        named = zip(headings, sections, strict=False)  # there are no headings before a layout
        return next((block for block, section in named if section.place == place), begin)

    def _mark(self, words: str) -> None:
        marks = []
        for word in words.split():
            found = self.document().find(word)
            while not found.isNull():
                marks.append(_marked(found))
                found = self.document().find(word, found)
        self.setExtraSelections(marks)

    def _follow(self, link: QUrl) -> None:
        key = link.path().removesuffix(".md")
        if not link.scheme():
            self.asked.emit(key or self._chapter.key, link.fragment())


def _framed(picture: QImage) -> QImage:
    """With a line around it: it may be as dark as the page."""
    if picture.isNull():
        return picture
    framed = picture.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(framed)
    painter.setPen(theme().color("line2"))
    painter.drawRect(framed.rect().adjusted(0, 0, -1, -1))
    painter.end()
    return framed


def _marked(found: QTextCursor) -> QTextEdit.ExtraSelection:
    mark = QTextEdit.ExtraSelection()
    mark.cursor = found
    looks = found.charFormat()
    looks.setBackground(theme().color("tint_warn"))
    mark.format = looks
    return mark
