"""The sentence of a position check: what is held, what it is worth, what guards it."""

from __future__ import annotations

from engine.core import layout as slot
from engine.domain.columns import IntColumn
from engine.messages.wording import Wording


def position_words(wording: Wording, state: IntColumn) -> str:
    """From the kernel's state after a row with prices; the bot holds something."""
    position, entry, price = (int(state[at]) for at in (slot.POSITION, slot.ENTRY, slot.LAST_CLOSE))
    side = "LONG" if position > 0 else "SHORT"
    cost = int(state[slot.COST]) if position > 0 else -int(state[slot.COST])
    words = [
        f"{side} {wording.amount(position)} from {wording.price(entry)}",
        f"price {wording.price(price)}",
        f"open PnL {wording.pnl(position * price - cost)}",
    ]
    for name, at in (("stop", slot.STOP), ("target", slot.TARGET)):
        level = int(state[at])
        words.append(f"{name} {wording.price(level)}" if level else f"no {name}")
    return ", ".join(words)
