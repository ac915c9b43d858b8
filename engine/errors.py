"""Every fault a person can meet, sorted by what it asks for.

`words` is the sentence shown to a person: what happened, what the program did, what to do.
`details` is the raw text behind it (a traceback, a reply), offered by a copy button.
"""

from __future__ import annotations


class Fault(Exception):
    """Root of the tree; raise one of its branches."""

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


class AskPerson(Fault):
    """It works once a person changes something."""


class StopTrading(Fault):
    """Going on could cost money: the bot that meets it goes to `error`."""


class StoreUnavailable(WaitAndRetry):
    """The database file is locked, the disk is full, or the folder cannot be written."""


class InvalidSetting(AskPerson):
    """A parameter or setting outside what is allowed; `field` names it."""

    def __init__(self, words: str, *, field: str, details: str = "") -> None:
        super().__init__(words, details=details)
        self.field = field


class FileRefused(AskPerson):
    """A file that cannot be taken as what it was offered as; nothing of it was taken."""


class FolderInUse(AskPerson):
    """Another running program owns the data folder."""


class NewerDatabase(AskPerson):
    """The database was written by a newer program; it was left untouched."""


class UnknownName(AskPerson):
    """No bot, session, strategy or market goes by that name."""


class IllegalStep(AskPerson):
    """The verb does not fit the state (for example: start a running bot)."""


class Cancelled(AskPerson):
    """The person cancelled long work; nothing was written."""


class ExchangeUnavailable(WaitAndRetry):
    """No network, maintenance, a broken answer. Whether a request arrived is not known."""


class RateLimited(ExchangeUnavailable):
    """The exchange asks for patience: nobody may ask it anything for `wait_s` seconds."""

    def __init__(self, words: str, *, wait_s: float, details: str = "") -> None:
        super().__init__(words, details=details)
        self.wait_s = wait_s


class ExchangeRefused(AskPerson):
    """The exchange will not do this as long as nobody changes something: a key, a country, a
    symbol it does not trade."""


class NotOffered(ExchangeRefused):
    """The exchange does not have what was asked for at all; another way may do."""


class ArchiveDamaged(AskPerson):
    """A file of the archive is not what was written; it was set aside, nothing was read from it."""


class OrderRejected(StopTrading):
    """The exchange did not take an order: it is not placed."""


class TradingSuspended(StopTrading):
    """The exchange closed the account for trading."""


class StrategyFailed(StopTrading):
    """A strategy raised, or returned NaN, the wrong length or the wrong type."""


class RecordDamaged(StopTrading):
    """Stored events, state or recording do not fit together."""
