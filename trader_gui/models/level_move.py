"""A stop or target to be moved by hand: whether it can stand there, and what it would bring."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.domain.money import decimals, plain
from engine.domain.settings import TradeSettings
from engine.errors import InvalidSetting
from engine.language import localised, tr
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.models import facts


@dataclass(frozen=True, slots=True)
class LevelMove:
    """`price` is None while `words` say what is wrong with it; else they say the consequence."""

    price: Decimal | None
    words: str
    tone: str


def level_spec(bot: BotSnapshot, name: str) -> NumberSpec:
    """A price of the bot's market."""
    step = bot.market.price_step
    return NumberSpec(
        "price", name, bot.market.quote_coin, "", Decimal(0), None, step, decimals(step), above=True
    )


def read_move(bot: BotSnapshot, text: str, *, stop: bool) -> LevelMove:
    """What moving the stop (else the target) to the price in `text` means now."""
    try:
        price = level_spec(bot, tr("stop") if stop else tr("target")).read(text)
    except InvalidSetting as wrong:
        return LevelMove(None, wrong.words, "down")
    if price is None:
        raise AssertionError("the field is not optional")
    step = bot.market.price_step
    if price % step:
        words = tr("The price step is {step}", step=localised(plain(step)))
        return LevelMove(None, words, "down")
    long = bot.session.position > 0
    below, count = long == stop, int(price / step)
    now = bot.price.price if bot.price else bot.session.entry
    if count >= now if below else count <= now:
        last = facts.price_text(bot, now)
        words = (
            tr("Must be below the price {price}", price=last)
            if below
            else tr("Must be above the price {price}", price=last)
        )
        return LevelMove(None, words, "down")
    result = result_at(bot, count, stop=stop)
    gain = facts.pnl(bot, result)
    share = facts.percent(result, facts.entry_cost(bot)).words
    money = f"{gain.words} {bot.market.quote_coin}"
    words = (
        tr("{money} ({share}) after fees at this stop", money=money, share=share)
        if stop
        else tr("{money} ({share}) after fees at this target", money=money, share=share)
    )
    return LevelMove(price, words, gain.tone)


def result_at(bot: BotSnapshot, level: int, *, stop: bool) -> Decimal:
    """Net result of what is held if it closes at `level` (counts): fees, slippage, funding.

    Fees of an entry in an earlier session are not known here; the present rate stands for them.
    """
    session, trade = bot.session, bot.settings.trade
    sign = 1 if session.position > 0 else -1
    fill = level - sign * level * _slip_pct(trade) / 100 if stop else Decimal(level)
    amount = abs(session.position)
    gross = sign * (amount * fill - session.cost)
    rate = trade.fee_pct if stop or trade.maker_fee_pct is None else trade.maker_fee_pct
    closing = amount * fill * rate / 100
    net = gross - closing - _entry_fees(bot) + session.funding
    return bot.market.scale.money(round(net))


def _entry_fees(bot: BotSnapshot) -> Decimal:
    """Of the part that is still held."""
    session = bot.session
    entered = [fill for fill in session.fills if fill.enters]
    whole = sum(fill.amount for fill in entered)
    if not whole:
        return Decimal(session.cost) * bot.settings.trade.fee_pct / 100
    held = min(Decimal(1), Decimal(abs(session.position)) / whole)
    return sum(fill.fee for fill in entered) * held


def _slip_pct(trade: TradeSettings) -> Decimal:
    return trade.slippage_pct + trade.spread_pct / 2


def price_words(bot: BotSnapshot, count: int) -> str:
    """A level for the field to begin with: plain digits with the decimals of the step."""
    price = bot.market.scale.price(count)
    return localised(fmt.plain(price.quantize(bot.market.price_step))) if count else ""
