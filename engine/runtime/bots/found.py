"""What the store held when the program started, before anything of it was changed."""

from __future__ import annotations

from engine.domain.bots import BotState
from engine.errors import Fault
from engine.runtime.history.loading import LastSession
from engine.store.records import BotStanding


class Found:
    """Gathered while the bots are loaded."""

    def __init__(self) -> None:
        self.standings: dict[int, BotStanding] = {}
        """By bot, as they were stored."""
        self.last: dict[int, LastSession] = {}
        self.unreadable: dict[int, Fault] = {}
        """Bots whose last session cannot be read."""

    def stands(self, standing: BotStanding) -> None:
        self.standings[standing.bot_id] = standing

    def read(self, bot_id: int, last: LastSession) -> None:
        """A bot's last session, as it was read to be shown."""
        self.last[bot_id] = last

    def failed(self, bot_id: int, fault: Fault) -> None:
        self.unreadable[bot_id] = fault

    def crashed(self, bot_id: int) -> bool:
        """Whether the program broke off while it ran: an end in order leaves no bot running."""
        return self.standings[bot_id].state is BotState.RUNNING

    def waited(self, bot_id: int) -> bool:
        """Whether it was about to run: it waited for its first price, or to be tried again."""
        return self.standings[bot_id].state is BotState.PENDING

    def seen_at(self, bot_id: int) -> int:
        """Wall time when something of it was stored last."""
        return self.standings[bot_id].updated_at
