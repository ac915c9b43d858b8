"""A report as plain values by name: what documents are written from and figures are shown from."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Final

from engine.core.metrics.breakdowns import Group
from engine.core.metrics.drawdown import Drawdown
from engine.core.metrics.report import Report
from engine.domain.money import Scale
from engine.messages.figures import Value

_SUMMARY_MONEY: Final = "net_profit max_drawdown fees equity_first equity_last".split()
_OUTCOME_MONEY: Final = (
    "gross_profit gross_loss average_win average_loss best_trade worst_trade expectancy"
).split()


def values(report: Report, scale: Scale) -> dict[str, Value]:
    """Every single figure by its name; money in the market's own units."""
    found: dict[str, Value] = {}
    found |= _plain(report.summary, scale, _SUMMARY_MONEY)
    found |= _plain(report.outcomes, scale, _OUTCOME_MONEY)
    found |= _plain(report.ratios, scale, ())
    for (
        name
    ) in "cagr_pct calmar recovery_factor exposure_pct turnover_ratio trades_per_day".split():
        found[name] = getattr(report, name)
    found |= {
        "slippage_cost": scale.money(report.costs.slippage),
        "funding": scale.money(report.costs.funding),
        "turnover": scale.money(report.costs.turnover),
        "buy_and_hold": _money(report.benchmark.pnl, scale),
        "buy_and_hold_pct": report.benchmark.pct,
    }
    found |= _fall(report.drawdown, "")
    found |= {
        "under_water_pct": report.drawdown.under_water_pct,
        "longest_under_water_ms": report.drawdown.longest_under_water_ms,
        "ulcer_index": report.drawdown.ulcer_index,
    }
    found["balance_drawdown"] = scale.money(report.balance_drawdown.amount)
    found["balance_drawdown_pct"] = report.balance_drawdown.pct
    found |= _fall(report.balance_drawdown, "balance_")
    found |= _periods(report, scale)
    seen = report.excursions
    for (
        name
    ) in "average_mfe_pct average_mae_pct mfe_correlation mae_correlation edge_ratio".split():
        found[name] = getattr(seen, name)
    return found | _plain(report.quality, scale, ())


def group_values(group: Group, scale: Scale) -> dict[str, Value]:
    """The figures of one group of trades."""
    return _plain(group, scale, ("net_profit", "average", "fees"))


def _plain(part: object, scale: Scale, money: tuple[str, ...] | list[str]) -> dict[str, Value]:
    """The fields of one frozen value, those named in `money` as money."""
    found: dict[str, Value] = {}
    for field in fields(part):  # type: ignore[arg-type]
        value = getattr(part, field.name)
        found[field.name] = _money(value, scale) if field.name in money else value
    return found


def _money(count: int | None, scale: Scale) -> Decimal | None:
    return None if count is None else scale.money(count)


def _fall(fall: Drawdown, prefix: str) -> dict[str, Value]:
    return {
        f"{prefix}drawdown_peak_at": fall.peak_at,
        f"{prefix}drawdown_trough_at": fall.trough_at,
        f"{prefix}drawdown_recovered_at": fall.recovered_at,
        f"{prefix}drawdown_ms": fall.duration_ms,
        f"{prefix}recovery_ms": fall.recovery_ms,
    }


def _periods(report: Report, scale: Scale) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for field in fields(report.periods):
        period = getattr(report.periods, field.name)
        found[field.name] = None if period is None else scale.money(period.pnl)
        found[f"{field.name}_pct"] = None if period is None else period.pct
        found[f"{field.name}_at"] = None if period is None else period.at
    return found
