from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.bots import BotSettings
from engine.domain.sessions import SessionSettings
from engine.domain.settings import TradeSettings
from engine.errors import RecordDamaged
from engine.store.exact_json import from_text, to_text
from tests.store.samples import TRADE, bot_settings, session_record


def test_settings_come_back_equal_with_their_types() -> None:
    back = from_text(BotSettings, to_text(bot_settings()))
    assert back == bot_settings()
    assert type(back.params["fast"]) is int
    assert type(back.params["band"]) is Decimal
    assert str(back.trade.cash) == "123456789012345.678901234567890"
    settings = session_record().settings
    assert from_text(SessionSettings, to_text(settings)) == settings


def test_params_that_came_back_cannot_be_changed() -> None:
    back = from_text(BotSettings, to_text(bot_settings()))
    with pytest.raises(TypeError):
        back.params["fast"] = 11  # type: ignore[index]


def test_fields_unknown_to_the_text_keep_their_defaults() -> None:
    assert from_text(TradeSettings, '{"cash":"5"}') == TradeSettings(cash=Decimal(5))


def test_sessions_of_a_release_that_did_not_keep_the_files_place_can_be_read() -> None:
    now = session_record().settings
    old = to_text(now).replace(f',"source_path":"{now.source_path}"', "")
    assert "source_path" not in old
    assert from_text(SessionSettings, old) == replace(now, source_path="")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"cash":5.5}',
        '{"cash":"five"}',
        '{"cooldown_min":"15"}',
        '{"direction":"sideways"}',
        '{"unheard_of":1}',
    ],
)
def test_other_texts_are_refused_with_words(text: str) -> None:
    with pytest.raises(RecordDamaged, match="Stored settings cannot be read"):
        from_text(TradeSettings, text)


def test_a_number_that_json_cannot_hold_is_not_written() -> None:
    settings = bot_settings()
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_text(replace(settings, feed=replace(settings.feed, speed=float("nan"))))


def test_whole_trade_settings() -> None:
    assert from_text(TradeSettings, to_text(TRADE)) == TRADE
