"""Moments as a person writes them: UTC, a date, or a date and a time."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.domain.candles import DAY_MS, MINUTE_MS
from engine.errors import InvalidSetting
from engine.language import tr
from trader_gui import format as fmt
from trader_gui.forms.problem_words import refusal_of


def read_moment(text: str, field: str) -> int | None:
    """UTC ms of ``2026-03-12``, ``2026-03-12 14:05`` or an ISO time; None for empty text.

    A time without a zone is UTC. Raises InvalidSetting with one short sentence.
    """
    entered = text.strip()
    if not entered:
        return None
    try:
        moment = datetime.fromisoformat(entered)
    except ValueError:
        raise InvalidSetting(tr("Write 2026-03-12 or 2026-03-12 14:05"), field=field) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def moment_field(at: int) -> str:
    """A moment as it stands in a field: no longer than it must be to be read again."""
    if at % MINUTE_MS:
        return fmt.iso(at)
    return fmt.date_time(at) if at % DAY_MS else fmt.date(at)


def wrong_moment(text: str) -> str:
    """What is wrong with `text` as a moment; empty when nothing is."""
    return refusal_of(lambda: read_moment(text, ""))
