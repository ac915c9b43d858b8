"""What an entry that is played alone takes along from the session around it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from engine.core.doubt import doubt_of
from engine.core.lone_trade import spreads_after
from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action, Input
from engine.domain.rows import input_row
from engine.messages.doubt import Doubt
from tests.core.lone import FREE, MINUTE, bars, play, signals

TRADE = replace(FREE, trailing_pct=Decimal(3), spread_pct=Decimal(1))
TABLE = bars(*[(1000, 1010, 990, 1000)] * 3, (1000, 1040, 1000, 1040), *[(900,) * 4] * 2)


def doubt_with(table: IntMatrix, asked_at: int) -> Doubt:
    played = play(TRADE, table, signals(len(table), {asked_at: [Action.BUY]}))
    return doubt_of(played.settings, played.events, played.table, played.signals)


@pytest.mark.parametrize("command", [Input.MOVE_STOP, Input.MOVE_TARGET, Input.RESUME_ENTRIES])
def test_a_command_before_a_trade_is_no_spread_for_it(command: Input) -> None:
    commanded = np.insert(TABLE, 1, input_row(command, MINUTE, 950).table, axis=0)
    usual, doubt = doubt_with(TABLE, 2), doubt_with(commanded, 3)
    assert (usual.judged, usual.pnl) == (1, doubt.pnl)
    assert (doubt.judged, doubt.pnl_worst, doubt.pnl_best, doubt.exact) == (
        usual.judged,
        usual.pnl_worst,
        usual.pnl_best,
        usual.exact,
    )


def test_a_spread_counts_until_another_is_told() -> None:
    told = [input_row(Input.SPREAD, 0, 40), input_row(Input.PAUSE_ENTRIES, 0, 7)]
    rows = np.concatenate([TABLE[:1], told[0].table, told[1].table, TABLE[1:2]])
    assert spreads_after(rows).tolist() == [0, 41, 41, 41]
