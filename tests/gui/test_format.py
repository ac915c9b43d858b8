"""Numbers and times read as the design says."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_gui import format as fmt

MARCH_12 = 1_773_325_928_455  # 2026-03-12 14:32:08.455 UTC
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (Decimal("97180.40"), 1, "97,180.4"),
        (Decimal("0.17204"), 5, "0.17204"),
        (1234567, 0, "1,234,567"),
        (-20.35, 2, "−20.35"),
        (Decimal("-0.001"), 2, "0.00"),
        (None, 2, "–"),
        (float("nan"), 2, "–"),
        (float("inf"), 2, "–"),
    ],
)
def test_prices_have_their_decimals_and_thousands(
    value: fmt.Number | None, decimals: int, text: str
) -> None:
    assert fmt.price(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(84.2, "+84.20"), (Decimal("-20.35"), "−20.35"), (0, "0.00"), (-0.001, "0.00"), (None, "–")],
)
def test_signed_values_always_show_their_sign(value: fmt.Number | None, text: str) -> None:
    assert fmt.signed(value) == text
    shown = fmt.signed_percent(value)
    assert shown == (text if text == "–" else f"{text} %")


def test_money_has_two_decimals_or_as_many_as_a_coin_needs() -> None:
    assert fmt.money(Decimal("10062.1"), "USDT") == "10,062.10"
    assert fmt.money(Decimal("0.04200000"), "BTC") == "0.042"
    assert fmt.money(Decimal("12"), "BTC") == "12"
    assert fmt.money(Decimal("1200"), "BTC") == "1,200"
    assert fmt.signed_money(Decimal("-0.5"), "ETH") == "−0.5"
    assert fmt.signed_money(0, "ETH") == "0"


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1e12, max_value=1e12)
)
def test_a_signed_value_reads_back_as_itself(value: Decimal) -> None:
    shown = fmt.signed(value)
    assert Decimal(shown.replace(",", "").replace("−", "-")) == value
    assert shown.startswith(("+", "−")) == (value != 0)


@pytest.mark.parametrize(
    ("length_ms", "text"),
    [
        (None, "–"),
        (0, "0 ms"),
        (41, "41 ms"),
        (800, "0.8 s"),
        (9_940, "9.9 s"),
        (9_960, "10 s"),
        (48_000, "48 s"),
        (59_700, "1 m"),
        (192_000, "3 m 12 s"),
        (3 * HOUR + 42 * 60_000, "3 h 42 m"),
        (52 * HOUR, "2 d 4 h"),
        (-800, "−0.8 s"),
    ],
)
def test_durations_have_two_parts_at_most(length_ms: int | None, text: str) -> None:
    assert fmt.duration(length_ms) == text


def test_market_time_counts_in_bars() -> None:
    assert fmt.bar_time(0) == "< 1 bar"
    assert (fmt.bar_time(60_000), fmt.bar_time(None)) == ("1 m", "–")


def test_ages_and_countdowns() -> None:
    assert fmt.age(1_000, 49_000) == "48 s"
    assert fmt.age(5_000, 1_000) == "0.0 s"
    assert fmt.age(1_000, 1_080) == "0.1 s"
    assert fmt.age(None, 1_000) == "–"
    assert fmt.countdown(172_000) == "02:52"
    assert fmt.countdown(1) == "00:01"
    assert fmt.countdown(3_772_000) == "1:02:52"
    assert fmt.countdown(-5) == "00:00"
    assert fmt.countdown(None) == "–"


def test_times_are_utc() -> None:
    assert fmt.clock(MARCH_12) == "14:32:08"
    assert fmt.log_time(MARCH_12) == "14:32:08.455"
    assert fmt.date(MARCH_12) == "2026-03-12"
    assert fmt.date_time(MARCH_12) == "2026-03-12 14:32"
    assert fmt.iso(MARCH_12) == "2026-03-12T14:32:08.455Z"
    assert fmt.moment(MARCH_12, MARCH_12 + HOUR) == "14:32"
    assert fmt.moment(MARCH_12 - 18 * HOUR, MARCH_12) == "11 Mar 20:32"
    assert fmt.moment(MARCH_12 - 365 * 24 * HOUR, MARCH_12) == "12 Mar 2025"
    assert {fmt.clock(None), fmt.log_time(None), fmt.date(None), fmt.moment(None, 0)} == {"–"}


def test_the_rest() -> None:
    assert fmt.percent(58.4) == "58.40 %"
    assert fmt.ratio(1.234) == "1.23"
    assert fmt.percent(None) == "–"
    assert fmt.count(1234) == "1,234"
    assert [
        fmt.tone(fmt.signed_percent(v)) for v in (1, -1, 0.001, -0.001, None, float("nan"))
    ] == [
        "up",
        "down",
        "text3",
        "text3",
        "text3",
        "text3",
    ]
    assert fmt.plain(Decimal("1234.50")) == "1234.50"
    assert fmt.plain(Decimal("1E-8")) == "0.00000001"
    assert fmt.plain(-1.5) == "-1.5"
    assert fmt.plain(None) == ""
