"""The theme laid over a text that Qt read from Markdown: sizes, distances, code, tables, links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextFrameFormat,
    QTextLength,
    QTextList,
    QTextListFormat,
    QTextTable,
)

from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme

_HEADINGS: Final = {1: (20, 0, 12), 2: (15, 22, 6), 3: (13, 14, 4)}
"""By level: size of the letters, room above, room below."""
_TEXT_SIZE: Final = 13
_LINE: Final = 145
"""Height of a line in percent of its letters."""
MARGIN: Final = 24
"""Around the text."""
CODE_PADDING: Final = 12
_PROPORTIONAL: Final = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value


def dress(document: QTextDocument) -> None:
    """Give every part the look of the theme in force; once for each reading of the Markdown."""
    face = QFont(theme().font(Role.BODY))
    face.setPixelSize(theme().px(_TEXT_SIZE))
    document.setDefaultFont(face)
    document.setDocumentMargin(theme().px(MARGIN))
    document.setIndentWidth(theme().px(20))
    tables: set[QTextTable] = set()
    once = QTextCursor(document)
    once.beginEditBlock()  # laid out at the end, not after each of thousands of changes
    for block in blocks_of(document):
        table = QTextCursor(block).currentTable()
        if table is not None:
            tables.add(table)
        _dress_block(block, table)
    for table in tables:
        _dress_table(table)
    once.endEditBlock()


def blocks_of(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def code_of(document: QTextDocument) -> list[tuple[QTextBlock, QTextBlock]]:
    """First and last line of each piece of code: the reader paints a ground under them."""
    found: list[tuple[QTextBlock, QTextBlock]] = []
    for block in blocks_of(document):
        if not _is_code(block):
            continue
        if found and _is_code(block.previous()):
            found[-1] = found[-1][0], block
        else:
            found.append((block, block))
    return found


def _dress_block(block: QTextBlock, table: QTextTable | None) -> None:
    looks = block.blockFormat()
    if level := looks.headingLevel():
        size, above, below = _HEADINGS[min(level, 3)]
        face = QTextCharFormat()
        face.setForeground(theme().color("text1"))
        face.setFontWeight(QFont.Weight.DemiBold)
        _restyle(block, face, theme().px(size))
        _stand(block, looks, above, below)
    elif _is_code(block):
        face = QTextCharFormat()
        face.setForeground(theme().color("text1"))
        _restyle(block, face, theme().px(_TEXT_SIZE - 1), fixed=True)
        looks.setNonBreakableLines(False)  # in a narrow window nobody scrolls sideways
        looks.setLeftMargin(theme().px(CODE_PADDING))
        looks.setRightMargin(theme().px(CODE_PADDING))
        above = 0 if _is_code(block.previous()) else CODE_PADDING
        below = 0 if _is_code(block.next()) else CODE_PADDING + 12
        _stand(block, looks, above, below, 130)
    else:
        if (points := block.textList()) is not None:
            _dress_list(points)
        _dress_words(block, strong=table is not None and table.cellAt(block.position()).row() == 0)
        goes_on = block.textList() is not None and block.next().textList() is not None
        below = 0 if table is not None else 4 if goes_on else 10
        picture = any(one.charFormat().isImageFormat() for one in fragments_of(block))
        _stand(block, looks, 0, below, 100 if picture else _LINE if table is None else 110)


def _dress_list(points: QTextList) -> None:
    """Full points in place of rings; numbers stay numbers."""
    looks = points.format()
    if looks.style() == QTextListFormat.Style.ListCircle:
        looks.setStyle(QTextListFormat.Style.ListDisc)
        points.setFormat(looks)


def _is_code(block: QTextBlock) -> bool:
    return block.isValid() and block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence)


def _stand(
    block: QTextBlock, looks: QTextBlockFormat, above: int, below: int, line: int = _LINE
) -> None:
    """Its distances, at 100 % text, and the height of its lines in percent."""
    looks.setTopMargin(theme().px(above) if above else 0)
    looks.setBottomMargin(theme().px(below) if below else 0)
    looks.setLineHeight(line, _PROPORTIONAL)
    QTextCursor(block).setBlockFormat(looks)


def _dress_words(block: QTextBlock, *, strong: bool) -> None:
    """Links in the accent, code in letters of one width, the rest a little muted."""
    for fragment in fragments_of(block):
        looks, face = fragment.charFormat(), QTextCharFormat()
        code = looks.fontFixedPitch()
        bold = looks.fontWeight() > QFont.Weight.Normal
        face.setForeground(theme().color("text1" if code or bold else "text2"))
        face.setFontWeight(QFont.Weight.DemiBold if bold or strong else QFont.Weight.Normal)
        if looks.isAnchor():
            face.setForeground(theme().color("accent"))
            face.setFontUnderline(False)
        _write(fragment, block, face, theme().px(_TEXT_SIZE - 1) if code else 0, fixed=code)


def _restyle(block: QTextBlock, face: QTextCharFormat, pixels: int, *, fixed: bool = False) -> None:
    for fragment in fragments_of(block):
        _write(fragment, block, face, pixels, fixed=fixed)


def _write(
    fragment: QTextFragment,
    block: QTextBlock,
    face: QTextCharFormat,
    pixels: int,
    *,
    fixed: bool,
) -> None:
    """Lay `face` over what the fragment is, in letters of `pixels` unless that is 0."""
    looks = fragment.charFormat()
    looks.clearProperty(QTextFormat.Property.FontSizeAdjustment.value)
    looks.merge(face)
    if pixels:
        looks.setProperty(QTextFormat.Property.FontPixelSize.value, pixels)
    if fixed:
        looks.setFontFamilies([fixed_family()])
    cursor = QTextCursor(block)
    cursor.setPosition(fragment.position())
    end = fragment.position() + fragment.length()
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    cursor.setCharFormat(looks)


def fixed_family() -> str:
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()


def fragments_of(block: QTextBlock) -> list[QTextFragment]:
    """All of them at once: writing one makes the way through the others invalid."""
    found, each = [], block.begin()
    while not each.atEnd():
        found.append(each.fragment())
        each += 1
    return found


def _dress_table(table: QTextTable) -> None:
    looks = table.format()
    looks.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    looks.setBorderCollapse(True)
    looks.setBorder(1)
    looks.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    looks.setBorderBrush(theme().color("line2"))
    looks.setCellPadding(theme().px(6))
    looks.setCellSpacing(0)
    looks.setTopMargin(theme().px(4))
    looks.setBottomMargin(theme().px(12))
    table.setFormat(looks)
