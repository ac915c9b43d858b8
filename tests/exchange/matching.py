"""Orders meet the market: taken from its book at once, or resting until a trade reaches them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tests.exchange.accounts import Account, NotEnough
from tests.exchange.clock import ExchangeClock
from tests.exchange.market import Market
from tests.exchange.prices import Trade


class Why(StrEnum):
    """Reasons for which an order is refused; each exchange has its own words for them."""

    CLOSED = "closed"
    PRICE_FILTER = "price filter"
    LOT_SIZE = "lot size"
    NOTIONAL = "notional"
    BALANCE = "balance"
    DUPLICATE = "duplicate"
    WOULD_TAKE = "would take"
    WOULD_TRIGGER = "would trigger"
    UNKNOWN = "unknown order"


class Refused(Exception):
    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Fill:
    id: int
    at: int
    price: int
    amount: int
    fee: Decimal
    fee_coin: str
    maker: bool


@dataclass(eq=False)
class Order:
    """Prices and amounts in steps. `kind` is Binance's word for the type."""

    account: Account
    market: Market
    buys: bool
    kind: str
    amount: int
    price: int | None = None
    stop: int | None = None
    client_id: str = ""
    time_in_force: str = "GTC"
    id: int = 0
    created_at: int = 0
    updated_at: int = 0
    status: str = "NEW"
    waits_for_stop: bool = False
    fills: list[Fill] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return self.status in ("NEW", "PARTIALLY_FILLED")

    @property
    def filled(self) -> int:
        return sum(fill.amount for fill in self.fills)

    @property
    def rest(self) -> int:
        return self.amount - self.filled

    @property
    def cost(self) -> int:
        """Price steps times amount steps."""
        return sum(fill.price * fill.amount for fill in self.fills)

    def holds(self, amount: int) -> tuple[str, Decimal]:
        """The coin that is locked for that much of a resting order, and how much of it."""
        pair = self.market.pair
        if not self.buys:
            return pair.base, pair.amount(amount)
        return pair.quote, pair.amount(amount) * pair.price(self.price or 0)


Listener = Callable[[Order, str, Fill | None], None]
"""(order, what happened: NEW, TRADE, CANCELED or EXPIRED, the fill of a TRADE)"""


class Desk:
    """All orders of all accounts."""

    def __init__(self, clock: ExchangeClock) -> None:
        self.clock = clock
        self.orders: dict[int, Order] = {}
        self.on_report: list[Listener] = []
        self.partial: list[Decimal] = []
        """The next orders that take from the book get this share of their amount at once."""
        self._next_id = 28_001
        self._next_trade_id = 900_001

    def watch(self, market: Market) -> None:
        market.on_trade.append(self._on_trade)

    def place(self, order: Order) -> Order:
        """Raises Refused; then nothing has happened."""
        self._check(order)
        order.id, self._next_id = self._next_id, self._next_id + 1
        order.created_at = order.updated_at = self.clock.now_ms
        order.waits_for_stop = order.stop is not None
        if order.price is not None:
            try:
                order.account.lock(*order.holds(order.amount))
            except NotEnough as error:
                raise Refused(Why.BALANCE) from error
        self.orders[order.id] = order
        self._report(order, "NEW", None)
        if not order.waits_for_stop:
            self._take(order)
        return order

    def cancel(self, order: Order) -> None:
        if not order.open:
            raise Refused(Why.UNKNOWN)
        self._end(order, "CANCELED")

    def find(
        self, account: Account, id: int | None = None, client_id: str | None = None
    ) -> Order | None:
        """By either; the newest where several had that client id."""
        for order in reversed(self.orders.values()):
            if order.account is account and (order.id == id or order.client_id == client_id != ""):
                return order
        return None

    def of(self, account: Account) -> list[Order]:
        return [order for order in self.orders.values() if order.account is account]

    def fill(self, order: Order, amount: Decimal | str, price: Decimal | str | None = None) -> None:
        """By script: that much of a resting order is traded now, at its price or another."""
        pair = order.market.pair
        at = order.price if price is None else pair.price_steps(price)
        assert at is not None
        assert order.open
        self._fill(order, min(order.rest, pair.amount_steps(amount)), at, maker=True)

    # ------------------------------------------------------------ inside

    def _check(self, order: Order) -> None:
        market, pair = order.market, order.market.pair
        if not market.trading:
            raise Refused(Why.CLOSED)
        if order.amount <= 0:
            raise Refused(Why.LOT_SIZE)
        if order.price is not None and order.price <= 0:
            raise Refused(Why.PRICE_FILTER)
        price = market.last if order.price is None else order.price
        if pair.price(price) * pair.amount(order.amount) < pair.min_notional:
            raise Refused(Why.NOTIONAL)
        same = self.find(order.account, client_id=order.client_id)
        if same is not None and same.open:
            raise Refused(Why.DUPLICATE)
        if order.kind == "LIMIT_MAKER" and self._crosses(order):
            raise Refused(Why.WOULD_TAKE)
        if order.stop is not None and self._triggered(order, market.last):
            raise Refused(Why.WOULD_TRIGGER)
        if order.price is None and order.stop is None:
            need = pair.price(market.ask) * pair.amount(order.amount)
            coin = pair.quote if order.buys else pair.base
            if order.account.has(coin) < (need if order.buys else pair.amount(order.amount)):
                raise Refused(Why.BALANCE)

    @staticmethod
    def _crosses(order: Order) -> bool:
        assert order.price is not None
        market = order.market
        return order.price >= market.ask if order.buys else order.price <= market.bid

    @staticmethod
    def _triggered(order: Order, price: int) -> bool:
        assert order.stop is not None
        rises = order.buys != order.kind.startswith("TAKE_PROFIT")
        return price >= order.stop if rises else price <= order.stop

    def _take(self, order: Order) -> None:
        """What the book has at the order's price or better."""
        market = order.market
        wanted = order.rest
        if self.partial:
            wanted = int(wanted * self.partial.pop(0))
        for price, waiting in market.asks(50) if order.buys else market.bids(50):
            if order.price is not None and (
                price > order.price if order.buys else price < order.price
            ):
                break
            amount = min(wanted, waiting)
            if amount > 0:
                self._fill(order, amount, price, maker=False)
                wanted -= amount
        if order.open and (order.price is None or order.time_in_force in ("IOC", "FOK")):
            self._end(order, "EXPIRED")

    def _on_trade(self, market: Market, trade: Trade) -> None:
        for order in [order for order in self.orders.values() if order.open]:
            if order.market is not market:
                continue
            if order.waits_for_stop:
                if self._triggered(order, trade.price):
                    order.waits_for_stop = False
                    self._take(order)
            elif order.price is not None and (
                trade.price <= order.price if order.buys else trade.price >= order.price
            ):
                self._fill(order, min(order.rest, trade.amount), order.price, maker=True)

    def _fill(self, order: Order, amount: int, price: int, *, maker: bool) -> None:
        account, pair = order.account, order.market.pair
        got, cost = pair.amount(amount), pair.amount(amount) * pair.price(price)
        rate = account.maker if maker else account.taker
        fee, coin = account.fee(pair.base, pair.quote, order.buys, got, cost, rate)
        if order.price is not None:
            account.unlock(*order.holds(amount))
        account.move(pair.base, got if order.buys else -got)
        account.move(pair.quote, -cost if order.buys else cost)
        account.move(coin, -fee)
        fill = Fill(self._next_trade_id, self.clock.now_ms, price, amount, fee, coin, maker)
        self._next_trade_id += 1
        order.fills.append(fill)
        order.updated_at = fill.at
        order.status = "PARTIALLY_FILLED" if order.rest else "FILLED"
        self._report(order, "TRADE", fill)

    def _end(self, order: Order, status: str) -> None:
        if order.price is not None:
            order.account.unlock(*order.holds(order.rest))
        order.status = status
        order.updated_at = self.clock.now_ms
        self._report(order, status, None)

    def _report(self, order: Order, what: str, fill: Fill | None) -> None:
        for listener in self.on_report:
            listener(order, what, fill)
