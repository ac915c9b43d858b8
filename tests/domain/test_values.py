"""Money text, scales, timeframes, rows, parameters, legal steps."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import rows as r
from engine.domain.bots import LEGAL_STEPS, BotState, step
from engine.domain.candles import Candles, timeframe_ms, timeframe_text
from engine.domain.market import Market
from engine.domain.money import Scale, decimals, plain
from engine.domain.reasons import Input
from engine.domain.sessions import session_label, session_number
from engine.domain.strategy import REASON_SHIFT, Parameter, Signals
from engine.errors import IllegalStep, InvalidSetting


@pytest.mark.parametrize(
    ("value", "text"),
    [("84.20", "84.2"), ("100", "100"), ("1E+3", "1000"), ("0.00", "0"), ("-0", "0"),
     ("1E-8", "0.00000001"), ("-5.50", "-5.5")],
)  # fmt: skip
def test_plain_text_has_no_exponent_and_no_idle_zeros(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_decimals_of_a_step() -> None:
    assert [decimals(Decimal(s)) for s in ("0.01", "0.5", "1", "10", "0.0000100")] == [
        2, 1, 0, 0, 5,
    ]  # fmt: skip


@given(st.integers(-(2**62), 2**62))
def test_money_goes_to_decimal_and_back_unchanged(count: int) -> None:
    scale = Scale(Decimal("0.01"), Decimal("1E-8"))
    assert scale.money_count(scale.money(count)) == count


def test_timeframes_read_and_write() -> None:
    for text in ("1m", "5m", "15m", "1h", "4h", "1d", "1w", "30s"):
        assert timeframe_text(timeframe_ms(text)) == text
    for wrong in ("", "m", "0m", "1x", "-1m", "1.5h"):
        with pytest.raises(InvalidSetting):
            timeframe_ms(wrong)


def test_candles_become_exact_rows() -> None:
    prices = np.array([0.07, 1.15, 46_123.29])
    candles = Candles(
        np.array([0, 60_000, 120_000]), prices, prices, prices, prices, np.ones(3), 60_000
    )
    rows = r.rows_from_candles(candles, 0.01, r.RowKind.BAR)
    assert rows.table[:, r.OPEN].tolist() == [7, 115, 4_612_329]
    assert rows.table[:, r.KIND].tolist() == [r.RowKind.BAR] * 3
    assert rows.table.flags.c_contiguous


def test_a_command_is_a_row() -> None:
    table = r.input_row(Input.CLOSE_POSITION, 99).table
    assert (table[0, r.KIND], table[0, r.AT], table[0, r.OPEN]) == (r.RowKind.INPUT, 99, 3)


def test_signals_pack_bits_and_reason_only_where_something_is_asked() -> None:
    yes, no = np.array([True, False, True]), np.zeros(3, bool)
    signals = Signals(yes, no, no, np.array([False, False, True]), np.array([2, 5, 1]), ("",) * 6)
    assert signals.packed().tolist() == [1 | 2 << REASON_SHIFT, 0, 1 | 8 | 1 << REASON_SHIFT]


def test_a_parameter_reads_numbers_and_refuses_the_rest() -> None:
    fast = Parameter("fast", "Fast EMA", 9, 2, 50, 1)
    assert fast.read("12") == 12
    for wrong in ("1.5", "abc", "1", "51", "nan", None):
        with pytest.raises(InvalidSetting, match="Fast EMA"):
            fast.read(wrong)
    width = Parameter("width", "Width", Decimal("2.0"), Decimal(1), Decimal(4), Decimal("0.1"))
    assert width.read("2.5") == Decimal("2.5")


@pytest.mark.parametrize("now", list(BotState))
@pytest.mark.parametrize("then", list(BotState))
def test_only_legal_steps_are_taken(now: BotState, then: BotState) -> None:
    if then in LEGAL_STEPS[now]:
        assert step(now, then) is then
    else:
        with pytest.raises(IllegalStep):
            step(now, then)


def test_session_labels() -> None:
    assert session_label(7) == "S-0007"
    assert [session_number(text) for text in ("S-0007", "s-12345", "42", "x")] == [
        7, 12345, 42, None,
    ]  # fmt: skip


def test_a_future_counts_in_the_coin_it_is_quoted_in() -> None:
    step = Decimal("0.1")
    assert Market("BTC/USDT:USDT", step, step, step).quote_coin == "USDT"
    assert Market("BTC/USDT", step, step, step).quote_coin == "USDT"
    assert Market("BTCUSDT", step, step, step).quote_coin == "quote"
