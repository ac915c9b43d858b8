"""What can be done with sessions of the history: the row's menu, and deleting with undo."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from engine.domain.bots import RUN_BY_BOTS
from engine.domain.sessions import ENDED, session_label
from engine.errors import Fault
from engine.language import tr, trn
from engine.messages.commands import DeleteSessions, RestoreSessions
from engine.messages.comparison import FEWEST, MOST
from engine.messages.history import SessionLine
from trader_gui.door.bridge import Bridge
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
        menu.addAction(tr("Rename\tF2"), lambda: self.write_asked.emit(line.id, "title"))
        menu.addAction(tr("Edit tags"), lambda: self.write_asked.emit(line.id, "tags"))
        menu.addAction(tr("Edit note"), lambda: self.write_asked.emit(line.id, "note"))
        menu.addSeparator()
        ids = tuple(one.id for one in chosen)
        compare = menu.addAction(
            trn("Compare {count} sessions", "Compare {count} sessions", len(ids))
        )
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
        delete = menu.addAction(_delete_words(ids), lambda: self.delete(chosen))
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

        def undo() -> None:
            told = _restored_words(ids)
            self._bridge.send(RestoreSessions(ids), lambda _: self.said.emit(told), self._refused)

        words, offers = _deleted_words(ids), [(tr("Undo"), undo)]
        self._bridge.send(
            DeleteSessions(ids), lambda _: self.offered.emit(words, offers), self._refused
        )

    def _refused(self, fault: Fault) -> None:
        self.failed.emit(fault)


def _delete_words(ids: tuple[int, ...]) -> str:
    if len(ids) == 1:
        return tr("Delete {session}\tDel", session=session_label(ids[0]))
    return trn("Delete {count:,} session\tDel", "Delete {count:,} sessions\tDel", len(ids))


def _deleted_words(ids: tuple[int, ...]) -> str:
    if len(ids) == 1:
        return tr("{session} was deleted.", session=session_label(ids[0]))
    return trn("{count:,} session was deleted.", "{count:,} sessions were deleted.", len(ids))


def _restored_words(ids: tuple[int, ...]) -> str:
    if len(ids) == 1:
        return tr("{session} is back in the history.", session=session_label(ids[0]))
    return trn(
        "{count:,} session is back in the history.",
        "{count:,} sessions are back in the history.",
        len(ids),
    )


def why_not_deleted(lines: list[SessionLine]) -> str:
    """Why these cannot be deleted; "" if they can, as far as is seen here."""
    for line in lines:
        if line.status not in ENDED:
            return tr(
                "{session} runs or can still go on. Stop its bot first.",
                session=session_label(line.id),
            )
    return ""


def _allow(action: QAction, why_not: str) -> None:
    action.setEnabled(not why_not)
    action.setToolTip(plain_tip(why_not))
