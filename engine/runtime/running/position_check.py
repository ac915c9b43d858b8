"""The sentence of a position check: what is held, what it is worth, what guards it."""

from __future__ import annotations

from engine.core import layout as slot
from engine.domain.columns import IntColumn
from engine.language import tr
from engine.messages.wording import Wording


def position_words(wording: Wording, state: IntColumn) -> str:
    """From the kernel's state after a row with prices; the bot holds something."""
    position, entry, price = (int(state[at]) for at in (slot.POSITION, slot.ENTRY, slot.LAST_CLOSE))
    side = "LONG" if position > 0 else "SHORT"
    cost = int(state[slot.COST]) if position > 0 else -int(state[slot.COST])
    words = [
        tr(
            "{side} {amount} from {price}",
            side=side,
            amount=wording.amount(position),
            price=wording.price(entry),
        ),
        tr("price {price}", price=wording.price(price)),
        tr("open PnL {pnl}", pnl=wording.pnl(position * price - cost)),
    ]
    stop, target = int(state[slot.STOP]), int(state[slot.TARGET])
    words.append(tr("stop {price}", price=wording.price(stop)) if stop else tr("no stop"))
    words.append(tr("target {price}", price=wording.price(target)) if target else tr("no target"))
    return ", ".join(words)
