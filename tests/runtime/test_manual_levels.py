"""Levels moved by hand: checked before, recorded in their place, the same in a replay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.core.candle_builder import CandleBuilder
from engine.core.layout import new_state
from engine.core.settings_vector import kernel_settings
from engine.domain.bots import BotState
from engine.domain.reasons import EndReason, ExitReason, Input
from engine.domain.rows import AT, HIGH, KIND, OPEN, RowKind
from engine.errors import Fault, IllegalStep, InvalidSetting
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EMPTY_HASH, EventKind, chain
from engine.messages.histories import T_REASON
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from engine.runtime.deciding import Decider
from engine.runtime.engine import Engine
from engine.runtime.history.archive import Archived, market_of
from engine.runtime.history.loading import load_session
from engine.runtime.history.recorded import PriceFloats, bars_in
from engine.runtime.opinions import form_opinion
from engine.runtime.running.wishes import Wish
from engine.runtime.sources.strategies import find_strategy
from tests.runtime.support import QuickClock, until


class HaltingClock(QuickClock):
    """Time that a test can have stand."""

    halted = False

    def halt(self) -> None:
        self.halted = True

    def go_on(self) -> None:
        self.halted = False
        self._plan()

    def _wake_next(self) -> None:
        if not self.halted:
            super()._wake_next()


@pytest.fixture
def clock() -> HaltingClock:
    return HaltingClock()


@pytest.fixture
async def engine(
    tmp_path: Path, clock: HaltingClock, _no_tasks_left: None
) -> AsyncIterator[Engine]:
    opened = await Engine.open(tmp_path / "data", clock=clock)
    yield opened
    clock.go_on()
    await opened.close()


def held(now: AppSnapshot) -> bool:
    return now.bots[0].session.position != 0 and now.bots[0].state is BotState.RUNNING


def traded(count: int) -> Callable[[AppSnapshot], bool]:
    return lambda now: len(now.bots[0].session.trades) >= count


Level = Callable[[int, Decimal], cm.Command]
MOVES = (Input.MOVE_STOP, Input.MOVE_TARGET)
NO_STEP = (InvalidSetting, "multiple")
NO_PRICE = (InvalidSetting, "above 0")
BEYOND = (IllegalStep, "close at once")


async def holding(engine: Engine) -> BotSnapshot:
    """One sample bot that holds something."""
    await engine.execute(cm.StartSimulation(speed=600, bots=1))
    return (await until(engine, held)).bots[0]


def flat(now: AppSnapshot) -> bool:
    return now.bots[0].session.position == 0 and now.bots[0].state is BotState.RUNNING


async def halted(
    engine: Engine, clock: HaltingClock, fits: Callable[[AppSnapshot], bool]
) -> BotSnapshot:
    """The one bot at a moment that `fits`; time stands, and no price is under way any more."""
    while True:
        bot = (await until(engine, fits)).bots[0]
        clock.halt()
        price = None
        while bot.price != price:  # rows that had come before are taken between two commands
            price = bot.price
            await engine.execute(cm.PauseEntries(bot.bot_id))
            await engine.execute(cm.ResumeEntries(bot.bot_id))
            bot = engine.snapshot().bots[0]
        if fits(engine.snapshot()):
            return bot
        clock.go_on()


def priced(bot: BotSnapshot, count: int) -> Decimal:
    return bot.market.scale.price(count)


def nearer(bot: BotSnapshot) -> int:
    """A stop between the one that stands and the price: legal until the price moves there."""
    state = bot.session
    assert bot.price is not None
    return (state.stop + bot.price.price) // 2


async def move_stop(engine: Engine, level: Callable[[BotSnapshot], int]) -> int:
    """Move the stop to `level` of the moment; again if the market was quicker. The level."""
    while True:
        bot = (await until(engine, held)).bots[0]
        asked = level(bot)
        try:
            await engine.execute(cm.MoveStop(bot.bot_id, priced(bot, asked)))
        except IllegalStep:
            continue
        return asked


def at_the_price(bot: BotSnapshot) -> int:
    """The stop nearest to the price that is not beyond it."""
    assert bot.price is not None
    return bot.price.price - (1 if bot.session.position > 0 else -1)


def log_of(bot: BotSnapshot, kind: EventKind) -> list[list[int]]:
    rows = bot.session.log.rows
    found: list[list[int]] = rows[rows[:, ev.KIND] == kind].tolist()
    return found


def replayed(archived: Archived) -> str:
    """The hash that the recorded rows lead to, commands in their places."""
    record, rows = archived.record, archived.rows
    settings, market = record.settings, market_of(record.settings)
    bars = bars_in(rows, CandleBuilder(settings.timeframe_ms))
    candles = PriceFloats(market.price_step).candles(bars, settings.timeframe_ms)
    trade = settings.trade
    opinion = form_opinion(
        find_strategy(settings.strategy), settings.params, trade.direction, candles
    )
    kind = rows.table[:, KIND]
    signals = np.zeros(len(rows), np.int32)
    closes = {int(at) + settings.timeframe_ms: n for n, at in enumerate(candles.open_at.tolist())}
    for row in np.flatnonzero(kind == RowKind.CLOSED).tolist():
        signals[row] = opinion.packed[closes[int(rows.table[row, AT])]]
    decider = Decider(
        kernel_settings(trade, market, settings.timeframe_ms),
        new_state(market.scale.money_count(trade.cash)),
    )
    told = [decider.begin(record.started_at), decider.advance(rows.table, signals)]
    return chain(EMPTY_HASH, np.concatenate(told)).hex()


async def test_a_moved_stop_and_target_stand_and_are_recorded(
    engine: Engine, clock: HaltingClock
) -> None:
    await holding(engine)
    bot = await halted(engine, clock, held)
    before, stop = bot.session, nearer(bot)
    assert bot.price is not None
    target = bot.price.price + (bot.price.price - stop) * 5
    await engine.execute(cm.MoveStop(bot.bot_id, priced(bot, stop)))
    await engine.execute(cm.MoveTarget(bot.bot_id, priced(bot, target)))
    now = engine.snapshot()
    commands = log_of(now.bots[0], EventKind.COMMANDED)
    first, second = [row for row in commands if row[ev.CODE] in MOVES]
    assert (first[ev.CODE], first[ev.PRICE]) == (Input.MOVE_STOP, stop)
    assert first[ev.LIMIT] == before.stop != stop
    assert (second[ev.CODE], second[ev.PRICE]) == (Input.MOVE_TARGET, target)
    assert second[ev.LIMIT] == before.target
    assert (second[ev.STOP], second[ev.TARGET]) == (stop, target)
    clock.go_on()
    await engine.execute(cm.StopBot(bot.bot_id))
    await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
    archived = await load_session(engine._store, bot.session_id or 0)
    inputs = archived.rows.table[archived.rows.table[:, KIND] == RowKind.INPUT]
    inputs = inputs[~np.isin(inputs[:, OPEN], (Input.PAUSE_ENTRIES, Input.RESUME_ENTRIES))]
    assert inputs[:, [OPEN, HIGH]].tolist() == [
        [Input.MOVE_STOP, stop],
        [Input.MOVE_TARGET, target],
        [Input.STOP, 0],
    ]
    assert replayed(archived) == archived.record.event_hash


async def test_a_stop_moved_to_the_price_closes_as_a_stop_loss(engine: Engine) -> None:
    await holding(engine)
    reason, closed = ExitReason.SIGNAL, 0
    while reason is not ExitReason.STOP_LOSS:
        # A market may jump to the target, the strategy leave, a trailing stop move on: once more.
        stop = await move_stop(engine, at_the_price)
        now = await until(engine, traded(closed + 1))
        trades = now.bots[0].session.trades
        reason, closed = ExitReason(trades.rows[closed, T_REASON]), len(trades)
    touched = [row[ev.LIMIT] for row in log_of(now.bots[0], EventKind.LEVEL_TOUCHED)]
    assert stop in touched


async def test_what_does_not_fit_is_refused_and_nothing_is_recorded(
    engine: Engine, clock: HaltingClock
) -> None:
    await holding(engine)
    bot = await halted(engine, clock, held)
    assert bot.price is not None
    price, step = bot.price.price, bot.market.price_step
    away = (1 if bot.session.position > 0 else -1) * price // 10
    cases: tuple[tuple[Level, Decimal, tuple[type[Fault], str]], ...] = (
        (cm.MoveStop, priced(bot, price) + step / 2, NO_STEP),
        (cm.MoveStop, Decimal(0), NO_PRICE),
        (cm.MoveStop, Decimal("NaN"), NO_PRICE),
        (cm.MoveTarget, Decimal("1e40"), NO_PRICE),
        (cm.MoveStop, priced(bot, price + away), BEYOND),
        (cm.MoveTarget, priced(bot, price - away), BEYOND),
    )
    for level, at, (fault, words) in cases:
        with pytest.raises(fault, match=words):
            await engine.execute(level(bot.bot_id, at))
    clock.go_on()
    await engine.execute(cm.CloseAndStop(bot.bot_id))
    stopped = await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
    commands = [row[ev.CODE] for row in log_of(stopped.bots[0], EventKind.COMMANDED)]
    assert commands[-1] == Input.CLOSE_AND_STOP
    assert not set(commands) & set(MOVES)
    with pytest.raises(IllegalStep, match="does not run"):
        await engine.execute(cm.MoveStop(bot.bot_id, Decimal(1)))


async def test_without_a_position_there_is_nothing_to_move(
    engine: Engine, clock: HaltingClock
) -> None:
    await engine.execute(cm.StartSimulation(speed=600, bots=1))
    bot = await halted(engine, clock, flat)
    with pytest.raises(IllegalStep, match="no open position"):
        await engine.execute(cm.MoveStop(bot.bot_id, Decimal(1)))


async def test_a_level_that_no_longer_fits_is_left_and_the_log_says_why(
    engine: Engine, clock: HaltingClock
) -> None:
    await holding(engine)
    level = (await halted(engine, clock, held)).session.stop
    clock.go_on()
    await engine.execute(cm.ClosePosition(1))
    # Sent while the position is there, taken after it was closed.
    bot = await halted(engine, clock, flat)
    run = engine._bots.get(bot.bot_id).run
    assert run is not None
    with pytest.raises(IllegalStep, match="no open position"):
        await run.put(Wish(Input.MOVE_STOP, (level,)))
    now = await until(engine, lambda now: len(log_of(now.bots[0], EventKind.NOTE)) > 0)
    log = now.bots[0].session.log
    kinds = log.rows[:, ev.KIND].tolist()
    assert "no open position" in log.note(kinds.index(EventKind.NOTE))


async def test_moved_levels_hold_over_a_restart(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path / "data", clock=QuickClock())
    bot = await holding(engine)
    await move_stop(engine, nearer)
    await until(engine, lambda now: len(log_of(now.bots[0], EventKind.COMMANDED)) == 1)
    await engine.close()
    engine = await Engine.open(tmp_path / "data", clock=QuickClock())
    try:
        again = engine.snapshot().bots[0]
        trades = len(again.session.trades)
        await engine.execute(cm.StartBot(bot.bot_id))
        await until(engine, lambda now: len(now.bots[0].session.trades) > trades + 1)
        await engine.execute(cm.StopBot(bot.bot_id))
        now = await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        assert now.bots[0].session.ended == EndReason.STOPPED
        archived = await load_session(engine._store, bot.session_id or 0)
        assert replayed(archived) == archived.record.event_hash
    finally:
        await engine.close()
