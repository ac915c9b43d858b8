"""Log lines carry the numbers, in the market's own steps."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.market import Market
from engine.domain.reasons import Action, ExitReason, Input, Refusal, StopSource, TargetSource
from engine.domain.settings import StopGuard, TradeSettings
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.numbers import grouped, signed
from engine.messages.wording import LogGroup, Wording

MARKET = Market("BTC/USDT", Decimal("0.1"), Decimal("0.0001"), Decimal("0.0001"))


def line(
    kind: EventKind,
    note: str = "",
    *,
    market: Market = MARKET,
    trade: TradeSettings | None = None,
    **columns: int,
) -> tuple[str, LogGroup, str] | None:
    row = [0] * ev.EVENT_WIDTH
    row[ev.KIND] = kind
    for name, value in columns.items():
        row[getattr(ev, name)] = value
    said = Wording(market, trade).line(row, note)
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
    silent = {EventKind.INTENT, EventKind.TRADE_OPENED, EventKind.POSITION_ADDED}
    said = line(kind, "a note", ACTION=Action.BUY, CODE=1, ENTRY=1)
    assert (said is None) == (kind in silent)


def test_numbers_have_the_true_minus_and_zero_has_no_sign() -> None:
    assert grouped(Decimal("-1234.5"), 2) == "\u22121,234.50"
    assert signed(Decimal("84.2"), 2) == "+84.20"
    assert signed(Decimal("0.001"), 2) == "0.00"
    assert signed(Decimal("-0.001"), 2) == "0.00"


TRADE = TradeSettings(
    daily_loss_pct=Decimal(3), max_drawdown_pct=Decimal(10), stop_guard=StopGuard(3, 90)
)
MONEY = 100_000
"""Product units in one USDT."""
REFUSED = {
    Refusal.DAILY_LOSS: (
        300 * MONEY,
        31_240 * MONEY // 100,
        (
            "\u2212312.40 USDT today, limit 300.00 (3 % of 10,000.00 at the day's start). "
            "No entries until 00:00 UTC. Exits still run"
        ),
    ),
    Refusal.MAX_DRAWDOWN: (
        1_000 * MONEY,
        102_050 * MONEY // 100,
        (
            "1,020.50 USDT below the session's highest equity, limit 1,000.00 "
            "(10 % of 10,000.00 at the peak). No entries while that lasts; a new session counts "
            "anew. Exits still run"
        ),
    ),
    Refusal.STOP_GUARD: (3, 4, "4 losing stops within 90 min, limit 3. Exits still run"),
    Refusal.STALE_FEED: (
        0,
        95_400,
        "the last price was 1 m 35 s old. No entries until prices come again. Exits still run",
    ),
    Refusal.MAX_SPREAD: (
        500,
        825,
        "the spread is 0.0825 % (8.25 bp), limit 0.05 % (5 bp). No order sent",
    ),
    Refusal.MAX_OPEN_POSITIONS: (3, 3, "3 of 3 positions open in the account. No order sent"),
    Refusal.MAX_EXPOSURE: (
        800 * MONEY,
        1_250 * MONEY,
        "1,250.00 USDT needed, 800.00 left of what the account may set aside. No order sent",
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_rule_says_its_limit_what_it_found_and_what_still_runs(code: Refusal) -> None:
    limit, actual, words = REFUSED[code]
    said = line(EventKind.REFUSAL, trade=TRADE, CODE=code, ACTION=Action.BUY, LIMIT=limit,
                ACTUAL=actual)  # fmt: skip
    assert said is not None
    assert said[2] == f"BUY signal refused by {code.code}: {words}"


def test_without_settings_a_limit_stands_alone() -> None:
    said = line(EventKind.REFUSAL, CODE=Refusal.DAILY_LOSS, ACTION=Action.BUY, LIMIT=300 * MONEY,
                ACTUAL=301 * MONEY)  # fmt: skip
    assert said is not None
    assert "today, limit 300.00. No entries" in said[2]


@pytest.mark.parametrize(
    ("code", "position", "words"),
    [
        (Refusal.DAILY_LOSS, 420, "Adding to the LONG at 95,000.0 refused by daily_loss: "),
        (Refusal.POSITION_ALREADY_OPEN, 420, "BUY signal refused by position_already_open: "),
        (Refusal.COOLDOWN, -420, "BUY signal refused by cooldown: "),
        (Refusal.INSUFFICIENT_CASH, 0, "BUY signal refused by insufficient_cash: "),
    ],
)
def test_a_step_that_may_not_be_added_is_no_signal(
    code: Refusal, position: int, words: str
) -> None:
    said = line(EventKind.REFUSAL, CODE=code, ACTION=Action.BUY, PRICE=950_000, POSITION=position)
    assert said is not None
    assert said[2].startswith(words)


def test_an_added_fill_tells_the_new_average_and_levels() -> None:
    said = line(EventKind.FILL, ACTION=Action.BUY, NO=9, TRADE=4, AMOUNT=420, PRICE=950_000,
                FEE=399_000, POSITION=840, ENTRY=960_902, STOP=940_000, TARGET=990_000,
                COST=807_157_680, COLLATERAL=807_157_680)  # fmt: skip
    assert said == (
        "ADD-EXEC",
        LogGroup.EXECUTIONS,
        (
            "Added 0.0420 @ 95,000.0 = 3,990.00 USDT, fee 3.99. Average now 96,090.2, "
            "stop 94,000.0, target 99,000.0"
        ),
    )
    assert line(EventKind.POSITION_ADDED, ACTION=Action.BUY, ENTRY=960_902) is None


def test_leverage_shows_margin_and_liquidation() -> None:
    said = line(EventKind.FILL, ACTION=Action.SHORT, NO=3, TRADE=4, AMOUNT=420, PRICE=971_804,
                FEE=408_000, POSITION=-420, COST=408_157_680, COLLATERAL=40_815_768,
                LIQUIDATION=1_063_665)  # fmt: skip
    assert said is not None
    assert said[2] == (
        "Sold short 0.0420 @ 97,180.4 = 4,081.58 USDT, fee 4.08, margin 408.16, "
        "liquidation at 106,366.5"
    )


def test_a_fee_in_the_coin_says_what_is_held() -> None:
    fine = replace(MARKET, amount_unit=Decimal("0.0000001"))
    said = line(EventKind.FILL, market=fine, ACTION=Action.BUY, NO=3, TRADE=4, AMOUNT=420_000,
                PRICE=971_804, FEE=420 * 971_804, POSITION=419_580, ENTRY=971_804)  # fmt: skip
    assert said is not None
    assert said[2] == (
        "Bought 0.0420 @ 97,180.4 = 4,081.58 USDT, fee 4.08 kept back, 0.0419580 BTC held"
    )


def test_a_partial_exit_tells_its_result_and_what_is_left() -> None:
    said = line(EventKind.FILL, ACTION=Action.SELL, SIDE=1, CODE=ExitReason.PARTIAL_TARGET,
                AMOUNT=210, PRICE=991_240, FEE=208_160, PNL=4_081_560, POSITION=210)  # fmt: skip
    assert said == (
        "PART-EXEC",
        LogGroup.EXECUTIONS,
        (
            "Sold 0.0210 @ 99,124.0 = 2,081.60 USDT, fee 2.08, result +40.82 before fees, "
            "partial target. 0.0210 left"
        ),
    )


def test_a_trade_of_several_fills_is_told_as_a_whole() -> None:
    said = line(EventKind.TRADE_CLOSED, SIDE=-1, AMOUNT=420, PRICE=940_000,
                ENTRY=960_000, PNL=8_350_000, ACTUAL=79_000, FUNDING=30_000,
                CODE=ExitReason.TARGET_STEP)  # fmt: skip
    assert said is not None
    assert said[2] == (
        "Bought back 0.0420 @ 94,000.0 = 3,948.00 USDT in all, from 96,000.0 on average, "
        "net PnL +83.50 (+2.07 %), funding +0.30, target step"
    )


@pytest.mark.parametrize(
    ("code", "tag", "words"),
    [
        (ExitReason.BREAK_EVEN, "SL-TRIGGER", "\u2264 break-even stop 96,000.0"),
        (ExitReason.LIQUIDATION, "SL-TRIGGER", "\u2264 liquidation price 96,000.0"),
        (ExitReason.PARTIAL_TARGET, "TP-TRIGGER", "\u2265 partial target 96,000.0"),
        (ExitReason.TARGET_STEP, "TP-TRIGGER", "\u2265 target 96,000.0"),
        (0, "ADD-TRIGGER", "\u2264 step 96,000.0"),
    ],
)
def test_a_level_is_named_for_what_it_does(code: int, tag: str, words: str) -> None:
    said = line(EventKind.LEVEL_TOUCHED, SIDE=1, CODE=code, PRICE=960_000, LIMIT=960_000,
                ENTRY=971_804)  # fmt: skip
    assert said is not None
    assert said[:2] == (tag, LogGroup.STOPS)
    assert words in said[2]


LONG = {"POSITION": 420, "ENTRY": 971_804, "COST": 420 * 971_804}
SHORT = {"POSITION": -420, "ENTRY": 971_804, "COST": 420 * 971_804}


def test_a_stop_says_who_moved_it_and_what_is_at_stake() -> None:
    trailed = line(EventKind.LEVEL_MOVED, **LONG, STOP=980_000, LIMIT=965_000, ACTUAL=990_000,
                   STOP_BY=StopSource.TRAILING)  # fmt: skip
    assert trailed is not None
    assert trailed == (
        "TRAIL",
        LogGroup.STOPS,
        "Stop 96,500.0 \u2192 98,000.0 (high 99,000.0), locks +34.42 USDT",
    )
    even = line(EventKind.LEVEL_MOVED, **SHORT, STOP=971_804, LIMIT=0,
                STOP_BY=StopSource.BREAK_EVEN)  # fmt: skip
    assert even == (
        "BREAK-EVEN",
        LogGroup.STOPS,
        "Stop none \u2192 97,180.4, the entry price: risks 0.00 USDT",
    )
    by_hand = line(EventKind.COMMANDED, CODE=Input.MOVE_STOP, **SHORT, STOP=975_000, PRICE=975_000,
                   LIMIT=980_000, STOP_BY=StopSource.HAND)  # fmt: skip
    assert by_hand is not None
    assert by_hand[2] == "Stop 98,000.0 \u2192 97,500.0 by hand, risks \u221213.42 USDT"


def test_a_target_says_who_moved_it() -> None:
    by_table = line(EventKind.TARGET_MOVED, **LONG, CODE=TargetSource.STEP, TARGET=976_664,
                    LIMIT=991_241)  # fmt: skip
    assert by_table == (
        "TARGET",
        LogGroup.STOPS,
        "Target 99,124.1 \u2192 97,666.4 (+0.50 %) by the table of ages",
    )
    by_hand = line(EventKind.COMMANDED, CODE=Input.MOVE_TARGET, **SHORT, TARGET=950_000,
                   PRICE=950_000, LIMIT=0)  # fmt: skip
    assert by_hand is not None
    assert by_hand[2] == "Target none \u2192 95,000.0 (+2.24 %) by hand"


def test_a_level_of_nothing_is_not_moved() -> None:
    said = line(EventKind.COMMANDED, CODE=Input.MOVE_STOP)
    assert said is not None
    assert said[2] == "Stop move asked by hand: nothing is held any more"


@pytest.mark.parametrize("code", [Input.PAUSE_ENTRIES, Input.RESUME_ENTRIES])
def test_what_the_program_asks_for_as_well_is_said_of_nobody(code: Input) -> None:
    said = line(EventKind.COMMANDED, CODE=code)
    assert said is not None
    assert "hand" not in said[2]


@pytest.mark.parametrize("code", sorted(set(Input) - {Input.SPREAD, Input.ACCOUNT}))
def test_every_input_that_makes_an_event_has_words(code: Input) -> None:
    said = line(EventKind.COMMANDED, CODE=code, ACTUAL=130_000)
    assert said is not None
    assert said[0] == ("FEED" if code in (Input.FEED_STALE, Input.FEED_FRESH) else "COMMAND")
    if code is Input.FEED_STALE:
        assert said[2].startswith("No price for 2 m 10 s. No entries")


def test_funding_says_what_was_paid_and_where_liquidation_is_now() -> None:
    said = line(EventKind.FUNDING_PAID, PNL=-41_000, LIMIT=10_000, LIQUIDATION=880_000)
    assert said == (
        "FUNDING",
        LogGroup.NOTES,
        "Funding paid: \u22120.41 USDT at a rate of 0.0100 %, liquidation now at 88,000.0",
    )


def test_what_was_not_carried_out_says_why() -> None:
    late = line(EventKind.EXPIRED, ACTION=Action.BUY)
    small = line(EventKind.EXPIRED, ACTION=Action.SELL, CODE=ExitReason.PARTIAL_TARGET)
    assert late is not None
    assert small is not None
    assert late[2] == "BUY was decided but had no later price"
    assert small[2].startswith("Partial target left out: its share is below the smallest order")
