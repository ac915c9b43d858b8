"""Events as lines for a person: a tag, and a sentence that carries the numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.domain.market import Market
from engine.domain.money import decimals
from engine.domain.reasons import Action, EndReason, ExitReason, Input, Refusal, Side
from engine.messages import events as ev
from engine.messages.events import EventKind

MINUS: Final = "\u2212"
STABLE: Final = frozenset({"USDT", "USDC", "USD", "EUR", "GBP", "DAI", "BUSD", "FDUSD", "TUSD"})


class LogGroup(StrEnum):
    SIGNALS = "Signals"
    BLOCKED = "Blocked"
    EXECUTIONS = "Executions"
    STOPS = "Stops"
    CHECKS = "Checks"
    ERRORS = "Errors"
    NOTES = "Notes"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the trigger log. `at` is market time, UTC ms."""

    at: int
    tag: str
    group: LogGroup
    text: str


def grouped(value: Decimal, places: int) -> str:
    """``-1234.5`` with 2 places -> ``(minus)1,234.50`` with the true minus sign."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    text = f"{abs(rounded):,.{places}f}"
    return f"{MINUS}{text}" if rounded < 0 else text


def signed(value: Decimal, places: int) -> str:
    """Like `grouped`, with ``+`` above zero."""
    text = grouped(value, places)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def money_places(coin: str) -> int:
    """Digits shown for an amount of money in `coin`."""
    return 2 if coin in STABLE else 8


class Wording:
    """Turns one session's event rows into lines; `market` gives steps and coins."""

    def __init__(self, market: Market) -> None:
        self._scale = market.scale
        self._quote = market.quote_coin
        self._price_places = decimals(market.price_step)
        self._amount_places = decimals(market.order_step)
        self._money_places = money_places(market.quote_coin)

    def line(self, row: list[int], note: str) -> LogLine | None:
        """The line of one event, or None for events that another line already tells."""
        spoken = _SPOKEN.get(EventKind(row[ev.KIND]))
        if spoken is None:
            return None
        said = spoken(self, row, note)
        if said is None:
            return None
        tag, group, text = said
        return LogLine(row[ev.AT], tag, group, text)

    def price(self, count: int) -> str:
        return grouped(self._scale.price(count), self._price_places)

    def amount(self, count: int) -> str:
        return grouped(self._scale.amount(abs(count)), self._amount_places)

    def money(self, count: int) -> str:
        return grouped(self._scale.money(count), self._money_places)

    def pnl(self, count: int) -> str:
        return signed(self._scale.money(count), self._money_places)

    def started(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        text = f"Session started with {self.money(row[ev.CASH])} {self._quote}"
        if row[ev.POSITION]:
            text += f", holding {_side(row[ev.POSITION])} {self.amount(row[ev.POSITION])}"
            text += f" from {self.price(row[ev.ENTRY])}"
        return "START", LogGroup.NOTES, text

    def signal(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        reason = f": {note}" if note else ""
        text = f"{_action(row)} signal{reason}, close {self.price(row[ev.PRICE])}"
        return "SIGNAL", LogGroup.SIGNALS, text

    def refusal(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        text = f"{_action(row)} signal refused by {Refusal(row[ev.CODE]).code}: "
        return "BLOCKED", LogGroup.BLOCKED, text + self._why(row)

    def _why(self, row: list[int]) -> str:
        limit, actual = row[ev.LIMIT], row[ev.ACTUAL]
        match Refusal(row[ev.CODE]):
            case Refusal.POSITION_ALREADY_OPEN:
                return "a position is open already. No order sent"
            case Refusal.NO_OPEN_POSITION:
                return "there is no open position to close. No order sent"
            case Refusal.CONFLICTING_SIGNAL:
                return "the same candle asked for the opposite too. No order sent"
            case Refusal.COOLDOWN:
                return (
                    f"{actual // 60_000} of {limit // 60_000} min since the last exit. "
                    "Exits still run"
                )
            case Refusal.MAX_TRADES_PER_DAY:
                return f"{actual} of {limit} trades today (UTC). Exits still run"
            case Refusal.PAUSED:
                return "entries are paused. Exits still run"
            case Refusal.MAX_POSITION:
                return (
                    f"{self.money(actual)} would be above the ceiling of {self.money(limit)} "
                    f"{self._quote}. No order sent"
                )
            case Refusal.INSUFFICIENT_CASH:
                return (
                    f"{self.money(limit)} {self._quote} needed with the fee, "
                    f"{self.money(actual)} there. No order sent"
                )
            case Refusal.BELOW_MINIMUM:
                return (
                    f"{self.amount(actual)} is below the smallest order {self.amount(limit)}. "
                    "No order sent"
                )
            case code:
                return f"{code.code}: limit {limit}, found {actual}. Exits still run"

    def refusals_counted(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        text = (
            f"{_action(row)} signal refused by {Refusal(row[ev.CODE]).code} "
            f"{row[ev.ACTUAL]} times in a row, this was the last"
        )
        return "BLOCKED", LogGroup.BLOCKED, text

    def fill(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        action = Action(row[ev.ACTION])
        amount, price = self.amount(row[ev.AMOUNT]), self.price(row[ev.PRICE])
        total = self.money(row[ev.AMOUNT] * row[ev.PRICE])
        verb = "Bought" if action is Action.BUY else "Sold short"
        text = f"{verb} {amount} @ {price} = {total} {self._quote}, fee {self.money(row[ev.FEE])}"
        return f"{action.name}-EXEC", LogGroup.EXECUTIONS, text

    def added(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        text = (
            f"Added {self.amount(row[ev.AMOUNT])} @ {self.price(row[ev.PRICE])} at the step "
            f"{self.price(row[ev.LIMIT])}, average now {self.price(row[ev.ENTRY])}"
        )
        return "ADD-EXEC", LogGroup.EXECUTIONS, text

    def target_moved(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        before = self.price(row[ev.LIMIT]) if row[ev.LIMIT] else "none"
        return "TARGET", LogGroup.STOPS, f"Target {before} \u2192 {self.price(row[ev.TARGET])}"

    def funding(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        verb = "received" if row[ev.PNL] > 0 else "paid"
        rate = grouped(Decimal(row[ev.LIMIT]) / 1_000_000, 4)
        text = f"Funding {verb}: {self.pnl(row[ev.PNL])} {self._quote} at a rate of {rate} %"
        return "FUNDING", LogGroup.NOTES, text

    def touched(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        reason = ExitReason(row[ev.CODE])
        target = reason is ExitReason.TAKE_PROFIT
        name = {
            ExitReason.TAKE_PROFIT: "target",
            ExitReason.TRAILING_STOP: "trailing stop",
            ExitReason.LIQUIDATION: "liquidation price",
        }.get(reason, "stop")
        above = (row[ev.SIDE] == Side.LONG) == target
        sign = "\u2265" if above else "\u2264"
        move = Decimal(row[ev.LIMIT] - row[ev.ENTRY]) / max(row[ev.ENTRY], 1) * 100
        text = (
            f"Price {self.price(row[ev.PRICE])} {sign} {name} {self.price(row[ev.LIMIT])} "
            f"(entry {signed(move, 2)} %)"
        )
        return ("TP-TRIGGER" if target else "SL-TRIGGER"), LogGroup.STOPS, text

    def closed(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        verb = "Sold" if row[ev.SIDE] == Side.LONG else "Bought back"
        amount, price = self.amount(row[ev.AMOUNT]), self.price(row[ev.PRICE])
        total = row[ev.AMOUNT] * row[ev.PRICE]
        cost = max(row[ev.AMOUNT] * row[ev.ENTRY], 1)
        share = signed(Decimal(row[ev.PNL]) / cost * 100, 2)
        reason = ExitReason(row[ev.CODE]).code.replace("_", " ")
        text = (
            f"{verb} {amount} @ {price} = {self.money(total)} {self._quote}, "
            f"net PnL {self.pnl(row[ev.PNL])} ({share} %), {reason}"
        )
        return "CLOSE-EXEC", LogGroup.EXECUTIONS, text

    def moved(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        extreme = "high" if row[ev.POSITION] > 0 else "low"
        locked = (row[ev.STOP] - row[ev.ENTRY]) * row[ev.POSITION]
        word = f"locks {self.pnl(locked)}" if locked > 0 else f"risks {self.pnl(locked)}"
        before = self.price(row[ev.LIMIT]) if row[ev.LIMIT] else "none"
        text = (
            f"Stop {before} \u2192 {self.price(row[ev.STOP])} "
            f"({extreme} {self.price(row[ev.ACTUAL])}), {word} {self._quote}"
        )
        return "TRAIL", LogGroup.STOPS, text

    def expired(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        return (
            "EXPIRED",
            LogGroup.NOTES,
            f"{_action(row)} was decided but had no later price",
        )

    def commanded(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        text = {
            Input.PAUSE_ENTRIES: "Entries paused by hand. Exits go on",
            Input.RESUME_ENTRIES: "Entries allowed again by hand",
            Input.CLOSE_POSITION: "Close position asked by hand",
            Input.STOP: "Stop asked by hand, the position is kept",
            Input.CLOSE_AND_STOP: "Close and stop asked by hand",
        }[Input(row[ev.CODE])]
        return "COMMAND", LogGroup.NOTES, text

    def ended(self, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        reason = EndReason(row[ev.CODE]).code.replace("_", " ")
        text = f"Session ended ({reason}) with {self.money(row[ev.CASH])} {self._quote}"
        if row[ev.POSITION]:
            text += f", {_side(row[ev.POSITION])} {self.amount(row[ev.POSITION])} kept, UNGUARDED"
        return "END", LogGroup.NOTES, text


def _side(position: int) -> str:
    return "LONG" if position > 0 else "SHORT"


def _action(row: list[int]) -> str:
    return Action(row[ev.ACTION]).name


def _noted(tag: str, group: LogGroup) -> _Spoken:
    def spoken(wording: Wording, row: list[int], note: str) -> tuple[str, LogGroup, str]:
        return tag, group, note

    return spoken


def _entry_only(wording: Wording, row: list[int], note: str) -> tuple[str, LogGroup, str] | None:
    # A closing fill is told by TRADE_CLOSED, with its result.
    return wording.fill(row, note) if Action(row[ev.ACTION]).enters else None


_Spoken = Callable[["Wording", list[int], str], tuple[str, LogGroup, str] | None]

_SPOKEN: Final[Mapping[EventKind, _Spoken]] = MappingProxyType(
    {
        EventKind.SESSION_STARTED: Wording.started,
        EventKind.SIGNAL: Wording.signal,
        EventKind.REFUSAL: Wording.refusal,
        EventKind.REFUSALS_COUNTED: Wording.refusals_counted,
        EventKind.FILL: _entry_only,
        EventKind.POSITION_ADDED: Wording.added,
        EventKind.TARGET_MOVED: Wording.target_moved,
        EventKind.FUNDING_PAID: Wording.funding,
        EventKind.LEVEL_TOUCHED: Wording.touched,
        EventKind.TRADE_CLOSED: Wording.closed,
        EventKind.LEVEL_MOVED: Wording.moved,
        EventKind.EXPIRED: Wording.expired,
        EventKind.COMMANDED: Wording.commanded,
        EventKind.SESSION_ENDED: Wording.ended,
        EventKind.POSITION_CHECK: _noted("POS-CHECK", LogGroup.CHECKS),
        EventKind.NOTE: _noted("NOTE", LogGroup.NOTES),
        EventKind.ERROR: _noted("ERROR", LogGroup.ERRORS),
        EventKind.INTERRUPTED: _noted("INTERRUPTED", LogGroup.NOTES),
        EventKind.RESUMED: _noted("RESUMED", LogGroup.NOTES),
    }
)
