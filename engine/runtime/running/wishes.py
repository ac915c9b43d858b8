"""A person's wish on its way into a running session, and whether it fits what is held."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from engine.core import layout as slot
from engine.domain.columns import IntColumn
from engine.domain.market import Market
from engine.domain.money import MONEY_LIMIT, plain
from engine.domain.reasons import Input
from engine.errors import Fault, IllegalStep, InvalidSetting
from engine.language import tr
from engine.messages.wording import Wording

_LEVELS: Final = MappingProxyType({Input.MOVE_STOP: "stop", Input.MOVE_TARGET: "target"})

Answer = asyncio.Future[str]
""""" once what was wished is on disk, or a sentence that says why it is not yet."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One command as it will stand between the rows; `values` in counts, up to three."""

    code: Input
    values: tuple[int, ...] = ()
    words: str = ""
    """Why, where it is the program's own wish."""
    answer: Answer | None = field(default=None, compare=False)
    """Where somebody waits for it."""

    def done(self, words: str = "") -> None:
        """It is carried out and on disk, or `words` say why it is not on disk yet."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(words)

    def refuse(self, fault: Fault) -> None:
        """It was not carried out."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(fault)


def held_words(why: str) -> str:
    """For a person who asks what became of a wish: `why` it is not on disk; "" if it is."""
    return why and tr("This holds, but it is not written yet. {why}", why=why)


def level_wish(code: Input, price: Decimal, market: Market, state: IntColumn) -> Wish:
    """MOVE_STOP or MOVE_TARGET to `price`, judged by the kernel's state as it is now.

    InvalidSetting for what is no price of this market, IllegalStep if it does not fit what is
    held; each says why.
    """
    name, step = _LEVELS[code], market.price_step
    if not price.is_finite() or not 0 < price < step * MONEY_LIMIT:
        raise InvalidSetting(
            tr(
                "A {name} must be a price above 0, not {price}. Nothing was moved.",
                name=name,
                price=price,
            ),
            field="price",
        )
    if price % step:
        raise InvalidSetting(
            tr(
                "{plain} is not a multiple of the price step {plain2}. Nothing was "
                "moved; choose a {name} on the step.",
                plain=plain(price),
                plain2=plain(step),
                name=name,
            ),
            field="price",
        )
    wish = Wish(code, (int(price / step),))
    words = objection(wish, Wording(market), state)
    if words:
        raise IllegalStep(words)
    return wish


def objection(wish: Wish, wording: Wording, state: IntColumn) -> str:
    """Why a level cannot be moved there at this moment; empty if it can, or if `wish` is another.

    A level on the wrong side of the market would be met at once: that is what closing is for.
    """
    if wish.code not in _LEVELS:
        return ""
    name, level = _LEVELS[wish.code], wish.values[0]
    position, price = int(state[slot.POSITION]), int(state[slot.LAST_CLOSE])
    if position == 0:
        return tr(
            "There is no open position any more whose {name} could be moved. Nothing was done.",
            name=name,
        )
    below = (position > 0) == (wish.code is Input.MOVE_STOP)
    if level < price if below else level > price:
        return ""
    side, place = "long" if position > 0 else "short", "below" if below else "above"
    return tr(
        "A {name} of {price} is not {place} the price of {price2}: the {side} "
        "position would close at once. Nothing was moved; choose one {place} the "
        "price, or close the position.",
        name=name,
        price=wording.price(level),
        place=place,
        price2=wording.price(price),
        side=side,
    )
