"""Exits and changes of a position, worked out by hand like the other cases."""

from __future__ import annotations

from typing import Final

from tests.cli.by_hand.cases import Case

EXITS: Final = (
    Case(
        "stop",
        "--stop-loss-pct 5",
        "100*2, 100 101 94 96, 96*1",
        ("long 10 1@100 2@95 stop_loss fees 0 pnl -50",),
    ),
    Case(
        "a gap through the stop",
        "--stop-loss-pct 5",
        "100*2, 90*2",
        ("long 10 1@100 2@90 stop_loss fees 0 pnl -100",),
    ),
    # A target fills at its level also when the bar opens beyond it.
    Case(
        "a gap over the target",
        "--take-profit-pct 5",
        "100*2, 110*2",
        ("short 10 1@100 3@110 end_of_data fees 0 pnl -100",),
        signals="0 short",
    ),
    Case(
        "target",
        "--take-profit-pct 5",
        "100*2, 110*2",
        ("long 10 1@100 2@105 take_profit fees 0 pnl 50",),
    ),
    Case(
        "stop of a short",
        "--stop-loss-pct 5",
        "100*2, 100 105 99 100, 100*1",
        ("short 10 1@100 2@105 stop_loss fees 0 pnl -50",),
        signals="0 short",
    ),
    # Both inside one bar: the stop is assumed, the other way round it is the target.
    Case(
        "stop and target in one bar",
        "--stop-loss-pct 5 --take-profit-pct 5",
        "100*2, 100 106 92 100, 100*1",
        ("long 10 1@100 2@95 stop_loss fees 0 pnl -50 doubtful",),
    ),
    # The high is 6 away from the open, the low 8.
    Case(
        "the nearer extreme first",
        "--stop-loss-pct 5 --take-profit-pct 5 --path nearest",
        "100*2, 100 106 92 100, 100*1",
        ("long 10 1@100 2@105 take_profit fees 0 pnl 50 doubtful",),
    ),
    # 110 less 5 % is 104.5, rounded down. Bar 2 opens at 106, above it on every path.
    Case(
        "trailing",
        "--trailing-pct 5",
        "100*2, 106 110 106 110, 110 110 103 104, 104*1",
        ("long 10 1@100 3@104 trailing_stop fees 0 pnl 40",),
    ),
    # Without a stop loss it starts at 95. 108 does not exceed 8 %: it stays there.
    Case(
        "trailing not activated",
        "--trailing-pct 5 --trailing-activate-pct 8",
        "100*2, 106 108 106 108, 108 108 100 100, 100 100 94 95, 95*1",
        ("long 10 1@100 4@95 trailing_stop fees 0 pnl -50",),
    ),
    # 109 does: 103.55, rounded down.
    Case(
        "trailing activated",
        "--trailing-pct 5 --trailing-activate-pct 8",
        "100*2, 106 109 106 108, 108 108 100 100, 100*1",
        ("long 10 1@100 3@103 trailing_stop fees 0 pnl 30",),
    ),
    # Until then 10 % from the best price: 106 x 0.9 = 95.4.
    Case(
        "trailing before it is activated",
        "--trailing-pct 5 --trailing-activate-pct 8 --trailing-before-pct 10",
        "100*2, 106*1, 106 106 95 96, 96*1",
        ("long 10 1@100 3@95 trailing_stop fees 0 pnl -50",),
    ),
    Case(
        "break-even",
        "--break-even-pct 5 --stop-loss-pct 10",
        "100*2, 105*1, 105 105 99 99, 99*1",
        ("long 10 1@100 3@100 break_even fees 0 pnl 0",),
    ),
    Case(
        "break-even not reached",
        "--break-even-pct 5 --stop-loss-pct 10",
        "100*2, 104*1, 104 104 90 99, 99*1",
        ("long 10 1@100 3@90 stop_loss fees 0 pnl -100",),
    ),
    # Entered with bar 1, two minutes old with the open of bar 3.
    Case(
        "time limit",
        "--time-limit-min 2",
        "100*3, 103 109 90 100, 100*1",
        ("long 10 1@100 3@103 time_limit fees 0 pnl 30",),
    ),
    # From bar 3 on the target is 103. It opens at 104, where no order rested: sold on the market.
    Case(
        "a target step below the open",
        "--target-steps 0:10,2:3 --fee-pct 0.1 --maker-fee-pct 0",
        "100*2, 104*3",
        ("long 10 1@100 3@104 target_step fees 2.04 pnl 37.96",),
    ),
    # In bar 4 the order at 103 rests already: it is a maker.
    Case(
        "a target step reached later",
        "--target-steps 0:10,2:3 --fee-pct 0.1 --maker-fee-pct 0",
        "100*2, 102*2, 102 104 102 104, 104*1",
        ("long 10 1@100 4@103 target_step fees 1 pnl 29",),
    ),
    # 2.5 at 102 and 2.5 at 104, 5 at the last close of 100: (255 + 260 + 500) / 10 = 101.5,
    # shown rounded down to a step; won 5 + 10.
    Case(
        "partial targets",
        "--partial-targets 2:25,4:25",
        "100*2, 100 104 100 104, 100*2",
        ("long 10 1@100 4@101 end_of_data fees 0 pnl 15",),
    ),
    # 5 at 102 and 5 at 104: nothing is left.
    Case(
        "partial targets of the whole",
        "--partial-targets 2:50,4:50",
        "100*2, 100 102 100 101, 101 103 101 103, 103 105 103 105, 100*1",
        ("long 10 1@100 4@103 partial_target fees 0 pnl 30",),
    ),
    # Half at 102; the rest at 98 in the next bar. The entry price is the whole trade's.
    Case(
        "a partial target, then the stop",
        "--partial-targets 2:50 --stop-loss-pct 2",
        "100*2, 102*1, 100 100 97 97, 97*1",
        ("long 10 1@100 3@100 stop_loss fees 0 pnl 0",),
    ),
    # 5 at 100, 5 at 98, 5 at 96: 15 at 98, sold at 96.
    Case(
        "adding twice",
        "--dca 2:1,4:1 --size pct:5",
        "100*2, 100 100 95 96, 96*2",
        ("long 15 1@98 3@96 signal fees 0 pnl -30",),
        signals="0 buy, 2 sell",
    ),
    # Ten more at 98: twenty at 99 on average, and one percent above that is 99.99.
    Case(
        "the target moves with the average",
        "--dca 2:1 --take-profit-pct 1 --price-step 0.01",
        "100*2, 99 99 97 98, 98 100 98 100, 100*1",
        ("long 20 1@99 3@99.99 take_profit fees 0 pnl 19.8",),
    ),
    # With ten the third would set 2,940 aside; a quarter of 9,940 (20 coins lost 3 each) is 2,485.
    Case(
        "adding up to the ceiling",
        "--dca 2:1,4:1",
        "100*2, 100 100 95 96, 96*2",
        ("long 20 1@99 3@96 signal fees 0 pnl -60",),
        {"max_position": 1},
        "0 buy, 2 sell",
    ),
    # The stop at 97 is nearer than the step at 96: nothing is added.
    Case(
        "a stop before a step that adds",
        "--dca 4:1 --stop-loss-pct 3",
        "100*2, 100 100 95 96, 96*1",
        ("long 10 1@100 2@97 stop_loss fees 0 pnl -30",),
    ),
)
