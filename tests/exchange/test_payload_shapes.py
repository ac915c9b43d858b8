"""The messages of the loopback exchange have the form of the real ones.

Held against captured and documented messages where they are at hand, and always against the forms
in `expected_shapes.py`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.expected_shapes import EXPECTED
from tests.exchange.messages import all_messages
from tests.exchange.server import LoopbackExchange
from tests.exchange.shapes import differences, shape

BINANCE = "binance/spot/http_json"
LEGACY = "binance/legacy_ws"
REAL = {
    "binance ping": f"{BINANCE}/ping_response.json",
    "binance time": f"{BINANCE}/server_time_response.json",
    "binance exchangeInfo": f"{BINANCE}/exchange_info_response.json",
    "binance klines": f"{BINANCE}/klines_response.json",
    "binance trades": f"{BINANCE}/trades_response.json",
    "binance aggTrades": "binance/legacy_http/http_spot_market_agg_trades.json",
    "binance depth": f"{BINANCE}/depth_response.json",
    "binance ticker/24hr": f"{BINANCE}/ticker_24hr_response.json",
    "binance ticker/bookTicker": f"{BINANCE}/book_ticker_response.json",
    "binance ticker/price": f"{BINANCE}/ticker_price_response.json",
    "binance account": f"{BINANCE}/account_response.json",
    "binance order": f"{BINANCE}/order_response.json",
    "binance openOrders": f"{BINANCE}/open_orders_response.json",
    "binance allOrders": f"{BINANCE}/all_orders_response.json",
    "binance order placed": f"{BINANCE}/new_order_full_response.json",
    "binance order cancelled": f"{BINANCE}/cancel_order_response.json",
    "binance myTrades": f"{BINANCE}/account_trades_response.json",
    "binance trade stream": f"{LEGACY}/ws_spot_trade.json",
    "binance aggTrade stream": f"{LEGACY}/ws_spot_agg_trade.json",
    "binance bookTicker stream": f"{LEGACY}/ws_spot_ticker_book.json",
    "binance 24hrTicker stream": f"{LEGACY}/ws_spot_ticker_24hr.json",
    "binance kline stream": "binance/futures/market_data_json/kline_stream_open.json",
    "binance executionReport NEW": "binance/spot/user_data_json/execution_report_wrapped.json",
    "binance executionReport TRADE": f"{LEGACY}/ws_spot_execution_report_trade.json",
    "binance executionReport CANCELED": f"{LEGACY}/ws_spot_execution_report_canceled.json",
    "binance outboundAccountPosition": "binance/spot/user_data_json/account_position_wrapped.json",
    "kraken Time": "kraken/http_server_time.json",
    "kraken SystemStatus": "kraken/http_system_status.json",
    "kraken AssetPairs": "kraken/http_asset_pairs.json",
    "kraken OHLC": "kraken/http_ohlc.json",
    "kraken Trades": "kraken/http_trades.json",
    "kraken Ticker": "kraken/http_ticker.json",
    "kraken Depth": "kraken/http_order_book.json",
    "kraken AddOrder": "kraken/http_add_order_spot.json",
    "kraken CancelOrder": "kraken/http_cancel_order_spot.json",
    "kraken OpenOrders": "kraken/http_open_orders.json",
    "kraken ClosedOrders": "kraken/http_closed_orders.json",
    "kraken TradesHistory": "kraken/http_trades_history.json",
    "kraken pong": "kraken/ws_pong.json",
    "kraken subscribe": "kraken/ws_subscribe_response.json",
    "kraken book snapshot": "kraken/ws_book_snapshot.json",
    "kraken book update": "kraken/ws_book_update.json",
    "kraken ticker update": "kraken/ws_ticker_snapshot.json",
    "kraken trade update": "kraken/ws_trade_update.json",
    "kraken ohlc update": "kraken/ws_ohlc_update.json",
}

NEWER = {".W: surplus", ".V: surplus"}
KNOWN: dict[str, set[str]] = {
    # older captures: Binance no longer tells the two orders of a public trade
    "binance trade stream": {".a: missing", ".b: missing"},
    # not in the documentation of the spot streams
    "binance aggTrade stream": {".st: missing"},
    "binance bookTicker stream": {".T: missing", ".E: missing"},
    # fields that came to the reports after these captures
    "binance executionReport TRADE": NEWER,
    "binance executionReport CANCELED": NEWER,
    # told only of orders that have them
    "kraken ClosedOrders": {
        ".result.closed.*.cl_ord_id: surplus",
        ".result.closed.*.trades: surplus",
    },
    # documented, not in this capture
    "kraken ohlc update": {".data[].timestamp: surplus"},
}
"""Where ours differs on purpose."""


def real_payloads() -> Path:
    folder = os.environ.get("TRADER_TEST_DATA")
    if folder is None or not (Path(folder) / "payloads").is_dir():
        pytest.skip("TRADER_TEST_DATA does not hold the payloads of real exchanges")
    return Path(folder) / "payloads"


def bare(message: Any) -> Any:
    """A stream's event without the envelope it may come in."""
    if isinstance(message, dict):
        return message.get("event", message.get("data") if "stream" in message else message)
    return message


async def test_every_message_has_the_form_that_is_written_down(exchange: LoopbackExchange) -> None:
    wrong, seen = {}, set()
    async for name, message in all_messages(exchange):
        seen.add(name)
        found = list(differences(EXPECTED.get(name, "nothing"), shape(bare(message))))
        if found:
            wrong[name] = found
    assert wrong == {}
    assert seen == set(EXPECTED)


async def test_every_message_has_the_form_of_a_real_one(exchange: LoopbackExchange) -> None:
    folder = real_payloads()
    wrong = {}
    async for name, message in all_messages(exchange):
        if name in REAL:
            real = json.loads((folder / REAL[name]).read_text())
            found = set(differences(shape(bare(real)), shape(bare(message))))
            if found != KNOWN.get(name, set()):
                wrong[name] = found ^ KNOWN.get(name, set())
    assert wrong == {}


def test_differences_are_found() -> None:
    real = {"a": 1, "b": [{"c": "x"}], "d": None, "e": [["1", 2]], "g": True}
    ours = {"a": "1", "b": [{"f": "x"}], "d": 3, "e": [[1, 2]], "g": True}
    assert list(differences(shape(real), shape(ours))) == [
        ".a: number, here text",
        ".b[].c: missing",
        ".b[].f: surplus",
        ".e[]: tuple, here list",
    ]
    assert list(differences(shape(real), shape(real))) == []
