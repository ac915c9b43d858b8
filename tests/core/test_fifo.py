"""The FIFO ledger, worked by hand. Prices and money in whole euros where it does not matter."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.fifo import FifoLedger, Fill, Result
from engine.domain.reasons import Action
from engine.domain.settings import FeeCoin
from engine.errors import StopTrading

D = Decimal
BUY, SELL, SHORT, COVER = Action
NUMBERS = count(1)


def fill(
    action: Action,
    amount: str,
    price: str,
    fee: str = "0",
    coin: FeeCoin = FeeCoin.QUOTE,
    value: str | None = None,
) -> Fill:
    worth = None if value is None else D(value)
    return Fill(f"f{next(NUMBERS)}", action, D(amount), D(price), D(fee), coin, worth)


def taken(ledger: FifoLedger, *fills: Fill) -> Result:
    """What the last of them realised."""
    results = [ledger.take(one) for one in fills]
    assert results[-1] is not None
    return results[-1]


@pytest.mark.parametrize("spot", [True, False])
def test_the_oldest_lot_closes_first(spot: bool) -> None:
    ledger = FifoLedger(spot)
    first = taken(ledger, fill(BUY, "2", "100"), fill(BUY, "2", "110"), fill(SELL, "3", "120"))
    assert first.gross == 2 * 20 + 1 * 10
    assert (ledger.amount, ledger.cost) == (D(1), D(110))
    assert taken(ledger, fill(SELL, "1", "105")).gross == -5
    assert ledger.amount == 0


@pytest.mark.parametrize("spot", [True, False])
def test_the_oldest_short_lot_closes_first_too(spot: bool) -> None:
    ledger = FifoLedger(spot)
    closed = taken(ledger, fill(SHORT, "2", "100"), fill(SHORT, "2", "110"), fill(COVER, "3", "90"))
    assert closed.gross == 2 * 10 + 1 * 20
    assert ledger.amount == -1


def test_quote_fees_stay_with_the_lot_and_with_the_closing_fill() -> None:
    ledger = FifoLedger(spot=True)
    ledger.take(fill(BUY, "3", "100", fee="1"))
    part = taken(ledger, fill(SELL, "1", "110", fee="0.11"))
    # A third of the opening fee, cut at the 18th decimal; the rest goes with the rest.
    assert part == Result(D(10), D("0.333333333333333333"), D("0.11"))
    assert part.net == D("9.556666666666666667")
    rest = taken(ledger, fill(SELL, "2", "110", fee="0.22"))
    assert part.open_fee + rest.open_fee == 1
    assert part.net + rest.net == 30 - 1 - D("0.33")


def test_a_base_fee_shrinks_the_lot_whose_cost_is_all_that_was_paid() -> None:
    ledger = FifoLedger(spot=True)
    ledger.take(fill(BUY, "10", "100", fee="0.01", coin=FeeCoin.BASE))
    assert ledger.amount == D("9.99")
    assert ledger.cost == 1000
    closed = taken(ledger, fill(SELL, "9.99", "110", fee="1"))
    assert closed.net == D("9.99") * 110 - 1000 - 1
    assert ledger.amount == ledger.cost == 0


def test_what_is_too_little_to_sell_is_written_off_with_its_price() -> None:
    ledger = FifoLedger(spot=True)
    ledger.take(fill(BUY, "10", "100", fee="0.01", coin=FeeCoin.BASE))
    ledger.take(fill(SELL, "9", "100"))
    # 9 of the 10 that 1,000 and no fee bought brought 900; 0.99 and the fee of 0.01 are gone.
    lost = ledger.write_off()
    assert (lost.gross, lost.net) == (D(-99), -99 - D(1) + D("0.900900900900900900"))
    assert ledger.amount == ledger.cost == 0


def test_fees_in_a_third_coin_are_kept_apart_and_count_where_their_worth_is_known() -> None:
    ledger = FifoLedger(spot=True)
    ledger.take(fill(BUY, "1", "100", fee="0.002", coin=FeeCoin.THIRD, value="0.5"))
    closed = taken(ledger, fill(SELL, "1", "110", fee="0.003", coin=FeeCoin.THIRD))
    assert closed == Result(D(10), D("0.5"), D(0))
    assert (ledger.third_fees, ledger.unvalued_fees) == (D("0.005"), D("0.003"))


def test_a_repeated_fill_id_counts_once() -> None:
    ledger = FifoLedger(spot=True)
    bought = fill(BUY, "1", "100")
    assert ledger.take(bought) == Result()
    assert ledger.take(bought) is None
    assert ledger.amount == 1


def test_a_spot_sale_above_the_balance_is_refused_in_words_and_changes_nothing() -> None:
    ledger = FifoLedger(spot=True)
    ledger.take(fill(BUY, "2", "100"))
    sale = fill(SELL, "2.5", "100")
    for _ in range(2):  # it was not counted, so its id is not known either
        with pytest.raises(StopTrading, match=r"closes 2\.5, but only 2 is held") as refused:
            ledger.take(sale)
        assert "not counted" in refused.value.words
    assert ledger.amount == 2


def test_a_spot_fill_against_the_open_side_is_refused() -> None:
    ledger = FifoLedger(spot=True)
    ledger.take(fill(BUY, "2", "100"))
    with pytest.raises(StopTrading, match="opens a position against"):
        ledger.take(fill(SHORT, "1", "100"))
    with pytest.raises(StopTrading, match="only 0 is held"):
        ledger.take(fill(COVER, "1", "100"))


def test_a_futures_fill_through_zero_closes_and_opens_and_divides_its_fee() -> None:
    ledger = FifoLedger(spot=False)
    ledger.take(fill(BUY, "2", "100"))
    flipped = taken(ledger, fill(SELL, "3", "110", fee="3"))
    assert flipped == Result(D(20), D(0), D(2))
    assert (ledger.amount, ledger.cost) == (D(-1), D(111))
    assert taken(ledger, fill(COVER, "1", "105")) == Result(D(5), D(1), D(0))


@pytest.mark.parametrize(("amount", "price"), [("0", "1"), ("-1", "1"), ("1", "0")])
def test_a_fill_of_nothing_is_refused(amount: str, price: str) -> None:
    with pytest.raises(StopTrading, match="no amount or no price"):
        FifoLedger(spot=True).take(fill(BUY, amount, price))


MONEY = st.decimals("0.0001", "99999999", places=4)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from((BUY, SELL)), MONEY, MONEY, MONEY), min_size=1))
def test_nothing_is_lost_between_the_fills(trades: list[tuple[Action, D, D, D]]) -> None:
    """Whatever the order: money out and in is what was realised and what is still held."""
    ledger = FifoLedger(spot=False)
    net = flow = held = Fraction(0)
    for number, (action, amount, price, fee) in enumerate(trades):
        result = ledger.take(Fill(str(number), action, amount, price, fee))
        assert result is not None
        net += Fraction(result.net)
        way = 1 if action is BUY else -1
        held += way * Fraction(amount)
        flow -= way * Fraction(amount) * Fraction(price) + Fraction(fee)
    assert ledger.amount == held
    left = sum(Fraction(lot.amount) * Fraction(lot.price) for lot in ledger.lots)
    fees = sum(Fraction(lot.fee) for lot in ledger.lots)
    assert net - fees == flow + (left if held > 0 else -left)
