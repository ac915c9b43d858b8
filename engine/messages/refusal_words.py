"""Why a rule said no: its limit, what was found, and what still runs."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.candles import MINUTE_MS
from engine.domain.money import PPM, plain
from engine.domain.reasons import Refusal
from engine.domain.settings import TradeSettings, ppm
from engine.messages import events as ev
from engine.messages.numbers import Numbers, duration

_NOT_SENT = "No order sent"
_EXITS_RUN = "Exits still run"


def why_refused(row: list[int], numbers: Numbers, trade: TradeSettings | None) -> str:
    """The sentence after the rule's name. `row` is a REFUSAL; with the settings of its session
    `trade` it also says what a limit is a share of."""
    limit, actual = row[ev.LIMIT], row[ev.ACTUAL]
    match Refusal(row[ev.CODE]):
        case Refusal.POSITION_ALREADY_OPEN:
            return f"a position is open already. {_NOT_SENT}"
        case Refusal.NO_OPEN_POSITION:
            return f"there is no open position to close. {_NOT_SENT}"
        case Refusal.CONFLICTING_SIGNAL:
            return f"the same candle asked for the opposite too. {_NOT_SENT}"
        case Refusal.COOLDOWN:
            return (
                f"{actual // MINUTE_MS} of {limit // MINUTE_MS} min since the last exit. "
                f"{_EXITS_RUN}"
            )
        case Refusal.MAX_TRADES_PER_DAY:
            return f"{actual} of {limit} trades today (UTC). {_EXITS_RUN}"
        case Refusal.DAILY_LOSS:
            share = _share(
                limit, trade.daily_loss_pct if trade else None, numbers, "at the day's start"
            )
            return (
                f"{numbers.pnl(-actual)} {numbers.quote} today, limit {numbers.money(limit)}"
                f"{share}. No entries until 00:00 UTC. {_EXITS_RUN}"
            )
        case Refusal.MAX_DRAWDOWN:
            share = _share(limit, trade.max_drawdown_pct if trade else None, numbers, "at the peak")
            return (
                f"{numbers.coins(actual)} below the session's highest equity, limit "
                f"{numbers.money(limit)}{share}. No entries while that lasts; a new session "
                f"counts anew. {_EXITS_RUN}"
            )
        case Refusal.STOP_GUARD:
            guard = trade.stop_guard if trade else None
            within = f"within {guard.minutes} min" if guard else "of late"
            return f"{actual} losing stops {within}, limit {limit}. {_EXITS_RUN}"
        case Refusal.STALE_FEED:
            return (
                f"the last price was {duration(actual)} old. No entries until prices come again. "
                f"{_EXITS_RUN}"
            )
        case Refusal.PAUSED:
            return f"entries are paused. {_EXITS_RUN}"
        case Refusal.MAX_POSITION:
            return (
                f"{numbers.money(actual)} would be above the ceiling of {numbers.coins(limit)}. "
                f"{_NOT_SENT}"
            )
        case Refusal.INSUFFICIENT_CASH:
            return (
                f"{numbers.coins(limit)} needed with the fee, {numbers.money(actual)} there. "
                f"{_NOT_SENT}"
            )
        case Refusal.BELOW_MINIMUM:
            return (
                f"{numbers.amount(actual)} is below the smallest order {numbers.amount(limit)}. "
                f"{_NOT_SENT}"
            )
        case Refusal.MAX_SPREAD:
            return f"the spread is {_spread(actual)}, limit {_spread(limit)}. {_NOT_SENT}"
        case Refusal.MAX_OPEN_POSITIONS:
            return f"{actual} of {limit} positions open in the account. {_NOT_SENT}"
        case Refusal.MAX_EXPOSURE:
            return (
                f"{numbers.coins(actual)} needed, {numbers.money(limit)} left of what the "
                f"account may set aside. {_NOT_SENT}"
            )


def limit_and_found(rule: int, limit: int, actual: int, numbers: Numbers) -> tuple[str, str]:
    """The two numbers of a rule's answer, whether it says no or not; empty where it has none."""
    match Refusal(rule):
        case Refusal.COOLDOWN:
            return duration(limit), "no exit yet" if actual < 0 else _since(actual)
        case Refusal.MAX_TRADES_PER_DAY | Refusal.STOP_GUARD | Refusal.MAX_OPEN_POSITIONS:
            return str(limit), str(actual)
        case Refusal.DAILY_LOSS | Refusal.MAX_DRAWDOWN:
            return numbers.money(limit), numbers.money(max(actual, 0))
        case Refusal.STALE_FEED:
            return "", f"{duration(actual)} old" if actual else ""
        case Refusal.MAX_POSITION | Refusal.INSUFFICIENT_CASH | Refusal.MAX_EXPOSURE:
            return numbers.money(limit), numbers.money(actual)
        case Refusal.BELOW_MINIMUM:
            return numbers.amount(limit), numbers.amount(actual)
        case Refusal.MAX_SPREAD:
            return _spread(limit), _spread(actual)
        case _:
            return "", ""


def _since(length_ms: int) -> str:
    return duration(length_ms) if length_ms else "0 m"


def _share(limit: int, percent: Decimal | None, numbers: Numbers, of: str) -> str:
    """`` (3 % of 10,000.00 at the day's start)``: the limit was rounded up from that share."""
    if percent is None or not ppm(percent):
        return ""
    return f" ({plain(percent)} % of {numbers.money(limit * PPM // ppm(percent))} {of})"


def _spread(ppm_of_price: int) -> str:
    """``0.08 % (8 bp)``."""
    percent, points = Decimal(ppm_of_price) / 10_000, Decimal(ppm_of_price) / 100
    return f"{plain(percent)} % ({plain(points)} bp)"
