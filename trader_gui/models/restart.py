"""The restart check in words. Pure functions."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.bots import BotState, FeedKind
from engine.domain.money import decimals
from engine.language import tr, trn
from engine.messages.recovery import Missed, RanBot, RestartCheck, WouldBeExit
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.models import facts
from trader_gui.models.facts import Said

_RUNS = (BotState.RUNNING, BotState.PENDING)


def ran_words(check: RestartCheck, now: int) -> str:
    """Who ran, since when nobody watches, and how the program ended."""
    if not check.ran:
        return tr("No bot ran when the program ended.")
    away = fmt.duration(max(0, now - max(ran.seen_at for ran in check.ran)))
    if any(ran.crashed for ran in check.ran):
        return trn(
            "{count:,} bot ran when the program was broken off, {away} ago.",
            "{count:,} bots ran when the program was broken off, {away} ago.",
            len(check.ran),
            away=away,
        )
    return trn(
        "{count:,} bot ran when the program was closed, {away} ago.",
        "{count:,} bots ran when the program was closed, {away} ago.",
        len(check.ran),
        away=away,
    )


def open_words(ran: list[BotSnapshot], others: list[BotSnapshot]) -> Said:
    """How many positions nobody watches: of bots that ran, and of those that were stopped before
    with what they held."""
    held, kept = (sum(bot.unguarded for bot in bots) for bots in (ran, others))
    if not held and not kept:
        return Said(tr("No position is open without its exits."), "text2")
    words = trn(
        "{count:,} position is open, UNGUARDED: nothing watches stop or target.",
        "{count:,} positions are open, UNGUARDED: nothing watches stop or target.",
        held + kept,
    )
    if kept and held + kept == 1:
        before = tr(
            "It is held since before by a bot that was stopped; start it to have it watched."
        )
        words = f"{words} {before}"
    elif kept:
        before = trn(
            "{count:,} of them is held since before by a bot that was stopped; "
            "start it to have it watched.",
            "{count:,} of them are held since before by a bot that was stopped; "
            "start it to have it watched.",
            kept,
        )
        words = f"{words} {before}"
    return Said(words, "warn")


def held_words(bot: BotSnapshot, ran: RanBot, now: int) -> Said:
    """What a bot holds, its levels, and for how long they were not watched."""
    levels = facts.levels(bot)
    if levels is None:
        return Said(tr("Flat"), "text2")
    side = facts.side_said(bot)
    amount = facts.amount_text(bot, bot.session.position)
    parts = [
        tr(
            "{side} {amount} from {price}",
            side=side.words,
            amount=amount,
            price=facts.price_text(bot, levels.entry),
        )
    ]
    stop, target = (facts.price_text(bot, level) for level in (levels.stop, levels.target))
    parts.append(tr("stop {price}", price=stop) if levels.stop else tr("no stop"))
    parts.append(tr("target {price}", price=target) if levels.target else tr("no target"))
    if bot.unguarded:
        since = fmt.moment(ran.seen_at, now)
        parts.append(
            tr(
                "unguarded since {since} ({length})",
                since=since,
                length=fmt.duration(max(0, now - ran.seen_at)),
            )
        )
    return Said(", ".join(parts), "warn" if bot.unguarded else side.tone)


def missed_words(bot: BotSnapshot, ran: RanBot) -> Said:
    """What its market did meanwhile."""
    missed = ran.missed
    if missed is None:
        return Said(tr("Looking up what was missed..."), "text3")
    if missed.exit is None:
        known = missed.candles or bot.settings.feed.kind is not FeedKind.EXCHANGE
        said = [missed.words]
        if missed.candles and held(bot):
            said.append(tr("Neither stop nor target was reached."))
        if missed.price is not None:
            said.append(_price_now(bot, missed))
        return Said(" ".join(said), "text2" if known else "warn")
    told = " ".join((missed.words, _reached(bot, missed.exit), _price_now(bot, missed)))
    return Said(told, "warn")


def _reached(bot: BotSnapshot, exit_: WouldBeExit) -> str:
    level, reached = _price(bot, exit_.price), _price(bot, exit_.reached)
    at = facts.hour_minute(exit_.at)
    if exit_.level == "stop":
        return tr(
            "Stop {level} was reached in the candle of {time} UTC ({price}).",
            level=level,
            time=at,
            price=reached,
        )
    return tr(
        "Target {level} was reached in the candle of {time} UTC ({price}).",
        level=level,
        time=at,
        price=reached,
    )


def _price_now(bot: BotSnapshot, missed: Missed) -> str:
    return tr("Price now {price}.", price=_price(bot, missed.price))


def will_words(bot: BotSnapshot, ran: RanBot) -> Said:
    """What happens, or has happened, when the bot goes on."""
    if bot.state in _RUNS:
        if bot.state is BotState.PENDING:
            return Said(tr("Goes on: starting"), "up")
        paused = bot.session.paused
        return Said(tr("Goes on: entries paused") if paused else tr("Goes on: running"), "up")
    if bot.state is BotState.ERROR:
        return Said(bot.error.words if bot.error else tr("In error"), "down")
    if ran.closes and held(bot):
        return Said(tr("Will close its position at the first price and stop, as was asked"), "warn")
    if not ran.session_id:
        return Said(tr("Will start: it was about to when the program ended"), "text2")
    if not bot.interrupted:
        return Said(tr("Stays stopped"), "text2")
    if late(bot, ran.missed):
        return Said(tr("Will close at the first price: a late exit"), "warn")
    if held(bot):
        return Said(tr("Will watch its exits again, from the first price on"), "text2")
    return Said(tr("Will go on with the same session"), "text2")


def waits(bot: BotSnapshot, ran: RanBot) -> bool:
    """Whether nobody has gone on with it or left it stopped. Without a session it only was about
    to run; then nothing but its state tells."""
    return bot.state not in _RUNS and (bot.interrupted or not ran.session_id)


def late(bot: BotSnapshot, missed: Missed | None) -> bool:
    """Whether the last price known lies beyond a level of what is held."""
    levels = facts.levels(bot)
    if levels is None or missed is None or missed.price is None:
        return False
    price, side = missed.price, 1 if bot.session.position > 0 else -1
    stop, target = (bot.market.scale.price(level) for level in (levels.stop, levels.target))
    beyond_stop = bool(levels.stop) and side * price <= side * stop
    return beyond_stop or (bool(levels.target) and side * price >= side * target)


def held(bot: BotSnapshot) -> bool:
    return bool(bot.session.position)


def _price(bot: BotSnapshot, price: Decimal | None) -> str:
    return fmt.price(price, decimals(bot.market.price_step))
