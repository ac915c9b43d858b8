"""Limits of one account over all its bots: never exceeded, and fair whoever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.domain.bots import BotSettings, BotState
from engine.domain.money import Scale
from engine.domain.reasons import Action, Input, Refusal
from engine.domain.rows import CLOSE, HIGH, KIND, LOW, OPEN, RowKind
from engine.domain.settings import Sizing, TradeSettings
from engine.errors import InvalidSetting
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.why import Verdict
from engine.runtime.bots.account import most_set_aside
from engine.runtime.bots.desk import Books, Desk, Seat
from engine.runtime.engine import Engine
from engine.runtime.history.loading import load_session
from tests.runtime.support import BEGINS_AT, MINUTE, QuickClock, StillClock, until, write_candles

SCALE = Scale(Decimal("0.5"), Decimal("0.001"))
LINE = "one market"
T = BEGINS_AT // MINUTE * MINUTE


class Account:
    """What the desk sees of an account, set by the test."""

    def __init__(self, slots: int | None = None, exposure: Decimal | None = None) -> None:
        self.slots, self.exposure = slots, exposure
        self.held: dict[int, Decimal] = {}

    def books(self) -> Books:
        return Books(self.slots, self.exposure, Decimal(1_000), dict(self.held))


def desk_of(account: Account, *bots: int) -> tuple[Desk, dict[int, Seat]]:
    desk = Desk(account.books, StillClock())
    return desk, {bot: desk.sit(bot, LINE, MINUTE, T - MINUTE) for bot in bots}


async def one_round(
    desk: Desk, seats: list[Seat], at: int, most: Decimal = Decimal(100)
) -> dict[int, tuple[int, ...]]:
    """All ask for `at`, in the order of `seats`; what each was answered at last."""
    asked = {seat.bot_id: asyncio.ensure_future(desk.ask(seat, at, most, SCALE)) for seat in seats}
    answers = {}
    for bot, task in asked.items():
        wishes = await task
        assert {wish.code for wish in wishes} == {Input.ACCOUNT}
        answers[bot] = wishes[-1].values
    return answers


@pytest.mark.parametrize("first_to_ask", [1, 2])
async def test_two_bots_one_slot_alternate_in_either_order(first_to_ask: int) -> None:
    account = Account(slots=1)
    desk, seats = desk_of(account, 1, 2)
    order = [seats[first_to_ask], seats[3 - first_to_ask]]
    winners = []
    for number in range(50):
        at = T + number * MINUTE
        answers = await one_round(desk, order, at)
        (winner,) = [bot for bot, values in answers.items() if values[0] == 0]
        loser = 3 - winner
        assert answers[loser] == (Refusal.MAX_OPEN_POSITIONS, 1, 1)
        winners.append(winner)
        account.held = {winner: Decimal(100)}
        for seat in seats.values():
            desk.nothing_waits(seat, at)
        account.held = {}  # closed again before the next candle ends
    assert winners == [1, 2] * 25


async def test_a_granted_slot_counts_until_its_entry_is_filled_or_refused() -> None:
    account = Account(slots=1)
    desk, seats = desk_of(account, 1, 2)
    desk.nothing_waits(seats[2], T)
    assert (await one_round(desk, [seats[1]], T))[1] == (0, 1, 0)
    assert (await one_round(desk, [seats[2]], T))[2][0] == Refusal.MAX_OPEN_POSITIONS
    desk.nothing_waits(seats[2], T + MINUTE)
    desk.nothing_waits(seats[1], T + MINUTE)  # refused at the price: nothing is held
    assert (await one_round(desk, [seats[2]], T + MINUTE))[2] == (0, 1, 0)


async def test_an_entry_decided_at_the_next_close_is_asked_for_anew() -> None:
    """Between the answer and that close the bot has said nothing: its next row closed a candle."""
    account = Account(slots=1)
    account.held = {7: Decimal(100)}
    desk, seats = desk_of(account, 1)
    for at in (T, T + MINUTE):
        assert (await one_round(desk, [seats[1]], at))[1] == (Refusal.MAX_OPEN_POSITIONS, 1, 1)
        assert await desk.ask(seats[1], at, Decimal(1), SCALE) == ()


async def test_a_round_waits_for_whoever_may_still_join_it() -> None:
    desk, seats = desk_of(Account(slots=1), 1, 2)
    late = asyncio.ensure_future(desk.ask(seats[2], T, Decimal(1), SCALE))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not late.done()
    (early,) = await desk.ask(seats[1], T, Decimal(1), SCALE)
    assert early.values == (0, 1, 0)
    (answer,) = await late
    assert answer.values[0] == Refusal.MAX_OPEN_POSITIONS


async def test_a_bot_that_leaves_or_passes_by_is_not_waited_for() -> None:
    desk, seats = desk_of(Account(slots=1), 1, 2, 3)
    answer = asyncio.ensure_future(desk.ask(seats[1], T, Decimal(1), SCALE))
    await asyncio.sleep(0)
    desk.leave(seats[2])
    await asyncio.sleep(0)
    assert not answer.done()
    desk.nothing_waits(seats[3], T)
    assert await answer


async def test_patience_ends() -> None:
    account = Account(slots=1)
    desk = Desk(account.books, QuickClock())
    seat, _ = desk.sit(1, LINE, MINUTE, T - MINUTE), desk.sit(2, LINE, MINUTE, T - MINUTE)
    (answer,) = await desk.ask(seat, T, Decimal(1), SCALE)
    assert answer.values == (0, 1, 0)


async def test_room_is_given_once() -> None:
    account = Account(exposure=Decimal(50))
    account.held = {9: Decimal(250)}
    desk, seats = desk_of(account, 1, 2)
    answers = await one_round(desk, [seats[2], seats[1]], T, Decimal(200))
    unit = SCALE.product_unit
    assert answers == {
        1: (Refusal.MAX_EXPOSURE, int(200 / unit), 0),
        2: (Refusal.MAX_EXPOSURE, int(50 / unit), 0),
    }


async def test_a_flip_is_not_counted_against_itself() -> None:
    account = Account(slots=1)
    account.held = {1: Decimal(100)}
    desk, seats = desk_of(account, 1)
    assert (await one_round(desk, [seats[1]], T))[1] == (0, 1, 0)


async def test_a_yes_says_what_each_limit_found() -> None:
    account = Account(slots=3, exposure=Decimal(50))
    account.held = {8: Decimal(100), 9: Decimal(150)}
    desk, seats = desk_of(account, 1)
    said = await desk.ask(seats[1], T, Decimal(200), SCALE)
    unit = SCALE.product_unit
    assert [wish.values for wish in said] == [
        (0, 3, 2),
        (Refusal.MAX_EXPOSURE, int(200 / unit), 0),
    ]


async def test_without_limits_nothing_is_asked_and_nothing_recorded() -> None:
    desk, seats = desk_of(Account(), 1, 2)
    assert await desk.ask(seats[1], T, Decimal(1), SCALE) == ()


@pytest.mark.parametrize(
    ("trade", "most"),
    [
        (TradeSettings(position_pct=Decimal(10)), 100),
        (TradeSettings(sizing=Sizing.QUOTE, size_quote=Decimal(70)), 70),
        (TradeSettings(sizing=Sizing.RISK, risk_pct=Decimal(1)), 250),
        (TradeSettings(sizing=Sizing.RISK, max_position_pct=None), 1_000),
    ],
)
def test_what_an_entry_may_set_aside(trade: TradeSettings, most: int) -> None:
    assert most_set_aside(trade, Decimal(1_000), flips=False) == most


# The whole engine: bots of one file, whose strategies ask at the same closes.


def signal_bots(folder: Path, bots: int, trade: TradeSettings) -> list[BotSettings]:
    from tests.runtime.support import file_bot

    path = write_candles(folder / "c.csv", 120)
    times = [line.split(",")[0] for line in path.read_text().splitlines()[1:]]
    signals = folder / "signals.csv"
    lines = [f"{times[n]},{'buy' if n % 4 == 0 else 'sell'}" for n in range(2, 110, 2)]
    signals.write_text("time,action\n" + "\n".join(lines) + "\n")
    return [
        file_bot(
            path,
            f"bot-{n}",
            strategy="signals_file",
            signals_path=str(signals),
            trade=trade,
        )
        for n in range(bots)
    ]


@pytest.fixture
async def engine(tmp_path: Path, _no_tasks_left: None) -> AsyncIterator[Engine]:
    opened = await Engine.open(tmp_path / "data", clock=QuickClock())
    yield opened
    await opened.close()


async def run_all(engine: Engine, settings: list[BotSettings]) -> None:
    for one in settings:
        await engine.execute(cm.CreateBot(one, start=False))
    bots = [bot.bot_id for bot in engine.snapshot().bots]
    await asyncio.gather(*(engine.execute(cm.StartBot(bot)) for bot in bots))
    await until(engine, lambda now: all(bot.session.ended for bot in now.bots))
    await until(engine, lambda now: all(bot.state is BotState.STOPPED for bot in now.bots))


TRADE = TradeSettings(cash=Decimal(10_000))


async def test_open_positions_never_exceed_the_limit(engine: Engine, tmp_path: Path) -> None:
    await engine.execute(cm.SetAccountLimits(2, None))
    most = 0

    def look() -> None:
        nonlocal most
        most = max(most, sum(bot.position != 0 for bot in engine._bots.all()))

    engine.subscribe(look)
    await run_all(engine, signal_bots(tmp_path, 4, TRADE))
    assert most == 2
    bots = engine.snapshot().bots
    refused = [dict(bot.session.refusals).get(Refusal.MAX_OPEN_POSITIONS, 0) for bot in bots]
    assert sum(refused) > 0
    assert all(len(bot.session.trades) > 0 for bot in bots)


async def test_exposure_stays_below_its_limit(engine: Engine, tmp_path: Path) -> None:
    await engine.execute(cm.SetAccountLimits(None, Decimal(4)))
    most = Decimal(0)

    def look() -> None:
        nonlocal most
        now = engine.snapshot().account
        most = max(most, now.set_aside / now.equity)

    engine.subscribe(look)
    await run_all(engine, signal_bots(tmp_path, 3, TRADE))
    assert Decimal("0.02") < most <= Decimal("0.0401")
    refused = [
        dict(bot.session.refusals).get(Refusal.MAX_EXPOSURE, 0) for bot in engine.snapshot().bots
    ]
    assert sum(refused) > 0


async def test_answers_are_recorded_before_the_prices_they_are_for(
    engine: Engine, tmp_path: Path
) -> None:
    await engine.execute(cm.SetAccountLimits(1, None))
    await run_all(engine, signal_bots(tmp_path, 2, TRADE))
    for bot in engine.snapshot().bots:
        archived = await load_session(engine._store, bot.session_id or 0)
        table, log = archived.rows.table, archived.log.table
        answers = table[(table[:, KIND] == RowKind.INPUT) & (table[:, OPEN] == Input.ACCOUNT)]
        signals = log[(log[:, ev.KIND] == EventKind.SIGNAL) & (log[:, ev.ACTION] == 1)]
        assert answers[:, 1].tolist() == signals[:, ev.AT].tolist()
        refusals = log[log[:, ev.KIND] == EventKind.REFUSAL]
        refusals = refusals[refusals[:, ev.CODE] == Refusal.MAX_OPEN_POSITIONS]
        noes = answers[answers[:, HIGH] != 0]
        assert np.array_equal(noes[:, [LOW, CLOSE]], refusals[:, [ev.LIMIT, ev.ACTUAL]])


async def test_why_tells_what_the_account_said(engine: Engine, tmp_path: Path) -> None:
    """Of entries that it let through as well as of those that it refused."""
    await engine.execute(cm.SetAccountLimits(2, Decimal(50)))
    await run_all(engine, signal_bots(tmp_path, 3, TRADE))
    verdicts = set()
    for bot in engine.snapshot().bots:
        archived = await load_session(engine._store, bot.session_id or 0)
        table, log = archived.rows.table, archived.log.table
        answers = table[(table[:, KIND] == RowKind.INPUT) & (table[:, OPEN] == Input.ACCOUNT)]
        said = answers[answers[:, HIGH] != Refusal.MAX_EXPOSURE][:, [LOW, CLOSE]].tolist()
        why, told = await engine.why(bot.session_id or 0), []
        entries = (log[:, ev.KIND] == EventKind.SIGNAL) & (log[:, ev.ACTION] == Action.BUY)
        for event in np.flatnonzero(entries).tolist():
            chain = why.chain(event, len(log))
            assert chain is not None
            assert chain.remark == ""
            rules = {one.rule: one for one in chain.rules}
            slots, room = rules[Refusal.MAX_OPEN_POSITIONS], rules.get(Refusal.MAX_EXPOSURE)
            told.append([int(slots.limit), int(slots.found)])
            verdicts.add(slots.verdict)
            assert (slots.verdict is Verdict.PASSED) == (room is not None)
            assert room is None or (room.limit and room.found)
        assert told == said
    assert verdicts == {Verdict.PASSED, Verdict.REFUSED}


async def test_no_limit_no_rows(engine: Engine, tmp_path: Path) -> None:
    await run_all(engine, signal_bots(tmp_path, 1, TRADE))
    archived = await load_session(engine._store, engine.snapshot().bots[0].session_id or 0)
    assert not np.any(archived.rows.table[:, KIND] == RowKind.INPUT)


async def test_limits_are_checked_kept_and_shown(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    for wrong in (
        cm.SetAccountLimits(0, None),
        cm.SetAccountLimits(None, Decimal(0)),
        cm.SetAccountLimits(None, Decimal(101)),
        cm.SetAccountLimits(None, Decimal("NaN")),
    ):
        with pytest.raises(InvalidSetting):
            await engine.execute(wrong)
    await engine.execute(cm.SetAccountLimits(3, Decimal("12.5")))
    await engine.execute(cm.ResetAccount(Decimal(5_000)))
    await engine.close()
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    account = engine.snapshot().account
    assert (account.max_open_positions, account.max_exposure_pct) == (3, Decimal("12.5"))
    assert (account.open_positions, account.set_aside) == (0, 0)
    assert replace(account, starting_balance=Decimal(1)).equity == 5_000
    await engine.execute(cm.SetAccountLimits(None, None))
    assert engine.snapshot().account.max_open_positions is None
    await engine.close()
