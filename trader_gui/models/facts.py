"""What a snapshot says of a bot, in the words and figures the panels show. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from engine.domain.bots import BotState, FeedKind
from engine.domain.candles import timeframe_text
from engine.domain.money import decimals, plain
from engine.domain.reasons import StopSource
from engine.domain.strategy import ParamValue
from engine.domain.sub_states import SubState
from engine.language import ENGLISH, language, tr
from engine.messages.histories import T_PNL
from engine.messages.liveness import Lamp, Sign, liveness, tick_sign
from engine.messages.snapshot import BotSnapshot, Pulse
from engine.messages.source_words import source_word as source_name
from engine.messages.value_words import word
from trader_gui import format as fmt
from trader_gui.format import UNKNOWN
from trader_gui.models.feed_facts import feed_hint, trouble

LEVELS: Final = MappingProxyType(
    {Lamp.OFF: "off", Lamp.OK: "ok", Lamp.AMBER: "warn", Lamp.RED: "down"}
)
"""How a lamp is painted."""


@dataclass(frozen=True, slots=True)
class Said:
    """A few words and the token they are painted in."""

    words: str
    tone: str = "text2"


def money(bot: BotSnapshot, value: Decimal) -> str:
    return fmt.money(value, bot.market.quote_coin)


def pnl(bot: BotSnapshot, value: Decimal) -> Said:
    """``+84.20`` in its colour; what rounds to nothing is ``0.00`` without a sign."""
    return toned(fmt.signed_money(value, bot.market.quote_coin))


def toned(signed: str) -> Said:
    """A signed figure in the colour of its sign, as it is shown."""
    return Said(signed, fmt.tone(signed))


def percent(part: Decimal, whole: Decimal) -> Said:
    """`part` of `whole` as ``+0.84 %``; an en dash when there is no whole."""
    if not whole:
        return Said(UNKNOWN, "text3")
    return toned(fmt.signed_percent(part / whole * 100))


def price_text(bot: BotSnapshot, count: int) -> str:
    """A price in counts, with the decimals of the price step."""
    return fmt.price(bot.market.scale.price(count), decimals(bot.market.price_step))


def amount_text(bot: BotSnapshot, count: int) -> str:
    return fmt.price(bot.market.scale.amount(abs(count)), decimals(bot.market.order_step))


def params_text(values: Iterable[ParamValue]) -> str:
    """``9/21``: the parameters of a strategy in their order."""
    return "/".join(plain(Decimal(value)) for value in values)


def day_gain(bot: BotSnapshot) -> Decimal:
    """Realised today plus what stands open: the figure of a bot's row."""
    return bot.money(day_gain_count(bot))


def day_gain_count(bot: BotSnapshot) -> int:
    """The same in the session's counts."""
    session = bot.session
    opened = session.open_pnl_at(bot.price.price) if session.position and bot.price else 0
    return session.realised_on(bot.now_at) + opened


def start_equity(bot: BotSnapshot) -> Decimal:
    """Equity at the first candle's close; what percentages of a session refer to."""
    if len(bot.equity.table):
        return bot.money(int(bot.equity.equity[0]))
    return bot.equity_now


def side_said(bot: BotSnapshot) -> Said:
    position = bot.session.position
    if not position:
        return Said(tr("Flat"), "text2")
    return Said(side_text(position > 0), "up" if position > 0 else "down")


def side_text(long: bool) -> str:
    """A side as tables and panels show it."""
    return tr("▲ LONG") if long else tr("▼ SHORT")


def glyph_state(bot: BotSnapshot) -> str:
    """running, pending, error or stopped; the shape of the state glyph."""
    return bot.state.value


def state_said(bot: BotSnapshot) -> Said:
    """The state as a title: what it does now, interrupted and paused included."""
    if bot.state is BotState.ERROR:
        return Said(tr("Error"), "down")
    if bot.state is BotState.PENDING:
        return Said(tr("Starting"), "warn")
    if bot.state is BotState.RUNNING:
        return (
            Said(tr("Entries paused"), "warn")
            if bot.session.paused
            else Said(tr("Running"), "text1")
        )
    return Said(tr("Interrupted"), "warn") if bot.interrupted else Said(tr("Stopped"), "text1")


def is_wanted(bot: BotSnapshot) -> bool:
    """It runs, is about to, or the program is going to start it again."""
    retried = bot.error is not None and bot.error.retry is not None
    return bot.state in (BotState.RUNNING, BotState.PENDING) or retried


def retry_words(bot: BotSnapshot, now: int) -> str:
    """``Trying again in 40 s (2nd time)`` at wall time `now`; empty where nobody does."""
    retry = None if bot.error is None else bot.error.retry
    if retry is None:
        return ""
    left = max(0, retry.at - now)
    return tr(
        "Trying again in {wait} ({ordinal} time)",
        wait=fmt.duration(-(-left // 1000) * 1000),
        ordinal=ordinal(retry.count),
    )


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``11th``."""
    match 0 if number // 10 % 10 == 1 else number % 10:
        case 1:
            return tr("{number:,}st", number=number)
        case 2:
            return tr("{number:,}nd", number=number)
        case 3:
            return tr("{number:,}rd", number=number)
    return tr("{number:,}th", number=number)


def held_up(bot: BotSnapshot) -> Said | None:
    """What it does within its state, or what holds it up; None where its state says it all."""
    if bot.sub_state is SubState.TRYING_AGAIN:
        return None
    if bot.sub_state.troubled:
        return Said(bot.sub_words, "warn")
    if bot.state is BotState.RUNNING and trouble(bot):
        return Said(trouble(bot), "warn")
    if bot.sub_state in (SubState.NONE, SubState.ENTRIES_PAUSED):
        return None
    return Said(bot.sub_words, "warn" if bot.state is BotState.PENDING else "text3")


def state_detail(bot: BotSnapshot, now: int) -> Said:
    """The words beside the state at wall time `now`: why, since when, what to do."""
    again, holds = retry_words(bot, now), held_up(bot)
    if again:
        return Said(again, "warn")
    if bot.unguarded:
        return Said(tr("UNGUARDED: exits are off"), "warn")
    if holds is not None:
        return holds
    if bot.state is BotState.RUNNING and bot.session.position:
        held = fmt.bar_time(bot.now_at - bot.session.opened_at)
        return Said(tr("in position {held}", held=held), "text3")
    if bot.state is BotState.RUNNING:
        words = tr("takes no new position") if bot.session.paused else tr("waits for a signal")
        return Said(words, "text3")
    if bot.interrupted:
        return Said(tr("Start goes on with the session"), "text3")
    return Said(
        tr("at {time}", time=hour_minute(bot.now_at)) if bot.now_at else tr("not started yet"),
        "text3",
    )


def row_words(bot: BotSnapshot, now: int) -> Said:
    """The third line of a flat bot's row at wall time `now`, in place of side and size."""
    again, holds = retry_words(bot, now), held_up(bot)
    if again:
        return Said(again, "warn")
    if bot.state is BotState.ERROR:
        return Said(bot.error.words if bot.error else tr("Error"), "down")
    if holds is not None:
        return replace(holds, tone="text2") if holds.tone == "text3" else holds
    if bot.state is BotState.PENDING:
        return Said(tr("Starting"), "warn")
    if bot.state is BotState.RUNNING:
        paused = bot.session.paused
        return Said(tr("Flat, entries paused"), "warn") if paused else Said(tr("Flat"), "text2")
    if bot.interrupted:
        return Said(tr("Interrupted"), "warn")
    return Said(
        tr("Stopped {time}", time=hour_minute(bot.now_at)) if bot.now_at else tr("Stopped"),
        "text2",
    )


def row_hint(bot: BotSnapshot, pulse: Pulse, now: int) -> str:
    """All there is to say of a bot's state, as sentences."""
    signs = liveness(bot, pulse, now)
    said = [bot.error.words] if bot.error is not None else []
    again = retry_words(bot, now)
    if again:
        said.append(f"{again}.")
    if bot.unguarded:
        said.append(
            tr(
                "UNGUARDED: the bot does not run, so nothing moves or triggers "
                "the position's exits."
            )
        )
    if bot.sub_state is not SubState.NONE and bot.error is None:
        said.append(f"{bot.sub_words}. {bot.sub_state.hint}".strip())
    feed = feed_hint(bot)
    if feed and bot.sub_state is not SubState.FEED_STALE:
        said.append(feed)
    if signs.lamp > Lamp.OK and signs.worst is not signs.tick:
        said.append(signs.worst.words)
    return "\n".join(said)


@dataclass(frozen=True, slots=True)
class Levels:
    """The open position's levels in counts, 0 for none."""

    entry: int
    price: int
    stop: int
    target: int
    stop_by: int
    """StopSource."""

    @property
    def moved(self) -> bool:
        """Whether the stop was moved from where it was first set, by a rule or by hand."""
        return self.stop_by != StopSource.STOP_LOSS


def levels(bot: BotSnapshot) -> Levels | None:
    """None while flat."""
    session = bot.session
    if not session.position:
        return None
    price = bot.price.price if bot.price else session.entry
    return Levels(session.entry, price, session.stop, session.target, session.stop_by)


def entry_cost(bot: BotSnapshot) -> Decimal:
    """What the open position cost to enter, fees aside."""
    return bot.money(bot.session.cost)


def win_rate(bot: BotSnapshot) -> tuple[str, str]:
    """``58.4 %`` and ``45 of 77``; an en dash before the first trade."""
    count = len(bot.session.trades)
    if not count:
        return UNKNOWN, tr("no trades yet")
    wins = int((bot.session.trades.rows[:, T_PNL] > 0).sum())
    return fmt.percent(100 * wins / count, 1), tr("{wins} of {count}", wins=wins, count=count)


def timeframe(bot: BotSnapshot) -> str:
    return timeframe_text(bot.settings.timeframe_ms)


def source_word(bot: BotSnapshot) -> str:
    """``SIMULATED``, or where recorded prices come from."""
    return (
        source_name(bot.market.source)
        or bot.settings.feed.path.replace("\\", "/").rpartition("/")[2]
    )


def hour_minute(at: int) -> str:
    """``14:05`` of a moment, UTC."""
    return f"{at // 3_600_000 % 24:02}:{at // 60_000 % 60:02}"


def sentence(bot: BotSnapshot, strategy: str) -> str:
    """A row for the ear: everything the picture says, as one sentence."""
    parts = [
        bot.settings.name,
        word(bot.settings.mode.value),
        _state_word(bot),
        f"{bot.settings.symbol} {strategy}",
        _held_words(bot),
        tr("today {gain}", gain=pnl(bot, day_gain(bot)).words),
    ]
    if bot.unguarded:
        parts.insert(3, tr("unguarded"))
    holds = held_up(bot)
    if holds is not None:
        parts.append(_inside(holds.words))
    elif trouble(bot):
        parts.append(_inside(trouble(bot)))
    if bot.error is not None and bot.error.retry is not None:
        parts.append(tr("trying again, {ordinal} time", ordinal=ordinal(bot.error.retry.count)))
    return ", ".join(parts)


def _state_word(bot: BotSnapshot) -> str:
    """Like `state_said`, within a sentence."""
    if bot.state is BotState.PENDING:
        return tr("starting")
    if bot.state is BotState.RUNNING and bot.session.paused:
        return tr("entries paused")
    ended = bot.state is BotState.STOPPED
    return word("interrupted" if ended and bot.interrupted else bot.state.value)


def _held_words(bot: BotSnapshot) -> str:
    position = bot.session.position
    if not position:
        return tr("flat")
    amount = amount_text(bot, position)
    return (
        tr("long {amount}", amount=amount) if position > 0 else tr("short {amount}", amount=amount)
    )


def _inside(words: str) -> str:
    """Words that stand alone elsewhere, within a sentence. English begins them small; a language
    whose nouns are capitals would be spelt wrong."""
    return words.lower() if language() == ENGLISH else words


def heartbeat(bot: BotSnapshot, pulse: Pulse, now: int) -> Said:
    """The age of the last price in its lamp's colour; where another sign of life is worse, for how
    long that has been due."""
    return _told(liveness(bot, pulse, now).worst)


def price_age(bot: BotSnapshot, pulse: Pulse, now: int) -> Said:
    """The age of the last price alone."""
    return _told(tick_sign(bot, pulse, now))


def _told(sign: Sign) -> Said:
    known = sign.lamp is not Lamp.OFF
    return Said(age_text(sign.told_ms if known else None), lamp_tone(sign.lamp))


def age_text(age_ms: int | None) -> str:
    """``0.8 s``; an en dash for never."""
    return UNKNOWN if age_ms is None else fmt.age(0, age_ms)


def lamp_tone(lamp: Lamp) -> str:
    """The colour of words whose lamp it is."""
    return {Lamp.AMBER: "warn", Lamp.RED: "down"}.get(lamp, "text3")


def is_stale(bot: BotSnapshot, pulse: Pulse, now: int) -> bool:
    """Whether the price is too old to be believed while the bot runs."""
    if bot.settings.feed.kind is FeedKind.EXCHANGE:
        return bool(trouble(bot))
    return tick_sign(bot, pulse, now).lamp is Lamp.RED


def short_words(bot: BotSnapshot) -> Said:
    """The one or two words of a compact row."""
    if bot.unguarded:
        return Said(tr("UNGUARDED"), "warn")
    if bot.state is BotState.ERROR:
        again = bot.error is not None and bot.error.retry is not None
        return Said(tr("Trying again"), "warn") if again else Said(tr("Error"), "down")
    if bot.session.position:
        return side_said(bot)
    if bot.state is BotState.PENDING:
        return Said(tr("Starting"), "warn")
    if bot.state is BotState.RUNNING and bot.sub_state is SubState.DATABASE:
        return Said(tr("Not stored"), "warn")
    if bot.state is BotState.RUNNING and trouble(bot):
        return Said(tr("No prices"), "warn")
    if bot.state is BotState.RUNNING:
        return Said(tr("Paused"), "warn") if bot.session.paused else Said(tr("Flat"), "text3")
    return Said(tr("Interrupted"), "warn") if bot.interrupted else Said(tr("Stopped"), "text3")
