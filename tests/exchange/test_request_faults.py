"""Every fault of a request does what it says, as an unchanged ccxt client sees it.

This is also the record of how ccxt behaves when an exchange does: what its adapter has to know.
"""

from __future__ import annotations

import asyncio
from typing import Any

import ccxt
import pytest

from tests.exchange.clock import MINUTE_MS, NOON
from tests.exchange.faults import (
    Altered,
    CutBody,
    Delay,
    Drop,
    Hold,
    RequestFault,
    Status,
    Twice,
    banned,
    forbidden_country,
    kraken_error,
    maintenance,
    too_many,
    unknown_outcome,
)
from tests.exchange.server import LoopbackExchange

SYMBOL = "BTC/USDT"
PLACE = "POST /api/v3/order"


async def buy(client: Any, client_id: str = "mine") -> Any:
    params = {"clientOrderId": client_id}
    return await client.create_order(SYMBOL, "limit", "buy", 0.01, 50_000, params)


@pytest.mark.parametrize("fault", [CutBody(), CutBody(20)], ids=["empty", "cut"])
async def test_an_empty_or_cut_200_is_an_order_without_id_that_was_placed(
    exchange: LoopbackExchange, binance: Any, fault: RequestFault
) -> None:
    exchange.faults.next(PLACE, fault)
    assert (await buy(binance))["id"] is None
    asked = await binance.fetch_order(None, SYMBOL, {"clientOrderId": "mine"})
    assert asked["status"] == "open"


async def test_a_body_cut_inside_its_promised_length_is_not_even_a_network_error(
    exchange: LoopbackExchange, binance: Any
) -> None:
    exchange.faults.next(PLACE, CutBody(20, as_if_whole=False))
    with pytest.raises(ccxt.ExchangeError) as caught:
        await buy(binance)
    assert type(caught.value) is ccxt.ExchangeError
    assert len(exchange.desk.orders) == 1


async def test_kraken_tells_only_the_id_of_a_new_order(kraken: Any) -> None:
    order = await kraken.create_order(SYMBOL, "market", "buy", 0.01)
    assert order["id"] is not None
    assert [order[name] for name in ("status", "filled", "average")] == [None] * 3


@pytest.mark.parametrize(
    ("fault", "error", "orders"),
    [
        (Drop(), ccxt.ExchangeNotAvailable, 1),
        (Drop(accepted=False), ccxt.ExchangeNotAvailable, 0),
        (unknown_outcome(), ccxt.RequestTimeout, 1),
        (unknown_outcome(accepted=False), ccxt.RequestTimeout, 0),
        (Status(502, "<html>Bad Gateway</html>", accepted=True), ccxt.ExchangeNotAvailable, 1),
        (too_many(3), ccxt.NetworkError, 0),
    ],
)
async def test_the_class_of_an_error_does_not_tell_whether_the_order_exists(
    exchange: LoopbackExchange,
    binance: Any,
    fault: RequestFault,
    error: type[Exception],
    orders: int,
) -> None:
    await binance.load_markets()
    exchange.faults.next(PLACE, fault)
    with pytest.raises(error):
        await buy(binance)
    assert len(exchange.desk.orders) == orders
    await buy(binance, "another")


async def test_a_revoked_key_looks_like_too_many_requests_after_one_good_call(
    exchange: LoopbackExchange, binance: Any
) -> None:
    exchange.account.revoked = True
    with pytest.raises(ccxt.AuthenticationError, match="-2015"):
        await binance.fetch_balance()
    exchange.account.revoked = False
    await binance.fetch_balance()
    exchange.account.revoked = True
    with pytest.raises(ccxt.DDoSProtection, match="-2015"):
        await binance.fetch_balance()


async def test_a_forbidden_country_looks_like_an_exchange_that_is_down(
    exchange: LoopbackExchange, binance: Any
) -> None:
    exchange.faults.always("GET /api/*", forbidden_country())
    with pytest.raises(ccxt.ExchangeNotAvailable, match="451"):
        await binance.fetch_time()
    exchange.faults.cease()
    assert await binance.fetch_time() == NOON


async def test_a_client_id_used_twice_is_an_invalid_order(binance: Any) -> None:
    await buy(binance)
    with pytest.raises(ccxt.InvalidOrder, match="-2010") as caught:
        await buy(binance)
    assert not isinstance(caught.value, ccxt.DuplicateOrderId)


async def test_a_request_that_is_repeated_on_the_way_is_refused_though_it_was_placed(
    exchange: LoopbackExchange, binance: Any
) -> None:
    exchange.faults.next(PLACE, Twice())
    with pytest.raises(ccxt.InvalidOrder, match="Duplicate order"):
        await buy(binance)
    assert len(exchange.desk.orders) == 1


async def test_a_wrong_clock_is_an_invalid_nonce_until_the_difference_is_measured(
    exchange: LoopbackExchange, binance: Any
) -> None:
    exchange.clock.skew_ms = 20_000
    with pytest.raises(ccxt.InvalidNonce, match="-1021"):
        await binance.fetch_balance()
    exchange.clock.skew_ms = -10_000
    with pytest.raises(ccxt.InvalidNonce, match="-1021"):
        await binance.fetch_balance()
    await binance.load_time_difference()
    assert (await binance.fetch_balance())["BTC"]["free"] == 1


async def test_after_429_and_418_the_headers_say_how_long_to_wait(
    exchange: LoopbackExchange, binance: Any
) -> None:
    exchange.faults.next("GET /api/v3/time", too_many(7), banned(NOON + MINUTE_MS, 60))
    with pytest.raises(ccxt.DDoSProtection, match="429"):
        await binance.fetch_time()
    headers = binance.last_response_headers
    assert (headers["Retry-After"], headers["X-MBX-USED-WEIGHT-1M"]) == ("7", "6001")
    with pytest.raises(ccxt.DDoSProtection, match=f"418.*banned until {NOON + MINUTE_MS}"):
        await binance.fetch_time()
    assert binance.last_response_headers["Retry-After"] == "60"
    assert await binance.fetch_time() == NOON


@pytest.mark.parametrize("fault", [maintenance(), Status(500, "oops")], ids=["503", "500"])
async def test_maintenance_is_an_exchange_that_is_not_available(
    exchange: LoopbackExchange, binance: Any, fault: RequestFault
) -> None:
    exchange.faults.next("GET /api/v3/time", fault)
    with pytest.raises(ccxt.ExchangeNotAvailable):
        await binance.fetch_time()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("EService:Unavailable", ccxt.ExchangeNotAvailable),
        ("EService:Market in cancel_only mode", ccxt.OnMaintenance),
        ("EAPI:Rate limit exceeded", ccxt.DDoSProtection),
        ("EGeneral:Temporary lockout", ccxt.DDoSProtection),
        ("EAPI:Invalid key", ccxt.AuthenticationError),
        ("EGeneral:Permission denied", ccxt.PermissionDenied),
        ("EAPI:Invalid nonce", ccxt.InvalidNonce),
    ],
)
async def test_kraken_tells_its_errors_with_status_200(
    exchange: LoopbackExchange, kraken: Any, words: str, error: type[Exception]
) -> None:
    exchange.faults.next("POST /0/private/Balance*", kraken_error(words))
    with pytest.raises(error, match=words):
        await kraken.fetch_balance()


async def test_a_late_answer_is_a_timeout_of_what_was_done(
    exchange: LoopbackExchange, binance: Any
) -> None:
    await binance.load_markets()
    late = Hold()
    exchange.faults.next(PLACE, late)
    binance.timeout = 50
    with pytest.raises(ccxt.RequestTimeout):
        await buy(binance)
    late.release()
    assert len(exchange.desk.orders) == 1


async def test_an_answer_can_be_held_while_something_else_happens(
    exchange: LoopbackExchange, binance: Any
) -> None:
    await binance.load_markets()
    cancel = Hold()
    exchange.faults.next("DELETE /api/v3/order", cancel)
    order = await buy(binance)
    cancelling = asyncio.ensure_future(binance.cancel_order(order["id"], SYMBOL))
    await cancel.accepted.wait()
    assert (await binance.fetch_order(order["id"], SYMBOL))["status"] == "canceled"
    assert not cancelling.done()
    cancel.release()
    assert (await cancelling)["status"] == "canceled"


async def test_a_delayed_answer_arrives(exchange: LoopbackExchange, binance: Any) -> None:
    exchange.faults.next("GET /api/v3/time", Delay(0.01))
    assert await binance.fetch_time() == NOON


async def test_candles_with_holes_are_handed_on_as_they_are(
    exchange: LoopbackExchange, binance: Any
) -> None:
    def spoiled(rows: list[list[Any]]) -> list[list[Any]]:
        rows[-1][4], rows[-1][5] = "NaN", None
        return [*rows, rows[0]]

    exchange.advance(2 * MINUTE_MS)
    exchange.faults.next("GET /api/v3/klines", Altered(spoiled))
    rows = await binance.fetch_ohlcv(SYMBOL, "1m")
    assert [row[0] for row in rows] == [NOON, NOON, NOON + MINUTE_MS, NOON + 2 * MINUTE_MS]
    assert rows[-1][4] != rows[-1][4]
    assert rows[-1][5] is None


async def test_faults_are_one_per_request_and_in_their_order(
    exchange: LoopbackExchange, binance: Any
) -> None:
    exchange.faults.next("GET /api/v3/time", maintenance(), Status(500))
    exchange.faults.next("GET /api/v3/ping", too_many(1))
    seen = []
    for _ in range(3):
        try:
            await binance.fetch_time()
        except ccxt.NetworkError as error:
            seen.append("503" in str(error))
    assert seen == [True, False]
    assert len(exchange.requests_of("GET /api/v3/time")) == 3


async def test_what_only_asks_is_sent_again_by_itself_when_its_connection_was_cut(
    exchange: LoopbackExchange, binance: Any
) -> None:
    await binance.fetch_time()
    exchange.faults.next("GET /api/v3/time", Drop())
    assert await binance.fetch_time() == NOON
    assert len(exchange.requests_of("GET /api/v3/time")) == 3


async def test_a_cancel_is_sent_again_too_and_then_there_is_nothing_left_to_cancel(
    exchange: LoopbackExchange, binance: Any
) -> None:
    order = await buy(binance)
    exchange.faults.next("DELETE /api/v3/order", Drop())
    with pytest.raises(ccxt.OrderNotFound, match="-2011"):
        await binance.cancel_order(order["id"], SYMBOL)
    assert (await binance.fetch_order(order["id"], SYMBOL))["status"] == "canceled"
