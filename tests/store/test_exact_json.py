from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.bots import BotSettings
from engine.domain.sessions import SessionSettings
from engine.domain.settings import (
    FeeCoin,
    PartialTarget,
    PathRule,
    Sizing,
    StopGuard,
    TargetStep,
    TradeSettings,
)
from engine.errors import RecordDamaged
from engine.store.exact_json import from_text, to_text
from tests.store.samples import FIRST_TRADE, TRADE, bot_settings, session_record

FIRST_RELEASE = (
    "cash",
    "fee_pct",
    "slippage_pct",
    "position_pct",
    "max_position_pct",
    "direction",
    "stop_loss_pct",
    "take_profit_pct",
    "trailing_pct",
    "trailing_activate_pct",
    "cooldown_min",
    "max_trades_per_day",
)
"""What settings were made of then."""


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


def test_tables_of_steps_come_back_as_tuples_of_their_own_kind() -> None:
    back = from_text(TradeSettings, to_text(TRADE))
    assert back.target_steps == (TargetStep(0, Decimal(5)), TargetStep(60, Decimal("2.5")))
    assert back.partial_targets == (PartialTarget(Decimal(2), Decimal(50)),)
    assert type(back.adds) is tuple
    assert type(back.adds[1].times) is Decimal
    assert (back.stop_guard, back.fee_coin) == (StopGuard(3, 90), FeeCoin.BASE)
    assert hash(back) == hash(TRADE)
    assert from_text(TradeSettings, to_text(TradeSettings())).adds == ()


def test_settings_of_the_first_release_mean_what_they_meant() -> None:
    whole = json.loads(to_text(FIRST_TRADE))
    back = from_text(TradeSettings, json.dumps({name: whole[name] for name in FIRST_RELEASE}))
    assert back == FIRST_TRADE
    assert (back.sizing, back.path, back.leverage) == (
        Sizing.PERCENT,
        PathRule.CONSERVATIVE,
        None,
    )


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
        '{"target_steps":{"minutes":0,"pct":"5"}}',
        '{"target_steps":[{"minutes":0}]}',
        '{"adds":[["2","1"]]}',
        '{"partial_targets":[{"pct":2,"share_pct":"50"}]}',
        '{"stop_guard":[3,90]}',
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
