"""What the parts of a bot know of the whole: its run, its supervisor, its restart."""

from __future__ import annotations

from contextlib import AbstractContextManager
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from engine.domain.bots import BotSettings, BotState
from engine.domain.columns import IntMatrix
from engine.domain.money import Scale
from engine.domain.reasons import Input
from engine.runtime.bots.view import BotView
from engine.store.records import BotFault, BotRecord, BotStanding

if TYPE_CHECKING:
    from engine.runtime.bots.intake import Intake
    from engine.runtime.running.live import Live
    from engine.runtime.running.past import Past


class Taking(Protocol):
    """A run of a bot, as far as somebody else may put something before its next rows."""

    @property
    def intake(self) -> Intake: ...


class Life(Protocol):
    """A bot."""

    record: BotRecord
    standing: BotStanding
    interrupted: bool
    scale: Scale | None
    view: BotView
    past: Past | None
    live: Live | None
    stop_asked: bool
    first: Input | None

    @property
    def run(self) -> Taking | None: ...

    @property
    def settings(self) -> BotSettings: ...

    @property
    def position(self) -> int: ...

    @property
    def worth(self) -> Decimal: ...

    @property
    def stored_as_wanted(self) -> bool: ...

    async def give_up(self) -> None: ...

    def changed(self) -> None: ...

    def about_to_run(self) -> AbstractContextManager[None]: ...

    async def heed_stop(self) -> None: ...

    async def begin(self, first: Input | None) -> None: ...

    def begun(self) -> None: ...

    async def keep(self, state: BotState) -> None: ...

    def rest(self, fault: BotFault | None, standing: BotStanding) -> None: ...

    def stand_in_error(self) -> None: ...

    def concluded(self, standing: BotStanding, happened: IntMatrix, notes: list[str]) -> None: ...
