"""The rules and the ledger hold for what the kernel does, and not for what it must not do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from engine.core.layout import new_state
from engine.core.settings_vector import kernel_settings
from engine.domain import rows as column
from engine.domain.candles import MINUTE_MS
from engine.domain.columns import IntMatrix
from engine.domain.market import Market
from engine.domain.reasons import Input, Refusal
from engine.domain.rows import RowKind, input_row
from engine.domain.settings import AddStep, FeeCoin, PartialTarget, StopGuard, TradeSettings
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.runtime.deciding import Decider
from tests.simulation.ledger import BrokenError, Ledger
from tests.simulation.rules import Rules
from tests.simulation.watching import AccountLimits, Books

MARKET = Market("BTC/USDT", Decimal("0.1"), Decimal("0.0001"), Decimal("0.0001"))
ORDER_STEP = 1
BEGAN_AT = 1_700_006_400_000 + 20 * 3_600_000
SPOT = TradeSettings(
    cash=Decimal(1_000_000),
    slippage_pct=Decimal("0.02"),
    stop_loss_pct=Decimal("0.8"),
    take_profit_pct=Decimal(1),
    adds=(AddStep(Decimal("0.3"), Decimal("0.4")),),
    position_pct=Decimal(15),
    partial_targets=(PartialTarget(Decimal("0.4"), Decimal(40)),),
    cooldown_min=4,
    max_drawdown_pct=Decimal(5),
    daily_loss_pct=Decimal("0.8"),
    stop_guard=StopGuard(2, 60),
    fee_coin=FeeCoin.BASE,
    maker_fee_pct=Decimal("0.02"),
)
FUTURE = replace(
    SPOT,
    leverage=50,
    stop_loss_pct=None,
    fee_coin=FeeCoin.QUOTE,
    daily_loss_pct=Decimal(40),
    max_drawdown_pct=Decimal(30),
    stop_guard=None,
)


@dataclass(frozen=True)
class Played:
    trade: TradeSettings
    rows: IntMatrix
    events: IntMatrix

    def follow(self, trade: TradeSettings | None = None) -> None:
        Rules("bot").follow(trade or self.trade, MINUTE_MS, self.events, self.rows)

    def count(self, trade: TradeSettings | None = None) -> None:
        ledger = Ledger("bot")
        share = MARKET.scale.money_count(self.trade.cash)
        ledger.open(trade or self.trade, share, ORDER_STEP, reset=False)
        ledger.take(self.events)


@cache
def played(trade: TradeSettings, ticks: bool) -> Played:
    """Half a day over midnight: minutes as whole bars, or as ticks and closes."""
    rng = np.random.default_rng(3)
    walk = 10_000 + np.cumsum(np.rint(rng.normal(0, 12, (700, 4))).reshape(-1)).astype(np.int64)
    lines, signals = [], []
    for minute, prices in enumerate(walk.reshape(700, 4).tolist()):
        at = BEGAN_AT + minute * MINUTE_MS
        o, _, _, c = prices
        bar = [o, max(prices), min(prices), c]
        signal = int(rng.choice([0, 0, 0, 1, 2, 4, 8]))
        if ticks:
            lines += [[RowKind.PRICE, at + 7 + i * 14_000, *[p] * 4] for i, p in enumerate(prices)]
            lines.append([RowKind.CLOSED, at + MINUTE_MS, *bar])
            signals += [0] * 4 + [signal]
        else:
            lines.append([RowKind.BAR, at, *bar])
            signals.append(signal)
    rows = np.array(lines, np.int64)
    state = new_state(MARKET.scale.money_count(trade.cash))
    decider = Decider(kernel_settings(trade, MARKET, MINUTE_MS), state)
    events = [decider.begin(BEGAN_AT), decider.advance(rows, np.array(signals, np.int32))]
    return Played(trade, rows, np.concatenate(events))


BOTH = pytest.mark.parametrize("ticks", [False, True])


@BOTH
@pytest.mark.parametrize("trade", [SPOT, FUTURE], ids=["spot", "future"])
def test_what_the_kernel_does_is_right(trade: TradeSettings, ticks: bool) -> None:
    one = played(trade, ticks)
    one.follow()
    one.count()
    kinds = set(one.events[:, ev.KIND].tolist())
    assert {EventKind.POSITION_ADDED, EventKind.TRADE_CLOSED, EventKind.REFUSAL} <= kinds
    refused = one.events[one.events[:, ev.KIND] == EventKind.REFUSAL, ev.CODE].tolist()
    wanted = {Refusal.COOLDOWN, Refusal.DAILY_LOSS if trade is SPOT else Refusal.MAX_DRAWDOWN}
    assert wanted <= set(refused)


@BOTH
@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("no add past daily_loss", {"daily_loss_pct": Decimal("0.02")}),
        ("no add past max_drawdown", {"max_drawdown_pct": Decimal("0.02")}),
        ("no entry after", {"stop_guard": StopGuard(1, 300)}),
        ("no entry while it cools down", {"cooldown_min": 30}),
        ("found", {"daily_loss_pct": Decimal("0.9")}),
        ("a fill sets aside its margin", {"leverage": 2, "fee_coin": FeeCoin.QUOTE}),
        ("a position sets aside at most", {"max_position_pct": Decimal(12)}),
        ("nothing is added", {"adds": ()}),
    ],
)
def test_under_other_rules_it_would_be_wrong(
    words: str, changed: dict[str, object], ticks: bool
) -> None:
    with pytest.raises(BrokenError, match=words):
        played(SPOT, ticks).follow(replace(SPOT, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", ["daily_loss", "max_drawdown"])
def test_an_entry_past_a_limit(limit: str) -> None:
    plain = replace(SPOT, adds=())
    with pytest.raises(BrokenError, match=f"no entry past {limit}"):
        played(plain, False).follow(replace(plain, **{f"{limit}_pct": Decimal("0.02")}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"fee_coin": FeeCoin.QUOTE},
        {"fee_pct": Decimal("0.11")},
        {"maker_fee_pct": Decimal("0.03")},
    ],
    ids=["coin", "fee", "maker"],
)
def test_with_other_fees_it_would_be_wrong(changed: dict[str, object]) -> None:
    with pytest.raises(BrokenError, match="the fee is one of"):
        played(SPOT, True).count(replace(SPOT, **changed))  # type: ignore[arg-type]


def quiet_row(one: Played, held: Callable[[IntMatrix], bool]) -> int:
    """Index of a row in which nothing happens while a position is open."""
    happened = set(one.events[:, ev.ROW_AT].tolist())
    for place, row in enumerate(one.rows):
        before = one.events[one.events[:, ev.ROW_AT] < row[column.AT]]
        quiet = row[column.KIND] != RowKind.CLOSED and row[column.AT] not in happened
        if quiet and len(before) and before[-1, ev.POSITION] and held(before[-1]):
            return place
    raise AssertionError("there is no such row")


@BOTH
@pytest.mark.parametrize(
    ("trade", "level", "name"),
    [(SPOT, ev.STOP, "stop"), (SPOT, ev.TARGET, "target"), (FUTURE, ev.LIQUIDATION, "liquidation")],
    ids=["stop", "target", "liquidation"],
)
def test_a_price_that_nobody_met(trade: TradeSettings, level: int, name: str, ticks: bool) -> None:
    one = played(trade, ticks)
    place = quiet_row(one, lambda state: bool(state[level]))
    rows, at = one.rows.copy(), one.rows[place, column.AT]
    before = one.events[one.events[:, ev.ROW_AT] < at][-1]
    rows[place, column.HIGH if before[level] > rows[place, column.CLOSE] else column.LOW] = before[
        level
    ]
    with pytest.raises(BrokenError, match=f"ends at its {name}"):
        replace(one, rows=rows).follow()


def test_a_liquidation_price_that_is_another() -> None:
    one = played(FUTURE, False)
    events = one.events.copy()
    held = np.flatnonzero(events[:, ev.LIQUIDATION])
    events[held[-1], ev.LIQUIDATION] += 3
    with pytest.raises(BrokenError, match="liquidated where its margin is gone"):
        replace(one, events=events).follow()


def test_an_entry_larger_than_the_accounts_room() -> None:
    one = played(SPOT, True)
    opened = one.events[one.events[:, ev.KIND] == EventKind.TRADE_OPENED][0]
    place = int(np.flatnonzero(one.rows[:, column.AT] == opened[ev.ROW_AT])[0])
    for room in (opened[ev.COLLATERAL], opened[ev.COLLATERAL] - 1):
        at = int(one.rows[place - 1, column.AT])
        told = input_row(Input.ACCOUNT, at, Refusal.MAX_EXPOSURE, int(room), 0)
        rows = np.insert(one.rows, place, told.table[0], axis=0)
        if room == opened[ev.COLLATERAL]:
            replace(one, rows=rows).follow()
            continue
        with pytest.raises(BrokenError, match="the account had room"):
            replace(one, rows=rows).follow()


def test_limits_of_all_bots_together() -> None:
    def books(most: int | None, share: Decimal | None, *aside: int) -> Books:
        held = {number: Decimal(amount) for number, amount in enumerate(aside) if amount}
        return Books(most, share, Decimal(1_000), held)

    limits = AccountLimits()
    for now, waiting in (
        (books(None, None, 100, 100), ()),
        (books(1, None, 100, 100), (2, 3)),  # above it already, and more was decided before it
        (books(1, None, 100, 100, 100), (3,)),
        (books(1, None, 100, 100, 100, 100), ()),
        (books(1, None), ()),
        (books(1, None, 0, 100), ()),
        (books(None, Decimal(20), 0, 100), ()),
        (books(None, Decimal(20), 100, 300), ()),  # what was open has grown by adds
    ):
        limits.look(now, waiting)
    with pytest.raises(BrokenError, match="Bots set aside"):
        limits.look(books(None, Decimal(20), 100, 300, 20), ())
    limits = AccountLimits()
    limits.look(books(1, None, 100), ())
    with pytest.raises(BrokenError, match="At most 1 positions"):
        limits.look(books(1, None, 100, 100), ())
