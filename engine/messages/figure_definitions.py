"""Every figure of a session: where it is shown, what it is called and what it means."""

from __future__ import annotations

from typing import Final

from engine.language import tr
from engine.messages.equity_figures import EQUITY_FIGURES
from engine.messages.figure_kinds import Definition, Kind, group

__all__ = ["DEFINITIONS", "Definition", "Kind"]

DEFINITIONS: Final = (
    *EQUITY_FIGURES,
    *group(
        tr("Trades"),
        (
            tr("Trades"),
            "trades:COUNT trades_per_day:RATIO",
            tr("Closed trades; in parentheses per day."),
        ),
        (
            tr("Won"),
            "win_rate_pct:PERCENT wins:COUNT",
            tr("Share of the closed trades that ended above zero, after fees."),
        ),
        (
            tr("Won long"),
            "win_rate_long_pct:PERCENT trades_long:COUNT",
            tr("Share of the long trades that ended above zero; in parentheses all long trades."),
        ),
        (
            tr("Won short"),
            "win_rate_short_pct:PERCENT trades_short:COUNT",
            tr("Share of the short trades that ended above zero; in parentheses all short trades."),
        ),
        (
            tr("Profit factor"),
            "profit_factor:RATIO",
            tr("Gross profit over gross loss."),
        ),
        (
            tr("Expectancy"),
            "expectancy:RESULT expectancy_ratio:RATIO",
            tr("Mean net result of a trade; in parentheses per unit of the average loss."),
        ),
        (
            tr("Payoff"),
            "payoff_ratio:RATIO",
            tr("Average win over average loss."),
        ),
        (
            tr("Average win"),
            "average_win:RESULT",
            tr("Mean of the trades that ended above zero."),
        ),
        (
            tr("Average loss"),
            "average_loss:RESULT",
            tr("Mean of the trades that ended below zero."),
        ),
        (
            tr("Best trade"),
            "best_trade:RESULT",
            tr("The highest net result of one trade."),
        ),
        (
            tr("Worst trade"),
            "worst_trade:RESULT",
            tr("The lowest net result of one trade."),
        ),
        (
            tr("Longest win streak"),
            "win_streak:COUNT",
            tr("Most trades won one after the other."),
        ),
        (
            tr("Longest loss streak"),
            "loss_streak:COUNT",
            tr("Most trades lost one after the other."),
        ),
        (
            tr("SQN"),
            "sqn:RATIO",
            tr(
                "System quality number: mean net result of a trade over its standard deviation, "
                "times the root of the number of trades."
            ),
        ),
    ),
    *group(
        tr("Holding"),
        (
            tr("Average holding"),
            "average_holding_ms:DURATION",
            tr("Mean time from entry to exit."),
        ),
        (
            tr("Median holding"),
            "median_holding_ms:DURATION",
            tr("Half of the trades were held for less."),
        ),
        (
            tr("Longest holding"),
            "longest_holding_ms:DURATION",
            tr("The trade held for longest."),
        ),
        (
            tr("In the market"),
            "exposure_pct:PERCENT",
            tr("Share of the candles in which a position was open at some moment."),
        ),
    ),
    *group(
        tr("Costs"),
        (
            tr("Fees"),
            "fees:MONEY",
            tr("Fees of all fills, of open trades too."),
        ),
        (
            tr("Slippage"),
            "slippage_cost:MONEY",
            tr("What the fills were worse than the price before slippage and spread."),
        ),
        (
            tr("Funding"),
            "funding:RESULT",
            tr("Funding received less funding paid."),
        ),
        (
            tr("Turnover"),
            "turnover:MONEY turnover_ratio:RATIO",
            tr(
                "Value of all fills, entries and exits; in parentheses in times of the starting "
                "equity."
            ),
        ),
    ),
    *group(
        tr("Periods"),
        (
            tr("Best day"),
            "best_day_pct:CHANGE best_day:RESULT best_day_at:DAY",
            tr("The UTC day with the highest return."),
        ),
        (
            tr("Worst day"),
            "worst_day_pct:CHANGE worst_day:RESULT worst_day_at:DAY",
            tr("The UTC day with the lowest return."),
        ),
        (
            tr("Best week"),
            "best_week_pct:CHANGE best_week:RESULT best_week_at:DAY",
            tr("The week (from Monday, UTC) with the highest return."),
        ),
        (
            tr("Worst week"),
            "worst_week_pct:CHANGE worst_week:RESULT worst_week_at:DAY",
            tr("The week (from Monday, UTC) with the lowest return."),
        ),
        (
            tr("Best month"),
            "best_month_pct:CHANGE best_month:RESULT best_month_at:DAY",
            tr("The calendar month (UTC) with the highest return."),
        ),
        (
            tr("Worst month"),
            "worst_month_pct:CHANGE worst_month:RESULT worst_month_at:DAY",
            tr("The calendar month (UTC) with the lowest return."),
        ),
    ),
    *group(
        tr("Excursions"),
        (
            tr("Average best"),
            "average_mfe_pct:CHANGE",
            tr(
                "Maximum favourable excursion: the highest open result of a trade in percent of "
                "its entry, before fees; mean of the closed trades."
            ),
        ),
        (
            tr("Average worst"),
            "average_mae_pct:CHANGE",
            tr(
                "Maximum adverse excursion: the lowest open result of a trade in percent of its "
                "entry, before fees; mean of the closed trades."
            ),
        ),
        (
            tr("Edge ratio"),
            "edge_ratio:RATIO",
            tr(
                "Average best over average worst: above 1 prices went further with the trades "
                "than against them."
            ),
        ),
        (
            tr("Best to result"),
            "mfe_correlation:RATIO",
            tr(
                "Correlation of each trade's highest open result with its net result; near 1 "
                "profits are taken well."
            ),
        ),
        (
            tr("Worst to result"),
            "mae_correlation:RATIO",
            tr(
                "Correlation of each trade's lowest open result with its net result; near 1 "
                "losses are cut where they are deepest."
            ),
        ),
    ),
    *group(
        tr("Trust"),
        (
            tr("Chance of no edge"),
            "p_value:CHANCE",
            tr(
                "p-value of a two-sided t-test: how likely a mean trade at least this far from "
                "zero is, if the true mean is zero. Small is good evidence, large is none."
            ),
        ),
        (
            tr("Z-score of streaks"),
            "z_score:RATIO",
            tr(
                "Below −2 wins and losses come in streaks, above 2 they alternate, between them "
                "they look independent."
            ),
        ),
        (
            tr("Candles present"),
            "bars_present_pct:PERCENT",
            tr("Share of the candles between the first and the last that are there."),
        ),
        (
            tr("Gaps"),
            "gaps:COUNT longest_gap_ms:DURATION",
            tr("Places where candles are missing; in parentheses the longest."),
        ),
    ),
)
"""In the order in which they are shown."""
