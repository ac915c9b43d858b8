"""Log lines carry the numbers, in the market's own steps."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.domain.market import Market
from engine.domain.reasons import Action, ExitReason, Refusal
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.wording import LogGroup, Wording, grouped, signed

MARKET = Market("BTC/USDT", Decimal("0.1"), Decimal("0.0001"), Decimal("0.0001"))


def line(kind: EventKind, note: str = "", **columns: int) -> tuple[str, LogGroup, str] | None:
    row = [0] * ev.EVENT_WIDTH
    row[ev.KIND] = kind
    for name, value in columns.items():
        row[getattr(ev, name)] = value
    said = Wording(MARKET).line(row, note)
    return None if said is None else (said.tag, said.group, said.text)


def test_a_buy_tells_amount_price_total_and_fee() -> None:
    said = line(EventKind.FILL, ACTION=Action.BUY, AMOUNT=420, PRICE=971_804, FEE=408_000)
    assert said == (
        "BUY-EXEC",
        LogGroup.EXECUTIONS,
        "Bought 0.0420 @ 97,180.4 = 4,081.58 USDT, fee 4.08",
    )


def test_a_closing_fill_is_told_once_with_its_result() -> None:
    assert line(EventKind.FILL, ACTION=Action.SELL, AMOUNT=420, PRICE=971_804) is None
    said = line(EventKind.TRADE_CLOSED, SIDE=1, AMOUNT=420, PRICE=960_000, ENTRY=971_804,
                PNL=-4_957_680, CODE=ExitReason.STOP_LOSS)  # fmt: skip
    assert said is not None
    assert said[2] == (
        "Sold 0.0420 @ 96,000.0 = 4,032.00 USDT, net PnL \u221249.58 (\u22121.21 %), stop loss"
    )


def test_a_stop_says_which_price_met_which_level() -> None:
    said = line(EventKind.LEVEL_TOUCHED, SIDE=1, CODE=ExitReason.STOP_LOSS, PRICE=959_000,
                LIMIT=960_000, ENTRY=971_804)  # fmt: skip
    assert said is not None
    assert said[:2] == ("SL-TRIGGER", LogGroup.STOPS)
    assert said[2].startswith("Price 95,900.0 \u2264 stop 96,000.0")


def test_a_shorts_target_lies_below() -> None:
    said = line(EventKind.LEVEL_TOUCHED, SIDE=-1, CODE=ExitReason.TAKE_PROFIT, PRICE=900_000,
                LIMIT=900_000, ENTRY=971_804)  # fmt: skip
    assert said is not None
    assert said[0] == "TP-TRIGGER"
    assert "\u2264 target" in said[2]


@pytest.mark.parametrize("code", list(Refusal))
def test_every_refusal_has_a_sentence(code: Refusal) -> None:
    said = line(EventKind.REFUSAL, CODE=code, ACTION=Action.BUY, LIMIT=1_800_000, ACTUAL=600_000)
    assert said is not None
    assert said[0] == "BLOCKED"
    assert f"refused by {code.code}: " in said[2]


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_is_either_spoken_or_told_by_another_line(kind: EventKind) -> None:
    silent = {EventKind.INTENT, EventKind.TRADE_OPENED}
    said = line(kind, "a note", ACTION=Action.BUY, CODE=1, ENTRY=1)
    assert (said is None) == (kind in silent)


def test_numbers_have_the_true_minus_and_zero_has_no_sign() -> None:
    assert grouped(Decimal("-1234.5"), 2) == "\u22121,234.50"
    assert signed(Decimal("84.2"), 2) == "+84.20"
    assert signed(Decimal("0.001"), 2) == "0.00"
    assert signed(Decimal("-0.001"), 2) == "0.00"
