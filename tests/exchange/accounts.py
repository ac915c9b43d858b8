"""Who trades here: keys, balances, fees, and what a key is allowed to do."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from decimal import Decimal

KEY = "loopback-key"
SECRET = b64encode(b"a secret of the loopback exchange").decode()
"""In base 64, as Kraken's are; Binance takes any text."""

ZERO = Decimal(0)
CENT_E8 = Decimal("0.00000001")


class NotEnough(Exception):
    """The account has less free than the order needs."""


@dataclass
class Account:
    """One person's coins. What rests in orders is locked."""

    key: str = KEY
    secret: str = SECRET
    free: dict[str, Decimal] = field(default_factory=dict)
    locked: dict[str, Decimal] = field(default_factory=dict)
    maker: Decimal = Decimal("0.001")
    """Share of an order's value."""
    taker: Decimal = Decimal("0.001")
    fee_in: str | None = None
    """None: of what is received. ``quote``: of the quote coin. Else the coin itself (``BNB``),
    counted at 600 of the quote coin."""
    can_withdraw: bool = False
    can_trade: bool = True
    ip_restricted: bool = True
    revoked: bool = False
    """The key was deleted or the address is not on its list."""
    last_nonce: int = 0

    def has(self, coin: str) -> Decimal:
        return self.free.get(coin, ZERO)

    def waits(self, coin: str) -> Decimal:
        return self.locked.get(coin, ZERO)

    def lock(self, coin: str, amount: Decimal) -> None:
        if self.has(coin) < amount:
            raise NotEnough(f"{self.has(coin)} {coin} is free, {amount} was asked for")
        self.free[coin] = self.has(coin) - amount
        self.locked[coin] = self.waits(coin) + amount

    def unlock(self, coin: str, amount: Decimal) -> None:
        self.locked[coin] = self.waits(coin) - amount
        self.free[coin] = self.has(coin) + amount

    def move(self, coin: str, amount: Decimal) -> None:
        """Add what came, or take what went (negative)."""
        self.free[coin] = self.has(coin) + amount

    def fee(
        self, base: str, quote: str, buys: bool, got: Decimal, cost: Decimal, rate: Decimal
    ) -> tuple[Decimal, str]:
        """Of a fill: `got` coins of the base for `cost` of the quote."""
        if self.fee_in is None:
            value, coin = (got, base) if buys else (cost, quote)
        elif self.fee_in == "quote":
            value, coin = cost, quote
        else:
            value, coin = cost / 600, self.fee_in
        return (value * rate).quantize(CENT_E8), coin


def funded() -> Account:
    """The account that exists when nobody says otherwise."""
    coins = {"USDT": 10_000, "USD": 10_000, "BTC": 1, "ETH": 10, "BNB": 5}
    return Account(free={coin: Decimal(amount) for coin, amount in coins.items()})
