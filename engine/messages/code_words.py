"""The words of a session's log for the codes in its events: made once, as rows are many."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.domain.reasons import EndReason, ExitReason, Input
from engine.language import tr, trc
from engine.messages.value_words import word

STOP_NAME: Final = trc("level", "Stop")
TARGET_NAME: Final = trc("level", "Target")
NO_LEVEL: Final = trc("level", "none")
"""In place of the price of a level that is not set."""

EXITS: Final[Mapping[int, str]] = MappingProxyType(
    {reason.value: word(reason.code.replace("_", " ")) for reason in ExitReason}
)
ENDS: Final[Mapping[int, str]] = MappingProxyType(
    {reason.value: word(reason.code.replace("_", " ")) for reason in EndReason}
)

STOP: Final = (word("stop"), "SL-TRIGGER", False)
LEVELS: Final[Mapping[int, tuple[str, str, bool]]] = MappingProxyType(
    {
        0: (trc("level", "step"), "ADD-TRIGGER", False),
        ExitReason.TAKE_PROFIT: (word("target"), "TP-TRIGGER", True),
        ExitReason.TARGET_STEP: (word("target"), "TP-TRIGGER", True),
        ExitReason.PARTIAL_TARGET: (word("partial target"), "TP-TRIGGER", True),
        ExitReason.TRAILING_STOP: (word("trailing stop"), "SL-TRIGGER", False),
        ExitReason.BREAK_EVEN: (tr("break-even stop"), "SL-TRIGGER", False),
        ExitReason.LIQUIDATION: (tr("liquidation price"), "SL-TRIGGER", False),
    }
)
"""By the reason of a LEVEL_TOUCHED: its name, the tag, whether it lies on the good side. For others
it is STOP."""

COMMANDS: Final[Mapping[Input, str]] = MappingProxyType(
    {
        # Not by whom: the program asks for these, too, and says why in the note that follows.
        Input.PAUSE_ENTRIES: tr("Entries paused. Exits go on"),
        Input.RESUME_ENTRIES: tr("Entries allowed again"),
        Input.CLOSE_POSITION: tr("Close position asked by hand"),
        Input.STOP: tr("Stop asked by hand, the position is kept"),
        Input.CLOSE_AND_STOP: tr("Close and stop asked by hand"),
        Input.FEED_FRESH: tr("Prices come again. The feed holds no entry back any more"),
    }
)
