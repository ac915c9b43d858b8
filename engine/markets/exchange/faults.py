"""What an exchange's error asks for: patience, a person, or an end to trading.

Errors are told apart by the names of their classes and by codes in their text, so that this needs
no exchange library: a class alone often lies (a revoked key can come as "too many requests", a
forbidden country as "not available"). Codes come first.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from engine.errors import (
    ExchangeRefused,
    ExchangeUnavailable,
    Fault,
    KeyRefused,
    NotOffered,
    OrderRejected,
    RateLimited,
    TradingSuspended,
)
from engine.language import tr
from engine.messages.redaction import redacted

BAN_S: Final = 120.0
"""Patience after a ban that does not say how long it lasts: the shortest that is known."""
BUSY_S: Final = 10.0
"""Patience when asked for it without a number."""
_DETAILS: Final = 2_000
_TRACE: Final = 8_000
_LONGEST_S: Final = 24 * 3600.0


class Meaning(Enum):
    """What happened, in the program's terms."""

    UNREACHABLE = auto()
    MAINTENANCE = auto()
    TIMED_OUT = auto()
    BROKEN = auto()
    BUSY = auto()
    BANNED = auto()
    CLOCK = auto()
    HALTED = auto()
    KEY = auto()
    FORBIDDEN = auto()
    SYMBOL = auto()
    SETTINGS = auto()
    UNSUPPORTED = auto()
    REFUSED = auto()
    ORDER = auto()
    MONEY = auto()
    SUSPENDED = auto()


WORDS: Final[Mapping[Meaning, str]] = MappingProxyType(
    {
        Meaning.UNREACHABLE: tr(
            "{name} could not be reached for {doing}. The program tries again by itself; "
            "check the network if it lasts."
        ),
        Meaning.MAINTENANCE: tr(
            "{name} is closed for maintenance, so {doing} has to wait. The program tries "
            "again by itself."
        ),
        Meaning.TIMED_OUT: tr(
            "{name} did not answer in time for {doing}. The program tries again by itself."
        ),
        Meaning.BROKEN: tr(
            "{name} gave a broken answer to {doing}. Nothing was taken from it; the "
            "program tries again by itself."
        ),
        Meaning.BUSY: tr(
            "{name} asks to be left alone for {wait} because of too many requests. "
            "{Doing} goes on after that."
        ),
        Meaning.BANNED: tr(
            "{name} bans this address for {wait} because of too many requests. Nothing is "
            "asked meanwhile; {doing} goes on after that. Run fewer programs on this "
            "address."
        ),
        Meaning.CLOCK: tr(
            "{name} says that this computer's clock is wrong. It is measured again and "
            "{doing} is tried once more; let the system set its clock by itself."
        ),
        Meaning.HALTED: tr(
            "{name} has halted this market, so {doing} has to wait. The program tries "
            "again by itself."
        ),
        Meaning.KEY: tr(
            "{name} does not accept the key: it was revoked, belongs to another address, "
            "or lacks a permission. {Doing} was stopped. Check the key on the exchange's "
            "page."
        ),
        Meaning.FORBIDDEN: tr(
            "{name} does not serve this country or address. {Doing} was stopped. Choose "
            "another exchange."
        ),
        Meaning.SYMBOL: tr(
            "{name} does not trade this symbol. {Doing} was stopped. Choose another symbol."
        ),
        Meaning.SETTINGS: tr(
            "{name} cannot be asked with these settings. {Doing} was stopped. Check the "
            "proxy and the exchange's settings."
        ),
        Meaning.UNSUPPORTED: tr(
            "{name} does not offer what {doing} needs. Choose another exchange or timeframe."
        ),
        Meaning.REFUSED: tr(
            "{name} refused {doing}. Nothing was done; read the details and change what it names."
        ),
        Meaning.ORDER: tr("{name} rejected the order. It was not placed, and the bot was halted."),
        Meaning.MONEY: tr(
            "{name} says there is not enough money for the order. It was not placed, and "
            "the bot was halted."
        ),
        Meaning.SUSPENDED: tr(
            "{name} has suspended the account. All trading there was stopped. Ask the exchange."
        ),
    }
)
"""What a person is told; `name` is the exchange, `doing` what was tried, `Doing` the same at the
begin of a sentence."""

BY_CLASS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        "AuthenticationError": Meaning.KEY,
        "PermissionDenied": Meaning.KEY,
        "AccountNotEnabled": Meaning.KEY,
        "AccountSuspended": Meaning.SUSPENDED,
        "RestrictedLocation": Meaning.FORBIDDEN,
        "BadSymbol": Meaning.SYMBOL,
        "ContractUnavailable": Meaning.SYMBOL,
        "InvalidProxySettings": Meaning.SETTINGS,
        "ArgumentsRequired": Meaning.REFUSED,
        "BadRequest": Meaning.REFUSED,
        "OperationRejected": Meaning.REFUSED,
        "NoChange": Meaning.REFUSED,
        "MarginModeAlreadySet": Meaning.REFUSED,
        "ManualInteractionNeeded": Meaning.REFUSED,
        "InvalidAddress": Meaning.REFUSED,
        "AddressPending": Meaning.REFUSED,
        "NotSupported": Meaning.UNSUPPORTED,
        "ExchangeError": Meaning.REFUSED,
        "BaseError": Meaning.REFUSED,
        "MarketClosed": Meaning.HALTED,
        "InsufficientFunds": Meaning.MONEY,
        "InvalidOrder": Meaning.ORDER,
        "OrderNotFound": Meaning.ORDER,
        "OrderNotCached": Meaning.ORDER,
        "OrderImmediatelyFillable": Meaning.ORDER,
        "OrderNotFillable": Meaning.ORDER,
        "DuplicateOrderId": Meaning.ORDER,
        "DDoSProtection": Meaning.BUSY,
        "RateLimitExceeded": Meaning.BUSY,
        "OnMaintenance": Meaning.MAINTENANCE,
        "ExchangeNotAvailable": Meaning.UNREACHABLE,
        "NetworkError": Meaning.UNREACHABLE,
        "ExchangeClosedByUser": Meaning.UNREACHABLE,
        "OperationFailed": Meaning.UNREACHABLE,
        "UnsubscribeError": Meaning.UNREACHABLE,
        "RequestTimeout": Meaning.TIMED_OUT,
        "InvalidNonce": Meaning.CLOCK,
        "ChecksumError": Meaning.BROKEN,
        "BadResponse": Meaning.BROKEN,
        "NullResponse": Meaning.BROKEN,
        "CancelPending": Meaning.BROKEN,
        # Python's own, of sockets and of answers that are no JSON.
        "TimeoutError": Meaning.TIMED_OUT,
        "OSError": Meaning.UNREACHABLE,
        "ClientError": Meaning.UNREACHABLE,
        "ClientPayloadError": Meaning.BROKEN,
        "JSONDecodeError": Meaning.BROKEN,
    }
)
"""Nearest class first: an error is looked up along its ancestors."""


@dataclass(frozen=True, slots=True)
class _Code:
    """Text that only one meaning has, in the exchange's own words."""

    pattern: re.Pattern[str]
    meaning: Meaning


def _code(pattern: str, meaning: Meaning) -> _Code:
    return _Code(re.compile(pattern), meaning)


CODES: Final = (
    _code(r'"code":\s*-201[45]\b|EAPI:Invalid (key|signature)|EAPI:Bad request', Meaning.KEY),
    _code(r"EGeneral:Permission denied", Meaning.KEY),
    _code(r"\b451\b(?!\d)|EService:Restricted|restricted location", Meaning.FORBIDDEN),
    _code(r"\b418\b(?!\d)|Way too many requests|EGeneral:Temporary lockout", Meaning.BANNED),
    _code(r'\b429\b(?!\d)|"code":\s*-1003\b|EAPI:Rate limit|EOrder:Rate limit', Meaning.BUSY),
    _code(r'"code":\s*-1021\b|EAPI:Invalid nonce', Meaning.CLOCK),
    _code(r'"code":\s*-1007\b', Meaning.TIMED_OUT),
    _code(r'"code":\s*-1121\b|EQuery:Unknown asset pair', Meaning.SYMBOL),
    _code(r"[Mm]aintenance|EService:(Unavailable|Busy)|cancel_only mode", Meaning.MAINTENANCE),
    _code(r'"code":\s*-2010\b.*insufficient balance|EOrder:Insufficient funds', Meaning.MONEY),
    _code(r'"code":\s*-(1013|2010|2011|2013)\b|EOrder:', Meaning.ORDER),
)

_ADDRESS: Final = re.compile(r"\b(?:https?|wss?)://\S+")
"""What was asked stands in an error's text, and its numbers are no codes (``limit=451``)."""

_WAITING: Final = frozenset({Meaning.BUSY, Meaning.BANNED})
_RETRIED: Final = frozenset(
    {
        Meaning.UNREACHABLE,
        Meaning.MAINTENANCE,
        Meaning.TIMED_OUT,
        Meaning.BROKEN,
        Meaning.CLOCK,
        Meaning.HALTED,
    }
)
_REJECTED: Final = frozenset({Meaning.ORDER, Meaning.MONEY})


def meaning_of(error: BaseException) -> Meaning | None:
    """What it means; None for a mistake of the program, which is not an exchange's error."""
    known = _by_class(error)
    if known is None:
        return None
    if known is Meaning.REFUSED and error.__cause__ is not None:
        # An answer cut inside its promised length comes as a refusal; what lies below tells more.
        known = _by_class(error.__cause__) or known
    text = _ADDRESS.sub("", f"{error} {error.__cause__ or ''}")
    return next((code.meaning for code in CODES if code.pattern.search(text)), known)


def _by_class(error: BaseException) -> Meaning | None:
    names = (kind.__name__ for kind in type(error).__mro__)
    return next((BY_CLASS[name] for name in names if name in BY_CLASS), None)


def fault_from(
    error: BaseException, name: str, doing: str, retry_after_s: float | None = None
) -> Fault | None:
    """The fault to raise instead, with a sentence. `doing` is what was tried (``reading candles``),
    `retry_after_s` what the exchange's answer said. None for a mistake of the program."""
    meaning = meaning_of(error)
    if meaning is None:
        return None
    wait_s = retry_after_s or (BAN_S if meaning is Meaning.BANNED else BUSY_S)
    wait_s = min(max(wait_s, 1.0), _LONGEST_S)
    words = WORDS[meaning].format(
        name=name, doing=doing, Doing=doing[:1].upper() + doing[1:], wait=_wait_text(wait_s)
    )
    details = redacted(f"{type(error).__name__}: {error}")[:_DETAILS]
    if meaning in _WAITING:
        return RateLimited(words, wait_s=wait_s, details=details)
    if meaning in _RETRIED:
        return ExchangeUnavailable(words, details=details)
    if meaning in _REJECTED:
        return OrderRejected(words, details=details)
    if meaning is Meaning.UNSUPPORTED:
        return NotOffered(words, details=details)
    if meaning is Meaning.KEY:
        return KeyRefused(words, details=details)
    if meaning is Meaning.SUSPENDED:
        return TradingSuspended(words, details=details)
    return ExchangeRefused(words, details=details)


def not_understood(error: BaseException, name: str, doing: str) -> ExchangeRefused:
    """What to say of an error without a meaning: an answer that was read wrongly, or a mistake of
    this program. The details keep where it happened."""
    return ExchangeRefused(
        tr(
            "{name} could not be understood while {doing}. Nothing was taken from it. "
            "Try again later or choose another exchange; the details help whoever mends "
            "it.",
            name=name,
            doing=doing,
        ),
        details=redacted("".join(traceback.format_exception(error)))[-_TRACE:],
    )


def _wait_text(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{-(-whole // 60)} min"
