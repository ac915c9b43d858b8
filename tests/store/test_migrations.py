"""Upgrades: every released file comes up to date with its content, after a copy was made."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event

from engine.errors import FileRefused, RecordDamaged, StoreUnavailable
from engine.store import schema
from engine.store.database import Store
from engine.store.opening import BACKUPS_KEPT, FILE_NAME
from engine.store.records import KeptOpening
from engine.store.repositories import (
    accounts,
    bots,
    extra_recordings,
    history,
    openings,
    preferences,
    recordings,
    sessions,
    sweep_origins,
    sweeps,
)
from engine.store.tables import METADATA
from tests.store.samples import (
    ACCOUNT,
    FIRST_TRADE,
    OPENED,
    bare_sweep,
    bot_settings,
    session_record,
    some_rows,
    sweep,
    sweep_origin,
)

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("trader-*.sqlite"))
KEPT = {
    "0001": (
        session_record(1, FIRST_TRADE, portfolio_id=None, sweep_id=None),
        bot_settings(trade=FIRST_TRADE),
    ),
    "0002": (session_record(1), bot_settings()),
    "0003": (session_record(1), bot_settings()),
    "0004": (session_record(1), bot_settings()),
    "0005": (session_record(1), bot_settings()),
    "0006": (session_record(1), bot_settings()),
    "0007": (session_record(1), bot_settings()),
    "0008": (session_record(1), bot_settings()),
    "0009": (session_record(1), bot_settings()),
    "0010": (session_record(1), bot_settings()),
    "0011": (session_record(1), bot_settings()),
    "0012": (session_record(1), bot_settings()),
}
"""What the samples were when each file was written."""


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def backups(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "backups").glob("*"))


def test_there_is_a_file_of_every_released_shape() -> None:
    kept = {path.stem.removeprefix("trader-") for path in FIXTURES}
    assert kept == schema.known_revisions()


def test_revisions_read_from_file_names_are_those_of_alembic() -> None:
    script = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert {step.revision for step in script.walk_revisions()} == schema.known_revisions()
    assert script.get_current_head() == schema.newest_revision()


@pytest.mark.parametrize("released", FIXTURES, ids=lambda path: path.stem)
async def test_released_files_come_up_to_date(tmp_path: Path, released: Path) -> None:
    shutil.copy(released, tmp_path / FILE_NAME)
    store = await Store.open(tmp_path)
    record, settings = KEPT[released.stem[7:]]
    assert await sessions.get(store, 1) == record
    (bot,) = await bots.every(store)
    assert bot.settings == settings
    assert (await recordings.load(store, 1)).table.tobytes() == some_rows(100).table.tobytes()
    counts = await history.counts(store, 1)
    assert (counts.events, counts.trades, counts.refused) == (10, 1, 25)
    if released.stem[7:] >= "0002":
        assert await accounts.find(store, "paper") == ACCOUNT
        kept = sweep() if released.stem[7:] >= "0012" else bare_sweep()
        assert await sweeps.get(store, 1) == kept
        assert await sweeps.every(store) == (kept[0],)
    origin = sweep_origin() if released.stem[7:] >= "0012" else None
    assert await sweep_origins.find(store, 1) == origin
    chosen = 30 if released.stem[7:] >= "0003" else None
    assert await preferences.keep_days(store) == chosen
    assert await recordings.let_go_at(store, 1) is None
    opened = await openings.find(store, 1)
    assert opened == (KeptOpening(OPENED, True) if released.stem[7:] >= "0008" else None)
    followed = await extra_recordings.load(store, 1)
    assert [len(one) for one in followed] == ([30] if released.stem[7:] >= "0004" else [])
    await store.close()
    assert revision(tmp_path / FILE_NAME) == schema.newest_revision()


def test_tables_and_migrations_agree(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'new.db'}")
    event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    with engine.begin() as connection:
        schema.upgrade(connection)
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of the shape before the newest: today's, with one step pretended to be new."""
    shutil.copy(FIXTURES[-1], tmp_path / FILE_NAME)
    monkeypatch.setattr(schema, "newest_revision", lambda: "pretended")
    return tmp_path


async def test_a_copy_is_made_before_an_upgrade(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(connection: object) -> None:
        assert backups(older) == [f"trader-0001-{FIXTURES[-1].stem[7:]}.db"]
        connection.exec_driver_sql("UPDATE bots SET created_at = 5")  # type: ignore[attr-defined]

    monkeypatch.setattr(schema, "upgrade", step)
    store = await Store.open(older)
    assert (await bots.every(store))[0].created_at == 5
    await store.close()
    with closing(sqlite3.connect(older / "backups" / backups(older)[0])) as copy:
        assert copy.execute("SELECT created_at FROM bots").fetchall() == [(1_000,)]


async def test_a_step_that_fails_leaves_the_file_as_it_was(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(connection: object) -> None:
        connection.exec_driver_sql("DROP TABLE trades")  # type: ignore[attr-defined]
        connection.exec_driver_sql("DELETE FROM bots")  # type: ignore[attr-defined]
        raise sqlite3.OperationalError("disk I/O error")

    with closing(sqlite3.connect(older / FILE_NAME)) as connection:
        before = list(connection.iterdump())
    monkeypatch.setattr(schema, "upgrade", step)
    with pytest.raises(sqlite3.OperationalError):
        await Store.open(older)
    with closing(sqlite3.connect(older / FILE_NAME)) as connection:
        assert list(connection.iterdump()) == before


async def test_rows_that_lost_what_they_refer_to_stop_an_upgrade(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(connection: object) -> None:
        connection.exec_driver_sql("DELETE FROM sessions")  # type: ignore[attr-defined]

    monkeypatch.setattr(schema, "upgrade", step)
    with pytest.raises(RecordDamaged, match="up to date failed"):
        await Store.open(older)
    with closing(sqlite3.connect(older / FILE_NAME)) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)


async def test_the_last_copies_are_kept(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "upgrade", lambda _: None)
    for _ in range(BACKUPS_KEPT + 3):
        await (await Store.open(older)).close()
    numbers = [int(name.split("-")[1]) for name in backups(older)]
    assert numbers == [4, 5, 6, 7, 8]


async def test_without_a_copy_there_is_no_upgrade(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(_connection: object) -> None:
        pytest.fail("upgraded without a copy")

    (older / "backups").write_text("in the way")
    monkeypatch.setattr(schema, "upgrade", step)
    with pytest.raises(StoreUnavailable, match="copy"):
        await Store.open(older)


async def test_a_reader_asks_for_the_upgrade(older: Path) -> None:
    with pytest.raises(FileRefused, match="older program"):
        await Store.open(older, read_only=True)
    assert not (older / "backups").exists()


async def test_a_new_database_needs_no_copy(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.close()
    assert not (tmp_path / "backups").exists()
    store = await Store.open(tmp_path)
    await store.close()
    assert not (tmp_path / "backups").exists()
