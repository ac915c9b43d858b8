"""A person searches the symbols of an exchange whose answer nobody can read."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.domain.listings import Listing
from engine.errors import ExchangeRefused, ExchangeUnavailable
from engine.markets.exchange.ccxt_exchange import CcxtExchange
from engine.runtime.engine import Engine
from tests.runtime.support import StillClock


async def asked(folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def listings(_: CcxtExchange) -> Mapping[str, Listing]:
        raise error

    monkeypatch.setattr(CcxtExchange, "listings", listings)
    engine = await Engine.open(folder, clock=StillClock())
    try:
        await engine.listings("kraken")
    finally:
        await engine.close()


@pytest.mark.parametrize("error", [KeyError("tick_size"), TypeError("NoneType"), ValueError("x")])
async def test_words_name_the_exchange_and_the_details_keep_the_trace(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expected_warnings: list[logging.LogRecord],
    error: Exception,
) -> None:
    with pytest.raises(ExchangeRefused) as refused:
        await asked(tmp_path, monkeypatch, error)
    words, details = refused.value.words, refused.value.details
    assert words.startswith("kraken could not be understood while reading its markets. ")
    assert "Try again later or choose another exchange" in words
    assert "Traceback" in details
    assert "in listings" in details
    assert repr(error)[: len(type(error).__name__)] in details
    (logged,) = expected_warnings
    assert logged.getMessage() == "The markets of kraken could not be read"
    assert logged.exc_info


async def test_what_has_words_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExchangeUnavailable, match="closed for maintenance"):
        await asked(tmp_path, monkeypatch, ExchangeUnavailable("kraken is closed for maintenance."))
