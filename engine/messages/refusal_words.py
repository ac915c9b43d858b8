"""Why a rule said no: its limit, what was found, and what still runs."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.candles import MINUTE_MS
from engine.domain.money import PPM, plain
from engine.domain.reasons import Refusal
from engine.domain.settings import TradeSettings, ppm
from engine.language import localised, tr
from engine.messages import events as ev
from engine.messages.numbers import Numbers, duration

_NOT_SENT = tr("No order sent")
_EXITS_RUN = tr("Exits still run")


def why_refused(row: list[int], numbers: Numbers, trade: TradeSettings | None) -> str:
    """The sentence after the rule's name. `row` is a REFUSAL; with the settings of its session
    `trade` it also says what a limit is a share of."""
    limit, actual = row[ev.LIMIT], row[ev.ACTUAL]
    match Refusal(row[ev.CODE]):
        case Refusal.POSITION_ALREADY_OPEN:
            return tr("a position is open already. {not_sent}", not_sent=_NOT_SENT)
        case Refusal.NO_OPEN_POSITION:
            return tr("there is no open position to close. {not_sent}", not_sent=_NOT_SENT)
        case Refusal.CONFLICTING_SIGNAL:
            return tr("the same candle asked for the opposite too. {not_sent}", not_sent=_NOT_SENT)
        case Refusal.COOLDOWN:
            return tr(
                "{minutes} of {limit} min since the last exit. {exits_run}",
                minutes=actual // MINUTE_MS,
                limit=limit // MINUTE_MS,
                exits_run=_EXITS_RUN,
            )
        case Refusal.MAX_TRADES_PER_DAY:
            return tr(
                "{count} of {limit} trades today (UTC). {exits_run}",
                count=actual,
                limit=limit,
                exits_run=_EXITS_RUN,
            )
        case Refusal.DAILY_LOSS:
            base = _share_of(limit, trade.daily_loss_pct if trade else None, numbers)
            share = tr(" ({pct} % of {money} at the day's start)", **base) if base else ""
            return tr(
                "{pnl} {coin} today, limit {limit}{share}. No entries until 00:00 UTC. {exits_run}",
                pnl=numbers.pnl(-actual),
                coin=numbers.quote,
                limit=numbers.money(limit),
                share=share,
                exits_run=_EXITS_RUN,
            )
        case Refusal.MAX_DRAWDOWN:
            base = _share_of(limit, trade.max_drawdown_pct if trade else None, numbers)
            share = tr(" ({pct} % of {money} at the peak)", **base) if base else ""
            return tr(
                "{coins} below the session's highest equity, limit {limit}{share}. "
                "No entries while that lasts; a new session counts anew. "
                "{exits_run}",
                coins=numbers.coins(actual),
                limit=numbers.money(limit),
                share=share,
                exits_run=_EXITS_RUN,
            )
        case Refusal.STOP_GUARD:
            guard = trade.stop_guard if trade else None
            if guard is None:
                return tr(
                    "{count} losing stops of late, limit {limit}. {exits_run}",
                    count=actual,
                    limit=limit,
                    exits_run=_EXITS_RUN,
                )
            return tr(
                "{count} losing stops within {minutes} min, limit {limit}. {exits_run}",
                count=actual,
                minutes=guard.minutes,
                limit=limit,
                exits_run=_EXITS_RUN,
            )
        case Refusal.STALE_FEED:
            return tr(
                "the last price was {age} old. No entries until prices come again. {exits_run}",
                age=duration(actual),
                exits_run=_EXITS_RUN,
            )
        case Refusal.PAUSED:
            return tr("entries are paused. {exits_run}", exits_run=_EXITS_RUN)
        case Refusal.MAX_POSITION:
            return tr(
                "{money} would be above the ceiling of {limit}. {not_sent}",
                money=numbers.money(actual),
                limit=numbers.coins(limit),
                not_sent=_NOT_SENT,
            )
        case Refusal.INSUFFICIENT_CASH:
            return tr(
                "{coins} needed with the fee, {money} there. {not_sent}",
                coins=numbers.coins(limit),
                money=numbers.money(actual),
                not_sent=_NOT_SENT,
            )
        case Refusal.BELOW_MINIMUM:
            return tr(
                "{amount} is below the smallest order {smallest}. {not_sent}",
                amount=numbers.amount(actual),
                smallest=numbers.amount(limit),
                not_sent=_NOT_SENT,
            )
        case Refusal.MAX_SPREAD:
            return tr(
                "the spread is {spread}, limit {limit}. {not_sent}",
                spread=_spread(actual),
                limit=_spread(limit),
                not_sent=_NOT_SENT,
            )
        case Refusal.MAX_OPEN_POSITIONS:
            return tr(
                "{count} of {limit} positions open in the account. {not_sent}",
                count=actual,
                limit=limit,
                not_sent=_NOT_SENT,
            )
        case Refusal.MAX_EXPOSURE:
            return tr(
                "{coins} needed, {money} left of what the account may set aside. {not_sent}",
                coins=numbers.coins(actual),
                money=numbers.money(limit),
                not_sent=_NOT_SENT,
            )


def limit_and_found(rule: int, limit: int, actual: int, numbers: Numbers) -> tuple[str, str]:
    """The two numbers of a rule's answer, whether it says no or not; empty where it has none."""
    match Refusal(rule):
        case Refusal.COOLDOWN:
            return duration(limit), tr("no exit yet") if actual < 0 else _since(actual)
        case Refusal.MAX_TRADES_PER_DAY | Refusal.STOP_GUARD | Refusal.MAX_OPEN_POSITIONS:
            return str(limit), str(actual)
        case Refusal.DAILY_LOSS | Refusal.MAX_DRAWDOWN:
            return numbers.money(limit), numbers.money(max(actual, 0))
        case Refusal.STALE_FEED:
            return "", tr("{age} old", age=duration(actual)) if actual else ""
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


def _share_of(limit: int, percent: Decimal | None, numbers: Numbers) -> dict[str, str]:
    """Which share of which money the limit was rounded up from; empty where nobody knows."""
    if percent is None or not ppm(percent):
        return {}
    money = numbers.money(limit * PPM // ppm(percent))
    return {"pct": localised(plain(percent)), "money": money}


def _spread(ppm_of_price: int) -> str:
    """``0.08 % (8 bp)``."""
    percent, points = Decimal(ppm_of_price) / 10_000, Decimal(ppm_of_price) / 100
    return f"{localised(plain(percent))} % ({localised(plain(points))} bp)"
