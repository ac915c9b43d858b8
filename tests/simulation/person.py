"""A person at the window, at random moments: starts and stops, changes and closes, panics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Final

from engine.domain.bots import BotSettings, BotState, FeedChoice, FeedKind
from engine.domain.candles import MINUTE_MS
from engine.domain.settings import AddStep, FeeCoin, PartialTarget, StopGuard, TradeSettings
from engine.messages import commands as cm
from engine.messages.recovery import ResumeChoice
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from tests.simulation import exchange

FILE_SPEED: Final = 1_800.0
MOST_BOTS: Final = 14


@dataclass(frozen=True, slots=True)
class Choices:
    """What bots can be made of in this world."""

    files: tuple[tuple[Path, int], ...]
    """Candle files with their timeframes."""
    symbols: tuple[str, ...]
    """Of the exchange."""
    generated: bool
    """Bots on the program's own simulated market, too; it takes its time to make."""
    strategies: tuple[str, ...] = (
        *("busy",) * 6,
        *("slow", "failing", "nonsense", "ema_cross", "grid"),
    )
    file_speed: float = FILE_SPEED


def first_bots(chance: Random, choices: Choices) -> list[BotSettings]:
    """A dozen: most on files, three on the exchange."""
    bots = [file_bot(chance, choices, f"file-{number}") for number in range(8)]
    bots += [_live_bot(chance, choices, f"live-{number}") for number in range(3)]
    bots.append(
        generated_bot(chance, choices, "sim-1")
        if choices.generated
        else file_bot(chance, choices, "file-8")
    )
    return bots


def new_bot(chance: Random, choices: Choices, name: str) -> BotSettings:
    make = _live_bot if chance.random() < 0.25 and choices.symbols else file_bot
    return make(chance, choices, name)


def file_bot(chance: Random, choices: Choices, name: str) -> BotSettings:
    path, timeframe_ms = chance.choice(choices.files)
    feed = FeedChoice(FeedKind.FILE, str(path), speed=choices.file_speed)
    return _bot(chance, choices, name, "BTC/USDT", timeframe_ms, feed)


def _live_bot(chance: Random, choices: Choices, name: str) -> BotSettings:
    feed = FeedChoice(FeedKind.EXCHANGE, exchange=exchange.NAME)
    return _bot(chance, choices, name, chance.choice(choices.symbols), MINUTE_MS, feed)


def generated_bot(chance: Random, choices: Choices, name: str) -> BotSettings:
    feed = FeedChoice(FeedKind.SIMULATED, seed=7)
    return _bot(chance, choices, name, "BTC/USDT", MINUTE_MS, feed)


def _bot(
    chance: Random,
    choices: Choices,
    name: str,
    symbol: str,
    timeframe_ms: int,
    feed: FeedChoice,
) -> BotSettings:
    strategy = chance.choice(choices.strategies)
    trade = trade_settings(chance)
    return BotSettings(name, symbol, timeframe_ms, strategy, {}, feed, trade)


def trade_settings(chance: Random) -> TradeSettings:
    def maybe(low: int, high: int) -> Decimal | None:
        """Tenths of a percent."""
        return Decimal(chance.randint(low, high)) / 10 if chance.random() < 0.6 else None

    trailing = maybe(2, 8)
    leverage = chance.choice((None, None, 3, 10, 50))
    coins = (FeeCoin.QUOTE, FeeCoin.THIRD, FeeCoin.BASE if leverage is None else FeeCoin.QUOTE)
    adds = (AddStep(Decimal("0.2"), Decimal(1)), AddStep(Decimal("0.5"), Decimal("0.6")))
    return TradeSettings(
        leverage=leverage,
        fee_coin=chance.choice(coins),
        maker_fee_pct=chance.choice((None, Decimal("0.02"))),
        adds=chance.choice(((), (), adds[:1], adds)),
        stop_guard=chance.choice((None, None, StopGuard(2, 90), StopGuard(1, 20))),
        cash=Decimal(chance.choice((3_000, 5_000, 7_000))),
        slippage_pct=Decimal("0.02"),
        position_pct=Decimal(chance.choice((6, 12, 25))),
        stop_loss_pct=maybe(3, 15),
        take_profit_pct=maybe(3, 15),
        trailing_pct=trailing,
        trailing_activate_pct=None if trailing is None else maybe(1, 5),
        time_limit_min=chance.choice((None, None, 45)),
        partial_targets=chance.choice(((), (PartialTarget(Decimal("0.3"), Decimal(40)),))),
        cooldown_min=chance.choice((None, 3, 10)),
        max_trades_per_day=chance.choice((None, 5, 12, 40)),
        daily_loss_pct=chance.choice((None, Decimal("0.3"), Decimal(2))),
        max_drawdown_pct=chance.choice((None, Decimal("0.5"), Decimal(10))),
    )


Wish = Callable[[Random, AppSnapshot, Choices], cm.Command | None]


def wish(chance: Random, now: AppSnapshot, choices: Choices) -> cm.Command | None:
    """What comes to mind; None if it makes no sense at all right now."""
    kinds = list(_WEIGHTS)
    (kind,) = chance.choices(kinds, [_WEIGHTS[one] for one in kinds])
    return kind(chance, now, choices)


def _start(chance: Random, now: AppSnapshot, _choices: Choices) -> cm.Command | None:
    # Now and then one that runs already, which is refused.
    idle = [bot for bot in now.bots if bot.state in (BotState.STOPPED, BotState.ERROR)]
    bot = _one_of(chance, idle if idle and chance.random() < 0.95 else now.bots)
    return None if bot is None else cm.StartBot(bot.bot_id)


def _verb(make: Callable[[int], cm.Command]) -> Wish:
    def of_one(chance: Random, now: AppSnapshot, _choices: Choices) -> cm.Command | None:
        bot = _one_of(chance, now.bots)
        return None if bot is None else make(bot.bot_id)

    return of_one


def _move(make: Callable[[int, Decimal], cm.Command]) -> Wish:
    def of_one(chance: Random, now: AppSnapshot, _choices: Choices) -> cm.Command | None:
        bot = _one_of(chance, [one for one in now.bots if one.session.position and one.price])
        if bot is None or bot.price is None:
            return None
        count = bot.price.price + chance.choice((-1, 1)) * chance.randint(1, 80)
        return make(bot.bot_id, bot.market.scale.price(count))

    return of_one


def _update(chance: Random, now: AppSnapshot, choices: Choices) -> cm.Command | None:
    bot = _one_of(chance, now.bots)
    if bot is None:
        return None
    settings = bot.settings
    trade = replace(trade_settings(chance), cash=settings.trade.cash)
    if chance.random() < 0.3:
        trade = trade_settings(chance)
    return cm.UpdateBot(bot.bot_id, replace(settings, trade=trade))


def _create(chance: Random, now: AppSnapshot, choices: Choices) -> cm.Command | None:
    if len(now.bots) >= MOST_BOTS:
        return None
    name = f"late-{chance.randint(1, 30)}"
    return cm.CreateBot(new_bot(chance, choices, name), start=chance.random() < 0.7)


def _ran(make: Callable[[tuple[int, ...]], cm.Command]) -> Wish:
    """For the bots that ran when the program ended."""

    def of_those(chance: Random, now: AppSnapshot, _choices: Choices) -> cm.Command | None:
        ran = [bot.bot_id for bot in now.bots if bot.interrupted]
        return make(tuple(chance.sample(ran, chance.randint(1, len(ran))))) if ran else None

    return of_those


def _limits(chance: Random, _now: AppSnapshot, _choices: Choices) -> cm.Command:
    exposure = chance.choice((None, Decimal(5), Decimal(20)))
    return cm.SetAccountLimits(chance.choice((None, None, 2, 5)), exposure)


def _one_of(chance: Random, bots: Sequence[BotSnapshot]) -> BotSnapshot | None:
    return chance.choice(bots) if bots else None


_WEIGHTS: Final[dict[Wish, float]] = {
    _start: 40,
    _verb(cm.StopBot): 4,
    _verb(cm.PauseEntries): 4,
    _verb(cm.ResumeEntries): 6,
    _verb(cm.ClosePosition): 5,
    _verb(cm.CloseAndStop): 3,
    _move(cm.MoveStop): 6,
    _move(cm.MoveTarget): 4,
    _update: 5,
    _ran(cm.ResumeBots): 10,
    _ran(cm.LeaveStopped): 1,
    lambda chance, *_: cm.SetResumeChoice(chance.choice(list(ResumeChoice))): 1,
    _verb(cm.DeleteBot): 1.5,
    _create: 4,
    _limits: 3,
    lambda *_: cm.StopAll(): 0.7,
    lambda *_: cm.PanicClose(): 0.7,
    lambda *_: cm.ResetAccount(Decimal(100_000)): 0.4,
}
