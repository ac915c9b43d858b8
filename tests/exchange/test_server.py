"""The doors of the loopback exchange: how a client is pointed at it, and where it lives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import ccxt.pro
import pytest

from tests.exchange.client import ONLY_SPOT, point_at, quick
from tests.exchange.clock import NOON, ExchangeClock
from tests.exchange.frames import binance_frames, first_of, heard
from tests.exchange.pair import many_pairs
from tests.exchange.server import LoopbackExchange, Plan
from tests.exchange.thread import in_thread

SYMBOL = "BTC/USDT"


def every_url(urls: Any) -> list[str]:
    if isinstance(urls, dict):
        return [url for inner in urls.values() for url in every_url(inner)]
    return [urls]


@pytest.mark.parametrize("name", ["binance", "kraken", "bybit", "okx"])
def test_a_pointed_client_knows_no_other_host(name: str) -> None:
    exchange = point_at(getattr(ccxt.pro, name)(), "http://127.0.0.1:4711")
    urls = every_url(exchange.urls["api"])
    assert {urlsplit(url).netloc for url in urls} == {"127.0.0.1:4711"}
    assert {urlsplit(url).scheme for url in urls} == {"http", "ws"}
    assert not any("{" in url for url in urls)


async def test_the_path_is_the_real_one_with_or_without_the_host(
    exchange: LoopbackExchange,
) -> None:
    plain = ccxt.pro.binance({"options": dict(ONLY_SPOT["binance"])})
    plain.urls["api"]["public"] = f"{exchange.url}/api/v3"
    pointed = quick("binance", exchange.url)
    try:
        assert await plain.fetch_time() == await pointed.fetch_time() == NOON
    finally:
        await plain.close()
        await pointed.close()
    assert {request.path for request in exchange.requests} == {"/api/v3/time"}


async def test_error_codes_are_read_with_the_table_of_the_real_exchange(
    exchange: LoopbackExchange, binance: Any
) -> None:
    """-1013 and others mean one thing for spot and another for futures."""
    tables = binance.get_exceptions_by_url(f"{exchange.url}/api.binance.com/api/v3/order", "exact")
    assert tables == binance.exceptions["spot"]["exact"]


async def test_what_the_exchange_does_not_have_is_said(exchange: LoopbackExchange) -> None:
    binance = quick("binance", exchange.url)
    try:
        with pytest.raises(ccxt.OperationFailed, match="does not know GET /api/v3/avgPrice"):
            await binance.public_get_avgprice({"symbol": "BTCUSDT"})
    finally:
        await binance.close()


async def test_subscriptions_can_be_listed_and_ended(exchange: LoopbackExchange) -> None:
    requests = (
        {"method": "SUBSCRIBE", "params": ["btcusdt@trade", "ethusdt@kline_1m"], "id": 1},
        {"method": "UNSUBSCRIBE", "params": ["btcusdt@trade"], "id": 2},
        {"method": "LIST_SUBSCRIPTIONS", "id": 3},
        {"method": "SUBSCRIBE", "params": ["nonsense@trade"], "id": 4},
    )
    async with heard(exchange, "/ws", *requests) as frames:
        assert (await first_of(frames, id=3))["result"] == ["ethusdt@kline_1m"]
        assert "invalid stream" in (await anext(frames))["error"]["msg"]
    await exchange.until(lambda: not exchange.connections)
    assert exchange.binance.hub.kinds("ethusdt") == ()


@pytest.mark.parametrize(
    ("at", "skew_ms", "late_ms", "fresh"),
    [
        (None, 0, 0, True),
        (None, 0, 6_000, False),
        (None, 0, -2_000, False),
        (None, -10_000, 0, False),
        (None, 10_000, 0, False),
        (NOON, 0, 0, True),
        (NOON, -10_000, 0, False),
    ],
)
def test_a_signature_must_be_fresh_by_the_exchanges_clock(
    at: int | None, skew_ms: int, late_ms: int, fresh: bool
) -> None:
    clock, machine = ExchangeClock(at), ExchangeClock(None)
    clock.skew_ms = skew_ms
    assert clock.accepts(machine.now_ms - late_ms, 5_000) is fresh


async def test_waiting_for_what_never_happens_ends(
    exchange: LoopbackExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.exchange.server.PATIENCE_S", 0.01)
    with pytest.raises(TimeoutError):
        await exchange.until_listens("btcusdt@trade")


async def test_sums_are_told_no_more_often_than_planned_and_the_last_one_is_not_lost() -> None:
    async with (
        LoopbackExchange(Plan(every_ms=1_000)) as exchange,
        binance_frames(exchange, ["btcusdt@kline_1m"]) as frames,
    ):
        for price in range(60_000, 60_010):
            exchange.trade(SYMBOL, price, after_ms=50)
        exchange.advance(1_000)
        closes = [(await anext(frames))["k"]["c"][:5] for _ in range(2)]
    assert closes == ["60000", "60009"]


async def test_from_a_thread_it_serves_a_client_of_another_loop() -> None:
    with in_thread() as thread:
        exchange = thread.exchange
        kraken = quick("kraken", exchange.url)
        try:
            thread.do(lambda: exchange.trade(SYMBOL, 60_500))
            assert (await kraken.watch_ticker(SYMBOL))["last"] == 60_500
            thread.wait(exchange.until_listens(f"{SYMBOL}@ticker"))
        finally:
            await kraken.close()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C cannot be sent to one program there")
def test_as_a_program_it_tells_its_port_and_ends_on_ctrl_c() -> None:
    command = [sys.executable, "-m", "tests.exchange", "--symbols", "3", "--rate", "300"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        port = int(program.stdout.readline())
        with urlopen(f"http://127.0.0.1:{port}/api/v3/ticker/price") as answer:
            assert answer.read().count(b'"symbol"') == 3
        program.send_signal(signal.SIGINT)
        assert program.wait(20) == 0


def test_many_markets_have_names_of_their_own() -> None:
    pairs = many_pairs(120)
    assert len({pair.binance_id for pair in pairs}) == 120
