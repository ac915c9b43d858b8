"""All bots as they are shown: only those that changed are looked at, some of them ahead of time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.messages.snapshot import AccountSnapshot, BotSnapshot
from engine.runtime.bots.account import AccountView
from engine.runtime.bots.bot import Bot
from engine.store.records import AccountRecord

_OF_A_FRAME: Final = 16
"""So many are left to the frame that asks: few bots change more often than they are shown."""


class ShownBots:
    """Their snapshots and the account's. Looking at all of hundreds took most of a frame."""

    def __init__(self, bots: Mapping[int, Bot], stale: set[int]) -> None:
        """`bots` by id, which grows and shrinks; `stale` has the ids of those that changed."""
        self._bots, self._stale = bots, stale
        self._account = AccountView()
        self._shown: dict[int, BotSnapshot] = {}
        self._every: tuple[BotSnapshot, ...] = ()
        """The same in order."""
        self._ahead = False
        """Some of them were looked at since."""

    def every(self) -> tuple[BotSnapshot, ...]:
        """All of them, by id."""
        if self._stale or self._ahead:
            self._look_at(tuple(self._stale))
            self._every, self._ahead = tuple(self._shown[one] for one in self._bots), False
        return self._every

    def look_ahead(self) -> None:
        """Look at what changed, but for a few: called between two frames, it leaves little to the
        next one."""
        many = tuple(self._stale)[_OF_A_FRAME:]
        if many:
            self._look_at(many)
            self._ahead = True

    def account(self, record: AccountRecord) -> AccountSnapshot:
        """The account, with all bots as they are now."""
        self.every()
        return self._account.snapshot(record)

    def _look_at(self, bot_ids: tuple[int, ...]) -> None:
        for bot_id in bot_ids:
            bot = self._bots.get(bot_id)
            if bot is None:
                self._shown.pop(bot_id, None)
            else:
                self._shown[bot_id] = bot.view.snapshot()
            if bot is not None and bot.holds_share:
                held = bot.set_aside if bot.position else None
                self._account.look_at(self._shown[bot_id], held)
            else:
                self._account.forget(bot_id)
            self._stale.discard(bot_id)
