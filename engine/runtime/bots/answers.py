"""When a wish is answered: once what it means is on disk, or after a moment with the words that it
holds and why it is not on disk yet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Final

from engine.domain.reasons import Input
from engine.errors import Fault, IllegalStep, WaitAndRetry
from engine.language import tr
from engine.runtime.running.wishes import Answer, Wish, held_words

if TYPE_CHECKING:
    from engine.runtime.bots.life import Life

ANSWER_WITHIN_S: Final = 2.0
"""So long a person waits at most."""


def expected() -> Answer:
    """An answer that somebody waits for, perhaps not to its end."""
    answer: Answer = asyncio.get_running_loop().create_future()
    answer.add_done_callback(lambda done: done.cancelled() or done.exception())
    return answer


async def answered(answer: asyncio.Future[str], still: Callable[[], str]) -> str:
    """ "" once it is on disk, else why not: what `still` says when nothing came for too long.
    Raises the Fault of a wish that was not carried out."""
    await asyncio.wait([answer], timeout=ANSWER_WITHIN_S)
    return answer.result() if answer.done() else still()


def waiting_words(bot: Life) -> str:
    """Why `bot` has not got to it: nothing can be stored, no price has come, it is at work."""
    name = bot.settings.name
    if bot.view.trouble:
        return held_words(bot.view.trouble)
    if bot.live is None:
        return tr(
            "{name} has no price yet. This holds from its first price on and is not "
            "written before: if the program ends until then, ask for it again.",
            name=name,
        )
    return tr(
        "{name} is still at work on what came before. This follows at once after it "
        "and is not written yet.",
        name=name,
    )


async def stay_stopped(bot: Life) -> str:
    """Nobody wants it to run any more: "" once that is stored, else why it is not."""
    if not bot.stored_as_wanted:
        return ""
    try:
        await bot.give_up()
    except WaitAndRetry as fault:
        return tr(
            "{name} does not run, but that is not written: {words} If the program "
            "ends before, its next start offers to go on with it.",
            name=bot.settings.name,
            words=fault.words,
        )
    return ""


async def answer_unserved(bot: Life, wishes: Iterable[Wish]) -> None:
    """Its run is over, and these came too late for it."""
    for wish in wishes:
        if wish.answer is None:
            continue
        stops = wish.code is Input.STOP or (wish.code is Input.CLOSE_AND_STOP and not bot.position)
        if stops:
            await _answer(wish, stay_stopped(bot))
        elif wish.code is bot.first:
            wish.done()  # stored with the fault: the next try begins with it
        else:
            wish.refuse(
                IllegalStep(
                    tr(
                        "{name} stopped before this could be carried out. Nothing was "
                        "done; look at its log, then ask again.",
                        name=bot.settings.name,
                    )
                )
            )


async def _answer(wish: Wish, outcome: Awaitable[str]) -> None:
    try:
        wish.done(await outcome)
    except Fault as fault:
        wish.refuse(fault)


async def asked_of_all(asked: Iterable[tuple[Life, Awaitable[str]]], failed: str) -> str:
    """What many bots answer together; all of them are asked, whatever one says. IllegalStep with
    all their words, after those of `failed`, if some could not."""
    pairs = list(asked)
    outcomes = await asyncio.gather(*(one for _, one in pairs), return_exceptions=True)
    faults, words = [], []
    for (bot, _), outcome in zip(pairs, outcomes, strict=True):
        if isinstance(outcome, Fault):
            faults.append(f"{bot.settings.name}: {outcome.words}")
        elif isinstance(outcome, BaseException):
            raise outcome
        elif outcome:
            words.append(outcome)
    if faults:
        raise IllegalStep(" ".join([failed, *faults, *_few(words)]))
    return " ".join(_few(words))


def _few(words: list[str]) -> list[str]:
    """What one says for all: bots are usually held up by the same thing."""
    if len(words) < 2:
        return words
    return [words[0], tr("The same goes for {count:,} more.", count=len(words) - 1)]
