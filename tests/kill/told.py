"""What the program has said, and what it therefore owes after it was killed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from engine.domain.bots import BotState
from engine.domain.rows import AT
from engine.messages import events as ev
from engine.runtime.documents.sessions import event_document
from engine.store.opening import BACKUP_FOLDER, FILE_NAME
from engine.store.row_codec import decode
from tests.simulation.ledger import BrokenError
from tests.simulation.promised import Promises, Seen
from tests.simulation.stored import Remembered, StoredSession, check_file

Document = dict[str, Any]
_HEAD: Final = ("bot_id", "bot", "session_id", "seq")
_GOES_ON: Final = ("running", "interrupted")


class Told:
    """Across all lives of one data folder."""

    def __init__(self) -> None:
        self.events: dict[int, dict[int, Document]] = {}
        """Of each session, by their place in its log."""
        self._settings: dict[int, str] = {}
        """Of bots that are there, as they must be stored."""
        self._gone: set[int] = set()
        self._ended: set[int] = set()
        """Sessions."""
        self._promises = Promises()
        self._seen: Seen = {}
        self._running: set[int] = set()
        """Bots that the file of the killed program calls running."""

    def take(self, line: Document) -> None:
        """One line of what the program says; BrokenError if it takes back what it said before."""
        if "seq" in line:
            document = {name: value for name, value in line.items() if name not in _HEAD}
            log = self.events.setdefault(line["session_id"], {})
            before = log.setdefault(line["seq"], document)
            _hold(before == document, f"session {line['session_id']} tells {line['seq']} anew")
            if line["kind"] == "session_ended":
                self._ended.add(line["session_id"])
        elif "opened" in line:
            self._opened(line)
        elif "answer" in line:
            self._done(line)
        elif "wish" in line:
            self._begun(line)
        elif "mistake" in line:
            raise BrokenError(f"the program made a mistake: {line['mistake']}")

    def _opened(self, line: Document) -> None:
        differences, ran = line["differences"], line["ran"]
        _hold(not differences, f"tables and events are found to differ: {differences}")
        _hold(len(set(ran)) == len(ran), f"a bot is gone on with twice: {ran}")
        forgotten = self._running - set(ran)
        _hold(not forgotten, f"bots that ran are not gone on with: {sorted(forgotten)}")
        lost = set(self._settings) - set(line["opened"])
        _hold(not lost, f"bots are lost: {sorted(lost)}")

    def _begun(self, line: Document) -> None:
        """From here on it may have happened or not."""
        wish, bot = line["wish"], line["bot"]
        self._seen = self._promises.begun(wish, line["bots"])
        if wish in ("UpdateBot", "DeleteBot"):
            self._settings.pop(bot, None)
        if wish == "CreateBot":
            self._gone.clear()  # it may get the number of the last one

    def _done(self, line: Document) -> None:
        wish, bot = line["wish"], line["bot"]
        self._promises.answered(wish, self._seen)
        if wish in ("CreateBot", "UpdateBot"):
            self._settings[line["answer"] or bot] = line["settings"]
        elif wish == "DeleteBot":
            self._gone.add(bot)

    def check(self, folder: Path) -> None:
        """Everything that must hold of the file as the killed program left it; it is looked at in
        a copy, because to open it is to mend it. Raises BrokenError."""
        self._running = set()
        with TemporaryDirectory(prefix="killed-") as copy:
            for path in folder.glob(f"{FILE_NAME}*"):
                if not path.name.endswith("-shm"):
                    shutil.copy(path, copy)
            if not self.events and not self._settings and not _is_made(Path(copy)):
                return
            sessions = check_file(Path(copy), Remembered())
            self._promises.check(Path(copy), sessions)
            with closing(sqlite3.connect(Path(copy) / FILE_NAME)) as db:
                self._check_bots(db)
                for session in sessions:
                    _check_recording(db, session)
        self._check_told({session.id: session for session in sessions})
        on = [session for session in sessions if session.status in _GOES_ON]
        awake = {session.id for session in on} & self._ended
        _hold(not awake, f"sessions that were told to have ended go on: {sorted(awake)}")
        bots = [session.bot_id for session in on]
        _hold(len(set(bots)) == len(bots), f"a bot has one session that goes on; there are {bots}")
        repaired = list(folder.glob(f"{BACKUP_FOLDER}/*"))
        _hold(not repaired, f"nothing has to be repaired, but there is {repaired}")

    def _check_bots(self, db: sqlite3.Connection) -> None:
        stored = dict(db.execute("SELECT id, settings FROM bots").fetchall())
        for bot, settings in self._settings.items():
            _hold(stored.get(bot) == settings, f"bot {bot} is stored as it was acknowledged")
        back = self._gone & set(stored)
        _hold(not back, f"bots that were deleted are there: {sorted(back)}")
        states = dict(db.execute("SELECT bot_id, state FROM bot_states").fetchall())
        self._running = {bot for bot, state in states.items() if state == BotState.RUNNING.value}

    def _check_told(self, stored: dict[int, StoredSession]) -> None:
        for session_id, log in self.events.items():
            _hold(session_id in stored, f"session {session_id} was told of and is not stored")
            session = stored[session_id]
            scale, rows = session.settings.scale, session.log.tolist()
            _hold(max(log) < len(rows), f"session {session_id} has all events that were told")
            for seq, document in log.items():
                found = event_document(rows[seq], session.events.note(seq), scale)
                words = f"event {seq} of session {session_id} is stored as told: {document}"
                _hold(found == document, f"{words}; it is {found}")


def _is_made(folder: Path) -> bool:
    """Whether the program got as far as to make its tables."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        made = "SELECT count(*) FROM sqlite_master WHERE name='bot_runs'"
        return bool(db.execute(made).fetchone()[0])


def _check_recording(db: sqlite3.Connection, session: StoredSession) -> None:
    """Whatever was decided, the row that led to it is kept, and no row twice."""
    asked = "SELECT first_row, count, content FROM recordings WHERE session_id=? ORDER BY 1"
    reached, next_row = 0, 0
    for first, count, content in db.execute(asked, (session.id,)):
        rows = decode(content)
        _hold(
            (first, count) == (next_row, len(rows)),
            f"session {session.id} keeps row {next_row} onwards in order; there is {first}",
        )
        next_row += count
        reached = max(reached, int(rows.table[:, AT].max(initial=0)))
    fills = session.log[session.log[:, ev.KIND] == ev.EventKind.FILL]
    last = int(fills[:, ev.ROW_AT].max(initial=0))
    _hold(last <= reached, f"session {session.id} is recorded up to {last}; it ends at {reached}")


def _hold(holds: bool, words: str) -> None:
    if not holds:
        raise BrokenError(words)
