"""Settings and rules by names that a person reads; files for programs keep their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from engine.domain.sessions import SessionSettings
from engine.language import localised, tr, trc
from engine.messages.source_words import source_words
from engine.messages.value_words import word
from engine.runtime.documents.settings_document import settings_document

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "symbol": tr("symbol"),
        "timeframe": tr("timeframe"),
        "strategy": tr("strategy"),
        "params": tr("params"),
        "signals": tr("signals"),
        "source": tr("source"),
        "archive": tr("archive"),
        "made_from": tr("made from"),
        "fine": trc("setting", "fine"),
        "funding": tr("funding"),
        "extras": tr("extras"),
        "cash": tr("cash"),
        "fee_pct": tr("fee pct"),
        "maker_fee_pct": tr("maker fee pct"),
        "slippage_pct": tr("slippage pct"),
        "slippage_range_pct": tr("slippage range pct"),
        "spread_pct": tr("spread pct"),
        "position_pct": tr("position pct"),
        "risk_pct": tr("risk pct"),
        "max_position_pct": tr("max position pct"),
        "maintenance_pct": tr("maintenance pct"),
        "stop_loss_pct": tr("stop loss pct"),
        "take_profit_pct": tr("take profit pct"),
        "trailing_pct": tr("trailing pct"),
        "trailing_activate_pct": tr("trailing activate pct"),
        "trailing_before_pct": tr("trailing before pct"),
        "break_even_pct": tr("break even pct"),
        "daily_loss_pct": tr("daily loss pct"),
        "max_drawdown_pct": tr("max drawdown pct"),
        "max_spread_pct": tr("max spread pct"),
        "sizing": tr("sizing"),
        "size_quote": tr("size quote"),
        "fee_coin": tr("fee coin"),
        "direction": tr("direction"),
        "path": trc("setting", "path"),
        "leverage": tr("leverage"),
        "time_limit_min": tr("time limit min"),
        "cooldown_min": tr("cooldown min"),
        "max_trades_per_day": tr("max trades per day"),
        "target_steps": tr("target steps"),
        "partial_targets": tr("partial targets"),
        "dca": tr("dca"),
        "stop_guard": tr("stop guard"),
        "stops": tr("stops"),
        "minutes": tr("minutes"),
        "price_step": tr("price step"),
        "amount_step": tr("amount step"),
        "amount_unit": tr("amount unit"),
        "min_amount": tr("min amount"),
        "min_notional": tr("min notional"),
        "warmup": tr("warmup"),
    }
)
_VALUES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "sizing": {
            "percent": trc("sizing", "percent"),
            "quote": trc("sizing", "quote"),
            "risk": trc("sizing", "risk"),
        },
        "fee_coin": {
            "quote": trc("coin", "quote"),
            "base": trc("coin", "base"),
            "third": trc("coin", "third"),
        },
        "direction": {one: word(one) for one in ("both", "long", "short")},
        "path": {"conservative": trc("path", "conservative"), "nearest": trc("path", "nearest")},
    }
)
_EXACT: Final = frozenset(
    ("cash", "size_quote", "price_step", "amount_step", "amount_unit", "min_amount", "min_notional")
)
"""Money and amounts, which are texts in a document."""


def shown_settings(settings: SessionSettings) -> list[tuple[str, str]]:
    """Names and texts of what is set, that of objects under ``outer name: inner name``."""
    document = settings_document(settings)
    found: list[tuple[str, str]] = []
    for key, value in document.items():
        name = _NAMES[key]
        if key == "params":  # a strategy's own names
            found += [(f"{name}: {one.replace('_', ' ')}", _short(v)) for one, v in value.items()]
        elif isinstance(value, Mapping):
            found += [(f"{name}: {_NAMES[one]}", _short(v)) for one, v in value.items()]
        elif isinstance(value, list):
            found.append((name, ", ".join(":".join(map(_short, one.values())) for one in value)))
        elif key == "source":
            found.append((name, source_words(settings)))
        elif value is not None:
            found.append((name, _text(key, value)))
    return found


def rule_words(code: str) -> str:
    """The name of a rule by its code: ``max trades per day``."""
    return word(code.replace("_", " "))


def _text(key: str, value: Any) -> str:
    if key in _VALUES:
        return _VALUES[key][value]
    return localised(value) if key in _EXACT else _short(value)


def _short(value: Any) -> str:
    return localised(f"{value:g}") if isinstance(value, float) else str(value)
