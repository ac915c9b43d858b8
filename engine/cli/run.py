"""`trader-engine run`: bots for a while, each stored event told as it is acknowledged."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from engine.cli.candle_arguments import params_given, strategy_given
from engine.domain.bots import BotSettings, BotState, FeedChoice, FeedKind
from engine.domain.candle_report import FileReport
from engine.domain.settings import TradeSettings
from engine.errors import IllegalStep, InvalidSetting, StoreUnavailable
from engine.messages.commands import CreateBot, ResumeBots, SetSpeed, StartBot, StartSimulation
from engine.messages.redaction import redacted
from engine.messages.snapshot import BotSnapshot
from engine.messages.wording import Wording
from engine.runtime.bots.account import share_for
from engine.runtime.documents.sessions import event_document
from engine.runtime.engine import Engine
from engine.runtime.sources.strategies import checked_params, find_strategy

_STRATEGIES: Final = ("ema_cross", "rsi_reversion", "grid")
_MOST_BOTS: Final = 100


def run(arguments: argparse.Namespace) -> None:
    """Start bots, or go on with those of the folder, for the time that was asked."""
    _check(arguments)
    if arguments.candles is not None:
        arguments.candles = Path(os.path.abspath(arguments.candles))
    asyncio.run(_run(arguments))


def _check(arguments: argparse.Namespace) -> None:
    if arguments.resume:
        _check_resume(arguments)
        return
    for name in ("bots", "speed"):
        if getattr(arguments, name) is None:
            raise InvalidSetting(
                f"--{name} is missing: new bots need it. Only --resume goes without.", field=name
            )
    if not 1 <= arguments.bots <= _MOST_BOTS:
        raise InvalidSetting(
            f"{arguments.bots} bots are not possible. Choose 1 to {_MOST_BOTS}.", field="bots"
        )
    of_a_file = (arguments.strategy, arguments.params, arguments.signals, arguments.extra)
    if arguments.simulated and any(of_a_file):
        raise InvalidSetting(
            "--strategy, --set, --signals and --extra go with --candles: the simulated market has "
            "bots of its own. Leave them out, or give a file.",
            field="strategy",
        )
    _check_time(arguments)
    if arguments.speed < 0 or (arguments.simulated and not 1 <= arguments.speed <= 600):
        raise InvalidSetting(
            f"Speed {arguments.speed} is not possible. Choose 1 to 600 for the simulated market, "
            "or 0 (as fast as it goes) and above for a file.",
            field="speed",
        )


def _check_resume(arguments: argparse.Namespace) -> None:
    given = (arguments.strategy, arguments.params, arguments.signals, arguments.extra)
    if arguments.bots is not None or any(given):
        raise InvalidSetting(
            "--resume goes on with bots as they are: leave --bots, --strategy, --set, --signals "
            "and --extra out.",
            field="resume",
        )
    _check_time(arguments)
    if arguments.speed is not None and not 1 <= arguments.speed <= 600:
        raise InvalidSetting(
            f"Speed {arguments.speed} is not possible for the simulated market. Choose 1 to 600.",
            field="speed",
        )


def _check_time(arguments: argparse.Namespace) -> None:
    if arguments.seconds < 0:
        raise InvalidSetting("The time to run cannot be below 0 seconds.", field="for")


async def _run(arguments: argparse.Namespace) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        loop.add_signal_handler(signal.SIGTERM, ended.set)
    engine = await Engine.open(arguments.data_dir)
    try:
        telling = Telling(engine, ended, as_json=arguments.json)
        unsubscribe = engine.subscribe(telling.tell)
        if arguments.simulated:
            wish = StartSimulation(speed=float(arguments.speed), bots=arguments.bots)
            await engine.execute(wish)
        else:
            await (_resume if arguments.resume else _play)(engine, arguments)
            engine.subscribe(lambda: _end_when_idle(engine, ended))
        await _until(ended, float(arguments.seconds))
        unsubscribe()
        trouble = engine.snapshot().status.vitals().store_words
    finally:
        unstored = await engine.close()
    if telling.failed is not None:
        raise telling.failed
    if trouble != "ok":
        raise StoreUnavailable(f"The bots were stopped while nothing could be stored. {trouble}")
    if unstored:
        raise StoreUnavailable(f"Not everything was stored: {unstored}.")


def _end_when_idle(engine: Engine, ended: asyncio.Event) -> None:
    """A file ends; then there is nothing to wait for."""
    if not any(_goes_on(bot) for bot in engine.snapshot().bots):
        ended.set()


def _goes_on(bot: BotSnapshot) -> bool:
    """It runs, or the program is going to try it again."""
    waits = bot.error is not None and bot.error.retry is not None
    return waits or bot.state in (BotState.RUNNING, BotState.PENDING)


async def _until(ended: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(ended.wait(), seconds)
    except TimeoutError:
        return


async def _resume(engine: Engine, arguments: argparse.Namespace) -> None:
    """Those that ran; one that cannot go on is told on stderr and holds up no other."""
    if arguments.speed is not None:
        await engine.execute(SetSpeed(float(arguments.speed)))
    ran = tuple(one.bot_id for one in engine.snapshot().restart.ran)
    if not ran:
        raise InvalidSetting(
            "No bot ran in this data folder when the program ended last, so there is none to go on "
            "with. Start one with --candles or --simulated, or in the window.",
            field="resume",
        )
    try:
        await engine.execute(ResumeBots(ran))
    except IllegalStep as fault:
        if not any(_goes_on(bot) for bot in engine.snapshot().bots):
            raise
        print("trader-engine: " + redacted(fault.words), file=sys.stderr)


async def _play(engine: Engine, arguments: argparse.Namespace) -> None:
    """Bots on a file: those of that name go on, the others are made."""
    report = await engine.read_candle_file(arguments.candles)
    known = {bot.settings.name: bot for bot in engine.snapshot().bots}
    wishes = [_settings(arguments, report, number) for number in range(arguments.bots)]
    for settings in wishes:
        if settings.name in known:
            _check_goes_on(known[settings.name].settings, settings, arguments)
    for settings in wishes:
        if settings.name in known:
            await engine.execute(StartBot(known[settings.name].bot_id))
        else:
            await engine.execute(CreateBot(settings, start=True))


def _settings(arguments: argparse.Namespace, report: FileReport, number: int) -> BotSettings:
    """Of bot `number`: the strategy that was given, or the next of those that come along."""
    path = str(arguments.candles)
    strategy = strategy_given(arguments) or _STRATEGIES[number % len(_STRATEGIES)]
    feed = FeedChoice(FeedKind.FILE, path, speed=float(arguments.speed))
    return BotSettings(
        name=f"{arguments.candles.stem}-{strategy}-{number + 1}",
        symbol=report.symbol or "BTC/USDT",
        timeframe_ms=report.timeframe_ms,
        strategy=strategy,
        params=checked_params(find_strategy(strategy), params_given(arguments)),
        feed=replace(feed, extra_files=tuple(arguments.extra)),
        trade=TradeSettings(cash=share_for(arguments.bots)),
        signals_path="" if arguments.signals is None else os.path.abspath(arguments.signals),
    )


def _check_goes_on(there: BotSettings, wish: BotSettings, arguments: argparse.Namespace) -> None:
    """A bot that is there keeps its settings: what is given now must be what it has."""
    has = checked_params(find_strategy(there.strategy), there.params)
    if (
        (arguments.params and has != wish.params)
        or (arguments.extra and there.feed.extra_files != wish.feed.extra_files)
        or (arguments.signals and there.signals_path != wish.signals_path)
    ):
        raise InvalidSetting(
            f"{there.name} is there already, with other parameters or files. It was left as it "
            "is. Choose another --data-dir, or leave --set, --signals and --extra out to let it "
            "go on.",
            field="name",
        )


class Telling:
    """Prints what happened since it looked last; nothing that is not on disk."""

    def __init__(self, engine: Engine, ended: asyncio.Event, *, as_json: bool) -> None:
        self._engine, self._ended, self._as_json = engine, ended, as_json
        self.failed: OSError | None = None
        """Whoever read the output has gone, or its disk is full; the bots are then brought to an
        orderly end."""
        self._told: dict[tuple[int, int | None], int] = {}
        for bot in engine.snapshot().bots:
            self._told[bot.bot_id, bot.session_id] = len(bot.session.log)

    def tell(self) -> None:
        """Called on the loop, where nobody could catch a failure to print."""
        if self.failed is not None:
            return
        try:
            self._tell()
        except OSError as error:
            self.failed = error
            self._ended.set()

    def _tell(self) -> None:
        for bot in self._engine.snapshot().bots:
            key = bot.bot_id, bot.session_id
            first, log = self._told.get(key, 0), bot.session.log
            if len(log) > first:
                self._told[key] = len(log)
                self._print(bot, first)

    def _print(self, bot: BotSnapshot, first: int) -> None:
        wording = Wording(bot.market, bot.settings.trade)
        for seq, row in enumerate(bot.session.log.rows[first:].tolist(), first):
            note = bot.session.log.note(seq)
            if self._as_json:
                head = {
                    "bot_id": bot.bot_id,
                    "bot": bot.settings.name,
                    "session_id": bot.session_id,
                    "seq": seq,
                }
                document = event_document(row, note, bot.market.scale)
                print(json.dumps(head | document))
            elif (line := wording.line(row, note)) is not None:
                at = f"{datetime.fromtimestamp(line.at / 1000, UTC):%Y-%m-%d %H:%M:%S}"
                print(f"{at} [{line.tag}] {bot.settings.name} {bot.settings.symbol} {line.text}")
        sys.stdout.flush()
