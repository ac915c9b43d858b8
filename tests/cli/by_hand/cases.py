"""Sessions of a few bars with results worked out by hand, one or more for each option.

Unless said otherwise: bought with the open of bar 1 at 100, 10 % of 10,000 (ten coins), no fees,
prices in whole steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Case:
    """`trades` as `trade_lines` writes them."""

    name: str
    options: str
    bars: str
    trades: tuple[str, ...] = ()
    refusals: dict[str, int] = field(default_factory=dict)
    signals: str = "0 buy"
    blocked: dict[str, str] = field(default_factory=dict)
    """PnL of what each rule refused."""


UP_TO_110: Final = "100*2, 100 110 100 110, 110*2"

COSTS: Final = (
    # 1,000 in and 1,100 out, a thousandth of each: 1 + 1.1. Won: 100 - 2.1.
    Case(
        "fee",
        "--fee-pct 0.1",
        UP_TO_110,
        ("long 10 1@100 3@110 signal fees 2.1 pnl 97.9",),
        signals="0 buy, 2 sell",
    ),
    # Another coin, bought with the quote coin: the same money.
    Case(
        "fee in a third coin",
        "--fee-pct 0.1 --fee-coin third",
        UP_TO_110,
        ("long 10 1@100 3@110 signal fees 2.1 pnl 97.9",),
        signals="0 buy, 2 sell",
    ),
    # The target at 110 is filled in bar 2 as a maker: 1,100 x 0.0002 = 0.22, after 1 for entering.
    Case(
        "maker fee at a target",
        "--fee-pct 0.1 --maker-fee-pct 0.02 --take-profit-pct 10",
        UP_TO_110,
        ("long 10 1@100 2@110 take_profit fees 1.22 pnl 98.78",),
    ),
    # Ten ordered, 1 % (0.1 coins, worth 10) kept back: 9.9 are held and sold for 1,089, fee 10.89.
    # The lot cost 1,000 in all: 1,089 - 10.89 - 1,000 = 78.11.
    Case(
        "fee in the bought coin",
        "--fee-pct 1 --fee-coin base",
        UP_TO_110,
        ("long 9.9 1@100 3@110 signal fees 20.89 pnl 78.11",),
        signals="0 buy, 2 sell",
    ),
    # Bought 1 % dearer at 101: 1,010 buy ten. Sold at 110 less 1 % = 108.9, rounded down to 108.
    Case(
        "slippage, rounded against the trader",
        "--slippage-pct 1 --size quote:1010",
        UP_TO_110,
        ("long 10 1@101 3@108 signal fees 0 pnl 70",),
        signals="0 buy, 2 sell",
    ),
    # Half of bar 1's range of 4 on top of 100; half of bar 3's range of 2 off 102.
    Case(
        "slippage by range",
        "--slippage-range-pct 50 --size quote:1020",
        "100*1, 100 104 100 102, 102*1, 102 103 101 102, 102*1",
        ("long 10 1@102 3@101 signal fees 0 pnl -10",),
        signals="0 buy, 2 sell",
    ),
    # Half of 2 % each way: bought at 101, sold at 99.
    Case(
        "spread",
        "--spread-pct 2 --size quote:1010",
        "100*5",
        ("long 10 1@101 3@99 signal fees 0 pnl -20",),
        signals="0 buy, 2 sell",
    ),
    # 2 % is more than 1 %. Alone it would have cost the spread: bought at 101, sold at 99.
    Case(
        "spread above its limit",
        "--spread-pct 2 --max-spread-pct 1 --size quote:1010",
        "100*5",
        refusals={"max_spread": 1},
        blocked={"max_spread": "-20"},
    ),
)

SIZES: Final = (
    Case("percent", "--size pct:20", "100*3", ("long 20 1@100 2@100 end_of_data fees 0 pnl 0",)),
    Case(
        "percent by its older name",
        "--position-pct 20",
        "100*3",
        ("long 20 1@100 2@100 end_of_data fees 0 pnl 0",),
    ),
    Case("money", "--size quote:250", "100*3", ("long 2.5 1@100 2@100 end_of_data fees 0 pnl 0",)),
    Case("cash", "--cash 500", "100*3", ("long 0.5 1@100 2@100 end_of_data fees 0 pnl 0",)),
    Case(
        "order step", "--amount-step 3", "100*3", ("long 9 1@100 2@100 end_of_data fees 0 pnl 0",)
    ),
    # 25 cents are half a step: a fill at 100.25 is not possible, 100.5 is.
    Case(
        "price step",
        "--price-step 0.5 --slippage-pct 0.25 --size quote:1005",
        "100*3",
        ("long 10 1@100.5 2@99.5 end_of_data fees 0 pnl -10",),
    ),
    # 100 may be lost, 5 a coin: twenty coins.
    Case(
        "risk",
        "--size risk:1 --stop-loss-pct 5",
        "100*2, 100 100 94 95, 95*1",
        ("long 20 1@100 2@95 stop_loss fees 0 pnl -100",),
    ),
    # 1 a coin would be a hundred coins; a quarter of the equity pays for 25.
    Case(
        "risk under the ceiling",
        "--size risk:1 --stop-loss-pct 1",
        "100*2, 100 100 94 95, 95*1",
        ("long 25 1@100 2@99 stop_loss fees 0 pnl -25",),
    ),
    Case("above the ceiling", "--size quote:2501", "100*3", refusals={"max_position": 1}),
    Case(
        "all in without rules",
        "--size pct:100 --no-risk-rules --cooldown-min 60",
        "100*3",
        ("long 100 1@100 2@100 end_of_data fees 0 pnl 0",),
    ),
    Case("smallest amount", "--min-amount 10.5", "100*3", refusals={"below_minimum": 1}),
    Case("smallest value", "--min-notional 1000.01", "100*3", refusals={"below_minimum": 1}),
    # A hundred coins can be paid, 101 must be ordered at least.
    Case(
        "not enough cash",
        "--size quote:20000 --no-risk-rules --min-amount 101",
        "100*3",
        refusals={"insufficient_cash": 1},
    ),
)

FUTURES: Final = (
    # 1,000 of margin carry 50 coins worth 5,000; gone at (5,000 - 1,000) / 50 = 80.
    Case(
        "leverage",
        "--leverage 5 --maintenance-pct 0",
        "100*2, 100 100 80 90, 90*1",
        ("long 50 1@100 2@80 liquidation fees 0 pnl -1000",),
    ),
    # A tenth of the value must be left: 4,000 / 0.9 = 4,444.4, / 50 = 88.9, rounded up to 89.
    Case(
        "maintenance",
        "--leverage 5 --maintenance-pct 10",
        "100*2, 100 100 80 90, 90*1",
        ("long 50 1@100 2@89 liquidation fees 0 pnl -550",),
    ),
    # Mirrored: (5,000 + 1,000) / 50 = 120.
    Case(
        "liquidation of a short",
        "--leverage 5 --maintenance-pct 0",
        "100*2, 100 121 100 110, 110*1",
        ("short 50 1@100 2@120 liquidation fees 0 pnl -1000",),
        signals="0 short",
    ),
    # A spot short sets its notional aside: gone at twice the entry.
    Case(
        "liquidation of a spot short",
        "",
        "100*2, 100 201 100 150, 150*1",
        ("short 10 1@100 2@200 liquidation fees 0 pnl -1000",),
        signals="0 short",
    ),
    Case(
        "a stop before the liquidation",
        "--leverage 5 --stop-loss-pct 10",
        "100*2, 100 100 85 90, 90*1",
        ("long 50 1@100 2@90 stop_loss fees 0 pnl -500",),
    ),
    # It opens beyond both: 79 is worse than 80, but no more than the margin can be lost.
    Case(
        "a gap below the liquidation",
        "--leverage 5 --maintenance-pct 0 --stop-loss-pct 10",
        "100*2, 79*2",
        ("long 50 1@100 2@80 liquidation fees 0 pnl -1000",),
    ),
)

RULES: Final = (
    Case(
        "long only: what is forbidden is not asked",
        "--direction long",
        "100*6",
        ("long 10 3@100 5@100 end_of_data fees 0 pnl 0",),
        signals="0 short, 1 cover, 2 buy",
    ),
    Case(
        "short only",
        "--direction short",
        "100*4",
        ("short 10 2@100 3@100 end_of_data fees 0 pnl 0",),
        signals="0 buy, 1 short",
    ),
    # Left at minute 2. Minute 4 (bar 3's close) is too early, minute 7 is five minutes later. The
    # refused one, taken with the open of bar 4, would have won ten coins x 10 by the last close.
    Case(
        "cooldown",
        "--cooldown-min 5",
        "100*8, 110*1",
        (
            "long 10 1@100 2@100 signal fees 0 pnl 0",
            "long 10 7@100 8@110 end_of_data fees 0 pnl 100",
        ),
        {"cooldown": 1},
        "0 buy, 1 sell, 3 buy, 6 buy",
        {"cooldown": "100"},
    ),
    # The 23:59 bar (5) decides for the new day.
    Case(
        "trades per day",
        "--max-trades-per-day 1",
        "100*8",
        ("long 10 1@100 2@100 signal fees 0 pnl 0", "long 10 6@100 7@100 end_of_data fees 0 pnl 0"),
        {"max_trades_per_day": 1},
        "0 buy, 1 sell, 3 buy, 5 buy",
        {"max_trades_per_day": "0"},
    ),
    # Ten coins lose 10 each: 100, exactly 1 % of the 10,000 the day began with. Next day: 9,900
    # buy 990 / 90 = 11 coins.
    Case(
        "daily loss",
        "--daily-loss-pct 1 --stop-loss-pct 10",
        "100*2, 100 100 90 90, 90*5",
        (
            "long 10 1@100 2@90 stop_loss fees 0 pnl -100",
            "long 11 6@90 7@90 end_of_data fees 0 pnl 0",
        ),
        {"daily_loss": 1},
        "0 buy, 3 buy, 5 buy",
        {"daily_loss": "0"},
    ),
    # The same loss against the highest equity is not forgotten by the new day. Only the first of
    # the two equal refusals is priced.
    Case(
        "drawdown",
        "--max-drawdown-pct 1 --stop-loss-pct 10",
        "100*2, 100 100 90 90, 90*5",
        ("long 10 1@100 2@90 stop_loss fees 0 pnl -100",),
        {"max_drawdown": 2},
        "0 buy, 3 buy, 5 buy",
        {"max_drawdown": "0"},
    ),
    # The equity counts the open position: 10 coins have lost 100 when the next buy is asked for,
    # but a position is open, and that is asked first.
    Case(
        "a position that is open",
        "--max-drawdown-pct 1",
        "100*2, 90*3",
        ("long 10 1@100 4@90 end_of_data fees 0 pnl -100",),
        {"position_already_open": 1},
        "0 buy, 2 buy",
    ),
    # Stopped at minute 2: at minute 4 one stop lies within three minutes, at minute 5 none does.
    Case(
        "stop guard",
        "--stop-guard 1:3 --stop-loss-pct 10",
        "100*2, 100 100 90 90, 90*4",
        (
            "long 10 1@100 2@90 stop_loss fees 0 pnl -100",
            "long 11 5@90 6@90 end_of_data fees 0 pnl 0",
        ),
        {"stop_guard": 1},
        "0 buy, 3 buy, 4 buy",
        {"stop_guard": "0"},
    ),
    Case(
        "no position, and opinions that contradict each other",
        "",
        "100*5",
        refusals={"no_open_position": 2, "conflicting_signal": 3},
        signals="0 sell, 1 buy, 1 short, 2 cover, 2 short",
    ),
    Case(
        "a flip",
        "",
        "100*3, 90*2",
        (
            "long 10 1@100 2@100 signal fees 0 pnl 0",
            "short 10 2@100 4@90 end_of_data fees 0 pnl 100",
        ),
        signals="0 buy, 1 sell, 1 short",
    ),
)
