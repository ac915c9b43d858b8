"""Every figure of a session: where it is shown, what it is called and what it means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from engine.language import tr


class Kind(Enum):
    """How a value is written."""

    MONEY = auto()
    RESULT = auto()
    """Money with its sign."""
    PERCENT = auto()
    CHANGE = auto()
    """Percent with its sign."""
    RATIO = auto()
    COUNT = auto()
    DURATION = auto()
    """Milliseconds."""
    DAY = auto()
    """A moment, UTC ms, of which the date is shown."""
    CHANCE = auto()
    """A probability from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One line of the list. `parts` are (key of the value, how it is written): the first is the
    figure, the others stand behind it in parentheses where they are known."""

    group: str
    label: str
    parts: tuple[tuple[str, Kind], ...]
    tip: str


_TABLE: Final = tr("""
# Result
Net profit = net_profit:RESULT return_pct:CHANGE
    Equity at the end less equity at the start, an open position included.
Gross profit = gross_profit:RESULT
    Sum of the trades that ended above zero, after their fees and funding.
Gross loss = gross_loss:RESULT
    Sum of the trades that ended below zero, after their fees and funding.
Growth per year = cagr_pct:CHANGE
    Compound annual growth rate of the equity, a year being 365 days. Undefined for less than a
    day.
Buy and hold = buy_and_hold:RESULT buy_and_hold_pct:CHANGE
    What the starting equity would have made bought at the first open and held to the last close,
    without fees.

# Risk
Max drawdown = max_drawdown_pct:PERCENT drawdown_peak_at:DAY drawdown_trough_at:DAY
    The largest fall of the equity at candle closes from its highest before, in percent of that
    peak; with the dates of peak and trough.
Max drawdown, money = max_drawdown:MONEY
    The largest fall of the equity in money. It need not be the largest in percent.
Drawdown lasted = drawdown_ms:DURATION recovery_ms:DURATION
    From the peak of the largest drawdown until the equity was back there, or until the end; in
    parentheses from its trough, if it did come back.
Balance drawdown = balance_drawdown_pct:PERCENT balance_drawdown:MONEY
    The largest fall of the balance, which only closed trades change.
Under water = under_water_pct:PERCENT longest_under_water_ms:DURATION
    Share of the time in which the equity was below an earlier peak; in parentheses the longest
    stretch.
Ulcer index = ulcer_index:RATIO
    Root of the mean squared drawdown in percent: long and deep falls count most.
Volatility per year = volatility_pct:PERCENT
    Standard deviation of the daily returns times the root of 365.
Sharpe = sharpe:RATIO
    Mean daily return over its standard deviation, times the root of 365; riskless return 0, days
    end at 00:00 UTC.
Sortino = sortino:RATIO
    As Sharpe, but only returns below zero count as risk.
Calmar = calmar:RATIO
    Growth per year over the largest drawdown, both in percent.
Omega = omega:RATIO
    Sum of the daily gains over the sum of the daily losses.
Recovery factor = recovery_factor:RATIO
    Net profit over the largest drawdown in money.

# Trades
Trades = trades:COUNT trades_per_day:RATIO
    Closed trades; in parentheses per day.
Won = win_rate_pct:PERCENT wins:COUNT
    Share of the closed trades that ended above zero, after fees.
Won long = win_rate_long_pct:PERCENT trades_long:COUNT
    Share of the long trades that ended above zero; in parentheses all long trades.
Won short = win_rate_short_pct:PERCENT trades_short:COUNT
    Share of the short trades that ended above zero; in parentheses all short trades.
Profit factor = profit_factor:RATIO
    Gross profit over gross loss.
Expectancy = expectancy:RESULT expectancy_ratio:RATIO
    Mean net result of a trade; in parentheses per unit of the average loss.
Payoff = payoff_ratio:RATIO
    Average win over average loss.
Average win = average_win:RESULT
    Mean of the trades that ended above zero.
Average loss = average_loss:RESULT
    Mean of the trades that ended below zero.
Best trade = best_trade:RESULT
    The highest net result of one trade.
Worst trade = worst_trade:RESULT
    The lowest net result of one trade.
Longest win streak = win_streak:COUNT
    Most trades won one after the other.
Longest loss streak = loss_streak:COUNT
    Most trades lost one after the other.
SQN = sqn:RATIO
    System quality number: mean net result of a trade over its standard deviation, times the root
    of the number of trades.

# Holding
Average holding = average_holding_ms:DURATION
    Mean time from entry to exit.
Median holding = median_holding_ms:DURATION
    Half of the trades were held for less.
Longest holding = longest_holding_ms:DURATION
    The trade held for longest.
In the market = exposure_pct:PERCENT
    Share of the candles in which a position was open at some moment.

# Costs
Fees = fees:MONEY
    Fees of all fills, of open trades too.
Slippage = slippage_cost:MONEY
    What the fills were worse than the price before slippage and spread.
Funding = funding:RESULT
    Funding received less funding paid.
Turnover = turnover:MONEY turnover_ratio:RATIO
    Value of all fills, entries and exits; in parentheses in times of the starting equity.

# Periods
Best day = best_day_pct:CHANGE best_day:RESULT best_day_at:DAY
    The UTC day with the highest return.
Worst day = worst_day_pct:CHANGE worst_day:RESULT worst_day_at:DAY
    The UTC day with the lowest return.
Best week = best_week_pct:CHANGE best_week:RESULT best_week_at:DAY
    The week (from Monday, UTC) with the highest return.
Worst week = worst_week_pct:CHANGE worst_week:RESULT worst_week_at:DAY
    The week (from Monday, UTC) with the lowest return.
Best month = best_month_pct:CHANGE best_month:RESULT best_month_at:DAY
    The calendar month (UTC) with the highest return.
Worst month = worst_month_pct:CHANGE worst_month:RESULT worst_month_at:DAY
    The calendar month (UTC) with the lowest return.

# Excursions
Average best = average_mfe_pct:CHANGE
    Maximum favourable excursion: the highest open result of a trade in percent of its entry,
    before fees; mean of the closed trades.
Average worst = average_mae_pct:CHANGE
    Maximum adverse excursion: the lowest open result of a trade in percent of its entry, before
    fees; mean of the closed trades.
Edge ratio = edge_ratio:RATIO
    Average best over average worst: above 1 prices went further with the trades than against
    them.
Best to result = mfe_correlation:RATIO
    Correlation of each trade's highest open result with its net result; near 1 profits are taken
    well.
Worst to result = mae_correlation:RATIO
    Correlation of each trade's lowest open result with its net result; near 1 losses are cut
    where they are deepest.

# Trust
Chance of no edge = p_value:CHANCE
    p-value of a two-sided t-test: how likely a mean trade at least this far from zero is, if the
    true mean is zero. Small is good evidence, large is none.
Z-score of streaks = z_score:RATIO
    Below −2 wins and losses come in streaks, above 2 they alternate, between them they look
    independent.
Candles present = bars_present_pct:PERCENT
    Share of the candles between the first and the last that are there.
Gaps = gaps:COUNT longest_gap_ms:DURATION
    Places where candles are missing; in parentheses the longest.
""")
"""Groups; under them ``label = key:KIND key:KIND ...``; under that, indented, the definition."""


def _read(table: str) -> tuple[Definition, ...]:
    made: list[Definition] = []
    group = ""
    for line in filter(None, table.splitlines()):
        if line.startswith("# "):
            group = line.removeprefix("# ")
        elif not line.startswith(" "):
            label, _, parts = line.partition(" = ")
            keys = [part.split(":") for part in parts.split()]
            named = tuple((key, Kind[kind]) for key, kind in keys)
            made.append(Definition(group, label, named, ""))
        else:
            tip = f"{made[-1].tip} {line.strip()}".strip()
            made[-1] = replace(made[-1], tip=tip)
    return tuple(made)


DEFINITIONS: Final = _read(_TABLE)
"""In the order in which they are shown."""
