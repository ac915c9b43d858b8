"""What each field of `TradeSettings` means, exactly and with its unit; the guide says more."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.language import tr

TRADE_TIPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cash": tr(
            "Play money to begin with, in the quote coin. A bot's is reserved from the "
            "paper account."
        ),
        "sizing": tr(
            "How the amount of an entry is found: a share of the equity, a fixed amount "
            "of money, or what loses a given share of the equity at the stop."
        ),
        "position_pct": tr(
            "Percent of the equity, open position included, that an entry takes. With "
            "leverage it is the margin."
        ),
        "size_quote": tr(
            "Money of the quote coin that each entry takes. With leverage it is the margin."
        ),
        "risk_pct": tr(
            "Percent of the equity that is lost if the stop is hit where it stands. Needs "
            "a stop loss or a trailing stop, and never buys more than the largest "
            "position."
        ),
        "max_position_pct": tr(
            "No position may set aside more than this percent of the equity; an entry "
            "that would is refused. Empty: no limit."
        ),
        "fee_pct": tr("Percent of the value of each fill, of entry and exit alike."),
        "maker_fee_pct": tr(
            "Percent of the value of fills at a target or partial target, whose orders "
            "wait in the market. Empty: the same as the fee."
        ),
        "fee_coin": tr(
            "In which coin fees are taken. The bought coin shrinks what a buy brings; "
            "another coin costs the same money as the quote coin."
        ),
        "slippage_pct": tr(
            "How much worse than the price market and stop orders fill, in percent of the "
            "price. Orders that wait at their level do not slip."
        ),
        "slippage_range_pct": tr(
            "On top of the slippage: this percent of the bar's range, from high to low."
        ),
        "spread_pct": tr(
            "Between the best bid and ask, in percent of the price. Market and stop "
            "orders pay half of it; with live prices the real one counts."
        ),
        "take_profit_pct": tr(
            "Closes at this percent of profit, counted from the entry price. A bar that "
            "opens beyond it fills at the target. Empty: off."
        ),
        "stop_loss_pct": tr(
            "Closes at the market at this percent of loss, counted from the entry price. "
            "A bar that opens beyond it fills at the open. Empty: off."
        ),
        "trailing_pct": tr(
            "The stop follows the best price since the entry at this distance in percent, "
            "and never goes back. Empty: off."
        ),
        "trailing_activate_pct": tr(
            "Percent of profit that must be exceeded before the stop begins to follow. "
            "Empty: from the entry on."
        ),
        "trailing_before_pct": tr(
            "Distance in percent at which the stop follows until trailing has started. "
            "Empty: it does not follow before."
        ),
        "break_even_pct": tr(
            "At this percent of profit the stop goes to the entry price, fees not "
            "counted. Empty: off."
        ),
        "time_limit_min": tr(
            "Minutes after the entry; the position is closed at the market with the first "
            "candle that opens then or later. Empty: off."
        ),
        "target_steps": tr(
            "Rows of minutes:percent. From that age of the trade on, the target is so "
            "many percent from the entry, in place of the take profit."
        ),
        "partial_targets": tr(
            "Rows of profit:share, both in percent. At each profit that share of all that "
            "was bought is closed."
        ),
        "adds": tr(
            "Rows of loss:times. So many percent against the first fill, that many times "
            "the first order is bought once more; stop and target then count from the "
            "average."
        ),
        "path": tr(
            "Which side of a bar the price is taken to have reached first, where no finer "
            "candles tell. Worst first is the careful choice."
        ),
        "cooldown_min": tr("Minutes after an exit in which no entry is allowed. Empty: off."),
        "max_trades_per_day": tr(
            "Entries since 00:00 UTC, at most so many; additions do not count. Empty: off."
        ),
        "daily_loss_pct": tr(
            "Once the equity is this percent below that of the day's first open, no entry "
            "is allowed until 00:00 UTC. Exits go on. Empty: off."
        ),
        "max_drawdown_pct": tr(
            "While the equity is this percent below its highest close, no entry is "
            "allowed. A new session counts anew. Empty: off."
        ),
        "guard_stops": tr(
            "No entry while so many losing stops, 1 to 10, lie within the minutes beside. "
            "Empty: off."
        ),
        "guard_minutes": tr("How far back losing stops count for the stop guard, in minutes."),
        "max_spread_pct": tr(
            "No entry while the spread is wider than this percent of the price. Empty: off."
        ),
        "leverage": tr(
            "Value of the position in times of its margin, 1 to 125: a future with "
            "isolated margin. Empty: spot."
        ),
        "maintenance_pct": tr(
            "Percent of the position's value that must be left of its margin; with less "
            "it is liquidated. Futures only."
        ),
    }
)
"""By the field's key."""
