"""What is refused of a bot as it stands."""

from __future__ import annotations

from typing import Protocol

from engine.domain.bots import BotSettings
from engine.errors import IllegalStep
from engine.language import tr


class Runs(Protocol):
    """A bot, as far as it may be at work."""

    @property
    def busy(self) -> bool: ...

    @property
    def waits(self) -> bool: ...


def runs_already(name: str) -> IllegalStep:
    """To a start."""
    return IllegalStep(tr("{name} runs already. Stop it first to start again.", name=name))


def does_not_run(name: str) -> IllegalStep:
    """To a command."""
    return IllegalStep(tr("{name} does not run. Start it first.", name=name))


def moves_nothing(name: str) -> IllegalStep:
    """To a stop or target that was moved."""
    return IllegalStep(tr("{name} does not run. Start it to move a level.", name=name))


def not_closed(name: str) -> IllegalStep:
    """To a close that needed a start."""
    return IllegalStep(
        tr(
            "{name} could not be started, so its position was not closed. Its "
            "log says why; ask again.",
            name=name,
        )
    )


def refuse_running(bot: Runs, words: str) -> None:
    """IllegalStep with these words for a bot that runs, or is about to."""
    if bot.busy or bot.waits:
        raise IllegalStep(words)


def refuse_another_place(old: BotSettings, new: BotSettings) -> None:
    """IllegalStep where what a held position is, where it is and what it has set aside would be
    another."""

    def parts(settings: BotSettings) -> tuple[object, ...]:
        feed = settings.feed
        place = feed.kind, feed.path, feed.seed, feed.exchange
        return settings.symbol, place, settings.trade.cash, settings.trade.leverage

    if parts(old) != parts(new):
        raise IllegalStep(
            tr(
                "{name} holds a position. Close it first, then change symbol, feed, "
                "share or leverage.",
                name=old.name,
            )
        )
