"""An exchange's errors by what they ask for: every class and every known code."""

from __future__ import annotations

from collections.abc import Iterator

import ccxt
import pytest

from engine.errors import (
    AskPerson,
    ExchangeRefused,
    ExchangeUnavailable,
    Fault,
    KeyRefused,
    OrderRejected,
    RateLimited,
    StopTrading,
    TradingSuspended,
    WaitAndRetry,
)
from engine.markets.exchange.faults import BAN_S, BY_CLASS, fault_from


def every_class(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    yield kind
    for below in kind.__subclasses__():
        yield from every_class(below)


def fault(error: BaseException, retry_after_s: float | None = None) -> Fault:
    found = fault_from(error, "binance", "reading candles", retry_after_s)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", list(every_class(ccxt.BaseError)), ids=lambda kind: kind.__name__)
def test_every_class_of_the_library_has_a_meaning_of_its_own(kind: type[BaseException]) -> None:
    assert kind.__name__ in BY_CLASS
    found = fault(kind("binance said something"))
    assert isinstance(found, WaitAndRetry | AskPerson | StopTrading)
    assert "inance" in found.words
    assert found.words.endswith(".")
    assert "binance said something" in found.details


@pytest.mark.parametrize(
    ("error", "asks_for"),
    [
        # A revoked key comes as "too many requests" once a private call has worked.
        (
            ccxt.DDoSProtection('binance {"code":-2015,"msg":"Invalid API-key, IP"}'),
            KeyRefused,
        ),
        (ccxt.AuthenticationError('binance {"code":-2014,"msg":"format"}'), KeyRefused),
        (ccxt.ExchangeError("kraken EAPI:Invalid key"), KeyRefused),
        (ccxt.ExchangeError("kraken EGeneral:Permission denied"), KeyRefused),
        (ccxt.ExchangeNotAvailable("binance GET https://x 451  restricted"), ExchangeRefused),
        (ccxt.DDoSProtection("binance GET https://x 418 I'm a teapot"), RateLimited),
        (ccxt.RateLimitExceeded("binance GET https://x 429 Too Many Requests"), RateLimited),
        (ccxt.NetworkError("binance GET https://x 429"), RateLimited),
        (ccxt.BadRequest('binance {"code":-1003,"msg":"Too much request weight"}'), RateLimited),
        (ccxt.ExchangeError("kraken EAPI:Rate limit exceeded"), RateLimited),
        (ccxt.InvalidNonce('binance {"code":-1021,"msg":"ahead"}'), ExchangeUnavailable),
        (ccxt.RequestTimeout('binance {"code":-1007,"msg":"unknown"}'), ExchangeUnavailable),
        (ccxt.ExchangeNotAvailable("binance GET https://x"), ExchangeUnavailable),
        (ccxt.ExchangeError("kraken EService:Unavailable"), ExchangeUnavailable),
        (ccxt.OnMaintenance("okx 50001"), ExchangeUnavailable),
        (ccxt.BadSymbol("binance does not have market symbol X/Y"), ExchangeRefused),
        (ccxt.ExchangeError("kraken EQuery:Unknown asset pair"), ExchangeRefused),
        (ccxt.InvalidOrder('binance {"code":-2010,"msg":"Duplicate order sent."}'), OrderRejected),
        (ccxt.BadRequest('binance {"code":-1013,"msg":"Filter failure: NOTIONAL"}'), OrderRejected),
        (ccxt.InsufficientFunds("kraken EOrder:Insufficient funds"), OrderRejected),
        (ccxt.AccountSuspended("binance"), TradingSuspended),
        (ConnectionResetError("cut"), ExchangeUnavailable),
        (TimeoutError(), ExchangeUnavailable),
    ],
)
def test_codes_count_before_classes(error: BaseException, asks_for: type[Fault]) -> None:
    assert type(fault(error)) is asks_for


def test_a_revoked_key_is_never_retried() -> None:
    for kind in every_class(ccxt.BaseError):
        found = fault(kind('binance {"code":-2015,"msg":"Invalid API-key, IP, or permissions"}'))
        assert not isinstance(found, WaitAndRetry)


def test_it_waits_as_long_as_it_is_told() -> None:
    busy = fault(ccxt.RateLimitExceeded("binance 429"), 37.0)
    assert isinstance(busy, RateLimited)
    assert busy.wait_s == 37.0
    assert "37 s" in busy.words
    banned = fault(ccxt.DDoSProtection("binance 418"))
    assert isinstance(banned, RateLimited)
    assert banned.wait_s == BAN_S
    assert "2 min" in banned.words


def test_a_mistake_of_the_program_is_no_fault_of_an_exchange() -> None:
    assert fault_from(KeyError("x"), "binance", "reading candles") is None
    assert fault_from(AssertionError(), "binance", "reading candles") is None


def test_a_number_that_only_looks_like_a_code_is_none() -> None:
    found = fault(ccxt.ExchangeNotAvailable("binance GET https://x?startTime=1642945100451000"))
    assert type(found) is ExchangeUnavailable


def test_a_refusal_that_hides_a_cut_answer_is_tried_again() -> None:
    class ClientPayloadError(Exception):
        """As aiohttp calls it."""

    hidden = ccxt.ExchangeError("binance GET https://x")
    hidden.__cause__ = ClientPayloadError("not enough data")
    assert type(fault(hidden)) is ExchangeUnavailable
