"""What an exchange said last of a market whose candles are kept: the step of its prices."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from engine.errors import StoreUnavailable
from engine.language import tr
from engine.markets.archive.places import HALF

NAME: Final = "market.json"


def write_step(folder: Path, price_step: Decimal) -> None:
    """Beside the market's series, whole or not at all; StoreUnavailable for a full disk."""
    place, half = folder / NAME, folder / f"{NAME}{HALF}"
    try:
        half.write_text(json.dumps({"price_step": str(price_step)}))
        half.replace(place)
    except OSError as error:
        raise StoreUnavailable(
            tr(
                "The price step of a market could not be written to {place} "
                "({error}). Its candles are kept. Free some space and do it again.",
                place=place,
                error=error.strerror,
            ),
            details=repr(error),
        ) from error


def read_step(folder: Path) -> Decimal | None:
    """None where the exchange was never asked, or what was noted is damaged: then it is found in
    the prices, as that of a file is."""
    try:
        step = Decimal(str(json.loads((folder / NAME).read_text())["price_step"]))
    except (OSError, ValueError, KeyError, TypeError, InvalidOperation):
        return None
    return step if step.is_finite() and step > 0 else None
