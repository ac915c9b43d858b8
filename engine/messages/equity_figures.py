"""What is told of a session's equity: its result, and the risk it was made with."""

from __future__ import annotations

from typing import Final

from engine.language import tr
from engine.messages.figure_kinds import group

EQUITY_FIGURES: Final = (
    *group(
        tr("Result"),
        (
            tr("Net profit"),
            "net_profit:RESULT return_pct:CHANGE",
            tr("Equity at the end less equity at the start, an open position included."),
        ),
        (
            tr("Gross profit"),
            "gross_profit:RESULT",
            tr("Sum of the trades that ended above zero, after their fees and funding."),
        ),
        (
            tr("Gross loss"),
            "gross_loss:RESULT",
            tr("Sum of the trades that ended below zero, after their fees and funding."),
        ),
        (
            tr("Growth per year"),
            "cagr_pct:CHANGE",
            tr(
                "Compound annual growth rate of the equity, a year being 365 days. Undefined "
                "for less than a day."
            ),
        ),
        (
            tr("Buy and hold"),
            "buy_and_hold:RESULT buy_and_hold_pct:CHANGE",
            tr(
                "What the starting equity would have made bought at the first open and held to "
                "the last close, without fees."
            ),
        ),
    ),
    *group(
        tr("Risk"),
        (
            tr("Max drawdown"),
            "max_drawdown_pct:PERCENT drawdown_peak_at:DAY drawdown_trough_at:DAY",
            tr(
                "The largest fall of the equity at candle closes from its highest before, in "
                "percent of that peak; with the dates of peak and trough."
            ),
        ),
        (
            tr("Max drawdown, money"),
            "max_drawdown:MONEY",
            tr("The largest fall of the equity in money. It need not be the largest in percent."),
        ),
        (
            tr("Drawdown lasted"),
            "drawdown_ms:DURATION recovery_ms:DURATION",
            tr(
                "From the peak of the largest drawdown until the equity was back there, or "
                "until the end; in parentheses from its trough, if it did come back."
            ),
        ),
        (
            tr("Balance drawdown"),
            "balance_drawdown_pct:PERCENT balance_drawdown:MONEY",
            tr("The largest fall of the balance, which only closed trades change."),
        ),
        (
            tr("Under water"),
            "under_water_pct:PERCENT longest_under_water_ms:DURATION",
            tr(
                "Share of the time in which the equity was below an earlier peak; in "
                "parentheses the longest stretch."
            ),
        ),
        (
            tr("Ulcer index"),
            "ulcer_index:RATIO",
            tr("Root of the mean squared drawdown in percent: long and deep falls count most."),
        ),
        (
            tr("Volatility per year"),
            "volatility_pct:PERCENT",
            tr("Standard deviation of the daily returns times the root of 365."),
        ),
        (
            tr("Sharpe"),
            "sharpe:RATIO",
            tr(
                "Mean daily return over its standard deviation, times the root of 365; riskless "
                "return 0, days end at 00:00 UTC."
            ),
        ),
        (
            tr("Sortino"),
            "sortino:RATIO",
            tr("As Sharpe, but only returns below zero count as risk."),
        ),
        (
            tr("Calmar"),
            "calmar:RATIO",
            tr("Growth per year over the largest drawdown, both in percent."),
        ),
        (
            tr("Omega"),
            "omega:RATIO",
            tr("Sum of the daily gains over the sum of the daily losses."),
        ),
        (
            tr("Recovery factor"),
            "recovery_factor:RATIO",
            tr("Net profit over the largest drawdown in money."),
        ),
    ),
)
