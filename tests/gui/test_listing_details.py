"""An exchange whose list of markets could not be understood: its details can be copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from engine.errors import ExchangeRefused
from tests.gui.fakes import FakeEngine
from tests.gui.opened import click, press
from tests.gui.paged import paged
from tests.gui.waiting import drawn, until
from trader_gui.pages.bots.page import BotsPage

pytestmark = pytest.mark.qt_loop


async def test_an_answer_that_is_not_understood_is_told_with_details_to_copy(
    tmp_path: Path,
) -> None:
    engine = FakeEngine(tmp_path)
    engine.silent = ExchangeRefused("binance could not be understood.", details="KeyError: 'x'")
    async with paged(engine, BotsPage) as held:
        held.page.new_bot()
        live = held.page.editor.market.live
        press(held.page.editor.market.kind, "exchange")
        await until(lambda: live.words.text() == "binance could not be understood.")
        await drawn()
        click(live.copy)
        copied = QGuiApplication.clipboard().text()
        assert copied == "binance could not be understood.\n\nKeyError: 'x'"
        engine.silent = None
        click(live.again)
        await until(lambda: live.listing is not None)
        assert live.copy.isHidden()
