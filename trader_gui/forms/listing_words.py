"""What an exchange lists, as choices and as words. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.domain.listings import Listing
from engine.language import tr
from trader_gui import format as fmt
from trader_gui.forms.symbols import quote_of
from trader_gui.widgets.search_choice import Option

KNOWN_EXCHANGES: Final = (
    "binance",
    "kraken",
    "bybit",
    "okx",
    "coinbase",
    "bitget",
    "kucoin",
    "gate",
    "mexc",
    "bitstamp",
    "bitfinex",
    "cryptocom",
    "htx",
    "bitvavo",
    "hyperliquid",
)
"""Offered first, by the names that ccxt gives them."""
_KNOWN_COINS: Final = ("BTC", "ETH", "SOL", "XRP", "BNB", "DOGE", "ADA", "LTC")


def exchange_options(names: Iterable[str]) -> list[Option]:
    """The known ones first, then all others by name."""
    there = set(names)
    first = [name for name in KNOWN_EXCHANGES if name in there]
    return [Option(name, name) for name in (*first, *sorted(there.difference(first)))]


def symbol_options(listings: Mapping[str, Listing], coin: str) -> list[Option]:
    """Spot first, and of these what is priced in `coin`; those that are halted last."""

    def place(listing: Listing) -> tuple[object, ...]:
        base = listing.market.base_coin
        known = _KNOWN_COINS.index(base) if base in _KNOWN_COINS else len(_KNOWN_COINS)
        foreign = listing.market.quote_coin != coin
        return not listing.active, listing.derivative, foreign, known, listing.symbol

    return [_option(listing) for listing in sorted(listings.values(), key=place)]


def _option(listing: Listing) -> Option:
    refused = "" if listing.active else tr("halted or delisted")
    return Option(listing.symbol, listing.symbol, kind_word(listing), refused)


def kind_word(listing: Listing) -> str:
    """``spot``, ``perpetual``, or ``future`` for one that ends on a day."""
    if not listing.derivative:
        return tr("spot")
    return tr("future") if "-" in listing.symbol.partition(":")[2] else tr("perpetual")


def usual_symbol(listings: Mapping[str, Listing], coin: str) -> str:
    """What is offered where nothing was chosen yet; empty where nothing can be."""
    return next((o.key for o in symbol_options(listings, coin) if not o.refused), "")


def steps_words(listing: Listing) -> str:
    """The market's steps and minimums in one line."""
    market, coin = listing.market, quote_of(listing.symbol)
    least = [
        f"{fmt.exact(least)} {unit}"
        for least, unit in ((market.min_notional, coin), (market.min_amount, market.base_coin))
        if least
    ]
    words = [
        tr("Price step {step} {coin}", step=fmt.exact(market.price_step), coin=coin),
        tr("order step {step} {coin}", step=fmt.exact(market.order_step), coin=market.base_coin),
        _least_words(least),
    ]
    return ", ".join(words)


def _least_words(least: list[str]) -> str:
    """Of the smallest order: its value, its amount, both or neither."""
    if not least:
        return tr("no smallest order")
    if len(least) == 1:
        return tr("smallest order {size}", size=least[0])
    return tr("smallest order {value} and {amount}", value=least[0], amount=least[1])


@dataclass(frozen=True, slots=True)
class Fees:
    """In percent of an order's value; `maker` is None where it is no other than `taker`."""

    taker: Decimal
    maker: Decimal | None

    @property
    def words(self) -> str:
        maker = self.taker if self.maker is None else self.maker
        return tr(
            "taker {taker} %, maker {maker} %", taker=fmt.exact(self.taker), maker=fmt.exact(maker)
        )


def fees_of(listing: Listing) -> Fees | None:
    """None where the exchange tells none: nothing is traded for nothing. A maker that is paid
    counts as one that pays nothing."""
    taker, maker = listing.taker_pct, max(listing.maker_pct, Decimal(0))
    if taker <= 0:
        return None
    return Fees(taker, None if maker == taker else maker)
