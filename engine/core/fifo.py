"""Lots from fills, oldest first: what a position cost and what closing it brought.

For fills that come from outside, one at a time, in exact decimals and without the kernel: what an
exchange reports is judged by it, and so is the kernel itself in the tests.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Context, Decimal, localcontext
from typing import Final

from engine.domain.money import plain
from engine.domain.reasons import Action
from engine.domain.settings import FeeCoin
from engine.errors import StopTrading

_ZERO: Final = Decimal(0)
_FINEST_SHARE: Final = Decimal("1e-18")
"""A lot's fee is divided this finely; what rounding leaves stays with the lot's last part."""
_EXACT: Final = Context(prec=100)


@dataclass(frozen=True, slots=True)
class Fill:
    """`fee` counts the coin named by `fee_coin`; `amount` is what was ordered and executed."""

    fill_id: str
    action: Action
    amount: Decimal
    price: Decimal
    fee: Decimal
    fee_coin: FeeCoin = FeeCoin.QUOTE
    fee_value: Decimal | None = None
    """What a fee in a third coin is worth in the quote coin, where it is known."""


@dataclass(slots=True)
class Lot:
    amount: Decimal
    price: Decimal
    fee: Decimal
    """Of the fill that opened it, in the quote coin; the part no exit has taken yet."""

    @property
    def cost(self) -> Decimal:
        """All that was paid for what is left of it."""
        return self.amount * self.price + self.fee


@dataclass(frozen=True, slots=True)
class Result:
    """What one fill realised, in the quote coin; all 0 where it only opened."""

    gross: Decimal = _ZERO
    open_fee: Decimal = _ZERO
    close_fee: Decimal = _ZERO

    @property
    def net(self) -> Decimal:
        with localcontext(_EXACT):
            return self.gross - self.open_fee - self.close_fee


class FifoLedger:
    """Open lots of one market, all on one side.

    A fill first closes lots of the other side. What is left of it opens a lot: with `spot` only
    if the action enters; else always, as a future's order that goes through zero does.
    """

    def __init__(self, spot: bool) -> None:
        self.third_fees = _ZERO
        """Fees in a third coin, in that coin."""
        self.unvalued_fees = _ZERO
        """The part of them that came without a worth, and that no result contains."""
        self._spot = spot
        self._side = 0
        self._lots: deque[Lot] = deque()
        self._taken: set[str] = set()

    @property
    def lots(self) -> tuple[Lot, ...]:
        """What is held, oldest first."""
        return tuple(replace(lot) for lot in self._lots)

    @property
    def amount(self) -> Decimal:
        """Signed amount held."""
        with localcontext(_EXACT):
            return self._side * sum((lot.amount for lot in self._lots), _ZERO)

    @property
    def cost(self) -> Decimal:
        """All that was paid for what is held, the fees of its fills included."""
        with localcontext(_EXACT):
            return sum((lot.cost for lot in self._lots), _ZERO)

    def take(self, fill: Fill) -> Result | None:
        """Count a fill; None if one of its id was counted before.

        Raises StopTrading, and counts nothing, where more is closed than is held in spot.
        """
        if fill.fill_id in self._taken:
            return None
        if fill.amount <= 0 or fill.price <= 0:
            raise StopTrading(
                f"Fill {fill.fill_id} has no amount or no price. It was not counted. Compare the "
                "account's fills with the exchange."
            )
        with localcontext(_EXACT):
            closing = self._closing(fill)
            self._taken.add(fill.fill_id)
            fee = self._money_of_fee(fill)
            close_fee = self._share(fee, closing, fill.amount)
            gross, open_fee = self._close(closing, fill.price)
            if closing < fill.amount:
                self._open(fill, fill.amount - closing, fee - close_fee)
            return Result(gross, open_fee, close_fee)

    def write_off(self) -> Result:
        """Give up what is left, too little to be sold: its cost is lost."""
        with localcontext(_EXACT):
            price_paid = sum((lot.amount * lot.price for lot in self._lots), _ZERO)
            fees = sum((lot.fee for lot in self._lots), _ZERO)
            self._lots.clear()
            return Result(-self._side * price_paid, fees)

    def _closing(self, fill: Fill) -> Decimal:
        """How much of the fill closes lots."""
        held = _ZERO if self._side == _direction(fill) else abs(self.amount)
        if not self._spot:
            return min(held, fill.amount)
        if fill.action.enters:
            if held:
                raise StopTrading(
                    f"Fill {fill.fill_id} opens a position against one that is still open. It was "
                    "not counted. Compare the account's fills with the exchange."
                )
            return _ZERO
        if fill.amount > held:
            raise StopTrading(
                f"Fill {fill.fill_id} closes {plain(fill.amount)}, but only {plain(held)} is held. "
                "It was not counted. Compare the account's fills with the exchange."
            )
        return fill.amount

    def _money_of_fee(self, fill: Fill) -> Decimal:
        """The fee in the quote coin, as far as it is known."""
        match fill.fee_coin:
            case FeeCoin.QUOTE:
                return fill.fee
            case FeeCoin.BASE:
                return fill.fee * fill.price
            case FeeCoin.THIRD:
                self.third_fees += fill.fee
                if fill.fee_value is None:
                    self.unvalued_fees += fill.fee
                return fill.fee_value or _ZERO

    def _close(self, amount: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
        """(gross, fees of the lots taken) of closing `amount` of the oldest lots."""
        gross = open_fee = _ZERO
        while amount:
            lot = self._lots[0]
            part = min(lot.amount, amount)
            fee = self._share(lot.fee, part, lot.amount)
            gross += self._side * (price - lot.price) * part
            open_fee += fee
            lot.amount -= part
            lot.fee -= fee
            amount -= part
            if not lot.amount:
                self._lots.popleft()
        return gross, open_fee

    def _open(self, fill: Fill, amount: Decimal, fee: Decimal) -> None:
        """A lot of `amount`. A fee kept back from what is bought makes it smaller; a future's
        fill that goes through zero keeps nothing back."""
        self._side = _direction(fill)
        kept_back = fill.fee_coin is FeeCoin.BASE and self._side > 0 and amount == fill.amount
        if held := amount - (fill.fee if kept_back else _ZERO):
            self._lots.append(Lot(held, fill.price, fee))

    @staticmethod
    def _share(fee: Decimal, part: Decimal, whole: Decimal) -> Decimal:
        if part == whole:
            return fee
        return (fee * part / whole).quantize(_FINEST_SHARE, ROUND_DOWN)


def _direction(fill: Fill) -> int:
    return 1 if fill.action in (Action.BUY, Action.COVER) else -1
