"""What a person may ask of a bot now, and why not when he may not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from engine.domain.bots import BotState
from engine.language import tr, trc
from engine.messages import commands
from engine.messages.commands import BotCommand
from engine.messages.snapshot import BotSnapshot
from engine.messages.value_words import word
from trader_gui.models.facts import is_wanted


class Verb(Enum):
    START = "Start"
    PAUSE = "Pause entries"
    RESUME = "Resume entries"
    STOP = "Stop"
    CLOSE = "Close position"
    CLOSE_AND_STOP = "Close and stop"

    @property
    def words(self) -> str:
        """As a button says it."""
        return _WORDS[self]


@dataclass(frozen=True, slots=True)
class Offer:
    """`why` is empty when the verb can be asked for, else the reason in a sentence."""

    verb: Verb
    words: str
    hint: str
    why: str = ""

    @property
    def open(self) -> bool:
        return not self.why


_COMMANDS: Final[dict[Verb, type[BotCommand]]] = {
    Verb.START: commands.StartBot,
    Verb.PAUSE: commands.PauseEntries,
    Verb.RESUME: commands.ResumeEntries,
    Verb.STOP: commands.StopBot,
    Verb.CLOSE: commands.ClosePosition,
    Verb.CLOSE_AND_STOP: commands.CloseAndStop,
}
_WORDS: Final = {
    Verb.START: trc("button", "Start"),
    Verb.PAUSE: tr("Pause entries"),
    Verb.RESUME: tr("Resume entries"),
    Verb.STOP: trc("button", "Stop"),
    Verb.CLOSE: tr("Close position"),
    Verb.CLOSE_AND_STOP: tr("Close and stop"),
}
_HINTS: Final = {
    Verb.START: tr("Begin a session, or go on with the interrupted one"),
    Verb.PAUSE: tr("No new positions; exits go on"),
    Verb.RESUME: tr("Allow new positions again"),
    Verb.STOP: tr("End the session and keep the position, unguarded"),
    Verb.CLOSE: tr("Close at the next price; the bot goes on"),
    Verb.CLOSE_AND_STOP: tr("Close at the next price, then end the session"),
}
_WAITING: Final = {
    Verb.START: (tr("Try now"), tr("Do not wait any longer")),
    Verb.STOP: (trc("button", "Stop"), tr("Do not try again; keep the position, unguarded")),
}
_RUNS: Final = (BotState.RUNNING, BotState.PENDING)


def command_of(verb: Verb, bot_id: int) -> BotCommand:
    """The wish as the engine takes it."""
    return _COMMANDS[verb](bot_id)  # type: ignore[call-arg]


def offers(bot: BotSnapshot) -> tuple[Offer, ...]:
    """The verbs in the order of the inspector: begin or pause, stop, close, close and stop."""
    return tuple(offer(bot, verb) for verb in (entry_verb(bot), Verb.STOP, *_CLOSING))


_CLOSING: Final = (Verb.CLOSE, Verb.CLOSE_AND_STOP)


def entry_verb(bot: BotSnapshot) -> Verb:
    """Start, pause or resume: the one of the three that the bot's state leaves."""
    if bot.state not in _RUNS:
        return Verb.START
    return Verb.RESUME if bot.session.paused else Verb.PAUSE


def offer(bot: BotSnapshot, verb: Verb) -> Offer:
    words, hint = verb.words, _HINTS[verb]
    if verb is Verb.START and bot.interrupted:
        words = tr("Start again")
    if bot.error is not None and bot.error.retry is not None:
        words, hint = _WAITING.get(verb, (words, hint))
    return Offer(verb, words, hint, _why_not(bot, verb))


def toggle_verb(bot: BotSnapshot) -> Verb:
    """What the button of a row, and the key S, ask for."""
    return Verb.STOP if is_wanted(bot) else Verb.START


def _why_not(bot: BotSnapshot, verb: Verb) -> str:
    runs, held = bot.state in _RUNS, bot.session.position != 0
    if verb is Verb.START:
        return tr("The bot is running already.") if runs else ""
    if verb in (Verb.PAUSE, Verb.RESUME):
        if bot.state is not BotState.RUNNING:
            return tr("The bot is {state}: it takes no entries.", state=word(bot.state.value))
        if bot.session.paused == (verb is Verb.PAUSE):
            return (
                tr("Entries are paused already.")
                if bot.session.paused
                else tr("Entries are allowed.")
            )
        return ""
    if verb is Verb.STOP:
        return "" if is_wanted(bot) else tr("The bot does not run.")
    if verb is Verb.CLOSE and not held:
        return tr("There is no open position.")
    # A stopped bot runs just long enough to close what it still holds.
    return "" if runs or held else tr("The bot does not run.")
