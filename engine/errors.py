"""Every fault a person can meet, sorted by what it asks for.

`words` is the sentence shown to a person: what happened, what the program did, what to do.
`details` is the raw text behind it (a traceback, a reply), offered by a copy button.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class FaultKind(StrEnum):
    """Where a fault lies, so that a person knows where to look."""

    STRATEGY = "strategy"
    FEED = "feed"
    STORE = "store"
    EXCHANGE = "exchange"
    ADVISOR = "advisor"
    KEY = "key"
    SETTINGS = "settings"
    PROGRAM = "program"


class Fault(Exception):
    """Root of the tree; raise one of its branches."""

    kind: ClassVar[FaultKind] = FaultKind.PROGRAM
    tries: ClassVar[int | None] = 0
    """How often in a row the program starts a bot again by itself that met it; None: for as long
    as it lasts."""

    def __init__(self, words: str, *, details: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.details = details

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions pickle as their positional arguments; some of these need named ones.
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[Fault], arguments: tuple[object, ...], facts: dict[str, object]) -> Fault:
    fault = kind.__new__(kind, *arguments)
    fault.__dict__.update(facts)
    return fault


class WaitAndRetry(Fault):
    """It may work later without anybody doing anything."""

    tries: ClassVar[int | None] = None


class AskPerson(Fault):
    """It works once a person changes something."""


class StopTrading(Fault):
    """Going on could cost money: the bot that meets it goes to `error`."""


class StoreUnavailable(WaitAndRetry):
    """The database file is locked, the disk is full, or the folder cannot be written."""

    kind = FaultKind.STORE


class FileHeld(StoreUnavailable):
    """Another program holds the database file just now."""


class FeedFailed(WaitAndRetry):
    """A feed broke in a way it does not know itself: it is opened anew, but not for ever."""

    kind = FaultKind.FEED
    tries = 5


class StrategyLate(WaitAndRetry):
    """A strategy missed its deadline: perhaps the machine was busy, perhaps it is too slow. Each
    try may leave a thread behind that never comes back, so there are few."""

    kind = FaultKind.STRATEGY
    tries = 3


class InvalidSetting(AskPerson):
    """A parameter or setting outside what is allowed; `field` names it."""

    kind = FaultKind.SETTINGS

    def __init__(self, words: str, *, field: str, details: str = "") -> None:
        super().__init__(words, details=details)
        self.field = field


class FileRefused(AskPerson):
    """A file that cannot be taken as what it was offered as; nothing of it was taken."""

    kind = FaultKind.FEED


class CandlesMissing(AskPerson):
    """Candles are not in the archive that can be downloaded into it: those of `market` (exchange,
    symbol, timeframe in ms) in `span` (from, to; UTC ms)."""

    kind = FaultKind.FEED

    def __init__(
        self,
        words: str,
        *,
        market: tuple[str, str, int],
        span: tuple[int, int],
        details: str = "",
    ) -> None:
        super().__init__(words, details=details)
        self.market, self.span = market, span


class FolderInUse(AskPerson):
    """Another running program owns the data folder."""

    kind = FaultKind.STORE


class NewerDatabase(AskPerson):
    """The database was written by a newer program; it was left untouched."""

    kind = FaultKind.STORE


class UnknownName(AskPerson):
    """No bot, session, strategy or market goes by that name."""

    kind = FaultKind.SETTINGS


class IllegalStep(AskPerson):
    """The verb does not fit the state (for example: start a running bot)."""


class Cancelled(AskPerson):
    """The person cancelled long work; nothing was written."""


class ExchangeUnavailable(WaitAndRetry):
    """No network, maintenance, a broken answer. Whether a request arrived is not known."""

    kind = FaultKind.EXCHANGE


class RateLimited(ExchangeUnavailable):
    """The exchange asks for patience: nobody may ask it anything for `wait_s` seconds."""

    def __init__(self, words: str, *, wait_s: float, details: str = "") -> None:
        super().__init__(words, details=details)
        self.wait_s = wait_s


class ExchangeRefused(AskPerson):
    """The exchange will not do this as long as nobody changes something: a key, a country, a
    symbol it does not trade."""

    kind = FaultKind.EXCHANGE


class NotOffered(ExchangeRefused):
    """The exchange does not have what was asked for at all; another way may do."""


class KeyRefused(ExchangeRefused):
    """The exchange does not take the key, or not for this."""

    kind = FaultKind.KEY


class ArchiveDamaged(AskPerson):
    """A file of the archive is not what was written; it was set aside, nothing was read from it."""

    kind = FaultKind.FEED


class OrderRejected(StopTrading):
    """The exchange did not take an order: it is not placed."""

    kind = FaultKind.EXCHANGE


class TradingSuspended(StopTrading):
    """The exchange closed the account for trading."""

    kind = FaultKind.EXCHANGE


class StrategyFailed(StopTrading):
    """A strategy raised, or returned NaN, the wrong length or the wrong type."""

    kind = FaultKind.STRATEGY


class RecordDamaged(StopTrading):
    """Stored events, state or recording do not fit together."""

    kind = FaultKind.STORE


class DatabaseDamaged(RecordDamaged):
    """The database file itself is damaged; what can be read of it may be saved."""
