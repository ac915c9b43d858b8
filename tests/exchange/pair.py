"""What is traded: coins, steps, and how an exchange writes its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

E8 = 100_000_000


def e8_text(units: int, decimals: int = 8) -> str:
    """A whole number of 1e-8 as a decimal text with that many decimals (8 at most)."""
    whole, rest = divmod(abs(units), E8)
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{rest:08d}"[: None if decimals == 8 else decimals - 8]


@dataclass(frozen=True)
class Pair:
    """Prices are counted in price steps and amounts in amount steps everywhere in here."""

    base: str
    quote: str
    price_step: Decimal = Decimal("0.01")
    amount_step: Decimal = Decimal("0.00001")
    min_notional: Decimal = Decimal(5)
    start: Decimal = Decimal(60_000)
    """About where a generated market trades."""

    @property
    def symbol(self) -> str:
        return f"{self.base}/{self.quote}"

    @property
    def binance_id(self) -> str:
        return self.base + self.quote

    @property
    def price_e8(self) -> int:
        return int(self.price_step * E8)

    @property
    def amount_e8(self) -> int:
        return int(self.amount_step * E8)

    @property
    def price_decimals(self) -> int:
        return max(0, -int(self.price_step.normalize().as_tuple().exponent))

    def price(self, steps: int) -> Decimal:
        return steps * self.price_step

    def amount(self, steps: int) -> Decimal:
        return steps * self.amount_step

    def price_text(self, steps: int) -> str:
        return e8_text(steps * self.price_e8)

    def amount_text(self, steps: int) -> str:
        return e8_text(steps * self.amount_e8)

    def cost_text(self, cost: int) -> str:
        """Of a sum of price steps times amount steps."""
        return e8_text(cost * self.price_e8 * self.amount_e8 // E8)

    def price_steps(self, price: Decimal | str | int) -> int:
        return _steps(Decimal(price), self.price_step)

    def amount_steps(self, amount: Decimal | str | int) -> int:
        return _steps(Decimal(amount), self.amount_step)


def _steps(value: Decimal, step: Decimal) -> int:
    count, rest = divmod(value, step)
    if rest:
        raise ValueError(f"{value} is not a whole number of steps of {step}")
    return int(count)


BTC_USDT = Pair("BTC", "USDT")
ETH_USDT = Pair("ETH", "USDT", amount_step=Decimal("0.0001"), start=Decimal(3_000))
BTC_USD = Pair("BTC", "USD", price_step=Decimal("0.1"))
BNB_USDT = Pair("BNB", "USDT", amount_step=Decimal("0.001"), start=Decimal(600))
USUAL = (BTC_USDT, ETH_USDT, BTC_USD, BNB_USDT)


def many_pairs(count: int) -> tuple[Pair, ...]:
    """That many markets against USDT for a bench: ``C00/USDT``, ``C01/USDT``"""
    return tuple(
        Pair(f"C{number:02d}", "USDT", start=Decimal(100 + 37 * number)) for number in range(count)
    )
