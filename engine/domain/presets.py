"""Settings that a person gave a name, to choose them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.domain.settings import TradeSettings
from engine.domain.strategy import ParamValue
from engine.errors import InvalidSetting
from engine.language import tr

LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Preset:
    """A strategy with its parameters, and how it trades; not what it trades."""

    name: str
    strategy: str
    params: Mapping[str, ParamValue]
    trade: TradeSettings


def checked_preset_name(text: str) -> str:
    """`text` in one line without spaces around it; InvalidSetting for nothing or too much."""
    name = " ".join(text.split())
    if not name:
        raise InvalidSetting(tr("A preset needs a name. Type one."), field="preset")
    if len(name) > LONGEST_NAME:
        raise InvalidSetting(
            tr(
                "A preset's name has at most {longest} letters; this one has {count}.",
                longest=LONGEST_NAME,
                count=len(name),
            ),
            field="preset",
        )
    return name
