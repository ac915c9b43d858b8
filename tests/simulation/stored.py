"""What the file says, read past the engine: events against the tables, the hash chain, the lives of
bots, and what was shown to somebody before the program was killed."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from engine.domain.bots import BotState
from engine.domain.columns import IntMatrix
from engine.domain.rows import NO_ROWS
from engine.domain.rows_hash import rows_hash
from engine.domain.sessions import SessionSettings, SessionStatus
from engine.messages import events as ev
from engine.messages.events import EMPTY_HASH, EVENT_WIDTH, EventColumns, EventKind, chain
from engine.runtime.history.recorded import joined
from engine.store.exact_json import from_text
from engine.store.opening import FILE_NAME
from engine.store.projecting import TRADE_END
from engine.store.row_codec import decode
from engine.store.unwritten import FOLDER as UNWRITTEN
from engine.store.unwritten import left_behind
from tests.simulation.ledger import BrokenError, Ledger
from tests.simulation.rules import Rules

_HASHED_TABLES: Final = ("events", "signals", "orders", "fills", "trades", "recordings")
_FILL: Final = (
    ("amount", ev.AMOUNT),
    ("price", ev.PRICE),
    ("fee", ev.FEE),
    ("pnl", ev.PNL),
    ("cash", ev.CASH),
    ("position", ev.POSITION),
)


@dataclass(slots=True)
class StoredSession:
    """One session as the file has it."""

    id: int
    bot_id: int
    bot_name: str
    status: str
    event_hash: str
    settings: SessionSettings
    events: EventColumns

    @property
    def share(self) -> int:
        """In product units."""
        return self.settings.scale.money_count(self.settings.trade.cash)

    @property
    def order_step(self) -> int:
        """In units of amount."""
        return int(self.settings.order_step / self.settings.scale.amount_unit)

    @property
    def log(self) -> IntMatrix:
        return self.events.table


@dataclass(slots=True)
class Remembered:
    """What must hold across restarts."""

    shown: dict[int, IntMatrix] = field(default_factory=dict)
    """Events of each session as somebody has seen them."""
    resets: set[int] = field(default_factory=set)
    """Highest number of a session when a reset of the account was asked for."""


def read_sessions(folder: Path) -> list[StoredSession]:
    """All of the file's, by id."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        logs: dict[int, list[tuple[int, bytes, str | None]]] = {}
        for session_id, seq, integers, note in db.execute(
            "SELECT session_id, seq, integers, note FROM events ORDER BY session_id, seq"
        ):
            logs.setdefault(session_id, []).append((seq, integers, note))
        found = []
        for row in db.execute(
            "SELECT id, bot_id, bot_name, status, event_hash, settings FROM sessions ORDER BY id"
        ):
            log = logs.pop(row[0], [])
            _hold([seq for seq, _, _ in log] == list(range(len(log))), row, "its log has no gap")
            table = np.frombuffer(b"".join(one for _, one, _ in log), "<i8")
            rows = table.reshape(-1, EVENT_WIDTH).astype(np.int64)
            notes = {seq: note for seq, _, note in log if note}
            number, bot_id, name, status, hashed, settings = row
            events = EventColumns(rows, notes)
            trade = from_text(SessionSettings, settings)
            found.append(StoredSession(number, bot_id, name, status, hashed, trade, events))
    if logs:
        raise BrokenError(f"Events are stored of sessions that are not there: {sorted(logs)}")
    return found


def check_file(folder: Path, remembered: Remembered) -> list[StoredSession]:
    """Everything that can be told from the file alone, and what was read of it."""
    sessions = read_sessions(folder)
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        db.row_factory = sqlite3.Row
        for session in sessions:
            _check_session(db, session)
        _check_bots(db, {session.id: session for session in sessions})
        (verdict,) = db.execute("PRAGMA foreign_key_check").fetchall() or [None]
        if verdict is not None:
            raise BrokenError(f"A row refers to nothing: {tuple(verdict)}")
    _check_money(sessions, remembered)
    _check_shown(_with_held(sessions, folder), remembered)
    return sessions


def check_rules(folder: Path) -> None:
    """All sessions of all bots, their events beside their recordings: once a day, as it is slow."""
    bots: dict[int, Rules] = {}
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        for session in read_sessions(folder):
            rules = bots.setdefault(session.bot_id, Rules(session.bot_name))
            settings = session.settings
            parts = [decode(content) for (content,) in db.execute(_RECORDED, (session.id,))]
            rows = joined([NO_ROWS, *parts])
            rules.follow(settings.trade, settings.timeframe_ms, session.log, rows.table)
            ended = session.status in (SessionStatus.FINISHED, SessionStatus.FAILED)
            (stored,) = db.execute(_ROWS_HASH, (session.id,)).fetchone()
            wanted = rows_hash(rows) if ended else ""
            _hold(stored == wanted, session, "an ended session has the hash of what it recorded")


_ROWS_HASH: Final = "SELECT rows_hash FROM sessions WHERE id=?"
_RECORDED: Final = "SELECT content FROM recordings WHERE session_id=? ORDER BY first_row"


def hash_of(folder: Path) -> str:
    """Over all that was decided and recorded."""
    total = hashlib.sha256()
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        for table in _HASHED_TABLES:
            for row in db.execute(f"SELECT * FROM {table} ORDER BY 1, 2"):
                total.update(repr(row).encode())
    return total.hexdigest()


def tally(folder: Path) -> dict[str, int]:
    """How much there is of each."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        asked = {
            "sessions": "SELECT count(*) FROM sessions",
            "failed sessions": "SELECT count(*) FROM sessions WHERE status='failed'",
            "events": "SELECT count(*) FROM events",
            "fills": "SELECT count(*) FROM fills",
            "rows": "SELECT sum(count) FROM recordings",
        }
        return {name: int(db.execute(sql).fetchone()[0] or 0) for name, sql in asked.items()}


def _check_session(db: sqlite3.Connection, session: StoredSession) -> None:
    log, where = session.log, (session.id,)
    hashed = chain(EMPTY_HASH, log).hex()
    _hold(hashed == session.event_hash, session, "the hash chain of its events is the stored one")
    kinds = log[:, ev.KIND]
    fills = log[kinds == EventKind.FILL]
    stored = db.execute("SELECT * FROM fills WHERE session_id=? ORDER BY no", where).fetchall()
    theirs = [[row["no"], *(row[name] for name, _ in _FILL)] for row in stored]
    ours = fills[:, [ev.NO, *(column for _, column in _FILL)]].tolist()
    _hold(theirs == ours, session, "the table of fills says what its events say")
    counts = {
        "orders": int(np.isin(kinds, (EventKind.INTENT,)).sum()),
        "signals": int(np.isin(kinds, (EventKind.SIGNAL, EventKind.REFUSAL)).sum()),
        "trades": int((kinds == EventKind.TRADE_OPENED).sum()),
    }
    for table, count in counts.items():
        priced = " AND amount > 0" if table == "orders" else ""
        asked = f"SELECT count(*) FROM {table} WHERE session_id=?{priced}"
        (there,) = db.execute(asked, where).fetchone()
        _hold(there == count, session, f"{count} {table} by its events, {there} in the table")
    (sent,) = db.execute(
        "SELECT count(*) FROM orders WHERE session_id=? AND status='sent'", where
    ).fetchone()
    _hold(sent == 0, session, f"no intent is without outcome, but {sent} are")
    _check_trades(db, session)


def _check_trades(db: sqlite3.Connection, session: StoredSession) -> None:
    names = ", ".join(TRADE_END[3:])
    asked = f"SELECT {names} FROM trades WHERE closed_in=? ORDER BY closed_at, exit_price, pnl"
    theirs = sorted(tuple(row) for row in db.execute(asked, (session.id,)))
    closed = session.log[session.log[:, ev.KIND] == EventKind.TRADE_CLOSED]
    columns = [ev.PRICE, ev.CODE, ev.ACTUAL, ev.PNL, ev.FUNDING]
    ours = sorted(tuple(row) for row in closed[:, columns].tolist())
    _hold(theirs == ours, session, "the table of trades says what its events say")


def _check_bots(db: sqlite3.Connection, sessions: Mapping[int, StoredSession]) -> None:
    runs = dict(db.execute("SELECT bot_id, session_id FROM bot_runs").fetchall())
    for bot in db.execute("SELECT * FROM bot_states").fetchall():
        session = sessions.get(bot["session_id"])
        running = bot["state"] == BotState.RUNNING.value
        name = f"Bot {bot['bot_id']}"
        if running != (bot["bot_id"] in runs):
            raise BrokenError(f"{name} is {bot['state']}, but the right to run says otherwise")
        if session is None:
            continue
        if running and session.status != SessionStatus.RUNNING.value:
            raise BrokenError(f"{name} runs session {session.id}, which is {session.status}")
        state = np.frombuffer(bot["kernel_state"] or b"", "<i8")
        if len(state):
            _check_standing(db, name, bot, session)
    open_trades = db.execute(
        "SELECT s.bot_id, count(*) FROM trades t JOIN sessions s ON s.id = t.session_id "
        "WHERE t.status='open' GROUP BY s.bot_id HAVING count(*) > 1"
    ).fetchall()
    if open_trades:
        raise BrokenError(f"A bot has more than one open trade: {tuple(open_trades[0])}")


def _check_standing(db: sqlite3.Connection, name: str, bot: Any, session: StoredSession) -> None:
    (rows,) = db.execute(
        "SELECT coalesce(sum(count), 0) FROM recordings WHERE session_id=?", (session.id,)
    ).fetchone()
    facts = (bot["event_count"], bot["event_hash"], bot["row_count"])
    if facts != (len(session.log), session.event_hash, rows):
        raise BrokenError(f"{name} stands at {facts}, its session {session.id} elsewhere")


def _check_money(sessions: list[StoredSession], remembered: Remembered) -> None:
    ledgers: dict[int, Ledger] = {}
    before: dict[int, int] = {}
    for session in sessions:
        ledger = ledgers.setdefault(session.bot_id, Ledger(session.bot_name))
        last = before.get(session.bot_id, 0)
        reset = any(last <= at < session.id for at in remembered.resets)
        settings = session.settings
        ledger.open(settings.trade, session.share, session.order_step, reset=reset)
        ledger.take(session.log)
        before[session.bot_id] = session.id


def _with_held(sessions: list[StoredSession], folder: Path) -> dict[int, IntMatrix]:
    """Events by session, those included that wait in a file for the database."""
    stored = {session.id: session.log for session in sessions}
    for file in left_behind(folder / UNWRITTEN):
        batches, _ = file.batches()
        for batch in batches:
            log = stored[batch.session_id]
            if batch.first_event == len(log):
                stored[batch.session_id] = np.concatenate([log, batch.events])
    return stored


def _check_shown(stored: dict[int, IntMatrix], remembered: Remembered) -> None:
    for session_id, shown in remembered.shown.items():
        log = stored.get(session_id)
        if log is None or not np.array_equal(log[: len(shown)], shown):
            raise BrokenError(
                f"What was shown of session {session_id} ({len(shown)} events) is stored"
                f"{' otherwise' if log is not None else ' nowhere'}"
            )


def _hold(holds: bool, session: Any, words: str) -> None:
    if not holds:
        name = session.id if isinstance(session, StoredSession) else session[0]
        raise BrokenError(f"Session {name}: {words}; it does not")
