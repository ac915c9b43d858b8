"""A small session played by the kernel, for what is asked about it afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from engine.core.layout import new_state
from engine.core.settings_vector import kernel_settings
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.market import Market
from engine.domain.reasons import Action, EndReason
from engine.domain.rows import RowKind
from engine.domain.settings import TradeSettings
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.runtime.deciding import Decider

MINUTE = 60_000
ONE = Decimal(1)
MARKET = Market("AAA/BBB", ONE, ONE, ONE)
FREE = TradeSettings(fee_pct=Decimal(0), position_pct=Decimal(25))

Bar = tuple[int, int, int, int]


@dataclass(frozen=True)
class Played:
    settings: IntColumn
    events: IntMatrix
    table: IntMatrix
    signals: SignalColumn

    def of(self, kind: EventKind) -> IntMatrix:
        chosen: IntMatrix = self.events[self.events[:, ev.KIND] == kind]
        return chosen

    @property
    def pnl(self) -> int:
        return int(self.of(EventKind.TRADE_CLOSED)[:, ev.PNL].sum())


def bars(*prices: Bar) -> IntMatrix:
    """BAR rows of minutes from 0 on."""
    table: IntMatrix = np.zeros((len(prices), 6), np.int64)
    table[:, 0] = RowKind.BAR
    table[:, 1] = np.arange(len(prices)) * MINUTE
    table[:, 2:] = prices
    return table


def signals(count: int, asked: Mapping[int, Sequence[Action]]) -> SignalColumn:
    column: SignalColumn = np.zeros(count, np.int32)
    for place, actions in asked.items():
        column[place] = sum(1 << (action - 1) for action in actions)
    return column


def play(
    trade: TradeSettings,
    table: IntMatrix,
    asked: SignalColumn,
    end: EndReason = EndReason.END_OF_DATA,
    cash: int = 10_000,
) -> Played:
    trade.check()
    settings = kernel_settings(trade, MARKET, MINUTE)
    decider = Decider(settings, new_state(cash))
    events = [decider.begin(int(table[0, 1])), decider.advance(table, asked), decider.finish(end)]
    return Played(settings, np.concatenate(events), table, asked)
