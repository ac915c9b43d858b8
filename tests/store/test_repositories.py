from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Table, delete, text, update

from engine.domain.bots import BotState, Mode
from engine.domain.reasons import Action
from engine.domain.rows import Rows
from engine.domain.sessions import SessionResult, SessionStatus
from engine.errors import FaultKind, IllegalStep, RecordDamaged, UnknownName
from engine.messages.events import ACTION, EVENT_WIDTH, KIND, EventKind
from engine.store.database import Store
from engine.store.records import BotFault, BotRecord, BotStanding, MarketState
from engine.store.repositories import (
    accounts,
    bot_states,
    bots,
    events,
    markets,
    preferences,
    recordings,
    sessions,
)
from engine.store.tables import (
    BOT_STATES,
    EVENTS,
    FILLS,
    ORDERS,
    RECORDINGS,
    SESSIONS,
    SIGNALS,
    TRADES,
)
from tests.store.samples import (
    ACCOUNT,
    add_bot,
    add_session,
    bot_settings,
    session_record,
    some_rows,
)


async def test_bots_are_stored_changed_and_removed(store: Store) -> None:
    async with store.action("fill") as db:
        add_bot(db, 1)
        bots.add(db, BotRecord(2, bot_settings("Bert"), 2_000))
    async with store.action("change") as db:
        bots.change(db, 1, bot_settings("Carl"))
    assert await bots.every(store) == (
        BotRecord(1, bot_settings("Carl"), 1_000),
        BotRecord(2, bot_settings("Bert"), 2_000),
    )
    async with store.action("remove") as db:
        bots.remove(db, 2)
    with pytest.raises(UnknownName, match="no bot 2"):
        await bots.get(store, 2)
    assert [standing.bot_id for standing in await bot_states.every(store)] == [1]
    with pytest.raises(UnknownName):
        async with store.action("change") as db:
            bots.change(db, 2, bot_settings())


async def test_a_second_start_fails_in_the_database(store: Store) -> None:
    async with store.action("fill") as db:
        add_bot(db, 1)
        add_bot(db, 2)
        add_session(db, 1)
        add_session(db, 2)
    async with store.action("start") as db:
        bot_states.claim(db, 1, session_id=1)
    for bot_id, session_id in ((1, 2), (1, 1), (2, 1), (9, 2)):
        with pytest.raises(IllegalStep, match="not started a second time"):
            async with store.action("start") as db:
                bot_states.claim(db, bot_id, session_id)
    assert await bot_states.running(store) == ((1, 1),)
    with pytest.raises(IllegalStep, match="Stop it first"):
        async with store.action("remove") as db:
            bots.remove(db, 1)
    async with store.action("stop") as db:
        bot_states.release(db, 1)
    async with store.action("start") as db:
        bot_states.claim(db, 1, session_id=2)
    assert await bot_states.running(store) == ((1, 2),)


async def test_a_standing_comes_back_whole(store: Store) -> None:
    async with store.action("fill") as db:
        add_bot(db, 1)
        add_session(db, 5)
        add_session(db, 6)
    assert await bot_states.get(store, 1) == BotStanding(1, updated_at=1_000)
    kernel_state = np.array([1, -(1 << 62), 3], np.int64)
    standing = BotStanding(
        bot_id=1,
        state=BotState.ERROR,
        session_id=6,
        kernel_state=kernel_state,
        event_hash="0f" * 32,
        event_count=12,
        row_count=345,
        trade_session_id=5,
        fault=BotFault(FaultKind.STRATEGY, "It divided by zero.", "Traceback ...", 99),
        updated_at=100,
    )
    async with store.action("save") as db:
        bot_states.save(db, standing)
    back = await bot_states.get(store, 1)
    assert back == standing
    assert back.kernel_state is not None
    assert back.kernel_state.tolist() == kernel_state.tolist()
    with pytest.raises(ValueError, match="read-only"):
        back.kernel_state[0] = 7
    with pytest.raises(UnknownName, match="not stored"):
        async with store.action("save") as db:
            bot_states.save(db, replace(standing, bot_id=9))


async def test_a_cut_kernel_state_is_damage(store: Store) -> None:
    async with store.action("fill") as db:
        add_bot(db, 1)
        db.run(update(BOT_STATES).values(kernel_state=b"1234567"))
    with pytest.raises(RecordDamaged, match="state of bot 1"):
        await bot_states.get(store, 1)


async def test_after_a_crash_bots_stand_stopped_and_sessions_interrupted(store: Store) -> None:
    async with store.action("fill") as db:
        for bot_id, state in ((1, BotState.RUNNING), (2, BotState.PENDING), (3, BotState.ERROR)):
            add_bot(db, bot_id)
            add_session(db, bot_id)
            bot_states.save(db, BotStanding(bot_id, state=state, session_id=bot_id))
        bot_states.claim(db, 1, 1)
        sessions.set_status(db, 3, SessionStatus.FAILED)
    async with store.action("recover") as db:
        sessions.mark_interrupted(db)
        bot_states.release_all(db)
    standings = await bot_states.every(store)
    assert [standing.state.value for standing in standings] == ["stopped", "stopped", "error"]
    assert [standing.updated_at for standing in standings] == [0, 0, 0]
    assert [record.status.value for record in await sessions.every(store)] == [
        "failed",
        "interrupted",
        "interrupted",
    ]
    assert await bot_states.running(store) == ()


async def test_a_session_comes_back_whole(store: Store) -> None:
    async with store.action("fill") as db:
        add_session(db, 1)
    assert await sessions.get(store, 1) == session_record(1)
    assert await sessions.every(store) == (session_record(1, strategy_source=""),)
    result = SessionResult(1, 2, 3, 4, 5, 6, 7, 8, None, -0.25)
    async with store.action("progress") as db:
        sessions.progress(db, 1, "11", result)
    assert await sessions.get(store, 1) == session_record(1, event_hash="11", result=result)
    async with store.action("finish") as db:
        sessions.finish(
            db,
            1,
            status=SessionStatus.FAILED,
            end_reason=3,
            ended_at=9,
            finished_at=10,
            event_hash="22",
            rows_hash="33",
            result=result,
            error="Nothing to divide by.",
        )
    finished = session_record(
        1,
        status=SessionStatus.FAILED,
        end_reason=3,
        ended_at=9,
        event_hash="22",
        rows_hash="33",
        result=result,
        error="Nothing to divide by.",
    )
    assert await sessions.get(store, 1) == finished
    other = session_record(1, bot_name="Bert", seed=None)
    async with store.action("save") as db:
        sessions.save(db, other)
    assert await sessions.get(store, 1) == other


async def test_a_session_that_is_not_there(store: Store) -> None:
    with pytest.raises(UnknownName, match="no session 4"):
        await sessions.get(store, 4)
    with pytest.raises(UnknownName, match="no session 4"):
        async with store.action("finish") as db:
            sessions.set_status(db, 4, SessionStatus.FINISHED)


async def test_the_history_is_newest_first_and_filtered(store: Store) -> None:
    settings = session_record().settings
    async with store.action("fill") as db:
        add_session(db, 1, bot_name="100%_sure")
        add_session(db, 2, mode=Mode.BACKTEST, bot_id=None, bot_name="")
        add_session(db, 42, settings=replace(settings, strategy="grid", symbol="ETH/USDT"))

    async def ids(**filters: object) -> list[int]:
        found = await sessions.every(store, **filters)  # type: ignore[arg-type]
        return [record.id for record in found]

    assert await ids() == [42, 2, 1]
    assert await ids(limit=2) == [42, 2]
    assert await ids(mode=Mode.BACKTEST) == [2]
    assert await ids(strategy="ema_cross") == [2, 1]
    assert await ids(bot_id=3, mode=Mode.PAPER) == [42, 1]
    assert await ids(text="eth") == [42]
    assert await ids(text="%_") == [1]
    assert await ids(text="S-0042") == [42]
    assert await ids(text="nothing like it") == []


async def test_a_recording_comes_back_bit_for_bit(store: Store) -> None:
    rows = some_rows(recordings.CHUNK_ROWS + 10)
    tail = some_rows(3, seed=2)
    async with store.action("fill") as db:
        add_session(db, 1)
        add_session(db, 2)
        recordings.append(db, 1, 0, recordings.pack(rows))
        recordings.append(db, 1, len(rows), tail)
        recordings.append(db, 1, 0, some_rows(0))
    back = await recordings.load(store, 1)
    assert back.table.tobytes() == rows.table.tobytes() + tail.table.tobytes()
    assert back.volume.tobytes() == rows.volume.tobytes() + tail.volume.tobytes()
    assert await recordings.count(store, 1) == len(rows) + 3 == len(back)
    nothing = await recordings.load(store, 2)
    assert nothing.table.shape == (0, 6)
    assert await recordings.count(store, 2) == 0


@pytest.mark.parametrize("first_row", [4, 6])
async def test_a_recording_with_a_gap_or_an_overlap_is_damage(store: Store, first_row: int) -> None:
    async with store.action("fill") as db:
        add_session(db, 1)
        recordings.append(db, 1, 0, some_rows(5))
        recordings.append(db, 1, first_row, some_rows(5))
    with pytest.raises(RecordDamaged, match="gap or an overlap"):
        await recordings.load(store, 1)


async def test_a_changed_byte_in_a_recording_is_damage(store: Store) -> None:
    async with store.action("fill") as db:
        add_session(db, 1)
        recordings.append(db, 1, 0, some_rows(5))
        db.run(update(RECORDINGS).values(content=bytes(100)))
    with pytest.raises(RecordDamaged, match="recording is damaged"):
        await recordings.load(store, 1)


async def test_text_that_is_none_is_damage(store: Store) -> None:
    async with store.action("fill") as db:
        add_bot(db, 1)
        db.run(text("UPDATE bots SET settings = CAST(x'ff' AS TEXT)"))
    with pytest.raises(RecordDamaged, match="damaged"):
        await bots.get(store, 1)


async def test_the_same_rows_are_not_recorded_twice(store: Store) -> None:
    async with store.action("fill") as db:
        add_session(db, 1)
        recordings.append(db, 1, 0, some_rows(5))
    with pytest.raises(RecordDamaged, match="does not fit"):
        async with store.action("again") as db:
            recordings.append(db, 1, 0, some_rows(5))


async def test_events_come_back_with_their_notes(store: Store) -> None:
    rows = np.arange(7 * EVENT_WIDTH, dtype=np.int64).reshape(7, EVENT_WIDTH) - 5
    rows[:, KIND], rows[:, ACTION] = EventKind.NOTE, 0
    async with store.action("fill") as db:
        add_session(db, 1)
        events.append(db, 1, 0, rows[:4], ["", "two", "", "four"])
        events.append(db, 1, 4, rows[4:])
        events.append(db, 1, 7, rows[:0])
    back = await events.load(store, 1)
    assert back.table.tobytes() == rows.tobytes()
    assert [back.note(index) for index in range(7)] == ["", "two", "", "four", "", "", ""]
    assert len(await events.load(store, 1, up_to=3)) == 3
    assert await events.count(store, 1) == 7
    assert len(await events.load(store, 2)) == 0


async def test_events_may_be_overwritten_by_the_caller_while_they_are_written(
    store: Store,
) -> None:
    rows = np.full((100, EVENT_WIDTH), Action.SHORT, np.int64)
    async with store.action("fill") as db:
        add_session(db, 1)
        events.append(db, 1, 0, rows)
        rows[:] = 0
    assert (await events.load(store, 1)).table.min() == Action.SHORT


async def test_the_same_event_is_not_stored_twice(store: Store) -> None:
    rows = np.full((3, EVENT_WIDTH), EventKind.NOTE, np.int64)
    async with store.action("fill") as db:
        add_session(db, 1)
        events.append(db, 1, 0, rows)
    with pytest.raises(RecordDamaged, match="does not fit"):
        async with store.action("again") as db:
            events.append(db, 1, 2, rows)
    assert await events.count(store, 1) == 3


async def test_an_event_of_no_session_is_not_stored(store: Store) -> None:
    with pytest.raises(RecordDamaged, match="does not fit"):
        async with store.action("fill") as db:
            events.append(db, 1, 0, np.ones((1, EVENT_WIDTH), np.int64))


async def test_events_with_a_gap_are_damage(store: Store) -> None:
    async with store.action("fill") as db:
        add_session(db, 1)
        events.append(db, 1, 0, np.ones((3, EVENT_WIDTH), np.int64))
        db.run(delete(EVENTS).where(EVENTS.c.seq == 1))
    with pytest.raises(RecordDamaged, match="have a gap"):
        await events.load(store, 1)


async def test_an_account_is_kept_and_reset(store: Store) -> None:
    assert await accounts.find(store, "paper") is None
    async with store.action("save") as db:
        accounts.save(db, ACCOUNT)
    found = await accounts.find(store, "paper")
    assert found == ACCOUNT
    assert str(found.max_exposure_pct) == "62.50"
    async with store.action("reset") as db:
        accounts.save(db, replace(ACCOUNT, reset_at=6, max_open_positions=None))
    reset = await accounts.find(store, "paper")
    assert reset == replace(ACCOUNT, reset_at=6, max_open_positions=None)


async def test_numbers_of_portfolios_and_sweeps_are_never_given_twice(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    assert [store.next_id(kind) for kind in ("portfolios", "portfolios", "sweeps")] == [1, 2, 1]
    async with store.action("fill") as db:
        add_session(db, 1, portfolio_id=7, sweep_id=9)
    await store.close()
    store = await Store.open(tmp_path)
    assert [store.next_id(kind) for kind in ("portfolios", "sweeps", "sessions")] == [8, 10, 2]
    async with store.action("delete") as db:
        db.run(delete(SESSIONS))
        preferences.keep_numbers(db, store.numbers_given)
    await store.close()
    store = await Store.open(tmp_path)
    given = [store.next_id(kind) for kind in ("portfolios", "sweeps", "sessions", "bots")]
    assert given == [9, 11, 3, 4]
    await store.close()


async def test_simulated_markets_keep_where_they_stand(store: Store) -> None:
    state = {"price": 0.1 + 0.2, "random": [1 << 127, 2], "name": "ü", "none": None}
    stand = MarketState("BTC/USDT", 1 << 100, state, 9)
    for _ in range(2):
        async with store.action("save") as db:
            markets.save_state(db, stand)
    assert await markets.find_state(store, "BTC/USDT") == stand
    assert await markets.find_state(store, "ETH/USDT") is None


def test_a_packed_recording_knows_its_length() -> None:
    rows = some_rows(recordings.CHUNK_ROWS + 1)
    packed = recordings.pack(Rows(rows.table, rows.volume))
    assert len(packed) == recordings.CHUNK_ROWS + 1
    assert len(packed.chunks) == 2


@pytest.mark.parametrize("table", [EVENTS, RECORDINGS, SIGNALS, ORDERS, FILLS, TRADES])
def test_a_session_that_is_deleted_is_found_everywhere_by_an_index(table: Table) -> None:
    """SQLite looks for rows that refer to it: without an index in all of a long table."""
    columns = {column for column in table.columns if column.references(SESSIONS.c.id)}
    led = {next(iter(index.columns)) for index in table.indexes}
    assert columns <= led | {next(iter(table.primary_key.columns))}
