"""Events as lines for a person: a tag, and a sentence that carries the numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.domain.market import Market
from engine.domain.reasons import (
    Action,
    ExitReason,
    Input,
    Refusal,
    Side,
    StopSource,
    TargetSource,
)
from engine.domain.settings import TradeSettings
from engine.language import tr
from engine.messages import events as ev
from engine.messages.code_words import (
    COMMANDS,
    ENDS,
    EXITS,
    LEVELS,
    NO_LEVEL,
    STOP,
    STOP_NAME,
    TARGET_NAME,
)
from engine.messages.events import EventKind
from engine.messages.numbers import Numbers, duration, grouped, signed
from engine.messages.reason_words import reason_words
from engine.messages.refusal_words import why_refused
from engine.messages.value_words import word

_ARROW: Final = "\u2192"


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


Said = tuple[str, LogGroup, str]


class Wording(Numbers):
    """Turns one session's event rows into lines; `market` gives steps and coins. With the
    session's settings `trade`, refusals also say what their limits are a share of."""

    def __init__(self, market: Market, trade: TradeSettings | None = None) -> None:
        super().__init__(market)
        self._trade = trade

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

    def started(self, row: list[int], note: str) -> Said:
        coins = self.coins(row[ev.CASH])
        if not row[ev.POSITION]:
            return "START", LogGroup.NOTES, tr("Session started with {coins}", coins=coins)
        text = tr(
            "Session started with {coins}, holding {side} {amount} from {price}",
            coins=coins,
            side=_side(row[ev.POSITION]),
            amount=self.amount(row[ev.POSITION]),
            price=self.price(row[ev.ENTRY]),
        )
        return "START", LogGroup.NOTES, text

    def signal(self, row: list[int], note: str) -> Said:
        reason = f": {reason_words(note)}" if note else ""
        text = tr(
            "{action} signal{reason}, close {price}",
            action=_action(row),
            reason=reason,
            price=self.price(row[ev.PRICE]),
        )
        return "SIGNAL", LogGroup.SIGNALS, text

    def refusal(self, row: list[int], note: str) -> Said:
        text = tr(
            "{asked} refused by {rule}: {why}",
            asked=self._asked(row),
            rule=Refusal(row[ev.CODE]).code,
            why=why_refused(row, self, self._trade),
        )
        return "BLOCKED", LogGroup.BLOCKED, text

    def refusals_counted(self, row: list[int], note: str) -> Said:
        text = tr(
            "{asked} refused by {rule} {count} times in a row, this was the last",
            asked=self._asked(row),
            rule=Refusal(row[ev.CODE]).code,
            count=row[ev.ACTUAL],
        )
        return "BLOCKED", LogGroup.BLOCKED, text

    def _asked(self, row: list[int]) -> str:
        """What was refused: a signal, or a step that would have added to the position."""
        # A signal for the side that is held is refused by these two before any other is asked.
        signals = (Refusal.POSITION_ALREADY_OPEN, Refusal.CONFLICTING_SIGNAL)
        action = Action(row[ev.ACTION])
        same_side = action.enters and row[ev.POSITION] * action.side > 0
        if not same_side or row[ev.CODE] in signals:
            return tr("{action} signal", action=action.name)
        side = _side(row[ev.POSITION])
        if not row[ev.PRICE]:
            return tr("Adding to the {side}", side=side)
        return tr("Adding to the {side} at {price}", side=side, price=self.price(row[ev.PRICE]))

    def fill(self, row: list[int], note: str) -> Said | None:
        action = Action(row[ev.ACTION])
        if not action.enters:
            # The last one is told by TRADE_CLOSED, with the result of the trade.
            return self._partial_exit(row) if row[ev.POSITION] else None
        traded = tr("{traded}, fee {fee}", traded=self._traded(row), fee=self.money(row[ev.FEE]))
        if 0 < row[ev.TRADE] < row[ev.NO]:
            text = tr(
                "Added {traded}. Average now {price}",
                traded=traded,
                price=self.price(row[ev.ENTRY]),
            )
            return "ADD-EXEC", LogGroup.EXECUTIONS, text + self._levels(row) + self._margin(row)
        verb = tr("Bought") if action is Action.BUY else tr("Sold short")
        if 0 < row[ev.POSITION] < row[ev.AMOUNT]:
            traded += tr(
                " kept back, {amount} {base} held",
                amount=self.amount(row[ev.POSITION]),
                base=self.base,
            )
        return f"{action.name}-EXEC", LogGroup.EXECUTIONS, f"{verb} {traded}{self._margin(row)}"

    def _partial_exit(self, row: list[int]) -> Said:
        text = tr(
            "{sold} {traded}, fee {fee}, result {pnl} before fees, {reason}. {amount} left",
            sold=_sold(row),
            traded=self._traded(row),
            fee=self.money(row[ev.FEE]),
            pnl=self.pnl(row[ev.PNL]),
            reason=EXITS[row[ev.CODE]],
            amount=self.amount(row[ev.POSITION]),
        )
        return "PART-EXEC", LogGroup.EXECUTIONS, text

    def _traded(self, row: list[int]) -> str:
        total = self.coins(row[ev.AMOUNT] * row[ev.PRICE])
        return f"{self.amount(row[ev.AMOUNT])} @ {self.price(row[ev.PRICE])} = {total}"

    def _levels(self, row: list[int]) -> str:
        stop, target = row[ev.STOP], row[ev.TARGET]
        text = tr(", stop {price}", price=self.price(stop)) if stop else ""
        return text + tr(", target {price}", price=self.price(target)) if target else text

    def _margin(self, row: list[int]) -> str:
        """Only with leverage: without it all that was paid is set aside."""
        if row[ev.COLLATERAL] == row[ev.COST]:
            return ""
        text = tr(", margin {margin}", margin=self.money(row[ev.COLLATERAL]))
        if row[ev.LIQUIDATION]:
            text += tr(", liquidation at {price}", price=self.price(row[ev.LIQUIDATION]))
        return text

    def touched(self, row: list[int], note: str) -> Said:
        name, tag, favourable = LEVELS.get(row[ev.CODE], STOP)
        sign = "\u2265" if (row[ev.SIDE] == Side.LONG) == favourable else "\u2264"
        move = Decimal(row[ev.LIMIT] - row[ev.ENTRY]) / max(row[ev.ENTRY], 1) * 100
        text = tr(
            "Price {price} {sign} {level} {level_price} (entry {move} %)",
            price=self.price(row[ev.PRICE]),
            sign=sign,
            level=name,
            level_price=self.price(row[ev.LIMIT]),
            move=signed(move, 2),
        )
        return tag, LogGroup.STOPS, text

    def closed(self, row: list[int], note: str) -> Said:
        amount, entry = row[ev.AMOUNT], row[ev.ENTRY]
        share = signed(Decimal(row[ev.PNL]) / max(amount * entry, 1) * 100, 2)
        funding = tr(", funding {pnl}", pnl=self.pnl(row[ev.FUNDING])) if row[ev.FUNDING] else ""
        text = tr(
            "{sold} {traded}{on_average}, net PnL {pnl} ({share} %){funding}, {reason}",
            sold=_sold(row),
            traded=self._traded(row),
            on_average=self._on_average(row),
            pnl=self.pnl(row[ev.PNL]),
            share=share,
            funding=funding,
            reason=EXITS[row[ev.CODE]],
        )
        return "CLOSE-EXEC", LogGroup.EXECUTIONS, text

    def _on_average(self, row: list[int]) -> str:
        """Said of a trade whose result is not that of one fill in and one out at these prices."""
        gross = row[ev.PNL] + row[ev.ACTUAL] - row[ev.FUNDING]
        moved = row[ev.SIDE] * (row[ev.PRICE] - row[ev.ENTRY]) * row[ev.AMOUNT]
        if gross == moved:
            return ""
        return tr(" in all, from {price} on average", price=self.price(row[ev.ENTRY]))

    def stop_moved(self, row: list[int], note: str) -> Said:
        if row[ev.STOP_BY] == StopSource.BREAK_EVEN:
            text = tr(
                "{moved}, the entry price: {at_stake}",
                moved=self._moved(STOP_NAME, row[ev.LIMIT], row[ev.STOP]),
                at_stake=self._at_stake(row),
            )
            return "BREAK-EVEN", LogGroup.STOPS, text
        moved = self._moved(STOP_NAME, row[ev.LIMIT], row[ev.STOP])
        text = f"{moved}{self._best(row)}, {self._at_stake(row)}"
        return "TRAIL", LogGroup.STOPS, text

    def _best(self, row: list[int]) -> str:
        """The best price so far, from which a stop trails."""
        if not row[ev.ACTUAL]:
            return ""
        price = self.price(row[ev.ACTUAL])
        if row[ev.POSITION] > 0:
            return tr(" (high {price})", price=price)
        return tr(" (low {price})", price=price)

    def target_moved(self, row: list[int], note: str) -> Said:
        text = self._target(row)
        if row[ev.CODE] == TargetSource.STEP:
            text = tr("{target} by the table of ages", target=text)
        return "TARGET", LogGroup.STOPS, text

    def _moved(self, name: str, before: int, now: int) -> str:
        said = [self.price(level) if level else NO_LEVEL for level in (before, now)]
        return f"{name} {said[0]} {_ARROW} {said[1]}"

    def _target(self, row: list[int]) -> str:
        side = 1 if row[ev.POSITION] > 0 else -1
        move = Decimal(side * (row[ev.TARGET] - row[ev.ENTRY])) / max(row[ev.ENTRY], 1) * 100
        moved = self._moved(TARGET_NAME, row[ev.LIMIT], row[ev.TARGET])
        return f"{moved} ({signed(move, 2)} %)"

    def _at_stake(self, row: list[int]) -> str:
        """What the position would bring at its stop, before fees."""
        cost = row[ev.COST] if row[ev.POSITION] > 0 else -row[ev.COST]
        result = row[ev.STOP] * row[ev.POSITION] - cost
        if result > 0:
            return tr("locks {result} {coin}", result=self.pnl(result), coin=self.quote)
        return tr("risks {result} {coin}", result=self.pnl(result), coin=self.quote)

    def funding(self, row: list[int], note: str) -> Said:
        pnl, rate = self.pnl(row[ev.PNL]), grouped(Decimal(row[ev.LIMIT]) / 1_000_000, 4)
        if row[ev.PNL] > 0:
            text = tr(
                "Funding received: {pnl} {coin} at a rate of {rate} %",
                pnl=pnl,
                coin=self.quote,
                rate=rate,
            )
        else:
            text = tr(
                "Funding paid: {pnl} {coin} at a rate of {rate} %",
                pnl=pnl,
                coin=self.quote,
                rate=rate,
            )
        if row[ev.LIQUIDATION]:
            text += tr(", liquidation now at {price}", price=self.price(row[ev.LIQUIDATION]))
        return "FUNDING", LogGroup.NOTES, text

    def expired(self, row: list[int], note: str) -> Said:
        text = tr("{action} was decided but had no later price", action=_action(row))
        if row[ev.CODE] == ExitReason.PARTIAL_TARGET:
            text = tr(
                "Partial target left out: its share is below the smallest order and stays held"
            )
        return "EXPIRED", LogGroup.NOTES, text

    def commanded(self, row: list[int], note: str) -> Said:
        code = Input(row[ev.CODE])
        if code in (Input.MOVE_STOP, Input.MOVE_TARGET):
            return "COMMAND", LogGroup.NOTES, self._moved_by_hand(row, code)
        if code is Input.FEED_STALE:
            text = tr(
                "No price for {duration}. No entries until prices come again",
                duration=duration(row[ev.ACTUAL]),
            )
            return "FEED", LogGroup.NOTES, text
        tag = "FEED" if code is Input.FEED_FRESH else "COMMAND"
        return tag, LogGroup.NOTES, COMMANDS[code]

    def _moved_by_hand(self, row: list[int], code: Input) -> str:
        stop = code is Input.MOVE_STOP
        if not row[ev.POSITION] or row[ev.PRICE] <= 0:
            if stop:
                return tr("Stop move asked by hand: nothing is held any more")
            return tr("Target move asked by hand: nothing is held any more")
        if stop:
            moved = self._moved(STOP_NAME, row[ev.LIMIT], row[ev.STOP])
            return tr("{moved} by hand, {at_stake}", moved=moved, at_stake=self._at_stake(row))
        return tr("{target} by hand", target=self._target(row))

    def ended(self, row: list[int], note: str) -> Said:
        reason, coins = ENDS[row[ev.CODE]], self.coins(row[ev.CASH])
        if not row[ev.POSITION]:
            text = tr("Session ended ({reason}) with {coins}", reason=reason, coins=coins)
            return "END", LogGroup.NOTES, text
        text = tr(
            "Session ended ({reason}) with {coins}, {side} {amount} kept, UNGUARDED",
            reason=reason,
            coins=coins,
            side=_side(row[ev.POSITION]),
            amount=self.amount(row[ev.POSITION]),
        )
        return "END", LogGroup.NOTES, text


def _side(position: int) -> str:
    return "LONG" if position > 0 else "SHORT"


def _action(row: list[int]) -> str:
    return Action(row[ev.ACTION]).name


def _sold(row: list[int]) -> str:
    return tr("Sold") if row[ev.SIDE] == Side.LONG else tr("Bought back")


def _noted(tag: str, group: LogGroup) -> _Spoken:
    def spoken(wording: Wording, row: list[int], note: str) -> Said:
        return tag, group, word(note)

    return spoken


_Spoken = Callable[["Wording", list[int], str], Said | None]

_SPOKEN: Final[Mapping[EventKind, _Spoken]] = MappingProxyType(
    {
        EventKind.SESSION_STARTED: Wording.started,
        EventKind.SIGNAL: Wording.signal,
        EventKind.REFUSAL: Wording.refusal,
        EventKind.REFUSALS_COUNTED: Wording.refusals_counted,
        EventKind.FILL: Wording.fill,
        EventKind.FUNDING_PAID: Wording.funding,
        EventKind.LEVEL_TOUCHED: Wording.touched,
        EventKind.TRADE_CLOSED: Wording.closed,
        EventKind.LEVEL_MOVED: Wording.stop_moved,
        EventKind.TARGET_MOVED: Wording.target_moved,
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
