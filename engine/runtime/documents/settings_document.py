"""What decided a session's result, for programs and for people; None is off."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from engine.domain.candles import timeframe_text
from engine.domain.money import plain
from engine.domain.sessions import SessionSettings
from engine.domain.settings import PathRule, Sizing, TradeSettings

Document = dict[str, Any]

_PERCENTS: Final = (
    "fee_pct maker_fee_pct slippage_pct slippage_range_pct spread_pct position_pct "
    "risk_pct max_position_pct maintenance_pct stop_loss_pct take_profit_pct "
    "trailing_pct trailing_activate_pct trailing_before_pct break_even_pct "
    "daily_loss_pct max_drawdown_pct max_spread_pct"
).split()
_COUNTS: Final = "leverage time_limit_min cooldown_min max_trades_per_day".split()
_ONLY_WITH: Final = {Sizing.PERCENT: "position_pct", Sizing.RISK: "risk_pct"}


def settings_document(settings: SessionSettings) -> Document:
    """Everything that decided the result, defaults included."""
    return {
        "symbol": settings.symbol,
        "timeframe": timeframe_text(settings.timeframe_ms),
        "strategy": settings.strategy,
        "params": {
            name: value if isinstance(value, int) else float(value)
            for name, value in settings.params.items()
        },
        "signals": settings.signals_path or None,
        "source": settings.source,
        "archive": settings.exchange or None,
        "made_from": timeframe_text(settings.made_from_ms) if settings.made_from_ms else None,
        "fine": settings.fine_path or None,
        "funding": settings.funding_path or None,
        "extras": [
            {"symbol": one.symbol, "timeframe": timeframe_text(one.timeframe_ms), "path": one.path}
            for one in settings.extra_files
        ]
        or None,
        **trade_document(settings.trade),
        "price_step": plain(settings.scale.price_step),
        "amount_step": plain(settings.order_step),
        "amount_unit": plain(settings.scale.amount_unit),
        "min_amount": _money(settings.min_amount or None),
        "min_notional": _money(settings.min_notional or None),
        "warmup": settings.warmup,
    }


def trade_document(trade: TradeSettings) -> Document:
    """Money, costs, size, exits and rules under the names of the console's options."""
    off = {name for sizing, name in _ONLY_WITH.items() if sizing is not trade.sizing}
    if trade.leverage is None:
        off.add("maintenance_pct")
    guard = trade.stop_guard
    return {
        "cash": plain(trade.cash),
        **{name: None if name in off else _float(getattr(trade, name)) for name in _PERCENTS},
        "sizing": trade.sizing.value,
        "size_quote": _money(trade.size_quote) if trade.sizing is Sizing.QUOTE else None,
        "fee_coin": trade.fee_coin.value,
        "direction": trade.direction.value,
        "path": trade.path.value,
        **{name: getattr(trade, name) for name in _COUNTS},
        "target_steps": [
            {"minutes": step.minutes, "pct": float(step.pct)} for step in trade.target_steps
        ]
        or None,
        "partial_targets": [
            {"pct": float(part.pct), "share_pct": float(part.share_pct)}
            for part in trade.partial_targets
        ]
        or None,
        "dca": [{"pct": float(step.pct), "times": float(step.times)} for step in trade.adds]
        or None,
        "stop_guard": None if guard is None else {"stops": guard.stops, "minutes": guard.minutes},
    }


def settings_line(document: Document) -> str:
    """What is set, in the words of the console's options; what is off is left out."""
    return ", ".join(_set_in(document))


def _set_in(document: Document) -> Iterator[str]:
    size = {
        Sizing.PERCENT: ("pct", "position_pct"),
        Sizing.QUOTE: ("quote", "size_quote"),
        Sizing.RISK: ("risk", "risk_pct"),
    }
    way, name = size[Sizing(document["sizing"])]
    yield f"cash {document['cash']}"
    yield f"size {way}:{_short(document[name])}"
    for name in (*_PERCENTS, *_COUNTS):
        # What is zero costs nothing; a spread limit of zero is a limit.
        is_set = document[name] is not None and (document[name] or name == "max_spread_pct")
        if is_set and name not in ("position_pct", "risk_pct"):
            yield f"{name.replace('_', '-')} {_short(document[name])}"
    for name in ("target_steps", "partial_targets", "dca"):
        if document[name]:
            rows = (":".join(_short(cell) for cell in row.values()) for row in document[name])
            yield f"{name.replace('_', '-')} {','.join(rows)}"
    if document["stop_guard"]:
        guard = document["stop_guard"]
        yield f"stop-guard {guard['stops']}:{guard['minutes']}"
    for name, usual in (("fee_coin", "quote"), ("direction", "both"), ("path", _USUAL_PATH)):
        if document[name] != usual:
            yield f"{name.replace('_', '-')} {document[name]}"
    for name in ("min_amount", "min_notional", "fine", "funding"):
        if document[name] is not None:
            yield f"{name.replace('_', '-')} {document[name]}"
    for extra in document["extras"] or ():
        yield f"extra {extra['symbol']}:{extra['timeframe']}={extra['path']}"


_USUAL_PATH: Final = PathRule.CONSERVATIVE.value


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _money(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _short(value: float | int | str) -> str:
    return value if isinstance(value, str) else plain(Decimal(str(value)))
