"""Orders, fills, fees and balances of the loopback exchange, without any socket."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.exchange.accounts import Account, funded
from tests.exchange.clock import NOON, ExchangeClock
from tests.exchange.market import Market
from tests.exchange.matching import Desk, Order, Refused, Why
from tests.exchange.pair import BTC_USDT


class Bench:
    def __init__(self) -> None:
        clock = ExchangeClock(NOON)
        self.market = Market(BTC_USDT, clock)
        self.desk = Desk(clock)
        self.desk.watch(self.market)
        self.account = funded()
        self.seen: list[tuple[str, str]] = []
        self.desk.on_report.append(lambda order, what, _: self.seen.append((what, order.status)))

    def order(self, side: str, amount: str, price: str | None = None, **more: object) -> Order:
        pair = self.market.pair
        stop = more.pop("stop", None)
        kind = str(more.pop("kind", "MARKET" if price is None else "LIMIT"))
        return Order(
            self.account,
            self.market,
            side == "buy",
            kind,
            pair.amount_steps(amount),
            None if price is None else pair.price_steps(price),
            None if stop is None else pair.price_steps(str(stop)),
            **more,  # type: ignore[arg-type]
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def coins(account: Account) -> dict[str, tuple[object, object]]:
    return {coin: (account.has(coin), account.waits(coin)) for coin in ("USDT", "BTC", "BNB")}


def test_a_market_order_walks_the_book_and_pays_the_fee_in_what_it_receives(bench: Bench) -> None:
    bench.account.free["USDT"] = Decimal(100_000)
    order = bench.desk.place(bench.order("buy", "0.6"))
    assert order.status == "FILLED"
    assert [(fill.price, fill.amount) for fill in order.fills] == [
        (6_000_001, 40_000),
        (6_000_002, 20_000),
    ]
    assert bench.account.has("BTC") == Decimal("1.6") - Decimal("0.0006")
    assert bench.account.has("USDT") == 100_000 - Decimal("0.4") * Decimal("60000.01") - Decimal(
        "0.2"
    ) * Decimal("60000.02")


def test_a_resting_order_locks_waits_and_is_filled_by_the_trade_that_reaches_it(
    bench: Bench,
) -> None:
    order = bench.desk.place(bench.order("buy", "0.02", "59000"))
    assert coins(bench.account)["USDT"] == (8_820, 1_180)
    bench.market.trade(59_500, "1")
    assert order.status == "NEW"
    bench.market.trade(59_000, "0.005")
    assert order.status == "PARTIALLY_FILLED"
    bench.market.trade(58_000, "1")
    assert order.status == "FILLED"
    assert all(fill.maker and fill.price == 5_900_000 for fill in order.fills)
    assert coins(bench.account)["USDT"] == (8_820, 0)
    assert bench.seen == [("NEW", "NEW"), ("TRADE", "PARTIALLY_FILLED"), ("TRADE", "FILLED")]


def test_cancelling_frees_what_is_not_filled(bench: Bench) -> None:
    order = bench.desk.place(bench.order("sell", "0.5", "61000"))
    bench.desk.fill(order, "0.2")
    bench.desk.cancel(order)
    assert order.status == "CANCELED"
    assert coins(bench.account)["BTC"] == (Decimal("0.8"), 0)
    with pytest.raises(Refused, match="unknown order"):
        bench.desk.cancel(order)


def test_a_stop_waits_for_its_price_and_then_takes_what_its_limit_allows(bench: Bench) -> None:
    stop = bench.desk.place(
        bench.order("sell", "0.1", "59400", stop="59500", kind="STOP_LOSS_LIMIT")
    )
    bench.market.trade("59500.01", "1")
    assert stop.waits_for_stop
    bench.market.trade(59_500, "1", buyer_maker=True)
    assert stop.status == "FILLED"
    assert stop.fills[0].price == 5_950_000


def test_a_stop_limit_that_the_market_jumps_past_stays_open(bench: Bench) -> None:
    stop = bench.desk.place(
        bench.order("sell", "0.1", "59400", stop="59500", kind="STOP_LOSS_LIMIT")
    )
    bench.market.trade(59_000, "1", buyer_maker=True)
    assert (stop.status, stop.waits_for_stop) == ("NEW", False)


def test_a_script_says_how_much_is_filled_at_once(bench: Bench) -> None:
    bench.desk.partial.append(Decimal("0.4"))
    limit = bench.desk.place(bench.order("buy", "0.1", "60001"))
    assert (limit.status, limit.filled) == ("PARTIALLY_FILLED", 4_000)
    bench.desk.partial.append(Decimal("0.5"))
    at_market = bench.desk.place(bench.order("sell", "0.1"))
    assert (at_market.status, at_market.filled) == ("EXPIRED", 5_000)


@pytest.mark.parametrize(
    ("fee_in", "coin", "fee"),
    [(None, "BTC", "0.0001"), ("quote", "USDT", "6.000001"), ("BNB", "BNB", "0.01")],
)
def test_the_fee_is_taken_in_the_coin_of_the_account(
    bench: Bench, fee_in: str | None, coin: str, fee: str
) -> None:
    bench.account.fee_in = fee_in
    before = bench.account.has(coin)
    order = bench.desk.place(bench.order("buy", "0.1"))
    moved = {"BTC": Decimal("0.1"), "USDT": -Decimal("0.1") * Decimal("60000.01")}.get(coin, 0)
    assert order.fills[0].fee_coin == coin
    assert bench.account.has(coin) == before + moved - order.fills[0].fee
    assert order.fills[0].fee == pytest.approx(Decimal(fee), abs=Decimal("1e-7"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("buy", "0.00005", "60000"), Why.NOTIONAL),
        (("buy", "1", "59000"), Why.BALANCE),
        (("buy", "1"), Why.BALANCE),
        (("sell", "2", "61000"), Why.BALANCE),
        (("buy", "0", "60000"), Why.LOT_SIZE),
    ],
)
def test_an_order_is_refused_and_nothing_has_happened(
    bench: Bench, words: tuple[str, ...], why: Why
) -> None:
    before = coins(bench.account)
    with pytest.raises(Refused) as refused:
        bench.desk.place(bench.order(*words))
    assert refused.value.why is why
    assert coins(bench.account) == before
    assert not bench.desk.orders


def test_a_client_id_can_be_used_again_only_when_its_order_has_ended(bench: Bench) -> None:
    first = bench.desk.place(bench.order("buy", "0.01", "50000", client_id="mine"))
    with pytest.raises(Refused, match="duplicate"):
        bench.desk.place(bench.order("buy", "0.01", "50000", client_id="mine"))
    bench.desk.cancel(first)
    second = bench.desk.place(bench.order("buy", "0.01", "50000", client_id="mine"))
    assert bench.desk.find(bench.account, client_id="mine") is second


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ({"kind": "LIMIT_MAKER"}, Why.WOULD_TAKE),
        ({"kind": "STOP_LOSS_LIMIT", "stop": "59000"}, Why.WOULD_TRIGGER),
    ],
)
def test_what_would_trade_at_once_is_refused_where_that_is_not_wanted(
    bench: Bench, order: dict[str, object], why: Why
) -> None:
    with pytest.raises(Refused) as refused:
        bench.desk.place(bench.order("buy", "0.01", "60001", **order))
    assert refused.value.why is why


def test_a_halted_market_takes_no_orders(bench: Bench) -> None:
    bench.market.delist()
    with pytest.raises(Refused, match="closed"):
        bench.desk.place(bench.order("buy", "0.01"))
