"""A person's wish on its way into a running session, and whether it fits what is held."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from engine.core import layout as slot
from engine.domain.columns import IntColumn
from engine.domain.market import Market
from engine.domain.money import MONEY_LIMIT, plain
from engine.domain.reasons import Input
from engine.errors import Fault, IllegalStep, InvalidSetting
from engine.language import localised, tr
from engine.messages.wording import Wording

ENTRIES: Final = (Input.PAUSE_ENTRIES, Input.RESUME_ENTRIES)
_LEVELS: Final = (Input.MOVE_STOP, Input.MOVE_TARGET)

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
    stops, step = code is Input.MOVE_STOP, market.price_step
    if not price.is_finite() or not 0 < price < step * MONEY_LIMIT:
        raise InvalidSetting(_no_price(localised(f"{price}"), stops=stops), field="price")
    if price % step:
        raise InvalidSetting(_off_step(price, step, stops=stops), field="price")
    wish = Wish(code, (int(price / step),))
    words = objection(wish, Wording(market), state)
    if words:
        raise IllegalStep(words)
    return wish


def _no_price(price: str, *, stops: bool) -> str:
    if stops:
        return tr("A stop must be a price above 0, not {price}. Nothing was moved.", price=price)
    return tr("A target must be a price above 0, not {price}. Nothing was moved.", price=price)


def _off_step(price: Decimal, step: Decimal, *, stops: bool) -> str:
    said = {"price": localised(plain(price)), "step": localised(plain(step))}
    if stops:
        return tr(
            "{price} is not a multiple of the price step {step}. Nothing was "
            "moved; choose a stop on the step.",
            **said,
        )
    return tr(
        "{price} is not a multiple of the price step {step}. Nothing was "
        "moved; choose a target on the step.",
        **said,
    )


def objection(wish: Wish, wording: Wording, state: IntColumn) -> str:
    """Why a level cannot be moved there at this moment; empty if it can, or if `wish` is another.

    A level on the wrong side of the market would be met at once: that is what closing is for.
    """
    if wish.code not in _LEVELS:
        return ""
    stops, level = wish.code is Input.MOVE_STOP, wish.values[0]
    position, price = int(state[slot.POSITION]), int(state[slot.LAST_CLOSE])
    if position == 0:
        return (
            tr("There is no open position any more whose stop could be moved. Nothing was done.")
            if stops
            else tr(
                "There is no open position any more whose target could be moved. Nothing was done."
            )
        )
    below = (position > 0) == stops
    if level < price if below else level > price:
        return ""
    said = {"level": wording.price(level), "price": wording.price(price)}
    return _wrong_side(stops, position > 0, said)


def _wrong_side(stops: bool, long: bool, said: dict[str, str]) -> str:
    match stops, long:
        case True, True:
            return tr(
                "A stop of {level} is not below the price of {price}: the long "
                "position would close at once. Nothing was moved; choose one below the "
                "price, or close the position.",
                **said,
            )
        case True, False:
            return tr(
                "A stop of {level} is not above the price of {price}: the short "
                "position would close at once. Nothing was moved; choose one above the "
                "price, or close the position.",
                **said,
            )
        case False, True:
            return tr(
                "A target of {level} is not above the price of {price}: the long "
                "position would close at once. Nothing was moved; choose one above the "
                "price, or close the position.",
                **said,
            )
        case _:
            return tr(
                "A target of {level} is not below the price of {price}: the short "
                "position would close at once. Nothing was moved; choose one below the "
                "price, or close the position.",
                **said,
            )
