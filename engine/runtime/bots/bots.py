"""All bots of one data folder and the paper account they share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from typing import Final

from engine.domain.bots import BotSettings, BotState, FeedKind, Mode
from engine.domain.reasons import Input
from engine.domain.sessions import SessionRecord
from engine.errors import IllegalStep, InvalidSetting, UnknownName
from engine.language import tr
from engine.messages.snapshot import AccountSnapshot
from engine.runtime.bots.account import (
    PAPER,
    check_limits,
    check_share,
    free_of,
    fresh_account,
)
from engine.runtime.bots.answers import asked_of_all
from engine.runtime.bots.bot import Bot
from engine.runtime.bots.coins import check_coin
from engine.runtime.bots.desk import Books, Desk
from engine.runtime.bots.found import Found
from engine.runtime.bots.interrupted import conclude, give_up_position, remember, restore_views
from engine.runtime.bots.refusing import refuse_another_place, refuse_running
from engine.runtime.bots.shown import ShownBots
from engine.runtime.bots.unstored import unstored_words
from engine.runtime.running.preparing import Tools, check_settings
from engine.store.records import AccountRecord, BotRecord, BotStanding
from engine.store.repositories import accounts, bot_states, bots, preferences, sessions

logger = logging.getLogger(__name__)

_REST_S: Final = 0.02
"""Between two recordings, so that reading hundreds of them takes no more than half a core."""
_LOOKS: Final = 10
"""How often a recording gives way to bots that are about to run: one without network can be for
hours, and holds up no other."""


class Bots:
    """Creates, changes, starts, stops; every wish is refused loudly if it does not fit."""

    def __init__(self, tools: Tools, account: AccountRecord) -> None:
        self._tools = tools
        self.account = account
        self._bots: dict[int, Bot] = {}
        self.shown = ShownBots(self._bots, tools.stale)
        self._desk = Desk(self._books, tools.clock)
        self._remembering: asyncio.Task[None] | None = None

    @classmethod
    async def load(cls, tools: Tools, balance: Decimal, found: Found) -> Bots:
        """What the store knows; bots that ran when the program went away are interrupted. `found`
        gets it as it was."""
        store, now = tools.store, tools.clock.now_ms()
        account = await accounts.find(store, PAPER)
        for standing in await bot_states.every(store):
            found.stands(standing)
        fresh = fresh_account(balance, now)
        async with store.action("start_program") as db:
            sessions.mark_interrupted(db)
            bot_states.release_all(db)
            if account is None:
                accounts.save(db, fresh)
        self = cls(tools, account or fresh)
        standings = {one.bot_id: one for one in await bot_states.every(store)}
        for record in await bots.every(store):
            bot = Bot(record, standings[record.id], tools, self._desk)
            self._bots[record.id] = bot
        await self._restore_views(found)
        return self

    async def _restore_views(self, found: Found) -> None:
        await restore_views(self.all(), self._tools, found)
        for bot in self.all():
            bot.wanted = bot.interrupted or found.waited(bot.record.id)
            # What such a bot has missed begins where its candles end.
            if bot.interrupted and bot.settings.feed.kind is FeedKind.EXCHANGE:
                await remember(bot)

    def begin_to_remember(self) -> None:
        """Recordings are read one after the other, beside everything else."""
        self._remembering = asyncio.get_running_loop().create_task(self._remember(), name="pasts")

    async def _remember(self) -> None:
        for bot in self.all():
            for _ in range(_LOOKS):
                await self._tools.clock.sleep(_REST_S)
                if not any(one.beginning for one in self.all()):
                    break
            await remember(bot)

    def all(self) -> tuple[Bot, ...]:
        """By id."""
        return tuple(self._bots.values())

    def as_they_stand(self, records: Iterable[SessionRecord]) -> tuple[SessionRecord, ...]:
        """Running sessions with what they have come to so far, all others as they are."""
        running = {bot.live.session_id: bot.live for bot in self.all() if bot.live is not None}
        return tuple(
            replace(record, result=live.result_now() or record.result)
            if (live := running.get(record.id)) is not None
            else record
            for record in records
        )

    def by_id(self) -> dict[int, Bot]:
        """All of them as they are now."""
        return dict(self._bots)

    def get(self, bot_id: int) -> Bot:
        """The bot of that id, or UnknownName."""
        if bot_id not in self._bots:
            raise UnknownName(
                tr("There is no bot {bot_id}. Perhaps it was deleted.", bot_id=bot_id)
            )
        return self._bots[bot_id]

    def running(self, strategy: str) -> list[str]:
        """Names of the bots that run a strategy, or are about to."""
        bots = (bot for bot in self.all() if bot.runs or bot.waits)
        return [bot.settings.name for bot in bots if bot.settings.strategy == strategy]

    def named(self, name: str) -> Bot | None:
        return next((bot for bot in self.all() if bot.settings.name == name), None)

    def free(self, but: Bot | None = None) -> Decimal:
        """What no bot holds; `but` is counted as if it held nothing."""
        shares = (
            bot.settings.trade.cash for bot in self.all() if bot.holds_share and bot is not but
        )
        return free_of(self.account, shares)

    def account_snapshot(self) -> AccountSnapshot:
        return self.shown.account(self.account)

    def _set_aside(self) -> dict[int, Decimal]:
        return {bot.record.id: bot.set_aside for bot in self.all() if bot.position}

    def _books(self) -> Books:
        """The account for its desk; the free balance is without the shares that bots hold."""
        holders = (bot.worth for bot in self.all() if bot.holds_share)
        return Books(
            self.account.max_open_positions,
            self.account.max_exposure_pct,
            self.free() + sum(holders, Decimal(0)),
            self._set_aside(),
        )

    async def create(self, settings: BotSettings) -> Bot:
        """A new bot, stopped."""
        self._check(settings, None)
        store, now = self._tools.store, self._tools.clock.now_ms()
        record = BotRecord(store.next_id("bots"), settings, now)
        async with store.action("create_bot") as db:
            bots.add(db, record)
        bot = Bot(record, BotStanding(record.id, updated_at=now), self._tools, self._desk)
        self._bots[record.id] = bot
        self._tools.changed()
        return bot

    def _check(self, settings: BotSettings, bot: Bot | None) -> None:
        check_settings(settings)
        if settings.mode is not Mode.PAPER:
            raise InvalidSetting(
                tr("A bot trades on paper here. Choose the mode paper."), field="mode"
            )
        other = self.named(settings.name)
        if other is not None and other is not bot:
            raise InvalidSetting(
                tr("There is a bot named {name} already. Choose another name.", name=settings.name),
                field="name",
            )
        if bot is None or not bot.position:  # what is held must be manageable, and can be closed
            check_coin(settings, self.account.currency)

    async def update(self, bot_id: int, settings: BotSettings) -> None:
        """New settings for a stopped bot; what it holds must still make sense with them."""
        bot = self.get(bot_id)
        refuse_running(
            bot,
            tr(
                "{name} runs and cannot be changed now. Stop it first, then try again.",
                name=bot.settings.name,
            ),
        )
        with bot.alone():
            await self._update(bot, settings)

    async def _update(self, bot: Bot, settings: BotSettings) -> None:
        self._check(settings, bot)
        old = bot.settings
        if bot.position:
            refuse_another_place(old, settings)
        await self._conclude(bot)
        returned = Decimal(0)
        afresh = old.trade.cash != settings.trade.cash and bot.standing.kernel_state is not None
        if afresh:
            returned = self._worth(bot) - old.trade.cash
        standing = replace(bot.standing, kernel_state=None) if afresh else bot.standing
        account = replace(self.account, returned=self.account.returned + returned)
        async with self._tools.store.action("update_bot") as db:
            bots.change(db, bot.record.id, settings)
            bot_states.save(db, standing)
            accounts.save(db, account)
        bot.record, bot.standing, self.account = (
            replace(bot.record, settings=settings),
            standing,
            account,
        )
        bot.view.settings_changed()
        self._tools.changed()

    async def delete(self, bot_id: int) -> None:
        """Forget a flat, stopped bot; its money goes back to the account."""
        bot = self.get(bot_id)
        refuse_running(
            bot,
            tr(
                "{name} runs and cannot be deleted now. Stop it first, then try again.",
                name=bot.settings.name,
            ),
        )
        if bot.position:
            raise IllegalStep(
                tr(
                    "{name} holds a position. Close it first, then delete the bot.",
                    name=bot.settings.name,
                )
            )
        with bot.alone():
            await self._delete(bot)

    async def _delete(self, bot: Bot) -> None:
        await self._conclude(bot)
        account = self.account
        if bot.standing.kernel_state is not None:
            result = self._worth(bot) - bot.settings.trade.cash
            account = replace(account, returned=account.returned + result)
        async with self._tools.store.action("delete_bot") as db:
            bots.remove(db, bot.record.id)
            preferences.keep_numbers(db, self._tools.store.numbers_given)
            accounts.save(db, account)
        self.account = account
        del self._bots[bot.record.id]
        bot.changed()

    async def reset_account(self, balance: Decimal) -> None:
        """A fresh balance; bots begin anew with their share, positions are gone, limits stay."""
        for bot in self.all():
            refuse_running(
                bot,
                tr(
                    "{name} runs and cannot be reset with the account now. "
                    "Stop it first, then try again.",
                    name=bot.settings.name,
                ),
            )
        with ExitStack() as alone:
            for bot in self.all():
                alone.enter_context(bot.alone())
            await self._reset_account(balance)

    async def _reset_account(self, balance: Decimal) -> None:
        account = replace(
            fresh_account(balance, self._tools.clock.now_ms()),
            max_open_positions=self.account.max_open_positions,
            max_exposure_pct=self.account.max_exposure_pct,
        )
        for bot in self.all():
            await self._conclude(bot)
        cleared = [
            replace(
                bot.standing,
                state=BotState.STOPPED,
                kernel_state=None,
                fault=None,
                session_id=None,
                trade_session_id=None,
            )
            for bot in self.all()
        ]
        async with self._tools.store.action("reset_account") as db:
            accounts.save(db, account)
            for bot, standing in zip(self.all(), cleared, strict=True):
                give_up_position(db, bot)
                bot_states.save(db, standing)
        self.account = account
        for bot, standing in zip(self.all(), cleared, strict=True):
            bot.forget(standing)
        self._tools.changed()

    async def set_limits(
        self, max_open_positions: int | None, max_exposure_pct: Decimal | None
    ) -> None:
        """Limits of all bots together; what is open already stays, only entries are asked."""
        check_limits(max_open_positions, max_exposure_pct)
        account = replace(
            self.account, max_open_positions=max_open_positions, max_exposure_pct=max_exposure_pct
        )
        async with self._tools.store.action("set_account_limits") as db:
            accounts.save(db, account)
        self.account = account
        self._tools.changed()

    async def start(self, bot: Bot, first: Input | None = None) -> None:
        """Start a bot, or go on with its interrupted session."""
        if not bot.position:
            check_coin(bot.settings, self.account.currency)
        if not bot.holds_share:
            check_share(self.free(), bot.settings.trade.cash, bot.settings.name)
        await bot.start(first)

    async def close_position(self, bot: Bot, wish: Input) -> str:
        """CLOSE_POSITION or CLOSE_AND_STOP; a stopped bot runs just long enough to close. "" once
        that is stored, else why it is not yet."""
        if bot.runs or bot.pending:
            return await bot.command(wish)
        if not bot.position:
            raise IllegalStep(
                tr("{name} holds no position. There is nothing to close.", name=bot.settings.name)
            )
        await self.start(bot, Input.CLOSE_AND_STOP)
        return ""

    async def panic(self) -> str:
        """Every position closes at the next price and every bot stops; one failure keeps no
        other from closing. "" once that is stored, else why it is not yet."""
        asked = [
            (bot, self._close_and_stop(bot))
            for bot in self.all()
            if bot.runs or bot.waits or bot.position
        ]
        try:
            return await asked_of_all(asked, tr("Not every position could be closed."))
        except IllegalStep as fault:
            raise IllegalStep(tr("{words} Try again.", words=fault.words)) from fault

    async def _close_and_stop(self, bot: Bot) -> str:
        if bot.runs or bot.position:
            return await self.close_position(bot, Input.CLOSE_AND_STOP)
        return await bot.stop()

    async def stop_all(self) -> str:
        """Every bot that runs, or waits to be started again; one failure keeps no other running.
        "" once that is stored, else why it is not yet."""
        asked = [(bot, bot.stop()) for bot in self.all() if bot.runs or bot.waits]
        return await asked_of_all(asked, tr("Not every bot could be stopped."))

    async def close(self) -> str:
        """The program ends. What could not be stored, "" if everything was."""
        if self._remembering is not None:
            self._remembering.cancel()
            await asyncio.wait([self._remembering])
        recorders = [bot.live.recorder for bot in self.all() if bot.live is not None]
        await asyncio.gather(*(bot.shut_down() for bot in self.all()))
        lost = sum(recorder.unkept for recorder in recorders)
        return await unstored_words(self._tools.store.folder, lost)

    def _worth(self, bot: Bot) -> Decimal:
        """Money of a flat bot."""
        return bot.view.snapshot().equity_now

    async def _conclude(self, bot: Bot) -> None:
        if bot.interrupted:
            await conclude(bot, self._tools)
