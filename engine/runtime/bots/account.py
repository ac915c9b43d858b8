"""The paper account: one balance, from which each bot takes its share when it first starts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal
from typing import Final

from engine.domain.money import plain
from engine.errors import InvalidSetting
from engine.messages.snapshot import AccountSnapshot, BotSnapshot
from engine.store.records import AccountRecord

PAPER: Final = "paper"
CURRENCY: Final = "USDT"
STARTING_BALANCE: Final = Decimal(100_000)
_SAMPLE_SHARE: Final = Decimal(10_000)


def share_for(bots: int) -> Decimal:
    """A sample bot's share: 10,000, or less so that a fresh account has enough for all."""
    each = (STARTING_BALANCE / bots).quantize(Decimal("0.01"), ROUND_DOWN)
    return min(_SAMPLE_SHARE, each)


def fresh_account(balance: Decimal, now_ms: int) -> AccountRecord:
    """An account nobody has traded on; InvalidSetting for a balance that is none."""
    if not balance.is_finite() or not 0 < balance <= Decimal(10) ** 12:
        raise InvalidSetting(
            f"The starting balance must be above 0 and at most {10**12:,}, not {balance}.",
            field="starting_balance",
        )
    return AccountRecord(PAPER, CURRENCY, balance, Decimal(0), now_ms)


def free_of(account: AccountRecord, shares: Iterable[Decimal]) -> Decimal:
    """What no bot holds. `shares` are what the bots took when they first started."""
    return account.starting_balance + account.returned - sum(shares, Decimal(0))


def check_share(free: Decimal, share: Decimal, name: str) -> None:
    """Raise InvalidSetting if the account cannot give a bot its share."""
    if share > free:
        raise InvalidSetting(
            f"{name} asks for a share of {plain(share)} {CURRENCY}, but only {plain(free)} of the "
            "paper account is free. Choose a smaller share, delete a bot, or reset the account.",
            field="cash",
        )


def account_snapshot(
    account: AccountRecord, free: Decimal, holders: Iterable[BotSnapshot]
) -> AccountSnapshot:
    """The account as it stands; `holders` are the bots that have taken a share."""
    bots = tuple(holders)
    zero = Decimal(0)
    return AccountSnapshot(
        currency=account.currency,
        starting_balance=account.starting_balance,
        free=free,
        equity=free + sum((bot.equity_now for bot in bots), zero),
        realised_today=sum((bot.realised_today for bot in bots), zero),
        open_pnl=sum((bot.open_pnl for bot in bots), zero),
        exposure=sum((bot.exposure for bot in bots), zero),
    )
