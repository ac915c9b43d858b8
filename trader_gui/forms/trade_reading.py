"""Between `TradeSettings` and what stands in the fields of a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from engine.domain.settings import (
    AddStep,
    FeeCoin,
    PartialTarget,
    PathRule,
    Sizing,
    StopGuard,
    TargetStep,
    TradeSettings,
)
from engine.errors import InvalidSetting
from engine.language import tr
from trader_gui.forms.field_grid import Value
from trader_gui.forms.table_spec import Rows
from trader_gui.forms.trade_fields import CHOICE_SPECS, TRADE_SPECS
from trader_gui.forms.trade_tables import TABLE_SPECS

_GUARD: Final = ("guard_stops", "guard_minutes")
_COUNTS: Final = ("leverage", "time_limit_min", "cooldown_min", "max_trades_per_day")
SIZE_FIELDS: Final = {
    Sizing.PERCENT: "position_pct",
    Sizing.QUOTE: "size_quote",
    Sizing.RISK: "risk_pct",
}
"""The one field that a way of sizing needs."""


def trade_values(settings: TradeSettings) -> dict[str, Value]:
    """What all fields show of `settings`."""
    guard = settings.stop_guard
    values: dict[str, Value] = {
        "guard_stops": Decimal(guard.stops) if guard else None,
        "guard_minutes": Decimal(guard.minutes) if guard else None,
        "target_steps": tuple((Decimal(s.minutes), s.pct) for s in settings.target_steps),
        "partial_targets": tuple((p.pct, p.share_pct) for p in settings.partial_targets),
        "adds": tuple((s.pct, s.times) for s in settings.adds),
    }
    for key in (*TRADE_SPECS, *CHOICE_SPECS):
        if key not in _GUARD:
            value = getattr(settings, key)
            values[key] = Decimal(value) if isinstance(value, int) else value
    return values


def trade_settings(began: TradeSettings, values: Mapping[str, Value]) -> TradeSettings:
    """`began` with what was read from fields; what no field shows stays as it was.

    Raises InvalidSetting, its field named as the form names it.
    """
    chosen: dict[str, Any] = {key: values[key] for key in TRADE_SPECS if key in values}
    if "guard_stops" in chosen:
        chosen["stop_guard"] = _guard(chosen.pop("guard_stops"), chosen.pop("guard_minutes"))
    for key in _COUNTS:
        if chosen.get(key) is not None:
            chosen[key] = int(chosen[key])
    chosen |= {key: _rows(key, values[key]) for key in TABLE_SPECS if key in values}
    if "sizing" in values:
        wanted = SIZE_FIELDS[Sizing(str(values["sizing"]))]
        chosen |= {key: None for key in ("size_quote", "risk_pct") if key != wanted}
    for key, kind in (("sizing", Sizing), ("fee_coin", FeeCoin), ("path", PathRule)):
        if key in values:
            chosen[key] = kind(str(values[key]))
    settings = replace(began, **chosen)
    settings.check()
    return settings


def field_meant(refused: InvalidSetting) -> str:
    """The key of the field that shows what was refused."""
    return _GUARD[0] if refused.field == "stop_guard" else refused.field


def _guard(stops: Decimal | None, minutes: Decimal | None) -> StopGuard | None:
    if stops is None and minutes is None:
        return None
    if stops is None:
        raise InvalidSetting(tr("Say how many stops, or leave both empty"), field="guard_stops")
    if minutes is None:
        raise InvalidSetting(tr("Say in how many minutes"), field="guard_minutes")
    return StopGuard(int(stops), int(minutes))


def _rows(key: str, value: Value) -> tuple[TargetStep | PartialTarget | AddStep, ...]:
    rows: Rows = value if isinstance(value, tuple) else ()
    if key == "target_steps":
        return tuple(TargetStep(int(minutes), pct) for minutes, pct in rows)
    kind = PartialTarget if key == "partial_targets" else AddStep
    return tuple(kind(first, second) for first, second in rows)
