"""What can be done with sessions of the history: the row's menu, and deleting with undo."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from engine.domain.bots import RUN_BY_BOTS
from engine.domain.sessions import ENDED, session_label
from engine.errors import Fault
from engine.language import tr
from engine.messages.commands import DeleteSessions, RestoreSessions
from engine.messages.comparison import FEWEST, MOST
from engine.messages.history import SessionLine
from trader_gui.bridge import Bridge
from trader_gui.widgets.plain_tip import plain_tip


class SessionVerbs(QWidget):
    """`review_asked(id)`, `period_asked(id)` to backtest what a bot lived through, `write_asked(id,
    field)`, `compare_asked(ids)`, `export_asked(id, kind)`,
    `said(text)`, `offered(text, offers)` for a toast with buttons, `failed(Fault)`."""

    review_asked = Signal(object)
    period_asked = Signal(object)
    write_asked = Signal(object, str)
    compare_asked = Signal(object)
    export_asked = Signal(object, str)
    said = Signal(str)
    offered = Signal(str, object)
    failed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self._bridge = bridge

    def menu(self, line: SessionLine, chosen: list[SessionLine]) -> QMenu:
        """About the row `line`; deleting and comparing are about all that are `chosen`."""
        menu = QMenu(self.parentWidget())
        menu.setToolTipsVisible(True)
        menu.addAction(tr("Open review\tEnter"), lambda: self.review_asked.emit(line.id))
        test = menu.addAction(
            tr("Backtest the same period"), lambda: self.period_asked.emit(line.id)
        )
        _allow(test, "" if line.mode in RUN_BY_BOTS else tr("Only of a session that a bot ran"))
        menu.addSeparator()
        menu.addAction("Rename\tF2", lambda: self.write_asked.emit(line.id, "title"))
        menu.addAction(tr("Edit tags"), lambda: self.write_asked.emit(line.id, "tags"))
        menu.addAction(tr("Edit note"), lambda: self.write_asked.emit(line.id, "note"))
        menu.addSeparator()
        ids = tuple(one.id for one in chosen)
        compare = menu.addAction(tr("Compare {count} sessions", count=len(ids)))
        compare.triggered.connect(lambda: self.compare_asked.emit(ids))
        why = (
            ""
            if FEWEST <= len(ids) <= MOST
            else tr("Tick {fewest} to {most} sessions first", fewest=FEWEST, most=MOST)
        )
        _allow(compare, why)
        menu.addSeparator()
        for kind, words in (
            ("html", tr("Export report (HTML)")),
            ("json", tr("Export all of it (JSON)")),
            ("csv", tr("Export trades (CSV)")),
        ):
            action = menu.addAction(words)
            action.triggered.connect(lambda _=False, k=kind: self.export_asked.emit(line.id, k))
        menu.addSeparator()
        noun = session_label(ids[0]) if len(ids) == 1 else tr("{count:,} sessions", count=len(ids))
        delete = menu.addAction(tr("Delete {noun}	Del", noun=noun), lambda: self.delete(chosen))
        _allow(delete, why_not_deleted(chosen))
        return menu

    def delete(self, lines: list[SessionLine]) -> None:
        """Out of the history at once; a toast offers to undo it."""
        why = why_not_deleted(lines)
        if why:
            self.said.emit(why)
            return
        ids = tuple(line.id for line in lines)
        if not ids:
            return
        words = (
            tr("{session_label} was", session_label=session_label(ids[0]))
            if len(ids) == 1
            else tr("{count:,} sessions were", count=len(ids))
        )

        def undo() -> None:
            back = "is" if len(ids) == 1 else "are"
            noun = (
                session_label(ids[0]) if len(ids) == 1 else tr("{count:,} sessions", count=len(ids))
            )
            self._bridge.send(
                RestoreSessions(ids),
                lambda _: self.said.emit(
                    tr("{noun} {back} back in the history.", noun=noun, back=back)
                ),
                self._refused,
            )

        self._bridge.send(
            DeleteSessions(ids),
            lambda _: self.offered.emit(tr("{words} deleted.", words=words), [(tr("Undo"), undo)]),
            self._refused,
        )

    def _refused(self, fault: Fault) -> None:
        self.failed.emit(fault)


def why_not_deleted(lines: list[SessionLine]) -> str:
    """Why these cannot be deleted; "" if they can, as far as is seen here."""
    for line in lines:
        if line.status not in ENDED:
            return tr(
                "{session_label} runs or can still go on. Stop its bot first.",
                session_label=session_label(line.id),
            )
    return ""


def _allow(action: QAction, why_not: str) -> None:
    action.setEnabled(not why_not)
    action.setToolTip(plain_tip(why_not))
