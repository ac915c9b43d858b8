"""From a wish to a plan: each bot planned as a backtest of its own, all counting in one unit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction
from math import gcd, lcm
from typing import Final

from engine.domain.market import Market
from engine.domain.money import EQUITY_HEADROOM, MONEY_LIMIT, plain
from engine.errors import AskPerson, InvalidSetting, StopTrading
from engine.language import localised, tr
from engine.messages.commands import PortfolioBot, RunPortfolio
from engine.runtime.backtest.planning import Sources, plan_backtest
from engine.runtime.backtest.run import Plan
from engine.runtime.bots.account import check_limits

MOST_BOTS: Final = 100


@dataclass(frozen=True, slots=True)
class PortfolioPlan:
    """All that decides a portfolio's result. The bots' markets have one product unit."""

    names: tuple[str, ...]
    bots: tuple[Plan, ...]
    cash: Decimal
    max_open_positions: int | None
    max_exposure_pct: Decimal | None

    @property
    def product_unit(self) -> Decimal:
        return self.bots[0].market.scale.product_unit


def plan_portfolio(wish: RunPortfolio, sources: Sources) -> PortfolioPlan:
    """Everything checked that can be checked before the first bar; raises AskPerson faults."""
    _check_bots(wish.bots)
    check_limits(wish.max_open_positions, wish.max_exposure_pct)
    plans = [_plan(bot, wish.cash, sources) for bot in wish.bots]
    coins = sorted({plan.market.quote_coin for plan in plans})
    if len(coins) > 1:
        raise InvalidSetting(
            tr(
                "The bots trade for different coins: {coins}. One balance is in one "
                "coin; choose markets of one, or make a portfolio for each.",
                coins=", ".join(coins),
            ),
            field="symbol",
        )
    markets = in_one_unit([plan.market for plan in plans], wish.cash)
    return PortfolioPlan(
        tuple(bot.name for bot in wish.bots),
        tuple(replace(plan, market=market) for plan, market in zip(plans, markets, strict=True)),
        wish.cash,
        wish.max_open_positions,
        wish.max_exposure_pct,
    )


def in_one_unit(markets: list[Market], cash: Decimal) -> list[Market]:
    """The same markets with amount units so fine that price step x amount unit is one for all.

    What may be ordered stays as it is. InvalidSetting if `cash` cannot be kept exactly then.
    """
    products = [Fraction(market.scale.product_unit) for market in markets]
    below = lcm(*(product.denominator for product in products))
    unit = Fraction(gcd(*(int(product * below) for product in products)), below)
    units = [_decimal(unit / Fraction(market.price_step)) for market in markets]
    if None in units or EQUITY_HEADROOM * Fraction(cash) >= MONEY_LIMIT * unit:
        steps = sorted({plain(market.price_step) for market in markets})
        raise InvalidSetting(
            tr(
                "Money cannot be counted in one unit for prices in steps of {steps} and "
                "a balance of {balance}. Nothing was run. Give the bots amount steps, "
                "coarser ones where there are any, or start with less cash.",
                steps=tr(" and ").join(map(localised, steps)),
                balance=localised(plain(cash)),
            ),
            field="amount_step",
        )
    return [
        replace(market, amount_unit=each)
        for market, each in zip(markets, units, strict=True)
        if each is not None
    ]


def _decimal(value: Fraction) -> Decimal | None:
    """`value` exactly, None if no decimal is."""
    with localcontext(prec=60) as context:
        context.clear_flags()
        found = Decimal(value.numerator) / Decimal(value.denominator)
        exact = not context.flags[Inexact]
    return found.normalize() if exact else None


def _check_bots(bots: tuple[PortfolioBot, ...]) -> None:
    if not 1 <= len(bots) <= MOST_BOTS:
        raise InvalidSetting(
            tr(
                "A portfolio has 1 to {most_bots} bots, not {count}.",
                most_bots=MOST_BOTS,
                count=len(bots),
            ),
            field="bots",
        )
    names = [bot.name for bot in bots]
    for name in names:
        if not name.strip() or not name.isprintable():
            raise InvalidSetting(
                tr("A bot of the portfolio has no name that can be shown. Give it one."),
                field="name",
            )
        if names.count(name) > 1:
            raise InvalidSetting(
                tr(
                    "Two bots of the portfolio are named {name}. Give each its own name.", name=name
                ),
                field="name",
            )


def _plan(bot: PortfolioBot, cash: Decimal, sources: Sources) -> Plan:
    with naming(bot.name):
        wish = replace(bot.wish, trade=replace(bot.wish.trade, cash=cash))
        return plan_backtest(wish, sources)


@contextmanager
def naming(bot: str) -> Iterator[None]:
    """A fault in what is inside begins with the bot's name."""
    try:
        yield
    except (AskPerson, StopTrading) as fault:
        fault.words = f"{bot}: {fault.words}"
        raise
