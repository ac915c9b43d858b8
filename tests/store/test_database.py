"""Actions: whole or not at all, durable when answered, strangers to each other."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import textwrap
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from engine.errors import IllegalStep, RecordDamaged, StoreUnavailable
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from engine.store.tables import ACCOUNTS
from tests.store.putting import add, names, put


def test_the_writer_runs_with_safe_settings_and_readers_cannot_write(tmp_path: Path) -> None:
    async def look() -> None:
        store = await Store.open(tmp_path, busy_timeout_ms=1234)
        assert store.writer_pragmas == {
            "foreign_keys": "1",
            "journal_mode": "wal",
            "synchronous": "2",
            "fullfsync": "1",
            "busy_timeout": "100",  # at a time; an action waits for as long as was said
        }
        async with store.reading() as session:
            found = {
                name: await session.scalar(text(f"PRAGMA {name}"))
                for name in ("query_only", "foreign_keys", "busy_timeout", "journal_mode")
            }
            assert found == {
                "query_only": 1,
                "foreign_keys": 1,
                "busy_timeout": 1234,
                "journal_mode": "wal",
            }
            with pytest.raises(Exception, match="readonly"):
                await session.execute(text("DELETE FROM bots"))
        await store.close()

    asyncio.run(look())


async def test_fifty_tasks_at_once(store: Store) -> None:
    async def task(number: int) -> None:
        for step in range(20):
            await put(store, f"{number}-{step}-a", f"{number}-{step}-b")

    await asyncio.gather(*(task(number) for number in range(50)))
    assert len(await names(store)) == 2_000
    assert store.counts.opened["put"] == store.counts.closed["put"] == 1_000


async def test_a_failing_action_touches_no_other_in_the_same_commit(store: Store) -> None:
    await put(store, "taken")
    # All are queued before the writer's answer can be heard: most of them share one COMMIT.
    asked = [put(store, f"a{i}") for i in range(20)]
    asked.insert(10, put(store, "half", "taken"))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    failed = [outcome for outcome in outcomes if outcome is not None]
    assert [type(outcome) for outcome in failed] == [RecordDamaged]
    assert outcomes[10] is failed[0]
    assert await names(store) == sorted([*(f"a{i}" for i in range(20)), "taken"])
    assert store.counts.opened == store.counts.closed | {"reading": 1}


async def test_a_refusal_says_what_a_broken_constraint_means(store: Store) -> None:
    await put(store, "taken")
    with pytest.raises(IllegalStep, match="There is one already"):
        async with store.action("put") as db:
            add(db, "taken", refusal=IllegalStep("There is one already."))


async def test_a_change_that_finds_no_row_fails_with_its_refusal(store: Store) -> None:
    async def change() -> None:
        async with store.action("change") as db:
            add(db, "new")
            db.run(
                ACCOUNTS.update().where(ACCOUNTS.c.name == "nobody").values(currency="EUR"),
                refusal=IllegalStep("Nobody is there."),
            )

    with pytest.raises(IllegalStep, match="Nobody is there"):
        await change()
    assert await names(store) == []


async def test_a_body_that_raises_sends_nothing(store: Store) -> None:
    async def stumble() -> None:
        async with store.action("put") as db:
            add(db, "a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await stumble()
    assert await names(store) == []
    assert store.counts.opened["put"] == 0


async def test_a_body_that_awaits_is_refused(store: Store) -> None:
    async def dawdle() -> None:
        async with store.action("put") as db:
            add(db, "a")
            await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="awaited"):
        await dawdle()
    assert await names(store) == []


async def test_an_action_that_is_over_takes_no_statements(store: Store) -> None:
    async with store.action("put") as db:
        add(db, "a")
    with pytest.raises(RuntimeError, match="is over"):
        add(db, "b")


async def test_many_rows_that_are_none_add_nothing(store: Store) -> None:
    async with store.action("put") as db:
        db.run(insert(ACCOUNTS), [])
    assert await names(store) == []


async def test_insert_many_puts_each_value_in_its_column(store: Store) -> None:
    columns = ("reset_at", "name", "returned", "starting_balance", "currency")
    async with store.action("put") as db:
        db.insert_many(ACCOUNTS, columns, lambda: ((i, f"n{i}", "1", "2", "C") for i in range(3)))
        db.insert_many(ACCOUNTS, columns, lambda: ())
    async with store.reading() as session:
        row = (await session.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == "n2"))).one()
    assert tuple(row) == ("n2", "C", Decimal(2), Decimal(1), 2, None, None)


async def test_a_mistake_in_the_values_reaches_its_own_caller_only(store: Store) -> None:
    async def wrong() -> None:
        async with store.action("wrong") as db:
            db.run(ACCOUNTS.insert(), {"name": "a", "reset_at": 1.5})

    outcomes = await asyncio.gather(
        put(store, "x"), wrong(), put(store, "y"), return_exceptions=True
    )
    assert outcomes[0] is None
    assert "UTC milliseconds" in str(outcomes[1])
    assert outcomes[2] is None
    assert await names(store) == ["x", "y"]


async def test_money_of_thirty_digits_survives(store: Store) -> None:
    money = Decimal("123456789012345.678901234567890")
    async with store.action("put") as db:
        row = {"name": "a", "currency": "X", "reset_at": 1 << 62, "returned": -money}
        db.run(insert(ACCOUNTS), {**row, "starting_balance": money})
    async with store.reading() as session:
        found = (await session.execute(select(ACCOUNTS))).one()
    assert str(found.starting_balance) == str(money)
    assert found.returned == -money
    assert found.reset_at == 1 << 62


@pytest.mark.parametrize("money", [1.5, Decimal("NaN"), "1.5"])
async def test_money_that_is_not_exact_is_refused(store: Store, money: object) -> None:
    with pytest.raises(Exception, match="finite Decimal"):
        async with store.action("put") as db:
            db.run(ACCOUNTS.update().values(returned=money))


async def test_reading_works_while_an_action_is_written_and_sees_one_moment(store: Store) -> None:
    await put(store, "first")
    async with store.reading() as session:
        count = select(func.count()).select_from(ACCOUNTS)
        before = await session.scalar(count)
        await put(store, "second")
        assert await session.scalar(count) == before == 1
    assert len(await names(store)) == 2
    assert store.counts.opened["reading"] == store.counts.closed["reading"] == 2


async def test_after_closing_the_one_file_can_be_moved_alone(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "here")
    for number in range(5):
        await put(store, f"a{number}")
    await store.close()
    (tmp_path / "there").mkdir()
    (tmp_path / "here" / FILE_NAME).rename(tmp_path / "there" / FILE_NAME)
    store = await Store.open(tmp_path / "there")
    assert await names(store) == [f"a{number}" for number in range(5)]
    await store.close()


@pytest.mark.parametrize("cancelled", [False, True])
async def test_closing_lets_readers_end_and_leaves_no_connection_open(
    tmp_path: Path, cancelled: bool
) -> None:
    store = await Store.open(tmp_path)
    readers = [asyncio.create_task(names(store)) for _ in range(2)]
    for _ in range(5):  # into the middle of making the connection
        await asyncio.sleep(0)
    if cancelled:
        readers[0].cancel()
    await store.close()
    outcomes = await asyncio.gather(*readers, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError) is cancelled
    assert outcomes[1] == []
    gc.collect()  # of a connection that nobody closed the driver warns here


async def test_closing_writes_what_is_queued(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    asked = [asyncio.create_task(put(store, f"a{i}")) for i in range(200)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*asked)
    with pytest.raises(StoreUnavailable, match="was closed"):
        await put(store, "late")
    with pytest.raises(StoreUnavailable, match="was closed"):
        await names(store)
    await store.close()
    store = await Store.open(tmp_path)
    assert len(await names(store)) == 200
    await store.close()
    assert sorted(os.listdir(tmp_path)) == ["trader.db", "trader.lock"]


async def test_a_cancelled_task_learns_the_outcome_first(store: Store) -> None:
    task = asyncio.create_task(put(store, "a"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await names(store) == ["a"]


async def test_a_cancelled_task_whose_action_failed_is_logged(
    store: Store, expected_warnings: list[object]
) -> None:
    await put(store, "taken")
    task = asyncio.create_task(put(store, "taken"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(expected_warnings) == 1


CRASHER = """
    import asyncio, sys
    from pathlib import Path
    from tests.store.putting import put
    from engine.store.database import Store

    async def main():
        store = await Store.open(Path(sys.argv[1]))
        async def task(number):
            for step in range(10_000):
                await put(store, f"{number}-{step}-a", f"{number}-{step}-b")
                print(f"{number}-{step}", flush=True)
        await asyncio.gather(*(task(number) for number in range(20)))

    asyncio.run(main())
"""


def test_what_was_acknowledged_survives_kill(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CRASHER), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(500)]
    child.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    lines += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    acknowledged = {line.strip() for line in lines if line.endswith("\n")}
    assert len(acknowledged) >= 500

    async def stored() -> list[str]:
        store = await Store.open(tmp_path)
        found = await names(store)
        await store.close()
        return found

    found = set(asyncio.run(stored()))
    assert {f"{key}-{part}" for key in acknowledged for part in "ab"} <= found
    halves = {name[:-2] for name in found}
    assert {f"{half}-{part}" for half in halves for part in "ab"} == found
