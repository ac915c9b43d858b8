"""The paper account: one balance, from which each bot takes its share when it first starts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal
from typing import Final, NamedTuple

from engine.domain.candles import DAY_MS
from engine.domain.money import plain
from engine.domain.settings import Sizing, TradeSettings
from engine.errors import InvalidSetting
from engine.language import localised, tr
from engine.messages.snapshot import AccountSnapshot, BotSnapshot, PriceRow
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
            tr(
                "The starting balance must be above 0 and at most {most:,}, not {balance}.",
                most=10**12,
                balance=localised(f"{balance}"),
            ),
            field="starting_balance",
        )
    return AccountRecord(PAPER, CURRENCY, balance, Decimal(0), now_ms)


def check_limits(max_open_positions: int | None, max_exposure_pct: Decimal | None) -> None:
    """InvalidSetting for what is no limit of an account."""
    if max_open_positions is not None and not 1 <= max_open_positions <= _MOST_POSITIONS:
        raise InvalidSetting(
            tr(
                "Open positions can be limited to 1 to {most_positions:,}, not to "
                "{max_open_positions}. Leave it out for no limit.",
                most_positions=_MOST_POSITIONS,
                max_open_positions=max_open_positions,
            ),
            field="max_open_positions",
        )
    exposure = max_exposure_pct
    if exposure is not None and not (exposure.is_finite() and 0 < exposure <= 100):
        raise InvalidSetting(
            tr(
                "Exposure can be limited to more than 0 and at most 100 % of the "
                "equity, not to {exposure}. Leave it out for no limit.",
                exposure=localised(f"{exposure}"),
            ),
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
            tr(
                "{name} asks for a share of {share} {currency}, but only {free} of "
                "the paper account is free. Choose a smaller share, delete a bot, or "
                "reset the account.",
                name=name,
                share=localised(plain(share)),
                currency=CURRENCY,
                free=localised(plain(free)),
            ),
            field="cash",
        )


class _Sums(NamedTuple):
    """What one bot comes to, or all of them together."""

    share: Decimal
    """What it took from the account."""
    equity: Decimal
    realised_today: Decimal
    open_pnl: Decimal
    exposure: Decimal


class _Part(NamedTuple):
    """One bot's part of the sums, and what it was worked out from."""

    bot: BotSnapshot
    """As it was looked at last."""
    price: PriceRow | None
    """None while it holds nothing: no price changes its part then."""
    set_aside: Decimal | None
    sums: _Sums


class AccountView:
    """Snapshots of the account. Of a bot whose part did not change nothing is worked out again,
    and nothing is added up where no part did: of hundreds a few have changed in each frame."""

    def __init__(self) -> None:
        self._parts: dict[int, _Part] = {}
        self._sums: _Sums | None = None
        """Of these parts; None when some of them changed."""

    def look_at(self, bot: BotSnapshot, set_aside: Decimal | None) -> None:
        """A bot that has taken a share, as it is now, and what its position has set aside."""
        kept, price = self._parts.get(bot.bot_id), bot.price if bot.session.position else None
        sums = None
        if kept is not None and kept.price == price and _same_day(kept.bot, bot):
            sums = kept.sums
        if sums is None:
            worth = bot.equity_now, bot.realised_today, bot.open_pnl, bot.exposure
            sums, self._sums = _Sums(bot.settings.trade.cash, *worth), None
        self._parts[bot.bot_id] = _Part(bot, price, set_aside, sums)

    def forget(self, bot_id: int) -> None:
        """It is gone, or has no share."""
        if self._parts.pop(bot_id, None) is not None:
            self._sums = None

    def snapshot(self, account: AccountRecord) -> AccountSnapshot:
        """The account as it stands, with the bots as they were looked at."""
        sums = self._sums = self._sums or self._together()
        set_aside = [one.set_aside for one in self._parts.values() if one.set_aside is not None]
        free = free_of(account, [sums.share])
        return AccountSnapshot(
            currency=account.currency,
            starting_balance=account.starting_balance,
            free=free,
            equity=free + sums.equity,
            realised_today=sums.realised_today,
            open_pnl=sums.open_pnl,
            exposure=sums.exposure,
            open_positions=len(set_aside),
            set_aside=sum(set_aside, Decimal(0)),
            max_open_positions=account.max_open_positions,
            max_exposure_pct=account.max_exposure_pct,
        )

    def _together(self) -> _Sums:
        parts, zero = [part.sums for part in self._parts.values()], Decimal(0)
        return _Sums(
            sum((part.share for part in parts), zero),
            sum((part.equity for part in parts), zero),
            sum((part.realised_today for part in parts), zero),
            sum((part.open_pnl for part in parts), zero),
            sum((part.exposure for part in parts), zero),
        )


def _same_day(one: BotSnapshot, other: BotSnapshot) -> bool:
    """Whether nothing happened between the two but prices of one day."""
    same = one.session is other.session and one.settings is other.settings
    return same and one.now_at // DAY_MS == other.now_at // DAY_MS
