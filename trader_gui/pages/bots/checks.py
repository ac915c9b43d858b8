"""What must be true before a bot can start, as sentences. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.bots import BotSettings, FeedChoice, FeedKind
from engine.domain.listings import Listing
from engine.domain.settings import Direction, Sizing, TradeSettings
from engine.language import tr
from engine.messages.snapshot import AccountSnapshot, BotSnapshot
from engine.runtime.bots.coins import counted_alike
from trader_gui import format as fmt
from trader_gui.forms.symbols import quote_of


@dataclass(frozen=True, slots=True)
class Check:
    """`level` is error (blocks), warn or ok; `section` is where the person can mend it."""

    level: str
    words: str
    section: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the engine said to exactly these settings; something else was not refused yet."""

    words: str = ""
    settings: BotSettings | None = None

    def of(self, now: BotSettings | None) -> str:
        """The words while `now` is still what was refused, else empty."""
        if self.settings is None or now is None:
            return ""
        return self.words if same_settings(now, self.settings) else ""


def other_bots(bots: Iterable[BotSnapshot], bot_id: int | None) -> list[BotSnapshot]:
    return [bot for bot in bots if bot.bot_id != bot_id]


def check_name(name: str, others: Iterable[BotSnapshot]) -> str:
    """What is wrong with a bot's name; empty when nothing is."""
    if not name:
        return tr("Give the bot a name")
    if len(name) > 40:
        return tr("At most 40 characters")
    if any(other.settings.name == name for other in others):
        return tr("There is a bot named {name} already", name=name)
    return ""


def free_name(coin: str, strategy: str, others: Iterable[BotSnapshot]) -> str:
    """``btc-ema-cross``, with a number behind it if that is taken."""
    stem = f"{coin.lower()}-{strategy.replace('_', '-')}"
    taken = {other.settings.name for other in others}
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name


def duplicate_of(
    symbol: str, strategy: str, place: tuple[FeedKind, str], others: Iterable[BotSnapshot]
) -> BotSnapshot | None:
    """Another bot that trades the same symbol of the same `place` with the same strategy."""
    for other in others:
        chosen = other.settings
        if (chosen.symbol, chosen.strategy, place_of(chosen.feed)) == (symbol, strategy, place):
            return other
    return None


def place_of(feed: FeedChoice) -> tuple[FeedKind, str]:
    """What tells one source of prices from another: its kind, and the exchange's name or the
    file's path."""
    return feed.kind, feed.exchange or feed.path


def share_check(cash: Decimal, account: AccountSnapshot, held: Decimal) -> Check:
    """Whether the account can reserve `cash`; `held` is what the bot has reserved already."""
    free = account.free + held
    need, there = fmt.money(cash, account.currency), fmt.money(free, account.currency)
    if cash > free:
        words = tr(
            "Its share is {share} {currency}, but {free} are free in the account",
            share=need,
            currency=account.currency,
            free=there,
        )
        return Check("error", words, "risk")
    if cash == held:
        return Check(
            "ok",
            tr("{share} {currency} are its share", share=need, currency=account.currency),
            "risk",
        )
    return Check(
        "ok",
        tr(
            "{share} of {free} free {currency} become its share",
            share=need,
            free=there,
            currency=account.currency,
        ),
        "risk",
    )


def trade_checks(trade: TradeSettings, currency: str) -> list[Check]:
    """What the exits and the size mean in money."""
    size, margin = order_value(trade)
    worth = fmt.money(size, currency)
    if trade.leverage is None:
        words = tr("One trade takes up to {worth} {currency}", worth=worth, currency=currency)
    else:
        words = tr(
            "One trade takes up to {worth} {currency} with a margin of {margin}",
            worth=worth,
            currency=currency,
            margin=fmt.money(margin, currency),
        )
    found = [Check("ok", words, "risk")]
    if trade.take_profit_pct is not None:
        gain = fmt.money(size * trade.take_profit_pct / 100, currency)
        found.append(
            Check(
                "ok",
                tr(
                    "A target gains about {gain} {currency} before fees",
                    gain=gain,
                    currency=currency,
                ),
                "exits",
            )
        )
    stop = first_stop_pct(trade)
    if stop is None:
        words = tr("No stop: only a signal or the target closes a position")
        found.append(Check("warn", words, "exits"))
    else:
        risk = fmt.money(size * stop / 100, currency)
        words = tr(
            "A stop loses about {loss} {currency}, fees and gaps aside",
            loss=risk,
            currency=currency,
        )
        found.append(Check("ok", words, "exits"))
    if trade.leverage is not None:
        found.append(_liquidation_check(trade, stop))
    return found


def market_checks(listing: Listing, trade: TradeSettings, currency: str) -> list[Check]:
    """What a real market asks of a bot: its coin, its smallest order, what can be sold."""
    coin, found = quote_of(listing.symbol), []
    if not counted_alike(coin, currency):
        words = tr(
            "Prices are in {coin} and the paper account is in {currency}: choose a symbol "
            "against {currency}",
            coin=coin,
            currency=currency,
        )
        found.append(Check("error", words, "market"))
    elif coin != currency:
        found.append(
            Check(
                "warn",
                tr("One {coin} is counted as one {currency}", coin=coin, currency=currency),
                "market",
            )
        )
    if listing.market.min_notional:
        found.append(_smallest_order_check(listing.market.min_notional, trade, coin))
    if not listing.derivative and trade.direction is not Direction.LONG:
        words = tr("Spot can only be held long: a short would be possible on paper alone")
        found.append(Check("warn", words, "strategy"))
    return found


def _smallest_order_check(least: Decimal, trade: TradeSettings, coin: str) -> Check:
    """Whether the exchange would take what the bot sends."""
    value, _ = order_value(trade)
    if value < least:
        words = tr(
            "Smallest order is {least} {coin}, this bot sends {sent}: every entry would be refused",
            least=fmt.exact(least),
            coin=coin,
            sent=fmt.money(value, coin),
        )
        return Check("warn", words, "risk")
    words = tr(
        "Smallest order is {least} {coin}, this bot sends {sent}",
        least=fmt.exact(least),
        coin=coin,
        sent=fmt.money(value, coin),
    )
    return Check("ok", words, "risk")


def order_value(trade: TradeSettings) -> tuple[Decimal, Decimal]:
    """What the first order is worth on the starting cash, and the margin it sets aside."""
    times = max(trade.leverage or 1, 1)
    ceiling = trade.max_position_pct
    match trade.sizing:
        case Sizing.QUOTE:
            margin = trade.size_quote or Decimal(0)
        case Sizing.RISK:
            risked = trade.cash * (trade.risk_pct or Decimal(0)) / 100
            margin = risked * 100 / (first_stop_pct(trade) or Decimal(100)) / times
        case _:
            margin = trade.cash * trade.position_pct / 100
    most = trade.cash if ceiling is None else min(trade.cash, trade.cash * ceiling / 100)
    margin = min(margin, most)
    return margin * times, margin


def first_stop_pct(trade: TradeSettings) -> Decimal | None:
    """How far from the entry the stop begins; None without one."""
    return trade.stop_loss_pct or trade.trailing_before_pct or trade.trailing_pct


def _liquidation_check(trade: TradeSettings, stop: Decimal | None) -> Check:
    """A stop that lies behind the liquidation price protects nothing."""
    away = Decimal(100) / max(trade.leverage or 1, 1) - trade.maintenance_pct
    distance = fmt.percent(away, 1)
    if stop is not None and stop < away:
        words = tr(
            "Liquidated about {distance} away from the entry, behind the stop", distance=distance
        )
        return Check("ok", words, "risk")
    words = tr(
        "Liquidated about {distance} away from the entry, before any stop", distance=distance
    )
    return Check("warn", words, "risk")


def same_settings(one: BotSettings, other: BotSettings) -> bool:
    """Equal in everything a person can edit (a mapping of another type is no difference)."""
    return (
        (one.name, one.symbol, one.timeframe_ms, one.strategy, one.feed, one.trade)
        == (other.name, other.symbol, other.timeframe_ms, other.strategy, other.feed, other.trade)
        and dict(one.params) == dict(other.params)
        and one.signals_path == other.signals_path
    )
