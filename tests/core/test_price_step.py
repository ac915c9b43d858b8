"""Steps found in prices, steps given, and units that keep money exact."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.price_step import check_price_step, choose_units, find_price_step
from engine.domain.candles import Candles
from engine.domain.columns import FloatColumn
from engine.domain.money import EQUITY_HEADROOM, MONEY_LIMIT
from engine.errors import FileRefused, InvalidSetting


def floats(*texts: str) -> FloatColumn:
    return np.array([float(text) for text in texts])


def candles(*texts: str) -> Candles:
    prices = floats(*texts)
    times = np.arange(len(prices)) * 60_000
    return Candles(times, prices, prices, prices, prices, prices, 60_000)


@pytest.mark.parametrize(
    ("prices", "step"),
    [
        (("100", "250", "7"), "1"),
        (("100.50", "99.5"), "0.1"),
        (("46216.93", "47000"), "0.01"),
        (("0.00001234", "0.000013"), "0.00000001"),
        (("60000.12345678", "59999.5"), "0.00000001"),
        (("0.0000000012",), "0.0000000001"),
    ],
)
def test_the_largest_power_of_ten_that_every_price_is_a_multiple_of(
    prices: tuple[str, ...], step: str
) -> None:
    assert find_price_step(floats(*prices)) == Decimal(step)


def test_float_dust_is_ignored_and_all_columns_count() -> None:
    dusty = np.array([0.1 + 0.2, 1.1 * 3])
    assert find_price_step(dusty) == Decimal("0.1")
    assert find_price_step(dusty, floats("1.25")) == Decimal("0.01")


@given(st.integers(0, 5), st.lists(st.integers(1, 10**6), min_size=1, max_size=50))
def test_prices_made_of_counts_are_multiples_of_their_step(digits: int, counts: list[int]) -> None:
    step = Decimal(1).scaleb(-digits)
    prices = np.array([float(count * step) for count in counts])
    found = find_price_step(prices)
    assert found >= step
    assert all(count * step % found == 0 for count in counts)


@pytest.mark.parametrize("prices", [("0.333333333333333",), ("nan",), ("inf", "1")])
def test_prices_without_a_step_are_refused_with_words(prices: tuple[str, ...]) -> None:
    with pytest.raises(FileRefused, match="Give the market's price step"):
        find_price_step(floats("1.5", *prices))


def test_a_given_step_is_checked_against_every_price() -> None:
    check_price_step(candles("100.05", "99.95"), Decimal("0.05"))
    with pytest.raises(InvalidSetting, match=r"99\.97 is not a multiple"):
        check_price_step(candles("100.05", "99.97"), Decimal("0.05"))
    with pytest.raises(InvalidSetting, match="above 0"):
        check_price_step(candles("1"), Decimal(0))


def test_units_are_fine_where_they_can_be_and_coarser_where_they_must() -> None:
    fine = Decimal("0.00000001")
    assert choose_units(Decimal("0.01"), None, Decimal(10_000)) == (fine, fine)
    # 64 x 10^9 / (0.01 x 10^-8) = 6.4 x 10^20 > 4.6 x 10^18; two zeros less: 6.4 x 10^18; three.
    coarse = Decimal("0.00001")
    assert choose_units(Decimal("0.01"), None, Decimal(10**9)) == (coarse, coarse)
    given_step = Decimal("0.001")
    assert choose_units(Decimal("0.01"), given_step, Decimal(10_000)) == (given_step, fine)


@pytest.mark.parametrize(
    ("price_step", "order_step", "unit"),
    [
        ("0.01", "0.001", "0.00000001"),
        ("0.01", "0.25", "0.000000025"),
        ("0.01", "0.00000001", "0.00000001"),
        # 64 x 10^4 / (10^-8 x 10^-5) = 6.4 x 10^18 is above 2^62: one digit less.
        ("0.00000001", "1", "0.0001"),
    ],
)
def test_fees_in_the_coin_are_counted_finer_than_orders(
    price_step: str, order_step: str, unit: str
) -> None:
    cash, step = Decimal(10_000), Decimal(order_step)
    chosen = choose_units(Decimal(price_step), step, cash, fee_in_base=True)
    assert chosen == (step, Decimal(unit))
    assert step % chosen[1] == 0


def test_fees_in_the_coin_without_room_for_them_are_refused() -> None:
    with pytest.raises(InvalidSetting, match="fees that are kept back") as too_fine:
        choose_units(Decimal("0.00000001"), Decimal("0.01"), Decimal(10_000), fee_in_base=True)
    assert too_fine.value.field == "amount_step"


@given(
    st.integers(0, 10).map(lambda digits: Decimal(1).scaleb(-digits)),
    st.integers(1, 10**12).map(Decimal),
)
def test_chosen_units_keep_headroom_and_are_no_coarser_than_needed(
    price_step: Decimal, cash: Decimal
) -> None:
    _, unit = choose_units(price_step, None, cash)
    assert EQUITY_HEADROOM * cash / (price_step * unit) < MONEY_LIMIT
    finer = unit / 10
    if finer >= Decimal("0.00000001"):
        assert EQUITY_HEADROOM * cash / (price_step * finer) >= MONEY_LIMIT


def test_what_cannot_be_kept_exactly_is_refused_with_words() -> None:
    with pytest.raises(InvalidSetting, match="coarser amount step") as given_step:
        choose_units(Decimal("0.0000000001"), Decimal("0.00000001"), Decimal(10_000))
    assert given_step.value.field == "amount_step"
    with pytest.raises(InvalidSetting, match="less cash") as too_much:
        choose_units(Decimal("0.0000000001"), None, Decimal(10**20))
    assert too_much.value.field == "cash"
    with pytest.raises(InvalidSetting, match="above 0"):
        choose_units(Decimal("0.01"), Decimal(0), Decimal(1))
