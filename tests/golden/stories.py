"""Sessions of every kind, played into one data folder: what must be provable for ever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from engine.domain.bots import BotState
from engine.domain.settings import AddStep, PartialTarget, StopGuard, TargetStep
from engine.errors import IllegalStep
from engine.messages import commands as cm
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from engine.runtime.engine import Engine
from tests.runtime.support import BEGINS_AT, BUSY, backtest_of, file_bot, until, write_candles

FIVE: Final = 5 * 60_000
EVERY_EXIT: Final = replace(
    BUSY,
    maker_fee_pct=Decimal("0.02"),
    slippage_range_pct=Decimal(3),
    spread_pct=Decimal("0.02"),
    trailing_before_pct=Decimal("0.6"),
    break_even_pct=Decimal("0.25"),
    time_limit_min=35,
    target_steps=(TargetStep(0, Decimal("0.8")), TargetStep(9, Decimal("0.2"))),
    partial_targets=(PartialTarget(Decimal("0.15"), Decimal(30)),),
    adds=(AddStep(Decimal("0.15"), Decimal(1)), AddStep(Decimal("0.3"), Decimal("0.5"))),
    position_pct=Decimal(5),
    daily_loss_pct=Decimal(3),
    max_drawdown_pct=Decimal(20),
    stop_guard=StopGuard(3, 30),
    max_spread_pct=Decimal("0.05"),
)

Story = Callable[[Engine, Path], Awaitable[tuple[int, ...]]]


async def backtest(engine: Engine, folder: Path) -> tuple[int, ...]:
    """Every exit and every rule."""
    path = write_candles(folder / "backtest.csv", 400, seed=3)
    return (_id(await engine.execute(backtest_of(file_bot(path, trade=EVERY_EXIT)))),)


async def future(engine: Engine, folder: Path) -> tuple[int, ...]:
    """A future with funding, decided inside its bars by finer candles."""
    minutes = write_candles(folder / "minutes.csv", 400, seed=4)
    fives = _fives(minutes, folder / "fives.csv")
    funding = folder / "funding.csv"
    dues = (f"{BEGINS_AT + place * FIVE},0.0004" for place in range(7, 79, 9))
    funding.write_text("timestamp,funding_rate\n" + "\n".join(dues) + "\n")
    trade = replace(BUSY, leverage=5, position_pct=Decimal(20), cooldown_min=None)
    wish = replace(
        backtest_of(file_bot(fives, params={"fast": 2, "slow": 4}, trade=trade)),
        timeframe_ms=FIVE,
        fine_path=str(minutes),
        funding_path=str(funding),
    )
    return (_id(await engine.execute(wish)),)


async def portfolio(engine: Engine, folder: Path) -> tuple[int, ...]:
    """Two bots that get in each other's way on one balance."""
    wishes = []
    for seed, strategy in ((5, "ema_cross"), (6, "grid")):
        path = write_candles(folder / f"portfolio-{seed}.csv", 250, seed)
        wish = backtest_of(file_bot(path, strategy=strategy, trade=BUSY))
        wishes.append(cm.PortfolioBot(strategy, wish))
    found = await engine.execute(
        cm.RunPortfolio(tuple(wishes), Decimal(10_000), 1, Decimal("26.5"))
    )
    assert isinstance(found, tuple)
    return found


async def bars(engine: Engine, folder: Path) -> tuple[int, ...]:
    """A bot on a candle file that follows longer candles of its own market, to the end."""
    path = write_candles(folder / "bars.csv", 300, seed=8)
    settings = file_bot(
        path,
        "bars",
        strategy="ema_cross_trend",
        params={"fast": 3, "slow": 8, "trend_minutes": 15, "trend": 4},
        trade=EVERY_EXIT,
    )
    bot_id = _id(await engine.execute(cm.CreateBot(settings, start=True)))
    ended = await _seen(engine, bot_id, lambda bot: bot.session.ended is not None)
    await _seen(engine, bot_id, _stopped)
    return (_session(ended),)


async def ticks(engine: Engine, folder: Path) -> tuple[int, ...]:
    """Ticks with a person's wishes among them; a position left, taken up and left once more, and a
    session that does nothing but close it."""
    (bot_id,) = _ids(await engine.execute(cm.StartSimulation(seed=11, speed=600, bots=1)))
    found = []
    for count in (2, 1):
        await _traded(engine, bot_id, count)
        await engine.execute(cm.PauseEntries(bot_id))
        await _seen(engine, bot_id, lambda bot: bot.session.paused)
        await engine.execute(cm.ResumeEntries(bot_id))
        await _move_stop(engine, bot_id)
        found.append(await _left_holding(engine, bot_id))
        await engine.execute(cm.StartBot(bot_id))
        await _seen(engine, bot_id, lambda bot: bot.state is BotState.RUNNING)
    found.append(await _left_holding(engine, bot_id))
    await engine.execute(cm.CloseAndStop(bot_id))
    flat = await _seen(engine, bot_id, lambda bot: _stopped(bot) and not bot.session.position)
    return (*found, _session(flat))


STORIES: Final[dict[str, Story]] = {
    "backtest": backtest,
    "future": future,
    "portfolio": portfolio,
    "bars": bars,
    "ticks": ticks,
}


async def _left_holding(engine: Engine, bot_id: int) -> int:
    """The session in which the bot was stopped with a position; another one if the market was
    quicker."""
    while True:
        await _seen(engine, bot_id, _held)
        await engine.execute(cm.StopBot(bot_id))
        stopped = await _seen(engine, bot_id, _stopped)
        if stopped.session.position:
            return _session(stopped)
        await engine.execute(cm.StartBot(bot_id))


async def _move_stop(engine: Engine, bot_id: int) -> None:
    """Half of the way from the stop to the price; again if the market was quicker."""
    while True:
        bot = await _seen(engine, bot_id, lambda bot: _held(bot) and bot.session.stop > 0)
        assert bot.price is not None
        level = bot.market.scale.price((bot.session.stop + bot.price.price) // 2)
        try:
            await engine.execute(cm.MoveStop(bot_id, level))
        except IllegalStep:
            continue
        return


async def _traded(engine: Engine, bot_id: int, count: int) -> None:
    await _seen(engine, bot_id, lambda bot: len(bot.session.trades) >= count)


async def _seen(engine: Engine, bot_id: int, true_of: Callable[[BotSnapshot], bool]) -> BotSnapshot:
    def of_bot(now: AppSnapshot) -> bool:
        bot = now.bot(bot_id)
        return bot is not None and true_of(bot)

    bot = (await until(engine, of_bot)).bot(bot_id)
    assert bot is not None
    return bot


def _held(bot: BotSnapshot) -> bool:
    return bot.session.position != 0 and bot.state is BotState.RUNNING


def _stopped(bot: BotSnapshot) -> bool:
    return bot.state is BotState.STOPPED


def _session(bot: BotSnapshot) -> int:
    assert bot.session_id is not None
    return bot.session_id


def _fives(minutes: Path, path: Path) -> Path:
    """Five minutes each, whole ones only."""
    head, *lines = minutes.read_text().splitlines()
    groups: dict[int, list[list[str]]] = {}
    for line in lines:
        cells = line.split(",")
        groups.setdefault(int(cells[0]) // FIVE * FIVE, []).append(cells)
    made = [head]
    for at, group in groups.items():
        if len(group) == 5:
            high = max(Decimal(cells[2]) for cells in group)
            low = min(Decimal(cells[3]) for cells in group)
            volume = sum(Decimal(cells[5]) for cells in group)
            made.append(f"{at},{group[0][1]},{high},{low},{group[-1][4]},{volume}")
    path.write_text("\n".join(made) + "\n")
    return path


def _id(answer: object) -> int:
    assert isinstance(answer, int)
    return answer


def _ids(answer: object) -> tuple[int, ...]:
    assert isinstance(answer, tuple)
    return answer
