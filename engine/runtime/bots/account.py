"""The paper account: one balance, from which each bot takes its share when it first starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Final

from engine.domain.candles import DAY_MS
from engine.domain.money import plain
from engine.domain.settings import Sizing, TradeSettings
from engine.errors import InvalidSetting
from engine.messages.snapshot import AccountSnapshot, BotSnapshot, PriceRow, SessionSnapshot
from engine.store.records import AccountRecord

PAPER: Final = "paper"
CURRENCY: Final = "USDT"
STARTING_BALANCE: Final = Decimal(100_000)
_SAMPLE_SHARE: Final = Decimal(10_000)
_MOST_POSITIONS: Final = 1_000
_FLIP_HEADROOM: Final = Decimal("1.05")


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


def check_limits(max_open_positions: int | None, max_exposure_pct: Decimal | None) -> None:
    """InvalidSetting for what is no limit of an account."""
    if max_open_positions is not None and not 1 <= max_open_positions <= _MOST_POSITIONS:
        raise InvalidSetting(
            f"Open positions can be limited to 1 to {_MOST_POSITIONS:,}, not to "
            f"{max_open_positions}. Leave it out for no limit.",
            field="max_open_positions",
        )
    exposure = max_exposure_pct
    if exposure is not None and not (exposure.is_finite() and 0 < exposure <= 100):
        raise InvalidSetting(
            f"Exposure can be limited to more than 0 and at most 100 % of the equity, not to "
            f"{exposure}. Leave it out for no limit.",
            field="max_exposure_pct",
        )


def most_set_aside(trade: TradeSettings, equity: Decimal, *, flips: bool) -> Decimal:
    """The most that an entry of a bot worth `equity` may set aside, by its own size settings.

    Flat, that is exact. When the entry follows an exit at the same open the equity is not known
    yet: room is kept for a little more, and what asks for more still is refused.
    """
    equity = equity * _FLIP_HEADROOM if flips else equity
    match trade.sizing:
        case Sizing.PERCENT:
            return equity * trade.position_pct / 100
        case Sizing.QUOTE:
            return trade.size_quote or Decimal(0)
        case Sizing.RISK:
            ceiling = trade.max_position_pct
            return equity if ceiling is None else equity * ceiling / 100


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


@dataclass(frozen=True, slots=True)
class _Part:
    """One bot's part of the sums, and what it was worked out from."""

    session: SessionSnapshot
    price: PriceRow | None
    """None while it holds nothing: no price changes its part then."""
    day: int
    """Of its market's time, UTC."""
    equity: Decimal
    realised_today: Decimal
    open_pnl: Decimal
    exposure: Decimal


class AccountView:
    """Snapshots of the account. Of a bot whose part did not change nothing is worked out again:
    with each price of fifty bots that was half of a snapshot's time."""

    def __init__(self) -> None:
        self._parts: dict[int, _Part] = {}

    def snapshot(
        self,
        account: AccountRecord,
        free: Decimal,
        holders: Iterable[BotSnapshot],
        set_aside: Collection[Decimal],
    ) -> AccountSnapshot:
        """The account as it stands; `holders` are the bots that have taken a share, `set_aside`
        has one entry for each open position."""
        self._parts = {bot.bot_id: self._part(bot) for bot in holders}
        parts, zero = self._parts.values(), Decimal(0)
        return AccountSnapshot(
            currency=account.currency,
            starting_balance=account.starting_balance,
            free=free,
            equity=free + sum((part.equity for part in parts), zero),
            realised_today=sum((part.realised_today for part in parts), zero),
            open_pnl=sum((part.open_pnl for part in parts), zero),
            exposure=sum((part.exposure for part in parts), zero),
            open_positions=len(set_aside),
            set_aside=sum(set_aside, zero),
            max_open_positions=account.max_open_positions,
            max_exposure_pct=account.max_exposure_pct,
        )

    def _part(self, bot: BotSnapshot) -> _Part:
        session, day, kept = bot.session, bot.now_at // DAY_MS, self._parts.get(bot.bot_id)
        price = bot.price if session.position else None
        if kept is not None and kept.session is session and kept.price == price and kept.day == day:
            return kept
        worth = bot.equity_now, bot.realised_today, bot.open_pnl, bot.exposure
        return _Part(session, price, day, *worth)
