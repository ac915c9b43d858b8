"""Why a trade was left, in words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from engine.domain.reasons import ExitReason
from engine.language import tr, trc
from engine.messages.value_words import word

_BEGINS: Final = MappingProxyType(
    {
        ExitReason.STOP_LOSS: tr("Stop loss"),
        ExitReason.TAKE_PROFIT: tr("Take profit"),
        ExitReason.TRAILING_STOP: tr("Trailing stop"),
        ExitReason.SIGNAL: tr("Signal"),
        ExitReason.END_OF_DATA: tr("End of data"),
        ExitReason.MANUAL: trc("exit", "Manual"),
        ExitReason.LIQUIDATION: tr("Liquidation"),
        ExitReason.TIME_LIMIT: tr("Time limit"),
        ExitReason.BREAK_EVEN: tr("Break even"),
        ExitReason.PARTIAL_TARGET: tr("Partial target"),
        ExitReason.TARGET_STEP: tr("Target step"),
    }
)


def exit_begins(reason: ExitReason | None) -> str:
    """As a sentence begins with it; None is still open."""
    return tr("Still open") if reason is None else _BEGINS[reason]


def exit_within(reason: ExitReason | None) -> str:
    """As it stands inside of one."""
    return tr("still open") if reason is None else word(reason.code.replace("_", " "))
