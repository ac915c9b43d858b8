"""Opens every page with each text in brackets, and prints the texts that have none.

    python -m tests.language.marked

In a process of its own: a language is chosen before what speaks is imported.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.language import MARKED, speak

_OPEN, _CLOSE = "\u27e6", "\u27e7"
_NO_WORDS = re.compile(
    r"[A-Z0-9]{2,}/[A-Z]{3,4}"  # a symbol
    r"|\b(SL|TP)-TRIGGER\b|\b(SIGNAL|BLOCKED|TRAIL)\b|\b(BUY|SELL)-EXEC\b"  # tags of the log
    r"|\b[A-Z]{2,5}\b"  # a coin, UTC, EMA
    r"|\b(ms|min|mm|ss|bps|px|ema|rsi|atr)\b"
    r"|\b[a-z]+(-[a-z0-9]+)+\b"  # a bot's name, an option
    r"|\S+\.(db|toml|py|csv|json|png)\b"
    r"|S-\d+"
    r"|/[\w/.-]+"
    r"|\b(Ctrl|Alt|Shift|Esc|Enter|Space|Home|End|Left|Right|Up|Down|Tab|Del|F\d+)\b"
    r"|\b\d+(\.\d+)*[a-z]?\b"
)
_NAMES = (
    *("English", "Deutsch", "Python", "numpy", "numba", "SQLAlchemy", "pandas", "Qt", "Linux"),
    *("EMA cross", "RSI reversion", "Signals file", "Fast EMA", "Slow EMA", "bars", "http"),
    *("Buys when the fast average crosses above the slow one", "binance", "kraken", "Price step"),
    *("order step", "smallest order", " and ", "PnL", ", to stop", "TA-Lib", "://host:port"),
)
"""Of languages, libraries and exchanges; what the strategies and markets of the tests say."""
_WORD = re.compile(r"[A-Za-z]{3,}")


def bare(text: str) -> bool:
    """Whether there are words outside of brackets."""
    depth, outside = 0, []
    for letter in re.sub(r"<[^>]*>", " ", text):
        depth += (letter == _OPEN) - (letter == _CLOSE)
        outside.append(" " if depth or letter == _CLOSE else letter)
    left = "".join(outside)
    for name in _NAMES:
        left = left.replace(name, " ")
    return bool(_WORD.search(_NO_WORDS.sub(" ", left)))


def texts(root: Any) -> Iterator[tuple[str, str]]:
    """All that a person can read at `root` and below it, with what it stands on."""
    from PySide6.QtCore import QModelIndex, Qt
    from PySide6.QtWidgets import (
        QAbstractButton,
        QComboBox,
        QLabel,
        QLineEdit,
        QTableView,
        QWidget,
    )

    for widget in (root, *root.findChildren(QWidget)):
        kind = type(widget).__name__
        yield f"{kind} tip", widget.toolTip()
        yield f"{kind} name", widget.accessibleName()
        yield f"{kind} description", widget.accessibleDescription()
        if isinstance(widget, QLabel | QAbstractButton):
            yield kind, widget.text()
        if isinstance(widget, QLineEdit):
            yield f"{kind} hint", widget.placeholderText()
        if isinstance(widget, QComboBox):
            for place in range(widget.count()):
                yield f"{kind} item", widget.itemText(place)
        for action in widget.actions():
            yield f"{kind} action", action.text()
        if isinstance(widget, QTableView) and (model := widget.model()) is not None:
            columns, rows = model.columnCount(QModelIndex()), model.rowCount(QModelIndex())
            for column in range(columns):
                for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                    words = model.headerData(column, Qt.Orientation.Horizontal, role)
                    yield f"{type(model).__name__} column", str(words or "")
                for row in range(min(rows, 40)):
                    words = model.data(model.index(row, column))
                    yield f"{type(model).__name__} cell", str(words or "")


async def walk(folder: Path) -> set[tuple[str, str, str]]:
    from tests.gui.opened import opened
    from tests.gui.test_tips import everything

    async with opened(folder) as held:
        names = {story.settings.name for story in held.engine.stories}
        return {
            (page, place, text)
            async for page, root in everything(held)
            for place, text in texts(root)
            if bare(text) and text not in names
        }


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    speak(MARKED)
    from PySide6.QtWidgets import QApplication

    from trader_gui.event_loop.loop import WindowLoop

    app = QApplication(sys.argv[:1])
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=lambda: WindowLoop(app)) as runner,
    ):
        for page, place, text in sorted(runner.run(walk(Path(folder)))):
            print(f"{page}: {place}: {text!r}")


if __name__ == "__main__":
    main()
