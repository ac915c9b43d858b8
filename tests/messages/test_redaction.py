"""Secrets are found by their names and by their values; what is no secret stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.messages import redaction
from engine.messages.redaction import HIDDEN, hide, hide_address, redacted

VALUE = "Zx9q7KpL2vN8"
NAMED = [
    f"https://x.test/api?symbol=BTC&apiKey={VALUE}&limit=5",
    f"https://x.test/api?timestamp=1&signature={VALUE}",
    f"wss://x.test/ws?listenKey={VALUE}",
    f"proxy http://trader:{VALUE}@proxy.test:8080 did not answer",
    f"{{'apiKey': '{VALUE}', 'secret': '{VALUE}', 'uid': '{VALUE}'}}",
    f'{{"api_key": "{VALUE}", "password": "{VALUE}", "accountId": "{VALUE}"}}',
    f"{{'X-MBX-APIKEY': '{VALUE}', 'Accept': 'json'}}",
    f"{{'OK-ACCESS-KEY': '{VALUE}', 'OK-ACCESS-SIGN': '{VALUE}'}} OK-ACCESS-PASSPHRASE: {VALUE}",
    f"{{'KC-API-SIGN': b'{VALUE}', 'API-Sign': '{VALUE}', 'X-BAPI-SIGN': '{VALUE}'}}",
    f"{{'Authorization': 'Bearer {VALUE}'}}",
    f"Authorization: Basic {VALUE}==",
    f"Authorization: {VALUE}",
    f"Proxy-Authorization: Basic {VALUE}",
    f"Cookie: session={VALUE}",
    f"Keys(apiKey='{VALUE}', secret=\"{VALUE}\", account_id={VALUE})",
    f"access_token={VALUE} refresh_token: {VALUE}",
    f"passphrase: {VALUE}, user_id={VALUE}",
    f"eyJhbGciOiJI.{VALUE}.{VALUE}",
    f"privateKey={VALUE}",
    f'{{"mainUid": "{VALUE}", "subUid": "{VALUE}", "accountAlias": "{VALUE}"}}',
    f"acctId={VALUE}&member_id={VALUE}&account_uuid={VALUE}&customerId: {VALUE}",
    f"Account number {VALUE} is not allowed to trade",
    f"UID {VALUE} was banned, sub-account id: {VALUE} too",
]


@pytest.mark.parametrize("text", NAMED)
def test_what_is_named_like_a_secret_is_hidden(text: str) -> None:
    said = redacted(text)
    assert VALUE not in said
    assert HIDDEN in said
    assert redacted(said) == said


@pytest.mark.parametrize(
    "text",
    [
        "https://x.test/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1000",
        "RSI 28.4 crossed below 30: buy 0.0420 at 96,902.3",
        "The strategy mean failed in mean.py, line 12: KeyError: 'fast'.",
        "binance does not accept the key: it was revoked, or lacks a permission.",
        "sha256 5785d91ac8083dae205567f8c93ffe0cd6e8600f5258d80e8c4bf77d30762375",
        "2026-11-22 01:06:09,072 INFO trader_gui.__main__: Window painted 3.45 s after start",
        "a basic question, the bearer of bad news, signed off",
        "The paper account was reset: account 100000 USDT, 12 bots. User number two asked.",
        "clientOrderId x-7f3a2b1c9d, orderId 8389765, Account id and name are asked for.",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


def test_the_names_and_the_rest_stay() -> None:
    said = redacted(f"GET /order?apiKey={VALUE}&symbol=ETH: 401 {{'code': -2015}}")
    assert said == "GET /order?apiKey=[hidden]&symbol=ETH: 401 {'code': -2015}"


def test_what_is_known_is_hidden_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    hide("p&ss wörd", "abc", "")
    hide_address("socks5://trader7:hunter-22@proxy.test:1")
    hide_address("no address")
    said = redacted("p&ss wörd p%26ss%20w%C3%B6rd abc trader7 hunter-22")
    assert said == "[hidden] [hidden] abc [hidden] [hidden]"


@given(st.text(max_size=200))
def test_any_text_is_taken_and_nothing_is_hidden_twice(text: str) -> None:
    said = redacted(text)
    assert redacted(said) == said
